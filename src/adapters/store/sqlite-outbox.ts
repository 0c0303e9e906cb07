import type { Desired } from '../../core/message.ts';
import type { Claim, DeadLetter, Gates, MessageRef, OutboxRow, Store, Undelivered } from '../../core/ports/store.ts';
import { iso } from './clock.ts';
import type { SqliteContext } from './sqlite-context.ts';
import { holds } from './sqlite-leases.ts';
import { contentOf } from './text.ts';

type Part = Pick<
  Store,
  'outbox' | 'sending' | 'sent' | 'notSent' | 'messageAt' | 'messageRef' | 'lost' | 'fold' | 'undelivered' | 'revive'
>;

export function sqliteOutbox(context: SqliteContext): Part {
  const { db, clock } = context;
  /** What the publisher writes: only while its claim is the one. */
  const guarded = (claim: Claim, write: () => number): Promise<boolean> =>
    db.write(() => holds(context, claim) && write() === 1);
  return {
    outbox: (limit, gates = OPEN) =>
      db.read(() => {
        const { closed, urgent, edits } = gates;
        const lanes = [JSON.stringify(closed), JSON.stringify(urgent), EDITS[edits]] as const;
        return db.all<Row>(unsentSql, clock(), limit, ...lanes).map(toOutboxRow);
      }),
    sending: (claim, key, revision) =>
      guarded(claim, () => {
        const sql =
          'UPDATE outbox SET unsure = 1 WHERE key = ? AND revision = ? AND sent_revision < revision AND dead = 0';
        return db.run(sql, key, revision);
      }),
    sent: (claim, key, revision, ref, note) =>
      guarded(claim, () => {
        const sql =
          'UPDATE outbox SET sent_revision = max(sent_revision, ?1), ref_channel = ?2, ref_ts = ?3, unsure = 0, failures = 0, ' +
          'why = NULL, retry_at = NULL, urgency = priority, note = coalesce(?5, note) WHERE key = ?4 AND revision >= ?1';
        return db.run(sql, revision, ref.channel, ref.ts, key, note ?? null);
      }),
    notSent: (claim, key, why, retryAt, unsure) =>
      guarded(claim, () => {
        const sql =
          'UPDATE outbox SET failures = failures + 1, why = ?, retry_at = ?, dead = ?, unsure = ? WHERE key = ?';
        return db.run(
          sql,
          why,
          retryAt === null ? null : Date.parse(retryAt),
          Number(retryAt === null),
          Number(unsure),
          key,
        );
      }),
    messageAt: (ref) =>
      db.read(() => {
        const sql = 'SELECT key, stream FROM outbox WHERE ref_channel = ? AND ref_ts = ?';
        const row = db.get<{ key: string; stream: string }>(sql, ref.channel, ref.ts);
        return row === undefined ? null : { key: row.key, stream: row.stream };
      }),
    messageRef: (key) =>
      db.read(() => {
        const sql = 'SELECT ref_channel, ref_ts FROM outbox WHERE key = ?';
        const row = db.get<{ ref_channel: string | null; ref_ts: string | null }>(sql, key);
        return refOf(row?.ref_channel ?? null, row?.ref_ts ?? null);
      }),
    lost: (claim, key, note) => guarded(claim, () => lost(context, key, note)),
    fold: (claim, olderThanMs) =>
      db.write(() => {
        if (!holds(context, claim)) return 0;
        const sql =
          'UPDATE outbox SET folded = 1, sent_revision = revision WHERE late = 1 AND sent_revision = 0 AND revision > sent_revision ' +
          "AND ref_ts IS NULL AND unsure = 0 AND dead = 0 AND kind <> 'whispered' AND wanted_at <= ?";
        return db.run(sql, clock() - olderThanMs);
      }),
    undelivered: (limit) => db.read(() => undelivered(context, limit)),
    revive: (channel) =>
      db.write(() => {
        const sql =
          'UPDATE outbox SET dead = 0, failures = 0, retry_at = NULL WHERE dead = 1 AND (?1 IS NULL OR channel = ?1)';
        return db.run(sql, channel);
      }),
  };
}

