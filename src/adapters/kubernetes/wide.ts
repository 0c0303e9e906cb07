import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Namespace, ObjectName, PodOnNode, PodSecurity, StorageClass } from '../../core/ports/kubernetes.ts';
import { minorOf, newestStandard, refusedByStandard } from '../../core/pod-security.ts';
import { redact } from '../../core/redact.ts';
import { path } from './connection.ts';
import { listOf, map, quantities, text, time } from './fields.ts';
import { list, listKeeping } from './lists.ts';
import { condition, deployment } from './objects.ts';
import { getting, listing, type Reading } from './reading.ts';
import { replicaSets } from './replica-sets.ts';
import { digestOf } from './template.ts';

/** What belongs to the whole cluster: namespaces, storage classes, what stands on a node. */

const namespaceShape = z.object({
  metadata: z.object({ name: z.string(), labels: map, deletionTimestamp: time }),
  status: z.object({ phase: text, conditions: listOf(condition) }).prefault({}),
});
const levels = z.enum(['privileged', 'baseline', 'restricted']);
const enforce = 'pod-security.kubernetes.io/enforce';

export async function namespace({ connection, signal }: Reading, name: string): Promise<Namespace | null> {
  // The server authorizes it as a request in that namespace, so that a role that is bound there is enough.
  const asked = { verb: 'get', resource: 'namespaces', namespace: name, name, signal } as const;
  const found = await connection.jsonOrNull(namespaceShape, { ...asked, path: path('/api/v1/namespaces', name) });
  if (found === null) return null;
  const { metadata, status } = found;
  const isGoing = metadata.deletionTimestamp !== null || status.phase === 'Terminating';
  const waits = status.conditions.filter((one) => one.status === 'True' && one.message !== '');
  return {
    name: metadata.name,
    phase: isGoing ? 'Terminating' : 'Active',
    terminatingSince: isGoing ? metadata.deletionTimestamp : null,
    waitsFor: isGoing ? waits.map((one) => redact(one.message)) : [],
    podSecurity: standardOf(metadata.labels),
  };
}

function standardOf(labels: Readonly<Record<string, string>>): Namespace['podSecurity'] {
  const label = labels[enforce];
  if (label === undefined) return null;
  // Admission takes what it cannot read for the strictest (k8s.io/pod-security-admission, `PolicyToEvaluate`).
  const level = levels.safeParse(label);
  return { level: level.data ?? 'restricted', version: labels[`${enforce}-version`] ?? 'latest' };
}

const versionShape = z.object({ minor: z.string() });

export async function podSecurity(on: Reading, of: ObjectName): Promise<PodSecurity | null> {
  const { connection, signal } = on;
  const standard = (await namespace(on, of.namespace))?.podSecurity ?? null;
  if (standard === null || standard.level === 'privileged') return null;
  const { level, version } = standard;
  // "34+" at some providers.
  const told = await connection.json(versionShape, { verb: 'get', resource: 'version', path: '/version', signal });
  const minor = minorOf(version, Number.parseInt(told.minor, 10));
  if (minor === null || Number.isNaN(minor))
    throw new Failure('unreadable', `the Pod Security version ${version} of ${of.namespace} cannot be read`);
  const found = await connection.json(deployment, getting(on, '/apis/apps/v1', 'deployments.apps', of));
  const sets = await replicaSets(connection, found, signal);
  const templates = [found.spec.template, ...sets.map(({ spec }) => spec.template)];
  return {
    isNewer: minor > newestStandard,
    refuses: Object.fromEntries(
      templates.map((one) => [digestOf(one), refusedByStandard(one, level, minor).map((why) => redact(why))]),
    ),
  };
}

const storageClass = z.object({
  metadata: z.object({ name: z.string(), annotations: map }),
  provisioner: text,
  volumeBindingMode: text,
});
const isDefault = 'storageclass.kubernetes.io/is-default-class';

export async function storageClasses(on: Reading): Promise<readonly StorageClass[]> {
  const asked = listing(on, '/apis/storage.k8s.io/v1', 'storageclasses.storage.k8s.io');
  const found = await list(on.connection, storageClass, asked);
  return found.map(({ metadata, provisioner, volumeBindingMode }) => ({
    name: metadata.name,
    provisioner,
    binds: volumeBindingMode === 'WaitForFirstConsumer' ? 'when first used' : 'at once',
    isDefault: metadata.annotations[isDefault] === 'true',
  }));
}

const resources = z.object({ limits: quantities }).prefault({});
const onNode = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: text,
    deletionTimestamp: time,
    ownerReferences: listOf(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() })),
  }),
  spec: z.object({ containers: z.array(z.object({ resources })) }),
});

export async function podsOn(on: Reading, node: string): Promise<readonly PodOnNode[]> {
  const fieldSelector = `spec.nodeName=${node},status.phase!=Succeeded,status.phase!=Failed`;
  const asked = { ...listing(on, '/api/v1', 'pods'), query: { fieldSelector } };
  return await listKeeping(on.connection, onNode, asked, ({ metadata, spec }) => {
    const owner = metadata.ownerReferences.find((one) => one.controller === true);
    return {
      namespace: metadata.namespace,
      name: metadata.name,
      owner: owner === undefined ? '' : `${owner.kind}/${owner.name}`,
      gpus: spec.containers.reduce((sum, one) => sum + (Number(one.resources.limits['nvidia.com/gpu']) || 0), 0),
      terminating: metadata.deletionTimestamp !== null,
    };
  });
}
