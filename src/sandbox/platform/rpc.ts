import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import { nodeView, podRow, podView, deploymentView, nodeUseViews, quotaViews, revisionView } from './view.ts';
import { eventLifeMs } from './records.ts';
import { autoscalerView } from './around/autoscaler-view.ts';
import { linesOf } from './telemetry/logs.ts';
import { selectorOf } from './selector.ts';
import { iso, type Cluster } from './state.ts';
import { applyChange, applyFence, rehearse, seen, workloadOf } from './write.ts';
import { aroundMethods } from './rpc-around.ts';
import { guarded } from './rpc-rights.ts';
import { name, reads, space, writes, type Method } from './rpc-method.ts';

/** The ports as JSON-RPC methods: what a region is asked, and what is written. Every parameter set also has `region`. */
const settings = z.record(z.string(), z.string().nullable());
const change = z.strictObject({
  template: z.strictObject({ replicaSet: z.string(), digest: z.string() }).exactOptional(),
  paused: z.boolean().exactOptional(),
  restartedAt: z.string().exactOptional(),
  replicas: z.int().min(0).exactOptional(),
  resources: z.strictObject({ container: z.string(), requests: settings, limits: settings }).exactOptional(),
  env: z.strictObject({ container: z.string(), set: settings }).exactOptional(),
});
const values = z.strictObject({ resources: change.shape.resources, env: change.shape.env });
const expectation = z.strictObject({
  uid: z.string(),
  templateDigest: z.string().nullable(),
  paused: z.boolean(),
  replicas: z.int().exactOptional(),
  values: values.exactOptional(),
});

const unguarded: Readonly<Record<string, Method>> = {
  ...aroundMethods,
  'kubernetes.deployment': reads(z.object({ of: name }), (cluster, { of }) => {
    const found = workloadOf(cluster, of);
    return found === null ? null : deploymentView(found);
  }),
  'kubernetes.deployments': reads(space, (cluster, { namespace }) =>
    cluster.workloads
      .filter((one) => one.namespace === namespace)
      .map((one) => {
        const { ready, updated, available } = one.status;
        return { namespace, name: one.name, wanted: one.replicas, ready, updated, available };
      }),
  ),
  'kubernetes.revisions': reads(z.object({ of: name }), (cluster, { of }) =>
    (workloadOf(cluster, of)?.sets ?? []).map(revisionView).sort((a, b) => a.number - b.number),
  ),
  'kubernetes.pods': reads(z.object({ namespace: z.string(), selector: z.string() }), (cluster, params) => {
    const fits = selectorOf(params.selector);
    return cluster.pods.filter((pod) => pod.namespace === params.namespace && fits(pod.labels)).map(podRow);
  }),
  'kubernetes.pod': reads(z.object({ of: name }), (cluster, { of }) => {
    const found = podOf(cluster, of);
    return found === undefined ? null : podView(found);
  }),
  'kubernetes.events': reads(z.object({ namespace: z.string(), kinds: z.array(z.string()) }), eventsOf),
  'kubernetes.log': reads(
    z.object({
      of: name,
      container: z.string(),
      previous: z.boolean(),
      tail: z.int().min(0).max(10_000),
      sinceS: z.number().positive().exactOptional(),
    }),
    logOf,
  ),
  'kubernetes.quotas': reads(space, (cluster, { namespace }) => quotaViews(cluster, namespace)),
  'kubernetes.limitRanges': reads(space, (cluster, { namespace }) =>
    cluster.limitRanges
      .filter((one) => one.namespace === namespace)
      .map((one) => ({ name: one.name, limits: one.limits })),
  ),
  'kubernetes.nodes': reads(z.object({}), (cluster) => cluster.nodes.map(nodeView)),
  'kubernetes.nodeUse': reads(z.object({}), (cluster) => nodeUseViews(cluster)),
  'kubernetes.presence': reads(z.object({ kind: z.string(), of: name }), (cluster, { kind, of }) => {
    const found = cluster.objects.get(`${kind}/${of.namespace}/${of.name}`);
    if (found === undefined) return { there: false };
    const { keys, createdAt, changedAt } = found;
    return { there: true, keys, createdAt: iso(createdAt), changedAt: iso(changedAt) };
  }),
  'kubernetes.autoscaler': reads(z.object({ of: name }), autoscalerOf),
  'deployment.see': reads(
    z.object({ of: name, to: change.exactOptional(), values: values.exactOptional() }),
    (cluster, { of, to, values: so }) => seen(cluster, of, to, so),
  ),
  'deployment.rehearse': reads(z.object({ of: name, to: change, when: expectation }), (cluster, params) =>
    rehearse(cluster, params.of, params.to, params.when),
  ),
  'deployment.write': writes(
    z.object({ of: name, to: change, fence: z.string().min(1), resourceVersion: z.string() }),
    'change of a deployment',
    (cluster, { of, to, fence, resourceVersion }, at) => applyChange(cluster, of, to, fence, resourceVersion, at),
    (cluster, { of, to, fence }, at) => applyChange(cluster, of, to, fence, seen(cluster, of).resourceVersion, at),
  ),
  'deployment.fence': writes(
    z.object({ of: name, token: z.string().min(1) }),
    'fence',
    (cluster, { of, token }) => applyFence(cluster, of, token),
    (cluster, { of, token }) => applyFence(cluster, of, token),
  ),
};

