import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import { canonical } from '../../core/json.ts';
import type {
  Claim,
  ConfigObject,
  DisruptionBudget,
  Endpoint,
  NetworkPolicy,
  ObjectName,
  Service,
  Workload,
} from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import * as objects from './around-objects.ts';
import { list } from './lists.ts';
import type { Metadata } from './objects.ts';
import { getting, listing, type Reading } from './reading.ts';
import { selectorText } from './selector.ts';

/** What stands around a workload: traffic, budgets, volumes, other kinds. */

export async function services(on: Reading, namespace: string): Promise<readonly Service[]> {
  const found = await list(on.connection, objects.service, listing(on, '/api/v1', 'services', namespace));
  return found.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    type: spec.type,
    headless: spec.clusterIP === 'None',
    selector: spec.selector,
    ports: spec.ports.map(({ name, port, targetPort }) => ({ name, port, target: String(targetPort ?? port) })),
    ingress: status.loadBalancer.ingress.map(({ ip, hostname }) => (hostname === '' ? ip : hostname)),
  }));
}

export async function endpoints(on: Reading, { namespace, name }: ObjectName): Promise<readonly Endpoint[]> {
  const asked = listing(on, '/apis/discovery.k8s.io/v1', 'endpointslices.discovery.k8s.io', namespace);
  const query = { labelSelector: `kubernetes.io/service-name=${name}` };
  const found = await list(on.connection, objects.endpointSlice, { ...asked, query });
  return found.flatMap((slice) =>
    slice.endpoints.map(({ addresses, conditions, nodeName, targetRef }) => ({
      address: addresses[0] ?? '',
      pod: targetRef?.kind === 'Pod' ? targetRef.name : '',
      node: nodeName,
      ready: conditions?.ready ?? true, // absent: unknown, to be taken as ready (API reference of EndpointConditions)
      terminating: conditions?.terminating ?? false,
    })),
  );
}

export async function disruptionBudgets(on: Reading, namespace: string): Promise<readonly DisruptionBudget[]> {
  const asked = listing(on, '/apis/policy/v1', 'poddisruptionbudgets.policy', namespace);
  const found = await list(on.connection, objects.disruptionBudget, asked);
  return found.flatMap(({ metadata: { name }, spec: { selector }, status }) => {
    if (!selector) return []; // none at all selects no pod; an empty one selects all
    const { disruptionsAllowed: allowed, currentHealthy: healthy, desiredHealthy: wanted } = status;
    return [{ name, selector: selectorText(selector), allowed, healthy, wanted }];
  });
}

export async function networkPolicies(on: Reading, namespace: string): Promise<readonly NetworkPolicy[]> {
  const asked = listing(on, '/apis/networking.k8s.io/v1', 'networkpolicies.networking.k8s.io', namespace);
  const found = await list(on.connection, objects.networkPolicy, asked);
  return found.map(({ metadata: { name }, spec }) => ({
    name,
    selector: selectorText(spec.podSelector),
    types: spec.policyTypes.length === 0 ? ['Ingress'] : spec.policyTypes,
    ingress: spec.ingress.map(({ from, ports }) => `from ${peersText(from)} to ${portsText(ports)}`),
    egress: spec.egress.map(({ to, ports }) => `to ${peersText(to)} at ${portsText(ports)}`),
  }));
}

function peersText(peers: readonly objects.ApiPeer[]): string {
  return peers.length === 0 ? 'anywhere' : peers.map(peerText).join(' or ');
}

function peerText({ podSelector, namespaceSelector, ipBlock }: objects.ApiPeer): string {
  if (ipBlock)
    return ipBlock.except.length === 0 ? ipBlock.cidr : `${ipBlock.cidr} except ${ipBlock.except.join(', ')}`;
  const pods = podSelector ? selectorText(podSelector) : '';
  const where = namespaceSelector ? selectorText(namespaceSelector) : null;
  const which = pods === '' ? 'all pods' : `pods ${pods}`;
  if (where === null) return which;
  return `${which} in ${where === '' ? 'all namespaces' : `namespaces ${where}`}`;
}

function portsText(ports: objects.ApiPorts): string {
  if (ports.length === 0) return 'any port';
  return ports
    .map(({ port, endPort, protocol }) => {
      const range = endPort ? `-${endPort}` : '';
      const kind = protocol === '' || protocol === 'TCP' ? '' : `/${protocol}`;
      return port === null || port === undefined ? `any ${protocol || 'TCP'} port` : `:${port}${range}${kind}`;
    })
    .join(', ');
}

export async function claims(on: Reading, namespace: string): Promise<readonly Claim[]> {
  const found = await list(on.connection, objects.claim, listing(on, '/api/v1', 'persistentvolumeclaims', namespace));
  const zones = found.some(({ spec }) => spec.volumeName !== '') ? await zonesOfVolumes(on) : new Map<string, never>();
  return found.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    phase: status.phase,
    storageClass: spec.storageClassName,
    volume: spec.volumeName,
    size: status.capacity['storage'] ?? spec.resources.requests['storage'] ?? '',
    modes: spec.accessModes,
    zones: zones.get(spec.volumeName) ?? [],
  }));
}

/** Volumes belong to no namespace: whoever may not list them knows no zones. */
async function zonesOfVolumes(on: Reading): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const found = await list(on.connection, objects.volume, listing(on, '/api/v1', 'persistentvolumes'));
    return new Map(found.map((one) => [one.metadata.name, zonesOf(one)]));
  } catch (error) {
    if (error instanceof Failure && error.kind === 'forbidden') return new Map();
    throw error;
  }
}

