import type { Json } from '../../core/json.ts';
import type { AuditEntry, AuditRow, Store, StreamInfo, Summary } from '../../core/ports/store.ts';
import { chained, noMac } from './audit-chain.ts';
import type { AuditHead } from './audit-chain.ts';
import type { PostgresContext } from './postgres-context.ts';
import type { PostgresDatabase, Tx } from './postgres-database.ts';
import { overdue } from './postgres-leases.ts';
import { overdueAfterMs, storableEntry } from './sqlite-lists.ts';
import { indexable } from './text.ts';

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

const prunedAtOnce = 50;
/**
 * What was changed for a while must not be forgotten before it is taken back. As text: within a string of JSON the quotes would be
 * escaped, so this stands nowhere else; and json operators refuse `\u0000`.
 */
const HAS_TEMPORARY = `(summary IS NOT NULL AND strpos(summary, '"temporary":[{') > 0)`;
/** In the ledger too, and no reason to keep a stream: nobody looks into its source, so it would be kept for ever. */
const DIFFERS = `(summary IS NOT NULL AND strpos(summary, '"differs":[{') > 0)`;

export function postgresLists(context: PostgresContext): Part {
  const { db } = context;
  return {
    streams: ({ open, limit }) =>
      db.once(async (tx) => {
        const sql =
          'SELECT stream, summary FROM mlp.streams WHERE summary IS NOT NULL AND ($1::boolean IS NULL OR open = $1) ' +
          'ORDER BY updated_at DESC, stream LIMIT $2';
        return (await tx.rows<InfoRow>(sql, open, limit)).map(toInfo);
      }),
    temporary: (limit) =>
      db.once(async (tx) => {
        const sql = `SELECT stream, summary FROM mlp.streams WHERE ${HAS_TEMPORARY} OR ${DIFFERS} ORDER BY updated_at, stream LIMIT $1`;
        return (await tx.rows<InfoRow>(sql, limit)).map(toInfo);
      }),
    byNumber: (number) =>
      db.once(async (tx) => {
        const sql = 'SELECT stream, summary FROM mlp.streams WHERE number = $1 AND summary IS NOT NULL';
        const [row] = await tx.rows<InfoRow>(sql, number);
        return row === undefined ? null : toInfo(row);
      }),
    owner: (key) =>
      db.once(async (tx) => {
        const sql =
          'SELECT k.stream, s.number::int AS number FROM mlp.keys k LEFT JOIN mlp.streams s ON s.stream = k.stream WHERE k.key = $1';
        const [row] = await tx.rows<{ stream: string; number: number | null }>(sql, indexable(key));
        return row ?? null;
      }),
    setting: (name) =>
      db.once(async (tx) => {
        const [row] = await tx.rows<{ value: string }>('SELECT value FROM mlp.settings WHERE name = $1', name);
        return row === undefined ? null : (JSON.parse(row.value) as Json);
      }),
    setSetting: (name, value, audit) =>
      db.transaction(async (tx) => {
        await tx.run(
          'INSERT INTO mlp.settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
          name,
          JSON.stringify(value),
        );
        await appendAudit(context, tx, audit === null ? [] : [audit]);
      }),
    audit: (fromNumber, limit) => db.once((tx) => auditRows(tx, fromNumber, limit)),
    auditHead: () => db.once(headOf),
    prune: (before) => prune(db, new Date(before)),
    check: async () => {
      // A write, since a database that can only be read is of no use either.
      await db.once((tx) =>
        tx.run(
          "INSERT INTO mlp.settings (name, value) VALUES ('store checked', to_json(clock_timestamp())::text) " +
            'ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        ),
      );
    },
    stats: () => db.once(stats),
    now: () =>
      db.once(async (tx) => {
        const [row] = await tx.rows<{ at: Date }>('SELECT clock_timestamp() AS at');
        if (row === undefined) throw new Error('the database told no time');
        return row.at.toISOString();
      }),
  };
}

interface InfoRow {
  readonly stream: string;
  readonly summary: string;
}

function toInfo(row: InfoRow): StreamInfo {
  return { stream: row.stream, summary: JSON.parse(row.summary) as Summary };
}

/** The next rows of the chain. From here to the end of the transaction no other can append. */
export async function appendAudit(
  { auditKey }: PostgresContext,
  tx: Tx,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await tx.rows("SELECT pg_advisory_xact_lock(hashtext('mlp-bot'), hashtext('audit'))");
  let head = await headOf(tx);
  const [now] = await tx.rows<{ at: Date }>('SELECT clock_timestamp() AS at');
  for (const entry of entries) {
    const row = chained(head, storableEntry(entry), (now?.at ?? new Date(0)).toISOString(), auditKey);
    await tx.run(
      'INSERT INTO mlp.audit (number, at, stream, who, what, digest, why, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
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

async function headOf(tx: Tx): Promise<AuditHead> {
  const [row] = await tx.rows<AuditHead>('SELECT number, mac FROM mlp.audit ORDER BY number DESC LIMIT 1');
  return row === undefined ? { number: 0, mac: noMac } : { number: row.number, mac: row.mac };
}

export async function auditRows(tx: Tx, fromNumber: number, limit: number): Promise<readonly AuditRow[]> {
  const sql =
    'SELECT number, at, stream, who, what, digest, why, mac FROM mlp.audit WHERE number >= $1 ORDER BY number LIMIT $2';
  return tx.rows<AuditRow>(sql, fromNumber, limit);
}

async function prune(db: PostgresDatabase, before: Date): Promise<number> {
  let streams = 0;
  for (;;) {
    const removed = await db.transaction((tx) => pruneSome(tx, before));
    streams += removed;
    if (removed < prunedAtOnce) break;
  }
  for (;;) {
    const sql =
      'DELETE FROM mlp.inbox WHERE position IN (SELECT position FROM mlp.inbox WHERE at < $1 AND answered LIMIT 1000)';
    if ((await db.once((tx) => tx.run(sql, before))) < 1000) break;
  }
  for (;;) {
    const sql = 'DELETE FROM mlp.alerts WHERE alert IN (SELECT alert FROM mlp.alerts WHERE at < $1 LIMIT 1000)';
    if ((await db.once((tx) => tx.run(sql, before))) < 1000) return streams;
  }
}

async function pruneSome(tx: Tx, before: Date): Promise<number> {
  const closed = await tx.rows<{ stream: string }>(
    `SELECT stream FROM mlp.streams WHERE closed_at < $1 AND NOT open AND NOT ${HAS_TEMPORARY} ` +
      'AND NOT EXISTS (SELECT 1 FROM mlp.inbox WHERE inbox.stream = streams.stream AND NOT inbox.answered) ' +
      'ORDER BY stream LIMIT $2 FOR UPDATE SKIP LOCKED',
    before,
    prunedAtOnce,
  );
  if (closed.length === 0) return 0;
  const names = closed.map((row) => row.stream);
  await tx.run('DELETE FROM mlp.events WHERE stream = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.evidence WHERE stream = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.outbox WHERE stream = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.holds WHERE stream = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.past WHERE stream = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.keys WHERE stream = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.inbox WHERE stream = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.leases WHERE name = ANY($1::text[])', names);
  await tx.run('DELETE FROM mlp.streams WHERE stream = ANY($1::text[])', names);
  return names.length;
}

async function stats(tx: Tx): Promise<Awaited<ReturnType<Store['stats']>>> {
  const [row] = await tx.rows<{ inbox: number; outbox: number; dead: number; open: number; alerts: number }>(
    'SELECT (SELECT count(*) FROM mlp.inbox WHERE NOT answered) AS inbox, ' +
      '(SELECT count(*) FROM mlp.outbox WHERE revision > sent_revision AND NOT dead AND (not_after IS NULL OR not_after > clock_timestamp())) AS outbox, ' +
      '(SELECT count(*) FROM mlp.outbox WHERE dead) AS dead, (SELECT count(*) FROM mlp.streams WHERE open AND summary IS NOT NULL) AS open, ' +
      '(SELECT count(*) FROM mlp.alerts) AS alerts',
  );
  if (row === undefined) throw new Error('the database counted nothing');
  return { ...row, overdue: (await overdue(tx, overdueAfterMs, 100_000)).length };
}
