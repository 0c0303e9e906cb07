import { Failure } from '../../core/failure.ts';
import type {
  Event,
  KubernetesRead,
  Log,
  ObjectName,
  Presence,
  Referenced,
  Revision,
} from '../../core/ports/kubernetes.ts';
import * as around from './around.ts';
import { autoscaler } from './autoscaler.ts';
import { path, type Connection } from './connection.ts';
import { custom } from './custom.ts';
import { deploymentOf, revisionOf } from './deployment.ts';
import { exec, fetchInside } from './inside.ts';
import { list, listKeeping, rows } from './lists.ts';
import { logOf, maxLogBytes } from './log.ts';
import { nodeOf, placeOf, useOf } from './nodes.ts';
import * as objects from './objects.ts';
import { mayI } from './rights.ts';
import * as pods from './pod-objects.ts';
import { eventOf, podOf, podRowOf } from './pods.ts';
import type { Reading } from './reading.ts';
import { replicaSets } from './replica-sets.ts';
import { nodeUsage, podUse } from './use.ts';
import * as wide from './wide.ts';

const core = '/api/v1/namespaces';
const apps = '/apis/apps/v1/namespaces';

/** Everything that a playbook may look at in one cluster, until `signal` ends it. */
export function kubernetesRead(on: Reading): KubernetesRead {
  const { connection, owners, signal } = on;
  return {
    deployment: async (of) => {
      const found = await deploymentObject(connection, of, signal);
      return found === null ? null : deploymentOf(found, await owners.of(found, signal));
    },
    deployments: (namespace) => deployments(on, namespace),
    revisions: (of) => revisions(on, of),
    pods: async (namespace, labelSelector) => {
      const asked = {
        verb: 'list',
        resource: 'pods',
        namespace,
        path: `${path(core, namespace)}/pods`,
        query: { labelSelector },
        signal,
      } as const;
      return await rows(connection, 'Metadata', asked, ({ cells, metadata }) =>
        metadata === null ? [] : [podRowOf({ cells, metadata })],
      );
    },
    pod: async ({ namespace, name }) => {
      const at = path(core, namespace, 'pods', name);
      const found = await connection.jsonOrNull(pods.pod, {
        verb: 'get',
        resource: 'pods',
        namespace,
        name,
        path: at,
        signal,
      });
      return found === null ? null : podOf(found);
    },
    events: (namespace, kinds) => events(on, namespace, kinds),
    log: (of, options) => log(on, of, options),
    quotas: async (namespace) => {
      const found = await list(connection, objects.quota, {
        verb: 'list',
        resource: 'resourcequotas',
        namespace,
        path: `${path(core, namespace)}/resourcequotas`,
        signal,
      });
      return found.map(({ metadata: { name }, spec, status }) => {
        const isCounted = Object.keys(status.hard).length > 0;
        return { name, hard: isCounted ? status.hard : spec.hard, used: status.used };
      });
    },
    limitRanges: async (namespace) => {
      const found = await list(connection, objects.limitRange, {
        verb: 'list',
        resource: 'limitranges',
        namespace,
        path: `${path(core, namespace)}/limitranges`,
        signal,
      });
      return found.map(({ metadata: { name }, spec }) => ({ name, limits: spec.limits }));
    },
    nodes: async () => {
      const found = await list(connection, objects.node, {
        verb: 'list',
        resource: 'nodes',
        path: '/api/v1/nodes',
        signal,
      });
      return found.map(nodeOf);
    },
    nodeUse: async () => {
      const fieldSelector = 'spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed';
      const asked = {
        verb: 'list',
        resource: 'pods',
        path: '/api/v1/pods',
        query: { fieldSelector },
        signal,
      } as const;
      return useOf(await listKeeping(connection, pods.placedPod, asked, placeOf));
    },
    presence: (kind, of) => presence(on, kind, of),
    autoscaler: (of) => autoscaler(on, of),
    podUse: (namespace, selector) => podUse(on, namespace, selector),
    nodeUsage: () => nodeUsage(on),
    variables: (of, container, names, replicaSet) => around.variables(on, of, container, names, replicaSet),
    services: (namespace) => around.services(on, namespace),
    endpoints: (of) => around.endpoints(on, of),
    disruptionBudgets: (namespace) => around.disruptionBudgets(on, namespace),
    networkPolicies: (namespace) => around.networkPolicies(on, namespace),
    claims: (namespace) => around.claims(on, namespace),
    storageClasses: () => wide.storageClasses(on),
    namespace: (name) => wide.namespace(on, name),
    podSecurity: (of) => wide.podSecurity(on, of),
    podsOn: (node) => wide.podsOn(on, node),
    workloads: (namespace, kind) => around.workloads(on, namespace, kind),
    configMap: (of) => around.configMap(on, of),
    custom: (kind, namespace) => custom(on, kind, namespace),
    mayI: (right, as) => mayI(on, right, as),
    exec: (of, program) => exec(on, of, program),
    fetch: (of, at) => fetchInside(on, of, at),
  };
}

