import type { Impact } from './impact.ts';

/** How users are hurt, in one vocabulary: what fails them are errors, what keeps them waiting is slowness. Pure. */

export type Harm = 'errors' | 'slower';

/** Which limits are passed, the worse first. Empty: none, or not measured. */
export function harmsOf({ level, limits, errorRatio, latencySeconds }: Impact): readonly Harm[] {
  if (level !== 'hurt' || limits === null) return [];
  const errors = errorRatio !== null && errorRatio > limits.errorRatio;
  const slower = latencySeconds !== null && latencySeconds > limits.latencySeconds;
  return [...(errors ? (['errors'] as const) : []), ...(slower ? (['slower'] as const) : [])];
}

/** After "users": "get errors", "slower", "get errors and are slower". Empty when no limit is passed. */
export function harmWords(impact: Impact): string {
  const harms = harmsOf(impact);
  if (harms.length === 2) return 'get errors and are slower';
  return harms[0] === undefined ? '' : { errors: 'get errors', slower: 'slower' }[harms[0]];
}

/** Requests fail, or take at least twice as long as they may. A little slower is no outage. */
export function isGrave(impact: Impact): boolean {
  const { limits, latencySeconds } = impact;
  if (harmsOf(impact).includes('errors')) return true;
  return limits !== null && latencySeconds !== null && latencySeconds >= 2 * limits.latencySeconds;
}

/** Numbers wobble. */
const RISES = 1.05;

/** What is over its limit. */
export function rises(before: Impact, now: Impact): boolean {
  const more = (was: number | null, is: number | null): boolean => was !== null && is !== null && is > RISES * was;
  return harmsOf(now).some((one) =>
    one === 'errors' ? more(before.errorRatio, now.errorRatio) : more(before.latencySeconds, now.latencySeconds),
  );
}

/** Whatever is over its limit now was so before, and has not risen: what came between did not do it. */
export function lasts(before: Impact, now: Impact): boolean {
  const [was, is] = [harmsOf(before), harmsOf(now)];
  return is.length > 0 && is.every((one) => was.includes(one)) && !rises(before, now);
}

/** To say which of two looks was the worse for users: measured before unmeasured, then by how far over (or near) a limit. */
export function badness({ level, limits, errorRatio, latencySeconds }: Impact): number {
  if (level === 'not known' && errorRatio === null && latencySeconds === null) return -2;
  if (level === 'too little traffic') return -1;
  const share = (value: number | null, limit: number | undefined): number =>
    value === null || limit === undefined || limit <= 0 ? 0 : value / limit;
  const worst = Math.max(share(errorRatio, limits?.errorRatio), share(latencySeconds, limits?.latencySeconds));
  return level === 'hurt' ? 1_000 + worst : worst;
}

/** Nothing is configured to measure users by. */
export function unmeasured({ level, limits }: Impact): boolean {
  return level === 'not known' && limits === null;
}

/** "5 min" → 300,000. What people wrote and is not understood counts as five minutes. */
export function windowMs(window: string): number {
  const told = /^\s*(\d+(?:\.\d+)?)\s*(s|min|m|h)/.exec(window);
  if (told === null) return 5 * 60_000;
  return Number(told[1]) * { s: 1_000, min: 60_000, m: 60_000, h: 3_600_000 }[told[2] as 's' | 'min' | 'm' | 'h'];
}
