import type { Json } from './model.ts';

/** Faults of Slack itself that a test, or the page, switches on. Counted ones switch themselves off. */
export type CallFault =
  /** HTTP 429. `retryAfterSeconds: null` leaves the header out, as seen live. */
  | { readonly kind: 'ratelimit'; readonly retryAfterSeconds: number | null }
  /** HTTP 5xx before anything was done. */
  | { readonly kind: 'http'; readonly status: number }
  /** HTTP 200 with `ok:false`. */
  | { readonly kind: 'error'; readonly error: string; readonly more?: Json }
  /** Nothing is done and no answer comes. */
  | { readonly kind: 'hang' }
  /** It is done; the answer never comes. */
  | { readonly kind: 'accept-then-hang' }
  /** It is done; the connection breaks instead of an answer. */
  | { readonly kind: 'accept-then-drop' }
  /** It is done, and answered late. */
  | { readonly kind: 'slow'; readonly ms: number };

interface Armed {
  readonly fault: CallFault;
  readonly method: string | null;
  left: number;
}

export class Faults {
  readonly #armed: Armed[] = [];
  #down = false;
  #token: string | null = null;
  #duplicates = 0;
  #lostShares = 0;
  #lostDeliveries = 0;
  readonly #onDown: (down: boolean) => void;

  constructor(onDown: (down: boolean) => void) {
    this.#onDown = onDown;
  }

  /** The next `calls` calls of `method` (all methods when null) meet this fault. */
  arm(fault: CallFault, options: { readonly calls?: number; readonly method?: string } = {}): void {
    this.#armed.push({ fault, method: options.method ?? null, left: options.calls ?? 1 });
  }

  /** The whole of Slack: sockets drop, connections are refused, nothing is delivered; people still type. */
  setDown(down: boolean): void {
    this.#down = down;
    this.#onDown(down);
  }

  /** Every call with the bot's token is refused with this error; null: none. */
  refuseToken(error: string | null): void {
    this.#token = error;
  }

  get tokenError(): string | null {
    return this.#token;
  }

  /** Each of the next deliveries to the bot is sent twice. */
  duplicateDeliveries(count: number): void {
    this.#duplicates = count;
  }

  /** The next deliveries vanish on the way: only a retry brings them. */
  loseDeliveries(count: number): void {
    this.#lostDeliveries = count;
  }

  /** Uploads are answered with ok, but never reach the channel. */
  loseShares(count: number): void {
    this.#lostShares = count;
  }

  clear(): void {
    this.#armed.length = 0;
    this.#token = null;
    this.#duplicates = 0;
    this.#lostShares = 0;
    this.#lostDeliveries = 0;
    if (this.#down) this.setDown(false);
  }

  get down(): boolean {
    return this.#down;
  }

  takeCall(method: string): CallFault | null {
    const at = this.#armed.findIndex((one) => one.method === null || one.method === method);
    const found = this.#armed[at];
    if (found === undefined) return null;
    found.left -= 1;
    if (found.left <= 0) this.#armed.splice(at, 1);
    return found.fault;
  }

  takeDuplicate(): boolean {
    return this.#duplicates > 0 && this.#duplicates-- > 0;
  }

  takeLostShare(): boolean {
    return this.#lostShares > 0 && this.#lostShares-- > 0;
  }

  takeLostDelivery(): boolean {
    return this.#lostDeliveries > 0 && this.#lostDeliveries-- > 0;
  }

  /** What is on now, as sentences. */
  describe(): readonly string[] {
    const out = this.#armed.map((one) => `${one.method ?? 'Every call'}: ${one.fault.kind}, ${one.left} more times`);
    if (this.#token !== null) out.unshift(`The bot's token is refused: ${this.#token}`);
    if (this.#down) out.unshift('Slack is down');
    if (this.#duplicates > 0) out.push(`The next ${this.#duplicates} deliveries come twice`);
    if (this.#lostShares > 0) out.push(`The next ${this.#lostShares} uploads are never shared`);
    if (this.#lostDeliveries > 0) out.push(`The next ${this.#lostDeliveries} deliveries are lost`);
    return out;
  }
}
