import type { AuditRow } from '../../core/ports/store.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { auditRows } from './postgres-lists.ts';

export interface PostgresAudit {
  readonly rows: (fromNumber: number, limit: number) => Promise<readonly AuditRow[]>;
  readonly close: () => Promise<void>;
}

/** Reads the audit log of the database at this address. */
export async function openPostgresAudit(url: string): Promise<PostgresAudit> {
  const db = new PostgresDatabase(url, 1);
  return {
    rows: (fromNumber, limit) => db.once((tx) => auditRows(tx, fromNumber, limit)),
    close: () => db.close(),
  };
}
