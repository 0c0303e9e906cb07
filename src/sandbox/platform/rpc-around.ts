import { z } from 'zod';
import {
  autoscalerBounds,
  evict,
  fenceNode,
  rehearseBounds,
  rehearseEviction,
  rehearseNode,
  scaledObjectBounds,
  seenNode,
  writeNode,
  type BoundsOf,
} from './around/acts.ts';
import { exec, fetchPage } from './around/inside.ts';
import {
  allowed,
  budgetView,
  configMapView,
  customViews,
  endpointsOf,
  nodeUsages,
  otherView,
  podUses,
  variablesOf,
} from './around/views.ts';
import { namespaceView, podSecurityView, podsOn } from './around/wide.ts';
import { name, reads, space, writes, type Method } from './rpc-method.ts';
import { aboutMetric } from './telemetry/about.ts';
import { answersOf } from './telemetry/answers.ts';
import { presentOf } from './telemetry/present.ts';
import { seriesOf } from './telemetry/series.ts';
import { instant } from './traffic.ts';

/** The ports' methods about what stands around deployments, about time, and the acts on other kinds. */

const kinds = z.enum([
  'ServiceMonitor',
  'PrometheusRule',
  'ScaledObject',
  'Application',
  'Kustomization',
  'HelmRelease',
]);
const right = z.object({
  verb: z.string(),
  resource: z.string(),
  namespace: z.string().exactOptional(),
  name: z.string().exactOptional(),
});
const podMeasures = ['cpu', 'cpu throttled', 'memory rss', 'memory working set', 'restarts'] as const;
const gpuMeasures = ['gpu busy', 'gpu memory', 'gpu xid', 'replicas wanted', 'replicas ready'] as const;
const serviceMeasures = [
  'requests',
  'errors',
  'client errors',
  'queue',
  'in flight',
  'input size',
  'model loads',
] as const;
/** A name of '' means all of the namespace. */
const anyName = z.object({ namespace: z.string(), name: z.string() });
const question = z.union([
  z.object({ ask: z.enum([...podMeasures, ...gpuMeasures]), of: anyName }),
  z.object({ ask: z.enum(serviceMeasures), of: anyName, by: z.enum(['pod', 'all']) }),
  z.object({
    ask: z.literal('latency'),
    quantile: z.number().min(0).max(1),
    of: anyName,
    by: z.enum(['pod', 'all']),
  }),
  z.object({ ask: z.enum(['node cpu', 'node steal', 'node disk']) }),
]);
const over = z.object({
  forMs: z.number().min(0),
  stepMs: z.number().positive(),
  agoMs: z.number().min(0).exactOptional(),
});

const inSpace = <T extends { readonly namespace: string }>(
  all: readonly T[],
  namespace: string,
): readonly Omit<T, 'namespace'>[] =>
  all.filter((one) => one.namespace === namespace).map(({ namespace: _namespace, ...rest }) => rest);

const looks: Readonly<Record<string, Method>> = {
  'kubernetes.podUse': reads(z.object({ namespace: z.string(), selector: z.string() }), (cluster, params, now) =>
    podUses(cluster, params.namespace, params.selector, now),
  ),
  'kubernetes.nodeUsage': reads(z.object({}), (cluster, _params, now) => nodeUsages(cluster, now)),
  'kubernetes.variables': reads(
    z.object({ of: name, container: z.string(), names: z.array(z.string()), replicaSet: z.string().optional() }),
    (cluster, { of, container, names, replicaSet }) => variablesOf(cluster, of, container, names, replicaSet),
  ),
  'kubernetes.services': reads(space, (cluster, { namespace }) => inSpace(cluster.around.services, namespace)),
  'kubernetes.endpoints': reads(z.object({ of: name }), (cluster, { of }) => endpointsOf(cluster, of)),
  'kubernetes.disruptionBudgets': reads(space, (cluster, { namespace }) =>
    cluster.around.budgets.filter((one) => one.namespace === namespace).map((one) => budgetView(cluster, one)),
  ),
  'kubernetes.networkPolicies': reads(space, (cluster, { namespace }) => inSpace(cluster.around.policies, namespace)),
  'kubernetes.claims': reads(space, (cluster, { namespace }) => inSpace(cluster.around.claims, namespace)),
  'kubernetes.storageClasses': reads(z.object({}), (cluster) => cluster.around.storageClasses),
  'kubernetes.namespace': reads(z.object({ of: z.object({ name: z.string() }) }), (cluster, { of }) =>
    namespaceView(cluster, of.name),
  ),
  'kubernetes.podSecurity': reads(z.object({ of: name }), (cluster, { of }) => podSecurityView(cluster, of)),
  'kubernetes.podsOn': reads(z.object({ node: z.string() }), (cluster, { node }) => podsOn(cluster, node)),
  'kubernetes.workloads': reads(
    z.object({ namespace: z.string(), kind: z.enum(['StatefulSet', 'DaemonSet', 'Job']) }),
    (cluster, { namespace, kind }) =>
      cluster.around.others
        .filter((one) => one.namespace === namespace && one.kind === kind)
        .map((one) => otherView(cluster, one)),
  ),
  'kubernetes.configMap': reads(z.object({ of: name }), (cluster, { of }) => configMapView(cluster, of)),
  'kubernetes.custom': reads(z.object({ kind: kinds, namespace: z.string() }), (cluster, { kind, namespace }) =>
    customViews(cluster, kind, namespace),
  ),
  'kubernetes.mayI': reads(z.object({ right, as: z.string().exactOptional() }), (cluster, params) =>
    allowed(cluster, params.right),
  ),
  'kubernetes.exec': reads(
    z.object({ of: name, container: z.string(), argv: z.array(z.string()) }),
    (cluster, { of, container, argv }, now) => exec(cluster, of, { container, argv }, now),
  ),
  'kubernetes.fetch': reads(z.object({ of: name, port: z.string(), path: z.string() }), (cluster, params, now) =>
    fetchPage(cluster, params.of, params, now),
  ),
  'metrics.instant': reads(z.object({ query: z.string() }), (cluster, { query }, now) => instant(cluster, query, now)),
  'metrics.series': reads(z.object({ question, over }), (cluster, params, now) =>
    seriesOf(cluster, params.question, params.over, now),
  ),
  'metrics.targets': reads(z.object({}), (cluster, _params, now) => answersOf(cluster, now).targets()),
  'metrics.rules': reads(z.object({}), (cluster, _params, now) => answersOf(cluster, now).rules()),
  'metrics.alerts': reads(z.object({}), (cluster, _params, now) => answersOf(cluster, now).alerts()),
  'metrics.about': reads(z.object({ metric: z.string() }), (cluster, { metric }) => aboutMetric(cluster, metric)),
  'metrics.present': reads(
    z.object({ wanted: z.array(z.object({ metric: z.string(), labels: z.array(z.string()) })) }),
    (cluster, { wanted }, now) => presentOf(cluster, wanted, now),
  ),
  'metrics.version': reads(z.object({}), () => '3.16.0'),
};

