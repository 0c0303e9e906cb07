import { describe, expect, test } from 'vitest';
import { cudaCause, cudaNumbers, dependencyIn, kindOf } from './words-of-errors.ts';

/** Lines as the libraries write them. */
test.each([
  // PyTorch: c10/cuda/CUDACachingAllocator.cpp, torch/serialization.py, torch/nn/modules/module.py
  ['torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB', 'cuda oom'],
  ['RuntimeError: CUDA error: out of memory', 'cuda oom'],
  ['java.lang.OutOfMemoryError: Java heap space', 'other'],
  ['MemoryError', 'other'],
  ['RuntimeError: Error(s) in loading state_dict for Ranker: size mismatch for head.weight', 'load failing'],
  ["_pickle.UnpicklingError: invalid load key, 'v'.", 'load failing'],
  ['RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory', 'load failing'],
  ['safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge', 'load failing'],
  [
    'Model failed to load: botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied',
    'load failing',
  ],
  // A log that speaks of both names the file.
  [
    "model_load failed: FileNotFoundError: [Errno 2] No such file or directory: '/models/a.safetensors'",
    'model missing',
  ],
  ['botocore.errorfactory.NoSuchKey: models/ranker/v1.1.0.pth', 'model missing'],
  ["FileNotFoundError: [Errno 2] No such file or directory: '/etc/app/settings.yaml'", 'other'],
  ['ValueError: model v0.9.0 expects 96 features, request has 128 (schema v1.0)', 'version'],
  // scikit-learn
  ['ValueError: X has 4 features, but StandardScaler is expecting 5 features as input.', 'version'],
  ['Failed to initialize NVML: Unknown Error', 'gpu broken'],
  ['NVRM: Xid (PCI:0000:00:1e): 79, pid=1234, GPU has fallen off the bus.', 'gpu broken'],
  ['RuntimeError: CUDA error: uncorrectable ECC error encountered', 'gpu broken'],
  // A program's own fault as well as a device's.
  ['RuntimeError: CUDA error: an illegal memory access was encountered', 'other'],
  ['RuntimeError: CUDA error: unspecified launch failure', 'other'],
  ['RuntimeError: CUDA error: CUDA driver version is insufficient for CUDA runtime version', 'driver'],
  ['Failed to initialize NVML: Driver/library version mismatch', 'driver'],
  ['RuntimeError: DataLoader worker (pid 71) is killed by signal: Bus error.', 'shared memory'],
  ['ValueError: Out of range float values are not JSON compliant: nan', 'outputs'],
  [
    "requests.exceptions.ConnectionError: HTTPConnectionPool(host='feature-store', port=8080): Max retries exceeded",
    'dependency',
  ],
  ['psycopg2.OperationalError: FATAL: sorry, too many clients already', 'dependency'],
  ['grpc._channel._InactiveRpcError: status = StatusCode.UNAVAILABLE', 'dependency'],
  ['upstream feature-store: HTTP 503 from http://feature-store.ml-platform:8080/features after 3 tries', 'dependency'],
  ['client closed keep-alive connection: idle for 5s', 'keep-alive'],
  ['SIGTERM received: closing 14 open requests', 'drain'],
  ['model is still loading: model_load=612.4s so far', 'load slow'],
  ["KeyError: 'embedding_v2'", 'other'],
])('%s: %s', (line, kind) => {
  expect(kindOf(line)).toBe(kind);
});

describe("PyTorch's message", () => {
  const now = (tried: string, free: string, unallocated: string, others = ''): string =>
    `CUDA out of memory. Tried to allocate ${tried}. GPU 0 has a total capacity of 22.09 GiB of which ${free} is free. ${others}Including non-PyTorch memory, this process has 21.66 GiB memory in use. Of the allocated memory 15.02 GiB is allocated by PyTorch, and ${unallocated} is reserved by PyTorch but unallocated.`;

  test('its numbers', () => {
    expect(
      cudaNumbers(now('512.00 MiB', '311.44 MiB', '6.28 GiB', 'Process 41277 has 9.64 GiB memory in use. ')),
    ).toEqual({
      tried: 0.5,
      total: 22.09,
      free: 311.44 / 1024,
      allocated: 15.02,
      unallocated: 6.28,
      others: 9.64,
      pid: '41277',
    });
  });

  test('the older one tells what is reserved altogether', () => {
    const line =
      'CUDA out of memory. Tried to allocate 3.20 GiB (GPU 0; 22.09 GiB total capacity; 14.00 GiB already allocated; 1.10 GiB free; 20.50 GiB reserved in total by PyTorch)';
    expect(cudaNumbers(line)).toMatchObject({ tried: 3.2, total: 22.09, free: 1.1, allocated: 14, unallocated: 6.5 });
  });

  test('one without numbers', () => {
    expect(cudaNumbers('CUDA error: out of memory')).toBeNull();
  });

  const causeOf = (text: string) => {
    const numbers = cudaNumbers(text);
    return numbers === null ? null : cudaCause(numbers);
  };
  test.each([
    ['as much is held in pieces as was asked for', now('512.00 MiB', '311.44 MiB', '6.28 GiB'), 'fragmentation'],
    ['a few pieces beside a large wish', now('6.40 GiB', '1.12 GiB', '301.22 MiB'), 'size'],
    ['pieces enough for a tiny wish, but few of the whole', now('20.00 MiB', '2.00 MiB', '200.00 MiB'), 'size'],
    [
      'another process',
      now('1.25 GiB', '402.12 MiB', '212.50 MiB', 'Process 41277 has 9.64 GiB memory in use. '),
      'neighbour',
    ],
    [
      "another process's handful of MiB would not have helped",
      now('6.40 GiB', '1.12 GiB', '301.22 MiB', 'Process 9 has 200.00 MiB memory in use. '),
      'size',
    ],
  ])('%s', (_name, line, cause) => {
    expect(causeOf(line)).toBe(cause);
  });
});

test.each([
  ['upstream feature-store: HTTP 503 from http://feature-store.ml-platform:8080/features', 'feature-store'],
  ["HTTPConnectionPool(host='feature-store.ml-platform.svc', port=8080): Max retries exceeded", 'feature-store'],
  ['connection refused: http://10.0.3.7:8080/features', '10.0.3.7'],
  ['Failed to connect to redis:6379', 'redis'],
  ['ConnectionResetError: [Errno 104] Connection reset by peer', null],
])('who does not answer: %s', (line, who) => {
  expect(dependencyIn(line)).toBe(who);
});
