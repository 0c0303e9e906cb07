import type { Answer } from '../../src/core/contract.ts';
import { say } from '../../src/core/words.ts';
import { standing } from '../readings/standing.ts';
import { startUp } from '../readings/start-up.ts';
import { users } from '../readings/users.ts';
import { autoscaler, deployment, isWell, revisions } from '../readings/deployment.ts';
import { containerUse } from '../readings/container-use.ts';
import { exists } from '../readings/exists.ts';
import { facts, variables } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import type { Odd } from '../readings/odd-pod.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { pods, samples } from '../readings/pods.ts';
import { references } from '../readings/references.ts';
import { changed, podCounts, released, rollout, scaling } from '../readings/remarks.ts';
import { limitRanges, nodes, nodeUse, quotas } from '../readings/room.ts';
import { kubectl } from '../targets/deployment.ts';
import { autoscalerBounds, scaledObject, scaledObjectBounds } from '../remedies/bounds.ts';
import { restartAsked, rollbackAsked } from '../remedies/by-command.ts';
import { replacePod } from '../remedies/replace-pod.ts';
import { scale } from '../remedies/scale.ts';
import { setBatchSize, setModelVersion, setThreads } from '../remedies/set-env.ts';
import { setCpu, setGpu, setMemory } from '../remedies/set-resources.ts';
import { plural } from '../readings/wording.ts';

/** Whoever asks for a change is told how the target is now. A rollout on its way is no trouble; who needs the cause asks for a diagnosis. */
const healthy = onDeployment.check('healthy', {
  severity: 'warning',
  ask: 'Is it as it should be before it is changed?',
  rulesOut: 'pods that are not ready',
  needs: [deployment],
  find: (seen, _also, { t }): Answer => {
    const { wanted, available } = seen.deployment.replicas;
    if (isWell(seen.deployment) || available >= wanted) return 'clear';
    return {
      found: say`it is not healthy now: ${available} of ${plural(wanted, 'pod')} available`,
      short: `${available} of ${plural(wanted, 'pod')} available`,
      byHand: `${kubectl(t)} get deployment ${t.name}`,
    };
  },
});

/** Which pod is not looked for: the person names it. */
const named = onDeployment.reading('odd pod', {
  after: [podRows],
  byHand: (t) => `${kubectl(t)} get pods`,
  read: (): Promise<Odd | null> => Promise.resolve(null),
});

const byCommand = { when: [], goal: null } as const;
const choose = (): null => null;

/** What a person asks for by command: it is planned, shown, approved, done, verified and undone like any fix. */
export const change = onDeployment.playbook({
  id: 'change',
  title: 'quick change',
  guide: 'Common Quick Fixes',
  about:
    'A change that a person asks for: restart, rollback, scale, bounds of an autoscaler, resources, variables, one pod.',
  alerts: [],
  symptoms: [],
  look: [
    deployment,
    revisions,
    autoscaler,
    scaledObject,
    pods,
    samples,
    references,
    nodes,
    nodeUse,
    quotas,
    limitRanges,
    freeRoom,
    facts,
    variables,
    podRows,
    named,
    users,
    startUp,
    containerUse,
    standing,
  ],
  checks: [exists, healthy],
  remedies: [
    restartAsked,
    rollbackAsked,
    scale(byCommand),
    autoscalerBounds(byCommand),
    scaledObjectBounds(byCommand),
    setCpu(byCommand),
    setMemory(byCommand),
    setGpu(byCommand),
    setModelVersion({ ...byCommand, choose }),
    setBatchSize({ ...byCommand, choose }),
    setThreads({ ...byCommand, choose }),
    replacePod({ when: [], odd: named }),
  ],
  advice: [],
  remarks: [changed, released, rollout, podCounts, scaling],
});
