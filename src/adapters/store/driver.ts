export interface DriverOptions {
  /** How many streams are driven at once. */
  readonly concurrency: number;
  readonly onError: (error: Error, stream: string) => void;
  /** False: something else asks again after a failure, and only the back-off is kept here. */
  readonly retries: boolean;
  /** Back-off after the first failure; doubled with each further one, up to `longestMs`. */
  readonly shortestMs: number;
  readonly longestMs: number;
}

interface Wanted {
  readonly settled: ((error: Error | null) => void)[];
}

/** Drives streams within one process: never one twice at once, and a wake that arrives during a drive leads to another drive. */
export class Driver {
  readonly #drive: (stream: string) => Promise<void>;
  readonly #options: DriverOptions;
  readonly #waiting = new Map<string, Wanted>();
  readonly #active = new Set<string>();
  readonly #failed = new Map<string, { readonly times: number; readonly until: number }>();
  readonly #later = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(drive: (stream: string) => Promise<void>, options: DriverOptions) {
    this.#drive = drive;
    this.#options = options;
  }

  /** Soon; after its back-off if its last drive failed. */
  want(stream: string): void {
    const waitMs = (this.#failed.get(stream)?.until ?? 0) - performance.now();
    if (waitMs > 0) this.#wantLater(stream, waitMs);
    else this.#enqueue(stream);
  }

  /** Now, whatever its back-off. Settles with the drive that began after this call. */
  async run(stream: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#enqueue(stream, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Starts nothing more. Whoever waits in `run` is let go. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#later.values()) clearTimeout(timer);
    this.#later.clear();
    for (const wanted of this.#waiting.values()) settle(wanted, null);
    this.#waiting.clear();
  }

  #enqueue(stream: string, settled?: (error: Error | null) => void): void {
    if (this.#stopped) return settled?.(null);
    const wanted = this.#waiting.get(stream) ?? { settled: [] };
    if (settled !== undefined) wanted.settled.push(settled);
    this.#waiting.set(stream, wanted);
    this.#next();
  }

  #wantLater(stream: string, waitMs: number): void {
    if (this.#stopped || this.#later.has(stream)) return;
    const timer = setTimeout(() => {
      this.#later.delete(stream);
      this.#enqueue(stream);
    }, waitMs);
    this.#later.set(stream, timer);
  }

  #next(): void {
    for (const [stream, wanted] of this.#waiting) {
      if (this.#active.size >= this.#options.concurrency) return;
      if (this.#active.has(stream)) continue;
      this.#waiting.delete(stream);
      this.#active.add(stream);
      void this.#once(stream, wanted);
    }
  }

  async #once(stream: string, wanted: Wanted): Promise<void> {
    let failure: Error | null = null;
    try {
      await this.#drive(stream);
      this.#failed.delete(stream);
    } catch (error) {
      failure = error instanceof Error ? error : new Error('the drive failed without an error', { cause: error });
      const times = (this.#failed.get(stream)?.times ?? 0) + 1;
      const waitMs = Math.min(this.#options.longestMs, this.#options.shortestMs * 2 ** Math.min(times - 1, 20));
      this.#failed.set(stream, { times, until: performance.now() + waitMs });
      this.#options.onError(failure, stream);
      if (this.#options.retries) this.#wantLater(stream, waitMs);
    }
    this.#active.delete(stream);
    settle(wanted, failure);
    if (!this.#stopped) this.#next();
  }
}

function settle(wanted: Wanted, error: Error | null): void {
  for (const done of wanted.settled) done(error);
}