const bounds = z.object({ min: z.int().min(0), max: z.int() });

function boundsMethods(word: string, on: BoundsOf): Readonly<Record<string, Method>> {
  return {
    [`${word}.see`]: reads(z.object({ of: name }), (cluster, { of }) => on.see(cluster, of)),
    [`${word}.rehearse`]: reads(
      z.object({ of: name, to: bounds, when: z.object({ uid: z.string(), min: z.int(), max: z.int() }) }),
      (cluster, { of, to, when }) => rehearseBounds(on, cluster, of, to, when),
    ),
    [`${word}.write`]: writes(
      z.object({ of: name, to: bounds, fence: z.string().min(1), resourceVersion: z.string() }),
      'change of bounds',
      (cluster, { of, to, fence, resourceVersion }) => on.write(cluster, of, to, fence, resourceVersion),
      (cluster, { of, to, fence }) => on.write(cluster, of, to, fence, null),
    ),
    [`${word}.fence`]: writes(
      z.object({ of: name, token: z.string().min(1) }),
      'fence',
      (cluster, { of, token }) => on.fence(cluster, of, token),
      (cluster, { of, token }) => on.fence(cluster, of, token),
    ),
  };
}

/** A node has no namespace. */
const nodeName = z.object({ name: z.string().min(1) });
const schedulable = z.object({ schedulable: z.boolean() });

const acts: Readonly<Record<string, Method>> = {
  ...boundsMethods('autoscaler', autoscalerBounds),
  ...boundsMethods('scaledObject', scaledObjectBounds),
  'node.see': reads(z.object({ of: nodeName }), (cluster, { of }) => seenNode(cluster, of)),
  'node.rehearse': reads(
    z.object({ of: nodeName, to: schedulable, when: z.object({ uid: z.string(), unschedulable: z.boolean() }) }),
    (cluster, { of, to, when }) => rehearseNode(cluster, of, to, when),
  ),
  'node.write': writes(
    z.object({ of: nodeName, to: schedulable, fence: z.string().min(1), resourceVersion: z.string() }),
    'cordon or uncordon',
    (cluster, { of, to, fence, resourceVersion }) => writeNode(cluster, of, to, fence, resourceVersion),
    (cluster, { of, to, fence }) => writeNode(cluster, of, to, fence, null),
  ),
  'node.fence': writes(
    z.object({ of: nodeName, token: z.string().min(1) }),
    'fence',
    (cluster, { of, token }) => fenceNode(cluster, of, token),
    (cluster, { of, token }) => fenceNode(cluster, of, token),
  ),
  'pod.rehearse': reads(z.object({ of: name, when: z.object({ uid: z.string() }) }), (cluster, { of, when }) =>
    rehearseEviction(cluster, of, when),
  ),
  'pod.evict': writes(
    z.object({ of: name, uid: z.string() }),
    'eviction',
    (cluster, { of, uid }, at) => evict(cluster, of, uid, at),
    (cluster, { of, uid }, at) => evict(cluster, of, uid, at),
  ),
};

export const aroundMethods: Readonly<Record<string, Method>> = { ...looks, ...acts };
