import { afterEach, describe, expect, test } from 'vitest';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, press, types, users } from './people.ts';

/** Who is called when an open incident changes, with the engine, the store and the simulated platform. */

let world: World;
afterEach(() => world.close());

/** Every post in the order in which it was made, with what the phone showed at that moment. */
function pushes(): readonly string[] {
  const shown = new Map<string, string>();
  world.scripts.push(() => {
    for (const { mark, message } of world.chat.standing)
      if (!shown.has(mark.key)) {
        shown.set(mark.key, '');
        all.push(`${mark.key.split('/').slice(2).join('/')}: ${message.lock}`);
      }
  });
  const all: string[] = [];
  return all;
}
const post = (key: RegExp): string => {
  const found = world.chat.standing.find((one) => key.test(one.mark.key));
  return found === undefined ? '' : textOf(found.message);
};
const whispers = (to: string): string =>
  world.chat.whispers
    .filter((one) => one.to === to)
    .map((one) => one.text)
    .join('\n');

describe('an open incident gets far worse', () => {
  test('who was called is called once more, with the new cause and how users fare', async () => {
    world = await World.start();
    const all = pushes();
    world.inject('quota-exceeded', 'ap-southeast-1');
    await world.until('the call', () => post(/needs-person/) !== '');
    await world.pass(70_000);
    world.inject('node-gone', 'ap-southeast-1');
    await world.pass(150_000);
    const later = all.filter((one) => one.startsWith('worse/'));
    expect(later).toHaveLength(1);
    expect(later[0]).toMatch(
      /^worse\/\d+: Worse, another cause.*\. ap-southeast-1: .*2 nodes lost.* Users (slower|get errors)/,
    );
    expect(post(/worse/)).toMatch(
      /^@S0MLONCALL Worse, .*ap-southeast-1: model-server: 2 nodes lost.*a person is needed\./,
    );
  });

  test('whoever is on it hears of it', async () => {
    world = await World.start();
    world.inject('quota-exceeded', 'ap-southeast-1');
    await world.until('the call', () => post(/needs-person/) !== '');
    const mine = find(world, 'mine');
    if (mine !== undefined) press(world, users.kofi, mine);
    await world.pass(40_000);
    world.inject('node-gone', 'ap-southeast-1');
    await world.pass(60_000);
    expect(post(/worse/)).toMatch(new RegExp(`^@${users.kofi} Worse, another cause`));
  });
});

test('a question about one region is answered about that one, whatever the others have', async () => {
  world = await World.start({ alerts: false });
  const all = pushes();
  world.inject('image-missing', 'us-east-1');
  world.inject('image-missing', 'ap-southeast-1');
  types(world, users.sana, 'whats broken in eu?');
  await world.pass(30_000);
  expect(all.find((one) => one.startsWith('root'))).toMatch(/^root: ml-platform eu-west-1: nothing wrong found/);
});

test('a guest starts no diagnosis: nothing is looked at and nobody is called', async () => {
  world = await World.start({ alerts: false });
  world.inject('image-missing', 'eu-west-1');
  types(world, users.ria, 'diagnose model-server eu');
  await world.pass(20_000);
  expect(world.chat.standing).toEqual([]);
  expect(whispers(users.ria)).toBe('Not done: guests cannot do this. What I find may call people: ask a member.');
});

test('a fault in another region that is handled already is no news of this one', async () => {
  world = await World.start();
  world.inject('service-account-missing', 'us-east-1');
  await world.pass(60_000);
  const all = pushes();
  world.inject('hangs-after-release', 'eu-west-1');
  await world.pass(60_000);
  const roots = all.filter((one) => one.startsWith('root') && !one.includes('us-east-1: model-server rollout'));
  expect(roots).toHaveLength(1);
  expect(roots[0]).toMatch(/^root: eu-west-1: /);
  expect(all.join('\n')).not.toContain('Elsewhere');
});

test('a plan that fell to a change: nobody is told that there is no fix', async () => {
  world = await World.start();
  const all = pushes();
  world.inject('image-missing', 'eu-west-1');
  await world.until('an offer', () => find(world, 'approve') !== undefined);
  const approve = find(world, 'approve');
  world.inject('changed-by-hand', 'eu-west-1');
  if (approve !== undefined) press(world, users.sana, approve);
  await world.pass(60_000);
  expect(whispers(users.sana)).toContain('I look again and show the new plan.');
  expect(all.filter((one) => one.startsWith('needs-person'))).toEqual([]);
  expect(all.some((one) => one.startsWith('p2/card: Approval wanted'))).toBe(true);
});

test('stopped while it is verified: the summary tells how that ended, and a look brings it back', async () => {
  world = await World.start();
  world.inject('image-missing', 'eu-west-1');
  await world.until('an offer', () => find(world, 'approve') !== undefined);
  const approve = find(world, 'approve');
  if (approve !== undefined) press(world, users.sana, approve);
  await world.until('the button', () => find(world, 'stop') !== undefined);
  const stop = find(world, 'stop');
  if (stop !== undefined) press(world, users.noah, stop);
  await world.until('verified', () => post(/p1\/card/).includes(': verified'));
  await world.pass(60_000);
  expect(whispers(users.noah)).toContain('I follow it to its end and do not undo it.');
  expect(post(/stopped/)).toMatch(new RegExp(`Stopped by @${users.noah}`));
  const root = post(/root$/);
  expect(root).toMatch(/Done: rollback in eu-west-1, .* approved by @U0SANAOKAFOR\. It was verified .*: 12 of 12/);
  expect(root).toMatch(/\[Go on\].*\[Undo\]/);
  expect(root).not.toMatch(/\/ Cause:/);
  const again = find(world, 'again');
  if (again !== undefined) press(world, users.sana, again);
  await world.pass(30_000);
  expect(post(/root$/)).toMatch(/fixed, waiting|fixed in/);
});
