import { Watches } from '../core/looking/watch.ts';
import type { Watch } from '../core/looking/watch.ts';
import type { Desired } from '../core/message.ts';
import type { Parts } from './parts.ts';

/** The list of what is watched, in the store: changed by one replica at a time, and by one call at a time within it. */

const KEPT = 'watches';
const LEASE_MS = 15_000;
const TRIES = 20;

type Change = (kept: readonly Watch[]) => readonly Watch[] | null | Promise<readonly Watch[] | null>;

export class WatchList {
  readonly #parts: Parts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async all(): Promise<readonly Watch[]> {
    const kept = await this.#parts.store.setting(KEPT);
    if (kept === null) return [];
    const parsed = Watches.safeParse(kept);
    if (parsed.success) return parsed.data.all;
    this.#parts.log('error', 'the list of watches cannot be read: it is begun anew', {
      err: parsed.error.message.slice(0, 300),
    });
    return [];
  }

  /** Null from `change`: leave it as it is; then null. Messages are stored before the list: told twice is told once. */
  async change(change: Change, tell: () => readonly Desired[] = () => []): Promise<readonly Watch[] | null> {
    const turn = this.#turn.then(() => this.#changed(change, tell));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #changed(change: Change, tell: () => readonly Desired[]): Promise<readonly Watch[] | null> {
    const { store, owner, clock } = this.#parts;
    for (let tries = 0; ; tries++) {
      const claim = await store.claim(KEPT, owner, LEASE_MS);
      if (claim === null) {
        if (tries >= TRIES) throw new Error('another replica is busy with the watches');
        await clock.wait(100, new AbortController().signal);
        continue;
      }
      try {
        const next = await change(await this.all());
        if (next === null) return null;
        const messages = tell();
        if (messages.length > 0) {
          const { seq } = await store.load(KEPT);
          const nothing = {
            consumed: [],
            events: [],
            evidence: [],
            audit: [],
            dueAt: null,
            hold: null,
            release: null,
            keys: null,
            summary: null,
          };
          const committed = await store.commit(claim, seq, { ...nothing, messages });
          if (committed.is !== 'done') throw new Error(`the end of a watch could not be stored: ${committed.is}`);
        }
        await store.setSetting(KEPT, { v: 1, all: next }, null);
        return next;
      } finally {
        await store.release(claim);
      }
    }
  }
}
