/** Tells those who listen that rows were accepted for a stream. */
export class Wakes {
  readonly #listeners = new Set<(stream: string) => void>();

  listen(listener: (stream: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(stream: string): void {
    for (const listener of this.#listeners) listener(stream);
  }
}
