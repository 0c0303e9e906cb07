import type { NodeSpec } from './kubelet.ts';
import type { DeploymentOptions } from './manifests.ts';
import type { Workload } from './playbook-world.ts';
import type { Levels, Model } from './service-model.ts';

/** Services of which some are broken and some only look so: two faults of each playbook, and a trap. */

export const nodes: readonly NodeSpec[] = [
  ...['cpu-a', 'cpu-b', 'cpu-c'].map((name) => ({ name, cpu: '64', memory: '512Gi', labels: { pool: 'cpu' } })),
  ...['gpu-1', 'gpu-2', 'gpu-3'].map((name) => ({ name, gpus: 8, memory: '256Gi', labels: { pool: 'gpu' } })),
];

const image = (name: string, version: string): string => `registry.example/ml/${name}:${version}`;

function service(
  name: string,
  replicas: number,
  container: object = {},
  more: Partial<DeploymentOptions> = {},
): DeploymentOptions {
  const resources = { requests: { cpu: '1', memory: '2Gi' } };
  return {
    name,
    image: image(name, 'v1.0.0'),
    replicas,
    container: { resources, ...container },
    pod: { nodeSelector: { pool: 'cpu' }, terminationGracePeriodSeconds: 2 },
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
    ...more,
  };
}
const serve = (patch: object): object => ({
  spec: { template: { spec: { containers: [{ name: 'serve', ...patch }] } } },
});
const releases = (name: string): object => serve({ image: image(name, 'v1.1.0') });

const gib = 2 ** 30;
const usual: Levels = { cpu: 0.4, rss: 3 * gib, requests: 25, latency: 0.12 };
const model = (levels: Model['levels'], more: Omit<Model, 'levels'> = {}): Model => ({
  levels: (of, at) => ({ ...usual, ...levels(of, at) }),
  ...more,
});

const inference: readonly Workload[] = [
  {
    deployment: service('classifier', 4, { env: [{ name: 'MODEL_VERSION', value: 'v1.0.0' }] }),
    change: { minutesAgo: 26, patch: serve({ env: [{ name: 'MODEL_VERSION', value: 'v1.1.0' }] }) },
    model: model(({ env }) => (env['MODEL_VERSION'] === 'v1.1.0' ? { failed: { '500': 0.5 } } : {}), {
      failure: () => "FileNotFoundError: [Errno 2] No such file or directory: '/models/classifier-v1.1.0.safetensors'",
    }),
  },
  {
    deployment: service(
      'detector',
      6,
      {
        resources: { requests: { cpu: '1', memory: '4Gi', 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } },
      },
      {
        pod: {
          nodeSelector: { pool: 'gpu' },
          terminationGracePeriodSeconds: 2,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { app: 'detector' } },
            },
          ],
        },
      },
    ),
    model: model(
      ({ node }, { minutesAgo }) =>
        node === 'gpu-2' && minutesAgo < 20
          ? { failed: { '500': 0.6 }, xid: 79, gpuBusy: 0 }
          : { xid: 0, gpuBusy: 0.6 },
      { failure: () => 'RuntimeError: CUDA error: uncorrectable ECC error encountered' },
    ),
  },
  // A trap: one client sends rubbish.
  {
    deployment: service('translator', 3),
    model: model(() => ({ failed: { '422': 0.3 } }), {
      failure: () => 'client batch-scorer/1.4: field "tokens" is required',
    }),
  },
];

const slow: readonly Workload[] = [
  {
    deployment: service('summarizer', 3, {
      env: [{ name: 'OMP_NUM_THREADS', value: '1' }],
      resources: { requests: { cpu: '500m' }, limits: { cpu: '2' } },
    }),
    change: { minutesAgo: 30, patch: serve({ resources: { limits: { cpu: '1' } } }) },
    model: model(({ cpuLimit }) =>
      cpuLimit === 1 ? { cpu: 0.98, throttled: 0.6, latency: 0.42 } : { cpu: 1.2, throttled: 0.02 },
    ),
  },
  {
    deployment: service('speech', 3),
    model: model((_, { ready, minutesAgo }) =>
      ready < 5 && minutesAgo < 30
        ? { latency: 0.42, queue: 34, inFlight: 8, gpuBusy: 0.4 }
        : { queue: 0, inFlight: 4, gpuBusy: 0.4 },
    ),
  },
  // A trap: cold pods after a scale-out.
  {
    deployment: service('vision', 3),
    change: { minutesAgo: 9, patch: { spec: { replicas: 5 } } },
    model: model((_, { ageMinutes }) => (ageMinutes < 13 ? { latency: 0.42 } : {})),
  },
];

const cpu: readonly Workload[] = [
  {
    deployment: service('tokenizer', 3, { resources: { requests: { cpu: '2' } } }),
    change: { minutesAgo: 40, patch: releases('tokenizer') },
    model: model(({ image: of }) => ({ cpu: of.endsWith('v1.1.0') ? 1.9 : 0.8, requests: 20 })),
  },
  {
    deployment: service('recommender', 3),
    autoscaler: { min: 3, max: 3, target: 70 },
    model: model((_, { ready, minutesAgo }) => {
      const requests = (minutesAgo < 40 ? 63 : 30) / Math.max(1, ready);
      return { requests, cpu: 0.05 + requests * 0.0435 };
    }),
  },
  // A trap: at its autoscaler's target, by design.
  {
    deployment: service('scorer', 4, { resources: { requests: { cpu: '1' }, limits: { cpu: '1' } } }),
    autoscaler: { min: 2, max: 8, target: 85 },
    model: model(() => ({ cpu: 0.86, throttled: 0.03 })),
  },
];

const memory: readonly Workload[] = [
  {
    deployment: service('ranker', 3, {
      resources: { requests: { cpu: '1', memory: '16Gi' }, limits: { memory: '16Gi' } },
    }),
    change: { minutesAgo: 540, patch: releases('ranker') },
    model: model(
      ({ image: of }, { ageMinutes }) => ({ rss: (4 + (of.endsWith('v1.1.0') ? ageMinutes / 60 : 0)) * gib }),
      { hours: 24 },
    ),
  },
  {
    deployment: service('indexer', 4, {
      resources: { requests: { cpu: '1', memory: '16Gi' }, limits: { memory: '16Gi' } },
    }),
    model: model(
      ({ index, fromS }, { minutesAgo }) => ({
        rss:
          (4 + (index === 0 && Date.now() / 1000 - fromS > 86_400 ? 1.0 * Math.max(0, 9 - minutesAgo / 60) : 0)) * gib,
      }),
      { hours: 24 },
    ),
  },
  // A trap: a cache that is full since this morning.
  {
    deployment: service('embedder', 3, {
      resources: { requests: { cpu: '1', memory: '8Gi' }, limits: { memory: '16Gi' } },
    }),
    change: { minutesAgo: 720, patch: releases('embedder') },
    model: model((_, { ageMinutes }) => ({ rss: (4 + 6 * (1 - Math.exp(-Math.min(ageMinutes, 300) / 40))) * gib }), {
      hours: 24,
    }),
  },
];

export const workloads: readonly Workload[] = [...inference, ...slow, ...cpu, ...memory];
