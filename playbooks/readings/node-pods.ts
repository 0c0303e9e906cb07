import type { Node, NodeUse, PodOnNode } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { onNode } from '../targets/node.ts';
import type { SpotReading } from './odd-pod.ts';
import { onDeployment } from './on.ts';
import { inOrder } from './order.ts';
import { quantity } from './quantity.ts';
import { nodes } from './room.ts';
import { nodeCalled } from './wording.ts';

/** What stands on a node that may be cordoned, and what is free on the others. */
export interface NodePods {
  readonly node: string;
  /** By workload, those that hold GPUs first; at most five. */
  readonly workloads: readonly { readonly name: string; readonly pods: number; readonly gpus: number }[];
  /** Pods of workloads that are not named. */
  readonly others: number;
  /** Pods of DaemonSets: they are on every node. */
  readonly daemons: number;
  /** On the other nodes that take pods, summed. */
  readonly elsewhere: { readonly nodes: number; readonly cpu: number; readonly gpus: number };
}

const atMost = 5;
const byHand = (region: string, node: string): string =>
  `kubectl --context=${region} get pods --all-namespaces -o wide --field-selector=spec.nodeName=${node}`;

export const nodePods = onNode.reading('node pods', {
  after: [nodes],
  withinMs: 10_000,
  byHand: (t) => byHand(t.region, t.name),
  read: (read, t, seen): Promise<NodePods | null> => nodePodsIn(read, nodeCalled(t.name, seen.nodes)?.name ?? t.name),
});

/** Of the node that stands out; null: none does. */
export const nodePodsOf = (odd: SpotReading) =>
  onDeployment.reading('node pods', {
    after: [odd],
    withinMs: 10_000,
    byHand: (t) => byHand(t.region, '<NODE>'),
    read: async (read, _t, seen): Promise<NodePods | null> => {
      const spot = seen['odd pod'];
      return spot?.node === true ? await nodePodsIn(read, spot.nodeName) : null;
    },
  });

async function nodePodsIn({ kubernetes }: Read, node: string): Promise<NodePods> {
  const [pods, nodes, use] = await Promise.all([kubernetes.podsOn(node), kubernetes.nodes(), kubernetes.nodeUse()]);
  return nodePodsFrom(node, pods, nodes, use);
}

export function nodePodsFrom(
  node: string,
  pods: readonly PodOnNode[],
  nodes: readonly Node[],
  use: readonly NodeUse[],
): NodePods {
  const daemons = pods.filter((one) => one.owner.startsWith('DaemonSet/'));
  const groups = Map.groupBy(
    pods.filter((one) => !daemons.includes(one)),
    (one) => `${one.namespace}/${workloadOf(one)}`,
  );
  const workloads = [...groups]
    .map(([name, all]) => ({ name, pods: all.length, gpus: all.reduce((sum, one) => sum + one.gpus, 0) }))
    .toSorted((a, b) => b.gpus - a.gpus || b.pods - a.pods || inOrder(a.name, b.name));
  const open = nodes.filter((one) => one.name !== node && one.ready === 'True' && !one.unschedulable);
  const free = (resource: string): number =>
    open.reduce((sum, one) => {
      const taken = use.find((each) => each.node === one.name)?.requested[resource] ?? '0';
      return sum + Math.max(0, (quantity(one.allocatable[resource] ?? '0') ?? 0) - (quantity(taken) ?? 0));
    }, 0);
  return {
    node,
    workloads: workloads.slice(0, atMost),
    others: workloads.slice(atMost).reduce((sum, one) => sum + one.pods, 0),
    daemons: daemons.length,
    elsewhere: { nodes: open.length, cpu: Math.floor(free('cpu')), gpus: free('nvidia.com/gpu') },
  };
}

/** A ReplicaSet's name is its Deployment's with a hash behind it. */
function workloadOf({ owner, name }: PodOnNode): string {
  const [kind = '', of = ''] = owner.split('/', 2);
  return kind === 'ReplicaSet' ? of.replace(/-[a-z0-9]{5,10}$/, '') : of === '' ? name : of;
}
