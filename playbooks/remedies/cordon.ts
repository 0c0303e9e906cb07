import { z } from 'zod';
import type { Verdict } from '../../src/core/contract.ts';
import type { Json } from '../../src/core/json.ts';
import type { Node, NodeAct, NodeRehearse } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { code, join, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { onDeployment } from '../readings/on.ts';
import { oddPod } from '../readings/odd-pod.ts';
import type { SpotReading } from '../readings/odd-pod.ts';
import { nodes } from '../readings/room.ts';
import { nodePodsOf } from '../readings/node-pods.ts';
import { podRows } from '../readings/pod-rows.ts';
import { nodeCalled, nodeName, plural } from '../readings/wording.ts';

import { cordonReach } from './reach.ts';

const cordonPlan = z.object({
  node: z.string(),
  uid: z.string(),
  /** What it becomes. */
  unschedulable: z.boolean(),
  /** Nodes that are left to take pods. */
  left: z.number(),
  reach: z.array(z.string()).exactOptional(),
  /** Pods of the deployment it is for that stay on it. Null: it is for none, or was planned before this was kept. */
  pods: z.array(z.string()).nullable().default(null),
});
type CordonPlan = z.infer<typeof cordonPlan>;

interface NodeState {
  readonly uid: string;
  readonly unschedulable: boolean;
}

const asked = z.object({ node: z.string().min(1).max(253) });

/** `to`: what it becomes. */
export function planCordon(name: string, all: readonly Node[], to = true): CordonPlan | { readonly no: string } {
  const found = nodeCalled(name, all);
  if (found === undefined) return { no: `there is no node ${name}` };
  if (found.unschedulable === to) return { no: to ? `${name} is cordoned already` : `${name} takes pods already` };
  const left = all.filter((one) => one !== found && one.ready === 'True' && !one.unschedulable).length;
  if (to && left === 0) return { no: 'no other node would be left to take pods' };
  return { node: found.name, uid: found.uid, unschedulable: to, left, pods: null };
}

/** Keeps new pods off a node; what runs there goes on. */
export const cordon = <const W extends string>({
  when,
  odd = oddPod,
}: {
  readonly when: readonly W[];
  readonly odd?: SpotReading;
}) =>
  onDeployment.remedy('cordon', {
    ...cordoning,
    when,
    needs: [nodes, odd, podRows],
    also: [nodePodsOf(odd)],
    asks: { schema: asked, usage: '<node>' },
    plan: (_t, seen, _at, want, beside) => {
      const odd = seen['odd pod'];
      const name = want?.node ?? (odd?.node === true ? odd.nodeName : null);
      if (name === null) return { moot: true, no: 'no single node stands out' };
      const planned = planCordon(name, seen.nodes);
      const pods = seen['pod rows'].rows.filter((one) => one.node === name).map((one) => one.name);
      return 'no' in planned || want !== null ? planned : { ...planned, pods, reach: cordonReach(beside['node pods']) };
    },
    // Its pods come and go: it is still the same node.
    same: ({ node, unschedulable }) => ({ node, unschedulable }),
  });

/** It alone mends nothing: what serves badly there goes on until it is replaced. */
function staying({ pods }: CordonPlan): Words {
  if (pods === null || pods.length === 0) return say`, what runs there goes on`;
  const shown = join(
    pods.slice(0, 4).map((name) => [code(name)]),
    ', ',
  );
  const [are, they] = pods.length === 1 ? ['pod', 'it is'] : ['pods', 'they are'];
  return say`. Its ${pods.length} ${are} (${shown}${pods.length > 4 ? ', …' : ''}) fare as they do until ${they} replaced, which I propose next, one at a time`;
}

/** Setting whether a node takes new pods, either way. */
export const cordoning = {
  title: 'Cordon a node',
  acts: 'node',
  schema: cordonPlan,
  target: (plan: CordonPlan) => ({ namespace: '', name: plan.node }),
  label: 'cordon node',
  risk: () => 'medium' as const,
  says: (plan: CordonPlan) =>
    plan.unschedulable
      ? say`cordon node ${code(nodeName(plan.node))}: no new pod is placed there${staying(plan)}. ${plural(plan.left, 'other node')} left to take pods`
      : say`uncordon node ${code(plan.node)}: it takes new pods again`,
  after: () => null,
  temporary: (plan: CordonPlan) => (plan.unschedulable ? `node ${plan.node} is cordoned` : null),
  // It drains nothing, so that a cause which needs its ready pods kept does not forbid it: what runs there goes on.
  endsPods: () => false,
  preview: (plan: CordonPlan) => [
    `node ${plan.node}`,
    `- unschedulable: ${!plan.unschedulable}`,
    `+ unschedulable: ${plan.unschedulable}`,
    'no pod is ended or moved by it',
    ...(plan.reach ?? []),
    '+ annotation mlp-bot/fence: a new value with each attempt',
  ],
  knownGood: () => false,
  settleMs: 0,
  deadlineMs: 60_000,
  observe: async (read: Read, plan: CordonPlan): Promise<NodeState> => {
    const found = (await read.kubernetes.nodes()).find((one) => one.name === plan.node);
    return { uid: found?.uid ?? '', unschedulable: found?.unschedulable ?? false };
  },
  binds: ({ uid, unschedulable }: NodeState): Json => ({ uid, unschedulable }),
  fits: (plan: CordonPlan, now: NodeState): Verdict => {
    if (now.uid !== plan.uid) return { is: 'no', because: 'this node is gone' };
    if (now.unschedulable !== plan.unschedulable) return { is: 'yes' };
    return { is: 'no', because: now.unschedulable ? 'it is cordoned already' : 'it takes pods already' };
  },
  holds: (plan: CordonPlan, now: NodeState) => now.uid === plan.uid && now.unschedulable === plan.unschedulable,
  rehearse: (rehearse: NodeRehearse, plan: CordonPlan) =>
    rehearse.rehearse(!plan.unschedulable, { uid: plan.uid, unschedulable: !plan.unschedulable }),
  execute: (act: NodeAct, plan: CordonPlan) =>
    act.schedulable(!plan.unschedulable, { uid: plan.uid, unschedulable: !plan.unschedulable }),
  verify: (plan: CordonPlan, _before: NodeState, now: NodeState): Verdict =>
    now.unschedulable === plan.unschedulable ? { is: 'yes' } : { is: 'no', because: 'somebody has set it back' },
  progress: (_plan: CordonPlan, now: NodeState) => (now.unschedulable ? 'cordoned' : 'takes pods'),
  undo: ({ reach: _reach, ...plan }: CordonPlan): CordonPlan => ({ ...plan, unschedulable: !plan.unschedulable }),
} as const;
