import { afterEach } from 'vitest';
import type { Desired, Placement } from '../../../src/core/message.ts';
import type { AuditEntry, Claim, Committed, Incoming, Step, Store, Summary } from '../../../src/core/ports/store.ts';

export interface Options {
  readonly inboxLimit?: number;
  readonly onError?: (error: unknown, stream: string | null) => void;
}

export interface Fixture {
  readonly store: Store;
  /** Another replica on the same database; where one process is all there is, the same store. */
  readonly other: Store;
  /** Lets time pass for leases and due times. */
  readonly advance: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}
export type Open = (options?: Options) => Promise<Fixture>;

/** The key that every store of the suite is opened with. */
export const auditKey = 'a key for tests';

/** Opens fixtures that are closed after each test. */
export function opening(open: Open): Open {
  const opened: Fixture[] = [];
  afterEach(async () => {
    for (const fixture of opened.splice(0)) await fixture.close();
  });
  return async (options) => {
    const fixture = await open(options);
    opened.push(fixture);
    return fixture;
  };
}

export const toStream = (id: string, stream: string, body: Incoming['body'] = { id }): Incoming => ({
  id,
  to: { is: 'stream', stream },
  body,
});
export const toKey = (id: string, key: string, fresh: string): Incoming => ({
  id,
  to: { is: 'key', key, fresh },
  body: { id },
});

export const nothing: Step = {
  consumed: [],
  events: [],
  evidence: [],
  messages: [],
  audit: [],
  dueAt: null,
  hold: null,
  release: null,
  keys: null,
  summary: null,
};

export const summary = (open: boolean, more: Partial<Summary> = {}): Summary => ({
  number: null,
  open,
  title: 'Rolling deployment stuck',
  state: open ? 'looking' : 'closed',
  regions: ['eu-west-1'],
  channel: 'C1',
  updatedAt: '2026-03-01T02:16:00.000Z',
  ...more,
});

export function message(key: string, words: string, placement: Placement, more: Partial<Desired> = {}): Desired {
  return { key, channel: 'C1', placement, message: { lock: words, blocks: [] }, priority: 1, ...more };
}
export const kept = (under: string | null = null): Placement => ({ is: 'kept', under });
export const said = (under: string | null = null): Placement => ({ is: 'said', under });

export const entry = (what: string): AuditEntry => ({
  stream: 'run/1',
  who: 'U1',
  what,
  digest: null,
  why: 'because',
});

export async function claimed(store: Store, name: string, owner = 'one', ttlMs = 60_000): Promise<Claim> {
  const claim = await store.claim(name, owner, ttlMs);
  if (claim === null) throw new Error(`${name} is another's`);
  return claim;
}

/** Takes the lease, does one step at the present number, lets go. */
export async function step(store: Store, stream: string, what: Partial<Step>): Promise<Committed> {
  const claim = await claimed(store, stream, `stepper ${Math.random()}`);
  try {
    const { seq } = await store.load(stream);
    return await store.commit(claim, seq, { ...nothing, ...what });
  } finally {
    await store.release(claim);
  }
}

export async function later(store: Store, ms: number): Promise<string> {
  return new Date(Date.parse(await store.now()) + ms).toISOString();
}
