import type { Answered, Question, Series, Window } from '../../src/core/ports/metrics.ts';
import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { Failure } from '../../src/core/failure.ts';
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

/** A made-up region with a day of memory: lives of containers, requests, queues. Four pods, so that cases stay small. */

export const gib = 2 ** 30;
const count = 4;

/** One container instance, in hours ago. `gib` is told how long ago, and how long it has run. */
export interface OneLife {
  readonly pod: string;
  readonly from: number;
  readonly to: number;
  readonly gib: (hoursAgo: number, ran: number) => number;
  /** Page cache and files in memory beside it. */
  readonly files?: (hoursAgo: number) => number;
}

export interface Remembered {
  readonly lives: readonly OneLife[];
  /** All pods' requests per second. */
  readonly requests: ((hoursAgo: number) => number) | null;
  readonly queue: ((hoursAgo: number) => number) | null;
  readonly inFlight: ((hoursAgo: number) => number) | null;
}

/** A server's start: half an hour until everything is loaded and compiled. */
const start = (ran: number): number => 1 - 0.7 * Math.exp(-ran * 12);
/** The same at each run, and small: 0.2 % of the value. */
const jitter = (pod: string, hoursAgo: number): number =>
  1 +
  (((Math.round(hoursAgo * 60) * 7919 + pod.length * 31 + (pod.codePointAt(pod.length - 1) ?? 0) * 17) % 101) / 101 -
    0.5) *
    0.004;

export function remembers(world: World, over: Partial<Remembered>): World {
  const of: Remembered = {
    lives: world.pods.map((one) => life(one.row.name)),
    requests: () => 28,
    queue: () => 0.4,
    inFlight: () => 2,
    ...over,
  };
  return { ...world, measured: { ...world.measured, series: (question, window) => answer(of, question, window) } };
}

/** Flat, for days, unless something is changed. */
export function life(pod: string, over: Partial<OneLife> = {}): OneLife {
  return { pod, from: 72, to: 0, gib: () => 7.2, ...over };
}

function answer(of: Remembered, question: Question, over: Window): Answered {
  const line = (value: ((hoursAgo: number) => number) | null): Answered => {
    if (value === null) return { is: 'no such metric', because: 'nobody exports it' };
    const points = timesOf(over).map((hours) => [atS(hours), Math.round(value(hours) * 100) / 100] as const);
    return { is: 'series', series: [{ labels: {}, points }], note: null };
  };
  switch (question.ask) {
    case 'memory rss':
      return { is: 'series', series: of.lives.flatMap((one, index) => linesOf(one, index, over, false)), note: null };
    case 'memory working set':
      return { is: 'series', series: of.lives.flatMap((one, index) => linesOf(one, index, over, true)), note: null };
    case 'requests':
      return line(of.requests);
    case 'replicas ready':
      return line(() => count);
    case 'queue':
      return line(of.queue);
    case 'in flight':
      return line(of.inFlight);
    default:
      return { is: 'no data', because: 'nothing was recorded' };
  }
}

const atS = (hoursAgo: number): number => Date.parse(at) / 1000 - hoursAgo * 3600;

function timesOf(over: Window): readonly number[] {
  const step = over.stepMs / 60_000;
  const steps = Math.floor(over.forMs / 60_000 / step);
  return Array.from({ length: steps + 1 }, (_, index) => ((steps - index) * step) / 60);
}

function linesOf(one: OneLife, index: number, over: Window, withFiles: boolean): readonly Series[] {
  const points = timesOf(over)
    .filter((hours) => hours <= one.from && hours >= one.to)
    .map((hours) => {
      const files = withFiles ? 0.3 + (one.files?.(hours) ?? 0) : 0;
      const own = one.gib(hours, one.from - hours) * start(one.from - hours) * jitter(one.pod, hours);
      return [atS(hours), Math.round((own + files) * gib)] as const;
    });
  return points.length === 0
    ? []
    : [{ labels: { pod: one.pod, container: 'server', id: `/kubepods/${index}` }, points }];
}

/** Four of four ready on v2.4.0 for three days. */
export function four(): World {
  const world = healthy();
  return withPods(world, world.pods.slice(0, count), world.revisions);
}

