import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import { lacks } from '../../core/rights.ts';
import { allowed } from './around/views.ts';
import type { Method } from './rpc-method.ts';

/** What the bot may not do is refused here as an API server's authorizer does it. */
const neededFor: Readonly<Record<string, { readonly verb: string; readonly resource: string }>> = {
  'kubernetes.deployment': { verb: 'get', resource: 'deployments.apps' },
  'kubernetes.deployments': { verb: 'list', resource: 'deployments.apps' },
  'kubernetes.revisions': { verb: 'list', resource: 'replicasets.apps' },
  'kubernetes.pods': { verb: 'list', resource: 'pods' },
  'kubernetes.pod': { verb: 'get', resource: 'pods' },
  'kubernetes.events': { verb: 'list', resource: 'events' },
  'kubernetes.log': { verb: 'get', resource: 'pods/log' },
  'kubernetes.quotas': { verb: 'list', resource: 'resourcequotas' },
  'kubernetes.limitRanges': { verb: 'list', resource: 'limitranges' },
  'kubernetes.nodes': { verb: 'list', resource: 'nodes' },
  'kubernetes.nodeUse': { verb: 'list', resource: 'pods' },
  'kubernetes.autoscaler': { verb: 'list', resource: 'horizontalpodautoscalers.autoscaling' },
  'kubernetes.variables': { verb: 'get', resource: 'deployments.apps' },
  'deployment.write': { verb: 'patch', resource: 'deployments.apps' },
  'deployment.rehearse': { verb: 'patch', resource: 'deployments.apps' },
  'kubernetes.podUse': { verb: 'list', resource: 'pods.metrics.k8s.io' },
  'kubernetes.nodeUsage': { verb: 'list', resource: 'nodes.metrics.k8s.io' },
  'kubernetes.services': { verb: 'list', resource: 'services' },
  'kubernetes.endpoints': { verb: 'list', resource: 'endpointslices.discovery.k8s.io' },
  'kubernetes.disruptionBudgets': { verb: 'list', resource: 'poddisruptionbudgets.policy' },
  'kubernetes.networkPolicies': { verb: 'list', resource: 'networkpolicies.networking.k8s.io' },
  'kubernetes.claims': { verb: 'list', resource: 'persistentvolumeclaims' },
  'kubernetes.storageClasses': { verb: 'list', resource: 'storageclasses.storage.k8s.io' },
  'kubernetes.namespace': { verb: 'get', resource: 'namespaces' },
  'kubernetes.podSecurity': { verb: 'get', resource: 'namespaces' },
  'kubernetes.podsOn': { verb: 'list', resource: 'pods' },
  'kubernetes.configMap': { verb: 'get', resource: 'configmaps' },
  'autoscaler.write': { verb: 'patch', resource: 'horizontalpodautoscalers.autoscaling' },
  'autoscaler.rehearse': { verb: 'patch', resource: 'horizontalpodautoscalers.autoscaling' },
  'scaledObject.rehearse': { verb: 'patch', resource: 'scaledobjects.keda.sh' },
  'node.rehearse': { verb: 'patch', resource: 'nodes' },
  'pod.rehearse': { verb: 'create', resource: 'pods/eviction' },
  'scaledObject.write': { verb: 'patch', resource: 'scaledobjects.keda.sh' },
  'node.write': { verb: 'patch', resource: 'nodes' },
  'pod.evict': { verb: 'create', resource: 'pods/eviction' },
};

const where = z.union([
  z.object({ namespace: z.string() }),
  z.object({ of: z.object({ namespace: z.string() }) }).transform(({ of: { namespace } }) => ({ namespace })),
]);

/** Nodes and their use belong to no namespace. */
function whereOf(params: unknown, { resource }: { readonly resource: string }): { readonly namespace?: string } {
  const read = where.safeParse(params);
  return read.success && !resource.startsWith('nodes') ? read.data : {};
}

export function guarded(word: string, method: Method): Method {
  const needed = neededFor[word];
  if (needed === undefined) return method;
  return {
    ...method,
    run(region, params, now) {
      const right = { ...needed, ...whereOf(params, needed) };
      if (!allowed(region.at(now), right).allowed) throw new Failure('forbidden', lacks(right));
      return method.run(region, params, now);
    },
  };
}
