import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { need } from '../peers/need.ts';
import { startPostgres } from '../peers/postgres.ts';
import { Processes } from './processes.ts';
import { users } from './people.ts';

let world: Processes;
afterEach(() => world.stop());

/** Stories begin while the store is away: the alert waits at its sender, and nothing needs a restart. */
async function away(says: RegExp): Promise<void> {
  world.inject('image-missing');
  await world.until(
    '/readyz says so',
    async () => {
      const { status, text } = await world.ready();
      return status === 503 && says.test(text);
    },
    40_000,
  );
  const { status } = await world.alert();
  expect(status).toBe(503);
}

async function back(): Promise<string> {
  await world.until('/readyz is well again', async () => (await world.ready()).status === 200, 40_000);
  await world.press(users.sana, 'Approve rollback', () => /approved/i.test(world.text()), 60_000);
  await world.until('written', () => world.changes === 1, 40_000);
  world.hurry();
  await world.until('closed', () => /Closed/.test(world.text()), 60_000);
  expect(world.bots).toHaveLength(1);
  expect(world.changes).toBe(1);
  return world.text();
}

test('SQLite: another program holds the file', { timeout: 240_000 }, async () => {
  world = await Processes.start();
  // The bot may be writing just now: this waits for its turn.
  const other = new DatabaseSync(join(world.folder, 'bot.sqlite'), { timeout: 10_000 });
  other.exec('BEGIN IMMEDIATE');
  await away(/FAILING store: .*locked/);
  await sleep(3_000);
  other.exec('ROLLBACK');
  other.close();
  await back();
  expect(world.bots[0]?.logs.some((line) => line.level === 'error' && /locked/.test(JSON.stringify(line)))).toBe(true);
});

test('SQLite: no room for another byte', { timeout: 240_000 }, async () => {
  world = await Processes.start();
  const pid = String(world.bots[0]?.child.pid);
  execFileSync('prlimit', ['--pid', pid, '--fsize=4096:unlimited']);
  await away(/FAILING store: /);
  await sleep(2_000);
  execFileSync('prlimit', ['--pid', pid, '--fsize=unlimited:unlimited']);
  expect(await back()).toMatch(/Closed/);
});

need('postgres')('PostgreSQL', { timeout: 240_000 }, () => {
  test('hangs, and later is gone for a while', async ({ onTestFinished }) => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    world = await Processes.start({ databaseUrl: await postgres.createDatabase() });
    await postgres.pause();
    await away(/FAILING store: /);
    await postgres.resume();
    await world.until('well again', async () => (await world.ready()).status === 200, 40_000);
    await world.until('a proposal', () => /Approve rollback/.test(world.text()));
    await postgres.halt();
    await world.until('/readyz says so', async () => (await world.ready()).status === 503, 60_000);
    await sleep(Number(process.env['STORE_AWAY_SECONDS'] ?? '4') * 1000);
    await postgres.start();
    expect(await back()).toMatch(/Closed/);
  });
});
