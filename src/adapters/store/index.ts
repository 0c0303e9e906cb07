export { openSqlite } from './sqlite.ts';
export type { SqliteOptions } from './sqlite.ts';
export { chained, noMac, verifyAudit } from './audit-chain.ts';
export type { AuditHead, AuditVerdict } from './audit-chain.ts';
export { openAuditReader, sqliteFileIn } from './audit-reader.ts';
export type { AuditReader } from './audit-reader.ts';
export { openPostgres } from './postgres.ts';
export type { PostgresOptions } from './postgres.ts';
