import { createHash } from 'node:crypto';
import { firingAt } from './alerts.ts';
import type { SimulatedPlatform } from './platform.ts';
import { Silences } from './silences.ts';
import { iso, minutes, seconds } from './state.ts';
import type { Storms } from './storm.ts';

/** Where alerts go. Asked for each post, so that a bot that moves is found again; null while there is none. */
export interface Receiver {
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token: string;
}

export interface AlertmanagerOptions {
  readonly platform: SimulatedPlatform;
  readonly receiver: () => Receiver | null;
  /** Between the first alert of a group and its first post, then between posts; 1 s and 5 s, where a real one has 30 s and 5 min. */
  readonly groupWaitMs?: number;
  readonly groupIntervalMs?: number;
  readonly repeatIntervalMs?: number;
  /** Watchdog belongs to a dead man's switch, not to the bot: left out unless wanted. */
  readonly watchdog?: boolean;
  /** Alerts besides those of the platform's own rules. */
  readonly storms?: Storms;
  /** Told of each try: `http` is null when there was no answer. */
  readonly onSent?: (sent: {
    readonly atMs: number;
    readonly names: readonly string[];
    readonly region: string;
    readonly status: 'firing' | 'resolved';
    readonly http: number | null;
  }) => void;
}

interface Known {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorURL: string;
  readonly fingerprint: string;
  readonly startsAt: number;
  endsAt: number | null;
}

interface Group {
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: Map<string, Known>;
  /** Set by what is new; null when everything has been told. */
  dueAt: number | null;
  lastSentAt: number | null;
  tries: number;
  sending: boolean;
}

/** A post that hangs is given up after this, as a failure that is tried again. */
const postLimitMs = 10_000;
/** An alert that nobody refreshes is over for Alertmanager after this: a silent Prometheus "resolves". */
const silenceMs = minutes(4);

/** Groups firing alerts by name and region and posts them as Alertmanager's version 4 webhook does: 5xx and silence are tried again, 4xx is dropped. */
export class Alertmanager {
  readonly #options: AlertmanagerOptions;
  readonly #groups = new Map<string, Group>();
  /** Since when a region's Prometheus has not been heard, and what it last said. */
  readonly #silentSince = new Map<string, number>();
  readonly #silences = new Silences();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: AlertmanagerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.tick(), 1000);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One evaluation: what fires now against what has been told. Answers when every post that was due has ended. */
  async tick(): Promise<void> {
    const { platform } = this.#options;
    const now = platform.now();
    for (const region of platform.regions) this.#hear(region, now);
    await Promise.all([...this.#groups.values()].map((group) => this.#flush(group, now)));
  }

  /** As `GET /api/v2/alerts` shows what fires. */
  alerts(): readonly unknown[] {
    const now = this.#options.platform.now();
    const firing = [...this.#groups.values()].flatMap((group) =>
      [...group.alerts.values()].filter((one) => one.endsAt === null),
    );
    return firing.map((one) => {
      const silencedBy = this.#silences.of(one.labels, now);
      const state = silencedBy.length > 0 ? 'suppressed' : 'active';
      return {
        fingerprint: one.fingerprint,
        labels: one.labels,
        annotations: one.annotations,
        generatorURL: one.generatorURL,
        startsAt: iso(one.startsAt),
        endsAt: iso(now + silenceMs),
        updatedAt: iso(now),
        receivers: [{ name: 'mlp-bot' }],
        status: { state, silencedBy, inhibitedBy: [], mutedBy: [] },
      };
    });
  }

  silences(): readonly unknown[] {
    return this.#silences.view(this.#options.platform.now());
  }

  silence(wanted: Parameters<Silences['create']>[0]): ReturnType<Silences['create']> {
    return this.#silences.create(wanted, this.#options.platform.now());
  }

  expire(id: string): ReturnType<Silences['expire']> {
    return this.#silences.expire(id, this.#options.platform.now());
  }

  #hear(region: string, now: number): void {
    const { platform, watchdog = false, storms } = this.#options;
    const cluster = platform.region(region).at(now);
    const { hangs, unreachable } = platform.line(region);
    if (hangs || unreachable || !cluster.metricsAnswer) {
      const since = this.#silentSince.get(region) ?? now;
      this.#silentSince.set(region, since);
      if (now - since < silenceMs) return;
      this.#compare(region, new Map(), now);
      return;
    }
    this.#silentSince.delete(region);
    const firing = new Map<string, Known>();
    const all = [...firingAt(cluster, now), ...(storms?.firing(region, now) ?? [])];
    for (const { labels, annotations, expression, startsAt } of all) {
      if (labels['alertname'] === 'Watchdog' && !watchdog) continue;
      const fingerprint = createHash('sha1').update(JSON.stringify(labels)).digest('hex').slice(0, 16);
      const query = new URLSearchParams({ 'g0.expr': expression, 'g0.tab': '1' });
      const generatorURL = `http://prometheus.${region}.sandbox:9090/graph?${query.toString()}`;
      firing.set(fingerprint, { labels, annotations, generatorURL, fingerprint, startsAt, endsAt: null });
    }
    this.#compare(region, firing, now);
  }

  #compare(region: string, firing: ReadonlyMap<string, Known>, now: number): void {
    for (const [fingerprint, alert] of firing) {
      const group = this.#groupOf(alert.labels['alertname'] ?? '', region);
      const before = group.alerts.get(fingerprint);
      if (before !== undefined && before.endsAt === null && before.startsAt === alert.startsAt) continue;
      group.alerts.set(fingerprint, alert);
      this.#due(group, now);
    }
    for (const group of this.#groups.values()) {
      if (group.labels['region'] !== region) continue;
      for (const [fingerprint, alert] of group.alerts) {
        if (firing.has(fingerprint) || alert.endsAt !== null) continue;
        alert.endsAt = now;
        this.#due(group, now);
      }
    }
  }

