import { afterEach, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Modal, Taken } from '../../src/core/ports/intake.ts';
import { say } from '../../src/core/words.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { closeAll, startBot } from './bot.ts';
import { modes, posted, said } from './cards.ts';

/** Forms: asked for by the intake, filled in by a person, back as a press with its reason or as a command. */

const { platform } = ids.channels;
const { sana } = ids.users;
const form: Modal = {
  title: 'Break glass',
  submit: 'Break glass',
  intro: say`Say why, *in your own words*`,
  fields: [{ id: 'reason', label: 'Reason', multiline: true, required: true, least: 10 }],
  means: { does: 'break-glass', thread: 'incident/1', proposal: 'p1', digest: 'abc' },
};

afterEach(closeAll);

test.each(modes)(
  '%s: a reason is asked for in a form; blanks are shown in it; what is typed comes back with the press',
  async (mode) => {
    const bot = await startBot(mode);
    bot.inbox.answer = (input: Taken) =>
      input.is === 'pressed' && input.reason === null
        ? { is: 'ask', modal: form }
        : { is: 'said', message: said('Recorded') };
    const ref = await posted(bot);
    const human = bot.local.as(sana);
    await human.press(ref, 'Approve');
    await bot.local.until(() => human.view(), 'the form');
    expect(await human.submit({ Reason: '   ' })).toMatchObject({
      ok: false,
      errors: { 'field:reason': 'Reason: please fill this in.' },
    });
    // Too short: it stays open with what was typed.
    expect(await human.submit({ Reason: 'alone' })).toMatchObject({
      ok: false,
      errors: { 'field:reason': 'At least 10 characters: a word or two more, please.' },
    });
    expect(await human.submit({ Reason: ' pager is <dead> & I am alone ' })).toEqual({ ok: true });
    expect(bot.inbox.all.at(-1)).toMatchObject({
      is: 'pressed',
      id: expect.stringMatching(/^slack:view:V/),
      press: { does: 'break-glass', proposal: 'p1' },
      reason: 'pager is <dead> & I am alone',
      by: sana,
      messageTs: ref.ts,
    });
    expect(JSON.stringify(human.view()?.blocks)).toContain('Recorded');
    expect(bot.local.errors).toEqual([]);
  },
);

test('of several workloads the one that is chosen comes back with the press', async () => {
  const bot = await startBot('socket');
  const workloads: Modal = {
    ...form,
    fields: [
      {
        id: 'reason',
        label: 'Workload',
        multiline: false,
        required: true,
        options: ['ml-platform/a', 'ml-platform/b'].map((value) => ({ value, label: `${value} (2)` })),
      },
    ],
    means: { does: 'split', thread: 'incident/1' },
  };
  bot.inbox.answer = (input: Taken) =>
    input.is === 'pressed' && input.reason === null ? { is: 'ask', modal: workloads } : { is: 'taken' };
  const human = bot.local.as(sana);
  await human.press(await posted(bot), 'Approve');
  await bot.local.until(() => human.view(), 'the form');
  expect(await human.submit({ Workload: 'ml-platform/b (2)' })).toEqual({ ok: true });
  expect(bot.inbox.all.at(-1)).toMatchObject({ press: { does: 'split' }, reason: 'ml-platform/b' });
});

test.each(modes)('%s: a form that cannot be stored stays open with what was typed', async (mode) => {
  const bot = await startBot(mode);
  let full = true;
  bot.inbox.answer = (input: Taken) => {
    if (input.is === 'pressed' && input.reason === null) return { is: 'ask', modal: form };
    if (full) throw new Failure('too many requests', 'the inbox is full');
    return { is: 'taken' };
  };
  const human = bot.local.as(sana);
  await human.press(await posted(bot), 'Approve');
  await bot.local.until(() => human.view(), 'the form');
  expect(await human.submit({ Reason: 'alone and awake' })).toMatchObject({
    ok: false,
    errors: { 'field:reason': 'I could not store this; nothing was done. Try again.' },
  });
  full = false;
  expect(await human.submit({ Reason: 'alone and awake' })).toEqual({ ok: true });
  expect(human.view()).toBeUndefined();
  expect(bot.inbox.all.filter((it) => it.is === 'pressed' && it.reason === 'alone and awake')).toHaveLength(1);
});

test.each(modes)('%s: a command that is ambiguous asks with a menu and comes back complete', async (mode) => {
  const bot = await startBot(mode);
  const long = `eu-west-1/ml-platform/${'model-server-'.repeat(6)}canary`;
  const menu: Modal = {
    title: 'Which one do you mean, please?',
    submit: 'Look',
    intro: say`Several match`,
    fields: [
      {
        id: 'target',
        label: 'Target',
        multiline: false,
        required: true,
        options: [
          { value: 'eu-west-1/a', label: 'a in eu-west-1' },
          { value: long, label: 'the canary' },
        ],
      },
    ],
    means: { command: 'diagnose {target}' },
  };
  bot.inbox.answer = (input) =>
    input.is === 'command' && input.text === 'diagnose' ? { is: 'ask', modal: menu } : { is: 'taken' };
  const human = bot.local.as(sana);
  await human.command('/mlp diagnose', { channel: platform });
  await bot.local.until(() => human.view(), 'the form');
  expect(await human.submit({ Target: 'the canary' })).toEqual({ ok: true });
  expect(bot.inbox.all.at(-1)).toEqual({
    is: 'command',
    id: expect.stringMatching(/^slack:view:/),
    text: `diagnose ${long}`,
    by: sana,
    channel: platform,
    team: ids.team,
  });
  expect(bot.local.errors).toEqual([]);
});
