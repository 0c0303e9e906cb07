import type { Answered, Question, Series, Window } from '../../src/core/ports/metrics.ts';
import { ago, at } from './objects.ts';
import type { OnePod } from './objects.ts';
import type { World } from './world.ts';

/** A made-up region whose service takes its time: histograms, counters, exporters and logs that agree. */

type OverTime = (minutesAgo: number) => number | null;
type OfPod = (pod: OnePod, minutesAgo: number) => number;
type OfNode = (node: string, minutesAgo: number) => number;

export interface Taking {
  /** Seconds, of all pods' requests together. */
  readonly p95: OverTime;
  readonly p99: OverTime;
  readonly p95Of: OfPod;
  /** Per second, of all pods together. */
  readonly rps: OverTime;
  /** A pod's part of an even share. */
  readonly part: OfPod;
  readonly gpu: OfPod;
  readonly cpu: OfPod;
  readonly throttled: OfPod;
  readonly queue: OverTime;
  readonly inputs: OverTime;
  readonly loads: OfPod;
  readonly disk: OfNode;
  readonly steal: OfNode;
  /** What nobody exports. */
  readonly without: readonly Question['ask'][];
  /** What each pod has written, beside its requests. */
  readonly lines: readonly string[];
  /** Seconds of the n-th request in a pod's log. */
  readonly took: (index: number) => number;
  /** Share of it that is waiting. */
  readonly waits: number;
}

/** When what is slow became so: the numbers of five minutes show it from then on. */
const slowSince = 22;
export const from =
  (now: number, before: number, minutes = slowSince): OverTime =>
  (minutesAgo) =>
    minutesAgo <= minutes ? now : before;
export const slowFor =
  (is: (one: OnePod) => boolean, now: number, before: number, minutes = slowSince): OfPod =>
  (pod, minutesAgo) =>
    minutesAgo <= minutes && is(pod) ? now : before;

export const fast: Taking = {
  p95: () => 0.146,
  p99: () => 0.226,
  p95Of: () => 0.146,
  rps: () => 28,
  part: () => 1,
  gpu: () => 0.56,
  cpu: () => 1.2,
  throttled: () => 0.01,
  queue: () => 0,
  inputs: () => 620,
  loads: () => 0,
  disk: () => 0.07,
  steal: () => 0.001,
  without: [],
  lines: [],
  took: (index) => 0.06 + (index % 20) * 0.004,
  waits: 0.02,
};

/** p95 of 349 ms since a while, in all pods alike. */
export const slow: Partial<Taking> = {
  p95: from(0.349, 0.146),
  p99: from(0.541, 0.226),
  p95Of: slowFor(() => true, 0.349, 0.146),
  took: (index) => 0.15 + (index % 20) * 0.01,
};

export function taking(world: World, over: Partial<Taking> = {}): World {
  const of = { ...fast, ...over };
  const logs = Object.fromEntries(world.pods.map((one) => [`${one.row.name}/server`, logOf(of)]));
  const variables = { MODEL_VERSION: 'v1.0.0', BATCH_SIZE: '8', OMP_NUM_THREADS: '2', ...world.variables };
  const service = { ...world.measured.service, limits: { errorRatio: 0.01, latencySeconds: 0.2 } };
  return {
    ...world,
    logs: { ...logs, ...world.logs },
    // '' stands for one that is not set.
    variables: Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')),
    measured: { ...world.measured, service, series: (question, window) => answer(world, of, question, window) },
  };
}

const requestsPerLog = 60;

function logOf(of: Taking): readonly string[] {
  const requests = Array.from({ length: requestsPerLog }, (_, index) => {
    const took = of.took(index);
    return `${ago(10 - index / 6.5)} INFO request id=${index} path=/predict status=200 inference_time=${took.toFixed(3)} queue_time=${(took * of.waits).toFixed(3)} tokens=611`;
  });
  return [...of.lines.map((line) => `${ago(3)} ${line}`), ...requests];
}

