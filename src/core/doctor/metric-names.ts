import type { MetricNames } from '../promql.ts';
import { ok, warn } from './line.ts';
import type { Line } from './line.ts';

/** Whether the metrics that the config names are there, with the labels that are asked by. */

export interface Wanted {
  /** The config's own word for it: `metrics.cpu`. */
  readonly key: string;
  readonly metric: string;
  /** By which it is matched or joined: series without one of them are not found. */
  readonly labels: readonly string[];
  /** Who exports it. */
  readonly from: string;
}

export interface Present {
  readonly metric: string;
  /** How many series of it there are now; 0: none. */
  readonly series: number;
  /** Of these, how many have all the labels. */
  readonly labelled: number;
}

export function wantedMetrics(names: MetricNames): readonly Wanted[] {
  const pod = ['namespace', 'pod'];
  const of = (from: string, labels: readonly string[], ...keys: readonly (keyof MetricNames)[]): readonly Wanted[] =>
    keys.map((key) => ({ key, metric: names[key], labels, from }));
  return [
    ...of('cAdvisor', [...pod, 'container'], 'cpu', 'cfsPeriods', 'cfsThrottled', 'memoryRss', 'memoryWorkingSet'),
    ...of('kube-state-metrics', [...pod, 'container'], 'restarts'),
    ...of('kube-state-metrics', ['namespace', 'deployment'], 'replicasWanted', 'replicasReady'),
    ...of('the DCGM exporter', [...pod, 'gpu'], 'gpuBusy', 'gpuMemoryUsed', 'gpuMemoryFree', 'gpuXid'),
    ...of('the node exporter', [names.nodeLabel], 'nodeCpu', 'nodeDisk'),
    ...of('the services', [...pod, names.codeLabel], 'requests'),
    { key: 'latency', metric: `${names.latency}_bucket`, labels: [...pod, 'le'], from: 'the services' },
    ...of('the services', pod, 'queue', 'inFlight', 'modelLoads'),
    { key: 'inputSize', metric: `${names.inputSize}_sum`, labels: pod, from: 'the services' },
  ];
}

/** One line for what is there, one for each exporter of which something is not, one for each that has other labels. */
export function judgeMetrics(what: string, wanted: readonly Wanted[], found: readonly Present[]): readonly Line[] {
  const seen = wanted.map((one) => ({ one, got: found.find((it) => it.metric === one.metric) }));
  const there = seen.filter(({ got }) => got !== undefined && got.labelled > 0);
  const wrong = seen.filter(({ got }) => got !== undefined && got.series > 0 && got.labelled === 0);
  const absent = seen.filter(({ got }) => got === undefined || got.series === 0);
  const names = (all: typeof seen): string => all.map(({ one }) => one.metric).join(', ');
  return [
    ...(there.length === 0 ? [] : [ok(`${what}: metrics`, `${there.length} of ${wanted.length} are there`)]),
    ...wrong.map(({ one, got }) =>
      warn(
        `${what}: metric ${one.metric}`,
        `there (${got?.series ?? 0} series), but without the labels ${one.labels.join(', ')}`,
        `relabel it where it is scraped, or name another in metrics.${one.key}`,
      ),
    ),
    ...[...Map.groupBy(absent, ({ one }) => one.from)].map(([from, all]) =>
      warn(
        `${what}: metrics of ${from}`,
        `not there: ${names(all)}`,
        `scrape ${from}, or write their names here into the config: ${all.map(({ one }) => `metrics.${one.key}`).join(', ')}; fine if nothing here has them`,
      ),
    ),
  ];
}
