import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import { code, say } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import type { Row } from '../readings/pod-rows.ts';
import { nodeName } from '../readings/wording.ts';
import { oddPod } from '../readings/odd-pod.ts';
import type { SpotReading } from '../readings/odd-pod.ts';
import { goalOf, goalSchema, goalText, observeGoal, reached } from './goal.ts';
import type { GoalFor, GoalSeen } from './goal.ts';
import { observeDeployment, progressOf } from './state.ts';
import type { DeploymentState } from './state.ts';

const replacePlan = z.object({
  namespace: z.string(),
  name: z.string(),
  deploymentUid: z.string(),
  pod: z.string(),
  uid: z.string(),
  node: z.string(),
  wanted: z.number(),
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
    also: [facts],
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
      const judged = also.config.known && isAlone ? goalOf(goal, also.config.value) : null;
      const plan = planOf(t, seen.deployment.uid, seen.deployment.replicas.wanted, row);
      return judged === null ? plan : { ...plan, goal: judged };
    },
    target: (plan) => ({ namespace: plan.namespace, name: plan.pod }),
    label: 'replace pod',
    risk: (plan) => (plan.wanted > 2 ? 'low' : 'medium'),
    says: (plan) =>
      say`replace pod ${code(plan.pod)} on ${nodeName(plan.node)}. It is taken away, its controller starts another; 1 of ${plan.wanted} does not serve until that is ready${goalText(plan.goal ?? null)}`,
    after: () => null,
    preview: (plan) => [
      `namespace ${plan.namespace}`,
      `- pod ${plan.pod}${plan.node === '' ? '' : ` on ${plan.node}`}`,
      `by eviction (uid ${plan.uid}); a disruption budget may refuse`,
      `${plan.wanted - 1} of ${plan.wanted} pods serve meanwhile`,
    ],
    knownGood: () => false,
    settleMs: 30_000,
    deadlineMs: 15 * 60_000,
    observe: async (read, plan): Promise<ReplaceState> => {
      const of = { namespace: plan.namespace, name: plan.name };
      const [state, pod, seen] = await Promise.all([
        observeDeployment(read, of, []),
        read.kubernetes.pod({ namespace: plan.namespace, name: plan.pod }),
        observeGoal(read, of, plan.goal ?? null),
      ]);
      const now = { ...state, podUid: pod?.uid ?? '', terminating: pod?.terminating ?? false };
      return seen === null ? now : { ...now, goal: seen };
    },
    binds: ({ uid, podUid, terminating }): Json => ({ uid, podUid, terminating }),
    fits: (plan, now) => {
      if (now.uid !== plan.deploymentUid) return { is: 'no', because: 'its deployment was deleted or made anew since' };
      if (now.podUid !== plan.uid) return { is: 'no', because: 'this pod is gone already' };
      if (now.terminating) return { is: 'no', because: 'this pod is ending already' };
      return now.available >= now.wanted - 1
        ? { is: 'yes' }
        : { is: 'not yet', because: `${now.available} of ${now.wanted} pods are available: one less would hurt` };
    },
    holds: (plan, now) => now.podUid !== plan.uid || now.terminating,
    rehearse: (rehearse, plan) => rehearse.rehearse({ uid: plan.uid }),
    execute: (act, plan) => act.evict({ uid: plan.uid }),
    verify: (plan, before, now) => {
      if (!now.there) return { is: 'no', because: 'the deployment does not exist any more' };
      if (now.podUid === plan.uid) return { is: 'not yet', because: 'the old pod is still ending' };
      if (now.available < Math.min(before.available, plan.wanted) - 1) {
        return { is: 'worse', because: `${now.available} of ${now.wanted} pods available, ${before.available} before` };
      }
      return now.observed && now.available >= now.wanted
        ? reached(plan.goal ?? null, before.goal ?? null, now.goal ?? null)
        : { is: 'not yet', because: `${now.available} of ${now.wanted} available` };
    },
    progress: (_plan, now) => progressOf(now),
    undo: { impossible: 'a pod that has ended does not come back; its controller has made another' },
  });

const isAway = (cordoned: boolean): boolean => cordoned;

function planOf(
  t: { readonly namespace: string; readonly name: string },
  deploymentUid: string,
  wanted: number,
  row: Row,
): ReplacePlan {
  return { namespace: t.namespace, name: t.name, deploymentUid, pod: row.name, uid: row.uid, node: row.node, wanted };
}
