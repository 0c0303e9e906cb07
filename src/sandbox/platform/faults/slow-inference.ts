import type { Fault } from './fault.ts';
import {
  gpuNode,
  image,
  limitsCpu,
  limitsPods,
  releases,
  scalesTo,
  servingPods,
  setsEnv,
  strained,
  type Strained,
} from './strained.ts';

/** Requests that take too long: one fault for each cause that playbook slow-inference tells apart, and traps. */
const fault = (of: Omit<Strained, 'playbook' | 'alert'> & { readonly alert?: Strained['alert'] }): Fault =>
  strained({ playbook: 'slow-inference', alert: 'SlowInference', ...of });

const computeFaults: readonly Fault[] = [
  fault({
    id: 'gpu-idle',
    title: 'GPU idle, CPU preprocessing',
    about: 'Since a release tokens are made on the CPU: the GPU is 9 % busy, requests take more than twice as long',
    cause: 'gpu-idle',
    cures: ['rollback'],
    change: releases,
    effects: (cluster) => [{ effect: { is: 'gpu idle' }, where: { image: image(cluster) } }],
  }),
  fault({
    id: 'gpu-saturated',
    title: 'GPU saturated',
    about: 'The GPUs have no time left: 98 % over many samples, and requests wait',
    cause: 'gpu-saturated',
    cures: ['scale'],
    effects: () => [
      { effect: { is: 'gpu saturated', capacity: 0.5 }, where: { fewerThan: 15 } },
      { effect: { is: 'gpu busy', share: 0.98, memory: 0.88 }, where: { fewerThan: 15 }, alert: null },
      // So long that those that wait are served at the rate of the requests (Little's law).
      { effect: { is: 'slower', factor: 3.2 }, where: { fewerThan: 15 }, alert: null },
    ],
  }),
  fault({
    id: 'cpu-throttled',
    title: 'CPU throttled by its limit',
    about:
      'Somebody set request and limit of CPU to 1, with 12 pods at most: the containers are held back in most periods',
    cause: 'cpu-throttled',
    cures: ['set-resources', 'rollback'],
    change: (cluster, at) => {
      limitsPods(cluster, 'model-server', 12);
      limitsCpu('1')(cluster, at);
    },
    repair: {
      title: 'Take the limit away',
      run: (cluster, at) => {
        limitsPods(cluster, 'model-server', 24);
        limitsCpu(null)(cluster, at);
      },
    },
    effects: () => [{ effect: { is: 'by itself' }, where: { cpuLimit: '1' } }],
  }),
  fault({
    id: 'thread-oversubscription',
    title: 'As many threads as the node has cores',
    about: 'Somebody set OMP_NUM_THREADS=48: threads wait for each other on four cores',
    cause: 'threads',
    cures: ['set-env', 'rollback'],
    change: setsEnv('OMP_NUM_THREADS', '48'),
    repair: { title: 'Set OMP_NUM_THREADS=4 again', run: setsEnv('OMP_NUM_THREADS', '4') },
    effects: () => [
      { effect: { is: 'threads', count: 48 }, where: { variable: { name: 'OMP_NUM_THREADS', value: '48' } } },
    ],
  }),
  fault({
    id: 'small-batches',
    title: 'Batches of one',
    about: 'Somebody set BATCH_SIZE=1: requests queue while the GPUs are a third busy',
    cause: 'small-batches',
    cures: ['set-env', 'rollback'],
    change: setsEnv('BATCH_SIZE', '1'),
    repair: { title: 'Set BATCH_SIZE=8 again', run: setsEnv('BATCH_SIZE', '8') },
    effects: () => [
      { effect: { is: 'queueing', waiting: 3, factor: 8 }, where: { variable: { name: 'BATCH_SIZE', value: '1' } } },
      {
        effect: { is: 'gpu busy', share: 0.34, memory: 0.72 },
        where: { variable: { name: 'BATCH_SIZE', value: '1' } },
        alert: null,
      },
    ],
  }),
  fault({
    id: 'model-swapping',
    title: 'Models are swapped',
    about: 'Two models share one GPU: each is put out and loaded again several times a minute (model_load in the logs)',
    cause: 'model-swapping',
    cures: ['rollback'],
    change: releases,
    effects: (cluster) => [
      { effect: { is: 'model swapping', perMinute: 4, loadSeconds: 6.2 }, where: { image: image(cluster) } },
    ],
  }),
  fault({
    id: 'slow-since-release',
    title: 'The new version is slower',
    about: 'Nothing is full; since the release each request takes 1.9 times as long',
    cause: 'since-change',
    cures: ['rollback'],
    change: releases,
    effects: (cluster) => [{ effect: { is: 'slower', factor: 1.9 }, where: { image: image(cluster) } }],
  }),
];

