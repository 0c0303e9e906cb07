import type { Autoscaler, Bounds } from '../../src/core/ports/kubernetes.ts';
import { quantity } from '../readings/quantity.ts';

/** How far the bounds of an autoscaler are moved where nobody asked for a number. */

/**
 * What a HorizontalPodAutoscaler makes of its metrics: pods × use ÷ aim, rounded up, the largest of all metrics, and as many as now within a
 * tenth of the aim: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
 */
export interface Wish {
  readonly pods: number;
  /** "6 pods × 95 % cpu ÷ its aim of 70 %". */
  readonly by: string;
}
const tolerance = 0.1;

/** Null: none of its metrics can be read. Of several, those that can be read, as the autoscaler itself goes up by them. */
export function wishOf(scaler: Pick<Autoscaler, 'metrics'> | null, pods: number): Wish | null {
  const all = (scaler?.metrics ?? []).flatMap(({ name, current, target }): Wish[] => {
    const [now, aim] = [valueOf(current), valueOf(target)];
    if (now === null || aim === null || aim <= 0) return [];
    const ratio = now / aim;
    const wants = Math.abs(ratio - 1) <= tolerance ? pods : Math.ceil(pods * ratio - 1e-9);
    return [{ pods: wants, by: `${pods} pods × ${shown(current)} ${name} ÷ its aim of ${shown(target)}` }];
  });
  return all.toSorted((a, b) => b.pods - a.pods)[0] ?? null;
}

/** "95% of request", "7500m on average", "12". */
function valueOf(text: string): number | null {
  const first = text.split(' ')[0] ?? '';
  return quantity(first.replace(/%$/, ''));
}
const shown = (text: string): string => (text.split(' ')[0] ?? '').replace(/%$/, ' %');

export interface Sized {
  readonly to: Bounds;
  /** How it came about, in words. */
  readonly why: string;
  /** Its arithmetic, where it could be done. */
  readonly by?: string;
}

/** More by a half, where there is nothing to go by. */
const half = (pods: number): number => Math.max(1, Math.ceil(pods / 2));

/**
 * At its maximum, what its own arithmetic wants and one to spare; where that wants no more, a higher maximum alone would start nothing, and below
 * the maximum it does not see the need: the minimum is raised. `places`: no further than there is room, as pods that wait for it help nobody.
 */
export function chosen(from: Bounds, wanted: number, wish: Wish | null, places: number): Sized {
  const isFull = wanted >= from.max;
  const wants = wish === null || wish.pods <= wanted ? null : wish;
  const spare = isFull && wants !== null ? 1 : 0;
  const more = wants === null ? half(wanted) : wants.pods - wanted + spare;
  // Without any room its refusal says so: one more is what it is refused for.
  const fits = Math.max(1, Math.min(more, places));
  const least = isFull && (wish === null || wants !== null) ? from.min : wanted + fits;
  const to = isFull ? { min: least, max: wanted + fits } : { min: Math.min(least, from.max), max: from.max };
  const bounded = fits < more - spare ? `, but there is room for ${fits} more now` : '';
  const by = wish === null ? {} : { by: wish.by };
  if (wants !== null) {
    const beside = spare === 1 && fits === more ? ', and 1 to spare' : '';
    return { to, why: `its own arithmetic wants ${wants.pods}${beside}${bounded}`, ...by };
  }
  const as = wish === null ? 'what it goes by could not be read' : 'it would start none by itself';
  return { to, why: `half more by rule of thumb, as ${as}${bounded}`, ...by };
}
