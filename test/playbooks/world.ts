import { Failure } from '../../src/core/failure.ts';
import type {
  Autoscaler,
  ContainerStatus,
  Deployment,
  Event,
  KubernetesRead,
  LimitRange,
  Node,
  NodeUse,
  PodOnNode,
  PodTemplate,
  Presence,
  Quota,
  Revision,
  Service,
} from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import {
  aroundOf,
  metricsOf,
  nothingAround,
  unmeasured,
  type AroundWorld,
  type Guard,
  type Measured,
} from './world-around.ts';
import {
  ago,
  at,
  condition,
  container,
  deployment,
  everyPart,
  namespace,
  node,
  nodeUse,
  readyPod,
  registry,
  revision,
  template,
} from './objects.ts';
import type { OnePod } from './objects.ts';

/** One region's objects at one moment; plain and mutable, so that a scenario can break them. */
export interface World extends AroundWorld {
  deployment: Deployment | null;
  /** Other deployments of the namespace, as rows. */
  others: DeploymentRow[];
  revisions: Revision[];
  pods: OnePod[];
  events: Event[];
  /** By `pod/container` for the running instance, `pod/container/previous` for the one before. */
  logs: Record<string, readonly string[]>;
  quotas: Quota[];
  limitRanges: LimitRange[];
  nodes: Node[];
  nodeUse: NodeUse[];
  /** By `Kind/name`; everything else that is asked for is there. */
  missing: Set<string>;
  keys: Record<string, readonly string[]>;
  /** By `Kind/name`: made so long ago; everything else 200 days. */
  made: Record<string, string>;
  /** By `Kind/name`: last written so long ago, where that is later. */
  written: Record<string, string>;
  /** Secrets may be looked at by name (the *look inside* right). */
  seesSecrets: boolean;
  autoscaler: Autoscaler | null;
  /** What the metrics store holds, and what the config says of the service. */
  measured: Measured;
  /** What the config says that a workload needs, by its name. */
  depends?: Record<string, readonly string[]>;
  /** Methods that fail. */
  fails: Partial<Record<keyof KubernetesRead, Failure>>;
}

export type DeploymentRow = Awaited<ReturnType<KubernetesRead['deployments']>>[number];

function rowOf({ replicas: { wanted, ready, updated, available } }: Deployment): DeploymentRow {
  return { namespace, name: 'model-server', wanted, ready, updated, available };
}

const service: Service = {
  name: 'model-server',
  type: 'ClusterIP',
  headless: false,
  selector: { app: 'model-server' },
  ports: [{ name: 'http', port: 80, target: '8080' }],
  ingress: [],
};

/** 12 of 12 ready on v2.4.0 for three days. */
export function healthy(): World {
  const now = template();
  const current = revision(16, now, { replicas: { wanted: 12, ready: 12, available: 12 } });
  return {
    deployment: deployment(now),
    others: [],
    revisions: [current],
    pods: Array.from({ length: 12 }, (_, index) => readyPod(current, index, ago(60 * 24 * 3))),
    events: [],
    logs: {},
    quotas: [],
    limitRanges: [],
    nodes: [1, 2].map((number) => node(number)),
    nodeUse: [1, 2].map((number) => nodeUse(number)),
    missing: new Set(),
    keys: {},
    made: {},
    written: {},
    seesSecrets: false,
    autoscaler: null,
    ...nothingAround(),
    services: [service],
    measured: unmeasured(),
    fails: {},
  };
}

/** v2.4.1 (revision 17) was applied 27 minutes ago: 9 old pods are ready, `count` new ones are there. */
export function rollingOut(over: Partial<PodTemplate> = {}, count = 6): World {
  const world = healthy();
  const next = template({ containers: [container({ image: `${registry}/model-server:v2.4.1` })], ...over });
  const [old] = world.revisions as [Revision];
  const fresh = revision(17, next, { createdAt: ago(27), replicas: { wanted: 6, ready: 0, available: 0 } });
  const kept = { ...old, replicas: { wanted: 9, ready: 9, available: 9 } };
  const pods = Array.from({ length: count }, (_, index) => readyPod(fresh, index, ago(26)));
  return {
    ...world,
    deployment: deployment(next, {
      generation: 41,
      observedGeneration: 41,
      revision: 17,
      replicas: { wanted: 12, total: 9 + count, updated: count, ready: 9, available: 9, unavailable: count },
      conditions: [
        {
          ...condition(
            'Progressing',
            'False',
            'ProgressDeadlineExceeded',
            `ReplicaSet "${fresh.name}" has timed out progressing.`,
            ago(16),
          ),
          updatedAt: ago(16),
        },
      ],
      templateChangedBy: { manager: 'argocd-controller', at: ago(27) },
      templateOwners: [{ manager: 'argocd-controller', at: ago(27), parts: everyPart }],
    }),
    revisions: [kept, fresh],
    pods: [...world.pods.slice(0, 9), ...pods],
  };
}

