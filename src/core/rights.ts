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

/** What *look inside* adds to reading, each with what it is for. */
export const insideRights: readonly (Pick<Right, 'verb' | 'resource'> & { readonly what: string })[] = [
  { verb: 'get', resource: 'secrets', what: 'keys of secrets' },
  { verb: 'create', resource: 'pods/exec', what: 'programs in containers' },
  { verb: 'get', resource: 'services/proxy', what: 'a GET to a service' },
];
