import type { OpenReading, Outcome } from '../core/contract.ts';
import type { Recorded, RegionEvidence } from '../core/diagnose.ts';
import { whyOf } from '../core/failure.ts';
import type { Read } from '../core/ports/platform.ts';
import { iso } from './parts.ts';
import type { Clock } from './parts.ts';

/** Makes all readings of one region, each as soon as what it waits for is there. Never throws: what fails is *unknown*. */
export async function look(
  readings: readonly OpenReading[],
  reader: () => { readonly read: Read; readonly oldest: () => number | null },
  clock: Clock,
): Promise<RegionEvidence> {
  const byId = new Map(readings.map((reading) => [reading.id, reading]));
  const started = new Map<string, Promise<Recorded>>();
  const start = (reading: OpenReading): Promise<Recorded> => {
    const known = started.get(reading.id);
    if (known !== undefined) return known;
    // Registered before anything is awaited: two readings that wait for the same third start it once.
    const promise = one(reading, clock, reader, async (id) => {
      const needed = byId.get(id);
      return needed === undefined ? { known: false, why: 'was not looked at' } : start(needed);
    });
    started.set(reading.id, promise);
    return promise;
  };
  const all = await Promise.all(readings.map(async (reading) => [reading.id, await start(reading)] as const));
  return Object.fromEntries(all);
}

async function one(
  reading: OpenReading,
  clock: Clock,
  reader: () => { readonly read: Read; readonly oldest: () => number | null },
  needed: (id: string) => Promise<Outcome<unknown>>,
): Promise<Recorded> {
  const seen: Record<string, unknown> = {};
  const waited = await Promise.all(reading.after.map(async (id) => [id, await needed(id)] as const));
  const from = clock.now();
  const record = (outcome: Outcome<unknown>, at: number): Recorded => ({
    ...outcome,
    at: iso(at),
    tookMs: clock.now() - from,
    byHand: reading.byHand,
  });
  for (const [id, outcome] of waited) {
    if (!outcome.known) return record({ known: false, why: `needs ${id}: ${outcome.why}` }, from);
    seen[id] = outcome.value;
  }
  const { read, oldest } = reader();
  const stop = new AbortController();
  const limit = clock
    .wait(reading.withinMs, stop.signal)
    .then((): Outcome<unknown> => ({ known: false, why: `no answer within ${reading.withinMs / 1000} s` }));
  const answer = Promise.resolve()
    .then(() => reading.read(read, seen))
    .then((value): Outcome<unknown> => ({ known: true, value: value ?? null }))
    .catch((error: unknown): Outcome<unknown> => ({ known: false, why: whyOf(error) }));
  const outcome = await Promise.race([answer, limit]);
  stop.abort();
  return record(outcome, Math.min(oldest() ?? from, from));
}
