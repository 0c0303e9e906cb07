import type { Labels, Series } from '../../../core/ports/metrics.ts';

export type Point = readonly [at: number, value: number | null];

/** Collects points by line, so that each moment is worked out once for all pods. */
export class Lines {
  readonly #lines = new Map<string, { readonly labels: Labels; readonly points: Point[] }>();

  add(labels: Labels, at: number, value: number | null): void {
    const key = JSON.stringify(labels);
    const line = this.#lines.get(key) ?? { labels, points: [] };
    line.points.push([at / 1000, value]);
    this.#lines.set(key, line);
  }

  all(): readonly Series[] {
    return [...this.#lines.values()];
  }
}
