import { Failure } from '../../core/failure.ts';
import { Region } from './region.ts';
import { methods } from './rpc.ts';
import { regions as allRegions } from './seed.ts';

export interface Clock {
  nowMs(): number;
}

/** How a region's API answers. */
export interface Line {
  /** Each answer comes this much later. */
  readonly latencyMs: number;
  /** Nothing is answered at all: what asks runs into its own time limit. */
  readonly hangs: boolean;
  /** Connections fail at once. */
  readonly unreachable: boolean;
  /** Writes are carried out, but their answers never come. */
  readonly losesAnswers: boolean;
}

const goodLine: Line = { latencyMs: 0, hangs: false, unreachable: false, losesAnswers: false };

/** Three regions on one clock. Nothing is persisted: a new process is a new, healthy platform. */
export class SimulatedPlatform {
  readonly regions = allRegions;
  readonly #clock: Clock;
  readonly #seed: string;
  readonly #regions = new Map<string, Region>();
  readonly #lines = new Map<string, Line>();
  readonly #hangsSince = new Map<string, number>();
  #aheadMs = 0;
  #startedAt: number;
  #beforeWrite: (() => Promise<void>) | null = null;

  constructor(options: { readonly clock: Clock; readonly seed: string }) {
    this.#clock = options.clock;
    this.#seed = options.seed;
    this.#startedAt = this.now();
  }

  /** Unix ms, the clock's and what `advance` added. */
  now(): number {
    return this.#clock.nowMs() + this.#aheadMs;
  }

  /** Moves this platform's time ahead of its clock. */
  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Made when first asked for, as of the platform's start. */
  region(name: string): Region {
    const found = this.#regions.get(name);
    if (found !== undefined) return found;
    if (!allRegions.some((one) => one === name)) {
      throw new Failure('invalid', `there is no region ${name}; there are ${allRegions.join(', ')}`);
    }
    const made = new Region(this.#seed, name, this.#startedAt);
    this.#regions.set(name, made);
    return made;
  }

  line(region: string): Line {
    return this.#lines.get(region) ?? goodLine;
  }

  setLine(region: string, line: Partial<Line>): void {
    const next = { ...this.line(this.region(region).name), ...line };
    this.#lines.set(region, next);
    if (!next.hangs) this.#hangsSince.delete(region);
    else if (!this.#hangsSince.has(region)) this.#hangsSince.set(region, this.now());
  }

  /** Unix ms; null when the region answers. */
  hangsSince(region: string): number | null {
    return this.#hangsSince.get(region) ?? null;
  }

  reset(): void {
    this.#lines.clear();
    this.#hangsSince.clear();
    this.#startedAt = this.now();
    this.#regions.clear();
  }

  /** Runs once, when the next write has arrived and before it is carried out: what tests of races hook into. */
  beforeNextWrite(run: () => Promise<void>): void {
    this.#beforeWrite = run;
  }

  /** One request. Throws a Failure; `signal` ends what hangs. */
  async call(method: string, regionName: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const known = methods[method];
    if (known === undefined) throw new Failure('invalid', `there is no method ${method}`);
    const region = this.region(regionName);
    await this.#wait(regionName, signal);
    if (known.writes && this.#beforeWrite !== null) {
      const run = this.#beforeWrite;
      this.#beforeWrite = null;
      await run();
    }
    const answer = known.run(region, params, this.now());
    if (known.writes && this.line(regionName).losesAnswers) await aborted(signal);
    return answer;
  }

  async #wait(region: string, signal: AbortSignal): Promise<void> {
    const { latencyMs, hangs, unreachable } = this.line(region);
    if (unreachable) throw new Failure('unreachable', 'connection refused');
    if (hangs) {
      await aborted(signal);
      throw new Failure('unreachable', 'the connection was given up');
    }
    if (latencyMs > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, latencyMs)), aborted(signal)]);
    if (signal.aborted) throw new Failure('unreachable', 'the connection was given up');
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
