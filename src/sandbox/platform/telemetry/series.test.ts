import { expect, test } from 'vitest';
import type { Answered, Question, Series } from '../../../core/ports/metrics.ts';
import { inject } from '../control.ts';
import { SimulatedPlatform } from '../platform.ts';
import type { Cluster } from '../state.ts';
import { windowOf } from '../traffic.ts';
import { linesOf } from './logs.ts';
import { seriesOf } from './series.ts';

const region = 'eu-west-1';
const of = { namespace: 'ml-platform', name: 'model-server' };
const now = Date.parse('2026-03-14T02:42:00Z');
const hour = 3_600_000;
const day = { forMs: 24 * hour, stepMs: 300_000 };
const instant = { forMs: 0, stepMs: 60_000 };

function broken(fault: string | null): Cluster {
  const platform = new SimulatedPlatform({ clock: { nowMs: () => now }, seed: 'test' });
  if (fault !== null) inject(platform, fault, region);
  return platform.region(region).at(platform.now());
}

function lines(answered: Answered): readonly Series[] {
  if (answered.is !== 'series') throw new Error(`${answered.is}: ${answered.because}`);
  return answered.series;
}

const last = (answered: Answered): readonly number[] =>
  lines(answered).map((one) => one.points.at(-1)?.[1] ?? Number.NaN);
const cpu: Question = { ask: 'cpu', of };
const p95 = { ask: 'latency', quantile: 0.95, of, by: 'all' } as const;

test.each([null, 'gpu-saturated', 'slow-disk', 'dependency-errors', 'retry-storm', 'oom-under-load'])(
  'instant metrics and series agree: %s',
  (fault) => {
    const cluster = broken(fault);
    const window = windowOf(cluster, 'model-server', now);
    const five = { forMs: 240_000, stepMs: 30_000 };
    const mean = (question: Question): number => {
      const points = lines(seriesOf(cluster, question, five, now)).map((one) =>
        one.points.map(([, value]) => value ?? 0),
      );
      return points.reduce((sum, one) => sum + one.reduce((all, value) => all + value, 0) / one.length, 0);
    };
    const requests = mean({ ask: 'requests', of, by: 'all' });
    expect(mean({ ask: 'errors', of, by: 'all' }) / requests).toBeCloseTo(window.errors ?? 0, 1);
    expect(requests / window.rate).toBeCloseTo(1, 1);
    expect(mean(p95) / (window.p95Seconds ?? 0)).toBeCloseTo(1, fault === 'oom-under-load' ? 0 : 1);
  },
);

test('a point is the same however it is asked for, and a day back is there for every pod of now and before', () => {
  const cluster = broken('errors-since-release');
  const whole = lines(seriesOf(cluster, cpu, day, now));
  const short = lines(seriesOf(cluster, cpu, { forMs: hour, stepMs: 300_000 }, now));
  const earlier = lines(seriesOf(cluster, cpu, { forMs: hour, stepMs: 300_000, agoMs: hour }, now));
  expect(short.find((one) => one.points.length === 5)).toBeDefined();
  for (const { labels, points } of [...short, ...earlier]) {
    const same = new Map(whole.find((one) => one.labels['pod'] === labels['pod'])?.points.map((one) => one));
    for (const [at, value] of points) expect(same.get(at)).toBe(value);
  }
  // Twelve pods now and twelve before them; each has a gap where it was not.
  expect(whole).toHaveLength(24);
  const moments = new Map<number, number>();
  for (const { points } of whole) for (const [at] of points) moments.set(at, (moments.get(at) ?? 0) + 1);
  expect(moments.size).toBe(289);
  expect(Math.min(...moments.values())).toBeGreaterThanOrEqual(9);
});

test('demand has its day: less at night, in every measure that follows it', () => {
  const cluster = broken(null);
  const [requests] = lines(seriesOf(cluster, { ask: 'requests', of, by: 'all' }, day, now));
  const values = requests?.points.map(([, value]) => value ?? 0) ?? [];
  expect(Math.min(...values) / Math.max(...values)).toBeCloseTo(0.62, 1);
  expect(Math.abs((values[0] ?? 0) / (values.at(-1) ?? 1) - 1)).toBeLessThan(0.1);
});

