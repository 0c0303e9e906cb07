import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../adapters/store/index.ts';
import type { Step, Store } from '../core/ports/store.ts';
import type { Parts } from './parts.ts';
import { once, retention } from './schedules.ts';
import type { Schedule } from './schedules.ts';

let folder: string;
let store: Store;
let now = Date.parse('2026-03-03T03:17:00Z');
const ran: string[] = [];
const schedule: Schedule = {
  name: 'test',
  cron: '17 3 * * *',
  missedMs: 3_600_000,
  run: async (at) => void ran.push(at),
};
const replica = (owner: string): Parts => ({ store, owner, log: () => undefined }) as unknown as Parts;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlp-cron-'));
  now = Date.parse('2026-03-03T03:17:00Z');
  ran.length = 0;
  store = await openSqlite({ file: join(folder, 'bot.sqlite'), auditKey: 'a key for the tests', now: () => now });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test('two replicas tick in the same minute: it is done once', async () => {
  expect(await Promise.all([once(replica('a'), schedule, 0), once(replica('b'), schedule, 0)])).toContain('done');
  now += 2_000;
  expect(await once(replica('b'), schedule, 0)).toBe('not now');
  expect(ran).toHaveLength(1);
});

test('missed while the bot was down: done at the next start, and only then', async () => {
  await once(replica('a'), schedule, 0);
  now += 30 * 60_000;
  expect(await once(replica('a'), schedule, schedule.missedMs)).toBe('not now');
  now += 60 * 60_000;
  expect(await once(replica('a'), schedule, schedule.missedMs)).toBe('done');
  expect(ran).toHaveLength(2);
});

test('one that fails is not counted as done', async () => {
  const failing: Schedule = { ...schedule, run: async () => Promise.reject(new Error('disk full')) };
  await expect(once(replica('a'), failing, 0)).rejects.toThrow('disk full');
  expect(await once(replica('b'), schedule, 0)).toBe('done');
});

/** Of `retentionDays` in the config. */
const LEAST_DAYS = 3;
const NO_STEP: Step = {
  consumed: [],
  events: [],
  evidence: [],
  messages: [],
  audit: [],
  dueAt: null,
  hold: null,
  release: null,
  keys: null,
  summary: null,
};

test('what PagerDuty has delivered is known for the 48 hours in which it delivers it again, with the shortest retention', async () => {
  const row = { id: 'pagerduty:E1', to: { is: 'stream', stream: 'incident/a' }, body: { is: 'tick' } } as const;
  await store.accept([row]);
  const claim = await store.claim('incident/a', 'a', 60_000);
  if (claim === null) throw new Error('nobody drives it');
  const [first] = (await store.load('incident/a')).inbox;
  if (first === undefined) throw new Error('it was not stored');
  await store.commit(claim, 0, { ...NO_STEP, consumed: [first.position] });
  await store.release(claim);
  const pruned = async (): Promise<boolean | undefined> => {
    await retention(replica('a'), LEAST_DAYS).run(new Date(now).toISOString());
    return (await store.accept([row]))[0]?.duplicate;
  };
  now += 48 * 3_600_000;
  expect(await pruned()).toBe(true);
  now += 25 * 3_600_000;
  expect(await pruned()).toBe(false);
});
