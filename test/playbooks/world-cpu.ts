import type { Answered, Question, Series, Window } from '../../src/core/ports/metrics.ts';
import type { Autoscaler, Container, PodTemplate, Revision } from '../../src/core/ports/kubernetes.ts';
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

/** A made-up region whose pods use CPU, for reasons that its counters show: all of it follows from a few functions of time. */

type Of<V> = (minutesAgo: number, pod: OnePod) => V;

export interface Busy {
  /** Cores of the container that serves, of each pod. */
  readonly cores: Of<number>;
  /** Of containers beside it. */
  readonly beside: Readonly<Record<string, Of<number>>>;
  /** Share of CFS periods; null: no limit, so no such line. */
  readonly throttled: Of<number> | null;
  /** Requests per second of all pods together; null: it counts none. */
  readonly requests: ((minutesAgo: number) => number) | null;
  /** Share of a pod of them, 1 for an even part. */
  readonly part: (pod: OnePod) => number;
  readonly failed: (minutesAgo: number) => number;
  /** The same hour of the day before. */
  readonly day: { readonly cores: number; readonly requests: number } | null;
  readonly busy: (node: string) => number;
  /** Null: not measured. */
  readonly steal: ((node: string, minutesAgo: number) => number) | null;
  /** Answers of the metrics store that are none. */
  readonly away: Readonly<Partial<Record<Question['ask'], Exclude<Answered, { is: 'series' }>>>>;
}

export const pods = 6;
/** So many minutes ago it begins. */
export const began = 26;
export const from =
  <V>(before: V, after: V, minutes = began) =>
  (minutesAgo: number): V =>
    minutesAgo > minutes ? before : after;

const calm: Busy = {
  cores: () => 1,
  beside: {},
  throttled: null,
  requests: () => 14,
  part: () => 1,
  failed: () => 0.0002,
  day: { cores: 6, requests: 14 },
  busy: (node) => (node === 'gpu-1' ? 0.18 : 0.14),
  steal: () => 0.001,
  away: {},
};

/** Six pods on two nodes, each asks for two cores without a limit, and uses one. */
export function quietCpu(of: PodTemplate = template()): World {
  const world = healthy();
  const current = revision(16, of, { replicas: { wanted: pods, ready: pods, available: pods } });
  return {
    ...world,
    deployment: deployment(of, {
      replicas: { wanted: pods, total: pods, updated: pods, ready: pods, available: pods, unavailable: 0 },
    }),
    revisions: [current],
    pods: Array.from({ length: pods }, (_, index) => readyPod(current, index, ago(60 * 24 * 3))),
    variables: { OMP_NUM_THREADS: '2' },
    nodeUse: world.nodeUse.map((one) => ({ ...one, requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '2' } })),
  };
}

/** Revision 17 came 27 minutes ago and runs on all pods since 24 minutes ago. `digest`: where only values of variables differ. */
export function changedTo(
  now: PodTemplate,
  old: PodTemplate = template(),
  manager = 'argocd-controller',
  digest?: string,
): World {
  const world = quietCpu(old);
  const [before] = world.revisions as [Revision];
  const own = digest === undefined ? {} : { templateDigest: digest };
  const fresh = revision(17, now, {
    createdAt: ago(27),
    replicas: { wanted: pods, ready: pods, available: pods },
    ...own,
  });
  const done = condition(
    'Progressing',
    'True',
    'NewReplicaSetAvailable',
    `ReplicaSet "${fresh.name}" has successfully progressed.`,
    ago(27),
  );
  return {
    ...world,
    deployment: deployment(now, {
      generation: 41,
      observedGeneration: 41,
      revision: 17,
      replicas: { wanted: pods, total: pods, updated: pods, ready: pods, available: pods, unavailable: 0 },
      conditions: [{ ...done, updatedAt: ago(24) }],
      templateChangedBy: { manager, at: ago(27) },
      templateOwners: [{ manager, at: ago(27), parts: everyPart }],
      ...own,
    }),
    revisions: [{ ...before, replicas: { wanted: 0, ready: 0, available: 0 } }, fresh],
    pods: Array.from({ length: pods }, (_, index) => readyPod(fresh, index, ago(26))),
  };
}

