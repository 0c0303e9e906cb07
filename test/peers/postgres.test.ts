import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { need } from './need.ts';
import { startPostgres, type Postgres } from './postgres.ts';

async function ask(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000, query_timeout: 1000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

need('postgres')('a real PostgreSQL', { timeout: 20_000 }, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 30_000);
  afterAll(async () => {
    await postgres?.stop();
  });

  it('answers, with fsync on', async () => {
    expect(await ask(postgres.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('keeps databases apart', async () => {
    const [one, other] = [await postgres.createDatabase(), await postgres.createDatabase()];
    await ask(one, 'create table t (a int)');
    await expect(ask(other, 'select * from t')).rejects.toThrow('relation "t" does not exist');
  });

  it('hangs while it is paused, open connections too, and goes on afterwards', async () => {
    const open = new Client({ connectionString: postgres.url, query_timeout: 500 });
    await open.connect();
    await postgres.pause();
    await expect(open.query('select 1')).rejects.toThrow('timeout');
    await expect(ask(postgres.url, 'select 1')).rejects.toThrow(/timeout/i);
    await postgres.resume();
    await open.end();
    expect(await ask(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('keeps its data over a restart, and refuses while it is away', async () => {
    await ask(postgres.url, 'create table kept as select 1 as one');
    await postgres.halt();
    await expect(ask(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.start();
    expect(await ask(postgres.url, 'select * from kept')).toEqual([{ one: 1 }]);
  });
});
