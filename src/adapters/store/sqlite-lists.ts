import type { Json } from '../../core/json.ts';
import type { AuditEntry, AuditRow, Store, StreamInfo, Summary } from '../../core/ports/store.ts';
import { chained, noMac } from './audit-chain.ts';
import type { AuditHead } from './audit-chain.ts';
import { iso } from './clock.ts';
import type { SqliteContext } from './sqlite-context.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { overdue } from './sqlite-leases.ts';
import { indexable, storable } from './text.ts';

type Part = Pick<
  Store,
  | 'streams'
  | 'temporary'
  | 'byNumber'
  | 'owner'
  | 'setting'
  | 'setSetting'
  | 'audit'
  | 'auditHead'
  | 'prune'
  | 'check'
  | 'stats'
  | 'now'
>;

/** Streams removed in one transaction: the event loop stands still for as long. */
const prunedAtOnce = 50;
/**
 * What was changed for a while must not be forgotten before it is taken back. As text: within a string of JSON the quotes would be
 * escaped, so this stands nowhere else.
 */
const HAS_TEMPORARY = `(summary IS NOT NULL AND instr(summary, '"temporary":[{') > 0)`;
/** In the ledger too, and no reason to keep a stream: nobody looks into its source, so it would be kept for ever. */
const DIFFERS = `(summary IS NOT NULL AND instr(summary, '"differs":[{') > 0)`;
/** A stream that has waited for this long is counted as overdue. */
export const overdueAfterMs = 10_000;

export function sqliteLists(context: SqliteContext): Part {
  const { db, clock } = context;
  return {
    streams: ({ open, limit }) =>
      db.read(() => {
        const sql =
          'SELECT stream, summary FROM streams WHERE summary IS NOT NULL AND (?1 IS NULL OR open = ?1) ORDER BY updated_at DESC, stream LIMIT ?2';
        return db.all<InfoRow>(sql, open === null ? null : Number(open), limit).map(toInfo);
      }),
    temporary: (limit) =>
      db.read(() => {
        const sql = `SELECT stream, summary FROM streams WHERE ${HAS_TEMPORARY} OR ${DIFFERS} ORDER BY updated_at, stream LIMIT ?`;
        return db.all<InfoRow>(sql, limit).map(toInfo);
      }),
    byNumber: (number) =>
      db.read(() => {
        const row = db.get<InfoRow>(
          'SELECT stream, summary FROM streams WHERE number = ? AND summary IS NOT NULL',
          number,
        );
        return row === undefined ? null : toInfo(row);
      }),
    owner: (key) =>
      db.read(() => {
        const sql =
          'SELECT keys.stream AS stream, streams.number AS number FROM keys LEFT JOIN streams ON streams.stream = keys.stream WHERE key = ?';
        return db.get<{ stream: string; number: number | null }>(sql, indexable(key)) ?? null;
      }),
    setting: (name) =>
      db.read(() => {
        const row = db.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', name);
        return row === undefined ? null : (JSON.parse(row.value) as Json);
      }),
    setSetting: (name, value, audit) =>
      db.write(() => {
        const sql =
          'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
        db.run(sql, name, JSON.stringify(value));
        if (audit !== null) appendAudit(context, [audit], clock());
      }),
    audit: (fromNumber, limit) => db.read(() => auditRows(db, fromNumber, limit)),
    auditHead: () => db.read(() => headOf(db)),
    prune: (before) => prune(context, Date.parse(before)),
    check: async () => {
      await db.read(() => db.sameFile());
      const sql =
        "INSERT INTO settings (name, value) VALUES ('store checked', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
      await db.write(() => db.run(sql, JSON.stringify(iso(clock()))));
    },
    stats: () => db.read(() => stats(context)),
    now: () => db.read(() => iso(clock())),
  };
}

interface InfoRow {
  readonly stream: string;
  readonly summary: string;
}

function toInfo(row: InfoRow): StreamInfo {
  return { stream: row.stream, summary: JSON.parse(row.summary) as Summary };
}