/** Each as far as the bot has the right. */
export const methods: Readonly<Record<string, Method>> = Object.fromEntries(
  Object.entries(unguarded).map(([word, method]) => [word, guarded(word, method)]),
);

type Named = z.infer<typeof name>;

const podOf = (cluster: Cluster, of: Named): Cluster['pods'][number] | undefined =>
  cluster.pods.find((pod) => pod.namespace === of.namespace && pod.name === of.name);

function eventsOf(cluster: Cluster, params: { namespace: string; kinds: string[] }, now: number): unknown {
  return cluster.events
    .filter((event) => event.namespace === params.namespace && params.kinds.includes(event.kind))
    .filter((event) => Date.parse(event.lastAt) > now - eventLifeMs)
    .map(({ namespace: _namespace, ...event }) => event);
}

interface LogAsked {
  readonly of: Named;
  readonly container: string;
  readonly previous: boolean;
  readonly tail: number;
  readonly sinceS?: number;
}

/** The kubelet's own refusals, in its words. */
function logOf(cluster: Cluster, { of, container, previous, tail, sinceS }: LogAsked, now: number): unknown {
  const pod = podOf(cluster, of);
  if (pod === undefined) throw new Failure('not found', `pods "${of.name}" not found`);
  const found = pod.containers.find((one) => one.spec.name === container);
  if (found === undefined) throw new Failure('invalid', `container ${container} is not valid for pod ${of.name}`);
  const reporting = cluster.nodes.find((one) => one.name === pod.node)?.reports ?? false;
  if (pod.node !== '' && !reporting)
    throw new Failure('server error', `Get "https://${pod.node}:10250/containerLogs": dial tcp: i/o timeout`);
  if (previous) {
    if (found.previousLog === null) {
      throw new Failure('invalid', `previous terminated container "${container}" in pod "${of.name}" not found`);
    }
    return cut(found.previousLog, tail);
  }
  if (found.state.is === 'waiting' && found.last === null) {
    const why =
      found.state.reason === 'ImagePullBackOff' || found.state.reason === 'ErrImagePull'
        ? 'trying and failing to pull image'
        : found.state.reason;
    throw new Failure('invalid', `container "${container}" in pod "${of.name}" is waiting to start: ${why}`);
  }
  return linesOf(cluster, pod, found, now, { tail, sinceS: sinceS ?? null });
}

function cut(lines: readonly string[], tail: number): { lines: readonly string[]; cut: boolean } {
  return { lines: tail === 0 ? [] : lines.slice(-tail), cut: lines.length > tail };
}

function autoscalerOf(cluster: Cluster, { of }: { of: Named }): unknown {
  const found = cluster.autoscalers.find((one) => one.namespace === of.namespace && one.workload === of.name);
  const workload = workloadOf(cluster, of);
  return found === undefined || workload === null ? null : autoscalerView(cluster, found, workload);
}
