import { evictByNode, stopPod } from '../kubelet.ts';
import type { Cluster } from '../state.ts';
import type { Fault } from './fault.ts';
import { gib, gpuNode, image, releases, servingPods, setsEnv, strained, type Strained } from './strained.ts';

/** Memory over hours: what playbook memory-leak finds, and the shapes that only look like a leak. */
const fault = (of: Omit<Strained, 'playbook' | 'alert'> & { readonly alert?: Strained['alert'] }): Fault =>
  strained({ playbook: 'memory-leak', alert: 'MemoryLeakSuspected', minutesAgo: 540, ...of });

const leaks: readonly Fault[] = [
  fault({
    id: 'leak-since-release',
    title: 'Memory leak since a release',
    about: 'Nine hours ago a release: since then every pod grows by 0.6 GiB an hour, and will reach its limit',
    cause: 'leak',
    cures: ['rollback', 'restart', 'set-resources'],
    change: releases,
    effects: (cluster) => [
      { effect: { is: 'memory leak', bytesPerS: gib(0.62) / 3600 }, where: { image: image(cluster) } },
    ],
  }),
  fault({
    id: 'leak-with-oom-kills',
    title: 'Memory leak with OOM kills',
    about: 'A faster leak since a release ten hours ago: each pod is OOM-killed every three to four hours',
    cause: 'leak',
    cures: ['rollback', 'restart', 'set-resources'],
    minutesAgo: 600,
    change: releases,
    effects: (cluster) => [
      { effect: { is: 'memory leak', bytesPerS: gib(2.5) / 3600 }, where: { image: image(cluster) } },
    ],
  }),
  fault({
    id: 'leak-since-setting',
    title: 'Memory leak since a setting',
    about: 'Somebody set BATCH_SIZE=16 eight hours ago: memory has been growing in every pod since',
    cause: 'leak',
    cures: ['rollback', 'set-env', 'restart'],
    minutesAgo: 480,
    change: setsEnv('BATCH_SIZE', '16'),
    repair: { title: 'Set BATCH_SIZE=8 again', run: setsEnv('BATCH_SIZE', '8') },
    effects: () => [
      {
        effect: { is: 'memory leak', bytesPerS: gib(0.7) / 3600 },
        where: { variable: { name: 'BATCH_SIZE', value: '16' } },
      },
    ],
  }),
  fault({
    id: 'leak-old',
    title: 'Memory leak that was always there',
    about: 'No release for days: memory has been growing for a day, a restart gives time',
    cause: 'leak',
    cures: ['restart', 'set-resources'],
    effects: (_cluster, at) => [
      {
        effect: { is: 'memory leak', bytesPerS: gib(0.3) / 3600 },
        where: { startedBefore: at },
        beforeS: 14 * 3600,
      },
    ],
  }),
  fault({
    id: 'one-pod-leak',
    title: 'One pod leaks',
    about: 'One of twelve pods has been growing for nine hours, the others are flat',
    cause: 'one-pod-grows',
    cures: ['replace-pod', 'restart'],
    effects: (cluster) => {
      const uids = servingPods(cluster)
        .slice(4, 5)
        .map((pod) => pod.uid);
      return [{ effect: { is: 'memory leak', bytesPerS: gib(0.6) / 3600 }, where: { uids } }];
    },
  }),
  fault({
    id: 'memory-near-limit',
    title: 'Memory close to its limit',
    about: 'No leak: more models were loaded ten hours ago, and memory stands at 95 % of the limit since',
    cause: 'near-limit',
    minutesAgo: 600,
    cures: ['set-resources'],
    effects: (_cluster, at) => [{ effect: { is: 'memory step', bytes: gib(8.05) }, where: { startedBefore: at } }],
  }),
];

