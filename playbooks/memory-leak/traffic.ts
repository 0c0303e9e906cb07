import type { Series } from '../../src/core/ports/metrics.ts';
import { median, valuesOf } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { growthAtEqual, togetherness } from '../readings/trend.ts';

/** Does memory merely follow the requests? A morning's half of a daily cycle looks like a leak. */
export type Control =
  /** Requests per pod changed by this share at most, over the same hours. */
  | { readonly is: 'steady'; readonly change: number }
  | { readonly is: 'does not follow'; readonly rank: number }
  /** Between moments with as many requests this share of the growth is there as well. */
  | { readonly is: 'grows at equal traffic'; readonly share: number; readonly pairs: number }
  /** As much traffic did not move it before the trend began. Shares. */
  | { readonly is: 'did not follow before'; readonly traffic: number; readonly memory: number; readonly hours: number }
  /** Between moments with as many requests it does not grow. */
  | { readonly is: 'follows'; readonly rank: number; readonly pairs: number }
  /** Both rose, and nothing tells them apart. */
  | { readonly is: 'together'; readonly rank: number }
  | { readonly is: 'not known'; readonly why: string };

/** Requests per second per ready pod. */
export function trafficOf(requests: Measured, ready: Measured | null): Series | null {
  const [all] = requests.series;
  if (all === undefined) return null;
  const pods = new Map(ready?.series[0]?.points ?? []);
  return {
    labels: {},
    points: all.points.map(([at, value]) => {
      const count = pods.get(at);
      return [at, value === null ? null : value / (count === undefined || count === null || count < 1 ? 1 : count)];
    }),
  };
}

const steadyWithin = 0.2;

/** `line`: memory of a typical pod that grows, MiB, its time before that included; `before`: of others, before that. */
export function controlOf(
  line: Series,
  growth: { readonly from: number; readonly perHour: number },
  before: Series | null,
  traffic: Series,
): Control {
  const to = line.points.at(-1)?.[0] ?? 0;
  const own = smooth(between(traffic, growth.from, to));
  const values = valuesOf(own);
  const middle = median(values) ?? 0;
  if (values.length < 5 || middle <= 0) return { is: 'not known', why: 'too few requests were recorded meanwhile' };
  const change = (Math.max(...values) - Math.min(...values)) / middle;
  if (change <= steadyWithin) return { is: 'steady', change };
  const rank = togetherness(between(line, growth.from, to), own) ?? 0;
  if (rank < 0.5) return { is: 'does not follow', rank };
  const equal = growthAtEqual(line, smooth(traffic), growth);
  if (equal !== null && equal.share > 0.6) return { is: 'grows at equal traffic', ...equal };
  const other = beforeOf(before, traffic, change);
  if (other !== null) return other;
  return equal !== null && equal.share < 0.3 ? { is: 'follows', rank, pairs: equal.pairs } : { is: 'together', rank };
}

/** Of three hours or more in which traffic moved as widely, and memory did not. */
function beforeOf(before: Series | null, traffic: Series, change: number): Control | null {
  if (before === null) return null;
  const [from, to] = [before.points[0]?.[0] ?? 0, before.points.at(-1)?.[0] ?? 0];
  const hours = (to - from) / 3600;
  const requests = valuesOf(smooth(between(traffic, from, to)));
  const memory = valuesOf(before);
  const spread = (values: readonly number[]): number =>
    values.length < 6 ? 0 : (Math.max(...values) - Math.min(...values)) / (median(values) ?? 1);
  if (hours < 3 || spread(requests) < change * 0.5 || spread(memory) > 0.1) return null;
  return { is: 'did not follow before', traffic: spread(requests), memory: spread(memory), hours };
}

function between(series: Series, from: number, to: number): Series {
  return { labels: {}, points: series.points.filter(([at]) => at >= from && at <= to) };
}

/** Each value the middle one of itself and its neighbours: a single wild one says nothing. */
function smooth({ points }: Series): Series {
  return {
    labels: {},
    points: points.map(([at], index) => {
      const near = points.slice(Math.max(0, index - 1), index + 2).flatMap(([, value]) => value ?? []);
      return [at, median(near)];
    }),
  };
}

/** At each moment the median of lines whose moments are the same; where fewer than half of them have a value, none. */
export function typicalOf(lines: readonly Series[]): Series {
  const all = new Map<number, number[]>();
  for (const { points } of lines) {
    for (const [at, value] of points) if (value !== null) all.set(at, [...(all.get(at) ?? []), value]);
  }
  const points = [...all].filter(([, values]) => values.length * 2 >= lines.length).toSorted(([a], [b]) => a - b);
  return { labels: {}, points: points.map(([at, values]) => [at, median(values)] as const) };
}