/** The next rows of the chain, inside a write. */
export function appendAudit({ db, auditKey }: SqliteContext, entries: readonly AuditEntry[], now: number): void {
  if (entries.length === 0) return;
  let head = headOf(db);
  for (const entry of entries) {
    const row = chained(head, storableEntry(entry), iso(now), auditKey);
    db.run(
      'INSERT INTO audit (number, at, stream, who, what, digest, why, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      row.number,
      row.at,
      row.stream,
      row.who,
      row.what,
      row.digest,
      row.why,
      row.mac,
    );
    head = row;
  }
}

/** The MAC must cover what can be read back. */
export function storableEntry(entry: AuditEntry): AuditEntry {
  return {
    stream: storable(entry.stream),
    who: storable(entry.who),
    what: storable(entry.what),
    digest: entry.digest === null ? null : storable(entry.digest),
    why: storable(entry.why),
  };
}

function headOf(db: SqliteFile): AuditHead {
  const row = db.get<AuditHead>('SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1');
  return row === undefined ? { number: 0, mac: noMac } : { number: row.number, mac: row.mac };
}

function auditRows(db: SqliteFile, fromNumber: number, limit: number): readonly AuditRow[] {
  const sql =
    'SELECT number, at, stream, who, what, digest, why, mac FROM audit WHERE number >= ? ORDER BY number LIMIT ?';
  return db.all<AuditRow>(sql, fromNumber, limit);
}

async function prune({ db }: SqliteContext, before: number): Promise<number> {
  let streams = 0;
  for (;;) {
    const removed = await db.write(() => {
      const sql =
        `SELECT stream FROM streams WHERE closed_at < ? AND open = 0 AND NOT ${HAS_TEMPORARY} ` +
        'AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.stream = streams.stream AND inbox.answered = 0) LIMIT ?';
      const closed = db.all<{ stream: string }>(sql, before, prunedAtOnce);
      for (const { stream } of closed) removeStream(db, stream);
      return closed.length;
    });
    streams += removed;
    if (removed < prunedAtOnce) break;
  }
  for (;;) {
    const sql =
      'DELETE FROM inbox WHERE position IN (SELECT position FROM inbox WHERE at < ? AND answered = 1 LIMIT 1000)';
    if ((await db.write(() => db.run(sql, before))) < 1000) break;
  }
  for (;;) {
    const sql = 'DELETE FROM alerts WHERE alert IN (SELECT alert FROM alerts WHERE at < ? LIMIT 1000)';
    if ((await db.write(() => db.run(sql, before))) < 1000) return streams;
  }
}

function removeStream(db: SqliteFile, stream: string): void {
  db.run('DELETE FROM events WHERE stream = ?', stream);
  db.run('DELETE FROM evidence WHERE stream = ?', stream);
  db.run('DELETE FROM outbox WHERE stream = ?', stream);
  db.run('DELETE FROM holds WHERE stream = ?', stream);
  db.run('DELETE FROM past WHERE stream = ?', stream);
  db.run('DELETE FROM keys WHERE stream = ?', stream);
  db.run('DELETE FROM inbox WHERE stream = ?', stream);
  db.run('DELETE FROM leases WHERE name = ?', stream);
  db.run('DELETE FROM streams WHERE stream = ?', stream);
}

function stats(context: SqliteContext): Awaited<ReturnType<Store['stats']>> {
  const { db, clock } = context;
  const count = (sql: string, ...values: number[]): number => db.get<{ rows: number }>(sql, ...values)?.rows ?? 0;
  const now = clock();
  const unsent =
    'SELECT count(*) AS rows FROM outbox WHERE revision > sent_revision AND dead = 0 AND (not_after IS NULL OR not_after > ?)';
  return {
    inbox: count('SELECT count(*) AS rows FROM inbox WHERE answered = 0'),
    outbox: count(unsent, now),
    dead: count('SELECT count(*) AS rows FROM outbox WHERE dead = 1'),
    open: count('SELECT count(*) AS rows FROM streams WHERE open = 1 AND summary IS NOT NULL'),
    overdue: overdue(context, now - overdueAfterMs, 100_000).length,
    alerts: count('SELECT count(*) AS rows FROM alerts'),
  };
}
