import type { SpecWriter, TemplateOwner, TemplatePart } from '../../core/ports/kubernetes.ts';
import type { Metadata } from './objects.ts';
import { isRecord } from './template.ts';

/** Which manager holds which parts of the pod template, from `fieldsV1` (kubernetes.io Server-Side Apply: "f:<field>", "k:{…}" for list items). */
export function templateOwners({ managedFields }: Metadata): readonly TemplateOwner[] {
  const found = new Map<string, { at: string; parts: Set<TemplatePart> }>();
  for (const { manager, time, subresource, fieldsV1 } of managedFields) {
    if (time === null || subresource !== '') continue;
    const parts = partsIn(fieldsV1);
    if (parts.size === 0) continue;
    // One manager has an entry per way of writing (apply, update) and API version.
    const before = found.get(manager);
    const at = before === undefined || time > before.at ? time : before.at;
    found.set(manager, { at, parts: new Set([...(before?.parts ?? []), ...parts]) });
  }
  return [...found].map(([manager, { at, parts }]) => ({ manager, at, parts: [...parts].sort() }));
}

/** Which manager holds which top-level fields of the spec, by any subresource (`kubectl scale` and autoscalers write "scale"), newest last, and after those what has no time. */
export function specWriters({ managedFields }: Metadata): readonly SpecWriter[] {
  const all = managedFields.flatMap(({ manager, time, fieldsV1 }) => {
    const fields = Object.keys(within(fieldsV1, 'f:spec') ?? {})
      .filter((one) => one.startsWith('f:'))
      .map((one) => one.slice(2))
      .toSorted();
    return fields.length === 0 ? [] : [{ manager, at: time, fields }];
  });
  return all.toSorted(
    (a, b) => Number(a.at === null) - Number(b.at === null) || (a.at ?? '').localeCompare(b.at ?? ''),
  );
}

const ofContainer: Readonly<Record<string, TemplatePart>> = {
  'f:image': 'image',
  'f:command': 'command',
  'f:args': 'command',
  'f:env': 'environment',
  'f:envFrom': 'environment',
  'f:resources': 'resources',
  'f:readinessProbe': 'probes',
  'f:livenessProbe': 'probes',
  'f:startupProbe': 'probes',
  'f:volumeMounts': 'volumes',
};

const ofPod: Readonly<Record<string, TemplatePart>> = {
  'f:volumes': 'volumes',
  'f:nodeSelector': 'placement',
  'f:affinity': 'placement',
  'f:tolerations': 'placement',
  'f:topologySpreadConstraints': 'placement',
  'f:serviceAccountName': 'service account',
  'f:serviceAccount': 'service account',
};

function partsIn(fields: unknown): ReadonlySet<TemplatePart> {
  const parts = new Set<TemplatePart>();
  const template = within(within(fields, 'f:spec'), 'f:template');
  if (template === null) return parts;
  if (within(template, 'f:metadata') !== null) parts.add('other');
  for (const [field, inside] of Object.entries(within(template, 'f:spec') ?? {})) {
    if (field !== 'f:containers' && field !== 'f:initContainers') {
      parts.add(ofPod[field] ?? 'other');
      continue;
    }
    for (const container of Object.values(isRecord(inside) ? inside : {})) {
      // "f:name" and "." come with every field of a list's item: they say nothing of their own.
      for (const name of Object.keys(isRecord(container) ? container : {}))
        if (name !== '.' && name !== 'f:name') parts.add(ofContainer[name] ?? 'other');
    }
  }
  return parts;
}

function within(fields: unknown, name: string): Record<string, unknown> | null {
  const inside = isRecord(fields) ? fields[name] : undefined;
  return isRecord(inside) ? inside : null;
}
