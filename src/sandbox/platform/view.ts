import type {
  ContainerStatus,
  Deployment,
  Node,
  NodeUse,
  Pod as PodView,
  PodRow,
  PodTemplate,
  Quota,
  Revision,
} from '../../core/ports/kubernetes.ts';
import { gpusOf, usedOf } from './admission.ts';
import { rollingLimits } from './deployment-controller.ts';
import { writersOf } from './holders.ts';
import { quantity } from './quantity.ts';
import { useOfNodes } from './scheduler.ts';
import {
  iso,
  type Cluster,
  type Pod,
  type PodContainer,
  type ReplicaSet,
  type SimNode,
  type Template,
  type Workload,
} from './state.ts';
import { digestOf, placementView } from './template.ts';

/** The model's state in the port's words. */
export function deploymentView(of: Workload): Deployment {
  const { surge, unavailable } = rollingLimits(of);
  const newest = of.sets.length === 0 ? null : Math.max(...of.sets.map((set) => set.number));
  return {
    uid: of.uid,
    createdAt: iso(of.createdAt),
    generation: of.generation,
    observedGeneration: of.observedGeneration,
    revision: newest,
    paused: of.paused,
    selector: selectorText(of),
    replicas: { wanted: of.replicas, ...of.status },
    strategy: { ...of.strategy, surgePods: surge, unavailablePods: unavailable },
    minReadySeconds: of.minReadySeconds,
    progressDeadlineSeconds: of.progressDeadlineSeconds,
    conditions: [...of.conditions],
    template: templateView(of.template),
    podLabels: of.template.labels,
    templateDigest: digestOf(of.template),
    owner: of.owner,
    fence: of.fence,
    templateChangedBy: of.changedBy === null ? null : { manager: of.changedBy.manager, at: iso(of.changedBy.at) },
    specWriters: writersOf(of.holders),
    templateOwners: of.owners.map(({ manager, at, parts }) => ({ manager, at: iso(at), parts })),
  };
}

export const selectorText = (of: Workload): string =>
  Object.entries(of.selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

function templateView(of: Template): PodTemplate {
  const { containers, initContainers, serviceAccount, pullSecrets, nodeSelector, volumes, restartedAt } = of;
  const placement = placementView(of);
  return { containers, initContainers, serviceAccount, pullSecrets, nodeSelector, volumes, placement, restartedAt };
}

export function revisionView(set: ReplicaSet): Revision {
  return {
    uid: set.uid,
    name: set.name,
    number: set.number,
    hash: set.hash,
    templateDigest: set.digest,
    template: templateView(set.template),
    createdAt: iso(set.createdAt),
    replicas: { wanted: set.wanted, ready: set.ready, available: set.available },
    changeCause: set.changeCause,
    conditions: [...set.conditions],
    ...(set.again ? { again: true } : {}),
  };
}

export function podRow(pod: Pod): PodRow {
  const mains = pod.containers.filter((one) => !one.init);
  const counted = pod.containers.filter((one) => !one.init || one.spec.sidecar);
  return {
    name: pod.name,
    uid: pod.uid,
    readyContainers: counted.filter((one) => one.ready).length,
    containers: counted.length,
    status: statusOf(pod, mains),
    restarts: (mains.some((one) => one.restarts > 0) ? mains : pod.containers).reduce(
      (sum, one) => sum + one.restarts,
      0,
    ),
    createdAt: iso(pod.createdAt),
    node: pod.node,
    hash: pod.hash,
    ownerUid: pod.ownerUid,
    terminating: pod.deletedAt !== null,
  };
}

/** The STATUS column, by the rules of kubectl's printer. */
function statusOf(pod: Pod, mains: readonly PodContainer[]): string {
  if (pod.deletedAt !== null) return 'Terminating';
  if (pod.reason !== '') return pod.reason;
  if (pod.node === '') return 'Pending';
  const inits = pod.containers.filter((one) => one.init);
  const doneInits = inits.filter((one) => one.step === 'done').length;
  const current = inits.find((one) => one.step !== 'done');
  if (current !== undefined) {
    const { state } = current;
    if (state.is === 'terminated') return `Init:${state.reason}`;
    if (state.is === 'waiting' && state.reason !== 'PodInitializing') return `Init:${state.reason}`;
    return `Init:${doneInits}/${inits.length}`;
  }
  for (const { state } of mains) {
    if (state.is === 'waiting') return state.reason;
    if (state.is === 'terminated') return state.reason;
  }
  return pod.phase;
}

export function podView(pod: Pod): PodView {
  const placed = pod.node !== '';
  const statuses = (init: boolean): readonly ContainerStatus[] =>
    placed ? pod.containers.filter((one) => one.init === init).map(containerView) : [];
  return {
    name: pod.name,
    uid: pod.uid,
    node: pod.node,
    phase: pod.phase,
    reason: pod.reason,
    message: pod.message,
    createdAt: iso(pod.createdAt),
    terminating: pod.deletedAt !== null,
    terminationGraceSeconds: pod.template.graceSeconds,
    serviceAccount: pod.template.serviceAccount,
    conditions: [...pod.conditions],
    containers: statuses(false),
    initContainers: statuses(true),
    gpus: gpusOf(pod.template),
  };
}

function containerView(of: PodContainer): ContainerStatus {
  const { spec, imageId, ready, restarts, state, last } = of;
  return {
    name: spec.name,
    image: spec.image,
    imageId: of.step === 'pull' || of.step === 'pulling' || of.step === 'pull failed' ? '' : imageId,
    ready: of.init ? of.step === 'done' : ready,
    started: spec.startup === null ? null : of.started,
    restarts,
    state,
    last,
  };
}

/** Without what only the model needs of it. */
export function nodeView(of: SimNode): Node {
  const { name, uid, ready, readySince, madeAt, unschedulable, taints, labels, allocatable, pressures } = of;
  return {
    name,
    uid,
    ready,
    readySince: iso(readySince),
    unschedulable,
    taints: [...taints],
    labels,
    allocatable: { ...allocatable },
    pressures: [...pressures],
    createdAt: iso(madeAt),
    specWriters: unschedulable ? writersOf(of.holders) : [],
  };
}

export function quotaViews(cluster: Cluster, namespace: string): readonly Quota[] {
  return cluster.quotas
    .filter((one) => one.namespace === namespace)
    .map(({ name, hard }) => {
      const used: Record<string, string> = {};
      for (const resource of Object.keys(hard))
        used[resource] = quantity(resource, usedOf(cluster, namespace, resource));
      return { name, hard, used };
    });
}

export function nodeUseViews(cluster: Cluster): readonly NodeUse[] {
  const use = useOfNodes(cluster);
  return cluster.nodes.map(({ name }) => {
    const { pods = 0, ...amounts } = use.get(name) ?? {};
    const requested: Record<string, string> = {};
    for (const [resource, value] of Object.entries(amounts)) requested[resource] = quantity(resource, value);
    let gpusTerminating = 0;
    for (const pod of cluster.pods) {
      if (pod.node === name && pod.deletedAt !== null) gpusTerminating += gpusOf(pod.template);
    }
    return { node: name, pods, requested, gpusTerminating };
  });
}
