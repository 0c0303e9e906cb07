import type { Answer, Outcome } from '../../src/core/contract.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { clock, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { median, newest, present, valuesOf } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import type { Row } from '../readings/pod-rows.ts';
import { minutesBetween, plural, span } from '../readings/wording.ts';
import type { Latency } from './latency.ts';

/** Are requests slow, since when, of how many; and when that says nothing: too few of them, or pods that have only just started. */
export interface Slow {
  readonly p95: number;
  readonly limit: number;
  /** It lies in the histogram's last bucket, where nothing more exact is known. */
  readonly atLeast: boolean;
  /** ISO 8601; null: not known, as from log lines. `begun` false: it was so already where the window begins. */
  readonly since: string | null;
  readonly begun: boolean;
  /** The middle of the p95s before that, or that of a day before; null: not known. */
  readonly usual: number | null;
}
export type Judged =
  | ({ readonly is: 'slow' } & Slow)
  | { readonly is: 'fine' }
  | { readonly is: 'too little'; readonly requests: number }
  /** Only pods that started a few minutes ago are slow. */
  | { readonly is: 'cold'; readonly pods: number; readonly of: number; readonly since: string }
  | { readonly is: 'not known'; readonly why: string };

export interface Base {
  readonly latency: Latency;
  readonly config: ServiceFacts;
  readonly 'pod rows': { readonly rows: readonly Row[]; readonly of: number };
}
export interface Beside {
  readonly 'p95 by pod': Outcome<Measured>;
}

/** The guide's limit, where the config has none. */
const usualLimit = 0.2;
export const limitOf = (config: ServiceFacts): number => config.limits?.latencySeconds ?? usualLimit;

/** Minutes in which a pod may still warm up: caches, compiled kernels, connections. */
export const coldMinutes = 15;
const staleMinutes = 6;

export function judge(seen: Base, beside: Beside, at: string): Judged {
  const { latency, config } = seen;
  const found = latency.from === 'histogram' ? ofHistogram(latency, config, at) : ofLogs(latency, config);
  return found.is === 'slow' ? (coldOf(seen, beside, at) ?? found) : found;
}

function ofHistogram(
  { p95, p99, requests, yesterday }: Latency & { from: 'histogram' },
  config: ServiceFacts,
  at: string,
): Judged {
  const last = p95.points.at(-1);
  const rate = requests === null ? null : newestOf(requests);
  const count = rate === null ? null : Math.round(rate * 300);
  if (count !== null && count < config.minRequests) return { is: 'too little', requests: count };
  if (last === undefined || last[1] === null) {
    return {
      is: 'not known',
      why: 'p95: no data (NaN), as when nobody asks; how many requests there are is not known',
    };
  }
  const age = minutesBetween(iso(last[0]), at);
  if (age > staleMinutes) return { is: 'not known', why: `p95: the newest number is ${span(age)} old` };
  const limit = limitOf(config);
  const points = p95.points.filter(([, value]) => value !== null) as readonly (readonly [number, number])[];
  // One point above it may be chance: two of the last three are not.
  if (last[1] <= limit || points.slice(-3).filter(([, value]) => value > limit).length < 2) return { is: 'fine' };
  const under = points.findLastIndex(([, value]) => value <= limit);
  const before = points.slice(0, Math.max(0, under)).map(([, value]) => value);
  return {
    is: 'slow',
    p95: last[1],
    limit,
    // Both are then the bound of the last bucket: within any other they would differ.
    atLeast: newestOf(p99) === last[1],
    since: iso(points[under + 1]?.[0] ?? last[0]),
    begun: under >= 0,
    usual: before.length >= 5 ? median(before) : yesterday,
  };
}

function ofLogs({ logs }: Latency & { from: 'logs' }, config: ServiceFacts): Judged {
  const { requests, p95 } = logs.all;
  const limit = limitOf(config);
  if (requests < config.minRequests || p95 === null) return { is: 'too little', requests };
  if (p95 <= limit) return { is: 'fine' };
  return { is: 'slow', p95, limit, atLeast: false, since: null, begun: false, usual: null };
}

