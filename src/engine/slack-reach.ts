import { Failure, whyOf } from '../core/failure.ts';
import type { Json } from '../core/json.ts';
import { iso } from './parts.ts';

/** Whether the chat system can be used at all, as the publisher sees it. `since`: ISO 8601. */
export type SlackHealth =
  | { readonly usable: true }
  | {
      readonly usable: false;
      readonly since: string;
      readonly because: string;
      /** It will not pass by itself: a refused token, no channel left. */
      readonly lasting: boolean;
    };

/** The setting that tells the other replicas of it; null there: it can be used. */
export const UNUSABLE = 'slack-unusable';

/** While it cannot be used one message asks for all of them, ever more rarely. */
const AWAY_MS = [1_000, 15_000] as const;
/** So many failures in a row of what may be one message's own trouble are the chat system's. */
const ROW_OF = 3;
/** After so long without a single message taken it is called unusable; a refused token is at once. */
const UNUSABLE_MS = 10_000;
const LIMITED_MS = 60_000;

type Trouble = 'token' | 'away' | 'limited';

export class SlackReach {
  readonly #now: () => number;
  #since: number | null = null;
  #trouble: Trouble = 'away';
  #because = '';
  #inRow = 0;
  #awayTimes = 0;
  #awayUntil = 0;
  #tried = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Nothing is sent until then but one message that asks whether it works again. */
  get asking(): boolean {
    return this.#awayTimes > 0;
  }

  /** Something was sent since the start, whatever became of it: before that nothing is known here. */
  get tried(): boolean {
    return this.#tried;
  }

  mayAsk(): boolean {
    return this.#now() >= this.#awayUntil;
  }

  /** Since when nothing was taken (ISO 8601), and why; null: it takes messages. */
  trouble(): { readonly since: string; readonly because: string } | null {
    return this.#since === null ? null : { since: iso(this.#since), because: this.#because };
  }

  health(): SlackHealth {
    if (this.#since === null) return { usable: true };
    const limit = { token: 0, away: UNUSABLE_MS, limited: LIMITED_MS }[this.#trouble];
    if (this.#now() - this.#since < limit) return { usable: true };
    return {
      usable: false,
      since: iso(this.#since),
      because: this.#because,
      lasting: this.#trouble === 'token',
    };
  }

  worked(): void {
    this.#tried = true;
    this.#since = null;
    this.#inRow = 0;
    this.#awayTimes = 0;
    this.#awayUntil = 0;
  }

  /** How long the whole chat system is left alone (ms); null: this failure is about one message or one channel only. */
  failed(error: Failure): number | null {
    const trouble = troubleOf(error);
    if (trouble === null) {
      // An answer, even a refusal, shows that it is there.
      this.worked();
      return null;
    }
    this.#tried = true;
    const now = this.#now();
    this.#since ??= now;
    this.#trouble = trouble;
    this.#because = whyOf(error);
    if (trouble === 'limited') return null;
    this.#inRow += 1;
    const certain = trouble === 'token' || (error.kind === 'unreachable' && !error.maybeDone);
    if (!certain && this.#inRow < ROW_OF) return null;
    const waitMs = Math.min(AWAY_MS[1], AWAY_MS[0] * 2 ** Math.min(this.#awayTimes, 6));
    this.#awayTimes += 1;
    this.#awayUntil = now + waitMs;
    return waitMs;
  }
}

function troubleOf(error: Failure): Trouble | null {
  switch (error.kind) {
    case 'unauthorised':
      return 'token';
    case 'unreachable':
    case 'timeout':
    case 'server error':
    case 'unreadable':
      return 'away';
    case 'too many requests':
      return 'limited';
    default:
      return null;
  }
}

export function healthFrom(stored: Json | null): SlackHealth {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return { usable: true };
  const { since, because, lasting } = stored as Readonly<Record<string, Json>>;
  if (typeof since !== 'string' || typeof because !== 'string') return { usable: true };
  return { usable: false, since, because, lasting: lasting === true };
}
