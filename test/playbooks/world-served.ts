import type { Answered, Question, Series, Window } from '../../src/core/ports/metrics.ts';
import {
  ago,
  at,
  condition,
  container,
  deployment,
  everyPart,
  readyPod,
  registry,
  revision,
  template,
} from './objects.ts';
import type { OnePod } from './objects.ts';
import { healthy } from './world.ts';
import type { World } from './world.ts';

/** A made-up region whose service is asked for something, and fails some of it: counters and logs that agree. */

export interface Served {
  /** Requests per second of all pods together. */
  readonly rps: number;
  /** Share of a pod's requests that fail, so many minutes ago. */
  readonly ratio: (pod: OnePod, minutesAgo: number) => number;
  readonly code: string;
  /** What is written for each failed request. */
  readonly lines: readonly string[];
  /** Share of all requests that end in 4xx with this code. */
  readonly clients: { readonly ratio: number; readonly code: string; readonly lines: readonly string[] };
  /** Mean size of a request, so many minutes ago. */
  readonly inputs: (minutesAgo: number) => number;
  readonly xid: (pod: OnePod) => number;
  readonly ready: (minutesAgo: number) => number;
  /** What every pod writes at its start. */
  readonly start: readonly string[];
}

const usual = 0.0002;
export const since =
  (minutes: number, ratio: number) =>
  (_pod: OnePod, minutesAgo: number): number =>
    minutesAgo <= minutes ? ratio : usual;

const well: Served = {
  rps: 28,
  ratio: () => usual,
  code: '500',
  lines: [],
  clients: { ratio: 0.004, code: '400', lines: [] },
  inputs: () => 620,
  xid: () => 0,
  ready: () => 12,
  start: ['INFO model_load=9.4s model=ranker-large version=v1.0.0 device=cuda:0'],
};

/** `world` as it serves. Steps are thinned, which a store with gaps would answer as well: cases stay small. */
export function served(world: World, over: Partial<Served> = {}): World {
  const of = { ...well, ...over };
  const logs = Object.fromEntries(world.pods.map((one) => [`${one.row.name}/server`, logOf(one, of)]));
  return {
    ...world,
    logs,
    variables: { MODEL_VERSION: 'v1.0.0', BATCH_SIZE: '8', OMP_NUM_THREADS: '4', ...world.variables },
    measured: { ...world.measured, series: (question, window) => answer(world, of, question, window) },
  };
}

const requestsPerLog = 20;

function logOf(pod: OnePod, of: Served): readonly string[] {
  const stamp = (minutes: number): string => ago(minutes);
  const age = (Date.parse(at) - Date.parse(pod.row.createdAt)) / 60_000;
  const lines = of.start.map((line) => `${stamp(age - 0.2)} ${line}`);
  let [failed, sent] = [0, 0];
  for (let index = 0; index < requestsPerLog; index += 1) {
    const minutes = 10 - index / 2;
    failed += of.ratio(pod, minutes);
    sent += of.clients.ratio;
    const rest = 'inference_time=0.061 queue_time=0.002 tokens=611';
    if (failed >= 1) {
      failed -= 1;
      lines.push(
        ...of.lines.map((line) => `${stamp(minutes)} ERROR ${line}`),
        `${stamp(minutes)} WARN request id=0a1b2c${10 + index} path=/predict status=${of.code} ${rest}`,
      );
    } else if (sent >= 1) {
      sent -= 1;
      lines.push(
        ...of.clients.lines.map((line) => `${stamp(minutes)} ERROR ${line}`),
        `${stamp(minutes)} WARN request id=0a1b2c${10 + index} path=/predict status=${of.clients.code} ${rest}`,
      );
    } else lines.push(`${stamp(minutes)} INFO request id=0a1b2c${10 + index} path=/predict status=200 ${rest}`);
  }
  return lines;
}

/** Every so many minutes: the most that the checks take for one stretch. */
const stepMin = 3;

