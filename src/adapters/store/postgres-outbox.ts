import type { Desired } from '../../core/message.ts';
import type { Claim, DeadLetter, Gates, MessageRef, OutboxRow, Store, Undelivered } from '../../core/ports/store.ts';
import type { PostgresContext } from './postgres-context.ts';
import type { Tx } from './postgres-database.ts';
import { holds } from './postgres-leases.ts';
import { contentOf, storable } from './text.ts';

type Part = Pick<
  Store,
  'outbox' | 'sending' | 'sent' | 'notSent' | 'messageAt' | 'messageRef' | 'lost' | 'fold' | 'undelivered' | 'revive'
>;

export function postgresOutbox({ db }: PostgresContext): Part {
  /** What the publisher writes: only while its claim is the one. */
  const guarded = (claim: Claim, write: (tx: Tx) => Promise<number>): Promise<boolean> =>
    db.transaction(async (tx) => (await holds(tx, claim)) && (await write(tx)) === 1);
  return {
    outbox: (limit, { closed, urgent, edits } = OPEN) =>
      db.once(async (tx) => (await tx.rows<Row>(unsentSql, limit, closed, urgent, EDITS[edits])).map(toOutboxRow)),
    sending: (claim, key, revision) =>
      guarded(claim, (tx) => {
        const sql =
          'UPDATE mlp.outbox SET unsure = true WHERE key = $1 AND revision = $2 AND sent_revision < revision AND NOT dead';
        return tx.run(sql, key, revision);
      }),
    sent: (claim, key, revision, ref, note) =>
      guarded(claim, (tx) => {
        const sql =
          'UPDATE mlp.outbox SET sent_revision = greatest(sent_revision, $1), ref_channel = $2, ref_ts = $3, unsure = false, failures = 0, ' +
          'why = NULL, retry_at = NULL, urgency = priority, note = coalesce($5, note) WHERE key = $4 AND revision >= $1';
        return tx.run(sql, revision, ref.channel, ref.ts, key, note === undefined ? null : storable(note));
      }),
    notSent: (claim, key, why, retryAt, unsure) =>
      guarded(claim, (tx) => {
        const sql =
          'UPDATE mlp.outbox SET failures = failures + 1, why = $1, retry_at = $2, dead = $3, unsure = $4 WHERE key = $5';
        const at = retryAt === null ? null : new Date(retryAt);
        return tx.run(sql, storable(why), at, at === null, unsure, key);
      }),
    messageAt: (ref) =>
      db.once(async (tx) => {
        const sql = 'SELECT key, stream FROM mlp.outbox WHERE ref_channel = $1 AND ref_ts = $2';
        const [row] = await tx.rows<{ key: string; stream: string }>(sql, storable(ref.channel), storable(ref.ts));
        return row ?? null;
      }),
    messageRef: (key) =>
      db.once(async (tx) => {
        const sql = 'SELECT ref_channel, ref_ts FROM mlp.outbox WHERE key = $1';
        const [row] = await tx.rows<{ ref_channel: string | null; ref_ts: string | null }>(sql, key);
        return refOf(row?.ref_channel ?? null, row?.ref_ts ?? null);
      }),
    lost: (claim, key, note) =>
      guarded(claim, async (tx) => {
        const again =
          'UPDATE mlp.outbox SET ref_channel = NULL, ref_ts = NULL, sent_revision = 0, unsure = false, failures = 0, why = NULL, ' +
          'retry_at = NULL, dead = false, wanted_at = CASE WHEN revision = sent_revision THEN clock_timestamp() ELSE wanted_at END';
        await tx.run(`${again} WHERE under = $1 AND kind = 'kept' AND ref_ts IS NOT NULL`, key);
        const why = note === null ? null : storable(note);
        return tx.run(`${again}, note = coalesce($2, note) WHERE key = $1`, key, why);
      }),
    fold: (claim, olderThanMs) =>
      db.transaction(async (tx) => {
        if (!(await holds(tx, claim))) return 0;
        const sql =
          'UPDATE mlp.outbox SET folded = true, sent_revision = revision WHERE late AND sent_revision = 0 AND revision > sent_revision ' +
          "AND ref_ts IS NULL AND NOT unsure AND NOT dead AND kind <> 'whispered' " +
          "AND wanted_at <= clock_timestamp() - $1 * interval '1 millisecond'";
        return tx.run(sql, olderThanMs);
      }),
    undelivered: (limit) => db.once((tx) => undelivered(tx, limit)),
    revive: (channel) =>
      db.transaction((tx) => {
        const sql =
          'UPDATE mlp.outbox SET dead = false, failures = 0, retry_at = NULL WHERE dead AND ($1::text IS NULL OR channel = $1)';
        return tx.run(sql, channel);
      }),
  };
}

