/** Milliseconds since 1970. */
export type Clock = () => number;

/**
 * A clock that never goes back: when the given one steps back, it goes on at the pace of `elapsed` (monotonic, milliseconds) until the
 * given one has caught up. It must not just stand still: then no lease would end and nothing become due until that moment.
 */
export function steadyClock(now: Clock, elapsed: Clock, floor: number): Clock {
  let last = floor;
  let before = elapsed();
  return () => {
    const at = elapsed();
    last = Math.max(now(), last + Math.max(0, at - before));
    before = at;
    return Math.floor(last);
  };
}

export const iso = (at: number): string => new Date(at).toISOString();