  #groupOf(alertname: string, region: string): Group {
    const key = `{}:{alertname="${alertname}", region="${region}"}`;
    const found = this.#groups.get(key);
    if (found !== undefined) return found;
    const made: Group = {
      key,
      labels: { alertname, region },
      alerts: new Map(),
      dueAt: null,
      lastSentAt: null,
      tries: 0,
      sending: false,
    };
    this.#groups.set(key, made);
    return made;
  }

  #due(group: Group, now: number): void {
    const { groupWaitMs = seconds(1), groupIntervalMs = seconds(5) } = this.#options;
    const at = group.lastSentAt === null ? now + groupWaitMs : Math.max(now, group.lastSentAt + groupIntervalMs);
    group.dueAt ??= at;
  }

  async #flush(group: Group, now: number): Promise<void> {
    const { repeatIntervalMs = minutes(240) } = this.#options;
    if (
      group.dueAt === null &&
      group.alerts.size > 0 &&
      group.lastSentAt !== null &&
      now - group.lastSentAt >= repeatIntervalMs
    )
      group.dueAt = now;
    if (group.dueAt === null || group.dueAt > now || group.sending) return;
    const receiver = this.#options.receiver();
    if (receiver === null) return;
    // What is silenced is not told of, neither when it fires nor when it is over.
    const told = [...group.alerts.values()].filter((one) => this.#silences.of(one.labels, now).length === 0);
    if (told.length === 0) return;
    const body = payload(group, told);
    const over = told.filter((one) => one.endsAt !== null);
    group.sending = true;
    // What becomes due while this post is under way is a post of its own.
    group.dueAt = null;
    const http = await post(receiver, body);
    group.sending = false;
    const names = [...new Set(told.map((one) => one.labels['alertname'] ?? ''))];
    this.#options.onSent?.({ atMs: now, names, region: group.labels['region'] ?? '', status: body.status, http });
    if (http === null || http >= 500) {
      group.tries += 1;
      group.dueAt = now + seconds(Math.min(2 ** group.tries, 60));
      return;
    }
    // 2xx, or a 4xx, which Alertmanager drops: told either way.
    group.tries = 0;
    group.lastSentAt = now;
    for (const one of over) if (group.alerts.get(one.fingerprint) === one) group.alerts.delete(one.fingerprint);
  }
}

interface Payload {
  readonly status: 'firing' | 'resolved';
  readonly [field: string]: unknown;
}

function payload(group: Group, told: readonly Known[]): Payload {
  const alerts = told.map((one) => ({
    status: one.endsAt === null ? 'firing' : 'resolved',
    labels: one.labels,
    annotations: one.annotations,
    startsAt: iso(one.startsAt),
    endsAt: one.endsAt === null ? '0001-01-01T00:00:00Z' : iso(one.endsAt),
    generatorURL: one.generatorURL,
    fingerprint: one.fingerprint,
  }));
  return {
    receiver: 'mlp-bot',
    status: alerts.some((one) => one.status === 'firing') ? 'firing' : 'resolved',
    alerts,
    groupLabels: group.labels,
    commonLabels: common(told.map((one) => one.labels)),
    commonAnnotations: common(told.map((one) => one.annotations)),
    externalURL: 'http://alertmanager.sandbox:9093',
    version: '4',
    groupKey: group.key,
    truncatedAlerts: 0,
  };
}

function common(all: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const [first = {}, ...rest] = all;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => rest.every((one) => one[key] === value)));
}

async function post(receiver: Receiver, body: Payload): Promise<number | null> {
  try {
    const response = await fetch(receiver.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${receiver.token}`,
        'user-agent': 'Alertmanager/0.28.1',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(postLimitMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  }
}
