import type { KubernetesRead } from './ports/kubernetes.ts';
import { clusterRights, insideRights, readRights } from './rights.ts';

/** Which rights each question to a cluster takes, as RBAC names them; a test holds it against what a real API server was asked. */

/** Who else has a say about an object: asked of what is found to manage it. */
const owners = [
  'get applications.argoproj.io',
  'get kustomizations.kustomize.toolkit.fluxcd.io',
  'get helmreleases.helm.toolkit.fluxcd.io',
  'list canaries.flagger.app',
] as const;

export const methodRights: Readonly<Record<keyof KubernetesRead, readonly string[]>> = {
  deployment: ['get deployments.apps', ...owners],
  deployments: ['list deployments.apps'],
  revisions: ['get deployments.apps', 'list replicasets.apps'],
  pods: ['list pods'],
  pod: ['get pods'],
  events: ['list events'],
  log: ['get pods/log'],
  quotas: ['list resourcequotas'],
  limitRanges: ['list limitranges'],
  nodes: ['list nodes'],
  nodeUse: ['list pods'],
  presence: ['get configmaps', 'get serviceaccounts', 'get persistentvolumeclaims', 'get secrets'],
  autoscaler: ['list horizontalpodautoscalers.autoscaling', 'get scaledobjects.keda.sh'],
  podUse: ['list pods.metrics.k8s.io'],
  nodeUsage: ['list nodes.metrics.k8s.io'],
  variables: ['get deployments.apps', 'list replicasets.apps'],
  services: ['list services'],
  endpoints: ['list endpointslices.discovery.k8s.io'],
  disruptionBudgets: ['list poddisruptionbudgets.policy'],
  networkPolicies: ['list networkpolicies.networking.k8s.io'],
  claims: ['list persistentvolumeclaims', 'list persistentvolumes'],
  storageClasses: ['list storageclasses.storage.k8s.io'],
  namespace: ['get namespaces'],
  podSecurity: ['get namespaces'],
  podsOn: ['list pods'],
  workloads: ['list statefulsets.apps', 'list daemonsets.apps', 'list jobs.batch'],
  configMap: ['get configmaps'],
  custom: ['list servicemonitors.monitoring.coreos.com', 'list prometheusrules.monitoring.coreos.com'],
  mayI: [],
  exec: ['create pods/exec'],
  fetch: ['get services/proxy'],
};

export type Tier = 'read' | 'read-cluster' | 'look-inside';
/** Their questions go over all namespaces, or over what has none. */
const WIDE: ReadonlySet<keyof KubernetesRead> = new Set([
  'nodes',
  'nodeUse',
  'nodeUsage',
  'storageClasses',
  'namespace',
  'podSecurity',
  'podsOn',
]);

/** The manifest of deploy/ that grants it, for this question; null: none does. */
export function tierOf(right: string, method: keyof KubernetesRead): Tier | null {
  const holds = (all: readonly { readonly verb: string; readonly resource: string }[]): boolean =>
    all.some((one) => `${one.verb} ${one.resource}` === right);
  if (WIDE.has(method) && holds(clusterRights)) return 'read-cluster';
  if (holds(readRights)) return 'read';
  if (holds(clusterRights)) return 'read-cluster';
  return holds(insideRights) ? 'look-inside' : null;
}
