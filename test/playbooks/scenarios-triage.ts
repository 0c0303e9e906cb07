import { Failure } from '../../src/core/failure.ts';
import type { Workload } from '../../src/core/ports/kubernetes.ts';
import { ago, event, namespace, node } from './objects.ts';
import type { OnePod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { pullFails } from './scenarios-image.ts';
import { breakPods, dark, freshNames, healthy, isFresh, rollingOut } from './world.ts';
import type { DeploymentRow, World } from './world.ts';

const gateway: DeploymentRow = { namespace, name: 'api-gateway', wanted: 3, ready: 3, updated: 3, available: 3 };

const about = (name: string, text: string, world: () => World, of = ''): Scenario => ({
  name,
  about: text,
  playbook: 'triage',
  world: () => {
    const made = world();
    return made.pods.length === 0 ? made : { ...made, others: [gateway] };
  },
  target: { namespace, name: of },
});

/** A pod that no ReplicaSet made. */
function alone(name: string, status: string, world: World): World {
  const [first] = world.pods;
  if (first === undefined) throw new Error('no such world');
  const row = {
    ...first.row,
    name,
    uid: `uid-${name}`,
    hash: '',
    ownerUid: 'other',
    status,
    readyContainers: 0,
    restarts: 9,
    createdAt: ago(90),
  };
  const one: OnePod = { row, pod: { ...first.pod, name } };
  return { ...world, pods: [...world.pods, one] };
}

function stateful(over: Partial<Workload>): Workload {
  return {
    namespace,
    name: 'postgres',
    kind: 'StatefulSet',
    uid: 'sts-1',
    selector: 'app=postgres',
    wanted: 1,
    ready: 1,
    updated: 1,
    failed: 0,
    partition: null,
    strategy: 'RollingUpdate',
    images: ['postgres:16.9'],
    ...over,
  };
}

const notFound = 'rpc error: code = NotFound desc = model-server:v2.4.1: not found';

export const triageScenarios: readonly Scenario[] = [
  about('namespace-goes', 'Somebody deletes the namespace', () => {
    const phase = { phase: 'Terminating', terminatingSince: ago(4), waitsFor: [] } as const;
    return { ...healthy(), namespace: { name: namespace, ...phase, podSecurity: null } };
  }),
  about('healthy', 'All well in the namespace', healthy),
  about('forbidden', 'The bot may read nothing', dark),
  about('rollout-broken', 'A rollout is stuck: handed over to the playbook that knows more', () => pullFails(notFound)),
  about('rollout-broken-named', 'The same, asked about by name', () => pullFails(notFound), 'model-server'),
  about('behind-without-trouble', 'All pods are ready, but none is of the newest version', () => {
    const world = healthy();
    const replicas = { wanted: 12, total: 12, updated: 0, ready: 12, available: 12, unavailable: 0 };
    return { ...world, deployment: world.deployment && { ...world.deployment, replicas } };
  }),
  about('stateful-pod', 'A database pod crashes: no playbook, but seen', () => {
    const world = alone('postgres-0', 'CrashLoopBackOff', healthy());
    const message = 'Back-off restarting failed container postgres in pod postgres-0';
    return { ...world, events: [event({ name: 'postgres-0', reason: 'BackOff', message, count: 44 })] };
  }),
  about('stateful-set-short', 'A pod of a StatefulSet is missing altogether: no pod says so', () => ({
    ...healthy(),
    workloads: [stateful({ wanted: 3, ready: 2, updated: 2 })],
  })),
  about(
    'stateful-set-named',
    'Asked about a StatefulSet that is well: what was looked at is said, and what not',
    () => {
      const world = alone('postgres-0', 'Running', healthy());
      const pods = world.pods
        .filter((one) => one.row.name === 'postgres-0')
        .map((one) => ({ ...one, row: { ...one.row, readyContainers: one.row.containers } }));
      return { ...world, pods, workloads: [stateful({})] };
    },
    'postgres',
  ),
  about('stateful-set-not-seen', 'StatefulSets may not be listed: not called well', () => ({
    ...healthy(),
    fails: { workloads: new Failure('forbidden', 'statefulsets may not be listed') },
  })),
  about('quiet-stateful-set-partition', 'A StatefulSet held back by its partition on purpose', () => ({
    ...healthy(),
    workloads: [stateful({ wanted: 3, ready: 3, updated: 1, partition: 2 })],
  })),
  about('nodes', 'One node is silent, one has disk pressure', () => ({
    ...healthy(),
    nodes: [node(1, { ready: 'Unknown', readySince: ago(12) }), node(2, { pressures: ['DiskPressure'] }), node(3)],
  })),
  about('no-such-name', 'A name that is not there, but one like it is', healthy, 'model-servr'),
  about('no-such-namespace', 'Nothing at all in the namespace', () => ({ ...healthy(), deployment: null, pods: [] })),
  about('quiet-rollout-going-on', 'A rollout two minutes old is no fault', () => {
    const world = breakPods(rollingOut(), 'ContainerCreating', {
      state: { is: 'waiting', reason: 'ContainerCreating', message: '' },
    });
    const pods = world.pods.map((one) =>
      isFresh(world, one) ? { ...one, row: { ...one.row, createdAt: ago(2) } } : one,
    );
    const message = 'Startup probe failed: connection refused';
    return { ...world, pods, events: freshNames(world).map((name) => event({ name, reason: 'Unhealthy', message })) };
  }),
  about('quiet-job-pods', 'Pods of jobs that are done', () => alone('nightly-28812345-x2x7k', 'Completed', healthy())),
];