/** Null when there is none. */
export function deploymentObject(
  connection: Connection,
  { namespace, name }: ObjectName,
  signal: AbortSignal,
): Promise<objects.ApiDeployment | null> {
  const at = path(apps, namespace, 'deployments', name);
  return connection.jsonOrNull(objects.deployment, {
    verb: 'get',
    resource: 'deployments.apps',
    namespace,
    name,
    path: at,
    signal,
  });
}

async function revisions({ connection, signal }: Reading, of: ObjectName): Promise<readonly Revision[]> {
  const found = await deploymentObject(connection, of, signal);
  if (found === null) {
    throw new Failure('not found', `there is no deployment ${of.name} in ${of.namespace} (${connection.region})`);
  }
  const sets = await replicaSets(connection, found, signal);
  return sets.map(revisionOf).sort((a, b) => a.number - b.number);
}

async function deployments(
  { connection, signal }: Reading,
  namespace: string,
): ReturnType<KubernetesRead['deployments']> {
  const asked = {
    verb: 'list',
    resource: 'deployments.apps',
    namespace,
    path: `${path(apps, namespace)}/deployments`,
    signal,
  } as const;
  return await rows(connection, 'None', asked, ({ cells }) => {
    const [ready, wanted] = (cells['ready'] ?? '').split('/', 2).map(Number);
    const [updated, available] = [Number(cells['up-to-date']), Number(cells['available'])];
    return [{ namespace, name: cells['name'] ?? '', wanted: wanted ?? 0, ready: ready ?? 0, updated, available }];
  });
}

async function events(
  { connection, signal }: Reading,
  namespace: string,
  kinds: readonly Event['kind'][],
): Promise<readonly Event[]> {
  // A field selector knows no "or": one kind is selected by the server, several are taken out of one list.
  const query: Record<string, string> = kinds.length === 1 ? { fieldSelector: `involvedObject.kind=${kinds[0]}` } : {};
  const asked = {
    verb: 'list',
    resource: 'events',
    namespace,
    path: `${path(core, namespace)}/events`,
    query,
    signal,
  } as const;
  const found = await listKeeping(connection, pods.event, asked, (one) => {
    if (!kinds.includes(one.involvedObject.kind)) return null;
    const event = eventOf(one);
    return { event, lastMs: Date.parse(event.lastAt) };
  });
  return found
    .filter((one) => one !== null)
    .sort((a, b) => a.lastMs - b.lastMs)
    .map(({ event }) => event);
}

async function log(
  { connection, signal }: Reading,
  { namespace, name }: ObjectName,
  options: Parameters<KubernetesRead['log']>[1],
): Promise<Log> {
  const { container, previous, sinceS } = options;
  const ask = (tail: number): Promise<string> =>
    connection.text({
      verb: 'get',
      resource: 'pods/log',
      namespace,
      name,
      path: path(core, namespace, 'pods', name, 'log'),
      query: {
        container,
        previous: String(previous),
        tailLines: String(tail),
        limitBytes: String(maxLogBytes),
        ...(sinceS === undefined ? {} : { sinceSeconds: String(Math.max(1, Math.floor(sinceS))) }),
      },
      accept: '*/*',
      signal,
    });
  const tail = Math.max(1, Math.floor(options.tail));
  const text = await ask(tail);
  const isFull = Buffer.byteLength(text) >= maxLogBytes;
  if (!isFull) return logOf(text, tail, false);
  // The limit cuts the newest lines off, which matter most: ask once more, for as many of them as should fit.
  const linesThere = text.split('\n').length - 1;
  const fitting = Math.max(1, Math.min(tail - 1, Math.floor(linesThere * 0.9)));
  const newest = await ask(fitting);
  const isStillFull = Buffer.byteLength(newest) >= maxLogBytes;
  return { ...logOf(newest, fitting, isStillFull), cut: true };
}

const referenced: Readonly<Record<Referenced, string>> = {
  ConfigMap: 'configmaps',
  Secret: 'secrets',
  ServiceAccount: 'serviceaccounts',
  PersistentVolumeClaim: 'persistentvolumeclaims',
};

async function presence(
  { connection, signal }: Reading,
  kind: Referenced,
  { namespace, name }: ObjectName,
): Promise<Presence> {
  const resource = referenced[kind];
  const asked = {
    verb: 'get',
    resource,
    namespace,
    name,
    path: path(core, namespace, resource, name),
    signal,
  } as const;
  const found = await connection.jsonOrNull(objects.keyed, asked);
  if (found === null) return { there: false };
  const { creationTimestamp: createdAt, managedFields } = found.metadata;
  const written = managedFields.flatMap(({ time }) => (time === null ? [] : [time]));
  const changedAt = [createdAt, ...written].sort().at(-1) ?? createdAt;
  return { there: true, keys: [...found.data, ...found.binaryData].sort(), createdAt, changedAt };
}
