import { median } from '../readings/measures.ts';
import type { Life, Memory } from '../readings/memory.ts';
import type { Shape } from '../readings/shape.ts';

/** What the memory of one container of one pod does, over all its lives of the day. */

/** A trend of fewer hours is none (domain fact 21). */
export const leastHours = 6;
/** Nearer to the limit than this somebody must act. */
export const urgentHours = 72;
/** A life shorter than this, after its warm-up, shows no slope. */
const leastLifeHours = 1;
interface Named {
  readonly pod: string;
  readonly container: string;
  readonly hash: string;
  /** The oldest first. */
  readonly lives: readonly Life[];
  /** Newest value, MiB; null: it is gone. */
  readonly now: number | null;
  /** All hours after warm-up. */
  readonly hours: number;
}
export interface Growing extends Named {
  readonly is: 'growing';
  /** MiB per hour, and from flatter to steeper. */
  readonly perHour: number;
  readonly low: number;
  readonly high: number;
  /** Hours that it has been seen growing, in how many lives. */
  readonly grownHours: number;
  readonly grownLives: number;
  /** Unix seconds: where it begins; `flatBefore`: it was flat before, in the same life. */
  readonly from: number;
  readonly flatBefore: boolean;
}
export type PodMemory =
  | Growing
  /** Rises ever more slowly. MiB per hour. */
  | (Named & { readonly is: 'slowing'; readonly first: number; readonly last: number })
  | (Named & { readonly is: 'steady'; readonly shape: Shape })
  /** Too young to tell; `perHour`: what it does so far, MiB. */
  | (Named & { readonly is: 'young'; readonly perHour: number | null });

export function podsOf(memory: Memory): readonly PodMemory[] {
  const groups = Map.groupBy(memory.lives, (life) => `${life.pod}\n${life.container}`);
  return [...groups.values()].flatMap((lives) => podOf(lives, memory) ?? []);
}

function podOf(all: readonly Life[], memory: Memory): PodMemory | null {
  const lives = all.toSorted((a, b) => a.fromS - b.fromS);
  const newest = lives.at(-1);
  if (newest === undefined) return null;
  const { pod, container, hash } = newest;
  const lastAt = newest.fromS + (newest.mib.length - 1) * memory.stepS;
  // What runs has a newest value.
  const now = lastAt < memory.toS - memory.stepS / 2 ? null : (newest.mib.findLast((one) => one !== null) ?? null);
  const hours = lives.reduce((sum, one) => sum + one.hours, 0);
  const named = { pod, container, hash, lives, now, hours };
  const growing = growingOf(named);
  if (growing !== null) return growing;
  const { shape } = newest;
  if (shape.is === 'slowing' && newest.hours >= leastHours) {
    return { ...named, is: 'slowing', first: shape.first, last: shape.last };
  }
  const isYoung = newest.hours < leastHours || shape.is === 'growing';
  if (!isYoung) return { ...named, is: 'steady', shape };
  const soFar = shape.is === 'growing' || shape.is === 'slowing' ? shape.trend.perHour : null;
  // Of several lives, each of them short and none of them growing, enough was seen all the same.
  const seenEnough = soFar === null && hours >= leastHours && shape.is !== 'too short';
  return seenEnough ? { ...named, is: 'steady', shape } : { ...named, is: 'young', perHour: soFar };
}

/** Either one life that grows for long enough, or several that each grow, as between OOM kills. */
function growingOf(named: Named): Growing | null {
  const newest = named.lives.at(-1);
  const long = named.lives.filter((one) => one.hours >= leastLifeHours);
  const rising = long.flatMap(({ shape }) => (shape.is === 'growing' ? [shape] : []));
  const own = newest?.shape;
  if (own?.is === 'growing' && own.trend.hours >= leastHours) {
    const { perHour, low, high, hours } = own.trend;
    const { flatBefore } = own;
    const from = beginOf(newest, own.from);
    return { ...named, is: 'growing', perHour, low, high, grownHours: hours, grownLives: 1, from, flatBefore };
  }
  const slopes = rising.map((one) => one.trend.perHour);
  const grownHours = rising.reduce((sum, one) => sum + one.trend.hours, 0);
  // A kill may cut a life short, and a step may hide in one: most must agree, and the newest long one must be among them.
  const agree = rising.length >= 2 && rising.length >= long.length * 0.75 && long.at(-1)?.shape.is === 'growing';
  if (!agree || grownHours < leastHours || Math.max(...slopes) > 3 * Math.min(...slopes)) return null;
  return {
    ...named,
    is: 'growing',
    perHour: median(slopes) ?? 0,
    low: Math.min(...slopes),
    high: Math.max(...slopes),
    grownHours,
    grownLives: rising.length,
    from: beginOf(long[0], rising[0]?.from ?? 0),
    flatBefore: rising[0]?.flatBefore ?? false,
  };
}

/** What grows as soon as it is warm has grown from its start. */
function beginOf(life: Life | undefined, from: number): number {
  return life !== undefined && life.warm > 0 && from - life.fromS < 3600 ? life.fromS : from;
}
