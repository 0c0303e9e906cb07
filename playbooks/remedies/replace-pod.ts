import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import { code, say } from '../../src/core/words.ts';
import type { Outcome, Verdict } from '../../src/core/contract.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { deployment } from '../readings/deployment.ts';
import { freeRoom, freeRoomText, placesFor } from '../readings/free-room.ts';
import type { FreeRoom } from '../readings/free-room.ts';
import { facts } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import type { Row } from '../readings/pod-rows.ts';
import { nodeName, plural } from '../readings/wording.ts';
import { oddPod } from '../readings/odd-pod.ts';
import type { SpotReading } from '../readings/odd-pod.ts';
import { goalSchema, goalText, judgedFrom, reached, withGoal } from './goal.ts';
import type { GoalFor } from './goal.ts';
import { observeGoal } from './goal-seen.ts';
import type { GoalSeen } from './goal-seen.ts';
import { barred } from './barred.ts';
import { around, deadlineMsOf, evicting, reachShape, sameBut, settleMsOf } from './reach.ts';
import type { Around } from './reach.ts';
import { isOut, observeDeployment, progressOf } from './state.ts';
import type { DeploymentState } from './state.ts';

const replacePlan = z.object({
  namespace: z.string(),
  name: z.string(),
  deploymentUid: z.string(),
  pod: z.string(),
  uid: z.string(),
  node: z.string(),
  wanted: z.number(),
  ...reachShape,
  /** No other node has room for the new pod now: why. */
  noRoom: z.string().exactOptional(),
  /** What it is judged by beside the pods, where a playbook offers it. */
  goal: goalSchema.exactOptional(),
});
type ReplacePlan = z.infer<typeof replacePlan>;

type ReplaceState = DeploymentState & {
  readonly podUid: string;
  readonly terminating: boolean;
  readonly goal?: GoalSeen;
};

const asked = z.object({ pod: z.string().min(1).max(253) });

interface Offering<W extends string> {
  readonly when: readonly W[];
  readonly odd?: SpotReading;
  /** Left out: its pods show whether it worked. */
  readonly goal?: GoalFor;
}

/** Takes one pod away through the eviction API, so that a disruption budget is respected; its controller makes another. */
export const replacePod = <const W extends string>({ when, odd = oddPod, goal = null }: Offering<W>) =>
  onDeployment.remedy('replace-pod', {
    title: 'Replace one pod',
    acts: 'pod',
    when,
    needs: [deployment, podRows, odd],
    also: [...around, freeRoom, facts],
    schema: replacePlan,
    asks: { schema: asked, usage: '<pod>' },
    plan: (t, seen, _at, want, also) => {
      const name = want?.pod ?? seen['odd pod']?.pod ?? null;
      if (name === null) return { no: 'no single pod stands out from the others' };
      const row = seen['pod rows'].rows.find((one) => one.name === name);
      if (row === undefined) return { no: `there is no pod ${name} of ${t.name} now` };
      const others = seen['pod rows'].rows.filter((one) => one.ready && one.name !== name).length;
      if (others === 0) return { no: 'it is the only pod that could serve: nothing would serve meanwhile' };
      if (want === null && seen['odd pod']?.node === true && !isAway(seen['odd pod'].cordoned)) {
        return { no: `the node ${row.node} is the cause, and the new pod could land on it again: cordon it first` };
      }
      // Of a node that is the cause, one pod after the other is replaced: only all of them make users well.
      const isAlone = want === null && seen['odd pod']?.node !== true;
      const judged = isAlone ? withGoal(goal, also.config) : {};
      const no = hindrance(t, seen.deployment, also);
      if (no !== null) return { no };
      const noRoom = seen['odd pod']?.cordoned === true ? noRoomIn(seen.deployment, also['free room']) : null;
      return {
        ...planOf(t, seen.deployment.uid, seen.deployment.replicas.wanted, row),
        ...evicting(seen.deployment, also, deadlineMs),
        ...(noRoom === null ? {} : { noRoom }),
        ...judged,
      };
    },
    target: (plan) => ({ namespace: plan.namespace, name: plan.pod }),
    label: 'replace pod',
    risk: (plan) => (plan.wanted > 2 && plan.noRoom === undefined ? 'low' : 'medium'),
    says: (plan) =>
      say`replace pod ${code(plan.pod)} on ${nodeName(plan.node)}. It is taken away, its controller starts another; 1 of ${plan.wanted} does not serve until that is ready${plan.noRoom === undefined ? '' : `, and now no other node has room for it`}${goalText(plan.goal ?? null)}`,
    after: () => null,
    preview: (plan) => [
      `namespace ${plan.namespace}`,
      `- pod ${plan.pod}${plan.node === '' ? '' : ` on ${plan.node}`}`,
      `by eviction (uid ${plan.uid}); a disruption budget may refuse`,
      ...(plan.noRoom === undefined ? [] : [`the new pod waits for room: ${plan.noRoom}`]),
      ...(plan.reach ?? [`${plan.wanted - 1} of ${plural(plan.wanted, 'pod')} serve meanwhile`]),
    ],
    knownGood: () => false,
    same: sameBut,
    settleMs: (plan) => settleMsOf(plan, deadlineMs),
    deadlineMs: (plan) => deadlineMsOf(plan, deadlineMs),
    observe,
    binds: ({ uid, podUid, terminating }): Json => ({ uid, podUid, terminating }),
    fits,
    holds: (plan, now) => now.podUid !== plan.uid || now.terminating,
    rehearse: (rehearse, plan) => rehearse.rehearse({ uid: plan.uid }),
    execute: (act, plan) => act.evict({ uid: plan.uid }),
    verify,
    progress: (plan, now) => `${progressOf(now)}${isOut(now) ? judgedFrom(plan.goal, now.goal) : ''}`,
    undo: { impossible: 'a pod that has ended does not come back; its controller has made another' },
  });

