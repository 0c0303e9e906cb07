import { afterAll, beforeAll, expect, test } from 'vitest';
import { need } from '../peers/need.ts';
import { startPostgres } from '../peers/postgres.ts';
import type { Postgres } from '../peers/postgres.ts';
import { Processes, channel } from './processes.ts';

/** Taking alerts in, looking, posting. */
const boundaries = ['inbox row taken', 'after the commit', 'effect look', 'publisher: sent, not recorded'];
const deployments = Array.from({ length: 24 }, (_, n) => `svc-${n}`);

need('postgres')('a storm on PostgreSQL, with two replicas', { timeout: 240_000 }, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 30_000);
  afterAll(() => postgres.stop());

  test('its owner is killed at each kind of boundary: every alert is held once, in one message', async () => {
    const world = await Processes.start({ databaseUrl: await postgres.createDatabase(), replicas: 2 });
    try {
      world.kill(boundaries);
      for (let part = 0; part < 4; part += 1) await world.fire(deployments.slice(part * 6, part * 6 + 6));
      const storms = (): readonly string[] =>
        world.slack
          .roots(channel)
          .map((one) => one.text ?? '')
          .filter((one) => one.includes('held in one message'));
      await world.until('killed at each kind', () => world.left.length === 0, 120_000);
      await world.until('all are held', () => storms().some((one) => one.includes(' 24 alerts held')), 60_000);
      expect(storms()).toHaveLength(1);
      // One after the other, each new owner has had its own death.
      expect(world.bots.length).toBeGreaterThanOrEqual(boundaries.length + 2);
      expect(await world.metrics()).toMatch(/^mlp_alerts_stored 24$/m);
    } finally {
      await world.stop();
    }
  });
});
