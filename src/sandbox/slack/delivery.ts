import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Json } from './model.ts';

/** What goes to the app, whatever carries it. */
export interface Delivery {
  readonly id: string;
  readonly kind: 'events_api' | 'slash_commands' | 'interactive';
  readonly payload: Json;
  /** May the acknowledgement carry an answer? */
  readonly accepts: boolean;
  readonly retryNum: number;
  readonly retryReason: string;
}

export type Attempt =
  | { readonly kind: 'answered'; readonly body: unknown }
  /** `reason` is Slack's: http_timeout, connection_failed, http_error, timeout, … */
  | { readonly kind: 'failed'; readonly reason: string; readonly noRetry: boolean };

export interface Transport {
  readonly mode: 'socket' | 'http';
  send(delivery: Delivery): Promise<Attempt>;
}

/** Slack gives the app three seconds, then tries thrice more: at once, after a minute, after five. */
export const ackLimitMs = 3_000;
export const retryDelaysMs: readonly number[] = [0, 60_000, 300_000];

export class Deliverer {
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #transport: () => Transport;
  lastAnswered = false;

  constructor(clock: Clock, faults: Faults, transport: () => Transport) {
    this.#clock = clock;
    this.#faults = faults;
    this.#transport = transport;
  }

  /** Commands and interactions are tried once: the person sees the error. */
  interact(kind: 'slash_commands' | 'interactive', payload: Json, accepts: boolean): Promise<Attempt> {
    return this.#attempt({ id: randomUUID(), kind, payload, accepts, retryNum: 0, retryReason: '' });
  }

  /** Resolves when the event was taken, or given up after all retries. */
  async event(payload: Json): Promise<Attempt> {
    let attempt = await this.#attempt({
      id: randomUUID(),
      kind: 'events_api',
      payload,
      accepts: false,
      retryNum: 0,
      retryReason: '',
    });
    for (const [i, delayMs] of retryDelaysMs.entries()) {
      if (attempt.kind === 'answered' || attempt.noRetry) break;
      const { reason } = attempt;
      if (delayMs > 0) await new Promise<void>((resolve) => void this.#clock.after(delayMs, resolve));
      attempt = await this.#attempt({
        id: randomUUID(),
        kind: 'events_api',
        payload,
        accepts: false,
        retryNum: i + 1,
        retryReason: reason,
      });
    }
    return attempt;
  }

  async #attempt(delivery: Delivery): Promise<Attempt> {
    if (this.#faults.down) return { kind: 'failed', reason: 'connection_failed', noRetry: false };
    if (this.#faults.takeLostDelivery()) return { kind: 'failed', reason: 'timeout', noRetry: false };
    const transport = this.#transport();
    const sending = transport.send(delivery);
    // The same thing again, as after a lost acknowledgement: same envelope, same event id.
    if (this.#faults.takeDuplicate()) void transport.send(delivery);
    const attempt = await sending;
    this.lastAnswered = attempt.kind === 'answered';
    return attempt;
  }
}
