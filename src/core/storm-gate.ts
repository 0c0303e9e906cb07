/**
 * When many workloads of one region begin to alert at once. A window that slides over what this process took in: another replica counts
 * for itself, and what it opened is found in the store. Only beginnings count: what has been firing for long says nothing about now.
 */
export interface StormRule {
  /** From so many workloads on. */
  readonly workloads: number;
  /** Within so long (ms). */
  readonly withinMs: number;
}

export class StormGate {
  readonly #rule: StormRule;
  /** Per region: when each key was heard of first, in the order of arrival. */
  readonly #heard = new Map<string, Map<string, number>>();

  constructor(rule: StormRule) {
    this.#rule = rule;
  }

  /** A firing alert arrived (`at`: Unix ms). */
  note(region: string, key: string, at: number): void {
    const keys = this.#heard.get(region) ?? new Map<string, number>();
    this.#heard.set(region, keys);
    if (!keys.has(key)) keys.set(key, at);
    for (const [one, since] of keys) if (since + this.#rule.withinMs <= at) keys.delete(one);
  }

  isStorm(region: string, at: number): boolean {
    const keys = this.#heard.get(region);
    if (keys === undefined) return false;
    let recent = 0;
    for (const since of keys.values()) if (since + this.#rule.withinMs > at) recent += 1;
    return recent >= this.#rule.workloads;
  }
}
