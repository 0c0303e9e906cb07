import { z } from 'zod';
import type { Question } from './ports/metrics.ts';
import type { ObjectName } from './ports/kubernetes-objects.ts';

/** Questions in the exporters' terms → PromQL. The metric names are those of kube-state-metrics, cAdvisor, node and DCGM exporters; the config may change each. */

const metric = (name: string, what: string): z.ZodDefault<z.ZodString> =>
  z
    .string()
    .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'write a metric name: letters, digits, _ and :')
    .default(name)
    .describe(what);
const label = (name: string, what: string): z.ZodDefault<z.ZodString> =>
  z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'write a label name: letters, digits and _')
    .default(name)
    .describe(what);

export const MetricNames = z.strictObject({
  rateWindow: z
    .string()
    .regex(/^\d+[sm]$/, 'write a PromQL duration in seconds or minutes: 5m')
    .default('5m')
    .describe(
      'Over what rates are taken: at least four times the scrape interval. A change is judged by them once its pods have been ready for so long.',
    ),
  cpu: metric('container_cpu_usage_seconds_total', 'cAdvisor: CPU seconds of a container.'),
  cfsPeriods: metric('container_cpu_cfs_periods_total', 'cAdvisor: CFS periods of a container with a CPU limit.'),
  cfsThrottled: metric('container_cpu_cfs_throttled_periods_total', 'cAdvisor: those in which it was throttled.'),
  memoryRss: metric('container_memory_rss', 'cAdvisor: resident memory without page cache, bytes.'),
  memoryWorkingSet: metric(
    'container_memory_working_set_bytes',
    'cAdvisor: what the memory limit is held against, bytes.',
  ),
  restarts: metric('kube_pod_container_status_restarts_total', 'kube-state-metrics: restarts of a container.'),
  replicasWanted: metric('kube_deployment_spec_replicas', 'kube-state-metrics: replicas of a Deployment as specified.'),
  replicasReady: metric('kube_deployment_status_replicas_ready', 'kube-state-metrics: replicas that are ready.'),
  gpuBusy: metric('DCGM_FI_DEV_GPU_UTIL', 'DCGM exporter: share of time with a kernel running, percent.'),
  gpuMemoryUsed: metric('DCGM_FI_DEV_FB_USED', 'DCGM exporter: GPU memory used, MiB.'),
  gpuMemoryFree: metric('DCGM_FI_DEV_FB_FREE', 'DCGM exporter: GPU memory free, MiB.'),
  gpuXid: metric('DCGM_FI_DEV_XID_ERRORS', 'DCGM exporter: number of the last XID error.'),
  nodeCpu: metric('node_cpu_seconds_total', 'node exporter: CPU seconds by mode.'),
  nodeDisk: metric('node_disk_io_time_seconds_total', 'node exporter: seconds in which a disk had work.'),
  nodeLabel: label('node', "Label of the node exporter's series that holds the name of the node."),
  requests: metric('http_requests_total', "The services' own: requests, with the status code."),
  codeLabel: label('code', 'Label of it that holds the status code.'),
  latency: metric(
    'http_request_duration_seconds',
    "The services' own: histogram of durations, seconds, without _bucket.",
  ),
  queue: metric('http_requests_queued', "The services' own: requests that wait for a worker."),
  inFlight: metric('http_requests_in_flight', "The services' own: requests being worked on."),
  inputSize: metric('request_input_size', "The services' own: histogram or summary of input sizes, without _sum."),
  modelLoads: metric('model_loads_total', "The services' own: model loads."),
});
export type MetricNames = z.infer<typeof MetricNames>;
export const DEFAULT_NAMES: MetricNames = MetricNames.parse({});

export const windowMsOf = ({ rateWindow }: MetricNames): number =>
  Number.parseInt(rateWindow, 10) * (rateWindow.endsWith('m') ? 60_000 : 1000);

/** The alphabet of generated names: no vowels, so that "model-server-x7x2k" of another controller is no pod of Deployment "model" (apimachinery `rand.SafeEncodeString`). */
const generated = '[bcdfghjklmnpqrstvwxz2456789]';

/** `region`: a matcher that each selector gets, where one Prometheus holds several regions; null: none. */
export interface Where {
  readonly names: MetricNames;
  readonly region: { readonly label: string; readonly value: string } | null;
}

/** The query, and the metric whose absence would explain an empty answer. */
export interface Asked {
  readonly query: string;
  readonly metric: string;
}

export function promqlOf(question: Question, where: Where): Asked {
  const { names } = where;
  const rate = (metricName: string, selector: string): string =>
    `rate(${metricName}{${selector}}[${names.rateWindow}])`;
  switch (question.ask) {
    case 'cpu':
    case 'cpu throttled':
    case 'memory rss':
    case 'memory working set':
    case 'restarts':
      return ofContainer(question.ask, podsOf(question.of, where), names, rate);
    case 'gpu busy':
    case 'gpu memory':
    case 'gpu xid':
      return ofGpu(question.ask, podsOf(question.of, where), names);
    case 'replicas wanted':
    case 'replicas ready': {
      const metricName = question.ask === 'replicas wanted' ? names.replicasWanted : names.replicasReady;
      const selector = matchers(where, ['namespace', question.of.namespace], ['deployment', question.of.name]);
      return { query: `max by (deployment) (${metricName}{${selector}})`, metric: metricName };
    }
    case 'node cpu':
    case 'node steal':
    case 'node disk':
      return ofNode(question.ask, where, rate);
    default:
      return ofService(question, podsOf(question.of, where), names, rate);
  }
}