const kills: readonly Fault[] = [
  fault({
    id: 'evicted-by-node',
    title: 'Evicted: the node is out of memory',
    about: 'A neighbour filled one node: MemoryPressure, two pods of model-server were evicted; no leak here',
    cause: 'node-pressure',
    minutesAgo: 24,
    change: (cluster, at) => {
      const node = gpuNode(cluster, 0);
      node.pressures.push('MemoryPressure');
      node.taints.push({ key: 'node.kubernetes.io/memory-pressure', value: '', effect: 'NoSchedule' });
      for (const pod of servingPods(cluster)
        .filter((one) => one.node === node.name)
        .slice(0, 2)) {
        evictByNode(cluster, pod, at);
      }
    },
    effects: () => [{ effect: { is: 'by itself' }, beforeS: 7 * 3600 }],
    repair: { title: 'Free the node', run: (cluster) => freeNode(cluster) },
  }),
  fault({
    id: 'child-killed',
    title: 'A child process is OOM-killed',
    about:
      'A worker is killed every few minutes, the container lives on: no restart, no OOMKilled, only the log says so',
    cause: 'child-killed',
    minutesAgo: 90,
    cures: ['set-resources'],
    effects: (_cluster, at) => [
      {
        effect: { is: 'child killed', everyS: 240 },
        where: { startedBefore: at },
        beforeS: 7 * 3600,
      },
      { effect: { is: 'memory step', bytes: gib(7.6) }, where: { startedBefore: at }, alert: null },
    ],
  }),
];

function freeNode(cluster: Cluster): void {
  for (const node of cluster.nodes) {
    node.pressures = [];
    node.taints = node.taints.filter((one) => one.key !== 'node.kubernetes.io/memory-pressure');
  }
  cluster.pods = cluster.pods.filter((pod) => pod.reason !== 'Evicted');
  cluster.placesChanged = true;
}

const traps: readonly Fault[] = [
  fault({
    id: 'page-cache',
    title: 'Trap: page cache',
    about: 'The working set grows because files are read; resident memory is flat, the kernel gives it back',
    cause: null,
    trap: true,
    effects: () => [{ effect: { is: 'page cache', bytesPerS: gib(0.7) / 3600, most: gib(6) } }],
  }),
  fault({
    id: 'cache-levels-off',
    title: 'Trap: a cache that levels off',
    about: 'An embedding cache filled within two hours and is full since',
    cause: null,
    trap: true,
    effects: () => [{ effect: { is: 'memory levels off', bytes: gib(4), halfS: 2400 } }],
  }),
  fault({
    id: 'gc-sawtooth',
    title: 'Trap: a garbage collector’s teeth',
    about: 'Memory rises for 50 minutes and falls again, all day',
    cause: null,
    trap: true,
    effects: () => [{ effect: { is: 'memory sawtooth', bytes: gib(3), periodS: 3000 } }],
  }),
  fault({
    id: 'memory-by-day',
    title: 'Trap: the daily cycle',
    about: 'Memory follows the traffic of the day: half of the cycle looks like a trend',
    cause: null,
    trap: true,
    effects: () => [{ effect: { is: 'memory by day', bytes: gib(4) }, beforeS: 20 * 3600 }],
  }),
  fault({
    id: 'memory-step',
    title: 'Trap: one step, then flat',
    about: 'A second model was loaded nine hours ago: 2.5 GiB more, and flat since',
    cause: null,
    trap: true,
    effects: () => [{ effect: { is: 'memory step', bytes: gib(2.5) } }],
  }),
  fault({
    id: 'young-pods',
    title: 'Trap: pods younger than their siblings',
    about:
      'A quarter of the pods was replaced 50 minutes ago: they are still filling their caches, the others are flat',
    cause: null,
    trap: true,
    minutesAgo: 50,
    change: (cluster, at) => {
      for (const pod of servingPods(cluster).slice(0, 3)) stopPod(cluster, pod, at);
    },
    effects: (_cluster, at) => [
      {
        effect: { is: 'memory levels off', bytes: gib(1.5), halfS: 1800 },
        where: { startedAfter: at },
        beforeS: 7 * 3600,
      },
    ],
  }),
];

export const memoryLeakFaults: readonly Fault[] = [...leaks, ...kills, ...traps];
