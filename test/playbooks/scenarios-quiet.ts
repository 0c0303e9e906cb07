import { Failure } from '../../src/core/failure.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { ago, condition, container, event, readyPod, registry } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { ended, waits } from './scenarios-start.ts';
import { breakPods, dark, freshNames, healthy, isFresh, rollingOut, unplaced } from './world.ts';
import type { World } from './world.ts';

/** No fault, or hardly to be told: the traps of a naive bot, and the controller's own troubles. */

const image = `${registry}/model-server:v2.4.1`;
const quiet = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world,
});

function withDeployment(world: World, over: Partial<Deployment>): World {
  return { ...world, deployment: world.deployment && { ...world.deployment, ...over } };
}

/** The rollout began two minutes ago and its deadline is far. */
function young(world: World): World {
  const progressing = {
    ...condition(
      'Progressing',
      'True',
      'ReplicaSetUpdated',
      'ReplicaSet "model-server-5d8c7b9f4" is progressing.',
      ago(2),
    ),
    updatedAt: ago(2),
  };
  const pods = world.pods.map((one) =>
    isFresh(world, one) ? { row: { ...one.row, createdAt: ago(2) }, pod: { ...one.pod, createdAt: ago(2) } } : one,
  );
  return withDeployment({ ...world, pods }, { conditions: [progressing] });
}

const unready = (over: Parameters<typeof breakPods>[2] = {}): World =>
  breakPods(rollingOut({ containers: [container({ image })] }), 'Running', {
    image,
    started: true,
    state: { is: 'running', since: ago(25) },
    ...over,
  });

const probeFails = (world: World, probe: string, said: string): World => ({
  ...world,
  events: freshNames(world).map((name) =>
    event({ name, reason: 'Unhealthy', message: `${probe} probe failed: ${said}`, count: 130 }),
  ),
});

const startup = {
  asks: 'GET :8080/health',
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  failureThreshold: 90,
};

/** The pause came before the newest change: no ReplicaSet was made for it. */
function pausedBefore(): World {
  const world = rollingOut({}, 0);
  const [old] = world.revisions;
  if (old === undefined) throw new Error('no such world');
  const all = healthy();
  const condition_ = {
    ...condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', ago(40)),
    updatedAt: ago(40),
  };
  return withDeployment(
    { ...world, revisions: [{ ...old, replicas: { wanted: 12, ready: 12, available: 12 } }], pods: all.pods },
    {
      paused: true,
      conditions: [condition_],
      replicas: { wanted: 12, total: 12, updated: 0, ready: 12, available: 12, unavailable: 0 },
    },
  );
}

