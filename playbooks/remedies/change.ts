import { z } from 'zod';
import type { Differs, Risk, Verdict } from '../../src/core/contract.ts';
import type { Json } from '../../src/core/json.ts';
import type {
  DeploymentAct,
  DeploymentChange,
  DeploymentExpectation,
  DeploymentRehearse,
} from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { listed, plural } from '../readings/wording.ts';
import { goalSchema, judgedFrom, reached } from './goal.ts';
import type { Goal } from './goal.ts';
import { observeGoal } from './goal-seen.ts';
import type { GoalSeen } from './goal-seen.ts';
import { deadlineMsOf, reachShape, sameBut, settleMsOf } from './reach.ts';
import {
  afterwards,
  bindsOf,
  isOut,
  nameOfOwner,
  observeDeployment,
  ownerSchema,
  progressOf,
  rolledOut,
  sourceOf,
} from './state.ts';
import type { DeploymentState } from './state.ts';

/** Taking a Deployment to another pod template, paused or not: what rollback, resume, and both in one have in common. */

const end = z.object({
  /** uid of its ReplicaSet; '' when the controller never made one. */
  replicaSet: z.string(),
  replicaSetName: z.string(),
  digest: z.string(),
  version: z.string(),
});
export const changePlan = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  from: end,
  to: end,
  /** `ran well before`: its pods were measured while they ran. */
  worked: z.enum(['available now', 'ran well before', 'not known']),
  /** Until when it was the version here (ISO 8601), where that is known: how well it ran nobody measured. */
  ranUntil: z.string().exactOptional(),
  /** What may go wrong with it all the same, in words; '' when nothing is known to speak against it. */
  caution: z.string(),
  /** Nothing shows that the present version is at fault: users fare worse since it came, and that is all. */
  suspect: z.literal(true).exactOptional(),
  /** What its new pods need and could not be looked at: "secret x". */
  unchecked: z.array(z.string()),
  paused: z.object({ from: z.boolean(), to: z.boolean() }),
  strategy: z.string(),
  /** The template's visible differences, from → to. */
  lines: z.array(z.string()),
  /** Variables whose values are not shown, where nothing else differs visibly: one of them may. Absent in plans of older versions. */
  hidden: z.array(z.string()).exactOptional(),
  pods: z.object({ remove: z.number(), start: z.number(), keep: z.number() }),
  owner: ownerSchema,
  ...reachShape,
  /** What it is judged by beside its pods, where that was measured. */
  goal: goalSchema.exactOptional(),
});
export type ChangePlan = z.infer<typeof changePlan>;

const movesTemplate = (plan: ChangePlan): boolean => plan.from.digest !== plan.to.digest;

function change(plan: ChangePlan): DeploymentChange {
  return {
    ...(movesTemplate(plan) ? { template: { replicaSet: plan.to.replicaSet, digest: plan.to.digest } } : {}),
    ...(plan.paused.from === plan.paused.to ? {} : { paused: plan.paused.to }),
  };
}

function expectation(plan: ChangePlan): DeploymentExpectation {
  return { uid: plan.uid, templateDigest: plan.from.digest, paused: plan.paused.from };
}

function fits(plan: ChangePlan, now: DeploymentState): Verdict {
  const no = (because: string): Verdict => ({ is: 'no', because });
  if (!now.there) return no('the deployment does not exist any more');
  if (now.uid !== plan.uid) return no('it was deleted and made anew since');
  if (now.templateDigest !== plan.from.digest) {
    return no(
      movesTemplate(plan) && now.templateDigest === plan.to.digest
        ? `it is at ${plan.to.version} already`
        : 'its pod template was changed since',
    );
  }
  if (now.paused !== plan.paused.from) return no(now.paused ? 'it was paused since' : 'it was resumed since');
  if (now.strategy !== plan.strategy) return no('its rollout strategy was changed since');
  if (movesTemplate(plan) && now.revisions[plan.to.replicaSet] !== plan.to.digest) {
    return no(`the ReplicaSet of ${plan.to.version} is gone`);
  }
  return { is: 'yes' };
}

function holds(plan: ChangePlan, now: DeploymentState): boolean {
  return now.there && now.uid === plan.uid && now.templateDigest === plan.to.digest && now.paused === plan.paused.to;
}

