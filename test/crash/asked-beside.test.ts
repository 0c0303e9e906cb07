import { afterEach, expect, test } from 'vitest';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { press, presses, types, users } from './people.ts';

/** A change that a person asked for beside an incident is that person's: it is never told, or taken back, as the fix. */

let world: World;
afterEach(() => world.close());

const root = (): string => textOf(world.chat.root()?.message ?? { lock: '', blocks: [] });

test('after the fix, a change by command: the fix stays the fix, each is taken back for what it is', async () => {
  world = await World.start();
  world.inject('image-missing');
  presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  await world.until('the fix', async () => (await world.incident()).proposals[0]?.ended?.how === 'verified');
  types(world, users.kofi, 'bounds model-server eu 12 30');
  await world.until('asked', async () => (await world.incident()).proposals.length === 2);
  await world.pass(2_000);
  const button = world.chat.buttons().find((one) => one.press.proposal === 'p2' && one.press.does === 'approve');
  if (button === undefined) throw new Error(world.tell());
  press(world, users.sana, button);
  await world.until('done', async () => (await world.incident()).proposals[1]?.ended?.how === 'verified', 20 * 60_000);
  await world.pass(5_000);
  const closed = root();
  expect(closed).toMatch(/model-server · eu-west-1 · rolled back to v2\.4\.0 · INC-1 · fixed/);
  expect(closed).toMatch(/Also changed: autoscaler model-server: at most 30 .*, asked for by @U0KOFI/);
  expect(closed).toMatch(/at most 30 [^·]*· done as asked/);
  const undos = world.chat.buttons().filter((one) => one.press.does === 'undo');
  expect(undos.map((one) => [one.press.proposal, one.describe])).toEqual([
    ['p1', 'Undo: Take back the rollback; needs an approval'],
    ['p2', expect.stringMatching(/^Undo: Take back: autoscaler model-server: at most 30/)],
  ]);
  const own = undos[1];
  if (own === undefined) throw new Error(world.tell());
  press(world, users.linh, own);
  await world.until('offered', () => world.chat.text().includes('done as asked; undo requested'), 60_000);
  const words = `${world.chat.text()}\n${world.chat.whispers.map((one) => one.text).join('\n')}`;
  expect(words).toMatch(/It brings back the state from before the change bounds/);
  expect(words).not.toMatch(/brings back[^\n|/]*image/);
  expect((await world.incident()).proposals[2]).toMatchObject({ undoOf: 'p2', offer: { risk: 'medium' } });
});

test('two fixes of one cause: the one that is written withdraws the other, and the cause stays what it is meanwhile', async () => {
  world = await World.start();
  world.inject('cpu-throttled');
  await world.until('two are proposed', async () => (await world.incident()).proposals.length === 2, 10 * 60_000);
  await world.pass(3_000);
  const cause = (await world.incident()).proposals[0]?.cause ?? '';
  const first = world.chat.buttons().find((one) => one.press.does === 'approve' && one.press.proposal === 'p1');
  if (first === undefined) throw new Error(world.tell());
  press(world, users.sana, first);
  await world.until('written', async () => ((await world.incident()).proposals[0]?.actedAt ?? null) !== null);
  expect((await world.incident()).proposals[1]?.ended).toMatchObject({
    how: 'withdrawn',
    because: expect.stringMatching(/was written for the same cause/),
  });
  const again = world.chat.buttons().find((one) => one.press.does === 'again');
  if (again !== undefined) press(world, users.sana, again);
  await world.pass(60_000);
  expect(cause).toMatch(/^CPU throttled/);
  expect(world.chat.text()).toMatch(/was written for the same cause/);
  expect(root()).toMatch(/Cause, as found before the change: container model-server is held back in/);
  expect(root()).not.toMatch(/not known\. Nothing|suspect/);
});
