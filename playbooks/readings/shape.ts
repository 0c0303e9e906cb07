import type { Series } from '../../src/core/ports/metrics.ts';
import { median } from './measures.ts';
import { bendOf, jumpOf, theilSen } from './trend.ts';
import type { Trend } from './trend.ts';

/** What a line over hours looks like: a trend, or one of the shapes that only look like one. */
export type Shape =
  | { readonly is: 'too short' }
  | { readonly is: 'flat' }
  /** Once, at `at` (Unix seconds), and flat since. */
  | { readonly is: 'step'; readonly at: number; readonly before: number; readonly after: number }
  /** Rose until `at`, by `rise`, and is flat since. */
  | { readonly is: 'levels off'; readonly at: number; readonly rise: number }
  /** Falls by itself and comes back: its floor does not rise. */
  | { readonly is: 'sawtooth'; readonly falls: number; readonly depth: number }
  /** Still rises, but by less and less: it may level off. */
  | { readonly is: 'slowing'; readonly first: number; readonly last: number; readonly trend: Trend }
  /** `from`: where it begins, Unix seconds; `flatBefore`: it did not grow before that in the same line. `floor`: falls in between were left out. */
  | {
      readonly is: 'growing';
      readonly from: number;
      readonly flatBefore: boolean;
      readonly floor: boolean;
      readonly trend: Trend;
    }
  | { readonly is: 'falling' };

type Points = readonly (readonly [at: number, value: number])[];

/** Fewer points say nothing about a shape. */
const fewest = 6;

/** `least`: a change below this is none, in the line's own unit. */
export function shapeOf(series: Series, least: number): Shape {
  const all: Points = series.points.flatMap(([at, value]) => (value === null ? [] : [[at, value] as const]));
  const points = thin(all);
  if (points.length < fewest) return { is: 'too short' };
  const values = points.map(([, value]) => value);
  const range = quantileOf(values, 0.97) - quantileOf(values, 0.03);
  const noise = noiseOf(all.map(([, value]) => value));
  if (range < Math.max(least, 0.02 * (median(values) ?? 0), 6 * noise)) return { is: 'flat' };
  // Teeth are finer than what a slope needs.
  const falls = fallsOf(all, range * 0.4);
  if (falls.length >= 2) return ofTeeth(points, falls, range);
  const [only] = falls;
  if (falls.length === 1 && only !== undefined && staysLow(points, only)) return { is: 'falling' };
  if (falls.length === 1 && !isAboveItsTop(points, falls))
    return { is: 'sawtooth', falls: 1, depth: falls[0]?.depth ?? 0 };
  return ofRise(points, range, least);
}

/** Enough for a shape, and quick: a region has many pods. */
const mostPoints = 72;

/** The medians of a few neighbours each. */
function thin(points: Points): Points {
  const every = Math.ceil(points.length / mostPoints);
  if (every < 2) return points;
  const groups = Array.from({ length: Math.floor(points.length / every) }, (_, index) =>
    points.slice(index * every, (index + 1) * every),
  );
  return groups.map((group) => [
    group[Math.floor(group.length / 2)]?.[0] ?? 0,
    median(group.map(([, value]) => value)) ?? 0,
  ]);
}

/** How far a value lies off its two neighbours' middle: the noise, whatever the trend. */
function noiseOf(values: readonly number[]): number {
  return (
    median(
      values
        .slice(1, -1)
        .map((value, index) => Math.abs(value - ((values[index] ?? 0) + (values[index + 2] ?? 0)) / 2)),
    ) ?? 0
  );
}

interface Fall {
  readonly topAt: number;
  readonly top: number;
  readonly lowAt: number;
  readonly low: number;
  readonly depth: number;
}

/** Ways down of at least `depth`, from each top to the lowest point before it rises as much again. */
function fallsOf(points: Points, depth: number): readonly Fall[] {
  const falls: Fall[] = [];
  let [topAt, top] = points[0] ?? [0, 0];
  let [lowAt, low] = [topAt, top];
  let isFalling = false;
  const put = (): void => void falls.push({ topAt, top, lowAt, low, depth: top - low });
  for (const [at, value] of points) {
    if (isFalling) {
      if (value < low) [lowAt, low] = [at, value];
      else if (value > low + depth) {
        put();
        [topAt, top, isFalling] = [at, value, false];
      }
    } else if (value > top) [topAt, top] = [at, value];
    else if (value < top - depth) [lowAt, low, isFalling] = [at, value, true];
  }
  if (isFalling) put();
  return falls;
}

/** It has not come back since. */
function staysLow(points: Points, fall: Fall): boolean {
  return (median(points.slice(-3).map(([, value]) => value)) ?? 0) < fall.low + fall.depth * 0.25;
}

