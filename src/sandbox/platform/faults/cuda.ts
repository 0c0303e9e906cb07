import type { Fault } from './fault.ts';
import { errors, fault } from './failing-requests.ts';
import { gib, gpuNode, setsEnv } from './strained.ts';

/** Requests that fail on the GPU. */

/** The head of PyTorch's message, with its numbers in GiB. */
const oom = (tried: string, free: string, own: string, allocated: string, reserved: string, others = ''): string =>
  `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ${tried}. GPU 0 has a total capacity of 22.09 GiB of which ${free} is free. ${others}Including non-PyTorch memory, this process has ${own} memory in use. Of the allocated memory ${allocated} is allocated by PyTorch, and ${reserved} is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.`;

export const cudaFaults: readonly Fault[] = [
  fault({
    id: 'cuda-oom-fragmentation',
    title: 'CUDA out of memory: fragmentation',
    about:
      '7 % of the requests fail: CUDA out of memory, with 6 GiB reserved but unallocated. A restart helps for a while',
    cause: 'cuda-oom-fragmentation',
    cures: ['restart', 'set-env'],
    effects: (_cluster, at) => [
      {
        effect: errors(0.07, '500', oom('512.00 MiB', '311.44 MiB', '21.66 GiB', '15.02 GiB', '6.28 GiB')),
        where: { startedBefore: at },
      },
      { effect: { is: 'gpu busy', share: 0.62, memory: 0.985 }, where: { startedBefore: at }, alert: null },
    ],
  }),
  fault({
    id: 'cuda-oom-neighbour',
    title: 'CUDA out of memory: a neighbour on the GPU',
    about: 'The pods of one node fail: another process holds 9.6 GiB of their GPUs',
    cause: 'cuda-oom-neighbour',
    cures: ['replace-pod', 'cordon'],
    effects: (cluster) => {
      const where = { workload: 'model-server', node: gpuNode(cluster, 0).name };
      const others = 'Process 41277 has 9.64 GiB memory in use. ';
      return [
        {
          effect: errors(0.4, '500', oom('1.25 GiB', '402.12 MiB', '11.97 GiB', '11.41 GiB', '212.50 MiB', others)),
          where,
        },
        {
          effect: { is: 'gpu neighbour', bytes: gib(9.64), pid: 41_277, process: '/usr/bin/python3 notebook' },
          where,
          alert: null,
        },
        { effect: { is: 'gpu busy', share: 0.7, memory: 0.98 }, where, alert: null },
      ];
    },
  }),
  fault({
    id: 'cuda-oom-batch',
    title: 'CUDA out of memory: batch size',
    about: 'Somebody set BATCH_SIZE from 8 to 32: large batches no longer fit, 15 % of the requests fail',
    cause: 'cuda-oom-batch',
    cures: ['set-env', 'rollback'],
    change: setsEnv('BATCH_SIZE', '32'),
    repair: { title: 'Set BATCH_SIZE=8 again', run: setsEnv('BATCH_SIZE', '8') },
    effects: () => [
      {
        effect: errors(0.15, '500', oom('6.40 GiB', '1.12 GiB', '20.83 GiB', '20.14 GiB', '301.22 MiB')),
        where: { variable: { name: 'BATCH_SIZE', value: '32' } },
      },
      {
        effect: { is: 'gpu busy', share: 0.84, memory: 0.97 },
        where: { variable: { name: 'BATCH_SIZE', value: '32' } },
        alert: null,
      },
    ],
  }),
  fault({
    id: 'cuda-oom-sequence',
    title: 'CUDA out of memory: longer inputs',
    about: 'Inputs have become three times as long: the longest no longer fit beside the others of their batch',
    cause: 'cuda-oom-sequence',
    cures: ['set-env'],
    effects: () => [
      {
        effect: errors(0.09, '500', oom('4.88 GiB', '1.87 GiB', '20.06 GiB', '19.40 GiB', '288.00 MiB')),
        where: { variable: { name: 'BATCH_SIZE', value: '8' } },
      },
      { effect: { is: 'longer inputs', factor: 3 }, alert: null },
    ],
  }),
  fault({
    id: 'gpu-xid',
    title: 'A GPU is broken on one node',
    about: 'XID 79 on one node: its pods answer most requests with CUDA errors, nvidia-smi cannot initialize NVML',
    cause: 'gpu-broken',
    cures: ['replace-pod', 'cordon'],
    effects: (cluster) => {
      const node = gpuNode(cluster, 1).name;
      return [
        {
          effect: errors(
            0.65,
            '500',
            'RuntimeError: CUDA error: unspecified launch failure',
            'Failed to initialize NVML: Unknown Error',
          ),
          where: { workload: 'model-server', node },
        },
        { effect: { is: 'xid', number: 79 }, where: { node }, alert: null },
      ];
    },
  }),
];
