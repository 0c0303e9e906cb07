import { createHash } from 'node:crypto';
import { canonical } from '../../../core/json.ts';
import { Failure } from '../../../core/failure.ts';
import type {
  Allowed,
  ConfigObject,
  CustomKind,
  CustomObject,
  DisruptionBudget,
  Endpoint,
  NodeUsage,
  ObjectName,
  PodUse,
  Right,
  Workload as OtherView,
} from '../../../core/ports/kubernetes.ts';
import { writersOf } from '../holders.ts';
import { podsOf } from '../quantity.ts';
import { selectorOf } from '../selector.ts';
import { iso, type Cluster, type Pod } from '../state.ts';
import { coresAt, instanceOf, noise, sidecarCores } from '../telemetry/load.ts';
import { workingSetAt } from '../telemetry/memory.ts';
import { nodeCores } from '../telemetry/nodes.ts';
import type { Budget, Other } from './model.ts';

/** What stands around, in the port's words. */

const windowS = 15;

function needsMetrics(cluster: Cluster): void {
  if (cluster.around.metricsServer) return;
  throw new Failure('not found', 'there is no metrics server: the cluster does not know metrics.k8s.io');
}

export function podUses(cluster: Cluster, namespace: string, selector: string, now: number): readonly PodUse[] {
  needsMetrics(cluster);
  const fits = selectorOf(selector);
  const cores = coresAt(cluster, now);
  return cluster.pods
    .filter((pod) => pod.namespace === namespace && fits(pod.labels) && pod.phase === 'Running')
    .map((pod) => ({
      pod: pod.name,
      at: iso(now - 9000),
      windowS,
      containers: containersOf(cluster, pod, cores, now),
    }));
}

function containersOf(
  cluster: Cluster,
  pod: Pod,
  cores: ReadonlyMap<string, number>,
  now: number,
): PodUse['containers'] {
  const instance = instanceOf(pod);
  return pod.template.containers.map(({ name }, index) => {
    const about = noise(cluster, `${pod.uid} ${name} use`, now);
    if (index > 0) {
      const sidecar = sidecarCores(cluster, instance, name, now);
      return { name, cores: Number((sidecar * about).toFixed(3)), memoryBytes: Math.round(60e6 * about) };
    }
    const memoryBytes = Math.round(workingSetAt(cluster, instance, now) ?? 0);
    return { name, cores: Number(((cores.get(pod.uid) ?? 0) * about).toFixed(3)), memoryBytes };
  });
}

export function nodeUsages(cluster: Cluster, now: number): readonly NodeUsage[] {
  needsMetrics(cluster);
  const cores = nodeCores(cluster, now);
  return cluster.nodes
    .filter((node) => node.reports)
    .map(({ name }) => {
      let memoryBytes = 2.4e9;
      for (const pod of cluster.pods) {
        if (pod.node === name) memoryBytes += workingSetAt(cluster, instanceOf(pod), now) ?? 0;
      }
      const used = (cores.get(name) ?? 0) * noise(cluster, `${name} use`, now);
      return { node: name, at: iso(now - 9000), cores: Number(used.toFixed(3)), memoryBytes: Math.round(memoryBytes) };
    });
}

/** Null for names that are not set, or come from elsewhere. */
export function variablesOf(
  cluster: Cluster,
  of: ObjectName,
  container: string,
  names: readonly string[],
  replicaSet?: string,
): Readonly<Record<string, string | null>> {
  const workload = cluster.workloads.find((one) => one.namespace === of.namespace && one.name === of.name);
  if (workload === undefined) throw new Failure('not found', `deployments.apps "${of.name}" not found`);
  const found = replicaSet === undefined ? workload : workload.sets.find((one) => one.name === replicaSet);
  if (found === undefined) throw new Failure('not found', `replicasets.apps "${replicaSet}" not found`);
  if (!found.template.containers.some((one) => one.name === container)) {
    throw new Failure('invalid', `there is no container ${container} in ${of.name}`);
  }
  const values = found.template.values[container] ?? {};
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}

