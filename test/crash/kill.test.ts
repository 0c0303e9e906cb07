import { afterEach, expect, test } from 'vitest';
import { Processes, channel } from './processes.ts';
import { users } from './people.ts';

let world: Processes;
afterEach(() => world.stop());

/** In the order in which a story comes by them. */
const looking = [
  'inbox row taken',
  'before the commit',
  'after the commit',
  'effect look',
  'effect prepare',
  'publisher: before the send',
  'publisher: sent, not recorded',
];
const acting = [
  'effect act',
  'act: before reading again',
  'act: before the intent',
  'act: intent stored',
  'settle: before the fence',
  'settle: fenced',
  'act: written',
  'effect observe',
];

test('SIGKILL at each kind of boundary, on SQLite, in one story', { timeout: 240_000 }, async () => {
  world = await Processes.start();
  world.kill(looking);
  world.inject('image-missing');
  await world.until('killed at each kind of looking', () => world.left.length === 0, 90_000);
  world.kill(acting);
  await world.press(users.sana, 'Approve rollback', () => /approved/i.test(world.text()));
  await world.until('killed at each kind of acting', () => world.left.length === 0, 90_000);
  world.hurry();
  await world.until('closed', () => /Closed/.test(world.text()));
  expect(world.bots.length).toBe(looking.length + acting.length + 1);
  expect(world.changes).toBe(1);
  expect(world.slack.roots(channel)).toHaveLength(1);
  expect(world.text().match(/^mlp: .*\*Rollback of model-server/gm)).toHaveLength(1);
});
