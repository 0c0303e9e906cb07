import { container, node, nodeUse, readyPod, ago, template, deployment, revision } from './objects.ts';
import type { OnePod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { healthy } from './world.ts';
import type { World } from './world.ts';
import { released } from './world-served.ts';
import { from, slow, slowFor, taking } from './world-slow.ts';
import type { Taking } from './world-slow.ts';

/** Requests that take too long: one scenario for each cause. What is no fault stands in scenarios-slow-quiet.ts. */

export const slowly = (name: string, about: string, over: Partial<Taking>, world: () => World = healthy): Scenario => ({
  name,
  about,
  playbook: 'slow-inference',
  world: () => taking(world(), { ...slow, ...over }),
});

/** GPUs are free for two more pods on each node. */
const free = (world: World): World => ({
  ...world,
  nodeUse: world.nodeUse.map((one) => ({ ...one, requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '2' } })),
});

/** Its container may use so much CPU at most. */
function limited(cpu: string, variables: Record<string, string> = {}): World {
  const world = healthy();
  const now = template({
    containers: [
      container({
        requests: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
        limits: { cpu, memory: '16Gi', 'nvidia.com/gpu': '1' },
      }),
    ],
  });
  const current = revision(16, now, { replicas: { wanted: 12, ready: 12, available: 12 } });
  return { ...world, deployment: deployment(now), revisions: [current], variables };
}

const scaler = {
  name: 'model-server',
  min: 12,
  max: 24,
  current: 12,
  desired: 12,
  conditions: [],
  uid: 'hpa-1',
  metrics: [{ name: 'cpu', current: '55%', target: '80%' }],
  scaledObject: null,
};

/** Four pods more since 26 minutes ago. */
export function scaledOut(minutes: number): World {
  const world = healthy();
  const [current] = world.revisions;
  if (current === undefined) throw new Error('no such world');
  const more = Array.from({ length: 4 }, (_, index) => readyPod(current, index + 12, ago(minutes)));
  const replicas = { wanted: 16, total: 16, updated: 16, ready: 16, available: 16, unavailable: 0 };
  return {
    ...world,
    deployment: world.deployment === null ? null : { ...world.deployment, replicas },
    pods: [...world.pods, ...more],
    nodes: [1, 2, 3, 4].map((number) => node(number)),
    nodeUse: [1, 2, 3, 4].map((number) => nodeUse(number)),
  };
}

export const isYoung = (one: OnePod): boolean => Date.parse(one.row.createdAt) > Date.parse(ago(60));
const onGpu2 = (one: OnePod): boolean => one.row.node === 'gpu-2';
const isThird = (one: OnePod): boolean => one.row.name === healthy().pods[2]?.row.name;
/** Of all requests: slow is a part of the pods. */
export const inPart: Partial<Taking> = { p95: from(0.311, 0.146), p99: from(0.482, 0.226) };

/** A wait of about a second: as long as so many that wait take at 28 a second. */
const waiting: Partial<Taking> = {
  p95: from(1.42, 0.146),
  p99: from(1.8, 0.226),
  p95Of: slowFor(() => true, 1.42, 0.146),
  took: (index) => 1.1 + (index % 20) * 0.02,
};

const computing: readonly Scenario[] = [
  slowly('threads', 'OMP_NUM_THREADS was set to the cores of the node', { cpu: () => 1.4 }, () =>
    released({ OMP_NUM_THREADS: '32' }),
  ),
  slowly(
    'threads-not-set',
    'OMP_NUM_THREADS is not set, and the container has a CPU limit',
    { throttled: slowFor(() => true, 0.58, 0.57), cpu: () => 1.9, without: ['queue'] },
    () => limited('2', { OMP_NUM_THREADS: '' }),
  ),
  slowly(
    'threads-from-elsewhere',
    'The number of threads is no number that can be read, and nobody counts throttled periods',
    { without: ['cpu throttled', 'queue', 'gpu busy'] },
    () => limited('2', { OMP_NUM_THREADS: 'auto' }),
  ),
  slowly(
    'cpu-throttled',
    'A CPU limit of 2 holds the containers back',
    { throttled: slowFor(() => true, 0.62, 0.04), cpu: () => 2, gpu: slowFor(() => true, 0.24, 0.56) },
    () => limited('2'),
  ),
  slowly(
    'gpu-idle',
    'Since a release the GPUs wait for the CPU',
    { gpu: slowFor(() => true, 0.09, 0.56), cpu: slowFor(() => true, 1.9, 1.2) },
    released,
  ),
  slowly(
    'gpu-saturated',
    'The GPUs have no time left, nothing scales it by itself',
    { gpu: slowFor(() => true, 0.985, 0.62), queue: from(7, 1) },
    () => free(healthy()),
  ),
  slowly(
    'gpu-saturated-autoscaler',
    'The GPUs have no time left, and the autoscaler goes by CPU',
    { gpu: slowFor(() => true, 0.985, 0.62), queue: from(7, 1) },
    () => ({ ...free(healthy()), autoscaler: scaler }),
  ),
  slowly('gpu-saturated-no-room', 'The GPUs have no time left, and no node has another one', {
    gpu: slowFor(() => true, 0.985, 0.62),
    queue: from(7, 1),
  }),
  slowly('gpu-busy-queue-unknown', 'The GPUs are busy; whether requests wait is not counted', {
    gpu: slowFor(() => true, 0.985, 0.62),
    without: ['queue'],
    waits: 0.1,
  }),
  slowly('gpu-unknown', 'Requests are slow, and no exporter tells of the GPUs', {
    without: ['gpu busy', 'gpu memory'],
  }),
  slowly(
    'small-batches',
    'Batches of one leave the GPUs idle while requests queue',
    { ...waiting, gpu: () => 0.34, queue: from(28, 0), waits: 0.7 },
    () => released({ BATCH_SIZE: '1' }),
  ),
  slowly(
    'small-batches-queue-unknown',
    'Batches of one; whether requests wait is not counted',
    { gpu: () => 0.34, without: ['queue'] },
    () => ({
      ...healthy(),
      variables: { BATCH_SIZE: '1' },
    }),
  ),
  slowly(
    'model-swapping',
    'Two models take turns on each GPU since a release',
    {
      loads: slowFor(() => true, 4 / 60, 0),
      lines: Array.from({ length: 30 }, () => 'INFO model_unload model=ranker-small reason=memory\n').flatMap(() => [
        'INFO model_unload model=ranker-small reason=memory',
        'INFO model_load=6.2s model=ranker-large device=cuda:0',
      ]),
    },
    released,
  ),
  slowly('model-swapping-logs', 'Models take turns; only the logs tell', {
    without: ['model loads'],
    lines: Array.from({ length: 12 }, () => 'INFO model_load=6.2s model=ranker-large device=cuda:0'),
  }),
];

