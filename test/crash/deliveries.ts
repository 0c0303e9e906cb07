import { whyOf } from '../../src/core/failure.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Life } from './life.ts';

/** What is sent to the bot until it is taken, as senders do: by a life that dies meanwhile it counts as not sent. */

interface Delivery {
  readonly id: string;
  readonly send: (engine: Engine) => Promise<unknown>;
  state: 'waits' | 'under way' | 'done';
  by: Life | null;
  notBefore: number;
  since: number;
}
interface Taker {
  readonly life: Life;
  readonly engine: Engine;
}

export class Deliveries {
  readonly #all: Delivery[] = [];
  readonly #now: () => number;
  readonly #notTaken: (owner: string, fields: unknown) => void;

  constructor(now: () => number, notTaken: (owner: string, fields: unknown) => void) {
    this.#now = now;
    this.#notTaken = notTaken;
  }

  /** Once for each id. */
  add(id: string, send: (engine: Engine) => Promise<unknown>): void {
    if (this.#all.some((one) => one.id === id)) return;
    this.#all.push({ id, send, state: 'waits', by: null, notBefore: 0, since: 0 });
  }

  done(id: string): boolean {
    return this.#all.some((one) => one.id === id && one.state === 'done');
  }

  send(to: Taker | undefined): void {
    const now = this.#now();
    for (const one of this.#all) {
      const given = one.by?.state === 'dead' || (one.by?.state === 'paused' && now - one.since > 10_000);
      if (one.state === 'under way' && given) one.state = 'waits';
      if (one.state !== 'waits' || one.notBefore > now || to === undefined) continue;
      one.state = 'under way';
      one.since = now;
      one.by = to.life;
      one.send(to.engine).then(
        () => (one.state = 'done'),
        (error: unknown) => {
          this.#notTaken(to.life.owner, { id: one.id.slice(0, 60), err: whyOf(error) });
          one.state = 'waits';
          one.notBefore = this.#now() + 1_000;
        },
      );
    }
  }
}
