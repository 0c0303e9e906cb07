import { Failure } from '../core/failure.ts';
import type { Incoming, Store } from '../core/ports/store.ts';
import type { Clock } from './parts.ts';

/**
 * One delivery into the inbox, in parts: a large one must neither hold up everything else in this process nor be larger than the inbox,
 * since then it could never be taken. Each part is durable by itself and taken once: what is sent again is a duplicate.
 */

const PART = 500;
/** A full inbox is waited for so long: senders give up after that (ms). */
const WAIT_MS = 8_000;
const AGAIN_MS = 200;

/** Throws the store's Failure: then the sender is to send it again. */
export async function acceptInParts(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  rows: readonly Incoming[],
): Promise<{ readonly stored: number; readonly duplicates: number }> {
  const until = clock.now() + WAIT_MS;
  let duplicates = 0;
  for (let from = 0; from < rows.length; from += PART) {
    if (from > 0) await otherWork();
    const accepted = await patiently({ store, clock }, rows.slice(from, from + PART), from === 0 ? 0 : until);
    duplicates += accepted.filter((one) => one.duplicate).length;
  }
  return { stored: rows.length - duplicates, duplicates };
}

/** What waits for its turn on this thread has it: timers, requests, answers. */
export async function otherWork(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** The first part of a delivery does not wait: a full inbox is the sender's to wait for. */
async function patiently(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  rows: readonly Incoming[],
  until: number,
): ReturnType<Store['accept']> {
  for (;;) {
    try {
      return await store.accept(rows);
    } catch (error) {
      const full = error instanceof Failure && error.kind === 'too many requests';
      if (!full || clock.now() + AGAIN_MS > until) throw error;
      await clock.wait(AGAIN_MS, new AbortController().signal);
    }
  }
}
