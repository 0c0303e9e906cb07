import type { MetricAbout } from '../../../core/ports/metrics.ts';
import { DEFAULT_NAMES } from '../../../core/promql.ts';
import type { Cluster } from '../state.ts';

const counters = [
  'cpu',
  'cfsPeriods',
  'cfsThrottled',
  'restarts',
  'nodeCpu',
  'nodeDisk',
  'requests',
  'modelLoads',
] as const;
const gauges = [
  'memoryRss',
  'memoryWorkingSet',
  'replicasWanted',
  'replicasReady',
  'gpuBusy',
  'gpuMemoryUsed',
  'gpuMemoryFree',
  'gpuXid',
  'queue',
  'inFlight',
] as const;

/** What the exporters of a region say of a metric. */
export function aboutMetric(_cluster: Cluster, metric: string): readonly MetricAbout[] {
  if (counters.some((one) => DEFAULT_NAMES[one] === metric)) return [{ type: 'counter', help: '' }];
  if (gauges.some((one) => DEFAULT_NAMES[one] === metric)) return [{ type: 'gauge', help: '' }];
  const isHistogram = metric === DEFAULT_NAMES.latency || metric === DEFAULT_NAMES.inputSize;
  return isHistogram ? [{ type: 'histogram', help: '' }] : [];
}
