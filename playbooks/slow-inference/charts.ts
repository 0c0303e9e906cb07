import type { Chart, Line, Mark } from '../../src/core/chart.ts';
import { linesBy } from '../../src/core/chart.ts';
import { percent } from '../../src/core/impact.ts';
import { clock, plain, say } from '../../src/core/words.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { facts } from '../readings/facts.ts';
import { newest, present, valuesOf } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { quantity } from '../readings/quantity.ts';
import { newestStep } from './checks-change.ts';
import { duration, limitOf } from './judge.ts';
import { cpuByPod, gpuByPod, latency, requestsByPod, throttledByPod } from './latency.ts';

const { chart } = onDeployment;

const anything = [
  'threads',
  'cpu-throttled',
  'model-swapping',
  'load-not-spread',
  'small-batches',
  'gpu-saturated',
  'gpu-idle',
  'queueing',
  'longer-inputs',
  'slow-disk',
  'noisy-neighbour',
  'one-pod-slow',
  'cross-region',
  'dns-tail',
  'since-change',
  'unexplained',
] as const;

const at_ = (iso: string): number => Math.round(Date.parse(iso) / 1000);
const time = (iso: string): string => plain(say`${clock(iso)}`);

/** p50, p95 and p99 with the limit, and the newest change where it lies within. */
export const quantiles = chart({
  when: anything,
  needs: [latency, facts, deployment, revisions],
  draw: (t, seen): Chart | null => {
    if (seen.latency.from !== 'histogram') return null;
    const { p50, p95, p99 } = seen.latency;
    const limit = limitOf(seen.config);
    const line = (name: string, series: typeof p95, as: Line['as']): Line => ({ name, points: series.points, as });
    const lines = [line('p95', p95, 'line'), line('p50', p50, 'line'), line('p99', p99, 'aside')].filter(
      (one) => one.points.length > 0,
    );
    const from = p95.points[0]?.[0] ?? 0;
    const step = newestStep(seen.deployment, seen.revisions);
    const marks: readonly Mark[] = step === null || at_(step.at) < from ? [] : [{ at: at_(step.at), label: 'change' }];
    const values = valuesOf(p95);
    const first = values[0] ?? null;
    return {
      id: 'latency',
      title: `Latency of ${t.name} in ${t.region}, all pods`,
      unit: 'seconds',
      lines,
      limit: { value: limit, label: `limit ${duration(limit)}` },
      marks,
      says: `p95 of all requests went from ${duration(first)} to ${duration(newest(p95))} in two hours (lowest ${duration(Math.min(...values))}, highest ${duration(Math.max(...values))}, limit ${duration(limit)})${step === null || marks.length === 0 ? '' : `; the deployment was changed at ${time(step.at)}`}`,
    };
  },
});

export const cpu = chart({
  when: ['cpu-throttled', 'threads'],
  needs: [cpuByPod, deployment],
  draw: (t, seen): Chart | null => {
    const container = seen.deployment.template.containers[0];
    const mine = present(seen['cpu by pod'].series).filter((one) => one.labels['container'] === container?.name);
    if (mine.length === 0) return null;
    const limit = quantity(container?.limits['cpu'] ?? '');
    const most = Math.max(...mine.map((one) => newest(one) ?? 0));
    return {
      id: 'cpu',
      title: `CPU of ${container?.name ?? ''} in each pod of ${t.name}`,
      unit: 'cores',
      lines: linesBy('pod', mine, 1),
      limit: limit === null ? null : { value: limit, label: 'CPU limit' },
      marks: [],
      says: `each pod uses ${most.toFixed(1)} cores at most${limit === null ? ', without a limit' : `, with a limit of ${limit}`}, in the last hour`,
    };
  },
});

export const throttling = chart({
  when: ['cpu-throttled', 'threads'],
  needs: [throttledByPod],
  draw: (t, seen): Chart | null => {
    const series = present(seen['cpu throttled'].series);
    const [worst] = series;
    if (worst === undefined) return null;
    return {
      id: 'throttling',
      title: `Throttled CFS periods of the containers of ${t.name}`,
      unit: 'share',
      lines: linesBy('pod', series, 1),
      limit: null,
      marks: [],
      says: `containers are held back in up to ${percent(newest(worst))} of their CFS periods now`,
    };
  },
});

export const gpu = chart({
  when: ['gpu-idle', 'gpu-saturated', 'small-batches'],
  needs: [gpuByPod],
  draw: (t, seen): Chart | null => {
    const series = present(seen['gpu busy'].series);
    const values = series.flatMap((one) => newest(one) ?? []);
    if (values.length === 0) return null;
    return {
      id: 'gpu',
      title: `Busy share of the GPUs of ${t.name}`,
      unit: 'share',
      lines: linesBy('pod', series, 1),
      limit: null,
      marks: [],
      says: `the GPUs are between ${percent(Math.min(...values))} and ${percent(Math.max(...values))} busy now; busy says that some kernel ran, not that there is no time left`,
    };
  },
});

export const requests = chart({
  when: ['load-not-spread'],
  needs: [requestsByPod, podRows],
  draw: (t, seen): Chart | null => {
    const series = present(seen['requests of each pod'].series);
    const rates = series.flatMap((one) => newest(one) ?? []);
    if (rates.length < 2) return null;
    return {
      id: 'requests-by-pod',
      title: `Requests to each pod of ${t.name}`,
      unit: 'per second',
      lines: linesBy('pod', series, 3),
      limit: null,
      marks: [],
      says: `the busiest of ${rates.length} pods gets ${Math.max(...rates).toFixed(1)} requests a second, the least busy ${Math.min(...rates).toFixed(2)}`,
    };
  },
});