/** All that are older are as fast as they should be. */
function coldOf(seen: Base, beside: Beside, at: string): Judged | null {
  if (!beside['p95 by pod'].known) return null;
  const limit = limitOf(seen.config);
  const cold = seen['pod rows'].rows.filter((one) => isCold(one, at));
  const young = new Map(cold.map((one) => [one.name, one.createdAt]));
  const lines = present(beside['p95 by pod'].value.series);
  const slow = lines.filter((one) => (newest(one) ?? 0) > limit);
  const old = lines.filter((one) => !young.has(one.labels['pod'] ?? ''));
  const measured = old.filter((one) => newest(one) !== null);
  if (slow.length === 0 || measured.length === 0) return null;
  return slow.every((one) => young.has(one.labels['pod'] ?? ''))
    ? { is: 'cold', pods: slow.length, of: seen['pod rows'].of, since: [...young.values()].toSorted()[0] ?? at }
    : null;
}

export const isCold = (row: Row, at: string): boolean => minutesBetween(row.createdAt, at) < coldMinutes;
export const iso = (unixS: number): string => new Date(unixS * 1000).toISOString();

function newestOf(series: Series): number | null {
  return series.points.at(-1)?.[1] ?? null;
}

/** What is well, or cannot be judged for want of requests, has no cause; else the check goes on. */
export function ifSlow(seen: Base, beside: Beside, at: string, go: (slow: Slow) => Answer): Answer {
  const judged = judge(seen, beside, at);
  switch (judged.is) {
    case 'slow':
      return go(judged);
    case 'not known':
      return { unsure: judged.why };
    default:
      return 'clear';
  }
}

/** "349 ms", "5.07 s". */
export function duration(seconds: number | null): string {
  if (seconds === null) return 'not known';
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${Number(seconds.toPrecision(3))} s`;
}

/** "p95 349 ms (limit 200 ms)". */
export function p95Text({ p95, limit, atLeast }: Slow): string {
  return `p95 ${atLeast ? 'at least ' : ''}${duration(p95)} (limit ${duration(limit)})`;
}

/** Since when, as a part of a finding; a beginning before the window is none. */
export const sinceOf = ({ since, begun }: Slow): { readonly since?: string } =>
  since === null || !begun ? {} : { since };

/** All quantiles, of how many, and what is usual: the line that stands under every answer. */
export function latencyWords(seen: Base, at: string): Words {
  const judged = judge(seen, { 'p95 by pod': { known: false, why: '' } }, at);
  const { latency, config } = seen;
  const limit = duration(limitOf(config));
  if (latency.from === 'logs') {
    const { requests, p50, p95, p99 } = latency.logs.all;
    const { pods, of, minutes } = latency.logs;
    return say`p50 ${duration(p50)}, p95 ${duration(p95)} (limit ${limit}), p99 ${duration(p99)}: ${plural(requests, 'request')} in the logs of ${pods.length} of ${plural(of, 'pod')}, ${minutes} min. From log lines, as there is no histogram (${latency.why})`;
  }
  if (judged.is === 'too little') {
    return say`too few requests to tell: ${judged.requests} in 5 min (fewer than ${config.minRequests} say nothing)`;
  }
  if (judged.is === 'not known') return say`not known: ${judged.why}`;
  const rate = latency.requests === null ? null : newestOf(latency.requests);
  const count =
    rate === null
      ? 'of how many requests is not known'
      : `${Math.round(rate * 300).toLocaleString('en-GB')} requests in 5 min`;
  const top = newestOf(latency.p95) !== null && newestOf(latency.p95) === newestOf(latency.p99) ? 'at least ' : '';
  const quantiles = `p50 ${duration(newestOf(latency.p50))}, p95 ${top}${duration(newestOf(latency.p95))} (limit ${limit}), p99 ${top}${duration(newestOf(latency.p99))}; ${count}`;
  const past = latency.yesterday === null ? '' : `; p95 a day before ${duration(latency.yesterday)}`;
  if (judged.is !== 'slow') {
    const over = (newestOf(latency.p95) ?? 0) > limitOf(config);
    return say`${quantiles}${over ? '; over the limit in the newest sample alone, which may be chance' : ''}${past}`;
  }
  const since =
    judged.since === null
      ? ''
      : judged.begun
        ? say`; over the limit since ${clock(judged.since)}`
        : say`; over the limit for at least 2 h`;
  const usual = judged.usual === null || !judged.begun ? past : `, ${duration(judged.usual)} before${past}`;
  return say`${quantiles}${since}${usual}`;
}

/** How many of the last so many points are at least this: something that lasts, not one sample. */
export function lasts(
  series: Series,
  at: string,
  minutes: number,
  is: (value: number) => boolean,
): { readonly yes: number; readonly of: number } {
  const values = valuesOf(series, { at, minutes });
  return { yes: values.filter(is).length, of: values.length };
}
