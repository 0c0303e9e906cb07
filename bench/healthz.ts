import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './figures.ts';

const everyMs = 20;
const limitMs = 10_000;

/** How long `/healthz` took while something else was going on (ms). */
export interface Health {
  readonly worstMs: number;
  readonly p99Ms: number;
}

/** Asks `/healthz` all the time that `work` takes; throws when it does not answer. */
export async function healthyDuring<T>(url: string, work: () => Promise<T>): Promise<{ result: T; health: Health }> {
  const state = { over: false };
  const times: number[] = [];
  const watch = (async () => {
    while (!state.over) {
      const from = performance.now();
      const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(limitMs) });
      await response.text();
      if (!response.ok) throw new Error(`/healthz answered ${response.status}`);
      times.push(performance.now() - from);
      await sleep(everyMs);
    }
  })();
  void watch.catch(() => undefined);
  try {
    const result = await work();
    state.over = true;
    await watch;
    return { result, health: { worstMs: Math.max(...times), p99Ms: percentile(times, 0.99) } };
  } finally {
    state.over = true;
  }
}
