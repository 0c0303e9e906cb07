import type { Clock } from '../../src/engine/parts.ts';

export interface Mortal {
  readonly state: string;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly life: Mortal;
  readonly fire: () => void;
}

/** Time that passes only when a test says so. Each life (one process) has its own view: what it waits for ends with it. */
export class VirtualClock {
  #now: number;
  #order = 0;
  #timers: Timer[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** The next moment at which somebody wants to go on (Unix ms); null: nobody waits. */
  next(): number | null {
    return this.#timers.reduce<number | null>(
      (least, one) => (least === null || one.at < least ? one.at : least),
      null,
    );
  }

  /** Goes to this moment and lets everybody go on whose time has come. */
  to(at: number): void {
    this.#now = Math.max(this.#now, at);
    const ripe = this.#timers.filter((one) => one.at <= this.#now).toSorted((a, b) => a.at - b.at || a.order - b.order);
    this.#timers = this.#timers.filter((one) => one.at > this.#now);
    for (const one of ripe) one.fire();
  }

  view(life: Mortal, lagMs: () => number = () => 0): Clock {
    return {
      now: () => this.#now - lagMs(),
      wait: (ms, signal) => this.#wait(ms, signal, life),
    };
  }

  /** A process is gone: nothing of it goes on. */
  forget(life: Mortal): void {
    this.#timers = this.#timers.filter((one) => one.life !== life);
  }

  #wait(ms: number, signal: AbortSignal, life: Mortal): Promise<void> {
    if (life.state === 'dead') return new Promise(() => undefined);
    if (signal.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#order += 1;
      const timer: Timer = { at: this.#now + ms, order: this.#order, life, fire: done };
      this.#timers.push(timer);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
