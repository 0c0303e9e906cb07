import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgres, openSqlite } from '../../src/adapters/store/index.ts';
import { need } from '../peers/need.ts';
import { startPostgres } from '../peers/postgres.ts';
import type { Postgres } from '../peers/postgres.ts';
import { removeFolder, temporaryFolder } from '../peers/process.ts';
import { distributeSuite } from './store/distribute.ts';
import { auditKey } from './store/fixture.ts';
import type { Open } from './store/fixture.ts';
import { inboxSuite } from './store/inbox.ts';
import { listSuite } from './store/lists.ts';
import { outboxSuite } from './store/outbox.ts';
import { propertySuite } from './store/properties.ts';
import { streamSuite } from './store/streams.ts';

function suite(open: Open, runs: number): void {
  inboxSuite(open);
  streamSuite(open);
  outboxSuite(open);
  listSuite(open);
  distributeSuite(open);
  propertySuite(open, runs);
}

describe('the embedded store (SQLite)', () => {
  const open: Open = async (options) => {
    const folder = temporaryFolder('store');
    let ahead = 0;
    const store = await openSqlite({
      file: join(folder, 'mlp.sqlite'),
      auditKey,
      now: () => Date.now() + ahead,
      elapsed: () => performance.now(),
      sweepMs: 200,
      backOffMs: [50, 200],
      ...options,
    });
    return {
      store,
      other: store,
      advance: async (ms) => {
        ahead += ms;
      },
      close: async () => {
        await store.close();
        await removeFolder(folder);
      },
    };
  };
  suite(open, 200);
});

need('postgres')('the store for replicas (PostgreSQL)', { timeout: 30_000 }, () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: 'off', max_connections: '200' } });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });
  const open: Open = async (options) => {
    const url = await server.createDatabase();
    const settings = { url, auditKey, sweepMs: 300, ...options };
    const [store, other] = await Promise.all([openPostgres(settings), openPostgres(settings)]);
    return {
      store,
      other,
      advance: (ms) => sleep(ms),
      close: async () => {
        await Promise.all([store.close(), other.close()]);
      },
    };
  };
  suite(open, 40);
});
