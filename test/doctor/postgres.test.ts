import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgres, storeExam } from '../../src/adapters/store/index.ts';
import { tableOf } from '../../src/core/doctor/show.ts';
import type { DoctorParts } from '../../src/engine/doctor/parts.ts';
import { examine } from '../../src/engine/doctor/examine.ts';
import { storeProbes } from '../../src/engine/doctor/store.ts';
import { systemClock } from '../../src/engine/parts.ts';
import { need } from '../peers/need.ts';
import { startPostgres } from '../peers/postgres.ts';
import type { Postgres } from '../peers/postgres.ts';

/** The doctor's look at a real PostgreSQL. */
need('postgres')('PostgreSQL as the store', { timeout: 60_000 }, () => {
  const auditKey = 'a-key-of-sixteen-and-more';
  let server: Postgres;
  let url = '';
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: 'off' } });
    url = await server.createDatabase();
  }, 60_000);
  afterAll(() => server.stop());

  async function told(key = auditKey): Promise<string> {
    const store = storeExam({ databaseUrl: url, dataFolder: '', auditKey: key });
    const parts = { store, config: { skewMs: 5_000 }, clock: systemClock } as unknown as DoctorParts;
    return tableOf(await examine(storeProbes(parts), systemClock)).join('\n');
  }

  test('empty, then with tables and a log', async () => {
    expect(await told()).toMatch(
      /^warn +store +PostgreSQL: the database answers, and has no tables of the bot yet\n +→ the first start/m,
    );
    const store = await openPostgres({ url, auditKey, onError: () => undefined });
    for (const why of ['one', 'two', 'three'])
      await store.setSetting('x', why, { stream: 's', who: 'sana', what: 'set', digest: null, why });
    const out = await told();
    expect(out).toMatch(/^ok +store +PostgreSQL: answers in \d+ ms, holds \d+\.\d MB$/m);
    expect(out).toMatch(/^ok +store: schema +version \d+$/m);
    expect(out).toMatch(/^ok +store: clock +agrees with mine to \d+ ms$/m);
    expect(out).toMatch(/^ok +audit log +3 rows verify, head 3:[0-9a-f]{12}$/m);
    expect(out).not.toContain('disk');
    expect(await told('another-key-of-sixteen')).toMatch(/^BAD +audit log /m);
    await store.close();
  });

  test('away: bad, with what to do, in words', async () => {
    await server.halt();
    const out = await told();
    await server.start();
    expect(out).toMatch(/^BAD +store +PostgreSQL: unreachable: .*\n +→ check DATABASE_URL/m);
  });
});
