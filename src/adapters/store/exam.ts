import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '../../core/failure.ts';
import type { StoreExam } from '../../core/ports/exam.ts';
import type { AuditRow } from '../../core/ports/store.ts';
import { noMac, verifyTail } from './audit-chain.ts';
import { sqliteFileIn } from './audit-reader.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { auditRows } from './postgres-lists.ts';
import { postgresMigrations } from './postgres-schema.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import { sqliteMigrations } from './sqlite-schema.ts';

/** The store for the doctor: beside a bot that runs, with connections of its own that only read. Nothing is opened before it is asked. */
export function storeExam(at: {
  readonly databaseUrl: string | null;
  readonly dataFolder: string;
  readonly auditKey: string;
}): StoreExam {
  const verify = (rows: readonly AuditRow[]): readonly string[] => {
    const verdict = verifyTail(rows, at.auditKey);
    return verdict.is === 'broken' ? verdict.problems : [];
  };
  return at.databaseUrl === null
    ? { ...ofFile(sqliteFileIn(at.dataFolder)), verify }
    : { ...ofServer(at.databaseUrl), verify };
}

type Sight = Omit<StoreExam, 'verify'>;

function ofFile(path: string): Sight {
  return {
    what: `SQLite, ${path}`,
    look: async () => {
      const { free, size } = await disk(path);
      const found = reading(path, (db) => ({
        schema: db.prepare('SELECT version FROM schema_version').get(),
        head: db.prepare('SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1').get(),
      }));
      return {
        schema: { stored: Number(found.schema?.['version'] ?? 0), known: sqliteMigrations.at(-1)?.version ?? 0 },
        clock: null,
        freeBytes: free,
        bytes: size,
        head:
          found.head === undefined
            ? { number: 0, mac: noMac }
            : { number: Number(found.head['number']), mac: String(found.head['mac']) },
      };
    },
    rows: async (fromNumber, limit) =>
      reading(path, (db) => {
        const sql =
          'SELECT number, at, stream, who, what, digest, why, mac FROM audit WHERE number >= ? ORDER BY number LIMIT ?';
        return db.prepare(sql).all(fromNumber, limit) as unknown as readonly AuditRow[];
      }),
  };
}

async function disk(path: string): Promise<{ readonly free: number; readonly size: number }> {
  try {
    const [{ bavail, bsize }, { size }] = await Promise.all([statfs(dirname(path)), stat(path)]);
    return { free: bavail * bsize, size };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Failure('not found', `there is no ${path} yet`, { cause: error });
    throw error;
  }
}

/** Opened for each look: a file that was replaced since is seen as it is now. */
function reading<T>(path: string, read: (db: DatabaseSync) => T): T {
  // Without it a new file would be made.
  if (!existsSync(path)) throw new Failure('not found', `there is no ${path} yet`);
  let db: DatabaseSync | null = null;
  try {
    // Synchronous, so it must not wait long: whoever has locked it would hold up everything else.
    db = new DatabaseSync(path, { readOnly: true, timeout: 200 });
    return read(db);
  } catch (error) {
    throw sqliteFailure(error, path);
  } finally {
    db?.close();
  }
}

function ofServer(url: string): Sight {
  /** Opened for each look: nothing is kept that the database would count for ever. */
  const during = async <T>(work: (db: PostgresDatabase) => Promise<T>): Promise<T> => {
    const db = new PostgresDatabase(url, 1);
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  };
  return {
    what: 'PostgreSQL',
    look: () =>
      during((db) =>
        db.once(async (tx) => {
          const [row] = await tx.rows<{ now: Date; bytes: number; made: boolean }>(
            "SELECT clock_timestamp() AS now, pg_database_size(current_database()) AS bytes, to_regclass('mlp.schema_version') IS NOT NULL AS made",
          );
          if (row === undefined || !row.made)
            throw new Failure('not found', 'the database answers, and has no tables of the bot yet');
          const [schema] = await tx.rows<{ version: number }>('SELECT version FROM mlp.schema_version');
          const [head] = await tx.rows<{ number: number; mac: string }>(
            'SELECT number, mac FROM mlp.audit ORDER BY number DESC LIMIT 1',
          );
          return {
            schema: { stored: schema?.version ?? 0, known: postgresMigrations.at(-1)?.version ?? 0 },
            clock: row.now.toISOString(),
            freeBytes: null,
            bytes: row.bytes,
            head: head === undefined ? { number: 0, mac: noMac } : { number: head.number, mac: head.mac },
          };
        }),
      ),
    rows: (fromNumber, limit) => during((db) => db.once((tx) => auditRows(tx, fromNumber, limit))),
  };
}
