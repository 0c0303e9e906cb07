import { afterAll, beforeAll, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** The hand-over that posts itself after a shift change, and two incidents that a person makes one. */
let world: World;
beforeAll(async () => {
  const time = new Date(Date.now() - 2 * 60_000).toISOString().slice(11, 16);
  world = await startWorld((config) => ({ ...config, handover: { channel, times: [time], zone: 'UTC' } }));
}, 30_000);
afterAll(() => world.stop());

test('posted once, also when the bot starts anew within the hour', async () => {
  await world.until(/\*Handover:\* nothing is open/);
  await world.restart();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(world.slack.roots(channel)).toHaveLength(1);
});

test('merge: the one is closed and points to the other, which has its alerts', { timeout: 60_000 }, async () => {
  world.inject('image-missing', 'eu-west-1');
  await world.until(/Approve rollback/, { root: 1, limitMs: 30_000 });
  await world.alert({ alertname: 'SomethingOdd', service: 'api-gateway', region: 'us-east-1' });
  await world.until(/INC-2/, { root: 2, limitMs: 30_000 });
  const noah = world.slack.as(people.noah);
  await noah.command('/mlp merge INC-2 into INC-1', { channel });
  await world.until(/Merging INC-2 into INC-1|part of INC-1/, { root: 2, viewer: people.noah });
  const gone = await world.until(/part of .*INC-1/, { root: 2 });
  expect(gone).toMatch(/INC-2 · part of INC-1 since [^\n]* by Noah Berg\n[^\n]*merged by a person/);
  await world.until(/INC-2 is part of this now/, { root: 1 });
});
