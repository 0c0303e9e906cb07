import type { Store } from '../../src/core/ports/store.ts';
import { Killed } from './life.ts';

/** The store with its calls counted, and failing where a test says so. */
export function counting(store: Store, counts: Map<string, number>, failing: ReadonlyMap<string, Error>): Store {
  return new Proxy(store, {
    get: (target, method) => {
      const own: unknown = Reflect.get(target, method);
      if (typeof own !== 'function') return own;
      return (...args: readonly unknown[]): unknown => {
        counts.set(String(method), (counts.get(String(method)) ?? 0) + 1);
        const failure = failing.get(String(method));
        if (failure !== undefined) throw failure;
        return Reflect.apply(own, target, [...args]);
      };
    },
  });
}

/** What the stores do with real timers: hands out what is due four times a second, each stream once at a time, with a pause after a failure. */
export async function handOut(
  store: Store,
  drive: (stream: string) => Promise<void>,
  clock: { now(): number; wait(ms: number, signal: AbortSignal): Promise<void> },
  stop: AbortSignal,
  onError: (stream: string, error: unknown) => void,
): Promise<void> {
  const active = new Set<string>();
  const notBefore = new Map<string, number>();
  while (!stop.aborted) {
    const due = await store.due(100).catch(() => []);
    for (const stream of due) {
      if (active.has(stream) || (notBefore.get(stream) ?? 0) > clock.now()) continue;
      active.add(stream);
      drive(stream)
        .catch((error: unknown) => {
          notBefore.set(stream, clock.now() + 1_000);
          if (!(error instanceof Killed)) onError(stream, error);
        })
        .finally(() => active.delete(stream));
    }
    await clock.wait(250, stop);
  }
}