/** `topology.kubernetes.io/zone`, its older name, and those of storage drivers (`topology.ebs.csi.aws.com/zone`). */
const isZone = (key: string): boolean => /(?:^|\/)(?:zone|failure-domain\.beta\.kubernetes\.io\/zone)$/.test(key);

function zonesOf({ metadata, spec }: objects.ApiVolume): readonly string[] {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const told = terms.flatMap(({ matchExpressions }) =>
    matchExpressions.flatMap(({ key, operator, values }) => (isZone(key) && operator === 'In' ? values : [])),
  );
  const labelled = Object.entries(metadata.labels).flatMap(([key, value]) => (isZone(key) ? [value] : []));
  return [...new Set(told.length > 0 ? told : labelled)].sort();
}

const plurals: Readonly<Record<Workload['kind'], readonly [api: string, resource: string]>> = {
  StatefulSet: ['/apis/apps/v1', 'statefulsets.apps'],
  DaemonSet: ['/apis/apps/v1', 'daemonsets.apps'],
  Job: ['/apis/batch/v1', 'jobs.batch'],
};

export async function workloads(on: Reading, namespace: string, kind: Workload['kind']): Promise<readonly Workload[]> {
  const [api, resource] = plurals[kind];
  const found = await list(on.connection, objects.workload, listing(on, api, resource, namespace));
  return found.map((one) => {
    const { metadata, spec } = one;
    return {
      kind,
      namespace,
      name: metadata.name,
      uid: metadata.uid,
      selector: spec.selector ? selectorText(spec.selector) : '',
      ...countsOf(kind, one),
      partition: kind === 'StatefulSet' ? (spec.updateStrategy?.rollingUpdate?.partition ?? null) : null,
      strategy: spec.updateStrategy?.type ?? '',
      images: spec.template.spec.containers.map(({ image }) => redact(image)),
    };
  });
}

function countsOf(
  kind: Workload['kind'],
  { spec, status }: objects.ApiWorkload,
): Pick<Workload, 'wanted' | 'ready' | 'updated' | 'failed'> {
  if (kind === 'DaemonSet')
    return {
      wanted: status.desiredNumberScheduled,
      ready: status.numberReady,
      updated: status.updatedNumberScheduled,
      failed: 0,
    };
  if (kind === 'Job')
    return {
      wanted: spec.completions ?? spec.parallelism ?? 1,
      ready: status.succeeded,
      updated: 0,
      failed: status.failed,
    };
  return { wanted: spec.replicas ?? 1, ready: status.readyReplicas, updated: status.updatedReplicas, failed: 0 };
}

export async function configMap(on: Reading, of: ObjectName): Promise<ConfigObject | null> {
  const found = await on.connection.jsonOrNull(objects.configMap, getting(on, '/api/v1', 'configmaps', of));
  if (found === null) return null;
  const data = { ...found.data };
  const binaryData = { ...found.binaryData };
  return {
    keys: [...Object.keys(data), ...Object.keys(binaryData)].sort(),
    digest: createHash('sha256').update(canonical({ data, binaryData })).digest('hex'),
    changedBy: changedBy(found.metadata),
  };
}

function changedBy({ managedFields }: Metadata): ConfigObject['changedBy'] {
  let newest: ConfigObject['changedBy'] = null;
  for (const { manager, time } of managedFields)
    if (time !== null && (newest === null || time >= newest.at)) newest = { manager, at: time };
  return newest;
}

/** Plain values of variables that were asked for by name; the last of two of one name is what the container gets. */
export async function variables(
  on: Reading,
  of: ObjectName,
  container: string,
  names: readonly string[],
  replicaSet?: string,
): Promise<Readonly<Record<string, string | null>>> {
  const { spec } = await (replicaSet === undefined
    ? on.connection.json(objects.valued, getting(on, '/apis/apps/v1', 'deployments.apps', of))
    : valuedSet(on, of.namespace, replicaSet));
  const found = spec.template.spec.containers.find((one) => one.name === container);
  if (found === undefined)
    throw new Failure('not found', `deployment ${of.name} in ${of.namespace} has no container ${container}`);
  return Object.fromEntries(
    names.map((name) => {
      const one = found.env.findLast((entry) => entry.name === name);
      if (one === undefined || (one.valueFrom !== undefined && one.valueFrom !== null)) return [name, null];
      return [name, valueOf(name, one.value ?? '')];
    }),
  );
}

/** Listed by its name: looking at ReplicaSets needs no right to get them besides. */
async function valuedSet(on: Reading, namespace: string, name: string): Promise<z.output<typeof objects.valued>> {
  const asked = listing(on, '/apis/apps/v1', 'replicasets.apps', namespace);
  const [found] = await list(on.connection, objects.valued, {
    ...asked,
    query: { fieldSelector: `metadata.name=${name}` },
  });
  if (found === undefined) throw new Failure('not found', `there is no ReplicaSet ${name} in ${namespace}`);
  return found;
}

/** With its name before it, since a name may be what tells a secret. */
function valueOf(name: string, value: string): string {
  const prefix = `${name}=`;
  const clean = redact(prefix + value);
  return clean.startsWith(prefix) ? clean.slice(prefix.length) : redact(value);
}