/** A daily cycle or a rare collection comes back to where it was; a leak goes beyond. */
function isAboveItsTop(points: Points, falls: readonly Fall[]): boolean {
  const [fall] = falls;
  const last = median(points.slice(-3).map(([, value]) => value)) ?? 0;
  return fall !== undefined && last > fall.top + fall.depth * 0.25;
}

/** A garbage collector's teeth say nothing; the floor below them does. */
function ofTeeth(points: Points, falls: readonly Fall[], range: number): Shape {
  const depth = median(falls.map((one) => one.depth)) ?? 0;
  const trend = trendOf(floorOf(points, falls));
  const rise = trend === null ? 0 : trend.perHour * trend.hours;
  if (trend === null || rise < range * 0.25 || trend.low <= 0) return { is: 'sawtooth', falls: falls.length, depth };
  return { is: 'growing', from: points[0]?.[0] ?? 0, flatBefore: false, floor: true, trend };
}

/** Straight lines from each low to the next, at the points' own moments. */
function floorOf(points: Points, falls: readonly Fall[]): Points {
  return points.flatMap(([at]) => {
    const right = falls.findIndex(({ lowAt }) => lowAt >= at);
    const [a, b] = [falls[right - 1], falls[right]];
    if (b !== undefined && b.lowAt === at) return [[at, b.low] as const];
    if (a === undefined || b === undefined) return [];
    return [[at, a.low + ((b.low - a.low) * (at - a.lowAt)) / (b.lowAt - a.lowAt)] as const];
  });
}

function ofRise(points: Points, range: number, least: number): Shape {
  const step = stepIn(points, range);
  if (step !== null) return step;
  const whole = trendOf(points);
  if (whole === null) return { is: 'too short' };
  const start = points[0]?.[0] ?? 0;
  const bend = bendOf({ labels: {}, points });
  const [before, after] = [
    points.filter(([at]) => at < (bend?.at ?? 0)),
    points.filter(([at]) => at >= (bend?.at ?? 0)),
  ];
  const [first, last] = [trendOf(before), trendOf(after)];
  // No bend to speak of, or a piece too short for a slope of its own: it is told as one line.
  if (bend === null || bend.left > 0.5 || first === null || last === null) {
    return slowingOf(points, whole, least) ?? growing(whole, start, false);
  }
  const rise = last.perHour * last.hours;
  if (last.perHour < 0 && -rise > range * 0.15) return { is: 'falling' };
  if (rise < Math.max(least, range * 0.15) || last.perHour < first.perHour * 0.15) {
    return { is: 'levels off', at: bend.at, rise: Math.max(0, last.now - (before[0]?.[1] ?? 0)) };
  }
  if (last.perHour < first.perHour * 0.5) {
    return { is: 'slowing', first: first.perHour, last: last.perHour, trend: last };
  }
  const isNew = first.perHour < last.perHour * 0.25;
  return slowingOf(after, last, least) ?? (isNew ? growing(last, bend.at, true) : growing(whole, start, false));
}

function growing(trend: Trend, from: number, flatBefore: boolean): Shape {
  if (trend.perHour < 0 && trend.high < 0) return { is: 'falling' };
  return trend.perHour > 0 && trend.low > 0 ? { is: 'growing', from, flatBefore, floor: false, trend } : { is: 'flat' };
}

/** Two levels, each flat in itself. */
function stepIn(points: Points, range: number): Shape | null {
  const jump = jumpOf({ labels: {}, points });
  if (jump === null || jump.after - jump.before < range * 0.7) return null;
  const height = jump.after - jump.before;
  const onTheWay = points.filter(
    ([, value]) => value > jump.before + height * 0.25 && value < jump.after - height * 0.25,
  );
  if (onTheWay.length > 1) return null;
  const growth = (part: Points): number => {
    const trend = trendOf(part);
    return trend === null ? 0 : Math.abs(trend.perHour * trend.hours);
  };
  const [before, after] = [points.filter(([at]) => at < jump.at), points.filter(([at]) => at >= jump.at)];
  return growth(before) < range * 0.25 && growth(after) < range * 0.2 ? { is: 'step', ...jump } : null;
}

/** Its last third against its first one. */
function slowingOf(points: Points, trend: Trend, least: number): Shape | null {
  const third = Math.floor(points.length / 3);
  const [first, last] = [trendOf(points.slice(0, third + 1)), trendOf(points.slice(-third - 1))];
  if (first === null || last === null || first.perHour <= 0 || last.perHour >= first.perHour * 0.4) return null;
  const from = points.at(-third - 1)?.[0] ?? 0;
  if (last.perHour * last.hours < least)
    return { is: 'levels off', at: from, rise: Math.max(0, trend.perHour * trend.hours) };
  return { is: 'slowing', first: first.perHour, last: last.perHour, trend };
}

const trendOf = (points: Points): Trend | null => theilSen({ labels: {}, points });

function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * share)] ?? 0;
}
