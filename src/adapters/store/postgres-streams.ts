import type { Json } from '../../core/json.ts';
import type { Claim, Committed, InboxRow, Step, Store } from '../../core/ports/store.ts';
import { counted } from './postgres-context.ts';
import type { PostgresContext } from './postgres-context.ts';
import { Undo } from './postgres-database.ts';
import type { Tx } from './postgres-database.ts';
import { appendAudit } from './postgres-lists.ts';
import { holds, overdue } from './postgres-leases.ts';
import { markLate, want } from './postgres-outbox.ts';
import { remember } from './postgres-past.ts';
import { indexable } from './text.ts';

type Part = Pick<Store, 'claim' | 'renew' | 'release' | 'load' | 'inbox' | 'commit' | 'evidence' | 'number' | 'due'>;

export function postgresStreams(context: PostgresContext): Part {
  const { db } = context;
  return {
    claim: (name, owner, ttlMs) => db.once((tx) => claim(tx, name, owner, ttlMs)),
    renew: (lease, ttlMs) =>
      db.once(async (tx) => {
        const sql =
          "UPDATE mlp.leases SET expires_at = clock_timestamp() + $1 * interval '1 millisecond' WHERE name = $2 AND owner = $3 AND epoch = $4";
        return (await tx.run(sql, ttlMs, lease.name, lease.owner, lease.epoch)) === 1;
      }),
    release: (lease) => db.transaction((tx) => release(context, tx, lease)),
    load: (stream) =>
      db.transaction(async (tx) => {
        await tx.run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const sql = 'SELECT seq, at, body FROM mlp.events WHERE stream = $1 ORDER BY seq';
        const events = await tx.rows<{ seq: number; at: Date; body: string }>(sql, stream);
        const [row] = await tx.rows<{ seq: number }>('SELECT seq FROM mlp.streams WHERE stream = $1', stream);
        return {
          seq: row?.seq ?? 0,
          events: events.map((event) => ({
            seq: event.seq,
            at: event.at.toISOString(),
            body: JSON.parse(event.body) as Json,
          })),
          inbox: await unanswered(tx, stream),
        };
      }),
    inbox: (stream) => db.once((tx) => unanswered(tx, stream)),
    commit: (lease, seq, step) => db.transaction((tx) => commit(context, tx, lease, seq, step)),
    evidence: (stream, id) =>
      db.once(async (tx) => {
        const sql = 'SELECT body FROM mlp.evidence WHERE stream = $1 AND id = $2';
        const [row] = await tx.rows<{ body: string }>(sql, stream, id);
        return row === undefined ? null : (JSON.parse(row.body) as Json);
      }),
    number: (stream) => db.transaction((tx) => numberOf(tx, stream)),
    due: (limit) => db.once((tx) => overdue(tx, 0, limit)),
  };
}

/**
 * Whoever asks for the lease has taken the waiting job, if there was one: rows from now on need another. Everybody locks the lease
 * before its stream, so that nobody waits in a circle.
 */
async function claim(tx: Tx, name: string, owner: string, ttlMs: number): Promise<Claim | null> {
  const [row] = await tx.rows<{ epoch: number }>(
    'WITH lease AS (INSERT INTO mlp.leases AS l (name, owner, epoch, expires_at) ' +
      "VALUES ($1, $2, nextval('mlp.lease_epoch'), clock_timestamp() + $3 * interval '1 millisecond') " +
      'ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch, expires_at = excluded.expires_at ' +
      'WHERE l.owner = excluded.owner OR l.expires_at <= clock_timestamp() RETURNING epoch), ' +
      'awake AS (UPDATE mlp.streams SET wake_at = NULL ' +
      'WHERE (SELECT count(*) FROM lease) >= 0 AND stream = $1 AND wake_at <= clock_timestamp()) ' +
      'SELECT epoch FROM lease',
    name,
    owner,
    ttlMs,
  );
  return row === undefined ? null : { name, owner, epoch: row.epoch };
}