async function observe(read: Read, plan: ReplacePlan): Promise<ReplaceState> {
  const of = { namespace: plan.namespace, name: plan.name };
  const [state, pod, seen] = await Promise.all([
    observeDeployment(read, of, []),
    read.kubernetes.pod({ namespace: plan.namespace, name: plan.pod }),
    observeGoal(read, of, plan.goal ?? null),
  ]);
  const now = { ...state, podUid: pod?.uid ?? '', terminating: pod?.terminating ?? false };
  return seen === null ? now : { ...now, goal: seen };
}

function fits(plan: ReplacePlan, now: ReplaceState): Verdict {
  if (now.uid !== plan.deploymentUid) return { is: 'no', because: 'its deployment was deleted or made anew since' };
  if (now.podUid !== plan.uid) return { is: 'no', because: 'this pod is gone already' };
  if (now.terminating) return { is: 'no', because: 'this pod is ending already' };
  return now.available >= now.wanted - 1
    ? { is: 'yes' }
    : { is: 'not yet', because: `${now.available} of ${plural(now.wanted, 'pod')} available: one less would hurt` };
}

function verify(plan: ReplacePlan, before: ReplaceState, now: ReplaceState): Verdict {
  if (!now.there) return { is: 'no', because: 'the deployment does not exist any more' };
  if (now.podUid === plan.uid) return { is: 'not yet', because: 'the old pod is still ending' };
  if (now.available < Math.min(before.available, plan.wanted) - 1) {
    return {
      is: 'worse',
      because: `${now.available} of ${plural(now.wanted, 'pod')} available, ${before.available} before`,
    };
  }
  return now.observed && now.available >= now.wanted
    ? reached(plan.goal ?? null, before.goal ?? null, now.goal ?? null)
    : { is: 'not yet', because: `${now.available} of ${now.wanted} available` };
}

const isAway = (cordoned: boolean): boolean => cordoned;

const deadlineMs = 15 * 60_000;

/** Why the pod could not be taken away, or no other would be made in its place; null: nothing that was seen speaks against it. */
function hindrance(t: { readonly namespace: string }, now: Deployment, beside: Around): string | null {
  const bar = barred(beside, t.namespace, now.templateDigest);
  if (bar !== null) return `no other would come in its place: ${bar}`;
  const budget = beside.users.known ? beside.users.value.budgets.find((one) => one.allowed <= 0) : undefined;
  return budget === undefined ? null : `disruption budget ${budget.name} lets no pod go now`;
}

/** Its own node is cordoned, so that the room which it leaves is none for the next one. */
function noRoomIn({ template }: Deployment, room: Outcome<FreeRoom>): string | null {
  return room.known && placesFor(template, room.value) === 0 ? freeRoomText(template, room.value) : null;
}

function planOf(
  t: { readonly namespace: string; readonly name: string },
  deploymentUid: string,
  wanted: number,
  row: Row,
): ReplacePlan {
  return { namespace: t.namespace, name: t.name, deploymentUid, pod: row.name, uid: row.uid, node: row.node, wanted };
}
