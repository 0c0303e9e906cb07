import type { AuditReader } from '../../core/ports/store.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { auditRows } from './postgres-lists.ts';

/** Reads the audit log of the database at this address. */
export async function openPostgresAudit(url: string): Promise<AuditReader> {
  const db = new PostgresDatabase(url, 1);
  return {
    rows: (fromNumber, limit) => db.once((tx) => auditRows(tx, fromNumber, limit)),
    close: () => db.close(),
  };
}
