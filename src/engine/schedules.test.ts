import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../adapters/store/index.ts';
import type { Store } from '../core/ports/store.ts';
import type { Parts } from './parts.ts';
import { once } from './schedules.ts';
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