function answer(world: World, of: Served, question: Question, over: Window): Answered {
  const serving = world.pods.filter((one) => one.row.readyContainers === one.row.containers);
  const each = of.rps / Math.max(1, serving.length);
  const byPod = 'by' in question && question.by === 'pod';
  // By pod only the last minutes are looked at.
  const times = timesOf(byPod ? Math.min(over.forMs, 6 * 60_000) : over.forMs, byPod ? 1 : stepMin);
  const line = (labels: Record<string, string>, value: (minutesAgo: number) => number): Series => ({
    labels,
    points: times.map((minutes) => [(Date.parse(at) - minutes * 60_000) / 1000, round(value(minutes))] as const),
  });
  const pods = (value: (one: OnePod, minutesAgo: number) => number, labels: Record<string, string> = {}): Answered => ({
    is: 'series',
    series: byPod
      ? serving.map((one) => line({ pod: one.row.name, ...labels }, (minutes) => value(one, minutes)))
      : [line(labels, (minutes) => serving.reduce((sum, one) => sum + value(one, minutes), 0))],
    note: null,
  });
  switch (question.ask) {
    case 'requests':
      return pods(() => each);
    case 'errors':
      return pods((one, minutes) => each * of.ratio(one, minutes), { code: of.code });
    case 'client errors':
      return pods(() => each * of.clients.ratio, { code: of.clients.code });
    case 'input size':
      return { is: 'series', series: [line({}, of.inputs)], note: null };
    case 'gpu xid': {
      const series = serving.map((one) => line({ pod: one.row.name, gpu: '0' }, () => of.xid(one)));
      return { is: 'series', series: series.map((one) => ({ ...one, points: one.points.slice(-2) })), note: null };
    }
    case 'replicas ready':
      return { is: 'series', series: [line({ deployment: 'model-server' }, of.ready)], note: null };
    default:
      return { is: 'no such metric', because: `nobody exports ${question.ask}` };
  }
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

function timesOf(forMs: number, step: number): readonly number[] {
  const count = Math.floor(forMs / 60_000 / step);
  return Array.from({ length: count + 1 }, (_, index) => (count - index) * step);
}

/** v2.4.1 (or other values of variables alone) came 27 minutes ago and runs on all pods since 24 minutes ago. */
export function released(values: Record<string, string> | null = null): World {
  const world = healthy();
  const image = `${registry}/model-server:${values === null ? 'v2.4.1' : 'v2.4.0'}`;
  const now = template({ containers: [container({ image })] });
  const [old] = world.revisions;
  if (old === undefined) throw new Error('no such world');
  const own = values === null ? {} : { templateDigest: '9d377b10ce778c4938b3c7e2c63a229a' };
  const fresh = revision(17, now, { createdAt: ago(27), replicas: { wanted: 12, ready: 12, available: 12 }, ...own });
  const manager = values === null ? 'argocd-controller' : 'kubectl-set';
  const owners = [{ manager, at: ago(27), parts: values === null ? everyPart : (['environment'] as const) }];
  const done = {
    ...condition(
      'Progressing',
      'True',
      'NewReplicaSetAvailable',
      `ReplicaSet "${fresh.name}" has successfully progressed.`,
      ago(27),
    ),
    updatedAt: ago(24),
  };
  const before = { MODEL_VERSION: 'v1.0.0', BATCH_SIZE: '8', OMP_NUM_THREADS: '4' };
  return {
    ...world,
    deployment: deployment(now, {
      generation: 41,
      observedGeneration: 41,
      revision: 17,
      conditions: [done],
      templateChangedBy: { manager, at: ago(27) },
      templateOwners: owners,
      ...own,
    }),
    revisions: [{ ...old, replicas: { wanted: 0, ready: 0, available: 0 } }, fresh],
    pods: Array.from({ length: 12 }, (_, index) => readyPod(fresh, index, ago(26))),
    ...(values === null ? {} : { variables: { ...before, ...values }, oldVariables: { [old.name]: before } }),
  };
}
