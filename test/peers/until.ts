import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks until the answer is not undefined, and gives it. A throw counts as "not yet". Throws after `withinMs` (15 s by default)
 * with what was waited for and the last error or what `explain` says.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  options: {
    readonly withinMs?: number;
    readonly everyMs?: number;
    readonly explain?: () => Promise<string> | string;
  } = {},
): Promise<T> {
  const deadline = performance.now() + (options.withinMs ?? 15_000);
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(options.everyMs ?? 100);
  }
  const why = last instanceof Error ? last.message : ((await options.explain?.()) ?? 'the answer stayed undefined');
  throw new Error(`${what} did not come in ${options.withinMs ?? 15_000} ms: ${why}`);
}
