import { Failure } from '../../core/failure.ts';
import type { Store } from '../../core/ports/store.ts';
import { Backlog } from './backlog.ts';
import { steadyClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { Driver } from './driver.ts';
import type { SqliteContext } from './sqlite-context.ts';
import { SqliteFile } from './sqlite-file.ts';
import { sqliteLists } from './sqlite-lists.ts';
import { sqlitePast } from './sqlite-past.ts';
import { sqliteOutbox } from './sqlite-outbox.ts';
import { sqliteMigrations } from './sqlite-schema.ts';
import type { Migration } from './sqlite-schema.ts';
import { overdue } from './sqlite-leases.ts';
import { sqliteStreams } from './sqlite-streams.ts';
import { Wakes } from './wakes.ts';

export interface SqliteOptions {
  /** The database file; its folder is made when it is not there. */
  readonly file: string;
  /** Chains the audit log. */
  readonly auditKey: string;
  /** Milliseconds since 1970; may step back. */
  readonly now?: Clock;
  /** Monotonic milliseconds, for the time when `now` has stepped back. Handing in `now` alone means: none passes. */
  readonly elapsed?: Clock;
  /** Unanswered rows that the inbox takes before it says that it is full. */
  readonly inboxLimit?: number;
  /** How often streams that were missed are looked for. */
  readonly sweepMs?: number;
  /** Back-off after a failed drive: the first, and the longest. */
  readonly backOffMs?: readonly [number, number];
  /** Is told of drives that failed (with their stream) and of sweeps that did (null). */
  readonly onError?: (error: unknown, stream: string | null) => void;
}

/** Beyond this the stored time is not a step back of the clock but a clock that was wrong: then it is not followed. */
const furthestAheadMs = 24 * 60 * 60 * 1000;

/**
 * Opens the embedded store, brings its schema up to date and ends the leases of the process before: the lock on the file says that it
 * is gone. Throws a Failure with a sentence: in use by another process, locked, unreadable, full, or from a newer version.
 */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  return storeOver(new SqliteFile(options.file), options);
}

export async function storeOver(db: SqliteFile, options: SqliteOptions): Promise<Store> {
  try {
    await db.write(() => migrate(db, sqliteMigrations));
    await db.write(() => db.run("UPDATE leases SET owner = '', expires_at = 0"));
    return assemble(contextOf(db, options), options);
  } catch (error) {
    db.close();
    throw error;
  }
}

function contextOf(db: SqliteFile, options: SqliteOptions): SqliteContext {
  const now = options.now ?? Date.now;
  const elapsed = options.elapsed ?? (options.now === undefined ? () => performance.now() : () => 0);
  const row = db.get<{ at: number | null }>(
    'SELECT max(at) AS at FROM (SELECT max(at) AS at FROM inbox UNION ALL SELECT max(at) FROM events)',
  );
  const newest = row?.at ?? 0;
  const floor = newest > now() + furthestAheadMs ? 0 : newest;
  return {
    db,
    clock: steadyClock(now, elapsed, floor),
    auditKey: options.auditKey,
    backlog: new Backlog(options.inboxLimit ?? 10_000, () => {
      return db.get<{ rows: number }>('SELECT count(*) AS rows FROM inbox WHERE answered = 0')?.rows ?? 0;
    }),
    wakes: new Wakes(),
  };
}

/** Inside a write. */
export function migrate(db: SqliteFile, migrations: readonly Migration[]): void {
  db.execute(
    'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, oldest_reader INTEGER NOT NULL) STRICT',
  );
  const known = migrations.at(-1)?.version ?? 0;
  const stored = db.get<{ version: number; oldest_reader: number }>(
    'SELECT version, oldest_reader FROM schema_version',
  );
  if (stored !== undefined && stored.oldest_reader > known) throw tooNew(db.path, stored.version, known);
  for (const { version, oldestReader, sql } of migrations) {
    if (version <= (stored?.version ?? 0)) continue;
    db.execute(sql);
    db.run('DELETE FROM schema_version');
    db.run('INSERT INTO schema_version (version, oldest_reader) VALUES (?, ?)', version, oldestReader);
  }
}

