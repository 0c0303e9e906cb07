import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { KubernetesRead, Log, ObjectName, Ran } from '../../core/ports/kubernetes.ts';
import type { MetricsRead, Sample } from '../../core/ports/metrics.ts';
import type { ActOn, Kind, Platform, Read, ServiceFacts } from '../../core/ports/platform.ts';
import { redact } from '../../core/redact.ts';
import { acts, wordOf } from './acting.ts';
import { caller, type Caller } from './rpc.ts';

/** How long one request may take, where the caller's signal does not end it earlier. */
const defaultLimitMs = 5_000;

type Facts = (of: ObjectName) => ServiceFacts;

/** What holds of a service that no config names: the config's documented defaults. */
const noConfig: Facts = () => ({
  shards: false,
  variables: { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' },
  limits: null,
  minRequests: 100,
});

export interface SimulatedOptions {
  /** Where the simulated platform listens, `http://127.0.0.1:4001`. */
  readonly url: string;
  readonly regions: readonly string[];
  readonly limitMs?: number;
  /** What the config says of a service; left out: its defaults. */
  readonly service?: Facts;
}

/** The sandbox's platform through its JSON-RPC server. The real adapter's equal: the same port tests hold both. */
export function simulatedPlatform(options: SimulatedOptions): Platform {
  const rpc = caller(options.url, options.limitMs ?? defaultLimitMs);
  return platformOver(rpc, options.regions, () => Date.now(), options.service);
}

/** The same over any line to the simulation, on any clock (Unix ms): tests hand in their own. */
export function platformOver(
  rpc: Caller,
  regions: readonly string[],
  now: () => number,
  service: Facts = noConfig,
): Platform {
  return {
    regions,
    read: (region, signal) => reading(rpc, region, service, signal),
    rehearse: (kind, region, of, signal) => rehearsals(rpc, region, signal)[kind](of),
    act: (kind, region, of, attempt, signal) => acts[kind](of, { rpc, region, attempt, signal, now }),
    async fenceOf(kind, region, of, signal) {
      if (kind === 'pod') return null;
      const params = { region, of, to: {} };
      return fenced.parse(await rpc.call(`${wordOf[kind]}.see`, params, signal).catch(absent)).fence;
    },
    async fence(kind, region, of, token, signal) {
      // A pod's uid is its fence: there is nothing to set.
      if (kind !== 'pod') await rpc.call(`${wordOf[kind]}.fence`, { region, of, token }, signal, true);
    },
  };
}

const fenced = z.object({ fence: z.string().nullable() });
/** What is not there carries no fence. */
function absent(error: unknown): unknown {
  if (error instanceof Failure && error.kind === 'not found') return { fence: null };
  throw error;
}

/** A missing right refuses a rehearsal; it is no failure to ask. */
function notAllowed(error: unknown): unknown {
  if (error instanceof Failure && error.kind === 'forbidden') return { is: 'refused', because: error.message };
  throw error;
}

type Rehearsals = { readonly [K in Kind]: (of: ActOn[K]['target']) => ActOn[K]['rehearse'] };

function rehearsals(rpc: Caller, region: string, signal: AbortSignal): Rehearsals {
  const ask = async (kind: Kind, params: object): Promise<z.infer<typeof rehearsal>> =>
    rehearsal.parse(await rpc.call(`${wordOf[kind]}.rehearse`, { region, ...params }, signal).catch(notAllowed));
  return {
    deployment: (of) => ({ rehearse: (to, when) => ask('deployment', { of, to, when }) }),
    autoscaler: (of) => ({ rehearse: (to, when) => ask('autoscaler', { of, to, when }) }),
    'scaled object': (of) => ({ rehearse: (to, when) => ask('scaled object', { of, to, when }) }),
    pod: (of) => ({ rehearse: (when) => ask('pod', { of, to: {}, when }) }),
    node: (of) => ({ rehearse: (to, when) => ask('node', { of, to: { schedulable: to }, when }) }),
  };
}

function reading(rpc: Caller, region: string, service: Facts, signal: AbortSignal): Read {
  return { kubernetes: kubernetesOf(rpc, region, signal), metrics: metricsOf(rpc, region, signal), service };
}

/** Both ends are built from the same port types, and the port tests hold the shapes: answers are not checked field by field again. */
function kubernetesOf(rpc: Caller, region: string, signal: AbortSignal): KubernetesRead {
  const ask = async <M extends keyof KubernetesRead>(
    method: M,
    params: Readonly<Record<string, unknown>>,
  ): Promise<Awaited<ReturnType<KubernetesRead[M]>>> =>
    // eslint-disable-next-line typescript/no-unsafe-type-assertion
    (await rpc.call(`kubernetes.${method}`, { region, ...params }, signal)) as Awaited<ReturnType<KubernetesRead[M]>>;
  return {
    deployment: (of) => ask('deployment', { of }),
    deployments: (namespace) => ask('deployments', { namespace }),
    revisions: (of) => ask('revisions', { of }),
    pods: (namespace, selector) => ask('pods', { namespace, selector }),
    pod: (of) => ask('pod', { of }),
    events: (namespace, kinds) => ask('events', { namespace, kinds }),
    log: async (of, log) => cleanLog(await ask('log', { of, ...log })),
    quotas: (namespace) => ask('quotas', { namespace }),
    limitRanges: (namespace) => ask('limitRanges', { namespace }),
    nodes: () => ask('nodes', {}),
    nodeUse: () => ask('nodeUse', {}),
    presence: (kind, of) => ask('presence', { kind, of }),
    autoscaler: (of) => ask('autoscaler', { of }),
    podUse: (namespace, selector) => ask('podUse', { namespace, selector }),
    nodeUsage: () => ask('nodeUsage', {}),
    variables: (of, container, names, replicaSet) =>
      ask('variables', { of, container, names, ...(replicaSet === undefined ? {} : { replicaSet }) }),
    services: (namespace) => ask('services', { namespace }),
    endpoints: (of) => ask('endpoints', { of }),
    disruptionBudgets: (namespace) => ask('disruptionBudgets', { namespace }),
    networkPolicies: (namespace) => ask('networkPolicies', { namespace }),
    claims: (namespace) => ask('claims', { namespace }),
    storageClasses: () => ask('storageClasses', {}),
    namespace: (name) => ask('namespace', { of: { namespace: name, name } }),
    podSecurity: (of) => ask('podSecurity', { of }),
    podsOn: (node) => ask('podsOn', { node }),
    workloads: (namespace, kind) => ask('workloads', { namespace, kind }),
    configMap: (of) => ask('configMap', { of }),
    custom: async (kind, namespace) => {
      const found = await ask('custom', { kind, namespace });
      return found === null ? null : found.map((one) => ({ ...one, spec: redact(one.spec) }));
    },
    mayI: (right, as) => ask('mayI', { right, ...(as === undefined ? {} : { as }) }),
    exec: async (of, program) => cleanRan(await ask('exec', { of, ...program })),
    fetch: async (of, at) => {
      const got = await ask('fetch', { of, ...at });
      return { ...got, body: clean(got.body) };
    },
  };
}

function metricsOf(rpc: Caller, region: string, signal: AbortSignal): MetricsRead {
  const ask = async <M extends keyof MetricsRead>(
    method: M,
    params: Readonly<Record<string, unknown>>,
  ): Promise<Awaited<ReturnType<Required<MetricsRead>[M]>>> =>
    // eslint-disable-next-line typescript/no-unsafe-type-assertion
    (await rpc.call(`metrics.${method}`, { region, ...params }, signal)) as Awaited<
      ReturnType<Required<MetricsRead>[M]>
    >;
  return {
    instant: async (query): Promise<readonly Sample[]> =>
      samples.parse(await rpc.call('metrics.instant', { region, query }, signal)),
    series: (question, over) => ask('series', { question, over }),
    targets: () => ask('targets', {}),
    rules: () => ask('rules', {}),
    alerts: () => ask('alerts', {}),
    about: (metric) => ask('about', { metric }),
    version: () => ask('version', {}),
    // Its rates are what is so at that moment, of a pod's first second, too.
    rateWindowMs: () => Promise.resolve(0),
    present: async (wanted) => presence.parse(await rpc.call('metrics.present', { region, wanted }, signal)),
  };
}

const presence = z.array(z.object({ metric: z.string(), series: z.number(), labelled: z.number() }));
const samples = z.array(z.object({ labels: z.record(z.string(), z.string()), value: z.number().nullable() }));
const rehearsal = z.discriminatedUnion('is', [
  z.object({ is: z.literal('diff'), lines: z.array(z.string()) }),
  z.object({ is: z.literal('no preview'), because: z.string() }),
  z.object({ is: z.literal('refused'), because: z.string() }),
]);

/** Logs and what programs print are strangers' text: no secrets, no control characters. */
// eslint-disable-next-line no-control-regex
const clean = (line: string): string => redact(line).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
const cleanLog = (log: Log): Log => ({ ...log, lines: log.lines.map(clean) });
const cleanRan = (ran: Ran): Ran => ({ ...ran, out: ran.out.map(clean), err: ran.err.map(clean) });
