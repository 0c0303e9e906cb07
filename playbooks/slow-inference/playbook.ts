import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { nodePodsOf } from '../readings/node-pods.ts';
import { standing } from '../readings/standing.ts';
import { byNumbers } from '../readings/by-numbers.ts';
import { startUp } from '../readings/start-up.ts';
import { users } from '../readings/users.ts';
import { autoscaler, deployment, revisions } from '../readings/deployment.ts';
import { explaining } from '../readings/explaining.ts';
import { exists } from '../readings/exists.ts';
import { facts, variables } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { pods, samples } from '../readings/pods.ts';
import { references } from '../readings/references.ts';
import { changed, podCounts, released, rollout, scaling } from '../readings/remarks.ts';
import { requestLogs } from '../readings/request-logs.ts';
import { limitRanges, nodes, nodeUse, quotas } from '../readings/room.ts';
import { autoscalerBounds, scaledObject, scaledObjectBounds } from '../remedies/bounds.ts';
import { cordon } from '../remedies/cordon.ts';
import type { Goal } from '../remedies/goal.ts';
import { replacePod } from '../remedies/replace-pod.ts';
import { restart } from '../remedies/restart.ts';
import { rollback } from '../remedies/rollback.ts';
import { scale } from '../remedies/scale.ts';
import { setBatchSize, setThreads } from '../remedies/set-env.ts';
import { setCpu } from '../remedies/set-resources.ts';
import { allAdvice } from './advice.ts';
import { cpu, gpu, quantiles, requests, throttling } from './charts.ts';
import { crossRegion, dnsTail } from './checks-calls.ts';
import { coldPods, sinceChange, unexplained } from './checks-change.ts';
import { threads, throttled } from './checks-cpu.ts';
import { gpuIdle, saturated, smallBatches } from './checks-gpu.ts';
import { longerInputs, notSpread, queueing, swapping } from './checks-load.ts';
import { noisyNeighbour, onePod, slowDisk, slowSpot } from './checks-node.ts';
import { inside } from './inside.ts';
import { limitOf } from './judge.ts';
import * as latencies from './latency.ts';
import { latencyLine } from './remarks.ts';

/** What explains most comes first. */
const causes = [
  coldPods,
  threads,
  throttled,
  swapping,
  notSpread,
  slowDisk,
  noisyNeighbour,
  onePod,
  crossRegion,
  smallBatches,
  longerInputs,
  saturated,
  gpuIdle,
  queueing,
  dnsTail,
  sinceChange,
] as const;

const checks = byNumbers(
  explaining(
    [exists, ...causes, unexplained(causes)],
    {
      // Threads that wait for each other use up the CPU's periods, and the GPU waits for them.
      threads: ['cpu-throttled', 'gpu-idle', 'small-batches', 'queueing', 'one-pod-slow'],
      'cpu-throttled': ['gpu-idle', 'small-batches', 'queueing', 'one-pod-slow'],
      'model-swapping': ['gpu-idle', 'gpu-saturated', 'small-batches', 'queueing', 'one-pod-slow'],
      'load-not-spread': ['gpu-saturated', 'queueing', 'small-batches', 'gpu-idle'],
      'slow-disk': ['one-pod-slow', 'queueing', 'gpu-idle'],
      'noisy-neighbour': ['one-pod-slow', 'queueing', 'gpu-idle', 'cpu-throttled'],
      'one-pod-slow': ['queueing'],
      'cross-region': ['gpu-idle', 'queueing'],
      'small-batches': ['gpu-idle', 'queueing'],
      'longer-inputs': ['gpu-saturated', 'queueing'],
      'gpu-saturated': ['queueing'],
      'gpu-idle': ['queueing'],
    },
    ['since-change', 'unexplained'],
  ),
  // What stands out is a node or a pod: once it is cordoned, its pods are still to be replaced.
  ['exists', 'cold-pods', 'slow-disk', 'noisy-neighbour', 'one-pod-slow'],
);

/** Good again is what the config calls so. */
const goal = (config: ServiceFacts): Goal => ({ measure: 'p95 latency', below: limitOf(config) });

const more = ['gpu-saturated', 'queueing'] as const;

export const slowInference = onDeployment.playbook({
  id: 'slow-inference',
  title: 'slow inference',
  guide: 'Model Serving Issues › Slow Inference Times',
  about: 'Why requests take longer than they should: GPU, CPU, queues, nodes, inputs, calls elsewhere, or a change.',
  alerts: [
    'SlowInference',
    'HighLatencyP95',
    'HighLatencyP99',
    'HighInferenceLatency',
    'InferenceLatencyHigh',
    'ModelInferenceSlow',
  ],
  symptoms: [
    'slow inference',
    'slow requests',
    'requests are slow',
    'slow responses',
    'high latency',
    'latency',
    'p95',
    'p99',
    'takes too long',
    'slow',
    'GPU idle',
    'GPU underutilized',
    'queueing',
  ],
  look: [
    deployment,
    revisions,
    podRows,
    facts,
    latencies.latency,
    latencies.p95ByPod,
    latencies.requestsByPod,
    latencies.cpuByPod,
    latencies.throttledByPod,
    latencies.gpuByPod,
    latencies.gpuMemory,
    latencies.queue,
    latencies.inFlight,
    latencies.inputs,
    latencies.inputsBefore,
    latencies.loadsByPod,
    latencies.nodeDisk,
    latencies.nodeSteal,
    requestLogs,
    variables,
    nodes,
    slowSpot,
    inside,
    pods,
    samples,
    references,
    autoscaler,
    scaledObject,
    quotas,
    limitRanges,
    freeRoom,
    nodeUse,
    users,
    startUp,
    standing,
    nodePodsOf(slowSpot),
  ],
  checks,
  remedies: [
    setThreads({
      when: ['threads'],
      goal,
      choose: (_now, _before, cores) => (cores === null ? null : String(Math.max(1, Math.floor(cores)))),
    }),
    setCpu({ when: ['cpu-throttled'], goal }),
    setBatchSize({
      when: ['small-batches'],
      goal,
      choose: (now, before) => before ?? (now === null ? null : String(Number(now) * 4)),
    }),
    rollback({
      when: ['threads', 'cpu-throttled', 'small-batches', 'model-swapping', 'gpu-idle', 'since-change'],
      goal,
      doubt: (since) => `only suspected: requests are slower ${since}, and its pods run`,
    }),
    scale({ when: more, goal }),
    autoscalerBounds({ when: more, goal }),
    scaledObjectBounds({ when: more, goal }),
    restart({ when: ['load-not-spread'], judgedBy: 'users', goal }),
    cordon({ when: ['slow-disk', 'noisy-neighbour', 'one-pod-slow'], odd: slowSpot }),
    replacePod({ when: ['slow-disk', 'noisy-neighbour', 'one-pod-slow'], odd: slowSpot, goal }),
  ],
  advice: allAdvice,
  remarks: [latencyLine, changed, released, rollout, podCounts, scaling],
  charts: [quantiles, cpu, throttling, gpu, requests],
});
