import { Pool, types } from 'pg';
import type { ClientConfig, CustomTypesConfig, PoolClient } from 'pg';
import { Failure } from '../../core/failure.ts';
import { isAnswer, isCollision, postgresFailure } from './postgres-failure.ts';

export type Value = string | number | boolean | Date | null | readonly (string | number | null)[];

/** One open transaction, or a single statement. The rows are of our own tables: `Row` says what this statement's columns are. */
export interface Tx {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  readonly rows: <Row>(sql: string, ...values: Value[]) => Promise<readonly Row[]>;
  /** How many rows it changed. */
  readonly run: (sql: string, ...values: Value[]) => Promise<number>;
  /** For a library that brings its own statements. */
  readonly executeSql: (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;
}

/** By itself pg gives a bigint as text; ours all fit into a number. */
const parserOf: CustomTypesConfig['getTypeParser'] = (oid, format) =>
  oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format);

/**
 * How every connection is made. The server ends a statement, or a transaction that its client has left alone; the client gives up a
 * little later, for when the server itself does not answer.
 */
export function connectionConfig(url: string, name: string): ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: 2000,
    statement_timeout: 3000,
    lock_timeout: 2500,
    query_timeout: 4000,
    idle_in_transaction_session_timeout: 5000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    types: { getTypeParser: parserOf },
  };
}

/** Thrown in a transaction to end it without storing anything, and to give this result. */
export class Undo<T> {
  readonly result: T;
  constructor(result: T) {
    this.result = result;
  }
}

const mostAttempts = 5;

export class PostgresDatabase {
  readonly #pool: Pool;
  #closed = false;

  constructor(url: string, connections: number) {
    this.#pool = new Pool({ ...connectionConfig(url, 'mlp-bot'), max: connections });
    // An idle connection that breaks is dropped by the pool; unheard, its error would end the process. So would one in use.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** One statement; again when it collided with another. Not for what must be stored together. */
  async once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#withoutCollision((client) => alone(client, work));
  }

  /** All of it or nothing; again when it collided with another. `work` may run more than once. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#withoutCollision((client) => inTransaction(client, work));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  async #withoutCollision<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#using(work);
      } catch (error) {
        if (!(error instanceof Collision)) throw error;
        if (attempt >= mostAttempts) throw postgresFailure(error.cause, false);
      }
    }
  }

  async #using<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Failure('unreachable', 'the store is closed');
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw postgresFailure(error, false);
    }
    let keep = true;
    try {
      return await work(client);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      keep = isAnswer(error.cause);
      throw postgresFailure(error.cause, error.maybeDone);
    } finally {
      // A connection that gave no answer may still be at it: it is not for the next one.
      client.release(!keep);
    }
  }
}

class Broken extends Error {
  readonly maybeDone: boolean;
  constructor(cause: unknown, maybeDone: boolean) {
    super('the database did not do it', { cause });
    this.maybeDone = maybeDone;
  }
}
class Collision extends Error {
  constructor(cause: unknown) {
    super('two transactions collided', { cause });
  }
}

async function alone<T>(client: PoolClient, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await work(txOver(client));
  } catch (error) {
    throw isCollision(error) ? new Collision(error) : new Broken(error, true);
  }
}

async function inTransaction<T>(client: PoolClient, work: (tx: Tx) => Promise<T>): Promise<T> {
  let committing = false;
  try {
    await client.query('BEGIN');
    const result = await work(txOver(client));
    committing = true;
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    if (error instanceof Undo) return await rolledBack(client, error.result as T);
    if (isAnswer(error) || error instanceof Failure) await rolledBack(client, null);
    if (error instanceof Failure) throw error;
    if (isCollision(error)) throw new Collision(error);
    throw new Broken(error, committing);
  }
}

async function rolledBack<T>(client: PoolClient, result: T): Promise<T> {
  try {
    await client.query('ROLLBACK');
  } catch (error) {
    throw new Broken(error, false);
  }
  return result;
}

function txOver(client: PoolClient): Tx {
  return {
    rows: async <Row>(sql: string, ...values: Value[]) => (await client.query(sql, values)).rows as readonly Row[],
    run: async (sql, ...values) => (await client.query(sql, values)).rowCount ?? 0,
    executeSql: (text, values) => client.query(text, values),
  };
}
