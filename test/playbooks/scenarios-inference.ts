import { Failure } from '../../src/core/failure.ts';
import { ago, condition, registry } from './objects.ts';
import type { OnePod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { breakPods, dark, healthy, rollingOut } from './world.ts';
import type { World } from './world.ts';
import { released, served, since } from './world-served.ts';

/** Requests that fail, one scenario for each cause; what is no fault stands in scenarios-inference-quiet.ts. */

const errors = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'inference-errors',
  world,
});

const oom = (tried: string, free: string, allocated: string, reserved: string, others = ''): string =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${tried}. GPU 0 has a total capacity of 22.09 GiB of which ${free} is free. ${others}Including non-PyTorch memory, this process has 21.66 GiB memory in use. Of the allocated memory ${allocated} is allocated by PyTorch, and ${reserved} is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.`;

const fails = (ratio: number, code: string, ...lines: readonly string[]) => ({ ratio: since(23, ratio), code, lines });

/** Only the pods on one node, or only one pod. */
const onNode = (node: string, ratio: number) => (one: OnePod, minutesAgo: number) =>
  one.row.node === node && minutesAgo <= 23 ? ratio : 0.0002;
const onPod = (name: string, ratio: number) => (one: OnePod, minutesAgo: number) =>
  one.row.name === name && minutesAgo <= 23 ? ratio : 0.0002;
const third = healthy().pods[2]?.row.name ?? '';

const cordoned = (world: World): World => ({
  ...world,
  nodes: world.nodes.map((one) => (one.name === 'gpu-1' ? { ...one, unschedulable: true } : one)),
});

const free = (world: World): World => ({
  ...world,
  nodeUse: world.nodeUse.map((one) => ({ ...one, requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '2' } })),
});

/** Every pod was killed and started again; the last ends are of the last minutes. */
function ended(world: World, reason: string, exitCode: number): World {
  const pods = world.pods.map((one, index): OnePod => {
    const last = {
      is: 'terminated',
      exitCode,
      signal: 0,
      reason,
      message: '',
      startedAt: ago(24 + index),
      finishedAt: ago(2 + index),
    } as const;
    return {
      row: { ...one.row, restarts: 2 },
      pod: { ...one.pod, containers: one.pod.containers.map((each) => ({ ...each, restarts: 2, last })) },
    };
  });
  return { ...world, pods };
}

/** Three new pods beside nine old ones. */
function canary(): World {
  const world = rollingOut({}, 3);
  const going = {
    ...condition(
      'Progressing',
      'True',
      'ReplicaSetUpdated',
      'ReplicaSet "model-server-5d8c7b9f4" is progressing.',
      ago(5),
    ),
    updatedAt: ago(5),
  };
  return {
    ...world,
    deployment: world.deployment && {
      ...world.deployment,
      paused: false,
      conditions: [going],
      replicas: { wanted: 12, total: 12, updated: 3, ready: 12, available: 12, unavailable: 0 },
    },
  };
}

const onNew = (ratio: number) => (one: OnePod, minutesAgo: number) =>
  one.row.hash === '5d8c7b9f4' && minutesAgo <= 23 ? ratio : 0.0002;

const bursts = (minutesAgo: number): boolean =>
  [3, 4, 5, 21, 22, 23, 24, 45, 46, 47, 48].includes(Math.round(minutesAgo));
const pods = (minutesAgo: number): number => {
  const down = minutesAgo <= 5 || (minutesAgo > 12 && minutesAgo <= 24) || (minutesAgo > 33 && minutesAgo <= 48);
  return down ? 12 : 16;
};

const gpuScenarios = [
  errors('gpu-broken', 'XID 79 on one node', () =>
    served(healthy(), {
      ratio: onNode('gpu-1', 0.65),
      xid: (one) => (one.row.node === 'gpu-1' ? 79 : 0),
      lines: ['RuntimeError: CUDA error: unspecified launch failure', 'Failed to initialize NVML: Unknown Error'],
    }),
  ),
  errors('gpu-broken-cordoned', 'The same, its node cordoned: its pods can be replaced', () =>
    cordoned(
      served(free(healthy()), {
        ratio: onNode('gpu-1', 0.65),
        xid: (one) => (one.row.node === 'gpu-1' ? 79 : 0),
        lines: ['RuntimeError: CUDA error: unspecified launch failure'],
      }),
    ),
  ),
  errors('gpu-lost', 'NVML gone after a daemon reload, on all nodes; no DCGM exporter', () => {
    const world = served(healthy(), fails(0.3, '500', 'Failed to initialize NVML: Unknown Error'));
    const { series } = world.measured;
    const answer: typeof series = (question, over) =>
      question.ask === 'gpu xid'
        ? { is: 'no such metric', because: 'nobody exports DCGM_FI_DEV_XID_ERRORS' }
        : series(question, over);
    return { ...world, measured: { ...world.measured, series: answer } };
  }),
  errors('driver-mismatch', 'The new image wants a newer driver than the nodes have', () =>
    served(
      released(),
      fails(0.9, '500', 'RuntimeError: CUDA error: CUDA driver version is insufficient for CUDA runtime version'),
    ),
  ),
  errors('cuda-oom-fragmentation', 'CUDA out of memory, with a lot reserved and unallocated', () =>
    served(healthy(), fails(0.07, '500', oom('512.00 MiB', '311.44 MiB', '15.02 GiB', '6.28 GiB'))),
  ),
  errors('cuda-oom-neighbour', "Another process holds the GPU's memory on one node", () =>
    served(healthy(), {
      ratio: onNode('gpu-1', 0.4),
      lines: [oom('1.25 GiB', '402.12 MiB', '11.41 GiB', '212.50 MiB', 'Process 41277 has 9.64 GiB memory in use. ')],
    }),
  ),
  errors('cuda-oom-batch', 'Somebody set BATCH_SIZE from 8 to 32', () =>
    served(released({ BATCH_SIZE: '32' }), fails(0.15, '500', oom('6.40 GiB', '1.12 GiB', '20.14 GiB', '301.22 MiB'))),
  ),
  errors('cuda-oom-sequence', 'Inputs are three times as long', () =>
    served(healthy(), {
      ...fails(0.09, '500', oom('4.88 GiB', '1.87 GiB', '19.40 GiB', '288.00 MiB')),
      inputs: (minutesAgo) => (minutesAgo <= 24 ? 1860 : 620),
    }),
  ),
  errors(
    'cuda-oom-size',
    "The older message; nothing grew that can be seen, and the service's model spreads over GPUs",
    () => {
      const line =
        'RuntimeError: CUDA out of memory. Tried to allocate 3.20 GiB (GPU 0; 22.09 GiB total capacity; 19.90 GiB already allocated; 1.10 GiB free; 20.30 GiB reserved in total by PyTorch)';
      const world = served(free(healthy()), fails(0.05, '500', line));
      return { ...world, measured: { ...world.measured, service: { ...world.measured.service, shards: true } } };
    },
  ),
  errors('cuda-oom-no-sizes', 'A message without numbers', () =>
    served(healthy(), fails(0.05, '500', 'RuntimeError: CUDA error: out of memory')),
  ),
  errors('shared-memory', 'Workers die of 64 MiB of /dev/shm since a release', () =>
    served(
      released(),
      fails(
        0.2,
        '500',
        'RuntimeError: DataLoader worker (pid 71) is killed by signal: Bus error. It is possible that dataloader workers are out of shared memory.',
      ),
    ),
  ),
];

const modelScenarios = [
  errors('model-missing', 'MODEL_VERSION names a file that is not there', () =>
    served(released({ MODEL_VERSION: 'v1.1.0' }), {
      ...fails(
        0.5,
        '500',
        "FileNotFoundError: [Errno 2] No such file or directory: '/models/ranker-large-v1.1.0.safetensors'",
      ),
      start: [],
    }),
  ),
  errors('model-missing-no-change', 'The file vanished under a version that ran for days', () =>
    served(healthy(), fails(0.5, '500', 'Model file not found: /models/ranker-large-v1.0.0.pth')),
  ),
  errors('version-mismatch', 'MODEL_VERSION does not fit the code', () =>
    served(released({ MODEL_VERSION: 'v0.9.0' }), {
      ...fails(0.12, '500', 'ValueError: model v0.9.0 expects 96 features, request has 128 (schema v1.0)'),
      start: ['INFO model_load=9.4s model=ranker-large version=v0.9.0 device=cuda:0'],
    }),
  ),
  errors('version-not-loaded', 'The pods loaded another version than is set', () =>
    served(released({ MODEL_VERSION: 'v1.1.0' }), {
      ...fails(0.12, '500', "KeyError: 'score'"),
      start: ['INFO model_load=9.4s model=ranker-large version=v1.0.0 device=cuda:0'],
    }),
  ),
  errors('model-load-failing', 'The new code does not fit the weights', () =>
    served(
      released(),
      fails(
        0.34,
        '503',
        'model_load failed: RuntimeError: Error(s) in loading state_dict for Ranker: size mismatch for head.weight',
      ),
    ),
  ),
  errors('model-load-denied', 'The role may not read the bucket any more', () =>
    served(
      healthy(),
      fails(
        0.2,
        '503',
        'Model failed to load: botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied',
      ),
    ),
  ),
  errors('model-load-damaged', 'Half a file', () =>
    served(
      healthy(),
      fails(
        0.2,
        '503',
        'RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory',
      ),
    ),
  ),
  errors('model-load-slow', 'Pods are ready before their model is', () =>
    served(released(), fails(0.4, '503', 'model is still loading: model_load=612.4s so far, 58 % of 4.2 GB from s3')),
  ),
  errors('bad-outputs', 'NaN since a release', () =>
    served(released(), fails(0.06, '500', 'ValueError: output contains NaN (logits overflow in float16)')),
  ),
];

const aroundScenarios = [
  errors('oom-under-load', 'Killed for memory every twenty minutes since a release', () =>
    served(ended(free(released()), 'OOMKilled', 137), fails(0.04, '502')),
  ),
  errors('crash-under-load', 'A native library crashes under load', () =>
    served(ended(released(), 'Error', 139), fails(0.04, '502')),
  ),
  errors('dependency', 'The feature store answers 503', () =>
    served(
      healthy(),
      fails(
        0.18,
        '503',
        'upstream feature-store: HTTP 503 from http://feature-store.ml-platform:8080/features after 3 tries',
      ),
    ),
  ),
  errors('no-drain', '502 at every scale-in', () =>
    served(healthy(), {
      ratio: (_one, minutesAgo) => (bursts(minutesAgo) ? 0.2 : 0.0002),
      code: '502',
      ready: pods,
    }),
  ),
  errors('no-drain-lines', 'Pods say themselves that they drop what they hold', () =>
    served(healthy(), fails(0.06, '502', 'SIGTERM received: closing 14 open requests')),
  ),
  errors('keep-alive', 'Sporadic 502', () =>
    served(healthy(), fails(0.05, '502', 'client closed keep-alive connection: idle for 5s')),
  ),
  errors('one-node', 'All pods on one node fail, and it is not known why', () =>
    served(healthy(), { ratio: onNode('gpu-1', 0.4), lines: ['OSError: [Errno 5] Input/output error'] }),
  ),
  errors('one-pod', 'One pod fails nearly everything', () =>
    served(healthy(), {
      ratio: onPod(third, 0.72),
      lines: ['RuntimeError: CUDA error: an illegal memory access was encountered'],
    }),
  ),
  errors('one-pod-no-metrics-of-gpus', 'The same, its log says nothing', () =>
    served(healthy(), { ratio: onPod(third, 0.72), lines: [] }),
  ),
  errors('pods-not-ready', 'Six pods crash; the others cannot carry the load', () => {
    const image = `${registry}/model-server:v2.4.0`;
    const state = { image, state: { is: 'waiting', reason: 'CrashLoopBackOff', message: '' } } as const;
    const world = breakPods(healthy(), 'CrashLoopBackOff', state, 6);
    const replicas = { wanted: 12, total: 12, updated: 12, ready: 6, available: 6, unavailable: 6 };
    return served({ ...world, deployment: world.deployment && { ...world.deployment, replicas } }, fails(0.2, '503'));
  }),
  errors('since-change', 'A KeyError since a release', () =>
    served(released(), fails(0.08, '500', 'Traceback (most recent call last):', "KeyError: 'embedding_v2'")),
  ),
  errors('since-change-beside-old', 'Only the new pods fail, in the middle of a rollout', () =>
    served(canary(), { ratio: onNew(0.3), lines: ["KeyError: 'embedding_v2'"] }),
  ),
  errors('since-change-logs-forbidden', 'The same release, and logs may not be read', () => ({
    ...served(released(), fails(0.08, '500', "KeyError: 'embedding_v2'")),
    fails: { log: new Failure('forbidden', 'pods/log is not allowed for mlp-bot') },
  })),
  errors('unexplained', 'Errors that no pod writes of', () => served(healthy(), fails(0.05, '504'))),
  errors('unexplained-lines', 'Errors with words that mean nothing to the bot', () =>
    served(healthy(), fails(0.1, '500', "KeyError: 'embedding_v2'")),
  ),
  errors('no-metrics', 'The metrics store is silent: the logs alone tell', () => {
    const world = served(healthy(), fails(0.3, '500', oom('512.00 MiB', '311.44 MiB', '15.02 GiB', '6.28 GiB')));
    const down = { is: 'target is down', because: 'connection refused' } as const;
    return { ...world, measured: { ...world.measured, series: () => down } };
  }),
  errors('no-such-deployment', 'It does not exist in this region', () => ({ ...healthy(), deployment: null })),
  errors('forbidden', 'The bot may read nothing: everything is "could not tell"', dark),
];

export const inferenceScenarios: readonly Scenario[] = [...gpuScenarios, ...modelScenarios, ...aroundScenarios];
