import type { Deployment, Node, Placement } from '../../src/core/ports/kubernetes.ts';
import { ago, condition, container, event, node, nodeUse, readyPod, registry, template } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { breakPods, freshNames, healthy, isFresh, rollingOut, unplaced } from './world.ts';
import type { World } from './world.ts';

const image = `${registry}/model-server:v2.4.1`;
const place = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world,
});
const none = (what: string): string =>
  `0/2 nodes are available: ${what}. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.`;

function withDeployment(world: World, over: Partial<Deployment>): World {
  return { ...world, deployment: world.deployment && { ...world.deployment, ...over } };
}

/** What the new version wants of its place, and the old did not. */
const wanting = (over: Partial<Placement>): World =>
  rollingOut({
    containers: [container({ image })],
    placement: { ...template().placement, ...over },
  });

const more = (requests: Readonly<Record<string, string>>): World =>
  rollingOut({ containers: [container({ image, requests, limits: {} })] });
const roomy = [
  nodeUse(1, { requested: { cpu: '30', memory: '120Gi', 'nvidia.com/gpu': '4' } }),
  nodeUse(2, { requested: { cpu: '29', memory: '118Gi', 'nvidia.com/gpu': '4' } }),
];

/** maxUnavailable of 3 pods at 25 % rounds to 0; the one surge pod waits. */
function deadlocked(): World {
  const world = rollingOut({}, 1);
  const [old, fresh] = world.revisions;
  if (old === undefined || fresh === undefined) throw new Error('no such world');
  const kept = world.pods.filter((one) => !isFresh(world, one)).slice(0, 3);
  return unplaced(
    withDeployment(
      {
        ...world,
        revisions: [
          { ...old, replicas: { wanted: 3, ready: 3, available: 3 } },
          { ...fresh, replicas: { wanted: 1, ready: 0, available: 0 } },
        ],
        pods: [...kept, ...world.pods.filter((one) => isFresh(world, one))],
      },
      {
        replicas: { wanted: 3, total: 4, updated: 1, ready: 3, available: 3, unavailable: 1 },
        strategy: { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%', surgePods: 1, unavailablePods: 0 },
      },
    ),
    none('2 Insufficient nvidia.com/gpu'),
  );
}

function refused(message: string, over: Partial<World> = {}): World {
  const world = rollingOut({}, 0);
  const failing = condition('ReplicaFailure', 'True', 'FailedCreate', message, ago(26));
  const [old, fresh] = world.revisions;
  if (old === undefined || fresh === undefined || world.deployment === null) throw new Error('no such world');
  return {
    ...withDeployment(world, { conditions: [...world.deployment.conditions, failing] }),
    revisions: [old, { ...fresh, conditions: [failing] }],
    ...over,
  };
}
function going(): Partial<World> {
  const waitsFor = ['Some content in the namespace has finalizers remaining: test/kept in 1 resource instances'];
  const phase = { phase: 'Terminating', terminatingSince: ago(29), waitsFor } as const;
  return { namespace: { name: 'ml-platform', ...phase, podSecurity: null } };
}

/** The new version mounts a claim of this class. */
function unbound(storageClass: string, message: string): World {
  const volumes = [{ name: 'models', from: 'claim', source: 'models', optional: false }] as const;
  const world = rollingOut({ containers: [container({ image })], volumes });
  const modes = ['ReadWriteOnce'];
  const claim = {
    name: 'models',
    phase: 'Pending',
    storageClass,
    volume: '',
    size: '200Gi',
    modes,
    zones: [],
  } as const;
  return unplaced({ ...world, claims: [claim] }, none(message));
}

const pod = 'pods "model-server-5d8c7b9f4-x2x7k" is forbidden:';

function silent(numbers: readonly number[]): World {
  const world = healthy();
  const nodes = world.nodes.map((one, index): Node =>
    numbers.includes(index + 1) ? node(index + 1, { ready: 'Unknown', readySince: ago(12) }) : one,
  );
  const pods = world.pods.map((one) =>
    nodes.find((each) => each.name === one.row.node)?.ready === 'True'
      ? one
      : {
          row: one.row,
          pod: {
            ...one.pod,
            conditions: [
              condition('PodScheduled', 'True', '', '', ago(4000)),
              condition('Ready', 'False', '', '', ago(11)),
            ],
          },
        },
  );
  const ready = pods.filter((one) =>
    one.pod.conditions.some((each) => each.type === 'Ready' && each.status === 'True'),
  ).length;
  return withDeployment(
    { ...world, nodes, pods },
    { replicas: { wanted: 12, total: 12, updated: 12, ready, available: ready, unavailable: 12 - ready } },
  );
}

export const placeScenarios: readonly Scenario[] = [
  place('no-gpu', 'The new version asks for two GPUs, no node has two free', () => ({
    ...unplaced(more({ cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '2' }), none('2 Insufficient nvidia.com/gpu')),
    nodeUse: [nodeUse(1, { requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '3' } }), nodeUse(2)],
  })),
  place('no-cpu', 'The new version asks for more CPU than any node has free', () => ({
    ...unplaced(more({ cpu: '16', memory: '8Gi' }), none('2 Insufficient cpu')),
    nodeUse: roomy,
  })),
  place('no-memory', 'The new version asks for more memory; the autoscaler is at its limit', () => {
    const world = unplaced(more({ cpu: '2', memory: '64Gi' }), none('2 Insufficient memory'));
    const message = "pod didn't trigger scale-up: 1 max node group size reached";
    return {
      ...world,
      nodeUse: roomy,
      events: freshNames(world).map((name) => event({ name, reason: 'NotTriggerScaleUp', type: 'Normal', message })),
    };
  }),
  place('no-other-resource', 'The scratch disk does not suffice', () =>
    unplaced(more({ cpu: '2', memory: '8Gi', 'ephemeral-storage': '900Gi' }), none('2 Insufficient ephemeral-storage')),
  ),
  place('max-pods', 'The nodes hold as many pods as they may', () => ({
    ...unplaced(rollingOut(), none('2 Too many pods')),
    nodeUse: [nodeUse(1, { pods: 58 }), nodeUse(2, { pods: 58 })],
  })),
  place('taints', 'A taint that the pods do not tolerate', () =>
    unplaced(rollingOut(), none('2 node(s) had untolerated taint {dedicated: training}')),
  ),
  place('taints-toleration-lost', 'The new version lost the toleration that the old one has', () => {
    const world = unplaced(rollingOut(), none('2 node(s) had untolerated taint {dedicated: training}'));
    const [old, fresh] = world.revisions;
    if (old === undefined || fresh === undefined) throw new Error('no such world');
    const placement = { ...old.template.placement, tolerations: 'dedicated=training:NoSchedule' };
    return { ...world, revisions: [{ ...old, template: { ...old.template, placement } }, fresh] };
  }),
  place('node-selector', 'No node has the label that the new version selects', () =>
    unplaced(
      rollingOut({ containers: [container({ image })], nodeSelector: { accelerator: 'a100' } }),
      none("2 node(s) didn't match Pod's node affinity/selector"),
    ),
  ),
  place('nodes-cordoned', 'All nodes are cordoned', () => unplaced(rollingOut(), none('2 node(s) were unschedulable'))),
  place('pod-affinity', 'Anti-affinity leaves no node', () =>
    unplaced(
      wanting({ podAffinity: 'apart from app=model-server per kubernetes.io/hostname' }),
      none("2 node(s) didn't match pod anti-affinity rules"),
    ),
  ),
  place('spread', 'The spread over zones leaves no node', () =>
    unplaced(
      wanting({ spread: 'app=model-server per topology.kubernetes.io/zone, skew at most 1' }),
      none("2 node(s) didn't match pod topology spread constraints"),
    ),
  ),
  place('host-port', 'The host port is taken', () =>
    unplaced(wanting({ hostPorts: '8080/TCP' }), none("2 node(s) didn't have free ports for the requested pod ports")),
  ),
  place('volume-placement', 'The claim lives in another zone', () =>
    unplaced(rollingOut(), none('2 node(s) had volume node affinity conflict')),
  ),
  place('scheduling-gates', 'A scheduling gate is left', () =>
    unplaced(rollingOut(), 'Scheduling is blocked due to non-empty scheduling gates', 'SchedulingGated'),
  ),
  place('not-placed-untold', 'Words of another scheduler', () => unplaced(rollingOut(), 'gang is not complete')),
  place('surge-deadlock', 'maxUnavailable rounds to 0 and the surge pod finds no GPU', deadlocked),
  place('gpus-terminating', 'Pods that are terminating still hold the GPUs', () => {
    const world = unplaced(rollingOut(), none('2 Insufficient nvidia.com/gpu'));
    const ending = world.pods.slice(0, 2).map((one) => ({
      row: { ...one.row, status: 'Terminating', terminating: true },
      pod: { ...one.pod, terminating: true },
    }));
    return {
      ...world,
      pods: [...ending, ...world.pods.slice(2)],
      nodeUse: [nodeUse(1, { gpusTerminating: 2 }), nodeUse(2)],
    };
  }),
  place('quota', 'The GPU quota of the namespace is used up', () =>
    refused(
      `${pod} exceeded quota: gpu, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=9, limited: requests.nvidia.com/gpu=9`,
      {
        quotas: [{ name: 'gpu', hard: { 'requests.nvidia.com/gpu': '9' }, used: { 'requests.nvidia.com/gpu': '9' } }],
      },
    ),
  ),
  place('quota-must-specify', 'The quota wants a CPU limit', () =>
    refused(`${pod} failed quota: compute: must specify limits.cpu for: server`),
  ),
  place('limit-range', 'The limit is over the maximum of the limit range', () =>
    refused(`${pod} maximum memory usage per Container is 8Gi, but limit is 16Gi`, {
      limitRanges: [{ name: 'limits', limits: [{ type: 'Container', min: {}, max: { memory: '8Gi' }, default: {} }] }],
    }),
  ),
  place('namespace-goes', 'Somebody deletes the namespace', () =>
    refused(`${pod} unable to create new content in namespace ml-platform because it is being terminated`, going()),
  ),
  place('storage-class-missing', 'The new version wants a volume of a class that is not there', () =>
    unbound('fast', 'pod has unbound immediate PersistentVolumeClaims'),
  ),
  place(
    'volume-when-first-used',
    'The volume is only made once the pod is placed, and the GPUs are what is missing',
    () => unbound('gp3', '2 Insufficient nvidia.com/gpu'),
  ),
  place('pod-security', 'PodSecurity refuses the pods', () =>
    refused(
      `${pod} violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "server" must set securityContext.allowPrivilegeEscalation=false)`,
    ),
  ),
  place('webhook-denies', 'An admission webhook refuses the pods', () =>
    refused(
      'admission webhook "validate.kyverno.svc-fail" denied the request: policy require-labels: label team is required',
    ),
  ),
  place('webhook-down', 'An admission webhook does not answer and fails closed', () =>
    refused(
      'Internal error occurred: failed calling webhook "vault.hashicorp.com": failed to call webhook: Post "https://vault-agent-injector-svc.vault.svc:443/mutate?timeout=10s": no endpoints available for service "vault-agent-injector-svc"',
    ),
  ),
  place('service-account-missing', 'The service account was deleted', () =>
    refused(
      `${pod} error looking up service account ml-platform/model-server: serviceaccount "model-server" not found`,
    ),
  ),
  place('pods-not-made', 'The API server refuses the pods for a reason of its own', () =>
    refused(`${pod} no PriorityClass with name gpu-high was found`),
  ),
  place('node-gone', 'One of two nodes does not report', () => silent([1])),
  place('node-gone-just-now', 'The node fell silent two minutes ago: nothing is replaced yet', () => {
    const world = silent([1]);
    return {
      ...world,
      nodes: world.nodes.map((one) => (one.ready === 'True' ? one : { ...one, readySince: ago(2) })),
    };
  }),
  place('node-gone-no-room', 'The pods of the lost node are replaced, and the GPUs of the rest do not suffice', () => {
    const world = silent([1]);
    const [current] = world.revisions;
    if (current === undefined) throw new Error('no such world');
    const lost = world.pods.filter((one) => one.row.node === 'gpu-1');
    const rest = world.pods.filter((one) => one.row.node !== 'gpu-1');
    const ending = lost.map((one) => ({
      row: { ...one.row, status: 'Terminating', terminating: true },
      pod: { ...one.pod, terminating: true },
    }));
    const anew = lost.map((_, index) => readyPod(current, 30 + index, ago(6)));
    const message = `0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.`;
    const waiting = unplaced({ ...world, pods: anew }, message).pods;
    return { ...world, pods: [...rest, ...ending, ...waiting] };
  }),
  place('all-nodes-silent', 'No node reports: pods stay "Running"', () => silent([1, 2])),
  place('kubelet-refuses', 'A GPU is unhealthy: the node refuses pods that were placed on it', () => {
    const world = breakPods(
      rollingOut(),
      'Pending',
      { image, state: { is: 'waiting', reason: 'ContainerCreating', message: '' } },
      1,
    );
    const message =
      'Allocate failed due to no healthy devices present; cannot allocate unhealthy devices nvidia.com/gpu, which is unexpected';
    const pods = world.pods.map((one, index) =>
      isFresh(world, one) && index > 10
        ? {
            row: { ...one.row, status: 'UnexpectedAdmissionError', readyContainers: 0 },
            pod: { ...one.pod, phase: 'Failed' as const, reason: 'UnexpectedAdmissionError', message },
          }
        : one,
    );
    const [name = ''] = freshNames(world).slice(2);
    return { ...world, pods, events: [event({ name, reason: 'UnexpectedAdmissionError', message })] };
  }),
  place('evictions', 'Nodes evict pods for want of scratch disk', () => {
    const world = rollingOut();
    const message = 'The node was low on resource: ephemeral-storage. Threshold quantity: 8Gi, available: 5Gi.';
    const pods = world.pods.map((one, index) =>
      isFresh(world, one) && index > 9
        ? {
            row: { ...one.row, status: 'Evicted', readyContainers: 0 },
            pod: { ...one.pod, phase: 'Failed' as const, reason: 'Evicted', message },
          }
        : one,
    );
    const [name = ''] = freshNames(world).slice(2);
    return { ...world, pods, events: [event({ name, reason: 'Evicted', message, count: 4 })] };
  }),
];