/** A moment that no job waits for gets one; what is due already is the sweep's, so that an idle driver cannot spin. */
async function release({ jobs }: PostgresContext, tx: Tx, lease: Claim): Promise<void> {
  const sql =
    "UPDATE mlp.leases SET owner = '', expires_at = '-infinity' WHERE name = $1 AND owner = $2 AND epoch = $3";
  if ((await tx.run(sql, lease.name, lease.owner, lease.epoch)) === 0) return;
  const [row] = await tx.rows<{ due_at: Date }>(
    'UPDATE mlp.streams SET wake_at = due_at WHERE stream = $1 AND due_at > clock_timestamp() AND (wake_at IS NULL OR wake_at > due_at) RETURNING due_at',
    lease.name,
  );
  if (row !== undefined) await jobs.wakeAt(tx, lease.name, row.due_at);
}

async function unanswered(tx: Tx, stream: string): Promise<readonly InboxRow[]> {
  const sql = 'SELECT position, id, body, at FROM mlp.inbox WHERE stream = $1 AND NOT answered ORDER BY position';
  const rows = await tx.rows<{ position: number; id: string; body: string; at: Date }>(sql, stream);
  return rows.map((row) => ({
    position: row.position,
    id: row.id,
    body: JSON.parse(row.body) as Json,
    at: row.at.toISOString(),
  }));
}

interface Before {
  readonly seq: number;
  readonly open: boolean;
  readonly wake_at: Date | null;
}

async function commit(context: PostgresContext, tx: Tx, lease: Claim, seq: number, step: Step): Promise<Committed> {
  const stream = lease.name;
  if (!(await holds(tx, lease))) throw new Undo<Committed>({ is: 'lost' });
  // Rows that arrive lock their key before its stream, so whoever is to change keys does the same.
  const changesKeys = step.keys !== null || step.summary?.open === false;
  if (changesKeys) await tx.run('SELECT 1 FROM mlp.keys WHERE stream = $1 ORDER BY key FOR UPDATE', stream);
  const before = await lockStream(tx, stream, seq);
  if (before === null) throw new Undo<Committed>({ is: 'moved' });
  if (step.consumed.length > 0) {
    const sql =
      'UPDATE mlp.inbox SET answered = true, body = NULL WHERE stream = $1 AND position = ANY($2::bigint[]) AND NOT answered';
    if ((await tx.run(sql, stream, step.consumed)) !== new Set(step.consumed).size)
      throw new Undo<Committed>({ is: 'moved' });
  }
  if (step.release !== null)
    await tx.run('DELETE FROM mlp.holds WHERE target = $1 AND stream = $2', step.release, stream);
  if (step.hold !== null) await hold(tx, step.hold, stream);
  await append(tx, stream, seq, step);
  const due = step.dueAt === null ? null : new Date(step.dueAt);
  await describe(tx, stream, step, before.open);
  for (const desired of step.messages) await want(tx, stream, desired);
  await markLate(tx, stream, step.messages);
  if (step.past !== undefined) await remember(tx, stream, step.past);
  const next = seq + step.events.length;
  // A job that is to start earlier stays: moving it would lose its wake.
  const isEarly = before.wake_at !== null && due !== null && before.wake_at <= due;
  await tx.run(
    'UPDATE mlp.streams SET seq = $2, due_at = $3, wake_at = $4 WHERE stream = $1',
    stream,
    next,
    due,
    due === null || isEarly ? before.wake_at : due,
  );
  if (due !== null && !isEarly) await context.jobs.wakeAt(tx, stream, due);
  // Last, since every audited step of every stream waits for the one before.
  await appendAudit(context, tx, step.audit);
  return { is: 'done', seq: next };
}

