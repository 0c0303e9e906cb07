import { bad, ok, unknown, warn } from './line.ts';
import type { Line } from './line.ts';

/** Clocks that disagree make a lease end early and an unknown write be looked up too soon. */

/** A moment that another clock has shown, between two moments of ours. Unix milliseconds. */
export interface Sighting {
  readonly askedAt: number;
  readonly answeredAt: number;
  /** As it was shown. */
  readonly shown: number;
  /** It is cut to so many milliseconds: 1,000 in an HTTP date. */
  readonly grain: number;
}

/** By how much the other clock is ahead of ours (negative: behind), as far as it is certain; 0: they may agree. Milliseconds. */
export function ahead({ askedAt, answeredAt, shown, grain }: Sighting): number {
  if (shown > answeredAt) return shown - answeredAt;
  if (shown + grain < askedAt) return shown + grain - askedAt;
  return 0;
}

const WARN_MS = 2_000;

/** `skewMs`: what is waited out before an unknown write is looked up. `tooMuch`: what is wrong then; it differs between clocks. */
export function judgeClock(
  what: string,
  sighting: Sighting,
  { skewMs, tooMuch }: { readonly skewMs: number; readonly tooMuch: 'bad' | 'warn' },
): Line {
  const name = `${what}: clock`;
  const by = ahead(sighting);
  const size = Math.abs(by);
  const exactMs = sighting.answeredAt - sighting.askedAt + sighting.grain;
  if (size <= Math.min(WARN_MS, skewMs)) return ok(name, `agrees with mine to ${within(Math.max(size, exactMs))}`);
  const words = `at least ${within(size)} ${by > 0 ? 'ahead of' : 'behind'} mine`;
  const todo = 'see whether this machine keeps its time (chronyc tracking, timedatectl), then the other one';
  if (size <= skewMs) return warn(name, words, todo);
  const more = `${words}, more than timing.skewMs (${within(skewMs)})`;
  return tooMuch === 'bad' ? bad(name, more, todo) : warn(name, more, todo);
}

export function noClock(what: string, why: string): Line {
  return unknown(`${what}: clock`, why, 'ask again once it answers');
}

const within = (ms: number): string => (ms < 950 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);