export const withImage = (tag: string, over: Partial<Container> = {}): PodTemplate =>
  template({ containers: [container({ image: `${registry}/model-server:${tag}`, ...over })] });

export function scaler(over: Partial<Autoscaler> = {}, blind: string | null = null): Autoscaler {
  const limited = (over.desired ?? pods) >= (over.max ?? 12);
  return {
    name: 'model-server',
    uid: 'hpa-1',
    min: 6,
    max: 12,
    current: pods,
    desired: pods,
    scaledObject: null,
    metrics: [{ name: 'cpu', current: blind === null ? '50% of request' : 'unknown', target: '80%' }],
    conditions: [
      condition('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size', ago(9000)),
      blind === null
        ? condition(
            'ScalingActive',
            'True',
            'ValidMetricFound',
            'the HPA was able to successfully calculate a replica count',
            ago(9000),
          )
        : condition('ScalingActive', 'False', 'FailedGetResourceMetric', blind, ago(31)),
      condition(
        'ScalingLimited',
        limited ? 'True' : 'False',
        limited ? 'TooManyReplicas' : 'DesiredWithinRange',
        '',
        ago(25),
      ),
    ],
    ...over,
  };
}

const requestLines = 30;
/** What pods write of each request: ids of their own, or few ids again and again. */
export function writes(world: World, again = false, attempts = false): World {
  const logs = Object.fromEntries(
    world.pods.map((one, place) => [
      `${one.row.name}/server`,
      Array.from({ length: requestLines }, (_, index) => {
        const id = `0a1b2c${again ? 10 + (index % 6) : 100 + place * requestLines + index}`;
        const told = attempts ? ` attempt=${1 + (index % 3)}` : '';
        return `${ago(9 - index / 4)} INFO request id=${id} path=/predict status=${index % 7 === 0 && again ? 503 : 200} inference_time=0.061${told}`;
      }),
    ]),
  );
  return { ...world, logs: { ...world.logs, ...logs } };
}

const head = '    PID USER      PR  NI    VIRT    RES    SHR S   %CPU  %MEM     TIME+ COMMAND';
const row = (pid: number, cores: number, name: string): string =>
  `${String(pid).padStart(7)} app       20   0   41.3g  15.9g  612m S  ${(cores * 100).toFixed(1)}   8.8  12:04.51 ${name}`;

/** What `top` prints in one container of the first pod. */
export function looksInside(
  world: World,
  processes: readonly (readonly [name: string, cores: number])[],
  threads: number,
  inContainer = 'server',
): World {
  const pod = world.pods[0]?.row.name ?? '';
  const ran = (out: readonly string[]): World['programs'][string] => ({ exitCode: 0, out, err: [], cut: false });
  const each = processes.reduce((sum, [, cores]) => sum + cores, 0) / threads;
  return {
    ...world,
    programs: {
      ...world.programs,
      [`${pod}/${inContainer} top -b -n 1`]: ran([
        head,
        ...processes.map(([name, cores], index) => row(1 + index, cores, name)),
        row(99, 0.01, 'top'),
      ]),
      [`${pod}/${inContainer} top -b -H -n 1`]: ran([
        head,
        ...Array.from({ length: threads }, (_, index) => row(40 + index, each, 'serve')),
      ]),
      [`${pod}/${inContainer} nproc`]: ran(['32']),
    },
  };
}

/** `world` with these numbers. Steps are wider than asked for, as a store with gaps would answer: cases stay small. */
export function busy(world: World, over: Partial<Busy> = {}): World {
  const of = { ...calm, ...over };
  return {
    ...world,
    measured: { ...world.measured, series: (question, window) => answered(world, of, question, window) },
  };
}

