import type { Revision } from '../../src/core/ports/kubernetes.ts';
import { median } from '../readings/measures.ts';
import type { Memory } from '../readings/memory.ts';
import type { Leak } from './leak.ts';
import { podsOf } from './pods.ts';
import type { PodMemory } from './pods.ts';

/** Since which revision. */
export type Blame =
  | { readonly is: 'revision'; readonly revision: Revision; readonly before: Revision; readonly hours: number }
  | { readonly is: 'every revision'; readonly others: readonly Revision[] }
  /** The same pods were flat before: nothing was rolled out when it began. */
  | { readonly is: 'no release'; readonly hours: number }
  | { readonly is: 'not known'; readonly why: string };

export function blameOf(leak: Leak, memory: Memory, revisions: readonly Revision[]): Blame {
  if (leak.flatBefore) return { is: 'no release', hours: (leak.from - memory.fromS) / 3600 };
  const hashes = new Set(leak.growing.map((one) => one.hash));
  const current = revisions.find((one) => hashes.has(one.hash));
  if (current === undefined) return { is: 'not known', why: 'its pods belong to no revision that is kept' };
  const own = podsOf(memory).filter((one) => one.container === leak.container);
  const alsoGrows = revisions.filter((one) => hashes.has(one.hash) && one !== current);
  const others = revisions
    .filter((one) => !hashes.has(one.hash))
    .map((revision) => ({ revision, ...ratesOf(own.filter((one) => one.hash === revision.hash)) }))
    .filter(({ hours }) => hours >= 3)
    .toSorted((a, b) => b.revision.number - a.revision.number);
  const same = others.filter(({ perHour }) => perHour > leak.perHour / 3).map((one) => one.revision);
  if (same.length + alsoGrows.length > 0) return { is: 'every revision', others: [...alsoGrows, ...same] };
  const flat = others.find(
    ({ revision, perHour }) => revision.createdAt < current.createdAt && perHour < leak.perHour / 6,
  );
  if (flat !== undefined) return { is: 'revision', revision: current, before: flat.revision, hours: flat.hours };
  return {
    is: 'not known',
    why: 'no other version ran for 3 h or more within the 24 h that I can see',
  };
}

/** How the lives of one revision's pods grow, typically; `hours`: of the longest. */
function ratesOf(pods: readonly PodMemory[]): { readonly perHour: number; readonly hours: number } {
  const long = pods.flatMap((one) => one.lives.filter((life) => life.hours >= 1));
  const rates = long.map(({ shape }) => (shape.is === 'growing' ? shape.trend.perHour : 0));
  return { perHour: median(rates) ?? 0, hours: Math.max(0, ...long.map((one) => one.hours)) };
}
