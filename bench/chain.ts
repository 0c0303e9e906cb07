import type { OpenReading } from '../src/core/contract.ts';
import type { Read } from '../src/core/ports/platform.ts';

interface Made {
  /** What it gave; null: it failed, and what waits for it is not made. */
  readonly gave: { readonly value: unknown } | null;
  readonly tookMs: number;
}

/** Readings that were made alone, by what a person would type for them: equal ones of several playbooks are made once. */
export type Alone = Map<string, Made>;

/**
 * Milliseconds of the slowest chain: each reading is made alone, one after another over open connections; a chain is a reading and what it
 * waits for, its times added up. One that fails took its time too. What is in `alone` already is not made again.
 */
export async function slowestOf(
  readings: readonly OpenReading[],
  read: () => Read,
  alone: Alone = new Map(),
): Promise<number> {
  const byId = new Map(readings.map((one) => [one.id, one]));
  const done = new Map<string, { readonly made: Made; readonly chainMs: number }>();
  const make = async (reading: OpenReading): Promise<{ readonly made: Made; readonly chainMs: number }> => {
    const known = done.get(reading.id);
    if (known !== undefined) return known;
    const waited: (readonly [string, Awaited<ReturnType<typeof make>>])[] = [];
    for (const id of reading.after) {
      const needed = byId.get(id);
      if (needed !== undefined) waited.push([id, await make(needed)]);
    }
    const before = Math.max(0, ...waited.map(([, one]) => one.chainMs));
    const key = `${reading.id} ${reading.byHand}`;
    const seen = waited.flatMap(([id, { made: one }]) => (one.gave === null ? [] : [[id, one.gave.value] as const]));
    const canBe = seen.length === waited.length;
    const made =
      alone.get(key) ?? (canBe ? await timed(reading, read(), Object.fromEntries(seen)) : { gave: null, tookMs: 0 });
    alone.set(key, made);
    const result = { made, chainMs: before + made.tookMs };
    done.set(reading.id, result);
    return result;
  };
  let longest = 0;
  for (const reading of readings) longest = Math.max(longest, (await make(reading)).chainMs);
  return longest;
}

async function timed(reading: OpenReading, read: Read, seen: Readonly<Record<string, unknown>>): Promise<Made> {
  const from = performance.now();
  const gave = await reading.read(read, seen).then(
    (value) => ({ value }),
    () => null,
  );
  return { gave, tookMs: performance.now() - from };
}
