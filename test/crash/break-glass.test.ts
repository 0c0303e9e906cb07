import { afterEach, expect, test } from 'vitest';
import type { Answer } from '../../src/core/ports/intake.ts';
import { plain } from '../../src/core/words.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, press, presses, users } from './people.ts';

/** One person where two are asked for: who gets the form, what it says, and who is called. */

let world: World;
afterEach(() => world.close());

async function asks(who: string): Promise<Answer> {
  const button = find(world, 'break-glass');
  if (button === undefined) throw new Error('no such button');
  const [channel, id] = [ids.channels.platform, `form ${who}`];
  const where = { channel, messageTs: '1.1', threadTs: null, team: ids.team };
  const taken = world.replica.engine.intake.take({
    is: 'pressed',
    id,
    press: button.press,
    by: who,
    reason: null,
    ...where,
  });
  await world.settle();
  return taken;
}
const words = (answer: Answer): string => {
  if (answer.is === 'ask') return `form: ${plain(answer.modal.intro)}`;
  return answer.is === 'said' ? textOf(answer.message) : answer.is;
};

test('an undo of high risk: refused before the form, or asked with what comes back; the others are called', async () => {
  world = await World.start();
  world.inject('image-missing');
  presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  await world.until('the fix', async () => (await world.incident()).proposals[0]?.ended?.how === 'verified');
  presses(world, users.linh, 'undo');
  await world.until('the undo is offered', () => find(world, 'break-glass') !== undefined);
  expect(words(await asks(users.noah))).toMatch(/^Not counted: only the person on call may break the glass/);
  expect(words(await asks(users.sana))).toMatch(
    /^form: undo of model-server in eu-west-1: .*Risk high\. It brings back .*image.*2 people are asked for here/,
  );
  const button = find(world, 'break-glass');
  if (button !== undefined) press(world, users.sana, button, 'the old version is needed for the audit');
  await world.until('they are called', () => /The glass was broken by /.test(world.chat.text()), 60_000);
  await world.until('under way', () => world.writes.length > 1, 60_000);
});
