import type { AuditReader } from './audit-reader.ts';

export async function openPostgresAudit(_url: string): Promise<AuditReader> {
  throw new Error('to come');
}
