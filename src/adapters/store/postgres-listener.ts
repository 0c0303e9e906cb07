import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { connectionConfig } from './postgres-database.ts';

const heartbeatMs = 5000;
const reconnectMs = 1000;

/** Hears notifications on its own connection, and connects again when that breaks. What is said meanwhile is not heard. */
export class PostgresListener {
  readonly #url: string;
  readonly #hear: (payload: string) => void;
  readonly #stopping = new AbortController();
  #client: Client | null = null;

  constructor(url: string, hear: (payload: string) => void) {
    this.#url = url;
    this.#hear = hear;
  }

  /** Resolves when it hears, or when the first attempt has failed and the next is to come. */
  async start(): Promise<void> {
    const first = Promise.withResolvers<void>();
    void this.#forever(first.resolve);
    await first.promise;
  }

  stop(): void {
    this.#stopping.abort();
    this.#drop();
  }

  async #forever(tried: () => void): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const client = new Client(connectionConfig(this.#url, 'mlp-bot listener'));
        this.#client = client;
        const broken = new Promise<void>((resolve) => {
          client.on('error', () => resolve());
          client.on('end', () => resolve());
        });
        client.on('notification', ({ payload }) => {
          if (payload !== undefined) this.#hear(payload);
        });
        await client.connect();
        await client.query('LISTEN mlp_accepted');
        tried();
        await this.#untilBroken(client, broken);
      } catch {
        // The calls of the store say that the database is away; here it is only waited for.
      }
      tried();
      this.#drop();
      await sleep(reconnectMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  async #untilBroken(client: Client, broken: Promise<void>): Promise<void> {
    const over = broken.then(() => true);
    while (!this.#stopping.signal.aborted) {
      const beat = new AbortController();
      const pause = sleep(heartbeatMs, false, { signal: beat.signal }).catch(() => false);
      const isOver = await Promise.race([over, pause]);
      beat.abort();
      if (isOver) return;
      await client.query('SELECT 1');
    }
  }

  #drop(): void {
    const client = this.#client;
    this.#client = null;
    client?.end().catch(() => {});
  }
}
