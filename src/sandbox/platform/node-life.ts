import type { Node } from '../../core/ports/kubernetes.ts';
import { takes, type Holder } from './holders.ts';
import { aboutNode, record } from './records.ts';
import type { Cluster } from './state.ts';

/** What happens to nodes leaves events in the namespace `default`, in the words of kubelets and of the node controller. */

export interface SimNode extends Omit<Node, 'readySince' | 'ready' | 'createdAt' | 'specWriters'> {
  readonly madeAt: number;
  /** Who holds "unschedulable". */
  holders: readonly Holder[];
  ready: 'True' | 'False' | 'Unknown';
  readySince: number;
  unschedulable: boolean;
  taints: { key: string; value: string; effect: string }[];
  allocatable: Record<string, string>;
  pressures: string[];
  /** The kubelet reports. False: the node controller notices after 40 s. */
  reports: boolean;
  silentSince: number | null;
  /** The value of `mlp-bot/fence`. */
  fence: string | null;
  resourceVersion: number;
  /** Why no pod sandbox can be made here ("plugin type=… failed (add): …"); null when it can. */
  sandboxFailure: string | null;
}

type Status = 'NodeReady' | 'NodeNotReady' | 'NodeSchedulable' | 'NodeNotSchedulable';

export function noteNode(cluster: Cluster, node: SimNode, reason: Status, at: number): void {
  record(cluster, aboutNode(node), at, 'Normal', reason, `Node ${node.name} status is now: ${reason}`);
}

/** `kubectl cordon` and `uncordon`: what is there stays. The field is gone once it is uncordoned, and with it who wrote it. */
export function setSchedulable(cluster: Cluster, node: SimNode, schedulable: boolean, manager: string): void {
  cluster.placesChanged = true;
  if (node.unschedulable === !schedulable) return;
  node.unschedulable = !schedulable;
  node.holders = schedulable ? [] : takes(node.holders, { manager, at: cluster.now, fields: ['unschedulable'] });
  if (node.reports) noteNode(cluster, node, schedulable ? 'NodeSchedulable' : 'NodeNotSchedulable', cluster.now);
}

export function addNode(cluster: Cluster, node: SimNode): void {
  cluster.nodes.push(node);
  cluster.placesChanged = true;
  const message = `Node ${node.name} event: Registered Node ${node.name} in Controller`;
  record(cluster, aboutNode(node), cluster.now, 'Normal', 'RegisteredNode', message);
}

/** Its object is deleted, and its pods with it. */
export function removeNode(cluster: Cluster, name: string): void {
  const index = cluster.nodes.findIndex((one) => one.name === name);
  const node = cluster.nodes[index];
  if (node === undefined) return;
  cluster.nodes.splice(index, 1);
  cluster.pods = cluster.pods.filter((pod) => pod.node !== name);
  cluster.placesChanged = true;
  const message = `Node ${name} event: Removing Node ${name} from Controller`;
  record(cluster, aboutNode(node), cluster.now, 'Normal', 'RemovingNode', message);
}
