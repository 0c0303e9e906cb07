import type { Right } from './ports/kubernetes.ts';

/** `deployments.apps/scale` in the parts that RBAC knows it by. */
export function partsOf(resource: string): {
  readonly resource: string;
  readonly group: string;
  readonly subresource: string;
} {
  const [whole = '', subresource = ''] = resource.split('/', 2);
  const dot = whole.indexOf('.');
  return dot < 0
    ? { resource: whole, group: '', subresource }
    : { resource: whole.slice(0, dot), group: whole.slice(dot + 1), subresource };
}

/** What the bot may not do, and the rule to add, as it stands in a role. */
export function lacks(right: Right): string {
  const where = right.namespace === undefined ? 'in all namespaces' : `in namespace ${right.namespace}`;
  return `the bot lacks the right "${right.verb} ${right.resource} ${where}"; the rule to add: ${ruleFor(right)}`;
}

/** `{apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"]}`. */
export function ruleFor({ verb, resource }: Pick<Right, 'verb' | 'resource'>): string {
  const { group, resource: plural, subresource } = partsOf(resource);
  const name = subresource === '' ? plural : `${plural}/${subresource}`;
  return `{apiGroups: ["${group}"], resources: ["${name}"], verbs: ["${verb}"]}`;
}

const patchDeployments = { verb: 'patch', resource: 'deployments.apps' };

/** What each remedy of deploy/ needs beside reading, by its file's name. Nodes belong to no namespace. */
export const remedyRights: Readonly<Record<string, Pick<Right, 'verb' | 'resource'>>> = {
  rollback: patchDeployments,
  resume: patchDeployments,
  restart: patchDeployments,
  scale: patchDeployments,
  'set-env': patchDeployments,
  'set-resources': patchDeployments,
  'autoscaler-bounds': { verb: 'patch', resource: 'horizontalpodautoscalers.autoscaling' },
  'scaled-object-bounds': { verb: 'patch', resource: 'scaledobjects.keda.sh' },
  'replace-pod': { verb: 'create', resource: 'pods/eviction' },
  cordon: { verb: 'patch', resource: 'nodes' },
};

/** A right, with what a look is blind for without it. */
export interface TierRight extends Pick<Right, 'verb' | 'resource' | 'namespace'> {
  readonly what: string;
  /** Without it hardly any playbook can say anything. */
  readonly vital?: true;
}
const vital = (verb: string, resource: string, what: string): TierRight => ({ verb, resource, what, vital: true });
const right = (verb: string, resource: string, what: string): TierRight => ({ verb, resource, what });
const both = (resource: string, what: string): readonly TierRight[] => [
  right('get', resource, what),
  right('list', resource, what),
];

/** deploy/read.yaml: of one namespace. */
export const readRights: readonly TierRight[] = [
  vital('get', 'pods', 'one pod'),
  vital('list', 'pods', 'pods'),
  vital('get', 'deployments.apps', 'one deployment'),
  vital('list', 'deployments.apps', 'deployments'),
  vital('list', 'replicasets.apps', 'revisions'),
  vital('list', 'events', 'events'),
  right('get', 'pods/log', 'logs'),
  right('get', 'configmaps', 'config maps and their keys'),
  right('get', 'serviceaccounts', 'service accounts'),
  right('list', 'resourcequotas', 'quotas'),
  right('list', 'limitranges', 'limit ranges'),
  right('list', 'services', 'services'),
  ...both('persistentvolumeclaims', 'volume claims'),
  right('list', 'statefulsets.apps', 'StatefulSets'),
  right('list', 'daemonsets.apps', 'DaemonSets'),
  right('list', 'jobs.batch', 'Jobs'),
  ...both('horizontalpodautoscalers.autoscaling', 'autoscalers'),
  right('list', 'endpointslices.discovery.k8s.io', 'endpoints'),
  right('list', 'poddisruptionbudgets.policy', 'disruption budgets'),
  right('list', 'networkpolicies.networking.k8s.io', 'network policies'),
  right('list', 'pods.metrics.k8s.io', 'use of pods now'),
  right('list', 'servicemonitors.monitoring.coreos.com', 'ServiceMonitors'),
  right('list', 'prometheusrules.monitoring.coreos.com', 'PrometheusRules'),
  ...both('scaledobjects.keda.sh', 'ScaledObjects of KEDA'),
  ...both('applications.argoproj.io', 'owners: Argo CD'),
  ...both('kustomizations.kustomize.toolkit.fluxcd.io', 'owners: Flux'),
  ...both('helmreleases.helm.toolkit.fluxcd.io', 'owners: Flux'),
  right('list', 'canaries.flagger.app', 'owners: Flagger'),
];

/** deploy/read-cluster.yaml: of no namespace, but for the events of nodes. */
export const clusterRights: readonly TierRight[] = [
  ...both('nodes', 'nodes'),
  right('list', 'pods', 'what is asked of each node'),
  right('get', 'namespaces', 'Pod Security of a namespace'),
  right('list', 'storageclasses.storage.k8s.io', 'storage classes'),
  right('list', 'persistentvolumes', 'volumes and their zones'),
  right('list', 'nodes.metrics.k8s.io', 'use of nodes now'),
  { ...right('list', 'events', 'events of nodes'), namespace: 'default' },
];

/** What *look inside* adds to reading, each with what it is for. */
export const insideRights: readonly (Pick<Right, 'verb' | 'resource'> & { readonly what: string })[] = [
  { verb: 'get', resource: 'secrets', what: 'keys of secrets' },
  { verb: 'create', resource: 'pods/exec', what: 'programs in containers' },
  { verb: 'get', resource: 'services/proxy', what: 'a GET to a service' },
];
