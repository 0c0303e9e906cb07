import { afterEach, describe, expect, test } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import type { MessageRef } from '../../src/core/ports/store.ts';
import { Failure } from '../../src/core/failure.ts';
import { say } from '../../src/core/words.ts';
import type { Modal, Taken } from '../../src/core/ports/intake.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { closeAll, startBot } from './bot.ts';
import type { Bot } from './bot.ts';

const { platform } = ids.channels;
const { sana, noah, mateo } = ids.users;
const said = (words: string): Message => ({ lock: words, blocks: [{ is: 'lines', lines: [say`${words}`] }] });
const card: Message = {
  lock: 'Approval wanted',
  blocks: [
    { is: 'lines', lines: [say`*Rollback* of model-server`] },
    {
      is: 'buttons',
      buttons: [
        {
          id: 'approve',
          label: 'Approve',
          style: 'primary',
          describe: 'Approve the rollback',
          press: { does: 'approve', thread: 'incident/1', proposal: 'p1', digest: 'abc' },
        },
      ],
    },
  ],
};
const form: Modal = {
  title: 'Break glass',
  submit: 'Break glass',
  intro: say`Say why, *in your own words*`,
  fields: [{ id: 'reason', label: 'Reason', multiline: true, required: true }],
  means: { does: 'break-glass', thread: 'incident/1', proposal: 'p1', digest: 'abc' },
};

afterEach(closeAll);

async function posted({ slack, local }: Bot, threadTs: string | null = null): Promise<MessageRef> {
  const ref = await slack.chat.post({ channel: platform, threadTs }, card, { key: 'incident/1', revision: 1 });
  await local.until(() => local.messages(platform).find((it) => it.ts === ref.ts), 'the card');
  return ref;
}

