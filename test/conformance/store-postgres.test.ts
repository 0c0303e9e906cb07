import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openAuditReader, openPostgres, verifyAudit } from '../../src/adapters/store/index.ts';
import { migratePostgres } from '../../src/adapters/store/postgres-schema.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { need } from '../peers/need.ts';
import { startPostgres } from '../peers/postgres.ts';
import type { Postgres } from '../peers/postgres.ts';
import { freePort } from '../peers/process.ts';
import { auditKey, claimed, entry, later, nothing, step, toStream } from './store/fixture.ts';

need('postgres')('PostgreSQL alone', { timeout: 40_000 }, () => {
  let server: Postgres;
  let url = '';
  const stores: Store[] = [];
  const background: string[] = [];
  const opened = async (more: { readonly sweepMs?: number; readonly connections?: number } = {}): Promise<Store> => {
    const onError = (error: unknown): void => void background.push(String(error));
    const store = await openPostgres({ url, auditKey, onError, ...more });
    stores.push(store);
    return store;
  };
  const query = async (sql: string): Promise<readonly unknown[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows as unknown[];
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: 'off' } });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    url = await server.createDatabase();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    background.length = 0;
  });

  /** Answers what is there; null claims are another's business. */
  const driver = (store: Store, owner: string, driven: string[]) => async (stream: string) => {
    const claim = await store.claim(stream, owner, 5000);
    if (claim === null) return;
    const { seq, inbox } = await store.load(stream);
    const consumed = inbox.map((row) => row.position);
    const committed = await store.commit(claim, seq, { ...nothing, consumed, events: inbox.map((row) => row.id) });
    if (committed.is === 'done') driven.push(...inbox.map((row) => `${owner} ${row.id}`));
    await store.release(claim);
  };

  it('gives one replica each row, without waiting for a sweep, whoever accepted it', async () => {
    const [one, two] = await Promise.all([opened({ sweepMs: 600_000 }), opened({ sweepMs: 600_000 })]);
    const driven: string[] = [];
    await Promise.all([one.distribute(driver(one, 'one', driven), 4), two.distribute(driver(two, 'two', driven), 4)]);
    const ids = Array.from({ length: 60 }, (_, index) => `id ${index}`);
    await Promise.all(
      ids.map((id, index) => (index % 2 === 0 ? one : two).accept([toStream(id, `stream ${index % 20}`)])),
    );
    await expect.poll(() => driven.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(60);
    await sleep(200);
    expect(driven.map((line) => line.slice(4)).sort()).toEqual([...ids].sort());
  });

  it('wakes a stream when it is due and when a row comes earlier, without a sweep', async () => {
    const store = await opened({ sweepMs: 600_000 });
    const driven: { readonly stream: string; readonly atMs: number }[] = [];
    const from = performance.now();
    await store.distribute(async (stream) => {
      driven.push({ stream, atMs: performance.now() - from });
      await driver(store, 'one', [])(stream);
    }, 4);
    await step(store, 'soon', { dueAt: await later(store, 1000) });
    await step(store, 'far', { dueAt: await later(store, 60_000) });
    await store.accept([toStream('a', 'far')]);
    await expect.poll(() => driven.map((one) => one.stream), { timeout: 5000 }).toContain('far');
    await expect.poll(() => driven.map((one) => one.stream), { timeout: 5000 }).toContain('soon');
    const soon = driven.find((one) => one.stream === 'soon')!;
    expect(soon.atMs).toBeGreaterThan(950);
    expect(soon.atMs).toBeLessThan(3500);
  });

  it('a later due time does not postpone a wake that waits', async () => {
    const store = await opened({ sweepMs: 600_000 });
    await store.accept([toStream('a', 's')]);
    const claim = await claimed(store, 's');
    const [first] = await store.inbox('s');
    await store.accept([toStream('b', 's')]);
    await store.commit(claim, 0, { ...nothing, consumed: [first!.position], dueAt: await later(store, 60_000) });
    await store.release(claim);
    const driven: string[] = [];
    await store.distribute(driver(store, 'one', driven), 4);
    await expect.poll(() => driven, { timeout: 5000 }).toEqual(['one b']);
  });

  it('a drive that finds nothing to do leaves the due time its wake', async () => {
    const store = await opened({ sweepMs: 600_000 });
    const claim = await claimed(store, 's');
    await store.accept([toStream('a', 's')]);
    const [first] = await store.inbox('s');
    await store.commit(claim, 0, { ...nothing, consumed: [first!.position], dueAt: await later(store, 1500) });
    await store.release(claim);
    const driven: string[] = [];
    const at: number[] = [];
    await store.distribute(async (stream) => {
      driven.push(stream);
      at.push(performance.now());
      await store.release(await claimed(store, stream));
    }, 4);
    await expect.poll(() => driven, { timeout: 8000 }).toEqual(['s', 's']);
    expect(at[1]! - at[0]!).toBeGreaterThan(500);
  });

  it('says quickly that the database is down, and goes on by itself when it is back, with nothing lost', async () => {
    const [one, two] = await Promise.all([opened({ sweepMs: 500 }), opened({ sweepMs: 500 })]);
    const driven: string[] = [];
    const heard: string[] = [];
    two.onAccepted((stream) => heard.push(stream));
    await two.distribute(driver(two, 'two', driven), 4);
    await one.accept([toStream('before', 's')]);
    await server.halt();
    const from = performance.now();
    const calls = await Promise.allSettled([
      one.accept([toStream('lost', 's')]),
      one.load('s'),
      two.check(),
      one.claim('x', 'y', 1),
    ]);
    expect(performance.now() - from).toBeLessThan(3000);
    for (const call of calls)
      expect(call).toMatchObject({ status: 'rejected', reason: { name: 'Failure', kind: 'unreachable' } });
    await sleep(1500);
    await server.start();
    await one.check();
    await one.accept([toStream('lost', 's'), toStream('after', 's')]);
    await expect.poll(() => [...driven].sort(), { timeout: 15_000 }).toEqual(['two after', 'two before', 'two lost']);
    await expect
      .poll(
        async () => {
          await one.accept([toStream(`again ${Math.random()}`, 'heard')]);
          return heard;
        },
        { timeout: 15_000, interval: 300 },
      )
      .toContain('heard');
  });

  it('says within seconds that the database hangs, and goes on when it answers again', async () => {
    const store = await opened({ sweepMs: 500 });
    const driven: string[] = [];
    await store.distribute(driver(store, 'one', driven), 2);
    await server.pause();
    try {
      const from = performance.now();
      const calls = await Promise.allSettled([store.accept([toStream('a', 's')]), store.check(), store.outbox(1)]);
      expect(performance.now() - from).toBeLessThan(7000);
      for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: { kind: 'timeout' } });
      await sleep(3000);
    } finally {
      await server.resume();
    }
    await expect.poll(() => store.check().then(() => 'works', String), { timeout: 10_000 }).toBe('works');
    await store.accept([toStream('a', 's'), toStream('b', 's')]);
    await expect.poll(() => driven.length, { timeout: 15_000 }).toBe(2);
    expect((await store.load('s')).events.map((event) => event.body)).toEqual(['a', 'b']);
  });

  it('a replica that dies in a drive is followed by another within seconds', async () => {
    const one = await opened({ sweepMs: 500 });
    const two = await opened({ sweepMs: 500 });
    const driven: string[] = [];
    await one.distribute(async (stream) => {
      // The probe below may hold it for a millisecond.
      await expect.poll(() => one.claim(stream, 'one', 2000), { timeout: 5000 }).not.toBeNull();
      await new Promise(() => {});
    }, 1);
    await one.accept([toStream('a', 's')]);
    await expect.poll(async () => (await two.claim('s', 'probe', 1)) === null, { timeout: 5000 }).toBe(true);
    await one.close();
    await two.distribute(driver(two, 'two', driven), 1);
    await expect.poll(() => driven, { timeout: 20_000 }).toEqual(['two a']);
  });

  it('a replica that stands still in a transaction holds nobody up for long', async () => {
    const store = await opened();
    await store.accept([toStream('a', 's')]);
    const still = new Client({ connectionString: url, idle_in_transaction_session_timeout: 1000 });
    still.on('error', () => {});
    await still.connect();
    await still.query('BEGIN');
    await still.query("SELECT * FROM mlp.streams WHERE stream = 's' FOR UPDATE");
    await expect
      .poll(
        () =>
          step(store, 's', { events: [1] }).then(
            (done) => done.is,
            () => 'waits',
          ),
        { timeout: 10_000 },
      )
      .toBe('done');
    await still.end().catch(() => {});
  });

  it('refuses in words: no address, nobody there, no such database, a wrong password, a newer schema', async () => {
    const trying = async (at: string): Promise<unknown> =>
      openPostgres({ url: at, auditKey }).then(
        () => 'opened',
        (error: unknown) => error,
      );
    expect(await trying('localhost:5432')).toMatchObject({ kind: 'invalid' });
    const secret = 'hunter2-very-secret';
    const nowhere = `postgres://bot:${secret}@127.0.0.1:${await freePort()}/mlp`;
    const refused = await trying(nowhere);
    expect(refused).toMatchObject({ kind: 'unreachable' });
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused)) + String(refused)).not.toContain(secret);
    expect(await trying(`${url}_not_there`)).toMatchObject({ kind: 'not found' });
    expect(await trying(`postgres://bot:${secret}@h:99999/x`)).toMatchObject({ kind: 'invalid' });
    expect(await trying(`${url}?sslmode=verify-full`)).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/SSL/i),
    });
    await (await opened()).close();
    await migratePostgres(url, [
      { version: 1, oldestReader: 1, sql: '' },
      { version: 7, oldestReader: 7, sql: '' },
    ]);
    expect(await trying(url)).toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('newer mlp-bot (schema 7'),
    });
  });

  it('lets replicas of a new database start at once, and an older one run on a schema that only grew', async () => {
    const replicas = await Promise.all([opened(), opened(), opened()]);
    await Promise.all(replicas.map((store) => store.check()));
    await migratePostgres(url, [
      { version: 1, oldestReader: 1, sql: '' },
      { version: 2, oldestReader: 1, sql: 'ALTER TABLE mlp.streams ADD COLUMN added text' },
    ]);
    const older = await opened();
    await older.accept([toStream('a', 's')]);
    expect(await older.inbox('s')).toHaveLength(1);
  });

  it('refuses to change its audit log, and lets it be read beside', async () => {
    const store = await opened();
    await step(store, 's', { audit: [entry('one'), entry('two')] });
    await expect(query("UPDATE mlp.audit SET what = 'x'")).rejects.toThrow('append-only');
    await expect(query('DELETE FROM mlp.audit')).rejects.toThrow('append-only');
    await expect(query('TRUNCATE mlp.audit')).rejects.toThrow('append-only');
    const reader = await openAuditReader({ DATABASE_URL: url });
    expect(verifyAudit(await reader.rows(1, 10), auditKey, await store.auditHead()).is).toBe('intact');
    await reader.close();
  });

  it('closes within seconds although the database hangs', async () => {
    const store = await opened();
    await store.distribute(async () => {}, 2);
    await server.pause();
    try {
      const from = performance.now();
      await store.close();
      expect(performance.now() - from).toBeLessThan(4500);
    } finally {
      await server.resume();
    }
  });
});
