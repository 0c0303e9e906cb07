import type { Fault } from './fault.ts';
import { cudaFaults } from './cuda.ts';
import { errors, fault } from './failing-requests.ts';
import { image, releases, scalesTo, servingPods, setsEnv } from './strained.ts';

/** Requests that fail: one fault for each cause that playbook inference-errors tells apart, and traps in which nothing is wrong. */
const modelFaults: readonly Fault[] = [
  fault({
    id: 'model-file-missing',
    title: 'Model file not found',
    about: 'Somebody set MODEL_VERSION=v1.1.0: its file is not there, half of the requests fail',
    cause: 'model-missing',
    cures: ['set-env', 'rollback'],
    change: setsEnv('MODEL_VERSION', 'v1.1.0'),
    repair: { title: 'Set MODEL_VERSION=v1.0.0 again', run: setsEnv('MODEL_VERSION', 'v1.0.0') },
    effects: () => [
      {
        effect: errors(
          0.5,
          '500',
          "FileNotFoundError: [Errno 2] No such file or directory: '/models/ranker-large-v1.1.0.safetensors'",
        ),
        where: { variable: { name: 'MODEL_VERSION', value: 'v1.1.0' } },
      },
    ],
  }),
  fault({
    id: 'model-version-mismatch',
    title: 'Model version does not fit the code',
    about: 'MODEL_VERSION=v0.9.0 here, v1.0.0 in the other regions: the features no longer fit, 12 % fail',
    cause: 'version-mismatch',
    cures: ['set-env', 'rollback'],
    change: setsEnv('MODEL_VERSION', 'v0.9.0'),
    repair: { title: 'Set MODEL_VERSION=v1.0.0 again', run: setsEnv('MODEL_VERSION', 'v1.0.0') },
    effects: () => [
      {
        effect: errors(0.12, '500', 'ValueError: model v0.9.0 expects 96 features, request has 128 (schema v1.0)'),
        where: { variable: { name: 'MODEL_VERSION', value: 'v0.9.0' } },
      },
    ],
  }),
  fault({
    id: 'model-load-failing',
    title: 'Model load fails in the new version',
    about: 'Since a release a third of the workers cannot load the model: 34 % of the requests fail',
    cause: 'model-load-failing',
    cures: ['rollback'],
    change: releases,
    effects: (cluster) => [
      {
        effect: errors(
          0.34,
          '503',
          'model_load failed: RuntimeError: Error(s) in loading state_dict for Ranker: size mismatch for head.weight',
        ),
        where: { image: image(cluster) },
      },
    ],
  }),
  fault({
    id: 'model-load-slow',
    title: 'Model loads for minutes',
    about:
      'Since a release a fresh pod says it is ready, and answers 503 until its model is there, twenty minutes later',
    cause: 'model-load-slow',
    cures: ['rollback'],
    minutesAgo: 12,
    change: releases,
    effects: (cluster) => [
      {
        effect: errors(0.4, '503', 'model is still loading: model_load=612.4s so far, 58 % of 4.2 GB from s3'),
        where: { image: image(cluster), youngerThanS: 1200 },
      },
    ],
  }),
  fault({
    id: 'nan-outputs',
    title: 'Outputs are NaN',
    about: 'Since a release 6 % of the answers are NaN and are turned into errors',
    cause: 'bad-outputs',
    cures: ['rollback'],
    change: releases,
    effects: (cluster) => [
      {
        effect: errors(0.06, '500', 'ValueError: output contains NaN (logits overflow in float16)'),
        where: { image: image(cluster) },
      },
    ],
  }),
];