const OPEN: Gates = { closed: [], urgent: [], edits: 'open' };
/** The least urgent edit that may be sent. */
const EDITS = { open: 9, progress: 1, urgent: 0, closed: -1 } as const;

async function undelivered(tx: Tx, limit: number): Promise<Undelivered> {
  const [waits] = await tx.rows<{ waiting: number; since: Date | null; dead: number }>(
    'SELECT (SELECT count(*) FROM mlp.outbox WHERE dead) AS dead, count(*) AS waiting, min(wanted_at) AS since FROM mlp.outbox ' +
      'WHERE revision > sent_revision AND NOT dead AND (not_after IS NULL OR not_after > clock_timestamp())',
  );
  const letters = await tx.rows<Omit<DeadLetter, 'wantedAt'> & { wanted_at: Date }>(
    "SELECT key, stream, channel, desired::json #>> '{message,lock}' AS lock, coalesce(why, '') AS why, wanted_at FROM mlp.outbox " +
      'WHERE dead ORDER BY ord DESC LIMIT $1',
    limit,
  );
  return {
    waiting: waits?.waiting ?? 0,
    since: waits?.since?.toISOString() ?? null,
    dead: waits?.dead ?? 0,
    letters: letters.map(({ wanted_at, ...one }) => ({ ...one, wantedAt: wanted_at.toISOString() })),
  };
}

/**
 * What need not be said any more once it is late: what says so of itself, and what the thread's newest state does not want.
 * `messages`: all of a step.
 */
export async function markLate(tx: Tx, stream: string, messages: readonly Desired[]): Promise<void> {
  const root = `${stream}/root`;
  const first = messages.find((one) => one.key === root);
  if (first === undefined) return;
  if (first.late === 'unseen') await dropUnseen(tx, root);
  const always = messages.filter((one) => one.late === undefined).map((one) => one.key);
  await tx.run(
    'UPDATE mlp.outbox SET late = NOT late WHERE under = $1 AND sent_revision = 0 AND NOT dead AND late = (key = ANY($2::text[]))',
    root,
    always,
  );
}

/** Of a thread that nobody has seen and that is not worth it any more: nothing. */
async function dropUnseen(tx: Tx, root: string): Promise<void> {
  await tx.run(
    'UPDATE mlp.outbox SET sent_revision = revision WHERE (key = $1 OR under = $1) AND revision > sent_revision AND NOT unsure ' +
      'AND EXISTS (SELECT 1 FROM mlp.outbox WHERE key = $1 AND ref_ts IS NULL AND NOT unsure AND NOT dead)',
    root,
  );
}

/** Puts a message into the outbox: a new one, or a new revision of a kept one whose content changed. */
export async function want(tx: Tx, stream: string, desired: Desired): Promise<void> {
  const { key, placement, priority } = desired;
  // A message that is edited again and again keeps the age of its oldest unsent change, so that it is not always the youngest.
  const changed = await tx.run(
    'INSERT INTO mlp.outbox AS o (key, stream, kind, under, desired, content, priority, urgency, not_after, wanted_at, channel, late) ' +
      'VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, clock_timestamp(), $9, $10) ON CONFLICT (key) DO UPDATE SET ' +
      'desired = excluded.desired, content = excluded.content, under = excluded.under, priority = excluded.priority, ' +
      'urgency = CASE WHEN o.revision = o.sent_revision THEN excluded.urgency ELSE least(o.urgency, excluded.urgency) END, ' +
      'wanted_at = CASE WHEN o.revision = o.sent_revision OR o.dead THEN excluded.wanted_at ELSE o.wanted_at END, ' +
      'retry_at = CASE WHEN o.dead THEN NULL ELSE o.retry_at END, failures = CASE WHEN o.dead THEN 0 ELSE o.failures END, ' +
      'dead = false, folded = false, channel = excluded.channel, revision = o.revision + 1 ' +
      "WHERE o.kind = 'kept' AND excluded.kind = 'kept' AND o.content <> excluded.content",
    key,
    stream,
    placement.is,
    placement.under,
    JSON.stringify(desired),
    contentOf(desired),
    priority,
    placement.is === 'whispered' ? new Date(placement.notAfter) : null,
    desired.channel,
    desired.late === 'fold',
  );
  if (changed === 1) await hurry(tx, desired);
}

