import { Failure, whyOf } from '../../src/core/failure.ts';
import type { Question, Series, Window } from '../../src/core/ports/metrics.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { deployment } from '../readings/deployment.ts';
import { hours, measure, minutes, newest, shorter } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { readRequests } from '../readings/request-logs.ts';
import type { RequestLogs } from '../readings/request-logs.ts';

/** How long requests take: of all pods' requests together from the histograms; from a sample of log lines where there are none. */
export type Latency =
  | {
      readonly from: 'histogram';
      /** Seconds. No quantile is ever the mean of others: each point is of all pods' requests of five minutes. */
      readonly p50: Series;
      readonly p95: Series;
      readonly p99: Series;
      /** Per second; null: nobody counts them. */
      readonly requests: Series | null;
      /** Newest p95 of the same time a day before; null: not known. */
      readonly yesterday: number | null;
    }
  | { readonly from: 'logs'; readonly logs: RequestLogs; readonly why: string };

export const ofAll: Window = { forMs: hours(2), stepMs: minutes(2) };
const day = 24 * hours(1);

const named = (t: DeploymentTarget) => ({ namespace: t.namespace, name: t.name });
const quantile = (t: DeploymentTarget, of: number): Question => ({
  ask: 'latency',
  quantile: of,
  of: named(t),
  by: 'all',
});

export const latency = onDeployment.reading('latency', {
  after: [deployment, podRows],
  withinMs: 12_000,
  byHand: (t) => promqlByHand(quantile(t, 0.95)),
  read: async (read, t, seen): Promise<Latency> => {
    const [p95, p50, p99, requests, yesterday] = await Promise.all([
      read.metrics.series(quantile(t, 0.95), ofAll),
      lineOf(read, quantile(t, 0.5), ofAll),
      lineOf(read, quantile(t, 0.99), ofAll),
      lineOf(read, { ask: 'requests', of: named(t), by: 'all' }, ofAll),
      lineOf(read, quantile(t, 0.95), { forMs: minutes(10), stepMs: minutes(5), agoMs: day }),
    ]);
    const line = p95.is === 'series' ? p95.series[0] : undefined;
    if (line !== undefined) {
      const empty: Series = { labels: {}, points: [] };
      return {
        from: 'histogram',
        p50: p50 ?? empty,
        p95: shorter(line),
        p99: p99 ?? empty,
        requests,
        yesterday: yesterday === null ? null : newest(yesterday),
      };
    }
    const why = p95.is === 'series' ? 'no data' : `${p95.is}: ${p95.because}`;
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const logs = await readRequests(read, t.namespace, container, seen['pod rows'].rows).catch((error: unknown) => {
      throw new Failure('not found', `${why}; and the logs could not be read: ${whyOf(error)}`);
    });
    if (logs.all.requests === 0) {
      throw new Failure('not found', `${why}; and no line of the logs has an inference_time`);
    }
    return { from: 'logs', logs, why };
  },
});

/** Null: no such line, or no answer. What only adds detail must not hide the p95. */
async function lineOf(read: Read, question: Question, over: Window): Promise<Series | null> {
  try {
    const answer = await read.metrics.series(question, over);
    const line = answer.is === 'series' ? answer.series[0] : undefined;
    return line === undefined ? null : shorter(line);
  } catch {
    return null;
  }
}

/** Fewer points for each of many pods: enough to see whether something lasts. */
const ofEach: Window = { forMs: minutes(30), stepMs: minutes(3) };

export const p95ByPod = measure('p95 by pod', (t) => ({ ...quantile(t, 0.95), by: 'pod' }) as Question, ofEach);
export const requestsByPod = measure(
  'requests of each pod',
  (t) => ({ ask: 'requests', of: named(t), by: 'pod' }),
  ofEach,
);
export const loadsByPod = measure(
  'model loads by pod',
  (t) => ({ ask: 'model loads', of: named(t), by: 'pod' }),
  ofEach,
);
const ofHour: Window = { forMs: hours(1), stepMs: minutes(3) };
export const cpuByPod = measure('cpu by pod', (t) => ({ ask: 'cpu', of: named(t) }), ofHour);
const throttling = measure('cpu throttled', (t) => ({ ask: 'cpu throttled', of: named(t) }), ofHour);
/** Only what has a CPU limit can be throttled: of anything else nobody needs to ask. */
export const throttledByPod = onDeployment.reading('cpu throttled', {
  after: [deployment],
  withinMs: 8_000,
  byHand: throttling.byHand,
  read: (read, t, seen): Promise<Measured> =>
    seen.deployment.template.containers.some((one) => one.limits['cpu'] !== undefined)
      ? throttling.read(read, t, {})
      : Promise.resolve({ series: [], of: 0, note: null }),
});
export const gpuByPod = measure('gpu busy', (t) => ({ ask: 'gpu busy', of: named(t) }), ofHour);
export const gpuMemory = measure('gpu memory', (t) => ({ ask: 'gpu memory', of: named(t) }), {
  forMs: minutes(10),
  stepMs: minutes(5),
});
export const queue = measure('queue', (t) => ({ ask: 'queue', of: named(t), by: 'all' }), ofAll);
export const inFlight = measure('in flight', (t) => ({ ask: 'in flight', of: named(t), by: 'all' }), ofAll);
export const inputs = measure('input size', (t) => ({ ask: 'input size', of: named(t), by: 'all' }), ofAll);
export const inputsBefore = measure(
  'input size a day before',
  (t) => ({ ask: 'input size', of: named(t), by: 'all' }),
  { forMs: minutes(30), stepMs: minutes(5), agoMs: day },
);
const ofNodes: Window = { forMs: minutes(30), stepMs: minutes(5) };
export const nodeSteal = measure('node steal', () => ({ ask: 'node steal' }), ofNodes);
export const nodeDisk = measure('node disk', () => ({ ask: 'node disk' }), ofNodes);