function pausedCanary(): World {
  const world = rollingOut({}, 2);
  const all = healthy().pods.slice(0, 10);
  const fresh = world.revisions.at(-1);
  if (fresh === undefined) throw new Error('no such world');
  return withDeployment(
    { ...world, pods: [...all, ...[0, 1].map((index) => readyPod(fresh, index, ago(26)))] },
    {
      paused: true,
      conditions: [condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', ago(20))],
      replicas: { wanted: 12, total: 12, updated: 2, ready: 12, available: 12, unavailable: 0 },
    },
  );
}

function pausedBroken(): World {
  const last = ended(1);
  const world = breakPods(rollingOut(), 'CrashLoopBackOff', {
    image,
    state: { is: 'waiting', reason: 'CrashLoopBackOff', message: '' },
    last,
    restarts: 7,
  });
  return withDeployment(world, {
    paused: true,
    conditions: [condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', ago(20))],
  });
}

/** Twelve pods that ran for days; all their containers run, three answer no more. */
function lateUnready(room: boolean): World {
  const base = healthy();
  const world = breakPods(base, 'Running', { started: true, state: { is: 'running', since: ago(4000) } }, 3);
  const pods = world.pods.map((one) =>
    one.row.readyContainers === 1
      ? one
      : {
          ...one,
          pod: {
            ...one.pod,
            conditions: [
              condition('PodScheduled', 'True', '', '', ago(4320)),
              condition('Ready', 'False', 'ContainersNotReady', 'containers with unready status: [server]', ago(18)),
            ],
          },
        },
  );
  const strategy = {
    type: 'RollingUpdate',
    maxSurge: '1',
    maxUnavailable: '0',
    surgePods: 1,
    unavailablePods: 0,
  } as const;
  const of = withDeployment(
    { ...world, pods },
    { strategy, replicas: { wanted: 12, total: 12, updated: 12, ready: 9, available: 9, unavailable: 3 } },
  );
  const free = { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '1' };
  return probeFails(
    { ...of, nodeUse: room ? of.nodeUse.map((one) => ({ ...one, requested: free })) : of.nodeUse },
    'Readiness',
    'Get "http://10.0.3.7:8080/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
  );
}

export const quietScenarios: readonly Scenario[] = [
  quiet('healthy', 'All well: nothing may be found', healthy),
  quiet('forbidden', 'The bot may read nothing: everything is "could not tell"', dark),
  quiet('events-and-logs-forbidden', 'Events may not be read: what hangs on them cannot be told', () => ({
    ...waits('ContainerCreating', ''),
    fails: {
      events: new Failure('forbidden', 'events may not be listed'),
      log: new Failure('forbidden', 'logs may not be read'),
    },
  })),
  quiet('no-such-deployment', 'It does not exist in this region', () => ({ ...healthy(), deployment: null })),
  quiet('controller-not-observing', 'The deployment controller does not react', () =>
    withDeployment(healthy(), { generation: 41, templateChangedBy: { manager: 'kubectl-set', at: ago(14) } }),
  ),
  quiet('paused', 'Paused before the newest change: nothing of it has begun', pausedBefore),
  quiet('paused-broken', 'Paused in the middle, and the new pods crash', pausedBroken),
  quiet('readiness', 'The new version answers 503', () =>
    probeFails(unready(), 'Readiness', 'HTTP probe failed with statuscode: 503'),
  ),
  quiet('readiness-late', 'Pods that ran for days answer no more: a restart could help', () => lateUnready(true)),
  quiet('readiness-late-no-room', 'The same, but a restart would hang for want of a GPU', () => lateUnready(false)),
  quiet('readiness-gate', 'The load balancer does not take the pods in', () => {
    const world = rollingOut();
    const message =
      'the status of pod readiness gate "target-health.elbv2.k8s.aws/k8s-mlplatf-1" is not "True", but False';
    const pods = world.pods.map((one) =>
      isFresh(world, one)
        ? {
            ...one,
            pod: {
              ...one.pod,
              conditions: [
                condition('PodScheduled', 'True', '', '', ago(26)),
                condition('Ready', 'False', 'ReadinessGatesNotReady', message, ago(26)),
              ],
            },
          }
        : one,
    );
    return { ...world, pods };
  }),
  quiet('unexplained', 'Stuck, and none of the causes fits', () =>
    breakPods(rollingOut(), 'Running', { image, started: false, state: { is: 'running', since: ago(25) } }),
  ),
  quiet('quiet-large-image', 'A large image is still being pulled', () => {
    const world = young(waits('ContainerCreating', ''));
    return {
      ...world,
      events: freshNames(world).map((name) =>
        event({
          name,
          type: 'Normal',
          reason: 'Pulling',
          message: `Pulling image "${image}"`,
          firstAt: ago(2),
          lastAt: ago(2),
        }),
      ),
    };
  }),
  quiet('quiet-autoscaler-adds-node', 'The autoscaler is adding a node', () => {
    const world = young(unplaced(rollingOut(), '0/2 nodes are available: 2 Insufficient nvidia.com/gpu.'));
    const pods = world.pods.map((one) =>
      isFresh(world, one)
        ? { ...one, pod: { ...one.pod, conditions: one.pod.conditions.map((each) => ({ ...each, since: ago(3) })) } }
        : one,
    );
    return {
      ...world,
      pods,
      events: freshNames(world).map((name) =>
        event({
          name,
          type: 'Normal',
          reason: 'TriggeredScaleUp',
          message: 'pod triggered scale-up: [{gpu-pool 2->3 (max: 8)}]',
          lastAt: ago(2),
        }),
      ),
    };
  }),
  quiet('quiet-min-ready-seconds', 'Ready, but not yet for minReadySeconds', () =>
    withDeployment(young(rollingOut()), {
      minReadySeconds: 120,
      replicas: { wanted: 12, total: 15, updated: 6, ready: 15, available: 9, unavailable: 6 },
    }),
  ),
  quiet('quiet-slow-model-load', 'The model loads within what its startup probe allows', () =>
    probeFails(
      young(
        breakPods(rollingOut({ containers: [container({ image, startup })] }), 'Running', {
          image,
          started: false,
          state: { is: 'running', since: ago(2) },
        }),
      ),
      'Startup',
      'Get "http://10.0.3.7:8080/health": dial tcp 10.0.3.7:8080: connect: connection refused',
    ),
  ),
  quiet('quiet-flagger-target', "Flagger's target stands at 0 replicas", () =>
    withDeployment(
      { ...healthy(), pods: [] },
      {
        owner: { kind: 'flagger', name: 'model-server', reverts: 'at once' },
        replicas: { wanted: 0, total: 0, updated: 0, ready: 0, available: 0, unavailable: 0 },
      },
    ),
  ),
  quiet('quiet-paused-canary', 'A canary of two pods, paused on purpose and healthy', pausedCanary),
  quiet('quiet-leftovers', 'Evicted leftovers of last week beside a healthy deployment', () => {
    const world = healthy();
    const [one] = world.pods;
    if (one === undefined) throw new Error('no such world');
    const old = {
      row: { ...one.row, name: `${one.row.name}0`, status: 'Evicted', readyContainers: 0 },
      pod: { ...one.pod, phase: 'Failed' as const, reason: 'Evicted' },
    };
    return { ...world, pods: [...world.pods, old] };
  }),
  quiet('quiet-hpa-in-rollout', 'The autoscaler adds pods in the middle of a rollout', () => {
    const world = young(rollingOut());
    const scaled = withDeployment(world, {
      replicas: { wanted: 16, total: 15, updated: 6, ready: 15, available: 15, unavailable: 1 },
      generation: 43,
      observedGeneration: 43,
    });
    return {
      ...scaled,
      autoscaler: { name: 'model-server', min: 12, max: 24, current: 15, desired: 16, conditions: [] },
    };
  }),
  quiet('quiet-single-pull-error', 'One ErrImagePull that then succeeded', () => {
    const world = young(rollingOut());
    const [name = ''] = freshNames(world);
    return withDeployment(
      {
        ...world,
        events: [
          event({
            name,
            reason: 'Failed',
            message: `Failed to pull image "${image}": rpc error: code = Unknown desc = failed to do request: i/o timeout`,
          }),
        ],
      },
      { replicas: { wanted: 12, total: 15, updated: 6, ready: 15, available: 15, unavailable: 0 } },
    );
  }),
  quiet('quiet-cold-pods', 'Pods of a scale-out two minutes ago are not ready yet', () => {
    const world = young(unready({ state: { is: 'running', since: ago(2) } }));
    const pods = world.pods.map((one) =>
      isFresh(world, one)
        ? { ...one, pod: { ...one.pod, conditions: one.pod.conditions.map((each) => ({ ...each, since: ago(2) })) } }
        : one,
    );
    return probeFails({ ...world, pods }, 'Readiness', 'HTTP probe failed with statuscode: 503');
  }),
  quiet('quiet-single-restart', 'One crash an hour ago, running and ready since', () => {
    const world = healthy();
    const pods = world.pods.map((one, index) =>
      index > 0
        ? one
        : {
            row: { ...one.row, restarts: 1 },
            pod: {
              ...one.pod,
              containers: one.pod.containers.map((each) => ({ ...each, restarts: 1, last: ended(1) })),
            },
          },
    );
    return { ...world, pods };
  }),
];
