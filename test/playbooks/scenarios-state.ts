import { Failure } from '../../src/core/failure.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { ago, condition, container, event, registry } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { ended, waits } from './scenarios-start.ts';
import { breakPods, dark, freshNames, healthy, isFresh, rollingOut } from './world.ts';
import type { World } from './world.ts';

/** What is none of the pods' start: probes, pauses, the controller; and what cannot be told. */

const image = `${registry}/model-server:v2.4.1`;
const state = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world,
});

export function withDeployment(world: World, over: Partial<Deployment>): World {
  return { ...world, deployment: world.deployment && { ...world.deployment, ...over } };
}

export const unready = (over: Parameters<typeof breakPods>[2] = {}): World =>
  breakPods(rollingOut({ containers: [container({ image })] }), 'Running', {
    image,
    started: true,
    state: { is: 'running', since: ago(25) },
    ...over,
  });

export const probeFails = (world: World, probe: string, said: string): World => ({
  ...world,
  events: freshNames(world).map((name) =>
    event({ name, reason: 'Unhealthy', message: `${probe} probe failed: ${said}`, count: 130 }),
  ),
});

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

export const stateScenarios: readonly Scenario[] = [
  state('late-but-starting', 'The deadline has passed, but what held the pods up is over: they start just now', () =>
    breakPods(rollingOut({ containers: [container({ image })] }), 'Running', {
      image,
      started: false,
      state: { is: 'running', since: ago(1) },
    }),
  ),
  state('healthy', 'All well: nothing may be found', healthy),
  state('forbidden', 'The bot may read nothing: everything is "could not tell"', dark),
  state('events-and-logs-forbidden', 'Events may not be read: what hangs on them cannot be told', () => ({
    ...waits('ContainerCreating', ''),
    fails: {
      events: new Failure('forbidden', 'events may not be listed'),
      log: new Failure('forbidden', 'logs may not be read'),
    },
  })),
  state('no-such-deployment', 'It does not exist in this region', () => ({ ...healthy(), deployment: null })),
  state('controller-not-observing', 'The deployment controller does not react', () =>
    withDeployment(healthy(), { generation: 41, templateChangedBy: { manager: 'kubectl-set', at: ago(14) } }),
  ),
  state('paused', 'Paused before the newest change: nothing of it has begun', pausedBefore),
  state('paused-broken', 'Paused in the middle, and the new pods crash', pausedBroken),
  state('readiness', 'The new version answers 503', () =>
    probeFails(unready(), 'Readiness', 'HTTP probe failed with statuscode: 503'),
  ),
  state('readiness-late', 'Pods that ran for days answer no more: a restart could help', () => lateUnready(true)),
  state('readiness-late-no-room', 'The same, but a restart would hang for want of a GPU', () => lateUnready(false)),
  state('readiness-gate', 'The load balancer does not take the pods in', () => {
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
  state('unexplained', 'Stuck, and none of the causes fits', () =>
    breakPods(rollingOut(), 'Running', { image, started: false, state: { is: 'running', since: ago(25) } }),
  ),
];
