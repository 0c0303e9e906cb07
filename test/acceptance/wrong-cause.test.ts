import { expect, test } from 'vitest';
import { heal } from '../../src/sandbox/platform/control.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { World } from '../crash/harness.ts';
import { find, users } from '../crash/people.ts';

/** After the end people say whether the cause was right: of a wrong one the bot asks what it was. */
test('wrong cause: asked what it was, kept without secrets, shown', { timeout: 60_000 }, async () => {
  const world = await World.start();
  try {
    world.inject('image-missing', 'eu-west-1');
    await world.until('found', async () => (await world.incident()).proposals.length > 0);
    heal(world.platform, 'image-missing', 'eu-west-1');
    await world.until('closed', () => find(world, 'wrong-cause') !== undefined, 60 * 60_000);
    const button = find(world, 'wrong-cause');
    if (button === undefined) throw new Error(world.chat.text());
    const press = (id: string, reason: string | null) =>
      world.replica.engine.intake.take({
        is: 'pressed',
        id,
        press: button.press,
        by: users.sana,
        channel: ids.channels.platform,
        messageTs: '1.1',
        threadTs: null,
        reason,
        team: ids.team,
      });
    expect(await press('1', null)).toMatchObject({
      is: 'ask',
      modal: { title: 'What was the cause?', fields: [{ id: 'reason', required: false }] },
    });
    expect((await world.incident()).judged).toEqual([]);
    expect(await press('2', 'the registry mirror; password=hunter2hunter2')).toEqual({ is: 'taken' });
    await world.until('said', async () => (await world.incident()).judged.length > 0);
    await world.pass(2_000);
    const root = world.chat.text();
    expect(root).toMatch(/Wrong cause, says @\S+: the registry mirror; password=\[redacted: password\]/);
    expect(root).not.toMatch(/hunter2/);
    // Nothing typed is an answer too.
    expect(await press('3', '')).toEqual({ is: 'taken' });
  } finally {
    await world.close();
  }
});
