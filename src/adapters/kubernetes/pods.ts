import type { ContainerState, ContainerStatus, Event, Pod, PodRow } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import type { Row } from './lists.ts';
import type { RowMetadata } from './objects.ts';
import type { ApiContainerStatus, ApiEvent, ApiPod, ApiState } from './pod-objects.ts';
import { conditionOf, hashLabel } from './template.ts';

const gpu = 'nvidia.com/gpu';

export function podRowOf({ cells, metadata }: Row & { readonly metadata: RowMetadata }): PodRow {
  const [ready, containers] = (cells['ready'] ?? '').split('/', 2).map(Number);
  const node = cells['node'] ?? '';
  return {
    name: metadata.name,
    uid: metadata.uid,
    readyContainers: ready ?? 0,
    containers: containers ?? 0,
    status: cells['status'] ?? '',
    restarts: Number.parseInt(cells['restarts'] ?? '0', 10) || 0, // "5 (3m ago)"
    createdAt: metadata.creationTimestamp,
    node: node === '<none>' ? '' : node,
    hash: metadata.labels[hashLabel] ?? '',
    ownerUid: metadata.ownerReferences.find((one) => one.controller)?.uid ?? '',
    terminating: metadata.deletionTimestamp !== null,
  };
}

export function podOf({ metadata, spec, status }: ApiPod): Pod {
  const gpus = [...spec.containers, ...spec.initContainers.filter((one) => one.restartPolicy === 'Always')];
  return {
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName,
    phase: status.phase,
    reason: status.reason,
    message: redact(status.message),
    createdAt: metadata.creationTimestamp,
    terminating: metadata.deletionTimestamp !== null,
    terminationGraceSeconds: spec.terminationGracePeriodSeconds,
    serviceAccount: spec.serviceAccountName,
    conditions: status.conditions.map(conditionOf),
    containers: status.containerStatuses.map(statusOf),
    initContainers: status.initContainerStatuses.map(statusOf),
    gpus: gpus.reduce((sum, one) => sum + (Number(one.resources.limits[gpu] ?? 0) || 0), 0),
  };
}

function statusOf(of: ApiContainerStatus): ContainerStatus {
  return {
    name: of.name,
    image: redact(of.image),
    imageId: of.imageID,
    ready: of.ready,
    started: of.started,
    restarts: of.restartCount,
    state: stateOf(of.state) ?? { is: 'waiting', reason: '', message: '' },
    last: stateOf(of.lastState),
  };
}

function stateOf(of: ApiState): ContainerState | null {
  if (of?.terminated) {
    const { exitCode, signal, reason, message, startedAt, finishedAt } = of.terminated;
    return { is: 'terminated', exitCode, signal, reason, message: redact(message), startedAt, finishedAt };
  }
  if (of?.running) return { is: 'running', since: of.running.startedAt };
  if (of?.waiting) return { is: 'waiting', reason: of.waiting.reason, message: redact(of.waiting.message) };
  return null;
}

/** Both shapes of an event: counted ones (`count`, `lastTimestamp`) and those with a series (`eventTime`, `series`). */
export function eventOf(of: ApiEvent): Event {
  const { kind, name, uid } = of.involvedObject;
  const firstAt = of.firstTimestamp ?? of.eventTime ?? of.metadata.creationTimestamp;
  return {
    type: of.type === 'Warning' ? 'Warning' : 'Normal',
    reason: of.reason,
    message: redact(of.message),
    kind,
    name,
    uid,
    count: of.series?.count ?? of.count ?? 1,
    firstAt,
    lastAt: of.series?.lastObservedTime ?? of.lastTimestamp ?? of.eventTime ?? firstAt,
  };
}
