import type { Condition, Event } from '../../core/ports/kubernetes.ts';
import {
  iso,
  minutes,
  type Cluster,
  type Kept,
  type Pod,
  type ReplicaSet,
  type SimNode,
  type Workload,
} from './state.ts';

/** Equal events are counted, not repeated, and each is forgotten an hour after it was last seen. */
export const eventLifeMs = minutes(60);

export interface About {
  readonly kind: 'Pod' | 'ReplicaSet' | 'Deployment' | 'HorizontalPodAutoscaler' | 'Node';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export function record(
  cluster: Cluster,
  about: About,
  at: number,
  type: Event['type'],
  reason: string,
  message: string,
): void {
  cluster.activity += 1;
  const index = cluster.events.findLastIndex(
    (one) => one.uid === about.uid && one.reason === reason && one.message === message,
  );
  const before = index === -1 ? undefined : cluster.events[index];
  if (before !== undefined) cluster.events.splice(index, 1);
  const { kind, namespace, name, uid } = about;
  const kept: Kept = {
    type,
    reason,
    message,
    kind,
    namespace,
    name,
    uid,
    count: (before?.count ?? 0) + 1,
    firstAt: before?.firstAt ?? iso(at),
    lastAt: iso(at),
  };
  cluster.events.push(kept);
}

export function forgetOldEvents(cluster: Cluster, at: number): void {
  const first = cluster.events[0];
  if (first === undefined || Date.parse(first.lastAt) > at - eventLifeMs) return;
  cluster.events = cluster.events.filter((one) => Date.parse(one.lastAt) > at - eventLifeMs);
}

export const aboutPod = ({ namespace, name, uid }: Pod): About => ({ kind: 'Pod', namespace, name, uid });
export const aboutSet = (of: Workload, { name, uid }: ReplicaSet): About => ({
  kind: 'ReplicaSet',
  namespace: of.namespace,
  name,
  uid,
});
export const aboutWorkload = ({ namespace, name, uid }: Workload): About => ({
  kind: 'Deployment',
  namespace,
  name,
  uid,
});

/** Events of nodes lie in `default`. */
export const aboutNode = ({ name, uid }: Pick<SimNode, 'name' | 'uid'>): About => ({
  kind: 'Node',
  namespace: 'default',
  name,
  uid,
});

/** As the API's own condition lists: `since` moves only when the status changes, `updatedAt` each time. */
export function setCondition(
  list: Condition[],
  at: number,
  next: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
): void {
  const index = list.findIndex((one) => one.type === next.type);
  const before = list[index];
  const since = before !== undefined && before.status === next.status ? before.since : iso(at);
  const made: Condition = { ...next, since, updatedAt: iso(at) };
  if (before === undefined) list.push(made);
  else list[index] = made;
}

export function dropCondition(list: Condition[], type: string): void {
  const index = list.findIndex((one) => one.type === type);
  if (index !== -1) list.splice(index, 1);
}

export const conditionOf = (list: readonly Condition[], type: string): Condition | undefined =>
  list.find((one) => one.type === type);

/** Any write to a deployment, status included, gives it a new version. */
export function touch(cluster: Cluster, workload: Workload): void {
  cluster.resourceVersion += 1;
  cluster.activity += 1;
  workload.resourceVersion = cluster.resourceVersion;
}
