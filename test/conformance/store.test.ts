import { join } from 'node:path';
import { describe } from 'vitest';
import { openSqlite } from '../../src/adapters/store/index.ts';
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
