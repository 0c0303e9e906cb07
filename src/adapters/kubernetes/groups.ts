import { z } from 'zod';
import type { Connection } from './connection.ts';

/** The API groups of a cluster change when somebody installs something. Milliseconds. */
const liveMs = 300_000;

const groupList = z.object({
  groups: z.array(z.object({ name: z.string(), preferredVersion: z.object({ version: z.string() }) })),
});

/** Which API groups a cluster serves, and in which version: read once in a while. */
export class Groups {
  readonly #connection: Connection;
  #known: { readonly value: Promise<ReadonlyMap<string, string>>; readonly at: number } | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The version that the server prefers; null when it does not know the group. `missingMs`: how old that may be. Throws a Failure. */
  async versionOf(group: string, signal: AbortSignal, missingMs = liveMs): Promise<string | null> {
    const found = (await this.#read(liveMs, signal)).get(group);
    return found ?? (await this.#read(missingMs, signal)).get(group) ?? null;
  }

  async #read(maxAgeMs: number, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const now = performance.now();
    if (this.#known === null || now - this.#known.at > maxAgeMs) {
      const value = this.#connection
        .json(groupList, { verb: 'get', resource: 'apigroups', path: '/apis', signal })
        .then(({ groups }) => new Map(groups.map((one) => [one.name, one.preferredVersion.version])));
      this.#known = { value, at: now };
    }
    const asked = this.#known;
    try {
      return await asked.value;
    } catch (error) {
      if (this.#known === asked) this.#known = null;
      throw error;
    }
  }
}
