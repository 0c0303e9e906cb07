import { afterEach, expect, test } from 'vitest';
import { aroundFaults } from '../../src/sandbox/platform/faults/around.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, presses, types, users } from './people.ts';

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
  expect(root()).not.toMatch(/fixed/);
  expect(root()).toMatch(
    /Done: rolled back to v2\.4\.0, [^/]*, approved by @U0SANA\w*\. Taken back [^/]*, approved by /,
  );
  expect(root()).not.toMatch(/ by me\b/);
  await world.until('offered again', async () => (await world.incident()).proposals.length === 3, 60_000);
  expect((await world.incident()).proposals[2]?.offer).toMatchObject({ remedy: 'rollback', risk: 'medium' });
  const said = /Risk medium\. The last rollback here was taken back [^/]*, approved by @U0MATEO\w*, @U0ADA/;
  await world.until('it is said', () => said.test(root()) && said.test(world.chat.text()), 10_000);
  expect(find(world, 'undo')).toBeUndefined();
});

test('from a closed thread, while a secret is gone since: a new look refuses it, and the thread says why', async () => {
  world = await World.start({ alerts: false });
  world.inject('image-missing');
  types(world, users.linh, 'diagnose model-server eu');
  presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  await world.until('closed', async () => (await world.incident()).closed !== null, 20 * 60_000);
  const deleted = aroundFaults.find(({ id }) => id === 'secret-deleted');
  const at = world.platform.now();
  deleted?.inject(world.platform.region('eu-west-1').at(at), at);
  await world.pass(5 * 60_000);
  presses(world, users.linh, 'undo');
  await world.until('it is said', () => /cannot be taken back/.test(world.chat.text()), 60_000);
  expect(world.chat.text()).toMatch(
    /The rollback in eu-west-1 cannot be taken back: secret feature-store-credentials [^\n]*: it would make things worse/,
  );
  expect((await world.incident()).proposals).toHaveLength(1);
  expect(world.writes).toHaveLength(1);
});