/** What must go first, the parent and the earlier words of its thread, is as urgent as what waits for it. */
async function hurry(tx: Tx, { placement, priority }: Desired): Promise<void> {
  if (placement.under === null) return;
  await tx.run(
    'UPDATE mlp.outbox SET urgency = $1 WHERE revision > sent_revision AND NOT dead AND urgency > $1 ' +
      "AND (key = $2 OR ($3 AND kind = 'said' AND under = $2))",
    priority,
    placement.under,
    placement.is === 'said',
  );
}

/** First the keys, then the rows: a long queue is sorted without its contents. */
const unsentSql = `
WITH picked AS (
  SELECT o.ord, (o.urgency > 0) AS class, o.wanted_at + greatest(o.urgency - 1, 0) * interval '2 minutes' AS age
  FROM mlp.outbox AS o LEFT JOIN mlp.outbox AS p ON p.key = o.under
  WHERE o.revision > o.sent_revision AND NOT o.dead
    AND (o.retry_at IS NULL OR o.retry_at <= clock_timestamp())
    AND (o.not_after IS NULL OR o.not_after > clock_timestamp())
    AND (o.under IS NULL OR p.ref_ts IS NOT NULL)
    AND (o.kind = 'whispered' OR CASE WHEN o.ref_ts IS NOT NULL THEN o.urgency <= $4
      ELSE coalesce(p.ref_channel, o.channel) <> ALL($2::text[])
        AND (o.urgency = 0 OR coalesce(p.ref_channel, o.channel) <> ALL($3::text[])) END)
    AND NOT (o.kind = 'said' AND o.under IS NOT NULL AND EXISTS (
      SELECT 1 FROM mlp.outbox AS e
      WHERE e.under = o.under AND e.kind = 'said' AND e.ord < o.ord AND e.revision > e.sent_revision AND NOT e.dead))
  ORDER BY class, age, o.ord LIMIT $1)
SELECT o.desired, o.revision, o.sent_revision, o.ref_channel, o.ref_ts, o.unsure, o.failures, o.wanted_at, o.urgency, o.note,
  p.ref_channel AS parent_channel, p.ref_ts AS parent_ts,
  (SELECT count(*) FROM mlp.outbox AS f WHERE f.under = o.key AND f.folded) AS folded
FROM picked JOIN mlp.outbox AS o ON o.ord = picked.ord LEFT JOIN mlp.outbox AS p ON p.key = o.under
ORDER BY picked.class, picked.age, picked.ord`;

interface Row {
  readonly desired: string;
  readonly revision: number;
  readonly sent_revision: number;
  readonly ref_channel: string | null;
  readonly ref_ts: string | null;
  readonly unsure: boolean;
  readonly failures: number;
  readonly wanted_at: Date;
  readonly urgency: number;
  readonly note: string | null;
  readonly folded: number;
  readonly parent_channel: string | null;
  readonly parent_ts: string | null;
}

function toOutboxRow(row: Row): OutboxRow {
  return {
    desired: JSON.parse(row.desired) as Desired,
    revision: row.revision,
    sentRevision: row.sent_revision,
    ref: refOf(row.ref_channel, row.ref_ts),
    parent: refOf(row.parent_channel, row.parent_ts),
    unsure: row.unsure,
    failures: row.failures,
    wantedAt: row.wanted_at.toISOString(),
    urgency: row.urgency,
    note: row.note,
    folded: row.folded,
  };
}

function refOf(channel: string | null, ts: string | null): MessageRef | null {
  return channel === null || ts === null ? null : { channel, ts };
}
