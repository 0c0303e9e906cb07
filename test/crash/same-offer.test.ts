import { afterEach, expect, test } from 'vitest';
import { World } from './harness.ts';

/** Who is asked to approve reads a card once: it is not replaced by one that says the same. */

let world: World;
afterEach(() => world.close());

test('pods that come and go change what is thought of the rollback, not the rollback: its card stays', async () => {
  world = await World.start();
  world.inject('oom-under-load');
  await world.until('asked', async () => (await world.incident()).proposals.length === 2);
  await world.pass(90_000);
  const { proposals } = await world.incident();
  expect(proposals.map((one) => [one.offer.remedy, one.stage])).toEqual([
    ['rollback', 'open'],
    ['set-memory', 'open'],
  ]);
  expect(world.chat.text()).not.toMatch(/out of date/i);
});
