import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../src/core/ports/intake.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { find, users } from './people.ts';

/** What is said to the bot in the thread of an incident: about that incident, and never without an answer. */

let world: World;
beforeEach(async () => {
  world = await World.start();
  world.inject('image-missing');
  await world.until('a proposal', () => find(world, 'approve') !== undefined);
});
afterEach(() => world.close());

const rootTs = (): string => world.chat.root()?.ref.ts ?? '';
const roots = (): number => world.chat.standing.filter((one) => one.mark.key.endsWith('/root')).length;
const inThread = (): string =>
  world.chat.standing
    .filter((one) => one.to.threadTs !== null)
    .map((one) => textOf(one.message))
    .join('\n');

async function mention(text: string, by: string = users.kofi): Promise<string> {
  let answer: Answer | null = null;
  const id = `mention ${text}`;
  const { channel, ts } = { channel: ids.channels.platform, ts: rootTs() };
  world.deliver(id, async (engine) => {
    answer = await engine.intake.take({
      is: 'mention',
      id,
      text: `<@U0MLPBOT> ${text}`,
      by,
      channel,
      threadTs: ts,
      ts: '9.9',
      team: ids.team,
    });
  });
  await world.until('its answer', () => answer !== null);
  const given = answer as unknown as Answer;
  return given.is === 'said' ? textOf(given.message) : given.is;
}

test.each([
  'diagnose',
  'check',
  '',
  'diagnose model-server',
  "what's wrong",
  'diagnose eu-west-1',
  'please look again',
])('in the thread "%s" is a fresh look that says who asked for it, and what came of it', async (text) => {
  world.latencyMs = () => 1_500;
  await mention(text);
  await world.until('that it looks', () => inThread().includes(`Looking again, asked by @${users.kofi}`), 2_000);
  await world.until('what came of it', () => /Looked again .*: eu-west-1: image v2\.4\.1 not found/.test(inThread()));
  expect(roots()).toBe(1);
});

test('while it looks already, who asks is told so, and nothing is begun twice', async () => {
  world.latencyMs = () => 3_000;
  await mention('diagnose');
  await mention('check', users.sana);
  await world.until('a word', () => world.chat.whispers.length > 0, 2_000);
  expect(world.chat.whispers).toEqual([
    {
      to: users.sana,
      text: expect.stringMatching(/^I am looking already, since .*: the answer appears in the thread\.$/),
    },
  ]);
  world.latencyMs = () => 0;
  await world.until('the end', () => inThread().includes('Looked again'));
  expect(inThread().match(/Looked again/g)).toHaveLength(1);
});

test.each(['is it fixed yet', 'flurb the wobble', 'diagnose flurb'])(
  'what it does not understand ("%s") is answered in the thread with what it does, and opens nothing',
  async (text) => {
    expect(await mention(text)).toMatch(/In this thread: `?@mlp diagnose`? looks again/);
    await world.pass(5_000);
    expect(roots()).toBe(1);
  },
);

test('a symptom is one of this target; another service by its name gets its own thread, which is said', async () => {
  expect(await mention('pods are crashing')).toMatch(/question about model-server|In this thread/);
  await world.pass(5_000);
  expect(roots()).toBe(1);
  expect(await mention('diagnose feature-store')).toMatch(/feature-store is not what this thread is about/);
  await world.pass(5_000);
  expect(roots()).toBe(2);
});

test('the message shortcut on a known thread: the asker is told, and the thread says who asked', async () => {
  let answer: Answer | null = null;
  const channel = ids.channels.platform;
  world.deliver('shortcut', async (engine) => {
    answer = await engine.intake.take({
      is: 'shortcut',
      id: 'shortcut',
      callback: 'diagnose',
      by: users.kofi,
      channel,
      messageTs: rootTs(),
      messageText: 'x',
      threadTs: null,
      team: ids.team,
    });
  });
  await world.until('its answer', () => answer !== null);
  expect(textOf((answer as unknown as Extract<Answer, { is: 'said' }>).message)).toMatch(/look again/);
  await world.until('what came of it', () => /Looked again .*image v2\.4\.1 not found/.test(inThread()));
});
