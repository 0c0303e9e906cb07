import { standing } from '../readings/standing.ts';
import { startUp } from '../readings/start-up.ts';
import { users } from '../readings/users.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { exists } from '../readings/exists.ts';
import { explaining } from '../readings/explaining.ts';
import { facts, variables } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import { childKills, kills } from '../readings/kills.ts';
import { memory, workingSet } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { pods, samples } from '../readings/pods.ts';
import { references } from '../readings/references.ts';
import { podCounts, released, rollout } from '../readings/remarks.ts';
import { limitRanges, nodes, quotas } from '../readings/room.ts';
import { replacePod } from '../remedies/replace-pod.ts';
import { setMemory } from '../remedies/set-resources.ts';
import { allAdvice } from './advice.ts';
import { charts } from './charts.ts';
import { childEnds, childKilled } from './checks-child.ts';
import { filesInMemory, nearLimit, nodePressure, oomKills } from './checks-kills.ts';
import { queueGrows } from './checks-queue.ts';
import { followsRequests, leak, onePod, slowLeak } from './checks-trend.ts';
import { growingPod, inFlight, inside, queue, readyPods, requests } from './readings.ts';
import { kindsOfMemory, memoryNow, pageCache } from './remarks.ts';
import { growthShows, restartForTime, rollbackBefore, room, untilHigherLimit } from './remedies.ts';

/** Growth explains that the limit is met; what meets the limit without growing is something else. */
const checks = explaining(
  [
    exists,
    queueGrows,
    leak,
    slowLeak,
    onePod,
    nodePressure,
    filesInMemory,
    childKilled,
    oomKills,
    childEnds,
    followsRequests,
    nearLimit,
  ] as const,
  {
    'queue-grows': ['leak', 'slow-leak', 'child-killed', 'child-ends', 'oom-kills', 'node-pressure'],
    leak: ['child-killed', 'child-ends', 'oom-kills', 'node-pressure'],
    'one-pod-grows': ['child-killed', 'child-ends', 'oom-kills', 'node-pressure'],
    'files-in-memory': ['oom-kills', 'child-killed'],
    'node-pressure': ['oom-kills'],
    'child-killed': ['oom-kills'],
    'memory-follows-requests': ['near-limit'],
  },
  ['near-limit', 'memory-follows-requests'],
);

export const memoryLeak = onDeployment.playbook({
  id: 'memory-leak',
  title: 'memory leak',
  guide: 'Performance Issues › Memory Leaks',
  about: 'Whether memory of a deployment really grows, since when and until when, and what killed its containers.',
  alerts: [
    'MemoryLeakSuspected',
    'ContainerMemoryNearLimit',
    'ContainerMemoryUsageHigh',
    'ContainerOOMKilled',
    'KubePodOOMKilled',
  ],
  symptoms: [
    'memory leak',
    'memory grows',
    'memory keeps growing',
    'memory high',
    'high memory',
    'out of memory',
    'OOM',
    'oom killed',
    'evicted',
  ],
  look: [
    deployment,
    revisions,
    pods,
    samples,
    references,
    podRows,
    memory,
    workingSet,
    requests,
    readyPods,
    queue,
    inFlight,
    kills,
    childKills,
    inside,
    growingPod,
    events,
    nodes,
    quotas,
    limitRanges,
    freeRoom,
    facts,
    variables,
    users,
    startUp,
    standing,
  ],
  checks,
  remedies: [
    rollbackBefore,
    replacePod({ when: ['one-pod-grows'], odd: growingPod, goal: growthShows }),
    setMemory({ when: ['leak'], goal: untilHigherLimit }),
    setMemory({ when: ['child-killed', 'oom-kills', 'near-limit', 'memory-follows-requests'], goal: room }),
    restartForTime,
  ],
  advice: allAdvice,
  remarks: [released, memoryNow, pageCache, kindsOfMemory, rollout, podCounts],
  charts,
});