type Rate = (metricName: string, selector: string) => string;

function ofContainer(
  ask: 'cpu' | 'cpu throttled' | 'memory rss' | 'memory working set' | 'restarts',
  pods: string,
  names: MetricNames,
  rate: Rate,
): Asked {
  // cAdvisor also counts the pod as a whole (no container) and its pause container.
  const real = `${pods},container!="",container!="POD"`;
  const by = 'sum by (pod, container)';
  switch (ask) {
    case 'cpu':
      return { query: `${by} (${rate(names.cpu, real)})`, metric: names.cpu };
    case 'cpu throttled':
      return {
        query: `${by} (${rate(names.cfsThrottled, real)}) / ${by} (${rate(names.cfsPeriods, real)})`,
        metric: names.cfsPeriods,
      };
    case 'memory rss':
      return { query: `max by (pod, container, id) (${names.memoryRss}{${real}})`, metric: names.memoryRss };
    case 'memory working set':
      return {
        query: `max by (pod, container, id) (${names.memoryWorkingSet}{${real}})`,
        metric: names.memoryWorkingSet,
      };
    case 'restarts':
      return { query: `max by (pod, container) (${names.restarts}{${pods}})`, metric: names.restarts };
  }
}

function ofGpu(ask: 'gpu busy' | 'gpu memory' | 'gpu xid', pods: string, names: MetricNames): Asked {
  const by = 'max by (pod, gpu)';
  switch (ask) {
    case 'gpu busy':
      return { query: `${by} (${names.gpuBusy}{${pods}}) / 100`, metric: names.gpuBusy };
    case 'gpu memory': {
      const [used, free] = [`${by} (${names.gpuMemoryUsed}{${pods}})`, `${by} (${names.gpuMemoryFree}{${pods}})`];
      return { query: `${used} / (${used} + ${free})`, metric: names.gpuMemoryUsed };
    }
    case 'gpu xid':
      return { query: `${by} (${names.gpuXid}{${pods}})`, metric: names.gpuXid };
  }
}

function ofNode(ask: 'node cpu' | 'node steal' | 'node disk', where: Where, rate: Rate): Asked {
  const { names } = where;
  const by = `by (${names.nodeLabel})`;
  switch (ask) {
    case 'node cpu':
      return {
        query: `1 - avg ${by} (${rate(names.nodeCpu, matchers(where, ['mode', 'idle']))})`,
        metric: names.nodeCpu,
      };
    case 'node steal':
      return { query: `avg ${by} (${rate(names.nodeCpu, matchers(where, ['mode', 'steal']))})`, metric: names.nodeCpu };
    case 'node disk':
      return { query: `max ${by} (${rate(names.nodeDisk, matchers(where))})`, metric: names.nodeDisk };
  }
}

function ofService(
  question: Extract<Question, { readonly by: string }>,
  pods: string,
  names: MetricNames,
  rate: Rate,
): Asked {
  const isEach = question.by === 'pod';
  const by = (...more: readonly string[]): string => {
    const all = [...(isEach ? ['pod'] : []), ...more];
    return all.length === 0 ? 'sum' : `sum by (${all.join(', ')})`;
  };
  const code = names.codeLabel;
  switch (question.ask) {
    case 'requests':
      return { query: `${by()} (${rate(names.requests, pods)})`, metric: names.requests };
    case 'errors':
      return { query: `${by(code)} (${rate(names.requests, `${pods},${code}=~"5.."`)})`, metric: names.requests };
    case 'client errors':
      return { query: `${by(code)} (${rate(names.requests, `${pods},${code}=~"4.."`)})`, metric: names.requests };
    case 'latency': {
      const buckets = `${names.latency}_bucket`;
      return {
        query: `histogram_quantile(${question.quantile}, ${by('le')} (${rate(buckets, pods)}))`,
        metric: buckets,
      };
    }
    case 'queue':
      return { query: `${by()} (${names.queue}{${pods}})`, metric: names.queue };
    case 'in flight':
      return { query: `${by()} (${names.inFlight}{${pods}})`, metric: names.inFlight };
    case 'input size': {
      const [sum, count] = [`${names.inputSize}_sum`, `${names.inputSize}_count`];
      return { query: `${by()} (${rate(sum, pods)}) / ${by()} (${rate(count, pods)})`, metric: sum };
    }
    case 'model loads':
      return { query: `${by()} (${rate(names.modelLoads, pods)})`, metric: names.modelLoads };
  }
}

function podsOf(of: ObjectName, where: Where): string {
  const namespace = matchers(where, ['namespace', of.namespace]);
  if (of.name === '') return `${namespace},pod!=""`;
  return `${namespace},pod=~${quoted(`${literal(of.name)}-${generated}{1,10}-${generated}{5}`)}`;
}

function matchers({ region }: Where, ...pairs: readonly (readonly [string, string])[]): string {
  const all = region === null ? pairs : [...pairs, [region.label, region.value] as const];
  return all.map(([key, value]) => `${key}=${quoted(value)}`).join(',');
}

/** JSON's escapes are Go's, which PromQL's strings follow. */
const quoted = (text: string): string => JSON.stringify(text);
const literal = (name: string): string => name.replaceAll(/[^a-zA-Z0-9-]/g, String.raw`\$&`);

/** What a person types to see the same, with the default names where `where` is left out. */
export function promqlByHand(question: Question, where: Where = { names: DEFAULT_NAMES, region: null }): string {
  return `promtool query instant <PROMETHEUS_URL> '${promqlOf(question, where).query}'`;
}
