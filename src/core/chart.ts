import type { Series } from './ports/metrics.ts';

/** Something that a person would rather look at than read. Data only; whoever shows it draws it, and says `says` where nothing can be drawn. */
export interface Chart {
  /** Letters, digits and dashes: the name of its file. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** The first ones stand out when there are many. */
  readonly lines: readonly Line[];
  /** A value that must not be reached. */
  readonly limit: { readonly value: number; readonly label: string } | null;
  readonly marks: readonly Mark[];
  /** The same in words, for who cannot see it: "memory of 3 pods grows by 210 MiB an hour since 09:10 UTC, limit 16 GiB". */
  readonly says: string;
}

export type Unit = 'bytes' | 'seconds' | 'share' | 'cores' | 'count' | 'per second';

export interface Line {
  readonly name: string;
  /** Unix seconds and value; null: nothing was measured, the line has a gap. */
  readonly points: readonly (readonly [at: number, value: number | null])[];
  /** `aside`: one of many others, faint; `fit`: computed, dashed. */
  readonly as: 'line' | 'aside' | 'fit';
}

/** A moment worth a vertical line: a release, the start of the fault. Unix seconds. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

const mostPoints = 120;
const mostLines = 12;

/** Small enough to be kept with the message: at most 12 lines of 120 points. The newest point always stays. */
export function thinned(chart: Chart): Chart {
  return { ...chart, lines: chart.lines.slice(0, mostLines).map((line) => ({ ...line, points: fewer(line.points) })) };
}

function fewer(points: Line['points']): Line['points'] {
  const every = Math.ceil(points.length / mostPoints);
  return every < 2 ? points : points.filter((_point, index) => (points.length - 1 - index) % every === 0);
}

/** Lines of a measure by a label, such as `pod`: the first few stand out, the others are aside. */
export function linesBy(label: string, all: readonly Series[], standOut: number): readonly Line[] {
  return all.map(({ labels, points }, index) => ({
    name: labels[label] ?? '',
    points,
    as: index < standOut ? 'line' : 'aside',
  }));
}
