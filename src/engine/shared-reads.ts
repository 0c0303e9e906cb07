import type { Platform, Read } from '../core/ports/platform.ts';
import type { Clock } from './parts.ts';

/**
 * Equal questions to one region within five seconds are asked once, so that twenty runs on one deployment cost one look.
 * Never used for observing or verifying a plan. A shared call has its own time limit; each reading still has its own.
 */
const SHARE_MS = 5_000;
const LIMIT_MS = 20_000;

export class SharedReads {
  readonly #platform: Platform;
  readonly #clock: Clock;
  readonly #flights = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  constructor(platform: Platform, clock: Clock) {
    this.#platform = platform;
    this.#clock = clock;
  }

  /** `oldest` tells when the oldest answer that this reader used was asked for. */
  /** `notBefore` (ms): answers to questions from before it are not taken. */
  reader(region: string, notBefore = 0): { readonly read: Read; readonly oldest: () => number | null } {
    let oldest: number | null = null;
    const used = (at: number): void => {
      oldest = oldest === null ? at : Math.min(oldest, at);
    };
    const read: Read = {
      kubernetes: this.#wrap(region, 'kubernetes', notBefore, used),
      metrics: this.#wrap(region, 'metrics', notBefore, used),
      probes: this.#wrap(region, 'probes', notBefore, used),
      service: (of) => this.#platform.read(region, AbortSignal.timeout(LIMIT_MS)).service(of),
    };
    return { read, oldest: () => oldest };
  }

  #wrap<S extends 'kubernetes' | 'metrics' | 'probes'>(
    region: string,
    system: S,
    notBefore: number,
    used: (at: number) => void,
  ): NonNullable<Read[S]> {
    const ask = (method: string, args: readonly unknown[]): Promise<unknown> => {
      const now = this.#clock.now();
      const key = `${region} ${system}.${method} ${JSON.stringify(args)}`;
      const known = this.#flights.get(key);
      if (known !== undefined && isFresh(now - known.at) && known.at >= notBefore) {
        used(known.at);
        return known.answer;
      }
      this.#forget(now);
      const port = this.#platform.read(region, AbortSignal.timeout(LIMIT_MS))[system] as unknown as
        | Record<string, (...args: readonly unknown[]) => Promise<unknown>>
        | undefined;
      const answer = Promise.resolve().then(() => port?.[method]?.(...args));
      this.#flights.set(key, { at: now, answer });
      // A failure is not kept: the next reader tries for itself.
      answer.catch(() => this.#flights.delete(key));
      used(now);
      return answer;
    };
    return new Proxy({} as NonNullable<Read[S]>, {
      get:
        (_target, method) =>
        (...args: readonly unknown[]) =>
          ask(String(method), args),
    });
  }

  #forget(now: number): void {
    for (const [key, flight] of this.#flights) if (!isFresh(now - flight.at)) this.#flights.delete(key);
  }
}

/** An answer of a later moment than now is of before the clock was set back: nobody knows how old it is. */
function isFresh(ageMs: number): boolean {
  return ageMs >= 0 && ageMs < SHARE_MS;
}
