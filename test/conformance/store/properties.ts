import { array, assert, asyncProperty, boolean, constant, constantFrom, nat, oneof, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim, Store } from '../../../src/core/ports/store.ts';
import { nothing, opening, toStream } from './fixture.ts';
import type { Open } from './fixture.ts';

type Action =
  | { readonly does: 'accept'; readonly who: 0 | 1; readonly id: number; readonly stream: 0 | 1 }
  | { readonly does: 'claim'; readonly who: 0 | 1; readonly stream: 0 | 1 }
  /** Commits what was seen when it was claimed or last committed, however stale that is. */
  | { readonly does: 'commit'; readonly who: 0 | 1; readonly stream: 0 | 1; readonly rows: number }
  | { readonly does: 'look'; readonly who: 0 | 1; readonly stream: 0 | 1 }
  | { readonly does: 'expire'; readonly stream: 0 | 1 };

const who = constantFrom(0 as const, 1 as const);
const action: Arbitrary<Action> = oneof(
  record({ does: constant('accept' as const), who, id: nat(30), stream: who }),
  record({ does: constant('claim' as const), who, stream: who }),
  record({ does: constant('commit' as const), who, stream: who, rows: nat(3) }),
  record({ does: constant('look' as const), who, stream: who }),
  record({ does: constant('expire' as const), stream: who }),
);

interface Seen {
  claim: Claim | null;
  seq: number;
  inbox: readonly { readonly position: number; readonly id: string }[];
}

/** Two owners on two streams, each with its own, perhaps outdated, view. */
class World {
  readonly accepted = new Map<string, string>();
  readonly #stores: readonly Store[];
  readonly #name: (stream: number) => string;
  readonly #seen = new Map<string, Seen>();

  constructor(stores: readonly Store[], name: (stream: number) => string) {
    this.#stores = stores;
    this.#name = name;
  }

  async act(action: Action): Promise<void> {
    const stream = this.#name(action.stream);
    if (action.does === 'expire') {
      const last = [this.#view(0, stream).claim, this.#view(1, stream).claim].filter((claim) => claim !== null);
      for (const claim of last) await this.#stores[0]!.release(claim);
      return;
    }
    const store = this.#stores[action.who]!;
    const view = this.#view(action.who, stream);
    if (action.does === 'accept') {
      const [row] = await store.accept([toStream(`${this.#name(9)} ${action.id}`, stream)]);
      if (row?.duplicate === false) this.accepted.set(row.id, row.stream);
    } else if (action.does === 'claim') {
      view.claim = (await store.claim(stream, `owner ${action.who}`, 60_000)) ?? view.claim;
    } else if (action.does === 'look') {
      const { seq, inbox } = await store.load(stream);
      Object.assign(view, { seq, inbox });
    } else if (view.claim !== null) {
      const rows = view.inbox.slice(0, action.rows);
      const consumed = rows.map((row) => row.position);
      const committed = await store.commit(view.claim, view.seq, {
        ...nothing,
        consumed,
        events: rows.map((row) => row.id),
      });
      if (committed.is === 'done') Object.assign(view, { seq: committed.seq, inbox: view.inbox.slice(rows.length) });
    }
  }

  #view(owner: number, stream: string): Seen {
    const key = `${owner} ${stream}`;
    const view = this.#seen.get(key) ?? { claim: null, seq: 0, inbox: [] };
    this.#seen.set(key, view);
    return view;
  }
}

export function propertySuite(open: Open, runs: number): void {
  const opened = opening(open);

  describe('whatever two owners do', () => {
    it('every accepted row is answered at most once, stays until it is, and events have no gaps', async () => {
      const { store, other } = await opened();
      let world = 0;
      await assert(
        asyncProperty(array(action, { minLength: 5, maxLength: 40 }), boolean(), async (actions, atOnce) => {
          world += 1;
          const prefix = `world ${world}`;
          const it = new World([store, other], (stream) => `${prefix} stream ${stream}`);
          if (atOnce) await Promise.all(actions.map((action) => it.act(action)));
          else for (const action of actions) await it.act(action);
          for (const stream of [0, 1]) {
            const name = `${prefix} stream ${stream}`;
            const { seq, events, inbox } = await store.load(name);
            expect(events.map((event) => event.seq)).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
            const answered = events.map((event) => JSON.stringify(event.body));
            const there = [...answered, ...inbox.map((row) => JSON.stringify(row.id))];
            const accepted = [...it.accepted].filter(([, to]) => to === name).map(([id]) => JSON.stringify(id));
            expect([...there].sort()).toEqual([...accepted].sort());
          }
        }),
        { numRuns: runs },
      );
    }, 60_000);
  });
}
