import { afterEach, expect, test } from 'vitest';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, presses, users } from './people.ts';

/** A fix that worked is taken back, since somebody wants it: what the thread says, from the request to what is found then. */

let world: World;
afterEach(() => world.close());

const root = (): string => textOf(world.chat.root()?.message ?? { lock: '', blocks: [] });

test('asked for by one, approved by two others; back as it was, looked at again, and the fault is said', async () => {
  world = await World.start();
  world.inject('image-missing');
  presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  await world.until('the fix', async () => (await world.incident()).proposals[0]?.ended?.how === 'verified');
  presses(world, users.linh, 'undo');
  await world.until('the undo is offered', () => /fixed; undo requested by @U0LINHTRAN/.test(root()));
  expect(root()).toMatch(/Undo: takes back the rollback of .*: back to v2\.4\.1\. .*Risk high/);
  const button = find(world, 'approve');
  expect(button).toMatchObject({ label: 'Approve undo', style: 'danger' });
  for (const who of [users.linh, users.mateo, users.ada]) presses(world, who, 'approve');
  await world.until('under way', () => /the rollback is taken back · P2 · INC-1 · verifying/.test(root()));
  expect(world.chat.whispers.map((one) => one.text).join('\n')).toMatch(
    /Not counted: you asked for it: it needs 2 other people/,
  );
  // The image is still missing: the version that is back will never get whole, and nobody waits a quarter of an hour for that.
  await world.until('done', async () => (await world.incident()).proposals[1]?.ended !== null, 3 * 60_000);
  expect((await world.incident()).proposals[1]).toMatchObject({
    ended: { how: 'verified' },
    votes: [{ by: users.mateo }, { by: users.ada }],
  });
  await world.until(
    'it is said',
    () => /verified, .*\. As it was before; 6 of 12 updated/.test(world.chat.text()),
    30_000,
  );
  await world.until('the fault is said again', () => /Cause: the registry \S+ has no image/.test(root()), 60_000);
  expect(root()).not.toMatch(/rolled back|fixed/);
  expect(find(world, 'undo')).toBeUndefined();
});
