import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Region } from './control-plane-region.ts';
import type { Kubelet } from './kubelet.ts';
import { measuredOf, type Levels, type Measured, type Model, type Subject } from './service-model.ts';
import { partsOf, type ListOf, type PodObject, type SetObject } from './service-objects.ts';

/** What Prometheus would have scraped of services before the test, and what it scrapes of them now, from one model. */
export interface ServiceMetrics {
  /** OpenMetrics text of the hours until now. */
  readonly history: string;
  /** `host:port` to scrape. */
  readonly target: string;
  /** What a pod's container uses now: for a metrics server. */
  use(pod: string): Levels;
  stop(): Promise<void>;
}

const stepS = 15;
/** Its last minutes are told as often as it is scraped afterwards: rates over a short window do not fall where the two meet. */
const fineS = 90;
/**
 * The history goes on for about as long as Prometheus needs to begin to scrape. Until then it drops what it scrapes as too old; what comes
 * later than that is told with the first page that it takes (see `#missed`).
 */
const aheadS = 12;
/** A gauge of hours ago is read at moments minutes apart. */
const thinStepS = 240;
const seconds = (at: string): number => Date.parse(at) / 1000;

export class Services implements ServiceMetrics {
  readonly #region: Region;
  readonly #namespace: string;
  readonly #kubelet: Kubelet;
  readonly #models: Readonly<Record<string, Model>>;
  /** Running totals of all counters, and the newest levels, by series and pod. */
  readonly #totals = new Map<string, number>();
  readonly #now = new Map<string, Levels>();
  #subjectsNow: readonly Subject[] = [];
  #atMs = Date.now();
  #wroteMs = 0;
  #stop: () => Promise<void> = async () => {};
  history = '';
  target = '';

  /** Tells the past of the pods that are there, and of those before them. */
  static async start(
    region: Region,
    namespace: string,
    kubelet: Kubelet,
    models: Readonly<Record<string, Model>>,
  ): Promise<Services> {
    const services = new Services(region, namespace, kubelet, models);
    await services.#serve();
    await services.#tellPast();
    await services.#render();
    for (let times = 0; times < 5; times++) services.#writeAll();
    return services;
  }

  private constructor(region: Region, namespace: string, kubelet: Kubelet, models: Readonly<Record<string, Model>>) {
    this.#region = region;
    this.#namespace = namespace;
    this.#kubelet = kubelet;
    this.#models = models;
  }

  use(pod: string): Levels {
    return this.#now.get(pod) ?? {};
  }

  async stop(): Promise<void> {
    await this.#stop();
  }