function answer(world: World, of: Taking, question: Question, over: Window): Answered {
  if (of.without.includes(question.ask)) {
    return { is: 'no such metric', because: `nobody exports ${question.ask}` };
  }
  const pods = world.pods.filter((one) => one.row.readyContainers === one.row.containers);
  const byPod = (value: OfPod, labels: Record<string, string> = {}): readonly Series[] =>
    pods.map((one) => {
      const age = (Date.parse(at) - Date.parse(one.row.createdAt)) / 60_000;
      const times = short(over, 3).filter((minutes) => minutes <= age);
      return line({ pod: one.row.name, ...labels }, times, (minutes) => value(one, minutes));
    });
  const ofNodes = (value: OfNode): readonly Series[] =>
    world.nodes.map(({ name }) => line({ node: name }, short(over, 5), (minutes) => value(name, minutes)));
  const all = (value: OverTime): readonly Series[] => [line({}, long(over), value)];
  const rate = (minutes: number): number => of.rps(minutes) ?? 0;
  const parts = pods.reduce((sum, one) => sum + of.part(one, 0), 0);
  const series = seriesOf();
  return series.length === 0
    ? { is: 'no data', because: 'nothing was recorded' }
    : { is: 'series', series, note: null };

  function seriesOf(): readonly Series[] {
    switch (question.ask) {
      case 'latency': {
        if (question.by === 'pod') return byPod(of.p95Of);
        if (question.quantile === 0.95) return all(of.p95);
        return all(question.quantile === 0.99 ? of.p99 : (minutes) => scaled(of.p95(minutes), 0.48));
      }
      case 'requests':
        return question.by === 'all'
          ? all(of.rps)
          : byPod((one, minutes) => (rate(minutes) * of.part(one, minutes)) / parts);
      case 'queue':
        return all(of.queue);
      case 'in flight':
        return all((minutes) => scaled(of.rps(minutes), 0.2));
      case 'input size':
        return all(of.inputs);
      case 'model loads':
        return byPod(of.loads);
      case 'cpu':
        return byPod(of.cpu, { container: 'server' });
      case 'cpu throttled':
        return byPod(of.throttled, { container: 'server' });
      case 'gpu busy':
        return byPod(of.gpu, { gpu: '0' });
      case 'gpu memory':
        return byPod(() => 0.71, { gpu: '0' });
      case 'node disk':
        return ofNodes(of.disk);
      case 'node steal':
        return ofNodes(of.steal);
      default:
        return [];
    }
  }
}

const scaled = (value: number | null, by: number): number | null => (value === null ? null : value * by);

function line(labels: Record<string, string>, times: readonly number[], value: OverTime): Series {
  return {
    labels,
    points: times.map((minutes) => {
      const is = value(minutes);
      return [
        (Date.parse(at) - minutes * 60_000) / 1000,
        is === null ? null : Math.round(is * 10_000) / 10_000,
      ] as const;
    }),
  };
}

/** Minutes ago, oldest first: of a long stretch every sixth minute, and every second of the last ten; a store with gaps would answer so too. */
function long({ forMs, agoMs = 0 }: Window): readonly number[] {
  const [end, length] = [agoMs / 60_000, forMs / 60_000];
  if (length <= 30) return [10, 5, 0].map((minutes) => end + minutes);
  return [...Array.from({ length: 18 }, (_, index) => 118 - index * 6), 10, 8, 6, 4, 2, 0];
}

/** The last quarter of an hour, and a little of where it began. */
function short({ forMs }: Window, step: number): readonly number[] {
  const length = forMs / 60_000;
  const early = length > 45 ? [length, length - step, length - 2 * step] : [length];
  return [
    ...early,
    ...Array.from({ length: Math.floor(18 / step) + 1 }, (_, index) => Math.floor(18 / step) * step - index * step),
  ];
}