/** What was posted under it is gone with it. Returns how many rows of its own key there were. */
function lost({ db, clock }: SqliteContext, key: string, note: Parameters<Store['lost']>[2]): number {
  const again =
    'UPDATE outbox SET ref_channel = NULL, ref_ts = NULL, sent_revision = 0, unsure = 0, failures = 0, why = NULL, retry_at = NULL, ' +
    'dead = 0, wanted_at = CASE WHEN revision = sent_revision THEN ?1 ELSE wanted_at END';
  const now = clock();
  db.run(`${again} WHERE under = ?2 AND kind = 'kept' AND ref_ts IS NOT NULL`, now, key);
  return db.run(`${again}, note = coalesce(?3, note) WHERE key = ?2`, now, key, note);
}

const OPEN: Gates = { closed: [], urgent: [], edits: 'open' };
/** The least urgent edit that may be sent. */
const EDITS = { open: 9, progress: 1, urgent: 0, closed: -1 } as const;

function undelivered({ db, clock }: SqliteContext, limit: number): Undelivered {
  const waits = db.get<{ waiting: number; since: number | null }>(
    'SELECT count(*) AS waiting, min(wanted_at) AS since FROM outbox WHERE revision > sent_revision AND dead = 0 ' +
      'AND (not_after IS NULL OR not_after > ?)',
    clock(),
  );
  const letters = db.all<Omit<DeadLetter, 'wantedAt'> & { wanted_at: number }>(
    "SELECT key, stream, channel, json_extract(desired, '$.message.lock') AS lock, coalesce(why, '') AS why, wanted_at FROM outbox " +
      'WHERE dead = 1 ORDER BY ord DESC LIMIT ?',
    limit,
  );
  return {
    waiting: waits?.waiting ?? 0,
    since: waits === undefined || waits.since === null ? null : iso(waits.since),
    dead: db.get<{ dead: number }>('SELECT count(*) AS dead FROM outbox WHERE dead = 1')?.dead ?? 0,
    letters: letters.map(({ wanted_at, ...one }) => ({ ...one, wantedAt: iso(wanted_at) })),
  };
}

/**
 * What need not be said any more once it is late: what says so of itself, and what the thread's newest state does not want.
 * `messages`: all of a step.
 */
export function markLate({ db }: SqliteContext, stream: string, messages: readonly Desired[]): void {
  const root = `${stream}/root`;
  const first = messages.find((one) => one.key === root);
  if (first === undefined) return;
  if (first.late === 'unseen') dropUnseen(db, root);
  const always = messages.filter((one) => one.late === undefined).map((one) => one.key);
  db.run(
    'UPDATE outbox SET late = 1 - late WHERE under = ?1 AND sent_revision = 0 AND dead = 0 ' +
      'AND late = (key IN (SELECT value FROM json_each(?2)))',
    root,
    JSON.stringify(always),
  );
}

/** Of a thread that nobody has seen and that is not worth it any more: nothing. */
function dropUnseen(db: SqliteContext['db'], root: string): void {
  const unseen = 'SELECT 1 FROM outbox WHERE key = ? AND ref_ts IS NULL AND unsure = 0 AND dead = 0';
  if (db.get(unseen, root) === undefined) return;
  db.run(
    'UPDATE outbox SET sent_revision = revision WHERE (key = ?1 OR under = ?1) AND revision > sent_revision AND unsure = 0',
    root,
  );
}

interface Known {
  readonly content: string;
  readonly kind: string;
}

