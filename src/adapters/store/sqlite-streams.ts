import { Failure } from '../../core/failure.ts';
import type { Json } from '../../core/json.ts';
import type { Accepted, Claim, Committed, InboxRow, Incoming, Loaded, Step, Store } from '../../core/ports/store.ts';
import { iso } from './clock.ts';
import { counted } from './sqlite-context.ts';
import type { SqliteContext } from './sqlite-context.ts';
import { appendAudit } from './sqlite-lists.ts';
import { holds, overdue } from './sqlite-leases.ts';
import { markLate, want } from './sqlite-outbox.ts';
import { remember } from './sqlite-past.ts';
import { indexable } from './text.ts';
import { keyTaken } from './wider.ts';

type Part = Pick<
  Store,
  'accept' | 'claim' | 'renew' | 'release' | 'load' | 'inbox' | 'commit' | 'evidence' | 'number' | 'due'
>;

/** `changed` is told when a stream may want to be driven: at once (null) or at a moment. */
export function sqliteStreams(context: SqliteContext, changed: (stream: string, at: number | null) => void): Part {
  const { db, clock } = context;
  return {
    accept: async (rows) => {
      const accepted = await db.write(() => acceptAll(context, rows));
      for (const stream of new Set(accepted.filter((row) => !row.duplicate).map((row) => row.stream))) {
        context.wakes.tell(stream);
        changed(stream, null);
      }
      return accepted;
    },
    claim: (name, owner, ttlMs) => db.write(() => claim(context, name, owner, ttlMs)),
    renew: (lease, ttlMs) =>
      db.write(() => {
        const sql = 'UPDATE leases SET expires_at = ? WHERE name = ? AND owner = ? AND epoch = ?';
        return db.run(sql, clock() + ttlMs, lease.name, lease.owner, lease.epoch) === 1;
      }),
    release: async (lease) => {
      const sql = "UPDATE leases SET owner = '', expires_at = 0 WHERE name = ? AND owner = ? AND epoch = ?";
      await db.write(() => db.run(sql, lease.name, lease.owner, lease.epoch));
    },
    load: (stream) => db.read(() => load(context, stream)),
    inbox: (stream) => db.read(() => unanswered(context, stream)),
    commit: async (lease, seq, step) => {
      const committed = await db.write(() => commit(context, lease, seq, step));
      if (committed.is === 'done' && step.dueAt !== null) changed(lease.name, Date.parse(step.dueAt));
      return committed;
    },
    evidence: (stream, id) =>
      db.read(() => {
        const row = db.get<{ body: string }>('SELECT body FROM evidence WHERE stream = ? AND id = ?', stream, id);
        return row === undefined ? null : (JSON.parse(row.body) as Json);
      }),
    number: (stream) => db.write(() => numberOf(context, stream)),
    due: (limit) => db.read(() => overdue(context, clock(), limit)),
  };
}

function acceptAll(context: SqliteContext, rows: readonly Incoming[]): readonly Accepted[] {
  const { db, clock } = context;
  const at = clock();
  const accepted: Accepted[] = [];
  for (const row of rows) {
    const id = indexable(row.id);
    const known = db.get<{ stream: string }>('SELECT stream FROM inbox WHERE id = ?', id);
    if (known !== undefined) {
      accepted.push({ id: row.id, stream: known.stream, duplicate: true });
      continue;
    }
    if (!context.backlog.hasRoom()) {
      const why = `the inbox is full: ${context.backlog.limit} rows wait for an answer`;
      throw new Failure('too many requests', why, { retryAfterMs: 5000 });
    }
    context.backlog.changed(1);
    const stream = streamFor(context, row);
    db.run('INSERT INTO streams (stream) VALUES (?) ON CONFLICT (stream) DO NOTHING', stream);
    db.run('INSERT INTO inbox (id, stream, body, at) VALUES (?, ?, ?, ?)', id, stream, JSON.stringify(row.body), at);
    if (row.alert !== undefined)
      db.run('INSERT INTO alerts (alert, at) VALUES (?, ?) ON CONFLICT DO NOTHING', indexable(row.alert), at);
    accepted.push({ id: row.id, stream, duplicate: false });
  }
  return accepted;
}

function streamFor({ db }: SqliteContext, row: Incoming): string {
  const { to } = row;
  if (to.is === 'stream') return to.stream;
  const holder = (key: string): string | undefined =>
    db.get<{ stream: string }>('SELECT stream FROM keys WHERE key = ?', key)?.stream;
  const key = keyTaken(to, (one) => holder(one) !== undefined);
  db.run('INSERT INTO keys (key, stream) VALUES (?, ?) ON CONFLICT (key) DO NOTHING', key, to.fresh);
  return holder(key) ?? to.fresh;
}

function claim({ db, clock }: SqliteContext, name: string, owner: string, ttlMs: number): Claim | null {
  const now = clock();
  const lease = db.get<{ owner: string; expires_at: number }>(
    'SELECT owner, expires_at FROM leases WHERE name = ?',
    name,
  );
  if (lease !== undefined && lease.owner !== owner && lease.expires_at > now) return null;
  const epoch = counted(db, 'epoch');
  db.run(
    'INSERT INTO leases (name, owner, epoch, expires_at) VALUES (?, ?, ?, ?) ' +
      'ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch, expires_at = excluded.expires_at',
    name,
    owner,
    epoch,
    now + ttlMs,
  );
  return { name, owner, epoch };
}

