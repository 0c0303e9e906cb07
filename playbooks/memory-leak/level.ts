import type { PodTemplate } from '../../src/core/ports/kubernetes.ts';
import { mib } from '../readings/memory.ts';
import type { Memory } from '../readings/memory.ts';
import { quantity } from '../readings/quantity.ts';
import { isThere } from './leak.ts';
import type { Looked } from './leak.ts';
import { podsOf } from './pods.ts';

/** How full, against which limit: MiB. */

/** Of the pods that are there now, where `seen` is left out by the metrics alone; null: none was seen. */
export function levelOf(
  lines: Memory,
  container: string,
  seen?: Pick<Looked, 'revisions' | 'pod rows'>,
): { readonly least: number; readonly most: number; readonly pods: number } | null {
  const there = seen === undefined ? () => true : isThere(seen);
  const now = podsOf(lines).flatMap((one) =>
    one.container === container && one.now !== null && there(one) ? [one.now] : [],
  );
  return now.length === 0 ? null : { least: Math.min(...now), most: Math.max(...now), pods: now.length };
}

/** Null: it has none. */
export function limitOf(template: PodTemplate, container: string): number | null {
  const bytes = quantity(template.containers.find((one) => one.name === container)?.limits['memory'] ?? '');
  return bytes === null ? null : bytes / mib;
}

/** The last value before a container ended; null: the metrics hold none. */
export function peakBefore(
  lines: Memory,
  end: { readonly pod: string; readonly container: string; readonly at: string | null },
): number | null {
  if (end.at === null) return null;
  const endS = Date.parse(end.at) / 1000;
  const lives = lines.lives.filter((one) => one.pod === end.pod && one.container === end.container && one.fromS < endS);
  const life = lives.toSorted((a, b) => b.fromS - a.fromS)[0];
  if (life === undefined) return null;
  const values = life.mib.slice(0, Math.floor((endS - life.fromS) / lines.stepS) + 1);
  return values.findLast((value) => value !== null) ?? null;
}
