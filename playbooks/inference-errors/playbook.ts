import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { nodePodsOf } from '../readings/node-pods.ts';
import { oddPod } from '../readings/odd-pod.ts';
import { standing } from '../readings/standing.ts';
import { startUp } from '../readings/start-up.ts';
import { users } from '../readings/users.ts';
import { autoscaler } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { exists } from '../readings/exists.ts';
import { freeRoom } from '../readings/free-room.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { references } from '../readings/references.ts';
import { limitRanges, nodeUse, quotas } from '../readings/room.ts';
import { cordon } from '../remedies/cordon.ts';
import type { Goal } from '../remedies/goal.ts';
import { replacePod } from '../remedies/replace-pod.ts';
import { restart } from '../remedies/restart.ts';
import { rollback } from '../remedies/rollback.ts';
import { setBatchSize, setModelVersion } from '../remedies/set-env.ts';
import { setGpu, setMemory } from '../remedies/set-resources.ts';
import { allAdvice } from './advice.ts';
import {
  crashUnderLoad,
  dependency,
  keepAlive,
  noDrain,
  oneNode,
  onePod,
  oomUnderLoad,
  podsNotReady,
  sinceChange,
  unexplained,
} from './checks-around.ts';
import {
  batch,
  driverMismatch,
  fragmentation,
  gpuBroken,
  gpuLost,
  neighbour,
  sequence,
  sharedMemory,
} from './checks-gpu.ts';
import { badOutputs, loadFailing, loadSlow, modelMissing, versionMismatch } from './checks-model.ts';
import { charts } from './charts.ts';
import { clientErrors } from './harm.ts';
import { remarks } from './remarks.ts';
import { evidence } from './evidence.ts';

/** Well again is when users are served: what is offered is judged by their errors. */
const goal = (config: ServiceFacts): Goal => ({ measure: 'error ratio', below: config.limits?.errorRatio ?? 0.01 });
/** Half as much at once, or what it was before it grew. */
const smaller = (now: string | null, before: string | null): string | null => {
  const size = Number(now);
  if (now === null || !Number.isInteger(size) || size < 2) return null;
  return before !== null && Number(before) < size && Number(before) >= 1 ? before : String(Math.floor(size / 2));
};

export const inferenceErrors = onDeployment.playbook({
  id: 'inference-errors',
  title: 'inference returns errors',
  guide: 'Model Serving Issues › Model Inference Returning Errors',
  about:
    'Why requests to a model fail: the GPU, the model, the pods, what they call, or a change; and how to get back.',
  alerts: ['ModelInferenceErrors', 'HighErrorRate', 'InferenceErrorRateHigh', 'ModelLoadFailed', 'GPUXidError'],
  symptoms: [
    'inference errors',
    'model errors',
    'http 500',
    '500 errors',
    '502',
    '503',
    '5xx',
    'error rate',
    'model failed to load',
    'model file not found',
    'model version mismatch',
    'CUDA out of memory',
    'CUDA error',
    'NVML',
    'XID',
    'NaN',
  ],
  look: [
    ...evidence,
    clientErrors,
    pods,
    samples,
    events,
    references,
    nodeUse,
    quotas,
    limitRanges,
    freeRoom,
    autoscaler,
    users,
    startUp,
    standing,
    nodePodsOf(oddPod),
  ],
  checks: [
    exists,
    gpuBroken,
    gpuLost,
    driverMismatch,
    modelMissing,
    versionMismatch,
    loadFailing,
    loadSlow,
    neighbour,
    fragmentation,
    batch,
    sequence,
    sharedMemory,
    oomUnderLoad,
    crashUnderLoad,
    dependency,
    badOutputs,
    noDrain,
    keepAlive,
    oneNode,
    onePod,
    podsNotReady,
    sinceChange,
    unexplained,
  ],
  remedies: [
    setModelVersion({ when: ['model-missing', 'version-mismatch'], goal, choose: (_now, before) => before }),
    setBatchSize({ when: ['cuda-oom-batch', 'cuda-oom-sequence'], goal, choose: smaller }),
    rollback({
      when: [
        'model-missing',
        'version-mismatch',
        'model-load-failing',
        'model-load-slow',
        'cuda-oom-batch',
        'driver-mismatch',
        'shared-memory',
        'oom-under-load',
        'crash-under-load',
        'bad-outputs',
        'since-change',
      ],
      goal,
      doubt: () => 'suspected, not proven: its pods are up, and it is what changed last',
    }),
    restart({ when: ['cuda-oom-fragmentation', 'gpu-lost'], judgedBy: 'users', goal }),
    cordon({ when: ['gpu-broken', 'cuda-oom-neighbour', 'one-node'] }),
    replacePod({ when: ['gpu-broken', 'cuda-oom-neighbour', 'one-node', 'one-pod'], goal }),
    setGpu({ when: ['cuda-oom-batch', 'cuda-oom-sequence'], goal }),
    setMemory({ when: ['oom-under-load'], goal }),
  ],
  advice: allAdvice,
  remarks,
  charts,
});
