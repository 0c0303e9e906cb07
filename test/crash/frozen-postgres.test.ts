import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { need } from '../peers/need.ts';
import { startPostgres } from '../peers/postgres.ts';
import type { Postgres } from '../peers/postgres.ts';
import { Processes, channel } from './processes.ts';
import { users } from './people.ts';

need('postgres')('a replica that is frozen and wakes', { timeout: 240_000 }, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 30_000);
  afterAll(() => postgres.stop());

  test('SIGSTOP between intent and write, SIGCONT when another has taken over: it changes nothing', async () => {
    const world = await Processes.start({ databaseUrl: await postgres.createDatabase(), replicas: 2 });
    onTestFinished(() => world.stop());
    world.inject('image-missing');
    await world.until('a proposal', () => /Approve rollback/.test(world.text()));
    const frozen = await world.freeze('act: intent stored', 'act: before the intent', () =>
      world.press(users.sana, 'Approve rollback', () => world.alive.some((one) => one.frozen)),
    );
    const tookMs = await world.takenOver(frozen, 30_000);
    process.stdout.write(`taken over from a frozen replica after ${tookMs} ms\n`);
    const other = world.alive.find((one) => one !== frozen);
    await world.until('its successor has written', () => world.changes === 1, 20_000);
    frozen.child.kill('SIGCONT');
    frozen.frozen = false;
    await world.until(
      'the frozen one has noticed',
      () => frozen.logs.some((line) => /lease lost/.test(line.message)),
      10_000,
    );
    world.hurry();
    await world.until('closed', () => /Closed/.test(world.text()), 25_000);
    await sleep(1_000);
    expect(world.changes).toBe(1);
    expect(other?.points.some((point) => point.name === 'act: written')).toBe(true);
    expect(world.slack.roots(channel)).toHaveLength(1);
    expect(world.text()).toMatch(/Closed/);
  });
});
