import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { Pool } from 'pg';
import { openPostgres, openSqlite } from '../src/adapters/store/index.ts';
import type { Store } from '../src/core/ports/store.ts';
import { whyNot } from '../test/peers/need.ts';
import { startPostgres } from '../test/peers/postgres.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';

const appenders = 32;
const rounds = 5;
const body = { text: 'x'.repeat(300) };
const noLimit = 10_000_000;

/**
 * How much of what the store itself can do is left: rows per second of 32 appenders that each wait until their row is durable, divided
 * by that of 32 writers of one-row commits into a bare table on the same store. `append` is the inbox (an alert, a click); `step` is a
 * whole step of a stream: lease, number, event and due time, and with PostgreSQL the wake in the queue. The median of alternating rounds.
 */
export async function appendFloor(): Promise<Readonly<Record<string, number>>> {
  const figures: Record<string, number> = { ...(await onSqlite()) };
  const missing = whyNot('postgres');
  if (missing === undefined) Object.assign(figures, await onPostgres());
  else process.stderr.write(`append_floor_ratio_postgres ${missing}\n`);
  return figures;
}

async function onSqlite(): Promise<Readonly<Record<string, number>>> {
  const folder = temporaryFolder('append-floor');
  const store = await openSqlite({ file: join(folder, 'mlp.sqlite'), auditKey: 'bench', inboxLimit: noLimit });
  const db = new DatabaseSync(join(folder, 'bare.sqlite'));
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT)',
  );
  const insert = db.prepare('INSERT INTO bare (body) VALUES (?)');
  try {
    return await ratios('sqlite', store, 200, async () => {
      insert.run(JSON.stringify(body));
      await turn();
    });
  } finally {
    db.close();
    await store.close();
    await removeFolder(folder);
  }
}

async function onPostgres(): Promise<Readonly<Record<string, number>>> {
  const server = await startPostgres();
  const url = await server.createDatabase();
  const store = await openPostgres({ url, auditKey: 'bench', inboxLimit: noLimit });
  const pool = new Pool({ connectionString: url, max: appenders });
  try {
    await pool.query('CREATE TABLE bare (id bigserial PRIMARY KEY, body text)');
    return await ratios('postgres', store, 60, async () => {
      await pool.query('INSERT INTO bare (body) VALUES ($1)', [JSON.stringify(body)]);
    });
  } finally {
    await pool.end();
    await store.close();
    await server.stop();
  }
}

async function ratios(
  name: string,
  store: Store,
  rowsEach: number,
  bare: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  let row = 0;
  const append = async (stream: string): Promise<void> => {
    row += 1;
    await store.accept([{ id: `row ${row}`, to: { is: 'stream', stream }, body }]);
  };
  const steps = await stepper(store);
  const measured: { readonly floor: number; readonly append: number; readonly step: number }[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const floor = await perSecond(rowsEach, bare);
    const one = { floor, append: await perSecond(rowsEach, append), step: await perSecond(rowsEach, steps) };
    if (round >= 0) measured.push(one); // the first warms up
  }
  return {
    [`append_floor_ratio_${name}`]: median(measured.map((one) => one.append / one.floor)),
    [`append_step_ratio_${name}`]: median(measured.map((one) => one.step / one.floor)),
    [`append_rows_per_s_${name}`]: Math.round(median(measured.map((one) => one.append))),
    [`bare_rows_per_s_${name}`]: Math.round(median(measured.map((one) => one.floor))),
  };
}

/** Commits the next one-event step of a stream, under a lease that was taken once. */
async function stepper(store: Store): Promise<(stream: string) => Promise<void>> {
  const dueAt = new Date(Date.parse(await store.now()) + 3_600_000).toISOString();
  const claims = new Map<string, { readonly claim: NonNullable<Awaited<ReturnType<Store['claim']>>>; seq: number }>();
  for (let index = 0; index < appenders; index += 1) {
    const claim = await store.claim(`stream ${index}`, 'bench', 3_600_000);
    if (claim !== null) claims.set(claim.name, { claim, seq: 0 });
  }
  const empty = {
    consumed: [],
    evidence: [],
    messages: [],
    audit: [],
    hold: null,
    release: null,
    keys: null,
    summary: null,
  };
  return async (stream) => {
    const at = claims.get(stream);
    if (at === undefined) throw new Error(`no lease on ${stream}`);
    const committed = await store.commit(at.claim, at.seq, { ...empty, events: [body], dueAt });
    if (committed.is !== 'done') throw new Error(`the step was not done: ${committed.is}`);
    at.seq = committed.seq;
  };
}

async function perSecond(rowsEach: number, write: (stream: string) => Promise<void>): Promise<number> {
  const from = performance.now();
  const writers = Array.from({ length: appenders }, async (_, writer) => {
    for (let index = 0; index < rowsEach; index += 1) await write(`stream ${writer}`);
  });
  await Promise.all(writers);
  return (appenders * rowsEach * 1000) / (performance.now() - from);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) * 100) / 100;
}
