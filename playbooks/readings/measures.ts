import { Failure } from '../../src/core/failure.ts';
import type { Question, Series, Window } from '../../src/core/ports/metrics.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { onDeployment } from './on.ts';

/** What Prometheus keeps of one Deployment over time. A measure that is not there makes its reading *unknown*, with the reason: no data is never taken for zero. */
export interface Measured {
  /** The highest of the newest values first; NaN last. At most `kept`. */
  readonly series: readonly Series[];
  /** How many there are. */
  readonly of: number;
  /** Why the answer may be partial; null: nothing said so. */
  readonly note: string | null;
}

/** Enough for any real workload's pods; a thousand lines would only swell the evidence. */
const kept = 60;

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => minutes(count * 60);

/**
 * A reading of one question over a stretch of time. Its by-hand line has the exporters' usual names. `none`: for counters that begin with the
 * first event (errors by code): where the metric is there and has no such line, nothing was counted, which is an answer: no series.
 */
export const measure = <const I extends string>(
  id: I,
  ask: (t: DeploymentTarget) => Question,
  over: Window,
  none: 'is unknown' | 'is an answer' = 'is unknown',
) =>
  onDeployment.reading(id, {
    withinMs: 8_000,
    byHand: (t) => promqlByHand(ask(t)),
    read: async (read, t): Promise<Measured> => {
      const answer = await read.metrics.series(ask({ ...t }), over);
      if (answer.is === 'no data' && none === 'is an answer') return { series: [], of: 0, note: answer.because };
      if (answer.is !== 'series') throw new Failure('not found', `${answer.is}: ${answer.because}`);
      const sorted = answer.series.map(shorter).toSorted((a, b) => (newest(b) ?? -Infinity) - (newest(a) ?? -Infinity));
      return { series: sorted.slice(0, kept), of: sorted.length, note: answer.note };
    },
  });

/** Six digits tell all that a person or a check asks for; sixteen only swell the evidence. */
export function shorter({ labels, points }: Series): Series {
  return { labels, points: points.map(([at, value]) => [at, value === null ? null : Number(value.toPrecision(6))]) };
}

/** The newest value that is a number; null: none. */
export function newest(series: Series): number | null {
  return series.points.findLast(([, value]) => value !== null)?.[1] ?? null;
}

/** Lines of pods that are gone end earlier than the others: what they were says nothing of now. */
export function present(all: readonly Series[]): readonly Series[] {
  const last = Math.max(...all.map((one) => one.points.at(-1)?.[0] ?? 0));
  return all.filter((one) => (one.points.at(-1)?.[0] ?? 0) === last);
}

/** Values that are numbers, within the last so many minutes of `at` (ISO 8601); all where it is left out. */
export function valuesOf(
  series: Series,
  within?: { readonly at: string; readonly minutes: number },
): readonly number[] {
  const fromS = within === undefined ? -Infinity : Date.parse(within.at) / 1000 - within.minutes * 60;
  return series.points.flatMap(([at, value]) => (value === null || at < fromS ? [] : [value]));
}

/** One line of the sums at each moment: of series whose moments are the same. Null where any part is not a number. */
export function summed(all: readonly Series[]): Series {
  const sums = new Map<number, number | null>();
  for (const { points } of all) {
    for (const [at, value] of points) {
      const so = sums.get(at);
      sums.set(at, so === null || value === null ? null : (so ?? 0) + value);
    }
  }
  return { labels: {}, points: [...sums].toSorted(([a], [b]) => a - b) };
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