/** `goal`: only where the plan has one. */
export type ChangeState = DeploymentState & { readonly goal?: GoalSeen };

const observe = (read: Read, plan: ChangePlan): Promise<ChangeState> =>
  observedWith(read, plan, [plan.from.replicaSet, plan.to.replicaSet]);

/** How its pods stand, and what the change is judged by. */
export async function observedWith(
  read: Read,
  plan: { readonly namespace: string; readonly name: string; readonly goal?: Goal },
  replicaSets: readonly string[],
): Promise<ChangeState> {
  const [state, goal] = await Promise.all([
    observeDeployment(read, plan, replicaSets),
    observeGoal(read, plan, plan.goal ?? null),
  ]);
  return goal === null ? state : { ...state, goal };
}

function verify(plan: ChangePlan, before: ChangeState, now: ChangeState): Verdict {
  const there = now.uid === plan.uid && now.templateDigest === plan.to.digest;
  // Back to a paused state: the controller does nothing more, so having got there is all.
  if (there && plan.paused.to) return now.paused ? { is: 'yes' } : { is: 'no', because: 'it was resumed since' };
  if (now.there && movesTemplate(plan) && now.templateDigest === plan.from.digest) {
    const who = now.owner.kind === 'none' ? 'somebody' : nameOfOwner(now.owner);
    return { is: 'no', because: `it is back at ${plan.from.version}: ${who} has undone it` };
  }
  const pods = rolledOut(before, now, there);
  return pods.is === 'yes' ? reached(plan.goal ?? null, before.goal ?? null, now.goal ?? null) : pods;
}

/** Exactly what is approved. */
function preview(plan: ChangePlan): readonly string[] {
  const lines = [`deployment ${plan.namespace}/${plan.name}`];
  if (plan.paused.from !== plan.paused.to) lines.push(`- paused: ${plan.paused.from}`, `+ paused: ${plan.paused.to}`);
  if (movesTemplate(plan)) {
    lines.push(
      ...plan.lines,
      `the whole pod template becomes that of ReplicaSet ${plan.to.replicaSetName} (template digest ${plan.to.digest.slice(0, 12)})`,
    );
    if (plan.lines.length === 0) lines.push(unshown(plan.hidden ?? []));
  }
  lines.push(...(plan.reach ?? []), '+ annotation mlp-bot/fence: a new value with each attempt');
  return lines;
}

function unshown(hidden: readonly string[]): string {
  if (hidden.length === 0) return 'what differs are fields that are not shown, such as values of variables';
  const more = hidden.length - 6;
  const names = listed([...hidden.slice(0, 6), ...(more > 0 ? [`${more} more`] : [])], more > 0 ? 'and' : 'or');
  return `what differs is hidden: the value of ${names}, or a field that is not shown`;
}