function answered(world: World, of: Busy, question: Question, over: Window): Answered {
  const away = of.away[question.ask];
  if (away !== undefined) return away;
  const isDay = (over.agoMs ?? 0) > 12 * 3_600_000;
  const times = isDay ? [24 * 60] : timesOf(over.forMs / 60_000);
  const line = (labels: Record<string, string>, value: (minutesAgo: number) => number): Series => ({
    labels,
    points: times.map((minutes) => [(Date.parse(at) - minutes * 60_000) / 1000, round(value(minutes))] as const),
  });
  const series = (all: readonly Series[]): Answered => ({ is: 'series', series: all, note: null });
  const none = { is: 'no data', because: 'nothing was recorded of model-server' } as const;
  const byPod = 'by' in question && question.by === 'pod';
  const each = (minutes: number): number => of.requests?.(minutes) ?? 0;
  switch (question.ask) {
    case 'cpu':
      if (isDay) return of.day === null ? none : series([line({ container: 'server' }, () => of.day?.cores ?? 0)]);
      return series(world.pods.flatMap((one) => cpuLines(of, one, line)));
    case 'cpu throttled': {
      const { throttled } = of;
      return throttled === null
        ? none
        : series(
            world.pods.map((one) =>
              alive(
                one,
                line({ pod: one.row.name, container: 'server' }, (m) => throttled(m, one)),
              ),
            ),
          );
    }
    case 'requests':
      if (of.requests === null || (isDay && of.day === null)) return none;
      if (isDay) return series([line({}, () => of.day?.requests ?? 0)]);
      return series(
        byPod
          ? world.pods.map((one) =>
              alive(
                one,
                line({ pod: one.row.name }, (m) => (each(m) / world.pods.length) * of.part(one)),
              ),
            )
          : [line({}, each)],
      );
    case 'errors':
      return of.requests === null ? none : series([line({ code: '503' }, (m) => each(m) * of.failed(m))]);
    case 'node cpu':
      return series(world.nodes.map((one) => line({ node: one.name }, () => of.busy(one.name))));
    case 'node steal': {
      const { steal } = of;
      return steal === null
        ? none
        : series(world.nodes.map((one) => line({ node: one.name }, (m) => steal(one.name, m))));
    }
    default:
      return { is: 'no such metric', because: `nobody exports ${question.ask}` };
  }
}

/** Before its pods were made, others of the same service used as much: only their sum is looked at. */
function cpuLines(
  of: Busy,
  one: OnePod,
  line: (labels: Record<string, string>, value: (m: number) => number) => Series,
): readonly Series[] {
  const now = [
    alive(
      one,
      line({ pod: one.row.name, container: 'server' }, (m) => of.cores(m, one)),
    ),
    ...Object.entries(of.beside).map(([name, cores]) =>
      alive(
        one,
        line({ pod: one.row.name, container: name }, (m) => cores(m, one)),
      ),
    ),
  ];
  const madeAgo = (Date.parse(at) - Date.parse(one.row.createdAt)) / 60_000;
  if (madeAgo > 120) return now;
  const before = line({ pod: `${one.row.name.slice(0, -5)}old${one.row.name.slice(-2)}`, container: 'server' }, (m) =>
    of.cores(m, one),
  );
  return [...now, { ...before, points: before.points.filter(([when]) => when * 1000 < Date.parse(one.row.createdAt)) }];
}

function alive(one: OnePod, { labels, points }: Series): Series {
  return { labels, points: points.filter(([when]) => when * 1000 >= Date.parse(one.row.createdAt)) };
}

const stepMin = 3;
const round = (value: number): number => Math.round(value * 1000) / 1000;

function timesOf(minutes: number): readonly number[] {
  const count = Math.floor(minutes / stepMin);
  return Array.from({ length: count + 1 }, (_, index) => (count - index) * stepMin);
}
