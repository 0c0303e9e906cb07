import { afterEach, expect, test } from 'vitest';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { presses, users } from './people.ts';

/** What was written for a fault that goes on is told by its summary: what, when, on whose approval. */

let world: World;
afterEach(() => world.close());
const root = (): string => textOf(world.chat.root()?.message ?? { lock: '', blocks: [] });

test('a node was cordoned and the errors go on: who approved it is told beside what waits now', async () => {
  world = await World.start();
  world.inject('cuda-oom-neighbour');
  presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  await world.until('the next is asked', async () => (await world.incident()).proposals.length === 2);
  await world.until(
    'shown',
    () => /Done: cordoned node ip-10-0-16-40: [^/]*, approved by @U0SANA/.test(root()),
    10_000,
  );
  expect(root()).toMatch(/waiting for approval[\s\S]*Users: get errors[\s\S]*Done: [\s\S]*replace pod/);
});