describe.each(['socket', 'http'] as const)('%s mode', (mode) => {
  test('a command is handed over as it was typed, and answered only to who asked', async () => {
    const bot = await startBot(mode);
    bot.inbox.answer = () => ({ is: 'said', message: said('Looking at <model-server> & more') });
    const typed = `diagnose deploy/model-server -n "ml" $(whoami) \`x\` ; | & <b> 😀 שלום ${'é'.repeat(50)}`;
    expect(await bot.local.as(sana).command(`/mlp ${typed}`, { channel: platform })).toEqual({ ok: true });
    expect(bot.inbox.all).toEqual([
      {
        is: 'command',
        id: expect.stringMatching(/^slack:trigger:./),
        text: typed,
        by: sana,
        channel: platform,
        team: ids.team,
      },
    ]);
    expect(bot.local.channelText(platform, sana)).toContain('Looking at <model-server> & more');
    expect(bot.local.channelText(platform, noah)).not.toContain('Looking at');
    expect(bot.local.errors).toEqual([]);
  });

  test('10,000 characters arrive whole; an answer of 100,000 is cut to what Slack takes', async () => {
    const bot = await startBot(mode);
    bot.inbox.answer = () => ({ is: 'said', message: said('x <&> '.repeat(17_000)) });
    const typed = `diagnose ${'😀ש'.repeat(5_000)}`;
    expect(await bot.local.as(sana).command(`/mlp ${typed}`, { channel: platform })).toEqual({ ok: true });
    expect(bot.inbox.all).toMatchObject([{ text: typed }]);
    expect(bot.local.ephemerals(sana)).toHaveLength(1);
    expect(bot.local.channelText(platform, sana)).toContain('More than Slack takes');
    expect(bot.local.errors).toEqual([]);
  });

  test('what cannot be stored is said so, and is not done', async () => {
    const bot = await startBot(mode);
    bot.inbox.answer = () => {
      throw new Failure('too many requests', 'the inbox is full');
    };
    expect(await bot.local.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
    expect(bot.local.channelText(platform, sana)).toContain('I could not store this; nothing was done. Try again.');
    const ref = await posted(bot);
    await bot.local.as(noah).press(ref, 'Approve');
    await bot.local.until(() => bot.local.ephemerals(noah)[0], 'the refusal');
    expect(bot.local.channelText(platform, noah)).toContain('I could not store this; nothing was done. Try again.');
    expect(bot.inbox.all).toEqual([]);
  });

  test('a slow store: the person hears at once that it goes on, and later how it ended', async () => {
    const bot = await startBot(mode, { bot: { intakeLimitMs: 100 } });
    const { promise, resolve } = Promise.withResolvers<void>();
    bot.inbox.answer = async () => {
      await promise;
      return { is: 'said', message: said('Here it is') };
    };
    await bot.local.as(sana).command('/mlp status', { channel: platform });
    expect(bot.local.channelText(platform, sana)).toContain('Still working on it…');
    resolve();
    await bot.local.until(() => bot.local.channelText(platform, sana).includes('Here it is'), 'the answer');
    bot.inbox.answer = () =>
      new Promise((_, reject) => void setTimeout(() => reject(new Failure('server error', 'disk full')), 200));
    const ref = await posted(bot);
    expect(await bot.local.as(noah).press(ref, 'Approve')).toEqual({ ok: true });
    await bot.local.until(
      () => bot.local.channelText(platform, noah).includes('I could not store this'),
      'the failure',
    );
  });

  test('a click: what the button stands for, by whom, where; the refusal only to the clicker; the card is not touched', async () => {
    const bot = await startBot(mode);
    bot.inbox.answer = () => ({ is: 'said', message: said('Not counted: you are not in the group') });
    const root = await posted(bot);
    const ref = await posted(bot, root.ts);
    expect(await bot.local.as(noah).press(ref, 'Approve')).toEqual({ ok: true });
    await bot.local.until(() => bot.local.ephemerals(noah)[0], 'the refusal');
    expect(bot.inbox.all).toEqual([
      {
        is: 'pressed',
        id: expect.stringMatching(new RegExp(`^slack:action:${platform}:${ref.ts}:${noah}:[\\d.]+$`)),
        press: { does: 'approve', thread: 'incident/1', proposal: 'p1', digest: 'abc' },
        by: noah,
        channel: platform,
        messageTs: ref.ts,
        threadTs: root.ts,
        reason: null,
        team: ids.team,
      },
    ]);
    expect(bot.local.thread(platform, root.ts, noah)).toContain('Not counted');
    expect(bot.local.thread(platform, root.ts, mateo)).not.toContain('Not counted');
    expect(bot.local.messages(platform).every((it) => it.editedTs === null)).toBe(true);
    expect(bot.local.errors).toEqual([]);
  });

  test('a reason is asked for in a form; blanks are shown in it; what is typed comes back with the press', async () => {
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
  });

  test('a form that cannot be stored stays open with what was typed', async () => {
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
    expect(await human.submit({ Reason: 'alone' })).toMatchObject({
      ok: false,
      errors: { 'field:reason': 'I could not store this; nothing was done. Try again.' },
    });
    full = false;
    expect(await human.submit({ Reason: 'alone' })).toEqual({ ok: true });
    expect(human.view()).toBeUndefined();
    expect(bot.inbox.all.filter((it) => it.is === 'pressed' && it.reason === 'alone')).toHaveLength(1);
  });

  test('a command that is ambiguous asks with a menu and comes back complete', async () => {
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

  test('a mention in a thread: stored before Slack is told so, once, answered only to who asked', async () => {
    const bot = await startBot(mode);
    const root = await posted(bot);
    let tries = 0;
    bot.inbox.answer = () => {
      tries += 1;
      if (mode === 'http' && tries === 1) throw new Failure('server error', 'the database is away');
      return { is: 'said', message: said('Looking again') };
    };
    // The message itself and the mention.
    bot.local.faults.duplicateDeliveries(2);
    const { ts } = await bot.local
      .as(sana)
      .say('@mlp why not restart & "more"?', { channel: platform, thread: root.ts });
    await bot.local.until(() => bot.local.thread(platform, root.ts, sana).includes('Looking again'), 'the answer');
    expect(bot.local.thread(platform, root.ts, noah)).not.toContain('Looking again');
    expect(bot.inbox.all).toEqual([
      {
        is: 'mention',
        id: expect.stringMatching(/^slack:event:Ev/),
        text: 'why not restart & "more"?',
        by: sana,
        channel: platform,
        threadTs: root.ts,
        ts,
        team: ids.team,
      },
    ]);
    await bot.local.until(() => tries > 1, 'the second delivery');
    expect(bot.local.ephemerals(sana)).toHaveLength(1);
    expect(bot.inbox.stored.size).toBe(1);
  });

  test('the shortcut takes the words of the message', async () => {
    const bot = await startBot(mode);
    bot.inbox.answer = () => ({ is: 'said', message: said('I look at it') });
    const { ts } = await bot.local.as(noah).say('api is slow in us-east-1 <again>', { channel: platform });
    await bot.local.as(sana).shortcut('diagnose_this', { channel: platform, ts });
    await bot.local.until(() => bot.local.ephemerals(sana)[0], 'the answer');
    expect(bot.inbox.all).toMatchObject([
      {
        is: 'shortcut',
        callback: 'diagnose',
        by: sana,
        channel: platform,
        messageTs: ts,
        messageText: 'api is slow in us-east-1 <again>',
        threadTs: null,
      },
    ]);
  });

  test('Home says how it is used', async () => {
    const bot = await startBot(mode);
    await bot.local.as(sana).openHome();
    await bot.local.until(() => JSON.stringify(bot.local.snapshot(sana).home).includes('/mlp diagnose'), 'the page');
    expect(bot.inbox.all).toMatchObject([{ is: 'home', by: sana }]);
    expect(bot.local.errors).toEqual([]);
  });

  test('a value edited by hand does nothing; another workspace is refused', async () => {
    const bot = await startBot(mode);
    const ref = await posted(bot);
    const message = bot.local.messages(platform).find((it) => it.ts === ref.ts);
    const actions = message?.blocks[1] as {
      readonly block_id: string;
      readonly elements: readonly Record<string, unknown>[];
    };
    const placed = { blockId: actions.block_id, element: actions.elements[0] };
    for (const value of [
      '{}',
      'null',
      '{"does":"rm -rf","thread":"x"}',
      '{"does":"approve","thread":"x","extra":1}',
      '{',
      'x'.repeat(2_900),
    ]) {
      const payload = bot.local.payloads.pressInMessage(
        noah,
        message as never,
        { ...placed, element: { ...placed.element, value } } as never,
        undefined,
      );
      await bot.local.deliverRaw('interactive', payload);
    }
    await bot.local.until(() => bot.local.ephemerals(noah).length === 6, 'the refusals');
    expect(bot.local.channelText(platform, noah)).toContain('what it stands for was changed. Nothing was done.');
    const foreign = { ...bot.local.payloads.command(noah, platform, '/mlp', 'stop all'), team_id: 'T0ELSEWHERE' };
    const attempt = await bot.local.deliverRaw('slash_commands', foreign);
    expect(attempt.kind).toBe(mode === 'http' ? 'failed' : 'answered');
    expect(bot.inbox.calls).toBe(0);
  });

  test('what is delivered twice has one id', async () => {
    const bot = await startBot(mode);
    bot.local.faults.duplicateDeliveries(1);
    await bot.local.as(sana).command('/mlp status', { channel: platform });
    await bot.local.until(() => bot.inbox.calls === 2, 'both');
    expect(bot.inbox.stored.size).toBe(1);
  });
});
