import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { existsSync } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import type { AuditReader, AuditRow } from '../../core/ports/store.ts';
import { openPostgresAudit } from './postgres-audit.ts';
import { sqliteFailure } from './sqlite-failure.ts';

/** The database file within the folder that `MLP_DATA` names. */
export function sqliteFileIn(folder: string): string {
  return join(folder, 'mlp.sqlite');
}

/** From `DATABASE_URL`, or else the file in `MLP_DATA`. Throws a Failure with a sentence when there is none or it cannot be read. */
export async function openAuditReader(env: Readonly<Record<string, string | undefined>>): Promise<AuditReader> {
  const url = env['DATABASE_URL'];
  if (url !== undefined && url !== '') return openPostgresAudit(url);
  const folder = env['MLP_DATA'];
  if (folder === undefined || folder === '') {
    throw new Failure(
      'invalid',
      'set DATABASE_URL, or MLP_DATA to the folder that holds mlp.sqlite, to say which audit log is meant',
    );
  }
  return openSqliteAudit(sqliteFileIn(folder));
}

function openSqliteAudit(path: string): AuditReader {
  if (!existsSync(path)) throw new Failure('not found', `there is no ${path}: is MLP_DATA the folder of the bot?`);
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
    const select = db.prepare(
      'SELECT number, at, stream, who, what, digest, why, mac FROM audit WHERE number >= ? ORDER BY number LIMIT ?',
    );
    return {
      rows: async (fromNumber, limit) => select.all(fromNumber, limit) as unknown as readonly AuditRow[],
      close: async () => db.close(),
    };
  } catch (error) {
    throw sqliteFailure(error, path);
  }
}
