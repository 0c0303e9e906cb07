import type { Deployment, Owner, Revision } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import type { ApiDeployment, ApiReplicaSet, Metadata } from './objects.ts';
import { specWriters, templateOwners } from './owners-of-parts.ts';
import { selectorText } from './selector.ts';
import { conditionOf, digestOf, hashLabel, isRecord, labelsOf, templateOf } from './template.ts';

export const fenceAnnotation = 'mlp-bot/fence';
const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';

export function deploymentOf(of: ApiDeployment, owner: Owner): Deployment {
  const { metadata, spec, status } = of;
  return {
    uid: metadata.uid,
    createdAt: metadata.creationTimestamp,
    generation: metadata.generation,
    observedGeneration: status.observedGeneration,
    revision: numberOf(metadata.annotations[revisionAnnotation]),
    paused: spec.paused,
    selector: selectorText(spec.selector),
    replicas: {
      wanted: spec.replicas,
      total: status.replicas,
      updated: status.updatedReplicas,
      ready: status.readyReplicas,
      available: status.availableReplicas,
      unavailable: status.unavailableReplicas,
    },
    strategy: strategyOf(of),
    minReadySeconds: spec.minReadySeconds,
    progressDeadlineSeconds: spec.progressDeadlineSeconds,
    conditions: status.conditions.map(conditionOf),
    template: templateOf(spec.template),
    podLabels: labelsOf(spec.template),
    templateDigest: digestOf(spec.template),
    owner,
    fence: metadata.annotations[fenceAnnotation] ?? null,
    templateChangedBy: templateChangedBy(metadata),
    specWriters: specWriters(metadata),
    templateOwners: templateOwners(metadata),
  };
}

export function revisionOf(of: ApiReplicaSet): Revision {
  const { metadata, spec, status } = of;
  const cause = metadata.annotations['kubernetes.io/change-cause'];
  return {
    uid: metadata.uid,
    name: metadata.name,
    number: numberOf(metadata.annotations[revisionAnnotation]) ?? 0,
    hash: metadata.labels[hashLabel] ?? '',
    templateDigest: digestOf(spec.template),
    template: templateOf(spec.template),
    createdAt: metadata.creationTimestamp,
    replicas: { wanted: spec.replicas, ready: status.readyReplicas, available: status.availableReplicas },
    changeCause: cause === undefined ? null : redact(cause),
    conditions: status.conditions.map(conditionOf),
    ...((metadata.annotations[historyAnnotation] ?? '') === '' ? {} : { again: true }),
  };
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function strategyOf({ spec }: ApiDeployment): Deployment['strategy'] {
  if (spec.strategy?.type === 'Recreate') {
    return { type: 'Recreate', maxSurge: '0', maxUnavailable: '100%', surgePods: 0, unavailablePods: spec.replicas };
  }
  const maxSurge = String(spec.strategy?.rollingUpdate?.maxSurge ?? '25%');
  const maxUnavailable = String(spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%');
  const surgePods = inPods(maxSurge, spec.replicas, Math.ceil);
  const unavailable = Math.min(inPods(maxUnavailable, spec.replicas, Math.floor), spec.replicas);
  // With both at zero nothing could move; the controller then allows one to be unavailable (`ResolveFenceposts`).
  const unavailablePods = surgePods === 0 && unavailable === 0 ? 1 : unavailable;
  return { type: 'RollingUpdate', maxSurge, maxUnavailable, surgePods, unavailablePods };
}

function inPods(text: string, wanted: number, round: (pods: number) => number): number {
  const percent = /^(\d+)%$/.exec(text)?.[1];
  if (percent !== undefined) return round((Number(percent) * wanted) / 100);
  return Number(text) || 0;
}

/** The newest managed-fields entry that holds any part of the pod template. */
function templateChangedBy({ managedFields }: Metadata): Deployment['templateChangedBy'] {
  let newest: Deployment['templateChangedBy'] = null;
  for (const { manager, time, subresource, fieldsV1 } of managedFields) {
    if (time === null || subresource !== '' || !holdsTemplate(fieldsV1)) continue;
    if (newest === null || time > newest.at) newest = { manager, at: time };
  }
  return newest;
}

function holdsTemplate(fields: unknown): boolean {
  return isRecord(fields) && isRecord(fields['f:spec']) && 'f:template' in fields['f:spec'];
}
