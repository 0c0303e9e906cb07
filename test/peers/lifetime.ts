/** What a world of real parts has started, ended in reverse. */
export interface Lifetime {
  readonly ends: (() => Promise<unknown>)[];
  readonly kept: <T extends { stop(): Promise<unknown> }>(starting: Promise<T>) => Promise<T>;
  readonly stop: () => Promise<void>;
}

/** `first`: ended last. */
export function lifetime(first: () => Promise<unknown>): Lifetime {
  const ends = [first];
  return {
    ends,
    kept: async (starting) => {
      const one = await starting;
      ends.push(() => one.stop());
      return one;
    },
    stop: async () => {
      for (const end of ends.splice(0).toReversed()) await end();
    },
  };
}
