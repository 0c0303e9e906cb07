import type { Clock } from './parts.ts';

/**
 * A clock that never goes back. What is stored in a stream is in its order and by its times: a wall clock that is set back by an hour would
 * make everything that is due wait for an hour, and put a fix before its fault. So after such a step it goes on from where it was, at nine
 * tenths of the pace, until the wall clock has caught up; a step forward is followed at once.
 */
const PACE = 0.1;

export function steady(wall: Clock): Clock & { readonly atLeast: (ms: number) => void } {
  let last = wall.now();
  let aheadMs = 0;
  const now = (): number => {
    const seen = wall.now();
    const passed = seen - last;
    last = seen;
    aheadMs = passed < 0 ? aheadMs - passed : Math.max(0, aheadMs - passed * PACE);
    return seen + Math.ceil(aheadMs);
  };
  return {
    now,
    wait: (ms, signal) => wall.wait(ms, signal),
    /** What is stored already was before now: by a process before this one, or a replica whose clock is ahead. */
    atLeast: (ms) => {
      aheadMs += Math.max(0, ms - now());
    },
  };
}
