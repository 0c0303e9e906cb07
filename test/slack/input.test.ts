import { afterEach, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { closeAll, startBot } from './bot.ts';
import { modes, posted, said } from './cards.ts';

/** What people type and press, in both modes, over the real protocol. */

const { platform } = ids.channels;
const { sana, noah, mateo } = ids.users;

afterEach(closeAll);

test.each(modes)('%s: a command is handed over as it was typed, and answered only to who asked', async (mode) => {
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

test.each(modes)(
  '%s: 10,000 characters arrive whole; an answer of 100,000 is cut to what Slack takes',
  async (mode) => {
    const bot = await startBot(mode);
    bot.inbox.answer = () => ({ is: 'said', message: said('x <&> '.repeat(17_000)) });
    const typed = `diagnose ${'😀ש'.repeat(5_000)}`;
    expect(await bot.local.as(sana).command(`/mlp ${typed}`, { channel: platform })).toEqual({ ok: true });
    expect(bot.inbox.all).toMatchObject([{ text: typed }]);
    expect(bot.local.ephemerals(sana)).toHaveLength(1);
    expect(bot.local.channelText(platform, sana)).toContain('More than Slack takes');
    expect(bot.local.errors).toEqual([]);
  },
);

test.each(modes)('%s: what cannot be stored is said so, and is not done', async (mode) => {
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

test.each(modes)('%s: a slow store: the person hears at once that it goes on, and later how it ended', async (mode) => {
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
  await bot.local.until(() => bot.local.channelText(platform, noah).includes('I could not store this'), 'the failure');
});

test.each(modes)(
  '%s: a click: what the button stands for, by whom, where; the refusal only to the clicker; the card is not touched',
  async (mode) => {
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
  },
);

test.each(modes)(
  '%s: a mention in a thread: stored before Slack is told so, once, answered only to who asked',
  async (mode) => {
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
  },
);

test.each(modes)('%s: the shortcut takes the words of the message', async (mode) => {
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

test.each(modes)('%s: Home says how it is used', async (mode) => {
  const bot = await startBot(mode);
  await bot.local.as(sana).openHome();
  await bot.local.until(() => JSON.stringify(bot.local.snapshot(sana).home).includes('/mlp diagnose'), 'the page');
  expect(bot.inbox.all).toMatchObject([{ is: 'home', by: sana }]);
  expect(bot.local.errors).toEqual([]);
});

test.each(modes)('%s: a value edited by hand does nothing; another workspace is refused', async (mode) => {
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

test.each(modes)('%s: what is delivered twice has one id', async (mode) => {
  const bot = await startBot(mode);
  bot.local.faults.duplicateDeliveries(1);
  await bot.local.as(sana).command('/mlp status', { channel: platform });
  await bot.local.until(() => bot.inbox.calls === 2, 'both');
  expect(bot.inbox.stored.size).toBe(1);
});