/** Puts a message into the outbox, inside a write: a new one, or a new revision of a kept one whose content changed. */
export function want({ db }: SqliteContext, stream: string, desired: Desired, now: number): void {
  const { key, placement, priority } = desired;
  const content = contentOf(desired);
  const known = db.get<Known>('SELECT content, kind FROM outbox WHERE key = ?', key);
  if (known === undefined) {
    db.run(
      'INSERT INTO outbox (key, stream, kind, under, desired, content, priority, urgency, not_after, wanted_at, channel, late) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      key,
      stream,
      placement.is,
      placement.under,
      JSON.stringify(desired),
      content,
      priority,
      priority,
      placement.is === 'whispered' ? Date.parse(placement.notAfter) : null,
      now,
      desired.channel,
      Number(desired.late === 'fold'),
    );
    hurry(db, desired);
    return;
  }
  if (known.kind !== 'kept' || placement.is !== 'kept' || known.content === content) return;
  // A message that is edited again and again keeps the age of its oldest unsent change, so that it is not always the youngest.
  db.run(
    'UPDATE outbox SET desired = ?1, content = ?2, under = ?3, priority = ?4, ' +
      'urgency = CASE WHEN revision = sent_revision THEN ?4 ELSE min(urgency, ?4) END, ' +
      'wanted_at = CASE WHEN revision = sent_revision OR dead = 1 THEN ?5 ELSE wanted_at END, ' +
      'retry_at = CASE WHEN dead = 1 THEN NULL ELSE retry_at END, failures = CASE WHEN dead = 1 THEN 0 ELSE failures END, ' +
      'dead = 0, folded = 0, channel = ?7, revision = revision + 1 WHERE key = ?6',
    JSON.stringify(desired),
    content,
    placement.under,
    priority,
    now,
    key,
    desired.channel,
  );
  hurry(db, desired);
}

/** What must go first, the parent and the earlier words of its thread, is as urgent as what waits for it. */
function hurry(db: SqliteContext['db'], { placement, priority }: Desired): void {
  if (placement.under === null) return;
  const unsent = 'revision > sent_revision AND dead = 0 AND urgency > ?1';
  db.run(`UPDATE outbox SET urgency = ?1 WHERE key = ?2 AND ${unsent}`, priority, placement.under);
  if (placement.is !== 'said') return;
  db.run(`UPDATE outbox SET urgency = ?1 WHERE under = ?2 AND kind = 'said' AND ${unsent}`, priority, placement.under);
}

/** First the keys, then the rows: a long queue is sorted without its contents. */
const unsentSql = `
WITH picked AS (
  SELECT o.ord, (o.urgency > 0) AS class, o.wanted_at + max(o.urgency - 1, 0) * 120000 AS age
  FROM outbox AS o LEFT JOIN outbox AS p ON p.key = o.under
  WHERE o.revision > o.sent_revision AND o.dead = 0
    AND (o.retry_at IS NULL OR o.retry_at <= ?1)
    AND (o.not_after IS NULL OR o.not_after > ?1)
    AND (o.under IS NULL OR p.ref_ts IS NOT NULL)
    AND (o.kind = 'whispered' OR CASE WHEN o.ref_ts IS NOT NULL THEN o.urgency <= ?5
      ELSE coalesce(p.ref_channel, o.channel) NOT IN (SELECT value FROM json_each(?3))
        AND (o.urgency = 0 OR coalesce(p.ref_channel, o.channel) NOT IN (SELECT value FROM json_each(?4))) END)
    AND NOT (o.kind = 'said' AND o.under IS NOT NULL AND EXISTS (
      SELECT 1 FROM outbox AS e
      WHERE e.under = o.under AND e.kind = 'said' AND e.ord < o.ord AND e.revision > e.sent_revision AND e.dead = 0))
  ORDER BY class, age, o.ord LIMIT ?2)
SELECT o.desired, o.revision, o.sent_revision, o.ref_channel, o.ref_ts, o.unsure, o.failures, o.wanted_at, o.urgency, o.note,
  p.ref_channel AS parent_channel, p.ref_ts AS parent_ts,
  (SELECT count(*) FROM outbox AS f WHERE f.under = o.key AND f.folded = 1) AS folded
FROM picked JOIN outbox AS o ON o.ord = picked.ord LEFT JOIN outbox AS p ON p.key = o.under
ORDER BY picked.class, picked.age, picked.ord`;

interface Row {
  readonly desired: string;
  readonly revision: number;
  readonly sent_revision: number;
  readonly ref_channel: string | null;
  readonly ref_ts: string | null;
  readonly unsure: number;
  readonly failures: number;
  readonly wanted_at: number;
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
    unsure: row.unsure === 1,
    failures: row.failures,
    wantedAt: iso(row.wanted_at),
    urgency: row.urgency,
    note: row.note,
    folded: row.folded,
  };
}

function refOf(channel: string | null, ts: string | null): MessageRef | null {
  return channel === null || ts === null ? null : { channel, ts };
}
