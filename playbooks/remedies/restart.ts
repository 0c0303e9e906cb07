import { z } from 'zod';
import type { Moment, Risk, Verdict } from '../../src/core/contract.ts';
import type { Deployment, DeploymentAct, DeploymentRehearse, Node, NodeUse } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import type { Json } from '../../src/core/json.ts';
import { say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { pods } from '../readings/pods.ts';
import type { Pods } from '../readings/pods.ts';
import { noneMayMiss, roomFor, roomText } from '../readings/quantity.ts';
import { nodes, nodeUse } from '../readings/room.ts';
import { minutesBetween } from '../readings/wording.ts';
import { facts } from '../readings/facts.ts';
import { looksForRoom, reachOf, roomAlso } from './back-reach.ts';
import type { Moved, RoomAlso } from './back-reach.ts';
import { observedWith } from './change.ts';
import type { ChangeState } from './change.ts';
import { boughtBy, goalSchema, goalText, judgedFrom, reached, withGoal } from './goal.ts';
import type { GoalFor } from './goal.ts';
import { deadlineMsOf, reachShape, sameBut, settleMsOf } from './reach.ts';
import { afterwards, bindsOf, inTurn, isOut, ownerSchema, progressOf, rolledOut, stateOf } from './state.ts';
import type { DeploymentState } from './state.ts';

const restartPlan = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  digest: z.string(),
  strategy: z.string(),
  /** Chosen when planning, so that doing it twice is doing it once. */
  restartedAt: z.string(),
  before: z.string().nullable(),
  wanted: z.number(),
  recreates: z.boolean(),
  owner: ownerSchema,
  ...reachShape,
  /** What it is judged by beside its pods, where a playbook offers it. */
  goal: goalSchema.exactOptional(),
});
export type RestartPlan = z.infer<typeof restartPlan>;

/** These pods were fine once: only then does starting them anew promise anything. */
const ranMinutes = 60;

/** `moved`: what it reaches, or why its pods would not be made or placed. */
export function planRestart(
  t: { readonly namespace: string; readonly name: string },
  now: Deployment,
  at: Moment,
  moved: Moved | { readonly no: string },
): RestartPlan | { readonly no: string } {
  const no = refusal(now, at.at);
  if (no !== null) return { no };
  return 'no' in moved ? moved : restartOf(t, now, at, moved);
}

/** The pods of the present template anew: whether they would be let in and placed, and how far it reaches. */
export function restartReach(
  t: { readonly namespace: string },
  seen: { readonly deployment: Deployment; readonly pods: Pods } & Whole,
  beside: RoomAlso,
): Moved | { readonly no: string } {
  const now = seen.deployment;
  const on = {
    namespace: t.namespace,
    now,
    fresh: seen.pods.fresh,
    start: now.replicas.wanted,
    deadlineMs: restartDeadlineMs,
  };
  const moved = reachOf(on, now, beside);
  if ('no' in moved || looksForRoom(now, seen.pods.fresh, beside)) return moved;
  const no = deadlock(now, seen.nodes, seen['node use']);
  return no === null ? moved : { no };
}
interface Whole {
  readonly nodes: readonly Node[];
  readonly 'node use': readonly NodeUse[] | null;
}

/** Whether it should be done was judged before. */
export function restartOf(
  t: { readonly namespace: string; readonly name: string },
  now: Deployment,
  at: Moment,
  { caution, extra, reach }: Moved,
): RestartPlan {
  return {
    namespace: t.namespace,
    name: t.name,
    uid: now.uid,
    digest: now.templateDigest,
    strategy: stateOf(now, []).strategy,
    restartedAt: at.at,
    before: now.template.restartedAt,
    wanted: now.replicas.wanted,
    recreates: now.strategy.type === 'Recreate',
    owner: now.owner,
    reach: [...reach.reach, ...(caution === '' || extra === 0 ? [] : [caution])],
    pace: reach.pace,
  };
}

const expectation = (plan: RestartPlan) => ({ uid: plan.uid, templateDigest: plan.digest, paused: false });

function refusal(now: Deployment, at: string): string | null {
  if (now.paused) return 'it is paused: a restart would wait until it is resumed';
  const progressing = now.conditions.find((one) => one.type === 'Progressing');
  const since = progressing?.updatedAt ?? progressing?.since ?? null;
  if (progressing?.reason !== 'NewReplicaSetAvailable' || since === null || minutesBetween(since, at) < ranMinutes) {
    return 'these pods never ran well: a restart would start the same thing again';
  }
  return null;
}