const aroundFaults: readonly Fault[] = [
  fault({
    id: 'oom-under-load',
    title: 'Out of memory under load',
    about:
      'Since a release each pod is OOM-killed after some twenty minutes of traffic; requests that it held fail (502)',
    cause: 'oom-under-load',
    cures: ['rollback', 'set-resources'],
    minutesAgo: 60,
    change: releases,
    effects: (cluster) => [
      { effect: { is: 'memory leak', bytesPerS: 8e6 }, where: { image: image(cluster) }, alert: null },
      {
        effect: errors(0.04, '502', 'upstream connection reset before headers'),
        where: { image: image(cluster), memoryLimit: '16Gi' },
      },
    ],
  }),
  fault({
    id: 'errors-since-release',
    title: 'The new version fails requests',
    about: 'The rollout completed; since then 8 % of the requests end in a KeyError',
    cause: 'since-change',
    cures: ['rollback'],
    change: releases,
    effects: (cluster) => [
      {
        effect: errors(0.08, '500', 'Traceback (most recent call last):', "KeyError: 'embedding_v2'"),
        where: { image: image(cluster) },
      },
    ],
  }),
  fault({
    id: 'dependency-errors',
    title: 'The feature store answers 503',
    about: '18 % of the requests fail because of feature-store: nothing in model-server is wrong',
    cause: 'dependency',
    effects: () => [
      {
        effect: errors(
          0.18,
          '503',
          'upstream feature-store: HTTP 503 from http://feature-store.ml-platform:8080/features after 3 tries',
        ),
      },
    ],
    repair: { title: 'Repair the feature store', run: () => undefined },
  }),
  fault({
    id: 'errors-one-pod',
    title: 'One pod fails',
    about: 'One of twelve pods answers nearly everything with an illegal memory access: 6 % of all requests',
    cause: 'one-pod',
    cures: ['replace-pod', 'restart'],
    effects: (cluster) => [
      {
        effect: errors(0.72, '500', 'RuntimeError: CUDA error: an illegal memory access was encountered'),
        where: {
          uids: servingPods(cluster)
            .slice(0, 1)
            .map((pod) => pod.uid),
        },
      },
    ],
  }),
  fault({
    id: 'keep-alive-502',
    title: 'Sporadic 502: keep-alive shorter than the balancer’s',
    about:
      'Now and then a 502, spread over all pods: the server closes idle connections after 5 s, the balancer after 60 s',
    cause: 'keep-alive',
    effects: () => [
      {
        effect: errors(0.016, '502', 'client closed keep-alive connection: idle for 5s'),
      },
    ],
  }),
  fault({
    id: 'drain-502',
    title: '502 at every scale-in',
    about:
      'The autoscaler goes between 12 and 16 pods; each time pods go, the requests that they held fail (502): no drain',
    cause: 'no-drain',
    minutesAgo: 36,
    effects: () => [
      { effect: { is: 'flapping', low: 12, high: 16, periodS: 720 } },
      {
        effect: errors(0.3, '502', 'proxy: upstream reset the connection before headers, its pod was terminating'),
        where: { within: { periodS: 720, fromS: 658, toS: 718 } },
        alert: null,
      },
    ],
  }),
];

/** The alert fires, and there is nothing to do. */
const traps: readonly Fault[] = [
  fault({
    id: 'client-errors',
    title: 'Trap: one client sends rubbish',
    about: '30 % of the requests are 422 from one client: that is no fault of ours',
    cause: null,
    trap: true,
    effects: () => [
      {
        effect: {
          is: 'client errors',
          ratio: 0.3,
          code: '422',
          lines: ['client batch-scorer/1.4: field "tokens" is required'],
        },
      },
    ],
  }),
  fault({
    id: 'clients-give-up',
    title: 'Trap: clients give up (499)',
    about: 'A tenth of the callers closes before the answer, as a mobile app does: 499, no fault of ours',
    cause: null,
    trap: true,
    effects: () => [{ effect: { is: 'client errors', ratio: 0.1, code: '499', lines: ['client closed the request'] } }],
  }),
  fault({
    id: 'night-errors',
    title: 'Trap: two of ten requests at night',
    about: 'Hardly any traffic: two of ten requests failed, which says nothing',
    cause: null,
    trap: true,
    effects: () => [
      { effect: { is: 'requests', factor: 0.0012, why: 'none' }, alert: null },
      { effect: errors(0.2, '500', 'ValueError: empty batch') },
    ],
  }),
  fault({
    id: 'drain-errors',
    title: 'Trap: a few errors while pods drained',
    about: 'A release drained its old pods: 5 s with errors, long over',
    cause: null,
    trap: true,
    minutesAgo: 9,
    change: scalesTo(12),
    effects: () => [{ effect: errors(0.3, '502', 'connection draining'), forS: 5 }],
  }),
];

export const inferenceErrorFaults: readonly Fault[] = [...cudaFaults, ...modelFaults, ...aroundFaults, ...traps];
