import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Reply } from './client.ts';

/** Limits and repetition of one call to PagerDuty, whichever API. Repeating is safe: events carry their key, notes are looked up first. */

export interface Limits {
  /** One request. */
  readonly onceMs: number;
  /** The whole call, repetition included. */
  readonly allMs: number;
  /** True: what may have been done is not repeated. */
  readonly onlyOnce?: boolean;
}
export const usualLimits: Limits = { onceMs: 5_000, allMs: 20_000 };

export interface Waiting {
  /** Ends early, and then rejects, when the signal ends. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What a call came to, repetition included. `maybeDone`: some request of it may have been carried out. */
export type Outcome =
  | { readonly is: 'reply'; readonly reply: Reply }
  | {
      readonly is: 'none';
      readonly kind: FailureKind;
      readonly because: string;
      readonly maybeDone: boolean;
      readonly retryAfterMs: number | null;
    };

const tries = 4;
const firstWaitMs = 300;

/** Repeats 429 (as they ask), 408, 5xx and what got no answer, within the limit. Never rejects. */
export async function repeat(
  request: (signal: AbortSignal) => Promise<Reply>,
  caller: AbortSignal | undefined,
  limits: Limits,
  { wait, random }: Waiting,
): Promise<Outcome> {
  const end = new AbortController();
  const whole = setTimeout(() => end.abort(), limits.allMs);
  const deadline = performance.now() + limits.allMs;
  const outer = caller === undefined ? end.signal : AbortSignal.any([caller, end.signal]);
  let maybeDone = false;
  try {
    for (let count = 1; ; count += 1) {
      const { outcome, passing } = await attempt(request, outer, limits.onceMs);
      if (outcome.is === 'none') maybeDone ||= outcome.maybeDone;
      const last: Outcome = outcome.is === 'none' ? { ...outcome, maybeDone } : outcome;
      if (!passing || count === tries || outer.aborted || (maybeDone && limits.onlyOnce === true)) return last;
      const asked = outcome.is === 'none' ? outcome.retryAfterMs : null;
      const waitMs = asked ?? firstWaitMs * 2 ** (count - 1) * (0.75 + random() / 2);
      if (performance.now() + waitMs >= deadline) return last;
      try {
        await wait(waitMs, outer);
      } catch {
        return last;
      }
    }
  } finally {
    clearTimeout(whole);
  }
}

async function attempt(
  request: (signal: AbortSignal) => Promise<Reply>,
  outer: AbortSignal,
  onceMs: number,
): Promise<{ readonly outcome: Outcome; readonly passing: boolean }> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(onceMs)]);
  try {
    const reply = await request(signal);
    const none = passingOf(reply);
    return none === null ? { outcome: { is: 'reply', reply }, passing: false } : { outcome: none, passing: true };
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure('unreadable', 'it failed in an unexpected way');
    const { kind, message, maybeDone } = failure;
    const passing = kind === 'unreachable' || kind === 'timeout';
    return { outcome: { is: 'none', kind, because: message, maybeDone, retryAfterMs: null }, passing };
  }
}

function passingOf({ status, retryAfterMs }: Reply): Outcome | null {
  if (status === 429)
    return {
      is: 'none',
      kind: 'too many requests',
      because: 'PagerDuty asks for fewer requests (429)',
      maybeDone: false,
      retryAfterMs,
    };
  if (status === 408 || status >= 500)
    return {
      is: 'none',
      kind: status === 408 ? 'timeout' : 'server error',
      because: `an error on PagerDuty's side (${status})`,
      maybeDone: true,
      retryAfterMs,
    };
  return null;
}