export function endpointsOf(cluster: Cluster, of: ObjectName): readonly Endpoint[] {
  const service = cluster.around.services.find((one) => one.namespace === of.namespace && one.name === of.name);
  if (service === undefined) return [];
  const fits = Object.entries(service.selector);
  return cluster.pods
    .filter((pod) => pod.namespace === of.namespace && pod.phase === 'Running' && pod.node !== '')
    .filter((pod) => fits.every(([key, value]) => pod.labels[key] === value))
    .map((pod) => ({
      address: addressOf(pod),
      pod: pod.name,
      node: pod.node,
      ready: pod.readySince !== null && pod.deletedAt === null,
      terminating: pod.deletedAt !== null,
    }));
}

const addressOf = ({ uid }: Pod): string =>
  `10.0.${Number.parseInt(uid.slice(0, 2), 16)}.${Number.parseInt(uid.slice(2, 4), 16)}`;

const healthyOf = (cluster: Cluster, of: Budget): { readonly healthy: number; readonly total: number } => {
  const fits = Object.entries(of.labels);
  const pods = cluster.pods.filter(
    (pod) => pod.namespace === of.namespace && fits.every(([key, value]) => pod.labels[key] === value),
  );
  const wanted = cluster.workloads.find((one) => one.namespace === of.namespace && one.name === of.labels['app']);
  const healthy = pods.filter((pod) => pod.readySince !== null && pod.deletedAt === null).length;
  return { healthy, total: wanted?.replicas ?? pods.length };
};

export function budgetView(cluster: Cluster, of: Budget): DisruptionBudget {
  const { healthy, total } = healthyOf(cluster, of);
  const wanted = podsOf(of.minAvailable, total, 'up');
  const selector = Object.entries(of.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return { name: of.name, selector, allowed: Math.max(0, healthy - wanted), healthy, wanted };
}

export function otherView(cluster: Cluster, of: Other): OtherView {
  const pods = cluster.pods.filter((pod) => pod.ownerUid === of.uid);
  const isJob = of.kind === 'Job';
  return {
    kind: of.kind,
    namespace: of.namespace,
    name: of.name,
    uid: of.uid,
    selector: Object.entries(of.template.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    wanted: of.kind === 'DaemonSet' ? cluster.nodes.length : of.replicas,
    ready: isJob
      ? pods.filter((pod) => pod.phase === 'Succeeded').length
      : pods.filter((pod) => pod.readySince !== null).length,
    updated: pods.filter((pod) => pod.template === of.template).length,
    failed: of.failed,
    partition: of.partition,
    strategy: isJob ? '' : 'RollingUpdate',
    images: of.template.containers.map((one) => one.image),
  };
}

export function configMapView(cluster: Cluster, of: ObjectName): ConfigObject | null {
  const found = cluster.objects.get(`ConfigMap/${of.namespace}/${of.name}`);
  if (found === undefined) return null;
  const values = cluster.around.values.get(`${of.namespace}/${of.name}`) ?? {};
  const all = Object.fromEntries(found.keys.map((key) => [key, values[key] ?? '']));
  const digest = createHash('sha256').update(canonical(all)).digest('hex');
  const changedBy = { manager: 'argocd-controller', at: iso(found.changedAt) };
  return { keys: [...found.keys].sort(), digest, changedBy };
}

export function customViews(cluster: Cluster, kind: CustomKind, namespace: string): readonly CustomObject[] | null {
  const items = cluster.around.custom.get(kind);
  if (items === undefined) return null;
  return items
    .filter((one) => one.namespace === namespace)
    .map(({ name, uid, labels, spec, madeAt = 0, holders = [] }) => ({
      namespace,
      name,
      uid,
      labels,
      spec: JSON.stringify(spec),
      createdAt: iso(madeAt),
      specWriters: writersOf(holders),
    }));
}

/** Everything that is not denied is allowed. `as`: somebody else has the same rights here. */
export function allowed(cluster: Cluster, { verb, resource, namespace }: Right): Allowed {
  const { denied } = cluster.around;
  const words = [`${verb} ${resource}`, `* ${resource}`, `${verb} ${resource} in ${namespace ?? ''}`];
  if (!words.some((one) => denied.has(one))) return { allowed: true, because: '' };
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return { allowed: false, because: `no RBAC rule allows "${verb}" on ${resource} ${where}` };
}
