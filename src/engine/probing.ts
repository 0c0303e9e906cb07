import pLimit from 'p-limit';
import { filled, pageFor } from '../core/config/probes.ts';
import type { Page } from '../core/config/probes.ts';
import { whyOf } from '../core/failure.ts';
import { FAILS } from '../core/probed.ts';
import type { Log } from '../core/ports/log.ts';
import type { ObjectName } from '../core/ports/kubernetes.ts';
import type { Sample } from '../core/ports/metrics.ts';
import type { Platform } from '../core/ports/platform.ts';
import type { PlaceSeen, Probe, ProbeAnswer } from '../core/ports/probe.ts';
import { iso } from './parts.ts';
import type { Clock, EngineMetrics } from './parts.ts';

/**
 * Asks the public health pages of the config, over and over, whether or not anything is wrong: what they said is there when everything
 * else is silent. Each replica asks for itself and remembers in memory; what another place saw is read where it is kept.
 */

/** Answers kept of each page. */
const KEPT = 30;
/** Probes at once, over all pages: pages that hang must not use up this process's sockets. */
const AT_ONCE = 16;
const LATE_MS = 500;
/** What is older tells nothing of now, however often is asked. */
const STALE_MS = 30_000;
/** Of exporters elsewhere; three of their probes at one a minute. */
const WINDOW_MS = 180_000;
const PLACE_LIMIT_MS = 3_000;

export interface ProbingOptions {
  readonly probe: Probe;
  readonly pages: readonly Page[];
  readonly intervalMs: number;
  readonly limitMs: number;
  /** Regions whose Prometheus holds what an exporter saw. */
  readonly from: readonly { readonly region: string; readonly series: string }[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: EngineMetrics;
  /** 0 to 1. Left out: Math.random. */
  readonly random?: () => number;
}

export class Probing {
  readonly #options: ProbingOptions;
  readonly #rings = new Map<Page, Ring>();
  readonly #stop = new AbortController();

  constructor(options: ProbingOptions) {
    this.#options = options;
    for (const page of options.pages) this.#rings.set(page, new Ring());
  }

  get pages(): readonly Page[] {
    return this.#options.pages;
  }

  /** One page after the other begins, so that they are not all asked at one moment. */
  start(): void {
    const limit = pLimit(AT_ONCE);
    const { pages, intervalMs } = this.#options;
    for (const [index, page] of pages.entries())
      void this.#keepAsking(page, (index * Math.min(intervalMs, 5_000)) / pages.length, (ask) => limit(ask));
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The platform, with what the probes saw beside what its regions say. */
  over(platform: Platform): Platform {
    return {
      ...platform,
      read: (region, signal) => ({
        ...platform.read(region, signal),
        probes: { of: (service) => this.#seen(platform, service, region) },
      }),
    };
  }

  async #keepAsking(
    page: Page,
    firstMs: number,
    limited: (ask: () => Promise<ProbeAnswer>) => Promise<ProbeAnswer>,
  ): Promise<void> {
    const { probe, clock, intervalMs, limitMs, random = Math.random } = this.#options;
    const { signal } = this.#stop;
    await clock.wait(firstMs, signal);
    while (!signal.aborted) {
      const answer = await limited(() => probe.get(page.url, limitMs));
      if (signal.aborted) return;
      // A limit that passed so late is that of a process which was busy: it tells nothing of the page.
      if (answer.tookMs <= limitMs + LATE_MS) this.#note(page, answer);
      await clock.wait(intervalMs * (0.9 + 0.2 * random()), signal);
    }
  }

  #note(page: Page, answer: ProbeAnswer): void {
    const { log, metrics } = this.#options;
    const ring = this.#rings.get(page);
    if (ring === undefined) return;
    const before = ring.failing?.times ?? 0;
    ring.add(answer);
    metrics.probed?.(page.service.name, page.region, answer.tookMs, answer.why === null);
    const of = { service: page.service.name, region: page.region };
    if (ring.failing?.times === FAILS) log('warn', 'a public page does not answer', { ...of, why: answer.why });
    if (before >= FAILS && ring.failing === null) log('info', 'a public page answers again', { ...of, failed: before });
  }

  async #seen(platform: Platform, service: ObjectName, region: string): Promise<readonly PlaceSeen[]> {
    const { pages, from, clock, intervalMs, limitMs } = this.#options;
    const page = pageFor(pages, { target: { ...service } }, region);
    if (page === null) return [];
    const staleMs = Math.max(STALE_MS, 4 * intervalMs + limitMs);
    const own = this.#rings.get(page)?.seen(clock.now() - staleMs) ?? [];
    return [...own, ...(await Promise.all(from.map((place) => elsewhere(platform, place, page, clock.now()))))];
  }
}

/** The last answers of one page. */
class Ring {
  readonly #all: ProbeAnswer[] = [];
  #failing: { readonly times: number; readonly since: string } | null = null;

  get failing(): { readonly times: number; readonly since: string } | null {
    return this.#failing;
  }

  add(answer: ProbeAnswer): void {
    this.#all.push(answer);
    if (this.#all.length > KEPT) this.#all.shift();
    const { times = 0, since = answer.at } = this.#failing ?? {};
    this.#failing = answer.why === null ? null : { times: times + 1, since };
  }

  /** `staleAt` (Unix ms): what is older tells nothing of now. */
  seen(staleAt: number): readonly PlaceSeen[] {
    const last = this.#all.at(-1);
    const [first] = this.#all;
    if (first === undefined || last === undefined)
      return [{ is: 'not known', from: null, why: 'the first probe is under way' }];
    if (Date.parse(last.at) < staleAt)
      return [{ is: 'not known', from: null, why: `no probe since ${last.at.slice(11, 16)} UTC` }];
    const good = this.#all.filter((one) => one.why === null).length;
    return [{ is: 'seen', from: null, good, of: this.#all.length, since: first.at, last, failing: this.#failing }];
  }
}

/** What a blackbox exporter elsewhere saw of the page, as its region's Prometheus has it. */
async function elsewhere(
  platform: Platform,
  place: ProbingOptions['from'][number],
  page: Page,
  now: number,
): Promise<PlaceSeen> {
  const from = place.region;
  try {
    const { metrics } = platform.read(from, AbortSignal.timeout(PLACE_LIMIT_MS));
    const series = seriesOf(place.series, page);
    const window = `[${WINDOW_MS / 1_000}s]`;
    const [good, of, newest] = await Promise.all([
      metrics.instant(`sum(sum_over_time(${series}${window}))`).then(number),
      metrics.instant(`sum(count_over_time(${series}${window}))`).then(number),
      metrics.instant(`max(${series})`).then(number),
    ]);
    if (good === null || of === null || newest === null)
      return { is: 'not known', from, why: `no such series there: ${series}` };
    const since = iso(now - WINDOW_MS);
    // Some answered: how many failed after them is not told.
    const failing = newest > 0 ? null : { times: good === 0 ? of : 1, since };
    return { is: 'seen', from, good, of, since, last: null, failing };
  } catch (error) {
    return { is: 'not known', from, why: whyOf(error) };
  }
}

function number(samples: readonly Sample[]): number | null {
  return samples.length === 1 ? (samples[0]?.value ?? null) : null;
}

/** In a selector the address stands between double quotes. */
export function seriesOf(series: string, { url, region, service }: Page): string {
  const quoted = url.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return filled(series, { region, ...service }).replaceAll('$url', () => quoted);
}
