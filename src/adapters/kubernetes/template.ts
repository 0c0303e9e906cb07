import { createHash } from 'node:crypto';
import { canonical } from '../../core/json.ts';
import type { Condition, Container, EnvFrom, PodTemplate, Probe, Volume } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import { placementOf } from './placement.ts';
import { podTemplate, type ApiContainer, type ApiProbe, type ApiTemplate, type condition } from './objects.ts';
import type { z } from 'zod';

export const hashLabel = 'pod-template-hash';
export const restartedAt = 'kubectl.kubernetes.io/restartedAt';

/** A pod template as the API gave it. */
export type RawTemplate = Readonly<Record<string, unknown>>;

/** The template without what the controller adds to a ReplicaSet's: equal for a Deployment and its ReplicaSet. A copy. */
export function withoutHash(template: RawTemplate): Record<string, unknown> {
  const copy = structuredClone(template) as Record<string, unknown>;
  const metadata = copy['metadata'];
  if (!isRecord(metadata)) return copy;
  const labels = metadata['labels'];
  if (isRecord(labels)) delete labels[hashLabel];
  if (metadata['creationTimestamp'] === null) delete metadata['creationTimestamp']; // older servers write it, newer ones do not
  return copy;
}

/** SHA-256 (hex) of the canonical template without `pod-template-hash`. */
export function digestOf(template: RawTemplate): string {
  return createHash('sha256')
    .update(canonical(withoutHash(template)))
    .digest('hex');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What playbooks may know of a template; its shape was checked when it was read. */
export function templateOf(raw: RawTemplate): PodTemplate {
  const { spec, metadata } = podTemplate.parse(raw);
  return {
    containers: spec.containers.map(containerOf),
    initContainers: spec.initContainers.map(containerOf),
    serviceAccount: spec.serviceAccountName === '' ? 'default' : spec.serviceAccountName,
    pullSecrets: spec.imagePullSecrets.map((one) => one.name),
    nodeSelector: spec.nodeSelector,
    volumes: spec.volumes.map(volumeOf),
    placement: placementOf(spec),
    restartedAt: metadata?.annotations[restartedAt] ?? null,
  };
}

export const labelsOf = (raw: RawTemplate): Readonly<Record<string, string>> =>
  podTemplate.parse(raw).metadata?.labels ?? {};

function containerOf(of: ApiContainer): Container {
  return {
    name: of.name,
    image: redact(of.image),
    command: commandOf([...of.command, ...of.args]),
    requests: of.resources.requests,
    limits: of.resources.limits,
    readiness: probeOf(of.readinessProbe),
    liveness: probeOf(of.livenessProbe),
    startup: probeOf(of.startupProbe),
    env: envOf(of),
    sidecar: of.restartPolicy === 'Always',
  };
}

/** Redacted as one text, since a flag and its secret are often two words. */
function commandOf(words: readonly string[]): readonly string[] {
  const clean = redact(JSON.stringify(words));
  try {
    const parsed: unknown = JSON.parse(clean);
    if (Array.isArray(parsed) && parsed.every((word) => typeof word === 'string')) return parsed;
  } catch {
    // What was taken out took a quote with it.
  }
  return ['[redacted: command]'];
}

function probeOf(of: ApiProbe | null | undefined): Probe | null {
  if (of === null || of === undefined) return null;
  const { initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold } = of;
  return { asks: redact(asksOf(of)), initialDelaySeconds, periodSeconds, timeoutSeconds, failureThreshold };
}

function asksOf({ httpGet, tcpSocket, grpc, exec }: ApiProbe): string {
  if (httpGet) return `GET ${httpGet.scheme === 'HTTPS' ? 'https ' : ''}:${httpGet.port}${httpGet.path}`;
  if (tcpSocket) return `tcp :${tcpSocket.port}`;
  if (grpc) return `grpc :${grpc.port}`;
  return `exec ${(exec?.command ?? []).join(' ')}`;
}

function envOf(of: ApiContainer): readonly EnvFrom[] {
  const whole = of.envFrom.flatMap(({ prefix, configMapRef, secretRef }): readonly EnvFrom[] => {
    if (configMapRef)
      return [{ is: 'whole config map', variable: prefix, name: configMapRef.name, optional: configMapRef.optional }];
    if (secretRef)
      return [{ is: 'whole secret', variable: prefix, name: secretRef.name, optional: secretRef.optional }];
    return [];
  });
  const single = of.env.map(({ name: variable, valueFrom }): EnvFrom => {
    if (valueFrom?.configMapKeyRef) return { is: 'config map', variable, ...valueFrom.configMapKeyRef };
    if (valueFrom?.secretKeyRef) return { is: 'secret', variable, ...valueFrom.secretKeyRef };
    return { is: 'value', variable };
  });
  return [...whole, ...single];
}

function volumeOf({ name, configMap, secret, persistentVolumeClaim }: ApiTemplate['spec']['volumes'][number]): Volume {
  if (configMap) return { name, from: 'config map', source: configMap.name, optional: configMap.optional };
  if (secret) return { name, from: 'secret', source: secret.secretName, optional: secret.optional };
  if (persistentVolumeClaim) return { name, from: 'claim', source: persistentVolumeClaim.claimName, optional: false };
  return { name, from: 'other', source: '', optional: false };
}

export function conditionOf(of: z.output<typeof condition>): Condition {
  const { type, status, reason, message, lastTransitionTime, lastUpdateTime } = of;
  return { type, status, reason, message: redact(message), since: lastTransitionTime, updatedAt: lastUpdateTime };
}