export function tooNew(where: string, version: number, known: number): Failure {
  const why = `${where} was written by a newer mlp-bot (schema ${version}; this one knows ${known}): start that version or a newer one`;
  return new Failure('conflict', why);
}

function assemble(context: SqliteContext, options: SqliteOptions): Store {
  const { db, wakes } = context;
  const distributor = new Distributor(context, options);
  return {
    ...sqliteStreams(context, (stream, at) => distributor.changed(stream, at)),
    ...sqliteOutbox(context),
    ...sqliteLists(context),
    ...sqlitePast(context),
    onAccepted: (listen) => wakes.listen(listen),
    distribute: async (drive, concurrency) => distributor.start(drive, concurrency),
    close: async () => {
      distributor.stop();
      db.close();
    },
  };
}

/** In this process: a timer for the next moment at which a stream is due, nudges for what arrives, a sweep for what was missed. */
class Distributor {
  readonly #context: SqliteContext;
  readonly #options: SqliteOptions;
  #driver: Driver | null = null;
  #alarm: NodeJS.Timeout | null = null;
  #alarmAt = Number.POSITIVE_INFINITY;
  #lookedAt = 0;
  #sweep: NodeJS.Timeout | null = null;

  constructor(context: SqliteContext, options: SqliteOptions) {
    this.#context = context;
    this.#options = options;
  }

  start(drive: (stream: string) => Promise<void>, concurrency: number): { readonly stop: () => Promise<void> } {
    if (this.#driver !== null) throw new Error('streams are already distributed in this process');
    const [shortestMs, longestMs] = this.#options.backOffMs ?? [1000, 30_000];
    const onError = (error: unknown, stream: string): void => this.#options.onError?.(error, stream);
    this.#driver = new Driver(drive, { concurrency, retries: true, shortestMs, longestMs, onError });
    this.#sweep = setInterval(() => this.#look(), this.#options.sweepMs ?? 1000);
    this.#look();
    return { stop: async () => this.stop() };
  }

  stop(): void {
    this.#driver?.stop();
    this.#driver = null;
    if (this.#sweep !== null) clearInterval(this.#sweep);
    if (this.#alarm !== null) clearTimeout(this.#alarm);
  }

  changed(stream: string, at: number | null): void {
    if (at === null || at <= this.#context.clock()) this.#driver?.want(stream);
    else this.#wakeAt(at);
  }

  #look(): void {
    if (this.#driver === null) return;
    try {
      const { db, clock } = this.#context;
      const now = clock();
      const wanted = new Set(overdue(this.#context, now, 1000));
      // What became due while its drive holds the lease is driven once more after it.
      const sql = 'SELECT stream FROM streams WHERE due_at > ? AND due_at <= ?';
      for (const { stream } of db.all<{ stream: string }>(sql, this.#lookedAt, now)) wanted.add(stream);
      for (const stream of wanted) this.#driver.want(stream);
      this.#lookedAt = now;
      const next = db.get<{ at: number | null }>('SELECT min(due_at) AS at FROM streams WHERE due_at > ?', now);
      if (next !== undefined && next.at !== null) this.#wakeAt(next.at);
    } catch (error) {
      this.#options.onError?.(error, null);
    }
  }

  #wakeAt(at: number): void {
    if (this.#driver === null || at >= this.#alarmAt) return;
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    this.#alarmAt = at;
    // A timer takes at most 2^31 ms; the sweep renews it long before.
    const waitMs = Math.min(Math.max(0, at - this.#context.clock()), 2 ** 31 - 1);
    this.#alarm = setTimeout(() => {
      this.#alarmAt = Number.POSITIVE_INFINITY;
      this.#look();
    }, waitMs);
  }
}
