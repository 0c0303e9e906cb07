import { Failure } from '../../../core/failure.ts';
import type { Namespace, ObjectName, PodOnNode, PodSecurity } from '../../../core/ports/kubernetes.ts';
import { newestStandard, refusedByStandard, type PodSecurityLevel } from '../../../core/pod-security.ts';
import { gpusOf } from '../admission.ts';
import { iso, type Cluster, type Template } from '../state.ts';
import { digestOf } from '../template.ts';

/** What belongs to the whole cluster, in the port's words. */

/** A namespace is there while anything is in it. */
export function namespaceView(cluster: Cluster, name: string): Namespace | null {
  const going = cluster.around.going.get(name);
  const isThere =
    going !== undefined ||
    cluster.podSecurity.has(name) ||
    [...cluster.workloads, ...cluster.pods, ...cluster.quotas, ...cluster.around.services].some(
      (one) => one.namespace === name,
    );
  if (!isThere) return null;
  const level = levelOf(cluster, name);
  return {
    name,
    phase: going === undefined ? 'Active' : 'Terminating',
    terminatingSince: going === undefined ? null : iso(going.since),
    waitsFor: going?.waitsFor ?? [],
    podSecurity: level === null ? null : { level, version: 'latest' },
  };
}

function levelOf(cluster: Cluster, namespace: string): PodSecurityLevel | null {
  const label = cluster.podSecurity.get(namespace);
  if (label === undefined) return null;
  return label === 'privileged' || label === 'baseline' ? label : 'restricted';
}

/** As the API server would have the template, as far as its admission looks at it. */
export const rawOf = (template: Template): object => ({
  spec: {
    containers: template.containers.map(({ name }) => ({ name, securityContext: { privileged: template.privileged } })),
    initContainers: template.initContainers.map(({ name }) => ({ name })),
  },
});

export function podSecurityView(cluster: Cluster, of: ObjectName): PodSecurity | null {
  const level = levelOf(cluster, of.namespace);
  if (level === null || level === 'privileged') return null;
  const found = cluster.workloads.find((one) => one.namespace === of.namespace && one.name === of.name);
  if (found === undefined) throw new Failure('not found', `deployments.apps "${of.name}" not found`);
  const templates = [found.template, ...found.sets.map((one) => one.template)];
  return {
    isNewer: false,
    refuses: Object.fromEntries(
      templates.map((one) => [digestOf(one), refusedByStandard(rawOf(one), level, newestStandard)]),
    ),
  };
}

export function podsOn(cluster: Cluster, node: string): readonly PodOnNode[] {
  return cluster.pods
    .filter((pod) => pod.node === node && pod.phase !== 'Succeeded' && pod.phase !== 'Failed')
    .map((pod) => {
      const set = cluster.workloads.flatMap((one) => one.sets).find((one) => one.uid === pod.ownerUid);
      const other = cluster.around.others.find((one) => one.uid === pod.ownerUid);
      const owner =
        set === undefined ? (other === undefined ? '' : `${other.kind}/${other.name}`) : `ReplicaSet/${set.name}`;
      const { namespace, name, template, deletedAt } = pod;
      return { namespace, name, owner, gpus: gpusOf(template), terminating: deletedAt !== null };
    });
}
