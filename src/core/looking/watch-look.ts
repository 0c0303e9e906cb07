import { z } from 'zod';
import type { Outcome } from '../contract.ts';
import type { Impact } from '../impact.ts';
import { list } from '../render/small.ts';
import { plural } from '../plural.ts';

/** What is kept of a watched deployment between two looks, and when it is wrong, worse or well again. Pure. */

/** How bad it was when the watch began. */
const Already = z.object({
  why: z.string(),
  /** Pods in a bad state, and pods that are missing. */
  bad: z.number(),
  missing: z.number(),
  errorRatio: z.number().nullable(),
  latencySeconds: z.number().nullable(),
  stuck: z.boolean(),
});
type Already = z.infer<typeof Already>;

export const Region = z.object({
  /** Of all its pods at the first look; null: none yet. */
  restarts: z.number().nullable(),
  /** Looks in a row without an answer, and with too few ready. */
  misses: z.number(),
  low: z.number(),
  looks: z.number(),
  missed: z.number(),
  /** What went wrong, or got worse, once it did; null: nothing so far. */
  wrong: z.object({ at: z.string(), why: z.string() }).nullable(),
  /** "12 of 12 ready" at the last look. */
  last: z.string(),
  /** Null: it was well when the watch began, or is not seen yet. */
  already: Already.nullable().default(null),
  /** Looks in a row in which nothing was wrong, and when it was well again for the first time after it had been bad. */
  fine: z.number().default(0),
  better: z.string().nullable().default(null),
  /** Why the last look had no answer; '' when it had. */
  unseen: z.string().default(''),
});
export type Watched = z.infer<typeof Region>;

/** What one look at one region saw. */
export interface Sight {
  readonly wanted: number;
  readonly ready: number;
  /** So many may be missing while a rollout goes on. */
  readonly mayMiss: number;
  readonly restarts: number;
  /** Printed states of pods that are not well: "CrashLoopBackOff" → 3. */
  readonly bad: Readonly<Record<string, number>>;
  /** The controller's words when it gave a rollout up; null: it has not. */
  readonly stuck: string | null;
  readonly impact: Pick<Impact, 'level' | 'errorRatio' | 'latencySeconds' | 'limits'>;
}

export const BEGINNING: Watched = {
  restarts: null,
  misses: 0,
  low: 0,
  looks: 0,
  missed: 0,
  wrong: null,
  last: 'not looked at yet',
  already: null,
  fine: 0,
  better: null,
  unseen: '',
};

/** Restarts since it is watched that are more than one pod's bad moment. */
const RESTARTS = 3;
/** Looks in a row. */
const MISSES = 3;
const LOW = 2;
const FINE = 2;
/** Users fare worse than at the start from this factor on: less is noise. */
const WORSE = 1.5;

export function afterLook(before: Watched, seen: Outcome<Sight>, at: string): Watched {
  if (!seen.known) return unseenAt(before, seen.why, at);
  const sight = seen.value;
  const isFirst = before.restarts === null;
  const short = sight.wanted - sight.mayMiss - sight.ready;
  const low = short > 0 ? before.low + 1 : 0;
  const newRestarts = sight.restarts - (before.restarts ?? sight.restarts);
  // Nobody knows how long it has been so before the first look: then once is enough.
  const now = wrongIn(sight, { low: isFirst && low > 0 ? LOW : low, newRestarts: 0 });
  const next = {
    ...before,
    restarts: before.restarts ?? sight.restarts,
    low,
    misses: 0,
    looks: before.looks + 1,
    fine: now === null ? before.fine + 1 : 0,
    last: `${sight.ready} of ${sight.wanted} ready`,
    unseen: '',
  };
  // What the first look of all saw is told at once; what is first seen later must not pass for how it always was.
  if (isFirst && now !== null)
    return before.looks === 0
      ? { ...next, already: { why: now, ...badness(sight) } }
      : { ...next, wrong: before.wrong ?? { at, why: `bad when I first could see it: ${now}` } };
  if (before.wrong !== null) return next;
  if (before.already !== null && before.better === null) {
    const worse = worseThan(before.already, sight, newRestarts);
    if (worse !== null)
      return { ...next, wrong: { at, why: `worse than when the watch began (${before.already.why}): ${worse}` } };
    return next.fine >= FINE ? { ...next, better: at } : next;
  }
  const why = wrongIn(sight, { low, newRestarts });
  return why === null ? next : { ...next, wrong: { at, why } };
}