  async #subjects(): Promise<readonly Subject[]> {
    const { items } = await this.#region.admin.get<ListOf<PodObject>>(`/api/v1/namespaces/${this.#namespace}/pods`);
    const serving = items.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true,
    );
    const sorted = serving.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
    const counts = new Map<string, number>();
    return sorted.map(({ metadata, spec }) => {
      const deployment = metadata.labels['app'] ?? '';
      const index = counts.get(deployment) ?? 0;
      counts.set(deployment, index + 1);
      return {
        deployment,
        pod: metadata.name,
        node: spec.nodeName ?? '',
        ...partsOf(metadata, spec),
        fromS: seconds(metadata.creationTimestamp),
        untilS: Infinity,
        index,
      };
    });
  }

  /** Pods of revisions that want none any more: from when theirs was made until the next was. */
  async #gone(): Promise<readonly Subject[]> {
    const path = `/apis/apps/v1/namespaces/${this.#namespace}/replicasets`;
    const { items } = await this.#region.admin.get<ListOf<SetObject>>(path);
    return items.flatMap(({ metadata, spec }) => {
      if (spec.replicas > 0) return [];
      const deployment = metadata.labels['app'] ?? '';
      const later = items.filter(
        (one) =>
          one.metadata.labels['app'] === deployment && one.metadata.creationTimestamp > metadata.creationTimestamp,
      );
      const untilS = Math.min(...later.map((one) => seconds(one.metadata.creationTimestamp)));
      const many = Math.max(...later.map((one) => one.spec.replicas));
      return Array.from({ length: Number.isFinite(many) ? many : 0 }, (_, index): Subject => {
        const of = partsOf(metadata, spec.template.spec);
        const pod = `${deployment}-${of.hash}-bcdf${'ghjklmnpqr'[index % 10]}`;
        return { deployment, pod, node: '', ...of, fromS: seconds(metadata.creationTimestamp), untilS, index };
      });
    });
  }

  async #tellPast(): Promise<void> {
    const all = [...(await this.#gone()), ...(await this.#subjects())];
    const nowS = Math.floor(Date.now() / 1000);
    const endS = nowS + aheadS;
    this.#atMs = endS * 1000;
    // As Prometheus names what it scrapes: its series go on, rather than begin anew.
    const scraped = `job="services",instance="${this.target}"`;
    const lines = new Map<string, string[]>();
    const readyAt = (deployment: string, atS: number): number =>
      all.filter((one) => one.deployment === deployment && one.fromS <= atS && atS < one.untilS).length;
    for (const of of all) {
      const model = this.#models[of.deployment];
      if (model === undefined) continue;
      const hours = model.hours ?? 3;
      for (const { atS, forS } of moments(endS, hours)) {
        if (atS < of.fromS || atS >= of.untilS) continue;
        const minutesAgo = Math.max(0, (nowS - atS) / 60);
        const when = { minutesAgo, ageMinutes: (atS - of.fromS) / 60, ready: readyAt(of.deployment, atS) };
        const isDetailed = minutesAgo <= 180;
        for (const one of measuredOf(this.#namespace, of, model.levels(of, when))) {
          const value = this.#count(one, forS);
          const isKept = one.allDay || isDetailed;
          const isDue = one.kind === 'counter' || isDetailed || (endS - atS) % thinStepS === 0;
          if (!isKept || !isDue) continue;
          const list = lines.get(one.name) ?? [];
          list.push(`${one.name}{${one.labels},${scraped}} ${value} ${atS}`);
          lines.set(one.name, list);
        }
      }
    }
    const ready = this.#replicasPast(all, endS, scraped);
    this.history = `${[...lines, ready].map(([name, list]) => `# TYPE ${name} gauge\n${list.join('\n')}`).join('\n')}\n# EOF\n`;
  }

  #replicasPast(all: readonly Subject[], endS: number, scraped: string): [string, string[]] {
    const names = [...new Set(all.map((one) => one.deployment))].filter((one) => this.#models[one] !== undefined);
    const list = names.flatMap((name) => {
      const hours = this.#models[name]?.hours ?? 3;
      const own = all.filter((one) => one.deployment === name);
      const minutes = Array.from({ length: hours * 60 }, (_, index) => endS - (hours * 60 - 1 - index) * 60);
      return minutes.map((atS) => {
        const ready = own.filter((one) => one.fromS <= atS && atS < one.untilS).length;
        return `${readyName}{namespace="${this.#namespace}",deployment="${name}",${scraped}} ${ready} ${atS}`;
      });
    });
    return [readyName, list];
  }

  #count({ kind, name, labels, value }: Measured, forS: number): number {
    if (kind === 'gauge') return value;
    const key = `${name}{${labels}}`;
    const total = (this.#totals.get(key) ?? 0) + value * forS;
    this.#totals.set(key, total);
    return Number(total.toFixed(3));
  }

  async #render(): Promise<string> {
    const subjects = await this.#subjects();
    const nowMs = Date.now();
    const forS = Math.max(0, (nowMs - this.#atMs) / 1000);
    const sinceMs = this.#atMs;
    this.#atMs = Math.max(sinceMs, nowMs);
    this.#subjectsNow = subjects;
    const ready = Map.groupBy(subjects, (one) => one.deployment);
    const lines = [...ready].map(
      ([name, of]) => `${readyName}{namespace="${this.#namespace}",deployment="${name}"} ${of.length}`,
    );
    this.#now.clear();
    for (const of of subjects) {
      const model = this.#models[of.deployment];
      if (model === undefined) continue;
      const ageMinutes = (nowMs / 1000 - of.fromS) / 60;
      const levels = model.levels(of, { minutesAgo: 0, ageMinutes, ready: ready.get(of.deployment)?.length ?? 0 });
      this.#now.set(of.pod, levels);
      const knownMs = Math.max(sinceMs, of.fromS * 1000);
      for (const one of measuredOf(this.#namespace, of, levels)) {
        const name = `${one.name}{${one.labels}}`;
        lines.push(...this.#missed(one, name, knownMs, nowMs), `${name} ${this.#count(one, forS)}`);
      }
    }
    if (nowMs - this.#wroteMs > 2000) this.#writeAll();
    return `${lines.join('\n')}\n`;
  }

  /** The seconds in which nobody scraped: without them a rate over a short window would find too few samples, and be too low. */
  #missed(one: Measured, name: string, sinceMs: number, nowMs: number): readonly string[] {
    const total = this.#totals.get(name) ?? 0;
    const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000 - 0.5));
    return Array.from({ length: seconds }, (_, index) => {
      const value = one.kind === 'gauge' ? one.value : total + one.value * (index + 1);
      return `${name} ${Number(value.toFixed(3))} ${sinceMs + (index + 1) * 1000}`;
    });
  }

  #writeAll(): void {
    this.#wroteMs = Date.now();
    for (const of of this.#subjectsNow) {
      const model = this.#models[of.deployment];
      if (model !== undefined) this.#write(of, model, this.use(of.pod));
    }
  }

  /** A line for a sample of its requests, as the services write them. */
  #write(of: Subject, model: Model, levels: Levels): void {
    const stamp = new Date().toISOString();
    const took = levels.latency ?? 0.12;
    const waited = (levels.queue ?? 0) > 0 ? took * 0.8 : took * 0.02;
    const rest = `inference_time=${took.toFixed(3)} queue_time=${waited.toFixed(3)} tokens=620`;
    const lines: string[] = [];
    const failing = Object.entries(levels.failed ?? {});
    const isFailing = (index: number): readonly [string, number] | undefined =>
      failing.find(([, share]) => index < Math.round(share * 10));
    for (let index = 0; index < 10; index++) {
      const id = Math.floor(Math.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
      const bad = isFailing(index);
      if (bad !== undefined && model.failure !== undefined) lines.push(`${stamp} ERROR ${model.failure(of)}`);
      const level = bad === undefined ? 'INFO' : 'WARN';
      lines.push(`${stamp} ${level} request id=${id} path=/predict status=${bad?.[0] ?? 200} ${rest}`);
    }
    try {
      this.#kubelet.write(this.#namespace, of.pod, 'serve', `${lines.join('\n')}\n`);
    } catch {
      // It has just ended.
    }
  }

  async #serve(): Promise<void> {
    const server = createServer((_, response) => {
      void this.#render().then(
        (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    this.target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#stop = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
  }
}

/** Moments of the past (unix seconds) and the seconds since the one before. */
function moments(endS: number, hours: number): readonly { readonly atS: number; readonly forS: number }[] {
  const out: { atS: number; forS: number }[] = [];
  let forS = stepS;
  for (let atS = endS - hours * 3600; atS <= endS; atS += forS) {
    out.push({ atS, forS });
    forS = atS < endS - fineS ? stepS : 1;
  }
  return out;
}

const readyName = 'kube_deployment_status_replicas_ready';
const place = ({ metadata }: PodObject): string => `${metadata.creationTimestamp} ${metadata.name}`;
