import { afterEach, expect, test } from 'vitest';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, press, types, users } from './people.ts';

/** Buttons whose value somebody edited, and what is refused before there is a thread to say it in. */

let world: World;
afterEach(() => world.close());

test.each(['approve', 'mine', 'stop', 'again', 'break-glass'] as const)(
  'an edited %s of a thread that is not there: its presser is told, and no stream comes of it',
  async (does) => {
    world = await World.start();
    const before = await world.store.streams({ open: null, limit: 10 });
    const taken = world.replica.engine.intake.take({
      is: 'pressed',
      id: 'edited',
      press: { does, thread: 'incident/edited', proposal: 'p1', digest: 'x' },
      by: users.sana,
      channel: ids.channels.platform,
      messageTs: '1.1',
      threadTs: null,
      reason: null,
      team: ids.team,
    });
    await world.settle();
    const answer = await taken;
    expect(answer.is === 'said' ? textOf(answer.message) : answer.is).toMatch(/Nothing was done\./);
    await world.pass(5_000);
    expect(await world.store.streams({ open: null, limit: 10 })).toEqual(before);
  },
);

test('who may not lift the switch is refused, and it is in the audit log; a press on a real thread goes its way', async () => {
  world = await World.start();
  world.inject('image-missing');
  await world.until('a proposal', () => find(world, 'approve') !== undefined);
  types(world, users.noah, 'stop all');
  await world.pass(2_000);
  types(world, users.noah, 'stop off');
  await world.pass(2_000);
  const button = find(world, 'mine');
  if (button !== undefined) press(world, users.sana, button);
  await world.until('on it', async () => (await world.incident()).onIt === users.sana, 10_000);
  const rows = (await world.store.audit(0, 100)).map((row) => row.what);
  expect(rows).toContain('refused: /mlp stop off');
  expect(rows).toContain('is on it');
});