/** Null when the stream is not at this number. */
async function lockStream(tx: Tx, stream: string, seq: number): Promise<Before | null> {
  const select = 'SELECT seq, open, wake_at FROM mlp.streams WHERE stream = $1 FOR UPDATE';
  let [before] = await tx.rows<Before>(select, stream);
  if (before === undefined && seq === 0) {
    await tx.run('INSERT INTO mlp.streams (stream) VALUES ($1) ON CONFLICT (stream) DO NOTHING', stream);
    [before] = await tx.rows<Before>(select, stream);
  }
  return before?.seq === seq ? before : null;
}

/** `eu-west-1` and `eu-west-1/a/b` exclude each other, `eu-west-1` and `eu-west-10` do not; the empty target is the whole platform. */
async function hold(tx: Tx, target: string, stream: string): Promise<void> {
  await tx.rows("SELECT pg_advisory_xact_lock(hashtext('mlp-bot'), hashtext('holds'))");
  const sql =
    "SELECT stream FROM mlp.holds WHERE stream <> $2 AND (target = $1 OR target = '' OR $1 = '' " +
    "OR starts_with($1, target || '/') OR starts_with(target, $1 || '/')) LIMIT 1";
  const [held] = await tx.rows<{ stream: string }>(sql, target, stream);
  if (held !== undefined) throw new Undo<Committed>({ is: 'held', by: held.stream });
  await tx.run(
    'INSERT INTO mlp.holds (target, stream) VALUES ($1, $2) ON CONFLICT (target) DO NOTHING',
    target,
    stream,
  );
}

async function append(tx: Tx, stream: string, seq: number, step: Step): Promise<void> {
  if (step.events.length > 0) {
    await tx.run(
      'INSERT INTO mlp.events (stream, seq, at, body) SELECT $1, $2 + ord, clock_timestamp(), body ' +
        'FROM unnest($3::text[]) WITH ORDINALITY AS t (body, ord)',
      stream,
      seq,
      step.events.map((event) => JSON.stringify(event)),
    );
  }
  for (const { id, body } of step.evidence) {
    await tx.run(
      'INSERT INTO mlp.evidence (stream, id, body) VALUES ($1, $2, $3) ON CONFLICT (stream, id) DO UPDATE SET body = excluded.body',
      stream,
      id,
      JSON.stringify(body),
    );
  }
}

async function describe(tx: Tx, stream: string, step: Step, wasOpen: boolean): Promise<void> {
  const open = step.summary?.open ?? wasOpen;
  if (step.summary !== null) {
    await tx.run(
      'UPDATE mlp.streams SET summary = $2, updated_at = $3, open = $4, ' +
        'closed_at = CASE WHEN $4 THEN NULL ELSE coalesce(closed_at, clock_timestamp()) END WHERE stream = $1',
      stream,
      JSON.stringify(step.summary),
      step.summary.updatedAt,
      open,
    );
  }
  if (!open && (wasOpen || step.keys !== null)) {
    await tx.run('DELETE FROM mlp.keys WHERE stream = $1', stream);
  } else if (open && step.keys !== null) {
    const keys = step.keys.map(indexable).sort();
    await tx.run('DELETE FROM mlp.keys WHERE stream = $1 AND key <> ALL($2::text[])', stream, keys);
    const sql =
      'INSERT INTO mlp.keys (key, stream) SELECT key, $1 FROM unnest($2::text[]) AS t (key) ON CONFLICT (key) DO NOTHING';
    await tx.run(sql, stream, keys);
  }
}

async function numberOf(tx: Tx, stream: string): Promise<number> {
  await tx.run('INSERT INTO mlp.streams (stream) VALUES ($1) ON CONFLICT (stream) DO NOTHING', stream);
  const select = 'SELECT number FROM mlp.streams WHERE stream = $1 FOR UPDATE';
  const [known] = await tx.rows<{ number: number | null }>(select, stream);
  if (known !== undefined && known.number !== null) return known.number;
  const number = await counted(tx, 'number');
  await tx.run('UPDATE mlp.streams SET number = $2 WHERE stream = $1', stream, number);
  return number;
}