const queueFaults: readonly Fault[] = [
  fault({
    id: 'queueing',
    title: 'Requests queue',
    about: 'More requests at once than workers: the queue is long, the work itself is fast',
    cause: 'queueing',
    cures: ['scale'],
    effects: () => [{ effect: { is: 'queueing', waiting: 4, factor: 11 }, where: { fewerThan: 15 } }],
  }),
  fault({
    id: 'load-not-spread',
    title: 'Old pods do all the work',
    about: 'Scaled out from 12 to 16, but long-lived connections stay with the old pods: the new ones are idle',
    cause: 'load-not-spread',
    cures: ['restart'],
    change: scalesTo(16),
    repair: { title: 'Spread the connections', run: scalesTo(12) },
    effects: (_cluster, at) => [
      // Only those of that scale-out: who is made anew later gets its share of the connections that are opened anew.
      {
        effect: { is: 'unbalanced', share: 0.04 },
        where: { startedAfter: at, startedBefore: at + 10 * 60_000 },
        alert: null,
      },
      { effect: { is: 'slower', factor: 2.1 }, where: { startedBefore: at } },
      { effect: { is: 'queueing', waiting: 0.4, factor: 1 }, where: { startedBefore: at }, alert: null },
    ],
  }),
  fault({
    id: 'longer-inputs',
    title: 'Inputs are longer',
    about: 'Requests are three times as large as yesterday: each takes longer, nothing is broken',
    cause: 'longer-inputs',
    effects: () => [{ effect: { is: 'longer inputs', factor: 3 } }],
  }),
];

const aroundFaults: readonly Fault[] = [
  fault({
    id: 'slow-disk',
    title: 'Slow disk on one node',
    about: 'The disk of one node is busy all the time: its pods are slow, the others are not',
    cause: 'slow-disk',
    cures: ['replace-pod', 'cordon'],
    effects: (cluster) => [{ effect: { is: 'slow disk' }, where: { node: gpuNode(cluster, 2).name } }],
  }),
  fault({
    id: 'noisy-neighbour',
    title: 'Noisy neighbour on one node',
    about: 'The hypervisor steals a third of one node’s time: its pods are slow',
    cause: 'noisy-neighbour',
    cures: ['replace-pod', 'cordon'],
    effects: (cluster) => [
      { effect: { is: 'noisy neighbour', steal: 0.36 }, where: { node: gpuNode(cluster, 3).name } },
    ],
  }),
  fault({
    id: 'one-pod-slow',
    title: 'One pod is slow',
    about: 'The GPU of one pod is held back (power cap): it takes three times as long as the others',
    cause: 'one-pod-slow',
    cures: ['replace-pod'],
    effects: (cluster) => [
      {
        effect: { is: 'slower', factor: 3.1 },
        where: {
          uids: servingPods(cluster)
            .slice(4, 5)
            .map((one) => one.uid),
        },
      },
    ],
  }),
  fault({
    id: 'slow-one-region',
    title: 'Only this region is slow',
    about: 'Calls go to the feature store of another region: 90 ms more for each request, here alone',
    cause: 'cross-region',
    effects: () => [
      { effect: { is: 'slower', factor: 1.7 } },
      {
        effect: {
          is: 'says',
          everyS: 20,
          lines: ['WARN feature-store call to feature-store.us-east-1.internal took 94 ms (cross-region)'],
        },
        alert: null,
      },
    ],
  }),
  fault({
    id: 'dns-tail',
    title: 'Tails of exactly five seconds',
    about: 'p95 is fine to the eye, p99 is 5 s: names are looked up twice',
    cause: 'dns-tail',
    effects: () => [{ effect: { is: 'tail', seconds: 5, share: 0.03 } }],
  }),
];

const traps: readonly Fault[] = [
  fault({
    id: 'cold-pods',
    title: 'Trap: cold pods after a scale-out',
    about: 'Scaled out from 12 to 15 three minutes ago: the new pods are still warming up',
    cause: null,
    trap: true,
    minutesAgo: 8,
    change: scalesTo(15),
    repair: { title: 'Nothing to do: wait', run: scalesTo(12) },
    effects: (_cluster, at) => [
      { effect: { is: 'slower', factor: 3 }, where: { startedAfter: at, youngerThanS: 720 } },
    ],
  }),
  fault({
    id: 'gpu-busy-and-fine',
    title: 'Trap: GPU 100 %, memory 95 %, p95 fine',
    about: 'A busy GPU that answers as fast as ever',
    cause: null,
    trap: true,
    effects: () => [{ effect: { is: 'gpu busy', share: 1, memory: 0.95 } }],
  }),
  fault({
    id: 'night-latency',
    title: 'Trap: p95 of a handful of requests',
    about: 'Hardly any traffic: the p95 is one slow request',
    cause: null,
    trap: true,
    effects: () => [
      { effect: { is: 'requests', factor: 0.0012, why: 'none' }, alert: null },
      { effect: { is: 'slower', factor: 3 } },
    ],
  }),
];

export const slowInferenceFaults: readonly Fault[] = [...computeFaults, ...queueFaults, ...aroundFaults, ...traps];
