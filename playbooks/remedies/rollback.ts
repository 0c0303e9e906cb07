import type { Moment, Outcome } from '../../src/core/contract.ts';
import type { PodTemplate, Revision } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import { currentRevision, deployment, revisions } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import type { Variables } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import { references, uncheckedFor } from '../readings/references.ts';
import { troubleOf } from '../readings/trouble.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { backAlso, nothingBeside, reachOf, readsThen } from './back-reach.ts';
import type { RoomAlso } from './back-reach.ts';
import { backTo, changeDeadlineMs, changePlan, changing, doubts, podMoves } from './change.ts';
import type { ChangePlan } from './change.ts';
import { differences, hiddenValues, versionOf } from './difference.ts';
import type { ShownValues } from './difference.ts';
import { goalText, withGoal } from './goal.ts';
import type { GoalFor } from './goal.ts';
import { chooseRevision, ranUntil } from './ladder.ts';
import type { Blamed, Seen } from './ladder.ts';
import { stateOf } from './state.ts';

export const rollbackNeeds = [deployment, revisions, pods, samples, references] as const;

/** `doubt`: said where the pods of the present version run well, so that only what was found speaks against it; of "since this version came". */
export const rollback = <const W extends string>(o: {
  readonly when: readonly W[];
  readonly doubt?: (since: string) => string;
  /** Left out: pods that serve are what was amiss. */
  readonly goal?: GoalFor;
}) =>
  onDeployment.remedy('rollback', {
    title: 'Roll back',
    acts: 'deployment',
    when: o.when,
    needs: rollbackNeeds,
    also: [...backAlso, facts],
    schema: changePlan,
    plan: (t, seen, at, _asked, also) => {
      if (seen.deployment.paused) return { no: 'it is paused: see resume and roll back' };
      const plan = planBack(t, seen, at, { also, ...(o.doubt === undefined ? {} : { doubt: o.doubt }) });
      return 'no' in plan ? plan : { ...plan, ...withGoal(o.goal, also.config) };
    },
    label: 'rollback',
    says: (plan) => say`${backTo(plan)}. ${podMoves(plan)}${doubts(plan)}${goalText(plan.goal ?? null)}`,
    ...changing,
  });

/** `kubectl rollout undo` refuses a paused deployment, and a mere resume would start the broken version: one plan. */
export const resumeAndRollback = <const W extends string>(o: { readonly when: readonly W[] }) =>
  onDeployment.remedy('resume-and-rollback', {
    title: 'Resume and roll back',
    acts: 'deployment',
    when: o.when,
    needs: rollbackNeeds,
    also: backAlso,
    schema: changePlan,
    plan: (t, seen, at, _asked, also) => {
      if (!seen.deployment.paused) return { no: 'it is not paused' };
      if (!seen.samples.some(({ pod }) => troubleOf(pod) !== null)) {
        return { no: 'nothing is wrong with the new pods as far as they go: resume is enough' };
      }
      const plan = planBack(t, seen, at, { also });
      return 'no' in plan ? plan : { ...plan, paused: { from: true, to: false } };
    },
    label: 'resume and roll back',
    says: (plan) => say`resume and roll back to ${plan.to.version} in one step. ${podMoves(plan)}${doubts(plan)}`,
    ...changing,
  });

export function planBack(
  t: DeploymentTarget,
  seen: Seen,
  at: Moment,
  beside: {
    readonly doubt?: (since: string) => string;
    /** What was measured over time, where a playbook measures. Absent: judged by its pods. */
    readonly blamed?: Blamed;
    /** Absent: no value of a variable is shown, and what it reaches is not known. */
    readonly also?: RoomAlso & { readonly variables: Outcome<Variables> };
  } = {},
): ChangePlan | { readonly no: string } {
  const choice = chooseRevision(seen, at.at, beside.doubt, beside.blamed ?? null);
  if ('no' in choice) return choice;
  const { to, worked, start, caution, suspect } = choice;
  const { deployment: now } = seen;
  const current = currentRevision(now, seen.revisions);
  const number = current?.number ?? (now.revision ?? 0) + 1;
  const until = ranUntil(to, seen.revisions);
  const on = { namespace: t.namespace, now, fresh: seen.pods.fresh, start, deadlineMs: changeDeadlineMs };
  const moved = reachOf(on, to, beside.also ?? nothingBeside);
  if ('no' in moved) return moved;
  return {
    namespace: t.namespace,
    name: t.name,
    uid: now.uid,
    from: {
      replicaSet: current?.uid ?? '',
      replicaSetName: current?.name ?? '',
      digest: now.templateDigest,
      version: versionOf({ number, template: now.template }, to.template),
    },
    to: {
      replicaSet: to.uid,
      replicaSetName: to.name,
      digest: to.templateDigest,
      version: versionOf(to, now.template),
    },
    worked,
    ...(until === null ? {} : { ranUntil: until }),
    caution: [caution, moved.caution].filter((one) => one !== '').join('; '),
    ...(suspect ? { suspect } : {}),
    unchecked: start === 0 ? [] : [...uncheckedFor(to.template, seen.references)],
    paused: { from: now.paused, to: now.paused },
    strategy: stateOf(now, []).strategy,
    ...visible(now.template, to, beside.also?.variables),
    pods: { remove: seen.pods.fresh.total, start, keep: to.replicas.ready },
    owner: now.owner,
    ...moved.reach,
    reach: [...moved.reach.reach, ...readsThen(now.template, to.template)],
  };
}

function visible(
  now: PodTemplate,
  to: Revision,
  seen: Outcome<Variables> | undefined,
): Pick<ChangePlan, 'lines' | 'hidden'> {
  const shown = shownFor(to, seen);
  const lines = [...differences(now, to.template, shown)];
  return lines.length > 0 ? { lines } : { lines, hidden: [...hiddenValues(now, to.template, shown)] };
}

/** The values that the config lets be shown, where they are known of just this revision. */
export function shownFor(to: Pick<Revision, 'number'>, seen: Outcome<Variables> | undefined): ShownValues | null {
  if (seen?.known !== true) return null;
  const { container, values, before } = seen.value;
  return before === null || before.number !== to.number ? null : { container, from: values, to: before.values };
}