const loading: readonly Scenario[] = [
  slowly(
    'load-not-spread',
    'Four pods more since 26 minutes ago, and their connections stay with the old ones',
    { part: slowFor(isYoung, 0.04, 1, 60), p95Of: slowFor((one) => !isYoung(one), 0.349, 0.146), queue: from(6, 1) },
    () => scaledOut(26),
  ),
  slowly(
    'queueing',
    'More requests at once than workers, the GPUs have time left',
    { ...waiting, queue: from(36, 1), waits: 0.8 },
    () => ({
      ...free(healthy()),
      autoscaler: { ...scaler, scaledObject: 'model-server' },
      custom: { ScaledObject: [keda] },
    }),
  ),
  slowly(
    'queueing-counted-elsewhere',
    'So many wait that requests should take far longer: the latency is measured after the wait',
    { queue: from(408, 3), waits: 0.1 },
    () => free(healthy()),
  ),
  slowly('queueing-logs', 'Requests wait; only the logs tell', { without: ['queue'], waits: 0.8 }, () =>
    free(healthy()),
  ),
  slowly('longer-inputs', 'Requests are three times as large as a day before', { inputs: from(1860, 620) }),
  slowly('longer-inputs-unknown', 'Nobody counts how large requests are', { without: ['input size'] }),
  slowly('slow-disk', 'The disk of one node has no time left', {
    ...inPart,
    disk: (name, minutesAgo) => (name === 'gpu-2' && minutesAgo <= 22 ? 0.97 : 0.07),
    p95Of: slowFor(onGpu2, 0.369, 0.146),
  }),
  slowly(
    'slow-disk-cordoned',
    'The disk of one node has no time left, and it is cordoned already',
    {
      ...inPart,
      disk: (name, minutesAgo) => (name === 'gpu-2' && minutesAgo <= 22 ? 0.97 : 0.07),
      p95Of: slowFor(onGpu2, 0.369, 0.146),
    },
    () => {
      const world = healthy();
      return {
        ...world,
        nodes: world.nodes.map((one) => (one.name === 'gpu-2' ? { ...one, unschedulable: true } : one)),
      };
    },
  ),
  slowly('noisy-neighbour', 'The hypervisor takes a third of one node', {
    ...inPart,
    steal: (name, minutesAgo) => (name === 'gpu-2' && minutesAgo <= 22 ? 0.34 : 0.002),
    p95Of: slowFor(onGpu2, 0.352, 0.146),
  }),
  slowly('nodes-unknown', 'Requests are slow, and no exporter tells of the nodes', {
    without: ['node disk', 'node steal'],
  }),
  slowly('one-pod-slow', 'One pod takes three times as long as the others', {
    ...inPart,
    p95Of: slowFor(isThird, 0.45, 0.146),
  }),
  slowly('one-node-slow', 'The pods of one node are slow, and nothing that is measured says why', {
    ...inPart,
    p95Of: slowFor(onGpu2, 0.36, 0.146),
    without: ['node disk', 'node steal'],
  }),
];

const keda = {
  namespace: 'ml-platform',
  name: 'model-server',
  uid: 'so-1',
  labels: {},
  spec: JSON.stringify({ minReplicaCount: 12, maxReplicaCount: 12 }),
};

export const slowScenarios: readonly Scenario[] = [...computing, ...loading];
