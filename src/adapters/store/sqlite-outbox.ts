import type { Desired } from '../../core/message.ts';
import type { Claim, MessageRef, OutboxRow, Store } from '../../core/ports/store.ts';
import { iso } from './clock.ts';
import type { SqliteContext } from './sqlite-context.ts';
import { holds } from './sqlite-streams.ts';
import { contentOf } from './text.ts';

type Part = Pick<Store, 'outbox' | 'sending' | 'sent' | 'notSent' | 'messageAt' | 'messageRef'>;

export function sqliteOutbox(context: SqliteContext): Part {
  const { db, clock } = context;
  /** What the publisher writes: only while its claim is the one. */
  const guarded = (claim: Claim, write: () => number): Promise<boolean> =>
    db.write(() => holds(context, claim) && write() === 1);
  return {
    outbox: (limit) => db.read(() => db.all<Row>(unsentSql, clock(), limit).map(toOutboxRow)),
    sending: (claim, key, revision) =>
      guarded(claim, () => {
        const sql =
          'UPDATE outbox SET unsure = 1 WHERE key = ? AND revision = ? AND sent_revision < revision AND dead = 0';
        return db.run(sql, key, revision);
      }),
    sent: (claim, key, revision, ref) =>
      guarded(claim, () => {
        const sql =
          'UPDATE outbox SET sent_revision = max(sent_revision, ?1), ref_channel = ?2, ref_ts = ?3, unsure = 0, failures = 0, ' +
          'why = NULL, retry_at = NULL, urgency = priority WHERE key = ?4 AND revision >= ?1';
        return db.run(sql, revision, ref.channel, ref.ts, key);
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
  };
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
      'INSERT INTO outbox (key, stream, kind, under, desired, content, priority, urgency, not_after, wanted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
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
      'dead = 0, revision = revision + 1 WHERE key = ?6',
    JSON.stringify(desired),
    content,
    placement.under,
    priority,
    now,
    key,
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

const unsentSql = `
SELECT o.desired, o.revision, o.sent_revision, o.ref_channel, o.ref_ts, o.unsure, o.failures, o.wanted_at,
  p.ref_channel AS parent_channel, p.ref_ts AS parent_ts
FROM outbox AS o LEFT JOIN outbox AS p ON p.key = o.under
WHERE o.revision > o.sent_revision AND o.dead = 0
  AND (o.retry_at IS NULL OR o.retry_at <= ?1)
  AND (o.not_after IS NULL OR o.not_after > ?1)
  AND (o.under IS NULL OR p.ref_ts IS NOT NULL)
  AND NOT (o.kind = 'said' AND o.under IS NOT NULL AND EXISTS (
    SELECT 1 FROM outbox AS e
    WHERE e.under = o.under AND e.kind = 'said' AND e.ord < o.ord AND e.revision > e.sent_revision AND e.dead = 0))
ORDER BY o.urgency, o.wanted_at, o.ord LIMIT ?2`;

interface Row {
  readonly desired: string;
  readonly revision: number;
  readonly sent_revision: number;
  readonly ref_channel: string | null;
  readonly ref_ts: string | null;
  readonly unsure: number;
  readonly failures: number;
  readonly wanted_at: number;
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
  };
}

function refOf(channel: string | null, ts: string | null): MessageRef | null {
  return channel === null || ts === null ? null : { channel, ts };
}
