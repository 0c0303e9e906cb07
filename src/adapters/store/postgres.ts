import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { Store } from '../../core/ports/store.ts';
import { Driver } from './driver.ts';
import type { PostgresContext } from './postgres-context.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { PostgresInbox } from './postgres-inbox.ts';
import { PostgresJobs } from './postgres-jobs.ts';
import { PostgresListener } from './postgres-listener.ts';
import { postgresLists } from './postgres-lists.ts';
import { postgresPast } from './postgres-past.ts';
import { postgresOutbox } from './postgres-outbox.ts';
import { migratePostgres, postgresMigrations } from './postgres-schema.ts';
import { overdue } from './postgres-leases.ts';
import { postgresStreams } from './postgres-streams.ts';
import { Wakes } from './wakes.ts';

export interface PostgresOptions {
  /** `DATABASE_URL`; TLS by its `sslmode` and `sslrootcert`. Never logged. */
  readonly url: string;
  /** Chains the audit log. */
  readonly auditKey: string;
  /** Connections of this process for its own statements; the queue takes up to four more, listening two. */
  readonly connections?: number;
  /** Unanswered rows that the inbox takes before it says that it is full. */
  readonly inboxLimit?: number;
  /** How often streams that were missed are looked for. */
  readonly sweepMs?: number;
  /** Back-off after a failed drive: the first, and the longest. */
  readonly backOffMs?: readonly [number, number];
  /** Is told of drives that failed (with their stream), and of trouble in the background (null). */
  readonly onError?: (error: unknown, stream: string | null) => void;
}

/** The queue gets this long before the sweep takes a stream that wants to be driven. */
const graceMs = 1000;
const closeWithinMs = 3000;

/**
 * Opens the store for several replicas: brings its schema and the queue's up to date, and listens. Throws a Failure with a sentence;
 * later failures are those of single calls, and everything goes on by itself when the database is back.
 */
export async function openPostgres(options: PostgresOptions): Promise<Store> {
  if (!/^postgres(ql)?:\/\//.test(options.url) || !URL.canParse(options.url)) {
    throw new Failure(
      'invalid',
      'DATABASE_URL is not a PostgreSQL address (postgres://user:password@host:5432/database)',
    );
  }
  await migratePostgres(options.url, postgresMigrations);
  const jobs = new PostgresJobs(options.url, (error) => options.onError?.(error, null));
  await jobs.start();
  const db = new PostgresDatabase(options.url, options.connections ?? 10);
  const context: PostgresContext = { db, jobs, auditKey: options.auditKey, inboxLimit: options.inboxLimit ?? 10_000 };
  return assemble(context, options);
}

async function assemble(context: PostgresContext, options: PostgresOptions): Promise<Store> {
  const wakes = new Wakes();
  const inbox = new PostgresInbox(context);
  const distributor = new Distributor(context, options);
  const listener = new PostgresListener(options.url, (payload) => {
    for (const stream of JSON.parse(payload) as readonly string[]) wakes.tell(stream);
  });
  await listener.start();
  let closing: Promise<void> | null = null;
  return {
    ...postgresStreams(context),
    ...postgresOutbox(context),
    ...postgresLists(context),
    ...postgresPast(context),
    accept: (rows) => inbox.accept(rows),
    onAccepted: (listen) => wakes.listen(listen),
    distribute: async (drive, concurrency) => distributor.start(drive, concurrency),
    close: () => {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    distributor.stop();
    listener.stop();
    const limit = new AbortController();
    const ended = Promise.all([context.jobs.stop(), context.db.close()]);
    const given = sleep(closeWithinMs, undefined, { signal: limit.signal }).catch(() => {});
    await Promise.race([ended, given]);
    limit.abort();
  }
}

/** Work comes from the queue; a sweep takes what has waited for longer than the queue needs. */
class Distributor {
  readonly #context: PostgresContext;
  readonly #options: PostgresOptions;
  #driver: Driver | null = null;
  #sweep: NodeJS.Timeout | null = null;

  constructor(context: PostgresContext, options: PostgresOptions) {
    this.#context = context;
    this.#options = options;
  }

  async start(
    drive: (stream: string) => Promise<void>,
    concurrency: number,
  ): Promise<{ readonly stop: () => Promise<void> }> {
    if (this.#driver !== null) throw new Error('streams are already distributed in this process');
    const [shortestMs, longestMs] = this.#options.backOffMs ?? [1000, 30_000];
    const onError = (error: Error, stream: string): void => this.#options.onError?.(error, stream);
    const driver = new Driver(drive, { concurrency, retries: false, shortestMs, longestMs, onError });
    this.#driver = driver;
    await this.#context.jobs.work((stream) => driver.run(stream), concurrency);
    this.#sweepLater();
    return { stop: async () => this.stop() };
  }

  stop(): void {
    if (this.#driver === null) return;
    this.#driver.stop();
    this.#driver = null;
    if (this.#sweep !== null) clearTimeout(this.#sweep);
    this.#context.jobs.stopWork();
  }

  #sweepLater(): void {
    // Not all replicas at the same moment.
    const waitMs = (this.#options.sweepMs ?? 2000) * (0.75 + Math.random() / 2);
    this.#sweep = setTimeout(() => void this.#look(), waitMs);
  }

  async #look(): Promise<void> {
    try {
      const streams = await this.#context.db.once((tx) => overdue(tx, graceMs, 1000));
      for (const stream of streams) this.#driver?.want(stream);
    } catch (error) {
      if (this.#driver !== null) this.#options.onError?.(error, null);
    }
    if (this.#driver !== null) this.#sweepLater();
  }
}