function load(context: SqliteContext, stream: string): Loaded {
  const { db } = context;
  const rows = db.all<{ seq: number; at: number; body: string }>(
    'SELECT seq, at, body FROM events WHERE stream = ? ORDER BY seq',
    stream,
  );
  const seq = db.get<{ seq: number }>('SELECT seq FROM streams WHERE stream = ?', stream)?.seq ?? 0;
  const events = rows.map((row) => ({ seq: row.seq, at: iso(row.at), body: JSON.parse(row.body) as Json }));
  return { seq, events, inbox: unanswered(context, stream) };
}

function unanswered({ db }: SqliteContext, stream: string): readonly InboxRow[] {
  const sql = 'SELECT position, id, body, at FROM inbox WHERE stream = ? AND answered = 0 ORDER BY position';
  const rows = db.all<{ position: number; id: string; body: string; at: number }>(sql, stream);
  return rows.map((row) => ({
    position: row.position,
    id: row.id,
    body: JSON.parse(row.body) as Json,
    at: iso(row.at),
  }));
}

function commit(context: SqliteContext, lease: Claim, seq: number, step: Step): Committed {
  const { db, clock } = context;
  const stream = lease.name;
  if (!holds(context, lease)) return { is: 'lost' };
  const before = db.get<{ seq: number; open: number }>('SELECT seq, open FROM streams WHERE stream = ?', stream);
  if ((before?.seq ?? 0) !== seq) return { is: 'moved' };
  for (const position of step.consumed) {
    const sql = 'SELECT 1 AS here FROM inbox WHERE position = ? AND stream = ? AND answered = 0';
    if (db.get<{ here: number }>(sql, position, stream) === undefined) return { is: 'moved' };
  }
  const by = step.hold === null ? undefined : heldBy(context, step.hold, stream);
  if (by !== undefined) return { is: 'held', by };

  const now = clock();
  const next = seq + step.events.length;
  db.run(
    'INSERT INTO streams (stream, seq, due_at) VALUES (?, ?, ?) ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, due_at = excluded.due_at',
    stream,
    next,
    step.dueAt === null ? null : Date.parse(step.dueAt),
  );
  for (const position of step.consumed)
    db.run('UPDATE inbox SET answered = 1, body = NULL WHERE position = ?', position);
  context.backlog.changed(-step.consumed.length);
  for (const [index, event] of step.events.entries()) {
    db.run(
      'INSERT INTO events (stream, seq, at, body) VALUES (?, ?, ?, ?)',
      stream,
      seq + index + 1,
      now,
      JSON.stringify(event),
    );
  }
  for (const { id, body } of step.evidence) {
    const sql =
      'INSERT INTO evidence (stream, id, body) VALUES (?, ?, ?) ON CONFLICT (stream, id) DO UPDATE SET body = excluded.body';
    db.run(sql, stream, id, JSON.stringify(body));
  }
  if (step.release !== null) db.run('DELETE FROM holds WHERE target = ? AND stream = ?', step.release, stream);
  if (step.hold !== null)
    db.run('INSERT INTO holds (target, stream) VALUES (?, ?) ON CONFLICT (target) DO NOTHING', step.hold, stream);
  describe(context, stream, step, before === undefined || before.open === 1, now);
  for (const desired of step.messages) want(context, stream, desired, now);
  markLate(context, stream, step.messages);
  appendAudit(context, step.audit, now);
  if (step.past !== undefined) remember(context, stream, step.past);
  return { is: 'done', seq: next };
}

function describe({ db }: SqliteContext, stream: string, step: Step, wasOpen: boolean, now: number): void {
  const open = step.summary?.open ?? wasOpen;
  if (step.summary !== null) {
    db.run(
      'UPDATE streams SET summary = ?, updated_at = ?, open = ?, closed_at = CASE WHEN ? THEN NULL ELSE coalesce(closed_at, ?) END WHERE stream = ?',
      JSON.stringify(step.summary),
      step.summary.updatedAt,
      Number(open),
      Number(open),
      now,
      stream,
    );
  }
  if (!open) {
    db.run('DELETE FROM keys WHERE stream = ?', stream);
  } else if (step.keys !== null) {
    const keys = step.keys.map(indexable);
    db.run(
      'DELETE FROM keys WHERE stream = ? AND key NOT IN (SELECT value FROM json_each(?))',
      stream,
      JSON.stringify(keys),
    );
    for (const key of keys)
      db.run('INSERT INTO keys (key, stream) VALUES (?, ?) ON CONFLICT (key) DO NOTHING', key, stream);
  }
}

/** `eu-west-1` and `eu-west-1/a/b` exclude each other, `eu-west-1` and `eu-west-10` do not; the empty target is the whole platform. */
function heldBy({ db }: SqliteContext, target: string, stream: string): string | undefined {
  const sql =
    "SELECT stream FROM holds WHERE stream <> ?2 AND (target = ?1 OR target = '' OR ?1 = '' " +
    "OR substr(?1, 1, length(target) + 1) = target || '/' OR substr(target, 1, length(?1) + 1) = ?1 || '/') LIMIT 1";
  return db.get<{ stream: string }>(sql, target, stream)?.stream;
}

function numberOf({ db }: SqliteContext, stream: string): number {
  const known =
    db.get<{ number: number | null }>('SELECT number FROM streams WHERE stream = ?', stream)?.number ?? null;
  if (known !== null) return known;
  const number = counted(db, 'number');
  const sql =
    'INSERT INTO streams (stream, number) VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET number = excluded.number';
  db.run(sql, stream, number);
  return number;
}
