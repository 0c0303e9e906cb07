import { Failure } from '../../../core/failure.ts';
import type {
  Bounds,
  BoundsExpectation,
  NodeExpectation,
  ObjectName,
  PodExpectation,
  Rehearsal,
} from '../../../core/ports/kubernetes.ts';
import { stopPod } from '../kubelet.ts';
import { setSchedulable } from '../node-life.ts';
import type { Cluster, Pod, SimNode } from '../state.ts';
import { autoscalerUid } from './autoscaler-view.ts';
import { setBounds, setScaledObject } from './bounding.ts';
import type { Autoscaling, CustomItem } from './model.ts';
import { budgetView } from './views.ts';

/** Writes on what is no Deployment: conditional, and with the fence, as `write.ts` does it there. */

export interface SeenObject {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly fence: string | null;
}
export interface SeenBounds extends SeenObject, Bounds {}

const conflict = (kind: string, name: string): Failure =>
  new Failure(
    'conflict',
    `Operation cannot be fulfilled on ${kind} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
  );

/** The next version for any object. */
function next(cluster: Cluster): number {
  cluster.resourceVersion += 1;
  cluster.activity += 1;
  cluster.dirty = true;
  return cluster.resourceVersion;
}

function scalerOf(cluster: Cluster, of: ObjectName): Autoscaling {
  const found = cluster.autoscalers.find((one) => one.namespace === of.namespace && one.name === of.name);
  if (found === undefined) {
    throw new Failure('not found', `horizontalpodautoscalers.autoscaling "${of.name}" not found`);
  }
  return found;
}

function itemOf(cluster: Cluster, of: ObjectName): CustomItem {
  const items = cluster.around.custom.get('ScaledObject') ?? [];
  const found = items.find((one) => one.namespace === of.namespace && one.name === of.name);
  if (found === undefined) throw new Failure('not found', `scaledobjects.keda.sh "${of.name}" not found`);
  return found;
}

const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

export interface BoundsOf {
  readonly see: (cluster: Cluster, of: ObjectName) => SeenBounds;
  /** `version` null: whatever it is. */
  readonly write: (cluster: Cluster, of: ObjectName, to: Bounds, fence: string, version: string | null) => void;
  readonly fence: (cluster: Cluster, of: ObjectName, token: string) => void;
}

export const autoscalerBounds: BoundsOf = {
  see(cluster, of) {
    const { min, max, fence = null, resourceVersion = 1, ...rest } = scalerOf(cluster, of);
    return {
      uid: autoscalerUid(cluster, { min, max, ...rest }),
      resourceVersion: String(resourceVersion),
      fence,
      min,
      max,
    };
  },
  write(cluster, of, to, fence, version) {
    checkBounds(to);
    const found = scalerOf(cluster, of);
    if (version !== null && version !== String(found.resourceVersion ?? 1)) {
      throw conflict('horizontalpodautoscalers.autoscaling', of.name);
    }
    setBounds(cluster, found, to, 'mlp-bot');
    found.fence = fence;
    found.resourceVersion = next(cluster);
  },
  fence(cluster, of, token) {
    const found = scalerOf(cluster, of);
    found.fence = token;
    found.resourceVersion = next(cluster);
  },
};

/** KEDA makes its HPA anew from the ScaledObject. */
export const scaledObjectBounds: BoundsOf = {
  see(cluster, of) {
    const { uid, resourceVersion, fence, spec } = itemOf(cluster, of);
    const min = numberOf(spec['minReplicaCount'], 0);
    return { uid, resourceVersion: String(resourceVersion), fence, min, max: numberOf(spec['maxReplicaCount'], 100) };
  },
  write(cluster, of, to, fence, version) {
    checkBounds(to);
    const found = itemOf(cluster, of);
    if (version !== null && version !== String(found.resourceVersion)) throw conflict('scaledobjects.keda.sh', of.name);
    setScaledObject(cluster, found, to, 'mlp-bot');
    found.fence = fence;
    found.resourceVersion = next(cluster);
  },
  fence(cluster, of, token) {
    const found = itemOf(cluster, of);
    found.fence = token;
    found.resourceVersion = next(cluster);
  },
};

function checkBounds({ min, max }: Bounds): void {
  if (max < 1 || min > max) {
    throw new Failure(
      'invalid',
      `spec.maxReplicas: Invalid value: ${max}: must be greater than or equal to minReplicas`,
    );
  }
}

export function rehearseBounds(
  on: BoundsOf,
  cluster: Cluster,
  of: ObjectName,
  to: Bounds,
  when: BoundsExpectation,
): Rehearsal {
  const now = on.see(cluster, of);
  if (now.uid !== when.uid) throw new Failure('conflict', 'it was deleted and made again');
  if (now.min !== when.min || now.max !== when.max) {
    throw new Failure('conflict', `its bounds were changed to ${now.min}–${now.max}`);
  }
  if (to.max < 1 || to.min > to.max) {
    return {
      is: 'refused',
      because: `spec.maxReplicas: Invalid value: ${to.max}: must be greater than or equal to minReplicas`,
    };
  }
  const keda = on === scaledObjectBounds;
  const [min, max] = keda ? ['minReplicaCount', 'maxReplicaCount'] : ['minReplicas', 'maxReplicas'];
  const lines: string[] = [];
  if (to.min !== now.min) lines.push(`- ${min}: ${now.min}`, `+ ${min}: ${to.min}`);
  if (to.max !== now.max) lines.push(`- ${max}: ${now.max}`, `+ ${max}: ${to.max}`);
  return { is: 'diff', lines };
}

export function nodeOf(cluster: Cluster, of: { readonly name: string }): SimNode {
  const found = cluster.nodes.find((one) => one.name === of.name);
  if (found === undefined) throw new Failure('not found', `nodes "${of.name}" not found`);
  return found;
}

export function seenNode(
  cluster: Cluster,
  of: { readonly name: string },
): SeenObject & { readonly unschedulable: boolean } {
  const { uid, resourceVersion, fence, unschedulable } = nodeOf(cluster, of);
  return { uid, resourceVersion: String(resourceVersion), fence, unschedulable };
}

export function writeNode(
  cluster: Cluster,
  of: { readonly name: string },
  { schedulable }: { readonly schedulable: boolean },
  fence: string,
  version: string | null,
): void {
  const found = nodeOf(cluster, of);
  if (version !== null && version !== String(found.resourceVersion)) throw conflict('nodes', of.name);
  setSchedulable(cluster, found, schedulable, 'mlp-bot');
  found.fence = fence;
  found.resourceVersion = next(cluster);
}

export function fenceNode(cluster: Cluster, of: { readonly name: string }, token: string): void {
  const found = nodeOf(cluster, of);
  found.fence = token;
  found.resourceVersion = next(cluster);
}

export function rehearseNode(
  cluster: Cluster,
  of: { readonly name: string },
  { schedulable }: { readonly schedulable: boolean },
  when: NodeExpectation,
): Rehearsal {
  const now = nodeOf(cluster, of);
  if (now.uid !== when.uid) throw new Failure('conflict', 'the node was deleted and made again');
  if (now.unschedulable !== when.unschedulable) {
    throw new Failure('conflict', `it was ${now.unschedulable ? 'cordoned' : 'uncordoned'} meanwhile`);
  }
  if (now.unschedulable === !schedulable) return { is: 'diff', lines: [] };
  return schedulable
    ? { is: 'diff', lines: ['- unschedulable: true'] }
    : { is: 'diff', lines: ['+ unschedulable: true'] };
}

const podOf = (cluster: Cluster, of: ObjectName): Pod | undefined =>
  cluster.pods.find((one) => one.namespace === of.namespace && one.name === of.name);

/** The budget that forbids taking this pod away now, in the API server's words; null when none does. */
function forbidden(cluster: Cluster, pod: Pod): string | null {
  for (const budget of cluster.around.budgets) {
    if (budget.namespace !== pod.namespace) continue;
    if (!Object.entries(budget.labels).every(([key, value]) => pod.labels[key] === value)) continue;
    const { name, allowed, wanted, healthy } = budgetView(cluster, budget);
    // A pod that is not ready is counted by no budget.
    if (allowed > 0 || pod.readySince === null) continue;
    return `Cannot evict pod as it would violate the pod's disruption budget. The disruption budget ${name} needs ${wanted} healthy pods and has ${healthy} currently`;
  }
  return null;
}

/** Through the eviction API. Gone, going, or another pod of that name: there is nothing left to do. */
export function evict(cluster: Cluster, of: ObjectName, uid: string, at: number): void {
  const pod = podOf(cluster, of);
  if (pod === undefined || pod.uid !== uid || pod.deletedAt !== null) return;
  const why = forbidden(cluster, pod);
  if (why !== null) throw new Failure('refused', why);
  stopPod(cluster, pod, at);
  next(cluster);
}

export function rehearseEviction(cluster: Cluster, of: ObjectName, when: PodExpectation): Rehearsal {
  const pod = podOf(cluster, of);
  if (pod === undefined || pod.uid !== when.uid || pod.deletedAt !== null) return { is: 'diff', lines: [] };
  const why = forbidden(cluster, pod);
  return why === null
    ? { is: 'diff', lines: [`- pod ${of.name}${pod.node === '' ? '' : ` on ${pod.node}`}`] }
    : { is: 'refused', because: why };
}