export const isFresh = (world: World, one: OnePod): boolean => one.row.ownerUid === world.revisions.at(-1)?.uid;

/** Changes the pods of the newest revision: `shown` is the printed status; the first container's state is given. */
export function breakPods(world: World, shown: string, state: Partial<ContainerStatus>, only = 99): World {
  let left = only;
  const pods = world.pods.map((one): OnePod => {
    if (!isFresh(world, one) || left-- <= 0) return one;
    const [first, ...rest] = one.pod.containers;
    const restarts = state.restarts ?? 0;
    return {
      row: { ...one.row, status: shown, readyContainers: 0, restarts },
      pod: {
        ...one.pod,
        phase: shown === 'Running' || shown === 'CrashLoopBackOff' || restarts > 0 ? 'Running' : 'Pending',
        conditions: [
          condition('PodScheduled', 'True', '', '', one.pod.createdAt),
          condition(
            'Ready',
            'False',
            'ContainersNotReady',
            'containers with unready status: [server]',
            one.pod.createdAt,
          ),
        ],
        containers: [{ ...(first as ContainerStatus), ready: false, started: false, imageId: '', ...state }, ...rest],
      },
    };
  });
  return { ...world, pods };
}

/** The newest revision's pods wait for a place. */
export function unplaced(world: World, message: string, reason = 'Unschedulable'): World {
  const pods = world.pods.map((one): OnePod =>
    isFresh(world, one)
      ? {
          row: { ...one.row, status: 'Pending', readyContainers: 0, node: '' },
          pod: {
            ...one.pod,
            node: '',
            phase: 'Pending',
            containers: [],
            conditions: [condition('PodScheduled', 'False', reason, message, one.pod.createdAt)],
          },
        }
      : one,
  );
  return { ...world, pods };
}

export function freshNames(world: World): readonly string[] {
  return world.pods.filter((one) => isFresh(world, one)).map((one) => one.row.name);
}

export function readerOf(world: World): Read {
  const guard: Guard =
    (method, get) =>
    (...args) => {
      const failure = world.fails[method];
      return failure === undefined ? Promise.resolve().then(() => get(...args)) : Promise.reject(failure);
    };
  const kubernetes: KubernetesRead = {
    deployment: guard('deployment', () => world.deployment),
    deployments: guard('deployments', () => [
      ...(world.deployment === null ? [] : [rowOf(world.deployment)]),
      ...world.others,
    ]),
    revisions: guard('revisions', (of) => (of.name === 'model-server' ? world.revisions : [])),
    pods: guard('pods', () => world.pods.map((one) => one.row)),
    pod: guard('pod', (of) => world.pods.find((one) => one.pod.name === of.name)?.pod ?? null),
    events: guard('events', () => world.events),
    log: guard('log', (of, options) => {
      const lines = world.logs[`${of.name}/${options.container}${options.previous ? '/previous' : ''}`];
      if (lines === undefined) throw new Failure('not found', `no such log of ${of.name}`);
      return { lines, cut: false };
    }),
    quotas: guard('quotas', () => world.quotas),
    limitRanges: guard('limitRanges', () => world.limitRanges),
    nodes: guard('nodes', () => world.nodes),
    nodeUse: guard('nodeUse', () => world.nodeUse),
    presence: guard('presence', (kind, of): Presence => {
      if (kind === 'Secret' && !world.seesSecrets) throw new Failure('forbidden', 'secrets may not be read here');
      const id = `${kind}/${of.name}`;
      if (world.missing.has(id)) return { there: false };
      const createdAt = world.made[id] ?? ago(60 * 24 * 200);
      return { there: true, keys: world.keys[id] ?? [], createdAt, changedAt: world.written[id] ?? createdAt };
    }),
    autoscaler: guard('autoscaler', () => world.autoscaler),
    ...aroundOf(world, guard),
    podsOn: guard('podsOn', (on: string) => world.podsOn[on] ?? podsOn(world, on)),
  };
  return {
    kubernetes,
    metrics: metricsOf(world.measured),
    service: (of) => {
      const dependsOn = world.depends?.[of.name];
      return { ...world.measured.service, ...(dependsOn === undefined ? {} : { dependsOn }) };
    },
  };
}

function podsOn(world: World, on: string): readonly PodOnNode[] {
  return world.pods
    .filter((one) => one.row.node === on)
    .map(({ row, pod }) => {
      const owner = world.revisions.find((one) => one.uid === row.ownerUid)?.name;
      const { name, terminating } = row;
      return { namespace, name, owner: owner === undefined ? '' : `ReplicaSet/${owner}`, gpus: pod.gpus, terminating };
    });
}

/** Nothing answers. */
export function dark(): World {
  const world = healthy();
  const failure = new Failure('forbidden', 'not allowed for mlp-bot');
  const all = Object.keys(readerOf(world).kubernetes) as (keyof KubernetesRead)[];
  return { ...world, fails: Object.fromEntries(all.map((method) => [method, failure])) };
}

export { at };
