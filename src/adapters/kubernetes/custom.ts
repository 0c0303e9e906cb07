import { Failure } from '../../core/failure.ts';
import type { CustomKind, CustomObject } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import * as objects from './around-objects.ts';
import { list } from './lists.ts';
import { specWriters } from './owners-of-parts.ts';
import { listing, type Reading } from './reading.ts';
import { isRecord } from './template.ts';

/** Where each kind lives; in which version is for the server to say. */
export const customKinds: Readonly<Record<CustomKind, { readonly group: string; readonly plural: string }>> = {
  ServiceMonitor: { group: 'monitoring.coreos.com', plural: 'servicemonitors' },
  PrometheusRule: { group: 'monitoring.coreos.com', plural: 'prometheusrules' },
  ScaledObject: { group: 'keda.sh', plural: 'scaledobjects' },
  Application: { group: 'argoproj.io', plural: 'applications' },
  Kustomization: { group: 'kustomize.toolkit.fluxcd.io', plural: 'kustomizations' },
  HelmRelease: { group: 'helm.toolkit.fluxcd.io', plural: 'helmreleases' },
};

/** A spec that leaves the adapter, bytes. */
const maxSpecBytes = 16 * 1024;
/** How old "the cluster does not know this group" may be. Milliseconds. */
const missingMs = 5_000;

export async function custom(
  on: Reading,
  kind: CustomKind,
  namespace: string,
): Promise<readonly CustomObject[] | null> {
  const { group, plural } = customKinds[kind];
  const version = await on.groups.versionOf(group, on.signal, missingMs);
  if (version === null) return null;
  try {
    const asked = listing(on, `/apis/${group}/${version}`, `${plural}.${group}`, namespace);
    const found = await list(on.connection, objects.custom, asked);
    return found.map(({ metadata, spec }) => {
      const { name, uid, labels, creationTimestamp: createdAt } = metadata;
      return { namespace, name, uid, labels, spec: specText(spec), createdAt, specWriters: specWriters(metadata) };
    });
  } catch (error) {
    // The group is there, this kind of it is not (an Argo CD without Applications, say); an empty list is no 404.
    if (error instanceof Failure && error.kind === 'not found') return null;
    throw error;
  }
}

/** JSON without secrets. What does not fit is left out by whole fields and named, so that it stays JSON. */
export function specText(spec: unknown): string {
  const clean = cleaned(spec ?? {});
  const whole = JSON.stringify(clean);
  if (Buffer.byteLength(whole) <= maxSpecBytes) return whole;
  if (!isRecord(clean)) return '{}';
  const kept: Record<string, unknown> = {};
  const leftOut: string[] = [];
  for (const [key, value] of Object.entries(clean)) {
    const more = { ...kept, [key]: value, leftOut: [...leftOut, key] };
    if (Buffer.byteLength(JSON.stringify(more)) <= maxSpecBytes) kept[key] = value;
    else if (leftOut.length < 50) leftOut.push(key.slice(0, 100));
  }
  return JSON.stringify({ ...kept, leftOut });
}

/** Texts one by one, with their name before them, as the name may be what tells a secret. */
function cleaned(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    const prefix = name === '' ? '' : `${name}: `;
    const clean = redact(prefix + value);
    return clean.startsWith(prefix) ? clean.slice(prefix.length) : redact(value);
  }
  if (Array.isArray(value)) return value.map((one) => cleaned(one, name));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cleaned(one, key)]));
}
