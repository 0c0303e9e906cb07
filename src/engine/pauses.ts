/**
 * When each effect may be tried again: what failed later and later, what is looked at again and again at its pace. Kept over the drives of
 * one process, so that a stream that is given back and taken again does not begin from the shortest pause. Lost with the process: then
 * everything is tried at once, which is what a start is for.
 */
const LONGEST_MS = 60_000;

interface Pause {
  readonly until: number;
  readonly failures: number;
}

export class Pauses {
  readonly #streams = new Map<string, Map<string, Pause>>();

  /** Unix ms; 0: at once. */
  until(stream: string, effect: string): number {
    return this.#streams.get(stream)?.get(effect)?.until ?? 0;
  }

  again(stream: string, effect: string, at: number): void {
    this.#set(stream, effect, { until: at, failures: 0 });
  }

  /** Gives how long it waits (ms). */
  failed(stream: string, effect: string, now: number): number {
    const failures = this.#streams.get(stream)?.get(effect)?.failures ?? 0;
    const waitMs = Math.min(LONGEST_MS, 1_000 * 2 ** Math.min(failures, 10));
    this.#set(stream, effect, { until: now + waitMs, failures: failures + 1 });
    return waitMs;
  }

  /** What is owed no more needs no pause. */
  keep(stream: string, owed: ReadonlySet<string>): void {
    const known = this.#streams.get(stream);
    if (known === undefined) return;
    for (const effect of known.keys()) if (!owed.has(effect)) known.delete(effect);
    if (known.size === 0) this.#streams.delete(stream);
  }

  #set(stream: string, effect: string, pause: Pause): void {
    const known = this.#streams.get(stream) ?? new Map<string, Pause>();
    known.set(effect, pause);
    this.#streams.set(stream, known);
  }
}
