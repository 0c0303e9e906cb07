import { add, amount, quantity, type Amounts } from './quantity.ts';
import type { Cluster, Template } from './state.ts';

/** What a pod asks for: requests, or limits where only those are given, as the API server defaults them. */
export function requestsOf(template: Template): Amounts {
  const out: Amounts = {};
  for (const container of template.containers) add(out, { ...container.limits, ...container.requests });
  return out;
}

export function gpusOf(template: Template): number {
  return requestsOf(template)['nvidia.com/gpu'] ?? 0;
}

const live = (cluster: Cluster, namespace: string): Cluster['pods'] =>
  cluster.pods.filter((pod) => pod.namespace === namespace && pod.phase !== 'Succeeded' && pod.phase !== 'Failed');

/** How much of a quota's resource the pods of the namespace use, terminating ones included. */
export function usedOf(cluster: Cluster, namespace: string, resource: string): number {
  let used = 0;
  for (const pod of live(cluster, namespace)) used += countedFor(pod.template, resource) ?? 0;
  return used;
}

/** What one pod counts for under a quota's name; undefined when the pod does not say. */
function countedFor(template: Template, resource: string): number | undefined {
  if (resource === 'pods' || resource === 'count/pods') return 1;
  if (resource.startsWith('limits.')) {
    const sum: Amounts = {};
    for (const container of template.containers) add(sum, container.limits);
    return sum[resource.slice('limits.'.length)];
  }
  return requestsOf(template)[resource.replace(/^requests\./, '')];
}

/** Why the API server refuses this pod, in its words; null when it takes it. */
export function refusal(cluster: Cluster, namespace: string, name: string, template: Template): string | null {
  const account = template.serviceAccount;
  if (account !== 'default' && !cluster.objects.has(`ServiceAccount/${namespace}/${account}`)) {
    return `pods "${name}" is forbidden: error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
  }
  return (
    limitRefusal(cluster, namespace, name, template) ??
    securityRefusal(cluster, namespace, name, template) ??
    webhookRefusal(cluster, namespace) ??
    quotaRefusal(cluster, namespace, name, template)
  );
}

function limitRefusal(cluster: Cluster, namespace: string, name: string, template: Template): string | null {
  for (const range of cluster.limitRanges.filter((one) => one.namespace === namespace)) {
    for (const { type, max, min } of range.limits) {
      if (type !== 'Container') continue;
      for (const container of template.containers) {
        for (const [resource, most] of Object.entries(max)) {
          const limit = container.limits[resource];
          if (limit !== undefined && amount(limit) > amount(most)) {
            return `pods "${name}" is forbidden: maximum ${resource} usage per Container is ${most}, but limit is ${limit}`;
          }
        }
        for (const [resource, least] of Object.entries(min)) {
          const request = container.requests[resource];
          if (request !== undefined && amount(request) < amount(least)) {
            return `pods "${name}" is forbidden: minimum ${resource} usage per Container is ${least}, but request is ${request}`;
          }
        }
      }
    }
  }
  return null;
}

function securityRefusal(cluster: Cluster, namespace: string, name: string, template: Template): string | null {
  const level = cluster.podSecurity.get(namespace);
  if (level === undefined || !template.privileged) return null;
  const container = template.containers[0]?.name ?? '';
  return `pods "${name}" is forbidden: violates PodSecurity "${level}:latest": privileged (container "${container}" must not set securityContext.privileged=true)`;
}

function webhookRefusal(cluster: Cluster, namespace: string): string | null {
  return cluster.webhooks.find((one) => one.on === 'pods' && one.namespace === namespace)?.message ?? null;
}

function quotaRefusal(cluster: Cluster, namespace: string, name: string, template: Template): string | null {
  for (const quota of cluster.quotas.filter((one) => one.namespace === namespace)) {
    const over: { requested: string[]; used: string[]; limited: string[] } = { requested: [], used: [], limited: [] };
    for (const [resource, hard] of Object.entries(quota.hard)) {
      const wants = countedFor(template, resource);
      if (wants === undefined) {
        const container = template.containers[0]?.name ?? '';
        return `pods "${name}" is forbidden: failed quota: ${quota.name}: must specify ${resource} for: ${container}`;
      }
      const used = usedOf(cluster, namespace, resource);
      if (used + wants <= amount(hard)) continue;
      over.requested.push(`${resource}=${quantity(resource, wants)}`);
      over.used.push(`${resource}=${quantity(resource, used)}`);
      over.limited.push(`${resource}=${hard}`);
    }
    if (over.requested.length > 0) {
      return `pods "${name}" is forbidden: exceeded quota: ${quota.name}, requested: ${over.requested.join(',')}, used: ${over.used.join(',')}, limited: ${over.limited.join(',')}`;
    }
  }
  return null;
}
