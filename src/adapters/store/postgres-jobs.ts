import { randomUUID } from 'node:crypto';
import { PgBoss } from 'pg-boss';
import type { ConstructorOptions, Db } from 'pg-boss';
import { connectionConfig } from './postgres-database.ts';
import type { Tx } from './postgres-database.ts';
import { postgresFailure } from './postgres-failure.ts';

interface Job {
  readonly stream: string;
}

const queue = 'streams';
const deadQueue = 'streams-dead';
const stopWithinMs = 3000;

/**
 * The queue of streams to drive. Per stream one job waits and one is active (policy `stately`), so that a wake during a drive is kept.
 * A waiting job that is not due yet would swallow a `send` or `insert`; `upsert` moves it.
 */
export class PostgresJobs {
  readonly #boss: PgBoss;

  constructor(url: string, onError: (error: unknown) => void) {
    const { statement_timeout: _, lock_timeout: __, types: ___, ...connection } = connectionConfig(url, 'mlp-bot jobs');
    const options = {
      ...connection,
      // Its own upkeep takes longer than our statements.
      statement_timeout: 30_000,
      query_timeout: 35_000,
      schema: 'mlp_jobs',
      max: 4,
      schedule: false,
      useListenNotify: true,
      superviseIntervalSeconds: 5,
      monitorIntervalSeconds: 5,
    };
    this.#boss = new PgBoss(options as ConstructorOptions);
    this.#boss.on('error', (error) => onError(postgresFailure(error, false)));
  }

  async start(): Promise<void> {
    try {
      await this.#boss.start();
      await this.#boss.createQueue(deadQueue);
      await this.#boss.createQueue(queue, {
        policy: 'stately',
        notify: true,
        heartbeatSeconds: 10,
        expireInSeconds: 300,
        retryLimit: 5,
        retryDelay: 1,
        retryBackoff: true,
        retryDelayMax: 30,
        deadLetter: deadQueue,
      });
    } catch (error) {
      await this.stop();
      throw postgresFailure(error, false);
    }
  }

  /** In the transaction of the rows that are to be answered. */
  async wakeNow(tx: Tx, streams: readonly string[]): Promise<void> {
    if (streams.length === 0) return;
    const jobs = streams.map((stream) => ({ id: randomUUID(), data: { stream }, singletonKey: stream }));
    const made = new Set(await this.#boss.insert(queue, jobs, { db: databaseOf(tx), returnId: true }));
    for (const job of jobs) {
      if (!made.has(job.id)) await this.wakeAt(tx, job.data.stream, null);
    }
  }

  /** Null: now. In the transaction that stored this moment. */
  async wakeAt(tx: Tx, stream: string, at: Date | null): Promise<void> {
    await this.#boss.upsert(queue, { stream }, { singletonKey: stream, startAfter: at ?? 0, db: databaseOf(tx) });
  }

  /** A `drive` that throws is tried again by the queue, also elsewhere, with back-off. */
  async work(drive: (stream: string) => Promise<void>, concurrency: number): Promise<void> {
    await this.#boss.work<Job>(
      queue,
      { localConcurrency: concurrency, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 },
      async (jobs) => {
        for (const job of jobs) await drive(job.data.stream);
      },
    );
  }

  /** Takes no more jobs. Waits for none that runs. */
  stopWork(): void {
    this.#boss.offWork(queue, { wait: false }).catch(() => {});
  }

  async stop(): Promise<void> {
    const timer = Promise.withResolvers<void>();
    const limit = setTimeout(timer.resolve, stopWithinMs);
    const stopped = this.#boss.stop({ graceful: false, close: true }).catch(() => {});
    await Promise.race([stopped, timer.promise]);
    clearTimeout(limit);
  }
}

function databaseOf(tx: Tx): Db {
  return { executeSql: tx.executeSql };
}
