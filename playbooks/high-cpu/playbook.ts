import { nodePodsOf } from '../readings/node-pods.ts';
import { standing } from '../readings/standing.ts';
import { byNumbers } from '../readings/by-numbers.ts';
import { startUp } from '../readings/start-up.ts';
import { users } from '../readings/users.ts';
import { autoscaler, deployment, revisions } from '../readings/deployment.ts';
import { exists } from '../readings/exists.ts';
import { explaining } from '../readings/explaining.ts';
import { facts, variables } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { pods, samples } from '../readings/pods.ts';
import { references } from '../readings/references.ts';
import { limitRanges, nodes, quotas } from '../readings/room.ts';
import { autoscalerBounds, scaledObject, scaledObjectBounds } from '../remedies/bounds.ts';
import type { Goal } from '../remedies/goal.ts';
import { cordon } from '../remedies/cordon.ts';
import { replacePod } from '../remedies/replace-pod.ts';
import { scale } from '../remedies/scale.ts';
import { setThreads } from '../remedies/set-env.ts';
import { setCpu } from '../remedies/set-resources.ts';
import { allAdvice } from './advice.ts';
import { rollbackByCpu, unthrottled } from './back.ts';
import { costChart, cpuChart, throttlingChart } from './charts.ts';
import { nodeBusy, threads, throttled } from './checks-limit.ts';
import { costPerRequest, retryStorm } from './checks-load.ts';
import { nodeSteal, oneHot, sidecar, unevenLoad } from './checks-pods.ts';
import { growth, hpaAtMaximum, hpaBlind, unexplainedCpu } from './checks-scaler.ts';
import { oddByCpu, requestsByPodNow } from './hot-pod.ts';
import { inside } from './inside.ts';
import { nodeLoad } from './node-load.ts';
import { highOfRequest } from './picture.ts';
import { podUse } from './pod-use.ts';
import { remarks } from './remarks.ts';
import { retries } from './retries.ts';
import { traffic, yesterday } from './traffic.ts';
import { cpu, throttling } from './use.ts';

/** What explains most comes first; what another explains is not a cause of its own. */
const causes = byNumbers(
  explaining(
    [
      exists,
      nodeSteal,
      sidecar,
      unevenLoad,
      oneHot,
      threads,
      retryStorm,
      costPerRequest,
      throttled,
      hpaBlind,
      hpaAtMaximum,
      growth,
      nodeBusy,
      unexplainedCpu,
    ],
    {
      'node-steal': ['node-busy'],
      sidecar: ['hpa-at-maximum', 'node-busy'],
      threads: ['throttled', 'cost-per-request', 'hpa-at-maximum', 'growth', 'node-busy'],
      'retry-storm': ['throttled', 'cost-per-request', 'hpa-at-maximum', 'growth', 'node-busy'],
      'cost-per-request': ['throttled', 'hpa-at-maximum', 'growth', 'node-busy'],
      throttled: ['hpa-at-maximum', 'growth'],
      'hpa-blind': ['hpa-at-maximum', 'growth', 'node-busy'],
      'hpa-at-maximum': ['growth', 'node-busy'],
      growth: ['node-busy'],
    },
    // Named only where nothing else is.
    ['high-without-cause'],
  ),
  ['exists', 'node-steal', 'one-hot-pod', 'hpa-blind'],
);

const calm: Goal = { measure: 'CPU of request', below: highOfRequest };

export const highCpu = onDeployment.playbook({
  id: 'high-cpu',
  title: 'high CPU',
  guide: 'Performance Issues › High CPU Usage',
  about:
    'Which pods use so much CPU, of what and since when; whether more is asked for, each request costs more, or something else uses it.',
  alerts: ['HighCPUUsage', 'CPUThrottlingHigh', 'KubeHpaMaxedOut', 'KubeHpaReplicasMismatch'],
  symptoms: [
    'high CPU',
    'CPU usage',
    'CPU at 100%',
    'cpu high',
    'throttled',
    'CPU throttling',
    'autoscaler does not scale',
    'HPA at maximum',
    'HPA does not scale',
    'pods are hot',
  ],
  look: [
    deployment,
    revisions,
    pods,
    samples,
    references,
    podRows,
    cpu,
    throttling,
    traffic,
    yesterday,
    requestsByPodNow,
    oddByCpu,
    nodeLoad,
    nodes,
    autoscaler,
    scaledObject,
    facts,
    variables,
    retries,
    inside,
    podUse,
    quotas,
    limitRanges,
    freeRoom,
    users,
    startUp,
    standing,
    nodePodsOf(oddByCpu),
  ],
  checks: causes,
  remedies: [
    rollbackByCpu({ when: ['cost-per-request', 'sidecar', 'throttled'] }),
    setThreads({ when: ['threads'], goal: calm, choose: threadsFor }),
    setCpu({ when: ['throttled'], goal: unthrottled }),
    cordon({ when: ['node-steal'], odd: oddByCpu }),
    replacePod({ when: ['one-hot-pod', 'node-steal'], odd: oddByCpu }),
    autoscalerBounds({ when: ['hpa-at-maximum', 'hpa-blind'], goal: calm }),
    scaledObjectBounds({ when: ['hpa-at-maximum', 'hpa-blind'], goal: calm }),
    scale({ when: ['growth'], goal: calm }),
  ],
  advice: allAdvice,
  remarks,
  charts: [cpuChart, throttlingChart, costChart],
});

/** As many threads as cores; what the revision before had, where that is no more. */
function threadsFor(_now: string | null, before: string | null, cores: number | null): string | null {
  if (cores === null) return before;
  const fit = Math.max(1, Math.floor(cores));
  return before !== null && Number(before) > 0 && Number(before) <= fit ? before : String(fit);
}
