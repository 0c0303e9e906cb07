/** One process of the bot, as far as the world can tell: it can be killed or paused at any numbered boundary, and from then on nothing of it reaches a port. */
export class Killed extends Error {}

export class Life {
  readonly owner: string;
  /** Every boundary that was met, in order. */
  readonly met: string[] = [];
  readonly #breakAt: (number: number, name: string) => 'kill' | 'pause' | null;
  #state: 'running' | 'dead' | 'paused' = 'running';
  /** Calls to ports that have begun and not ended. */
  pending = 0;
  /** Grows with every call. */
  activity = 0;
  #wake = Promise.withResolvers<void>();

  constructor(owner: string, breakAt: (number: number, name: string) => 'kill' | 'pause' | null = () => null) {
    this.owner = owner;
    this.#breakAt = breakAt;
  }

  get state(): 'running' | 'dead' | 'paused' {
    return this.#state;
  }

  kill(): void {
    this.#state = 'dead';
  }
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }
  /** SIGCONT. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  /** Throws when the process ends here. A pause takes effect at the next call to a port: the code between two calls is not interrupted. */
  boundary(name: string): void {
    if (this.#state === 'dead') throw new Killed(name);
    this.met.push(name);
    const fate = this.#breakAt(this.met.length, name);
    if (fate === 'pause') this.pause();
    if (fate !== 'kill') return;
    this.kill();
    throw new Killed(name);
  }

  /** One call to a port. A dead process makes none and hears no answer; a paused one waits until it goes on. */
  async call<V>(name: string | null, run: () => Promise<V>): Promise<V> {
    await this.#alive();
    if (name !== null) this.#edge(`${name}: before`);
    await this.#alive();
    this.pending += 1;
    this.activity += 1;
    const [outcome] = await Promise.allSettled([Promise.resolve().then(run)]);
    this.pending -= 1;
    this.activity += 1;
    await this.#alive();
    if (name !== null) this.#edge(`${name}: after`);
    await this.#alive();
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  /** Nobody catches in a dead process. */
  #edge(name: string): void {
    try {
      this.boundary(name);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  async #alive(): Promise<void> {
    while (this.#state === 'paused') await this.#wake.promise;
    if (this.#state === 'dead') await new Promise(() => undefined);
  }
}

/** A port whose every method goes through this life. `named` methods have a boundary before and after. */
export function through<T extends object>(life: Life, port: T, what: string, named: ReadonlySet<string>): T {
  return new Proxy(port, {
    get: (target, method) => {
      const own: unknown = Reflect.get(target, method);
      if (typeof own !== 'function' || typeof method !== 'string') return own;
      const name = named.has(method) ? `${what}.${method}` : null;
      return (...args: readonly unknown[]) =>
        life.call(name, async () => (await Reflect.apply(own, target, [...args])) as unknown);
    },
  });
}
