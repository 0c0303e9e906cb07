import type { Answer, CheckOf, Outcome } from '../../src/core/contract.ts';
import { clock, say } from '../../src/core/words.ts';
import { volumes } from '../readings/volumes.ts';
import { standing } from '../readings/standing.ts';
import { startUp } from '../readings/start-up.ts';
import { users } from '../readings/users.ts';
import { freeRoom } from '../readings/free-room.ts';
import { autoscaler, deployment, isWell, revisions } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import { logs } from '../readings/logs.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { references } from '../readings/references.ts';
import { limitRanges, nodes, nodeUse, quotas } from '../readings/room.ts';
import { preparedSince, runningSince, troubleOf } from '../readings/trouble.ts';
import { minutesBetween } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

/** All readings, in the order in which they are looked at. */
export const everything = [
  deployment,
  revisions,
  pods,
  samples,
  events,
  logs,
  quotas,
  limitRanges,
  nodes,
  nodeUse,
  references,
  autoscaler,
  freeRoom,
  users,
  startUp,
  standing,
  volumes,
] as const;

type Known = CheckOf<DeploymentTarget, string, string>;

/** Minutes that a container may take to start before it counts as standing still. */
const startingMinutes = 5;

/** The deadline has passed, but what held the pods up is over: they are starting just now. */
export const startingNow = onDeployment.check('starting-now', {
  severity: 'warning',
  ask: 'Are the pods of the late rollout starting just now?',
  rulesOut: 'standstill',
  needs: [deployment, pods, samples],
  find: (seen, _also, { t, at }): Answer => {
    const stuck = seen.deployment.conditions.some((one) => one.type === 'Progressing' && one.status === 'False');
    if (isWell(seen.deployment) || !stuck) return 'clear';
    const held = seen.samples.flatMap(({ pod }) => {
      const trouble = troubleOf(pod);
      return trouble === null ? [] : [{ trouble, pod }];
    });
    const begun = held.flatMap(({ trouble, pod }) =>
      trouble.is === 'starting' || trouble.is === 'not ready' || trouble.is === 'init running'
        ? (runningSince(pod, trouble.container) ?? [])
        : trouble.is === 'not created'
          ? (preparedSince(pod) ?? [])
          : [],
    );
    const isYoung = begun.every((one) => minutesBetween(one, at) < startingMinutes);
    const [first] = begun.toSorted();
    if (first === undefined || begun.length < held.length || !isYoung) return 'clear';
    const { total, ready } = seen.pods.fresh;
    return {
      found: say`late, but it gets on again: ${total - ready} of ${total} new pods have been starting since ${clock(first)}`,
      short: 'late, new pods are starting',
      since: first,
      passing: true,
      byHand: `${kubectl(t)} rollout status deployment/${t.name} --timeout=5m`,
    };
  },
});

/** It is stuck and none of the causes fits: said as such, since "nothing found" would be untrue. */
export const unexplained = (causes: readonly Known[]) =>
  onDeployment.check('unexplained', {
    severity: 'critical',
    ask: 'Is the rollout free of trouble that I cannot explain?',
    rulesOut: 'standstill',
    needs: [deployment, pods],
    also: everything,
    find: (seen, also, on): Answer => {
      const of = seen.deployment;
      const stuck = of.conditions.find((one) => one.type === 'Progressing' && one.status === 'False');
      if (isWell(of) || stuck === undefined) return 'clear';
      const answers = causes.map((cause) => answerOf(cause, also, on));
      if (answers.some((said) => said !== 'clear' && 'found' in said)) return 'clear';
      const open = answers.filter((said) => said !== 'clear').length;
      const { wanted, updated, available } = of.replicas;
      const since = stuck.since ?? stuck.updatedAt;
      return {
        found: say`the rollout does not get on: ${updated} of ${wanted} updated, ${available} available. None of the causes that I know fits${
          open === 0 ? '' : `; ${open} of them I could not tell`
        }`,
        short: 'rollout stuck, cause not known',
        ...(since === null ? {} : { since }),
        quotes: [stuck.message],
        notKnown: say`why. Young pods may still be starting: the oldest new one is ${age(
          seen.pods.fresh.groups.map((one) => one.oldestAt),
          on.at,
        )} old`,
        byHand: `${kubectl(on.t)} describe deployment ${on.t.name}`,
      };
    },
  });

function age(all: readonly string[], at: string): string {
  const oldest = all.toSorted()[0];
  return oldest === undefined ? 'not there, 0 min' : `${minutesBetween(oldest, at)} min`;
}

/** As the engine asks a check: an unknown reading that it needs is "could not tell". */
function answerOf(
  cause: Known,
  all: Readonly<Record<string, Outcome<unknown>>>,
  on: Parameters<Known['find']>[2],
): Answer {
  const seen: Record<string, unknown> = {};
  for (const id of cause.needs) {
    const outcome = all[id];
    if (!outcome?.known) return { unsure: outcome?.why ?? 'was not looked at' };
    seen[id] = outcome.value;
  }
  return cause.find(seen, all, on);
}