export function podMoves(plan: ChangePlan): string {
  const { remove, start, keep } = plan.pods;
  const parts = [
    remove > 0 ? `removes ${plural(remove, 'pod')} of ${plan.from.version}` : '',
    `starts ${start}`,
    keep > 0 ? `leaves the ${keep} ready ${keep === 1 ? 'one' : 'ones'} alone` : '',
  ].filter((part) => part !== '');
  const [first = '', ...rest] = parts;
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}`, ...rest].join(', ');
}

function risk(plan: ChangePlan): Risk {
  return plan.worked === 'available now' && plan.caution === '' ? 'low' : 'medium';
}

/** What is thought of it moves with the pods, from look to look: the change is the same, as long as it is no riskier. */
function same(plan: ChangePlan): Json {
  const { caution: _caution, suspect: _suspect, ranUntil: _ranUntil, ...change } = plan;
  return { change: sameBut(change), risk: risk(plan) };
}

/** Not of a restart's mark or of resuming, which no source declares. */
function differsOf(plan: ChangePlan): Differs | null {
  const source = movesTemplate(plan) ? sourceOf(plan.owner) : null;
  if (source === null) return null;
  return {
    source,
    what: `deployment ${plan.namespace}/${plan.name}: ${plan.to.version} instead of ${plan.from.version}`,
  };
}

function after(plan: ChangePlan): Words | null {
  return afterwards(plan.owner, plan.paused.from !== plan.paused.to && !movesTemplate(plan) ? 'this' : 'the rollback');
}

/** The way back, as a plan of the same remedy. */
function back(plan: ChangePlan): ChangePlan | { readonly impossible: string } {
  if (movesTemplate(plan) && plan.from.replicaSet === '') {
    return { impossible: `${plan.from.version} never got a ReplicaSet, so there is nothing to go back to` };
  }
  const { suspect: _suspect, goal: _goal, ranUntil: _ranUntil, reach: _reach, backReach, ...rest } = plan;
  // What the change has brought to all pods is taken back in all of them.
  const all = plan.pods.start + plan.pods.keep;
  const pods = movesTemplate(plan) ? { remove: all, start: all, keep: 0 } : { remove: 0, start: 0, keep: all };
  return {
    ...rest,
    ...(backReach === undefined ? {} : { reach: movesTemplate(plan) ? backReach : [stays] }),
    from: plan.to,
    to: plan.from,
    worked: 'not known',
    caution: '',
    unchecked: [],
    paused: { from: plan.paused.to, to: plan.paused.from },
    lines: plan.lines.map(turned).toSorted(beside),
    pods,
  };
}

const stays = 'starts and takes away no pod: the rollout stays as far as it got';

function turned(line: string): string {
  return line.startsWith('- ') ? `+ ${line.slice(2)}` : line.startsWith('+ ') ? `- ${line.slice(2)}` : line;
}

/** The removed line of a pair before the added one. */
function beside(a: string, b: string): number {
  const what = (line: string): string => line.slice(2).split(': ')[0] ?? '';
  return what(a).localeCompare(what(b)) || b.codePointAt(0)! - a.codePointAt(0)!;
}

/** "roll back to v2.4.0"; of a mere suspect with why it is one, before anything else is said. */
export function backTo({ to, suspect, caution }: ChangePlan): string {
  return `roll back to ${to.version}${suspect === true && caution !== '' ? ` (${caution})` : ''}`;
}

/** What is not sure about it. Empty where nothing is to be said. */
export function doubts(plan: ChangePlan): Words {
  const all = [
    plan.worked === 'not known' ? pastOf(plan) : '',
    plan.unchecked.length === 0 ? '' : `Could not check whether ${listed(plan.unchecked)} still exists`,
    plan.caution === '' || plan.suspect === true ? '' : `Caution: ${plan.caution}`,
  ];
  return say`${all
    .filter((one) => one !== '')
    .map((one) => `. ${one}`)
    .join('')}`;
}

function pastOf({ to: { version }, ranUntil }: ChangePlan): string {
  return ranUntil === undefined
    ? `${version} is not known to have worked`
    : `${version} ran here until ${ranUntil.slice(0, 16).replace('T', ' ')} UTC; how well is not known`;
}

/** How long it may take, where its pods are not known to be slow. */
export const changeDeadlineMs = 15 * 60_000;

/** The parts that these remedies share. */
export const changing = {
  target: (plan: ChangePlan) => ({ namespace: plan.namespace, name: plan.name }),
  risk,
  after,
  // Another template is the way out where the present one cannot start; a cause that no revision escapes refuses it by name. Pausing ends none.
  endsPods: (plan: ChangePlan) => !movesTemplate(plan) && !plan.paused.to,
  preview,
  knownGood: (plan: ChangePlan) => plan.worked !== 'not known',
  changes: (plan: ChangePlan) => plan.lines,
  suspected: (plan: ChangePlan) => plan.suspect === true,
  differs: differsOf,
  judgedBy: (plan: ChangePlan) => (plan.suspect === true ? ('users' as const) : ('pods' as const)),
  same,
  settleMs: (plan: ChangePlan) => settleMsOf(plan, changeDeadlineMs),
  deadlineMs: (plan: ChangePlan) => deadlineMsOf(plan, changeDeadlineMs),
  observe,
  binds: bindsOf,
  fits,
  holds,
  rehearse: (rehearse: DeploymentRehearse, plan: ChangePlan) => rehearse.rehearse(change(plan), expectation(plan)),
  execute: (act: DeploymentAct, plan: ChangePlan) => act.change(change(plan), expectation(plan)),
  verify,
  progress: (plan: ChangePlan, now: ChangeState) =>
    `${progressOf(now)}${isOut(now) ? judgedFrom(plan.goal, now.goal) : ''}`,
  undo: back,
};
