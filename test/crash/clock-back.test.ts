import { afterEach, describe, expect, test } from 'vitest';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { presses, users } from './people.ts';

/** The clock of the bot's machine is set back in the middle of an incident: what was seen stays in its order, and nothing waits for it. */

let world: World;
afterEach(() => world.close());

const root = (): string => textOf(world.chat.root()?.message ?? { lock: '', blocks: [] });

describe.each([120_000, 3_600_000])('The clock is set back by %i ms', (back) => {
  test('after the fix was verified: it is fixed, and it closes as fixed', async () => {
    world = await World.start();
    world.inject('image-missing');
    presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
    await world.until('the fix', async () => (await world.incident()).proposals[0]?.ended?.how === 'verified');
    world.lagMs = back;
    await world.until('fixed', () => /rolled back to v2\.4\.0 · fixed, waiting/.test(root()), 60_000);
    await world.until('closed', async () => (await world.incident()).closed !== null, 180_000);
    expect((await world.incident()).closed?.how).toBe('fixed');
    await world.until('said', () => /^:white_check_mark: .*rolled back to v2\.4\.0/.test(root()), 10_000);
  });

  test('while the change is being verified: it is verified all the same', async () => {
    world = await World.start();
    world.inject('image-missing');
    presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
    await world.until('written', () => world.writes.length > 0);
    world.lagMs = back;
    await world.until('the fix', async () => (await world.incident()).proposals[0]?.ended?.how === 'verified', 120_000);
    await world.until('closed', async () => (await world.incident()).closed !== null, 240_000);
    const { timeline } = await world.incident();
    expect(timeline.map((one) => one.at)).toEqual(timeline.map((one) => one.at).toSorted());
  });
});
