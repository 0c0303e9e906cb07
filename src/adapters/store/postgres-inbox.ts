import { Failure } from '../../core/failure.ts';
import type { Accepted, Incoming } from '../../core/ports/store.ts';
import type { PostgresContext } from './postgres-context.ts';
import type { Tx } from './postgres-database.ts';
import { indexable } from './text.ts';
import { keyTaken } from './wider.ts';

interface Caller {
  readonly rows: readonly Incoming[];
  readonly resolve: (accepted: readonly Accepted[]) => void;
  readonly reject: (error: unknown) => void;
}

const mostRowsInOne = 500;
const countedForMs = 200;
/** A notification takes at most 8,000 bytes. */
const mostNotified = 7000;

/** Takes rows into the inbox. While one transaction is under way, those who come meanwhile gather for the next. */
export class PostgresInbox {
  readonly #context: PostgresContext;
  #waiting: Caller[] = [];
  #busy = false;
  #rows = 0;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(context: PostgresContext) {
    this.#context = context;
  }

  async accept(rows: readonly Incoming[]): Promise<readonly Accepted[]> {
    if (rows.length === 0) return [];
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject });
      if (!this.#busy) {
        this.#busy = true;
        setImmediate(() => void this.#work());
      }
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const callers: Caller[] = [];
      let rows = 0;
      while (this.#waiting.length > 0 && (rows === 0 || rows + this.#waiting[0]!.rows.length <= mostRowsInOne)) {
        const caller = this.#waiting.shift()!;
        callers.push(caller);
        rows += caller.rows.length;
      }
      await this.#take(callers);
    }
    this.#busy = false;
  }

  async #take(callers: readonly Caller[]): Promise<void> {
    try {
      const accepted = await this.#together(callers.flatMap((caller) => caller.rows));
      let from = 0;
      for (const caller of callers) {
        caller.resolve(accepted.slice(from, from + caller.rows.length));
        from += caller.rows.length;
      }
    } catch (error) {
      // One who brings too much, or what cannot be stored, must not fail the others.
      const theirs = error instanceof Failure && error.kind !== 'too many requests';
      if (callers.length > 1 && !theirs) {
        for (const caller of callers) await this.#take([caller]);
        return;
      }
      for (const caller of callers) caller.reject(error);
    }
  }

  async #together(rows: readonly Incoming[]): Promise<readonly Accepted[]> {
    const { db, inboxLimit } = this.#context;
    if (performance.now() - this.#countedAt > countedForMs || this.#rows + rows.length > inboxLimit) {
      this.#rows = await db.once(unansweredRows);
      this.#countedAt = performance.now();
    }
    const room = inboxLimit - this.#rows;
    const accepted = await db.transaction((tx) => acceptAll(this.#context, tx, rows, room));
    this.#rows += accepted.filter((row) => !row.duplicate).length;
    return accepted;
  }
}

async function unansweredRows(tx: Tx): Promise<number> {
  const [row] = await tx.rows<{ rows: number }>('SELECT count(*) AS rows FROM mlp.inbox WHERE NOT answered');
  return row?.rows ?? 0;
}

async function acceptAll(
  context: PostgresContext,
  tx: Tx,
  rows: readonly Incoming[],
  room: number,
): Promise<readonly Accepted[]> {
  const ids = rows.map((row) => indexable(row.id));
  const known = await insertRows(tx, ids, rows);
  const fresh = ids.filter((id, index) => known.has(id) && ids.indexOf(id) === index);
  if (fresh.length > room) {
    const why = `the inbox is full: ${context.inboxLimit} rows wait for an answer`;
    throw new Failure('too many requests', why, { retryAfterMs: 5000 });
  }
  await countAlerts(tx, rows);
  const streams = await route(tx, ids, rows, known);
  const strangers = ids.filter((id) => !known.has(id));
  if (strangers.length > 0) {
    const sql = 'SELECT id, stream FROM mlp.inbox WHERE id = ANY($1::text[])';
    for (const row of await tx.rows<{ id: string; stream: string }>(sql, strangers)) streams.set(row.id, row.stream);
  }
  await wake(context, tx, new Set(fresh.map((id) => streams.get(id) ?? '')));
  return rows.map((row, index) => {
    const id = ids[index] ?? '';
    const duplicate = !known.has(id) || ids.indexOf(id) !== index;
    return { id: row.id, stream: streams.get(id) ?? '', duplicate };
  });
}

/** The positions of the rows that were new, by id. A row that goes to a key has no stream yet. */
async function insertRows(
  tx: Tx,
  ids: readonly string[],
  rows: readonly Incoming[],
): Promise<ReadonlyMap<string, number>> {
  const inserted = await tx.rows<{ id: string; position: number }>(
    'INSERT INTO mlp.inbox (id, stream, body, at) SELECT id, stream, body, clock_timestamp() ' +
      'FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS t (id, stream, body, ord) ORDER BY ord ' +
      'ON CONFLICT (id) DO NOTHING RETURNING id, position',
    ids,
    rows.map((row) => (row.to.is === 'stream' ? row.to.stream : '')),
    rows.map((row) => JSON.stringify(row.body)),
  );
  return new Map(inserted.map((row) => [row.id, row.position]));
}

