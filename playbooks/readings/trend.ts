import type { Series } from '../../src/core/ports/metrics.ts';
import { median } from './measures.ts';

/** Is it growing? Robust against spikes and restarts, and honest about how sure that is. */

export interface Trend {
  /** Units per hour: the median of the slopes of all pairs of points (Theil–Sen). */
  readonly perHour: number;
  /** Half of all pairs' slopes lie between: the narrower, the steadier. */
  readonly low: number;
  readonly high: number;
  /** Value of the line at the last point. */
  readonly now: number;
  readonly hours: number;
  readonly points: number;
}

/** All pairs of so many points are enough, and quick. */
const atMost = 120;

/** Theil–Sen: half the points may be wild before it is misled (Sen 1968). Null with fewer than five points. */
export function theilSen(series: Series): Trend | null {
  const all = series.points.flatMap(([at, value]) => (value === null ? [] : [[at / 3600, value] as const]));
  const every = Math.max(1, Math.ceil(all.length / atMost));
  const points = all.filter((_point, index) => (all.length - 1 - index) % every === 0);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 5) return null;
  const slopes: number[] = [];
  for (const [index, [x, y]] of points.entries()) {
    for (const [x2, y2] of points.slice(index + 1)) if (x2 > x) slopes.push((y2 - y) / (x2 - x));
  }
  slopes.sort((a, b) => a - b);
  const perHour = median(slopes) ?? 0;
  const at = (share: number): number => slopes[Math.floor((slopes.length - 1) * share)] ?? 0;
  const offset = median(points.map(([x, y]) => y - perHour * x)) ?? 0;
  return {
    perHour,
    low: at(0.25),
    high: at(0.75),
    now: offset + perHour * last[0],
    hours: last[0] - first[0],
    points: all.length,
  };
}

/**
 * What is left of a growth of `perHour` since `from` (Unix seconds) once another measure is the same: the median share of it, over pairs of
 * moments at which the other measure differs by at most 3 % and of which the later lies well in the growth. 1: all of it; 0: none, so that
 * the one merely follows the other. Null: too few such pairs.
 */
export function growthAtEqual(
  series: Series,
  other: Series,
  { from, perHour }: { readonly from: number; readonly perHour: number },
): { readonly share: number; readonly pairs: number } | null {
  const control = new Map(other.points);
  const points = series.points.flatMap(([at, y]) => {
    const x = control.get(at);
    return y === null || x === null || x === undefined || x <= 0 ? [] : [{ at, x, y }];
  });
  const shares: number[] = [];
  for (const [index, a] of points.entries()) {
    for (const b of points.slice(index + 1)) {
      const grownS = b.at - Math.max(a.at, from);
      if (grownS < apartS || Math.abs(b.x - a.x) > equalWithin * a.x) continue;
      shares.push((b.y - a.y) / ((perHour * grownS) / 3600));
    }
  }
  return shares.length < fewestPairs ? null : { share: median(shares) ?? 0, pairs: shares.length };
}
const apartS = 5400;
const equalWithin = 0.03;
const fewestPairs = 8;

/** Where one line is better told as two: the moment (Unix seconds) of the best cut, and how much of the scatter two lines leave of one's (0 to 1). Least squares. */
export function bendOf(series: Series): { readonly at: number; readonly left: number } | null {
  const points = series.points.flatMap(([at, value]) => (value === null ? [] : [[at, value] as const]));
  if (points.length < 10) return null;
  const whole = scatterOf(points);
  let best: { at: number; left: number } | null = null;
  for (let cut = 4; cut <= points.length - 4; cut += 1) {
    const both = scatterOf(points.slice(0, cut)) + scatterOf(points.slice(cut));
    const left = whole === 0 ? 1 : both / whole;
    if (best === null || left < best.left) best = { at: points[cut]?.[0] ?? 0, left };
  }
  return best;
}

/** Squares left over by the best straight line. */
function scatterOf(points: readonly (readonly [number, number])[]): number {
  const n = points.length;
  const [mx, my] = [points.reduce((sum, [x]) => sum + x, 0) / n, points.reduce((sum, [, y]) => sum + y, 0) / n];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - mx) ** 2;
    xy += (x - mx) * (y - my);
    yy += (y - my) ** 2;
  }
  return xx === 0 ? yy : Math.max(0, yy - xy ** 2 / xx);
}

/** When a line reaches a limit, in hours: from the steeper to the flatter of the slopes; null in a place that is never reached. */
export function hoursUntil(trend: Trend, limit: number): { readonly from: number | null; readonly to: number | null } {
  const until = (perHour: number): number | null => (perHour > 0 ? Math.max(0, (limit - trend.now) / perHour) : null);
  return { from: until(trend.high), to: until(trend.low) };
}

/** How two lines go together, −1 to 1, over the moments that both have; null with fewer than five. Spearman: ranks, so that no unit matters. */
export function togetherness(a: Series, b: Series): number | null {
  const other = new Map(b.points);
  const pairs = a.points.flatMap(([at, x]) => {
    const y = other.get(at);
    return x === null || y === null || y === undefined ? [] : [[x, y] as const];
  });
  if (pairs.length < 5) return null;
  const [xs, ys] = [ranks(pairs.map(([x]) => x)), ranks(pairs.map(([, y]) => y))];
  const middle = (pairs.length - 1) / 2;
  let [both, one, two] = [0, 0, 0];
  for (const [index, x] of xs.entries()) {
    const y = ys[index] ?? 0;
    both += (x - middle) * (y - middle);
    one += (x - middle) ** 2;
    two += (y - middle) ** 2;
  }
  return one === 0 || two === 0 ? 0 : both / Math.sqrt(one * two);
}

/** Equal values share the mean of their ranks. */
function ranks(values: readonly number[]): readonly number[] {
  const order = values.map((value, index) => [value, index] as const).toSorted(([a], [b]) => a - b);
  const found = values.map(() => 0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && order[to + 1]?.[0] === order[from]?.[0]) to += 1;
    for (const [, index] of order.slice(from, to + 1)) found[index] = (from + to) / 2;
    from = to + 1;
  }
  return found;
}

/** Where a line jumps: the moment (Unix seconds) at which the medians before and after differ most, and by what factor. Null when it is too short or flat. */
export function jumpOf(
  series: Series,
): { readonly at: number; readonly before: number; readonly after: number } | null {
  const points = series.points.flatMap(([at, value]) => (value === null ? [] : [[at, value] as const]));
  let best: { at: number; before: number; after: number } | null = null;
  let widest = 0;
  for (let index = 3; index <= points.length - 3; index += 1) {
    const before = median(points.slice(0, index).map(([, value]) => value)) ?? 0;
    const after = median(points.slice(index).map(([, value]) => value)) ?? 0;
    // The cut with the least scatter around both medians is where it jumped.
    const scatter = points.reduce(
      (sum, [, value], place) => sum + Math.abs(value - (place < index ? before : after)),
      0,
    );
    const gain = Math.abs(after - before) / (scatter / points.length + Math.abs(before) * 0.01 + Number.EPSILON);
    if (gain > widest) [widest, best] = [gain, { at: points[index]?.[0] ?? 0, before, after }];
  }
  return best;
}
