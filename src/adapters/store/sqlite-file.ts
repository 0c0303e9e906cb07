import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { Failure } from '../../core/failure.ts';
import { makeFolder } from './data-folder.ts';
import { isBusy, sqliteFailure, spoilsConnection } from './sqlite-failure.ts';

interface Job {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How long a write waits, off the event loop, for another program to let go of the file. */
const patienceMs = 1000;
const askAgainMs = 20;
const mostJobsInOne = 256;

/**
 * One SQLite file, used by this process alone. Writes that are asked for in the same turn of the event loop share one transaction, each
 * in a savepoint of its own, and each resolves once that transaction is on disk.
 */
export class SqliteFile {
  readonly path: string;
  readonly #lock: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #db: DatabaseSync | null = null;
  #inode = 0n;
  #jobs: Job[] = [];
  #scheduled = false;
  #busySince: number | null = null;
  #closed = false;

  constructor(path: string) {
    this.path = path;
    makeFolder(dirname(resolve(path)));
    this.#lock = lockFor(path);
    try {
      this.#connection();
    } catch (error) {
      this.#lock.close();
      throw sqliteFailure(error, path);
    }
  }

  /** Durable when it resolves. `work` is synchronous: all of it or nothing. */
  async write<T>(work: () => T): Promise<T> {
    if (this.#closed) throw new Failure('unreachable', 'the store is closed');
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, resolve: (value) => resolve(value as T), reject });
      this.#schedule();
    });
  }

  async read<T>(work: () => T): Promise<T> {
    if (this.#closed) throw new Failure('unreachable', 'the store is closed');
    try {
      return work();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  // The rows are of our own tables: `Row` says what the columns of this very statement are.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  all<Row>(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#statement(sql).all(...values) as unknown as readonly Row[];
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as unknown as Row | undefined;
  }

  /** More than one statement, or one without values. */
  execute(sql: string): void {
    this.#connection().exec(sql);
  }

  /** A file that was moved or deleted under us would take every write and lose it at the next start. */
  sameFile(): void {
    const there = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    if (there?.ino === this.#inode) return;
    throw new Failure(
      'server error',
      `${this.path} was moved, replaced or deleted while in use: put it back, or restart the bot`,
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    for (const job of this.#jobs.splice(0)) job.reject(new Failure('unreachable', 'the store is closed'));
    this.#disconnect();
    this.#lock.close();
  }

  #connection(): DatabaseSync {
    if (this.#db !== null) return this.#db;
    // No time-out: SQLite would wait for a lock by sleeping on the event loop.
    const db = new DatabaseSync(this.path, { timeout: 0 });
    try {
      db.exec('PRAGMA journal_mode = WAL');
      db.exec('PRAGMA synchronous = FULL');
      db.exec('PRAGMA recursive_triggers = ON');
      db.exec('PRAGMA journal_size_limit = 67108864');
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
    } catch (error) {
      db.close();
      throw error;
    }
    this.#inode = statSync(this.path, { bigint: true }).ino;
    this.#db = db;
    return db;
  }

  #disconnect(): void {
    this.#statements.clear();
    const db = this.#db;
    this.#db = null;
    try {
      db?.close();
    } catch {
      // What made us let go of it may make this fail too; the next connection is a new one.
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection().prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (this.#jobs.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    if (this.#jobs.length === 0 || this.#closed) return;
    try {
      this.#connection().exec('BEGIN IMMEDIATE');
      this.#busySince = null;
    } catch (error) {
      this.#notBegun(error);
      return;
    }
    const jobs = this.#jobs.splice(0, mostJobsInOne);
    const done: { readonly job: Job; readonly value: unknown }[] = [];
    let lost: unknown = null;
    for (const job of jobs) {
      if (lost !== null) {
        job.reject(lost);
        continue;
      }
      try {
        done.push({ job, value: this.#inSavepoint(job.work) });
      } catch (error) {
        // A full disk may end the whole transaction, and with it what the others wrote in it.
        if (!this.#connection().isTransaction) lost = this.#failed(error);
        job.reject(this.#failed(error));
      }
    }
    if (lost === null) lost = this.#commit();
    for (const { job, value } of done) {
      if (lost === null) job.resolve(value);
      else job.reject(lost);
    }
  }

  #inSavepoint(work: () => unknown): unknown {
    this.run('SAVEPOINT one');
    try {
      const value = work();
      this.run('RELEASE one');
      return value;
    } catch (error) {
      if (this.#connection().isTransaction) this.#connection().exec('ROLLBACK TO one; RELEASE one');
      throw error;
    }
  }

  /** Null, or why nothing was stored. */
  #commit(): unknown {
    const db = this.#connection();
    try {
      db.exec('COMMIT');
      return null;
    } catch (error) {
      try {
        if (db.isTransaction) db.exec('ROLLBACK');
      } catch {
        this.#disconnect();
      }
      return this.#failed(error);
    }
  }

  #notBegun(error: unknown): void {
    const now = performance.now();
    this.#busySince ??= now;
    if (isBusy(error) && now - this.#busySince < patienceMs) {
      this.#scheduled = true;
      setTimeout(() => {
        this.#scheduled = false;
        this.#flush();
        if (this.#jobs.length > 0) this.#schedule();
      }, askAgainMs);
      return;
    }
    this.#busySince = null;
    const failure = this.#failed(error);
    for (const job of this.#jobs.splice(0)) job.reject(failure);
  }

  #failed(error: unknown): unknown {
    if (spoilsConnection(error)) this.#disconnect();
    return sqliteFailure(error, this.path);
  }
}

/**
 * The kernel lets go of a lock on a file when its process ends, however it ends; a file with a number in it would stay. So the lock is
 * an open transaction on a second, empty database: the bot's own file stays readable for others. (Never open the lock file in this
 * process by other means: closing it would drop the lock.)
 */
function lockFor(path: string): DatabaseSync {
  const ownerPath = `${path}.owner`;
  let lock: DatabaseSync | null = null;
  try {
    lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    writeFileSync(ownerPath, `process ${process.pid}`);
    return lock;
  } catch (error) {
    lock?.close();
    if (!isBusy(error)) throw sqliteFailure(error, path);
    const owner = ownerOf(ownerPath);
    throw new Failure(
      'conflict',
      `${path} is in use by another mlp-bot (${owner}). One file takes one process: stop that one, give this one its own folder ` +
        'with MLP_DATA, or use PostgreSQL (DATABASE_URL) for several replicas.',
    );
  }
}

function ownerOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return 'its process is not known';
  }
}