/** In one order everywhere, so that two replicas never wait for each other. */
async function countAlerts(tx: Tx, rows: readonly Incoming[]): Promise<void> {
  const alerts = [...new Set(rows.flatMap(({ alert }) => (alert === undefined ? [] : [indexable(alert)])))].toSorted();
  if (alerts.length === 0) return;
  await tx.run(
    'INSERT INTO mlp.alerts (alert, at) SELECT alert, clock_timestamp() FROM unnest($1::text[]) WITH ORDINALITY AS t (alert, ord) ' +
      'ORDER BY ord ON CONFLICT DO NOTHING',
    alerts,
  );
}

/** The stream of each new row, by id. The unique key decides between replicas; held until the end, so that no closing stream slips by. */
async function route(
  tx: Tx,
  ids: readonly string[],
  rows: readonly Incoming[],
  positions: ReadonlyMap<string, number>,
): Promise<Map<string, string>> {
  const streams = new Map<string, string>();
  const keyOf = new Map<string, string>();
  const freshOf = new Map<string, string>();
  const held = await heldKeys(tx, rows);
  for (const [index, { to }] of rows.entries()) {
    const id = ids[index] ?? '';
    if (!positions.has(id) || streams.has(id) || keyOf.has(id)) continue;
    if (to.is === 'stream') {
      streams.set(id, to.stream);
      continue;
    }
    const key = keyTaken(to, (one) => held.has(one) || freshOf.has(one));
    keyOf.set(id, key);
    if (!freshOf.has(key)) freshOf.set(key, to.fresh);
  }
  if (keyOf.size === 0) return streams;
  const sorted = [...freshOf].sort(([one], [other]) => (one < other ? -1 : 1));
  const holders = await tx.rows<{ key: string; stream: string }>(
    'INSERT INTO mlp.keys (key, stream) SELECT key, stream FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (key, stream, ord) ' +
      'ORDER BY ord ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING key, stream',
    sorted.map(([key]) => key),
    sorted.map(([, stream]) => stream),
  );
  const holder = new Map(holders.map((row) => [row.key, row.stream]));
  for (const [id, key] of keyOf) streams.set(id, holder.get(key) ?? '');
  const routed = [...keyOf.keys()];
  await tx.run(
    'UPDATE mlp.inbox SET stream = t.stream FROM unnest($1::bigint[], $2::text[]) AS t (position, stream) WHERE inbox.position = t.position',
    routed.map((id) => positions.get(id) ?? 0),
    routed.map((id) => streams.get(id) ?? ''),
  );
  return streams;
}

/** Which keys are somebody's, of those of rows that may go to a wider one. One that is freed in this moment opens a stream of its own. */
async function heldKeys(tx: Tx, rows: readonly Incoming[]): Promise<ReadonlySet<string>> {
  const asked = rows.flatMap(({ to }) =>
    to.is === 'key' && to.wider !== undefined ? [indexable(to.key), indexable(to.wider.key)] : [],
  );
  if (asked.length === 0) return new Set();
  const sql = 'SELECT key FROM mlp.keys WHERE key = ANY($1::text[])';
  return new Set((await tx.rows<{ key: string }>(sql, [...new Set(asked)])).map((row) => row.key));
}

/** Puts the streams into the queue that have no job waiting there that is due by now, and tells every replica. */
async function wake({ jobs }: PostgresContext, tx: Tx, streams: ReadonlySet<string>): Promise<void> {
  if (streams.size === 0) return;
  const sorted = [...streams].sort();
  const asleep = await tx.rows<{ stream: string }>(
    'INSERT INTO mlp.streams AS s (stream, wake_at) SELECT stream, clock_timestamp() FROM unnest($1::text[]) WITH ORDINALITY AS t (stream, ord) ' +
      'ORDER BY ord ON CONFLICT (stream) DO UPDATE SET wake_at = clock_timestamp() ' +
      'WHERE s.wake_at IS NULL OR s.wake_at > clock_timestamp() RETURNING stream',
    sorted,
  );
  await jobs.wakeNow(
    tx,
    asleep.map((row) => row.stream),
  );
  for (const payload of payloads(sorted)) await tx.rows("SELECT pg_notify('mlp_accepted', $1)", payload);
}

/** JSON lists of streams, each short enough for one notification. */
export function payloads(streams: readonly string[]): readonly string[] {
  const out: string[] = [];
  let batch: string[] = [];
  let bytes = 2;
  for (const stream of streams) {
    const more = Buffer.byteLength(JSON.stringify(stream)) + 1;
    if (more > mostNotified) continue;
    if (bytes + more > mostNotified) {
      out.push(JSON.stringify(batch));
      batch = [];
      bytes = 2;
    }
    batch.push(stream);
    bytes += more;
  }
  if (batch.length > 0) out.push(JSON.stringify(batch));
  return out;
}