/** v2.4.1 came nine hours ago and is on all four pods. */
export function afterRelease(hours = 9): World {
  const world = healthy();
  const next = template({ containers: [container({ image: `${registry}/model-server:v2.4.1` })] });
  const [old] = world.revisions as [Revision];
  const none = { wanted: 0, ready: 0, available: 0 };
  const fresh = revision(17, next, {
    createdAt: ago(hours * 60),
    replicas: { wanted: count, ready: count, available: count },
  });
  const done = {
    ...condition('Progressing', 'True', 'NewReplicaSetAvailable', '', ago(hours * 60 - 2)),
    updatedAt: ago(hours * 60 - 2),
  };
  const pods = Array.from({ length: count }, (_, index) => readyPod(fresh, index, ago(hours * 60 - 1)));
  const released = deployment(next, {
    generation: 41,
    observedGeneration: 41,
    revision: 17,
    conditions: [done],
    templateChangedBy: { manager: 'argocd-controller', at: ago(hours * 60) },
    templateOwners: [{ manager: 'argocd-controller', at: ago(hours * 60), parts: everyPart }],
  });
  return withPods({ ...world, deployment: released }, pods, [{ ...old, replicas: none }, fresh]);
}

/** Pods of v2.4.0 that are gone since the release; they ran for days. */
export const goneAt = (hours: number, over: Partial<OneLife> = {}): readonly OneLife[] =>
  healthy()
    .pods.slice(0, count)
    .map((one) => life(one.row.name, { to: hours, ...over }));

function withPods(world: World, pods: OnePod[], revisions: Revision[]): World {
  const replicas = { wanted: count, total: count, updated: count, ready: count, available: count, unavailable: 0 };
  const of = world.deployment;
  const free = world.nodeUse.map((one) => ({ ...one, requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '2' } }));
  return {
    ...world,
    deployment: of && { ...of, replicas },
    revisions: revisions.map((one) =>
      one.replicas.wanted === 0 ? one : { ...one, replicas: { wanted: count, ready: count, available: count } },
    ),
    pods,
    nodeUse: free,
    logs: Object.fromEntries(
      pods.map((one) => [`${one.row.name}/server`, [`${ago(1)} INFO request id=0a1b2c10 path=/predict status=200`]]),
    ),
  };
}

/** Restarted `restarts` times; the last end was `minutes` ago. */
export function ended(
  world: World,
  reason: string,
  restarts: number,
  minutes: (index: number) => number | null,
): World {
  const pods = world.pods.map((one, index): OnePod => {
    const when = minutes(index);
    if (when === null) return one;
    const times = { startedAt: ago(when + 200), finishedAt: ago(when) };
    const last = { is: 'terminated', exitCode: 137, signal: 0, reason, message: '', ...times } as const;
    return {
      row: { ...one.row, restarts },
      pod: { ...one.pod, containers: one.pod.containers.map((each) => ({ ...each, restarts, last })) },
    };
  });
  return { ...world, pods };
}

/** A leftover of a pod that its node evicted. */
export function evicted(world: World, index: number, message: string, minutes: number): World {
  const [old] = world.revisions as [Revision];
  const one = readyPod(old, 8 + index, ago(60 * 24 * 3));
  const end = { startedAt: ago(60 * 24 * 3), finishedAt: ago(minutes) };
  const state = { is: 'terminated', exitCode: 137, signal: 0, reason: 'Error', message: '', ...end } as const;
  const left: OnePod = {
    row: { ...one.row, status: 'Evicted', readyContainers: 0 },
    pod: {
      ...one.pod,
      phase: 'Failed',
      reason: 'Evicted',
      message,
      containers: one.pod.containers.map((each) => ({ ...each, ready: false, state })),
    },
  };
  return { ...world, pods: [...world.pods, left] };
}

/** Nothing is known of memory: no exporter. */
export const blind = (world: World): World => ({
  ...world,
  measured: {
    ...world.measured,
    series: () => {
      throw new Failure('unreachable', 'connect timeout after 5 s');
    },
  },
});