/** It may take no pod away before an extra one runs: without room for that one it hangs, on a service that serves. */
export function deadlock(now: Deployment, all: readonly Node[], use: readonly NodeUse[] | null): string | null {
  if (now.strategy.type === 'Recreate' || now.strategy.unavailablePods > 0) return null;
  if (use === null) return 'whether its extra pod could be placed was not looked at';
  const resources = new Set(
    now.template.containers.flatMap((one) => [...Object.keys(one.requests), ...Object.keys(one.limits)]),
  );
  for (const resource of resources) {
    const room = roomFor(now.template, resource, all, use);
    if (room.mostFree !== null && room.mostFree < room.asked) {
      return `it would hang: no pod may be missing meanwhile (${noneMayMiss(now.strategy.maxUnavailable, now.replicas.wanted)}), and its extra pod has no ${resource}. ${roomText(room)}`;
    }
  }
  return null;
}

function fits(plan: RestartPlan, now: DeploymentState): Verdict {
  if (!now.there) return { is: 'no', because: 'the deployment does not exist any more' };
  if (now.uid !== plan.uid) return { is: 'no', because: 'it was deleted and made anew since' };
  if (now.restartedAt === plan.restartedAt) return { is: 'no', because: 'it is restarted already' };
  if (now.templateDigest !== plan.digest) return { is: 'no', because: 'its pod template was changed since' };
  if (now.paused) return { is: 'no', because: 'it was paused since' };
  if (now.strategy !== plan.strategy) return { is: 'no', because: 'its rollout strategy was changed since' };
  return { is: 'yes' };
}

export const restartDeadlineMs = 20 * 60_000;

/** What every restart shares, whatever it is planned from. */
export const restarting = {
  title: 'Restart',
  acts: 'deployment',
  schema: restartPlan,
  target: (plan: RestartPlan) => ({ namespace: plan.namespace, name: plan.name }),
  label: 'restart',
  risk: (plan: RestartPlan): Risk => (plan.recreates ? 'high' : 'medium'),
  says: (plan: RestartPlan) =>
    say`restart ${plan.wanted === 1 ? 'its pod' : `all ${plan.wanted} pods`}${inTurn(plan.wanted, plan.recreates)}${goalText(plan.goal ?? null)}`,
  after: (plan: RestartPlan) => afterwards(plan.owner, 'the restart'),
  // Its mark and the time that it buys are of the moment: at the next look it is the same restart all the same.
  same: ({ restartedAt: _mark, goal: _time, ...plan }: RestartPlan): Json => sameBut(plan),
  preview: (plan: RestartPlan) => [
    `deployment ${plan.namespace}/${plan.name}, in its pod template:`,
    ...(plan.before === null ? [] : [`- annotation kubectl.kubernetes.io/restartedAt: ${plan.before}`]),
    `+ annotation kubectl.kubernetes.io/restartedAt: ${plan.restartedAt}`,
    ...(plan.reach ?? []),
    '+ annotation mlp-bot/fence: a new value with each attempt (on the deployment)',
  ],
  knownGood: () => false,
  settleMs: (plan: RestartPlan) => settleMsOf(plan, restartDeadlineMs),
  deadlineMs: (plan: RestartPlan) => deadlineMsOf(plan, restartDeadlineMs),
  buys: (plan: RestartPlan) => boughtBy(plan.goal),
  observe: (read: Read, plan: RestartPlan) => observedWith(read, plan, []),
  binds: bindsOf,
  fits,
  holds: (plan: RestartPlan, now: DeploymentState) => now.uid === plan.uid && now.restartedAt === plan.restartedAt,
  rehearse: (rehearse: DeploymentRehearse, plan: RestartPlan) =>
    rehearse.rehearse({ restartedAt: plan.restartedAt }, expectation(plan)),
  execute: (act: DeploymentAct, plan: RestartPlan) => act.change({ restartedAt: plan.restartedAt }, expectation(plan)),
  verify: (plan: RestartPlan, before: ChangeState, now: ChangeState) => {
    const pods = rolledOut(before, now, now.uid === plan.uid && now.restartedAt === plan.restartedAt);
    return pods.is === 'yes' ? reached(plan.goal ?? null, before.goal ?? null, now.goal ?? null) : pods;
  },
  progress: (plan: RestartPlan, now: ChangeState) =>
    `${progressOf(now)}${isOut(now) ? judgedFrom(plan.goal, now.goal) : ''}`,
  undo: { impossible: 'pods that have ended do not come back; a restart changes nothing else' },
} as const;

/** `judgedBy`: where it is for the users' sake, ready pods alone do not show whether it helped. `goal` left out: pods that serve again are what was amiss. */
export const restart = <const W extends string>(o: {
  readonly when: readonly W[];
  readonly judgedBy?: 'users';
  readonly goal?: GoalFor;
}) =>
  onDeployment.remedy('restart', {
    ...restarting,
    ...(o.judgedBy === undefined ? {} : { judgedBy: () => 'users' as const }),
    when: o.when,
    needs: [deployment, pods, nodes, nodeUse],
    also: [...roomAlso, facts],
    plan: (t, seen, at, _asked, also) => {
      const plan = planRestart(t, seen.deployment, at, restartReach(t, seen, also));
      return 'no' in plan ? plan : { ...plan, ...withGoal(o.goal, also.config) };
    },
  });
