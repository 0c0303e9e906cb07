import { whyOf } from '../../src/core/failure.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { mean } from './measures.ts';
import { onDeployment } from './on.ts';
import { podRows } from './pod-rows.ts';
import type { Row } from './pod-rows.ts';

/** What serving pods write of each request (`inference_time`) and of models (`model_load`), as numbers: the lines themselves are not kept. */
export interface RequestLogs {
  /** Of all requests in those lines together: quantiles of several pods cannot be put together afterwards. */
  readonly all: Quantiles;
  readonly pods: readonly PodRequests[];
  /** Pods that serve. */
  readonly of: number;
  readonly minutes: number;
  /** Why some could not be read; null: all that were asked for were. */
  readonly unread: string | null;
}
export interface Quantiles {
  /** Requests with an `inference_time`. */
  readonly requests: number;
  /** Seconds at shares 0.5, 0.95 and 0.99 of them; null: none. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}
export interface PodRequests extends Quantiles {
  readonly pod: string;
  readonly lines: number;
  /** Requests that took about five or ten seconds, and those between one second and that. */
  readonly fiveSeconds: number;
  readonly between: number;
  /** Share of their time that requests wait (`queue_time`), 0 to 1; null: not written. */
  readonly waiting: number | null;
  readonly modelLoads: number;
  /** Mean seconds of one. */
  readonly loadS: number | null;
  readonly models: readonly string[];
  /** Slow calls to elsewhere, by host: "feature-store.us-east-1.internal". */
  readonly calls: readonly { readonly host: string; readonly count: number; readonly meanMs: number }[];
}

export const logMinutes = 10;
const tail = 600;
const mostPods = 3;

export const requestLogs = onDeployment.reading('request logs', {
  after: [deployment, podRows],
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} logs deployment/${t.name} --since=${logMinutes}m --tail=${tail}`,
  read: async (read, t, seen): Promise<RequestLogs> => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    return await readRequests(read, t.namespace, container, seen['pod rows'].rows);
  },
});

type Looked =
  | { readonly pod: PodRequests; readonly times: readonly number[] }
  | { readonly failed: string; readonly error: unknown };

/** Of a few pods that serve, spread over their ages. Throws the first reason when none of them could be read. */
export async function readRequests(
  read: Read,
  namespace: string,
  container: string,
  rows: readonly Row[],
): Promise<RequestLogs> {
  const ready = rows.filter((one) => one.ready);
  const step = Math.max(1, (ready.length - 1) / (mostPods - 1));
  const chosen = [...new Set(Array.from({ length: mostPods }, (_, index) => ready[Math.round(index * step)]))];
  const found = await Promise.all(
    chosen
      .filter((one) => one !== undefined)
      .map(async ({ name }): Promise<Looked> => {
        try {
          const options = { container, previous: false, tail, sinceS: logMinutes * 60 };
          const log = await read.kubernetes.log({ namespace, name }, options);
          return { pod: requestsIn(name, log.lines), times: secondsIn(log.lines, 'inference_time') };
        } catch (error) {
          return { failed: whyOf(error), error };
        }
      }),
  );
  const could = found.flatMap((one) => ('times' in one ? [one] : []));
  const failed = found.find((one) => 'failed' in one);
  if (could.length === 0 && failed !== undefined) throw failed.error;
  const all = quantilesOf(could.flatMap((one) => one.times));
  const pods = could.map((one) => one.pod);
  return {
    all,
    pods,
    of: ready.length,
    minutes: logMinutes,
    unread: failed?.failed ?? null,
  };
}

export function requestsIn(pod: string, lines: readonly string[]): PodRequests {
  const times = secondsIn(lines, 'inference_time');
  const waits = secondsIn(lines, 'queue_time');
  const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
  const loads = lines.filter((line) => /\bmodel_load\b/.test(line));
  const models = lines.flatMap((line) => /\bmodel_(?:un)?load\b.*\bmodel=([\w./-]{1,60})/.exec(line)?.[1] ?? []);
  return {
    pod,
    lines: lines.length,
    ...quantilesOf(times),
    fiveSeconds: times.filter((one) => near(one, 5) || near(one, 10)).length,
    between: times.filter((one) => one >= 1 && !near(one, 5) && !near(one, 10)).length,
    waiting: waits.length === 0 || sum(times) === 0 ? null : rounded(Math.min(1, sum(waits) / sum(times))),
    modelLoads: loads.length,
    loadS: rounded(mean(secondsIn(loads, 'model_load'))),
    models: [...new Set(models)].toSorted().slice(0, 5),
    calls: callsIn(lines),
  };
}

function quantilesOf(times: readonly number[]): Quantiles {
  return { requests: times.length, p50: shareOf(times, 0.5), p95: shareOf(times, 0.95), p99: shareOf(times, 0.99) };
}

/** A look-up that is tried again takes its five seconds on top of what the request takes itself. */
const near = (seconds: number, wait: number): boolean => seconds >= wait - 0.02 && seconds < wait + 0.6;

/** Values of `name=0.123`, `name=123ms`, `name=9.4s`. Without a unit they are seconds, unless their middle is above thirty: then nobody meant seconds. */
function secondsIn(lines: readonly string[], name: string): readonly number[] {
  const pattern = new RegExp(`\\b${name}["']?[=:]\\s*(\\d+(?:\\.\\d+)?)\\s*(ms|s)?\\b`);
  const found = lines.flatMap((line) => {
    const match = pattern.exec(line);
    return match === null ? [] : [{ value: Number(match[1]), unit: match[2] ?? '' }];
  });
  const bare = found.filter((one) => one.unit === '').map((one) => one.value);
  const isMs = (shareOf(bare, 0.5) ?? 0) > 30;
  return found.map(({ value, unit }) => (unit === 'ms' || (unit === '' && isMs) ? value / 1000 : value));
}

/** "call to feature-store.us-east-1.internal took 94 ms". */
function callsIn(lines: readonly string[]): PodRequests['calls'] {
  const took = new Map<string, number[]>();
  for (const line of lines) {
    const match = /\b((?:[a-z0-9-]+\.)+[a-z]{2,})\b.*?\b(?:took|duration[=:]|in)\s*(\d+(?:\.\d+)?)\s*(ms|s)\b/.exec(
      line,
    );
    const host = match?.[1];
    if (host === undefined) continue;
    took.set(host, [...(took.get(host) ?? []), Number(match?.[2]) * (match?.[3] === 's' ? 1000 : 1)]);
  }
  return [...took]
    .map(([host, all]) => ({ host, count: all.length, meanMs: Math.round(mean(all) ?? 0) }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 5);
}

/** The value that this share of them does not exceed; null: none. */
function shareOf(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null);
}

function rounded<V extends number | null>(value: V): V {
  return (value === null ? null : Number(value.toPrecision(4))) as V;
}
