import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuditReader, openSqlite, sqliteFileIn, verifyAudit } from '../../src/adapters/store/index.ts';
import { SqliteFile } from '../../src/adapters/store/sqlite-file.ts';
import { sqliteMigrations } from '../../src/adapters/store/sqlite-schema.ts';
import { migrate, storeOver } from '../../src/adapters/store/sqlite.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { removeFolder, temporaryFolder } from '../peers/process.ts';
import { auditKey, claimed, entry, kept, message, nothing, step, toStream } from './store/fixture.ts';

const sqlite = join(import.meta.dirname, '../../src/adapters/store/sqlite.ts');
let folder = '';
let file = '';
const stores: Store[] = [];
const keep = (store: Store): Store => {
  stores.push(store);
  return store;
};
const opened = async (more: { readonly now?: () => number; readonly elapsed?: () => number } = {}): Promise<Store> =>
  keep(await openSqlite({ file, auditKey, ...more }));

beforeEach(() => {
  folder = temporaryFolder('sqlite');
  file = sqliteFileIn(folder);
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await removeFolder(folder);
});

/** A bot of its own process that holds the file, and writes row after row; `ready` once it has begun. */
function otherBot(): {
  readonly ready: Promise<unknown>;
  readonly kill: () => Promise<void>;
  readonly said: () => string;
} {
  const script = `
    import { openSqlite } from ${JSON.stringify(sqlite)};
    const store = await openSqlite({ file: ${JSON.stringify(file)}, auditKey: ${JSON.stringify(auditKey)} });
    await store.claim('s', 'the dead one', 3600_000);
    for (let n = 0; ; n += 1) {
      await store.accept([{ id: 'row ' + n, to: { is: 'stream', stream: 's' }, body: n }]);
      process.stdout.write(n + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return {
    ready: once(child.stdout, 'data'),
    said: () => said,
    kill: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

describe('one SQLite file', () => {
  it('lets detail pass when it has waited long, but never before what a person waits for', async () => {
    let now = Date.parse('2026-03-01T02:00:00Z');
    const store = await opened({ now: () => now });
    await step(store, 'incident/1', { messages: [message('detail', 'd', kept(), { priority: 2 })] });
    now += 120_100;
    const messages = [message('progress', 'p', kept()), message('approve', 'a', kept(), { priority: 0 })];
    await step(store, 'incident/1', { messages });
    expect((await store.outbox(10)).map((row) => row.desired.key)).toEqual(['approve', 'detail', 'progress']);
  });

  it('goes on with what the version before left unsent, each in its channel', async () => {
    const db = new SqliteFile(file);
    migrate(db, sqliteMigrations.slice(0, 1));
    const old = message('root', 'from before', kept(), { channel: 'C7' });
    db.run(
      "INSERT INTO outbox (key, stream, kind, desired, content, priority, urgency, wanted_at) VALUES ('root', 'incident/1', 'kept', ?, 'x', 1, 1, 0)",
      JSON.stringify(old),
    );
    db.close();
    const store = await opened();
    expect((await store.outbox(10)).map((row) => row.desired)).toEqual([old]);
    expect(await store.outbox(10, { closed: ['C7'], urgent: [], edits: 'open' })).toEqual([]);
  });

  it('takes one process: the second gets a sentence, and a killed one leaves neither lock, lease nor gap', async () => {
    const other = otherBot();
    await other.ready;
    await expect(opened()).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/in use by another mlp-bot \(process \d+\).*MLP_DATA.*DATABASE_URL/),
    });
    await other.kill();
    const store = await opened();
    const { inbox } = await store.load('s');
    const last = Number(other.said().trimEnd().split('\n').at(-1));
    expect(inbox.length).toBeGreaterThanOrEqual(last + 1);
    expect(inbox.map((row) => row.body)).toEqual(Array.from({ length: inbox.length }, (_, index) => index));
    expect(await store.claim('s', 'the next', 1000)).not.toBeNull();
  });

  it('takes one store within a process too, and again once that is closed', async () => {
    const store = await opened();
    await expect(openSqlite({ file, auditKey })).rejects.toMatchObject({ kind: 'conflict' });
    await store.close();
    const again = await opened();
    await again.check();
  });

  it('keeps everything over a restart', async () => {
    const store = await opened();
    await store.accept([toStream('a', 's')]);
    await step(store, 's', { events: ['one'], audit: [entry('x')], hold: 'eu-west-1' });
    const claim = await claimed(store, 's');
    await store.close();
    const again = await opened();
    expect((await again.load('s')).events).toHaveLength(1);
    expect(await again.inbox('s')).toHaveLength(1);
    expect(await step(again, 'other', { hold: 'eu-west-1' })).toEqual({ is: 'held', by: 's' });
    expect(await again.commit(claim, 1, nothing)).toEqual({ is: 'lost' });
    expect((await claimed(again, 's')).epoch).toBeGreaterThan(claim.epoch);
  });

  it('can be read beside a running bot, also in the middle of its writes', async () => {
    const store = await opened();
    await step(store, 's', { audit: [entry('one'), entry('two')] });
    const reader = await openAuditReader({ MLP_DATA: folder });
    const rows = await reader.rows(1, 10);
    expect(verifyAudit(rows, auditKey, await store.auditHead()).is).toBe('intact');
    await step(store, 's', { audit: [entry('three')] });
    expect((await reader.rows(3, 10)).map((row) => row.what)).toEqual(['three']);
    await reader.close();
    await store.close();
    const after = await openAuditReader({ MLP_DATA: folder });
    expect(await after.rows(1, 10)).toHaveLength(3);
    await after.close();
  });

  it('refuses to change its audit log', async () => {
    const store = await opened();
    await step(store, 's', { audit: [entry('one')] });
    await store.close();
    const db = new DatabaseSync(file);
    expect(() => db.exec("UPDATE audit SET what = 'another'")).toThrow('append-only');
    expect(() => db.exec('DELETE FROM audit')).toThrow('append-only');
    db.close();
  });
});

describe('trouble with the file', () => {
  it('a full disk fails with a sentence, stores no part, and is over once there is room', async () => {
    const db = new SqliteFile(file);
    const store = keep(await storeOver(db, { file, auditKey }));
    await store.accept([toStream('before', 's')]);
    const pages = db.get<{ page_count: number }>('PRAGMA page_count')!.page_count;
    db.execute(`PRAGMA max_page_count = ${pages}`);
    const big = 'x'.repeat(10_000);
    const full = await Promise.allSettled([
      store.accept([toStream('small', 's'), toStream('a', 's', big)]),
      store.accept([toStream('b', 's', big)]),
      step(store, 'other', { events: [big] }),
    ]);
    for (const outcome of full) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { kind: 'server error', message: expect.stringContaining('is full') },
      });
    }
    expect((await store.inbox('s')).map((row) => row.id)).toEqual(['before']);
    db.execute('PRAGMA max_page_count = 1000000');
    await store.check();
    await store.accept([toStream('a', 's', big), toStream('b', 's')]);
    expect((await store.inbox('s')).map((row) => row.id)).toEqual(['before', 'a', 'b']);
  });

  it('a file that another program locks: a short lock is waited for without blocking, a long one is said', async () => {
    const store = await opened();
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const short = store.accept([toStream('a', 's')]);
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 10);
    await sleep(200);
    other.exec('COMMIT');
    await short;
    expect(ticks).toBeGreaterThan(8);
    clearInterval(ticking);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.check()).rejects.toMatchObject({
      kind: 'server error',
      message: expect.stringContaining('locked by another program'),
    });
    await expect(store.inbox('s')).resolves.toHaveLength(1);
    other.exec('COMMIT');
    other.close();
    await store.check();
  });

  it('a file that is no database, or from a newer version, is refused in words', async () => {
    writeFileSync(file, 'not a database at all, but long enough to be looked at as one'.repeat(20));
    await expect(opened()).rejects.toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining('not an SQLite database'),
    });
    writeFileSync(file, '');
    await (await opened()).close();
    const db = new SqliteFile(file);
    await db.write(() => {
      db.run('UPDATE schema_version SET version = 9, oldest_reader = 9');
    });
    db.close();
    await expect(opened()).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/newer mlp-bot \(schema 9; this one knows \d+\)/),
    });
  });

  it('a newer schema that only added something is still used', async () => {
    await (await opened()).close();
    const db = new SqliteFile(file);
    const added = { version: 2, oldestReader: 1, sql: 'ALTER TABLE streams ADD COLUMN added TEXT' };
    await db.write(() => migrate(db, [{ version: 1, oldestReader: 1, sql: '' }, added]));
    db.close();
    const store = await opened();
    await store.accept([toStream('a', 's')]);
    expect(await store.inbox('s')).toHaveLength(1);
  });

  it('a file that was moved away under us is said by the check', async () => {
    const store = await opened();
    renameSync(file, `${file}.moved`);
    await expect(store.check()).rejects.toMatchObject({
      message: expect.stringContaining('moved, replaced or deleted'),
    });
    renameSync(`${file}.moved`, file);
    await store.check();
  });

  it('a damaged page is said, not crashed on', async () => {
    const store = await opened();
    for (let index = 0; index < 200; index += 1) await store.accept([toStream(`row ${index}`, 's', 'x'.repeat(500))]);
    await store.close();
    const db = new DatabaseSync(file);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    const garbage = Buffer.alloc(200_000, 0x5a);
    writeFileSync(file, garbage, { flag: 'r+' });
    appendFileSync(file, 'x');
    await expect(opened()).rejects.toMatchObject({ kind: 'unreadable' });
  });
});

describe('a clock that steps back', () => {
  it('lets leases end, streams become due and times grow all the same, also over a restart', async () => {
    let wall = Date.parse('2026-03-01T02:00:00.000Z');
    let elapsed = 0;
    const clocks = { now: () => wall, elapsed: () => elapsed };
    const pass = (ms: number): void => {
      wall += ms;
      elapsed += ms;
    };
    const store = await opened(clocks);
    await store.claim('s', 'one', 10_000);
    await step(store, 'due', { events: [1], dueAt: '2026-03-01T02:00:10.000Z' });
    wall -= 3_600_000;
    const before = await store.now();
    expect(before).toBe('2026-03-01T02:00:00.000Z');
    expect(await store.claim('s', 'two', 10_000)).toBeNull();
    pass(10_001);
    expect(await store.claim('s', 'two', 10_000)).not.toBeNull();
    expect(await store.due(10)).toEqual(['due']);
    await step(store, 'due', { events: [2] });
    await store.close();
    const again = await opened(clocks);
    await step(again, 'due', { events: [3] });
    const times = (await again.load('due')).events.map((event) => event.at);
    expect([...times].sort()).toEqual(times);
    expect((await again.now()) >= times.at(-1)!).toBe(true);
  });
});
