const freshMs = 200;

/** How full the inbox is, without counting it for every row; before it says *full* it counts. */
export class Backlog {
  readonly limit: number;
  readonly #count: () => number;
  #rows = 0;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(limit: number, count: () => number) {
    this.limit = limit;
    this.#count = count;
  }

  hasRoom(): boolean {
    if (performance.now() - this.#countedAt > freshMs || this.#rows >= this.limit) this.#recount();
    return this.#rows < this.limit;
  }

  changed(by: number): void {
    this.#rows += by;
  }

  #recount(): void {
    this.#rows = this.#count();
    this.#countedAt = performance.now();
  }
}