function unseenAt(before: Watched, why: string, at: string): Watched {
  const misses = before.misses + 1;
  const isDark = misses === MISSES && before.wrong === null;
  return {
    ...before,
    misses,
    looks: before.looks + 1,
    missed: before.missed + 1,
    fine: 0,
    wrong: isDark ? { at, why: `I could not look ${MISSES} times in a row: ${why}` } : before.wrong,
    last: 'not seen',
    unseen: why,
  };
}

function badness(sight: Sight): Omit<Already, 'why'> {
  const { errorRatio, latencySeconds } = sight.impact;
  return {
    bad: Object.values(sight.bad).reduce((sum, one) => sum + one, 0),
    missing: Math.max(0, sight.wanted - sight.ready),
    errorRatio,
    latencySeconds,
    stuck: sight.stuck !== null,
  };
}

/** Null: as bad as it was, or better. */
function worseThan(then: Already, sight: Sight, newRestarts: number): string | null {
  const now = badness(sight);
  const out: string[] = [];
  const more = (a: number | null, b: number | null): boolean => a !== null && b !== null && b > a * WORSE;
  const { limits } = sight.impact;
  if (limits !== null && sight.impact.level === 'hurt') {
    const wasHurt = (value: number | null, limit: number): boolean => value !== null && value > limit;
    if (
      wasHurt(now.errorRatio, limits.errorRatio) &&
      (more(then.errorRatio, now.errorRatio) || !wasHurt(then.errorRatio, limits.errorRatio))
    )
      out.push(
        `errors ${percent(now.errorRatio ?? 0)}, then ${then.errorRatio === null ? 'not known' : percent(then.errorRatio)}`,
      );
    if (
      wasHurt(now.latencySeconds, limits.latencySeconds) &&
      (more(then.latencySeconds, now.latencySeconds) || !wasHurt(then.latencySeconds, limits.latencySeconds))
    )
      out.push(`p95 ${milliseconds(now.latencySeconds)}, then ${milliseconds(then.latencySeconds)}`);
  }
  if (now.bad > then.bad) out.push(`${pods(now.bad)} not well, then ${then.bad}`);
  else if (now.missing > then.missing) out.push(`${pods(now.missing)} missing, then ${then.missing}`);
  if (now.stuck && !then.stuck) out.push(`the rollout failed: ${sight.stuck ?? ''}`);
  // Pods that crash go on restarting: that is how it was already.
  if (then.bad === 0 && newRestarts >= RESTARTS) out.push(`${plural(newRestarts, 'restart')} since then`);
  return out.length === 0 ? null : out.join('; ');
}

function wrongIn(
  sight: Sight,
  { low, newRestarts }: { readonly low: number; readonly newRestarts: number },
): string | null {
  const out: string[] = [];
  const { level, errorRatio, latencySeconds, limits } = sight.impact;
  if (level === 'hurt' && limits !== null) {
    if (errorRatio !== null && errorRatio > limits.errorRatio)
      out.push(`errors ${percent(errorRatio)} (limit ${percent(limits.errorRatio)})`);
    if (latencySeconds !== null && latencySeconds > limits.latencySeconds)
      out.push(`p95 ${milliseconds(latencySeconds)} (limit ${milliseconds(limits.latencySeconds)})`);
  }
  const bad = Object.entries(sight.bad);
  if (bad.length > 0) out.push(list(bad.map(([status, count]) => `${pods(count)} ${status}`)));
  if (sight.stuck !== null) out.push(`the rollout failed: ${sight.stuck}`);
  if (newRestarts >= RESTARTS) out.push(`${plural(newRestarts, 'restart')} since then`);
  if (out.length === 0 && low >= LOW) out.push(`${sight.ready} of ${plural(sight.wanted, 'pod')} ready`);
  return out.length === 0 ? null : out.join('; ');
}

function pods(count: number): string {
  return plural(count, 'pod');
}
function percent(ratio: number): string {
  return `${Math.round(ratio * 10_000) / 100} %`;
}
function milliseconds(seconds: number | null): string {
  return seconds === null ? 'not known' : `${Math.round(seconds * 1000)} ms`;
}