test('an empty answer says why it is empty', () => {
  const asked = (fault: string, question: Question): string => seriesOf(broken(fault), question, instant, now).is;
  expect(asked('gpu-exporter-down', { ask: 'gpu busy', of })).toBe('target is down');
  expect(asked('no-gpu-exporter', { ask: 'gpu busy', of })).toBe('no such metric');
  expect(asked('metrics-silent', cpu)).toBe('no data');
  expect(asked('healthy', { ask: 'cpu throttled', of })).toBe('no data');
  expect(last(seriesOf(broken('no-traffic'), p95, instant, now))).toEqual([Number.NaN]);
});

test('a leak grows in each container instance, which ends where it was killed', () => {
  const cluster = broken('leak-with-oom-kills');
  const series = lines(seriesOf(cluster, { ask: 'memory rss', of }, day, now));
  const one = series.filter((line) => line.labels['pod'] === series.at(-1)?.labels['pod']);
  expect(one.length).toBe(3);
  expect(new Set(one.map((line) => line.labels['id'])).size).toBe(3);
  const [first] = one;
  const values = first?.points.map(([, value]) => (value ?? 0) / 2 ** 30) ?? [];
  expect(Math.max(...values)).toBeGreaterThan(15);
  expect(values.at(-1)).toBeGreaterThan((values[12] ?? 0) + 4);
  expect(last(seriesOf(cluster, { ask: 'restarts', of }, instant, now))).toEqual(Array.from({ length: 12 }, () => 2));
});

test('nodes, GPUs and replicas are told by what they are', () => {
  const cluster = broken('noisy-neighbour');
  const steal = lines(seriesOf(cluster, { ask: 'node steal' }, instant, now));
  expect(steal.filter((one) => (one.points[0]?.[1] ?? 0) > 0.3)).toHaveLength(1);
  expect(last(seriesOf(cluster, { ask: 'replicas wanted', of }, instant, now))).toEqual([12]);
  const xid = lines(seriesOf(broken('gpu-xid'), { ask: 'gpu xid', of }, instant, now));
  // Each pod of the node has a GPU of its own.
  expect(new Set(xid.filter((one) => one.points[0]?.[1] === 79).map((one) => one.labels['gpu'])).size).toBe(3);
});

test('logs hold the same latencies as the histogram, with their times', () => {
  const cluster = broken('slow-since-release');
  const took: number[] = [];
  for (const pod of cluster.pods.filter((one) => one.workload === 'model-server')) {
    const container = pod.containers.find((one) => !one.init);
    if (container === undefined) throw new Error('no container');
    const said = linesOf(cluster, pod, container, now, { tail: 1000, sinceS: 300 });
    for (const line of said.lines) {
      const at = Date.parse(line.split(' ', 1)[0] ?? '');
      expect(at).toBeGreaterThanOrEqual(now - 300_000);
      expect(at).toBeLessThanOrEqual(now + 1000);
      const match = /inference_time=([\d.]+)/.exec(line);
      if (match !== null) took.push(Number(match[1]));
    }
  }
  took.sort((a, b) => a - b);
  expect(took.length).toBeGreaterThan(3000);
  const [seconds = 0] = last(seriesOf(cluster, p95, instant, now));
  expect((took[Math.floor(took.length * 0.95)] ?? 0) / seconds).toBeCloseTo(1, 1);
});

test('questions of the same step have the same moments, though they are asked one after the other', () => {
  const cluster = broken(null);
  const moments = (ask: 'requests' | 'errors', later: number): readonly number[] =>
    lines(seriesOf(cluster, { ask, of, by: 'all' }, { forMs: 3_600_000, stepMs: 120_000 }, now + later))[0]?.points.map(
      ([at]) => at,
    ) ?? [];
  expect(moments('requests', 7_000)).toEqual(moments('errors', 0));
  expect(moments('requests', 0).at(-1)).toBe(now / 1000);
});
