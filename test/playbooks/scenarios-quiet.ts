import { ago, condition, container, event, readyPod, registry } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { ended, waits } from './scenarios-start.ts';
import { probeFails, unready, withDeployment } from './scenarios-state.ts';
import { breakPods, freshNames, healthy, isFresh, rollingOut, unplaced } from './world.ts';
import type { World } from './world.ts';

/** No fault: the traps of a naive bot. */

const image = `${registry}/model-server:v2.4.1`;
const quiet = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world,
});

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

const startup = {
  asks: 'GET :8080/health',
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  failureThreshold: 90,
};

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

export const quietScenarios: readonly Scenario[] = [
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
      autoscaler: {
        name: 'model-server',
        min: 12,
        max: 24,
        current: 15,
        desired: 16,
        conditions: [],
        uid: 'hpa-1',
        metrics: [],
        scaledObject: null,
      },
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
