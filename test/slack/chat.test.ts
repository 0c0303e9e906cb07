import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import { group, say } from '../../src/core/words.ts';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { closeAll, startBot } from './bot.ts';
import { failure, incident } from './cards.ts';

const { platform, general } = ids.channels;
const { sana, noah, paul } = ids.users;
const to = { channel: platform, threadTs: null };
const mark = { key: 'incident/1', revision: 1 };
const quick = { bot: { limitsMs: { bulk: 300, click: 300, people: 300 } } } as const;

afterEach(closeAll);

test('a message looks as it was meant, names people without calling them, and is edited in place', async () => {
  const { slack, local } = await startBot('socket');
  const ref = await slack.chat.post(to, incident, mark);
  const shown = local.channelText(platform);
  expect(shown).toContain('asked by Sana Okafor');
  expect(shown).not.toContain('@Sana');
  expect(shown).toContain('[Approve rollback]');
  expect(local.lockScreen(sana).map((it) => it.body)).toEqual(['eu-west-1: rollout stuck. Users not affected.']);
  expect(local.lockScreen(noah)).toEqual([]);
  await slack.chat.update(
    ref,
    { lock: 'fixed', blocks: [{ is: 'lines', lines: [say`*fixed*`] }] },
    { ...mark, revision: 2 },
  );
  expect(local.channelText(platform)).toBe('mlp: *fixed*');
  await slack.chat.post(
    { channel: platform, threadTs: ref.ts },
    { lock: 'wanted', blocks: [{ is: 'lines', lines: [say`${group(ids.groups.oncall)} please`] }] },
    { key: 'call', revision: 1 },
  );
  expect(local.lockScreen(ids.users.kofi).map((it) => it.why)).toEqual(['mention']);
  expect(local.errors).toEqual([]);
});

test('a post whose answer is lost is unsure, and is found by its key', async () => {
  const { slack, local } = await startBot('socket', quick);
  const since = new Date().toISOString();
  for (const kind of ['accept-then-hang', 'accept-then-drop'] as const) {
    local.faults.arm({ kind }, { method: 'chat.postMessage' });
    const key = `incident/${kind}`;
    const lost = await failure(slack.chat.post(to, incident, { key, revision: 3 }));
    expect([lost.kind, lost.maybeDone]).toEqual([kind === 'accept-then-hang' ? 'timeout' : 'unreachable', true]);
    const found = await slack.chat.find(to, key, since);
    expect(found?.ts).toBe(local.messages(platform).at(-1)?.ts);
  }
  expect(local.messages(platform)).toHaveLength(2);
  expect(await slack.chat.find(to, 'incident/none', since)).toBeNull();
});

test('in a thread too; a thread that is gone holds nothing', async () => {
  const { slack, local } = await startBot('socket', quick);
  const since = new Date().toISOString();
  const root = await slack.chat.post(to, incident, mark);
  const thread = { channel: platform, threadTs: root.ts };
  local.faults.arm({ kind: 'accept-then-drop' }, { method: 'chat.postMessage' });
  await failure(slack.chat.post(thread, incident, { key: 'card', revision: 1 }));
  expect((await slack.chat.find(thread, 'card', since))?.ts).toBe(local.replies(platform, root.ts)[0]?.ts);
  local.faults.arm({ kind: 'error', error: 'thread_not_found' }, { method: 'conversations.replies' });
  expect(await slack.chat.find(thread, 'card', since)).toBeNull();
});

test("found among hundreds; somebody else's copy of the key does not count", async () => {
  const { slack, local } = await startBot('socket', quick);
  const since = new Date().toISOString();
  local.workspace.post({
    channel: platform,
    user: noah,
    text: 'mine',
    blocks: [],
    threadTs: null,
    metadata: { event_type: 'mlp_bot_message', event_payload: { key: 'k', revision: 1 } },
  });
  expect(await slack.chat.find(to, 'k', since)).toBeNull();
  const ref = await slack.chat.post(to, incident, { key: 'k', revision: 1 });
  for (let at = 0; at < 450; at += 1)
    local.workspace.post({
      channel: platform,
      user: noah,
      text: `chatter ${at}`,
      blocks: [],
      threadTs: null,
    });
  expect(await slack.chat.find(to, 'k', since)).toEqual(ref);
});

test('one try each: what failed is said in words, with how long to wait', async () => {
  const { slack, local } = await startBot('socket', quick);
  const cases = [
    [
      { kind: 'ratelimit', retryAfterSeconds: 7 },
      { kind: 'too many requests', maybeDone: false, retryAfterMs: 7_000 },
    ],
    [
      { kind: 'ratelimit', retryAfterSeconds: null },
      { kind: 'too many requests', maybeDone: false, retryAfterMs: 30_000 },
    ],
    [
      { kind: 'error', error: 'message_limit_exceeded' },
      { kind: 'too many requests', maybeDone: false, retryAfterMs: 60_000 },
    ],
    [
      { kind: 'http', status: 500 },
      { kind: 'server error', maybeDone: true, retryAfterMs: null },
    ],
    [
      { kind: 'http', status: 503 },
      { kind: 'server error', maybeDone: true, retryAfterMs: null },
    ],
    [{ kind: 'hang' }, { kind: 'timeout', maybeDone: true, retryAfterMs: null }],
    [
      { kind: 'error', error: 'fatal_error' },
      { kind: 'server error', maybeDone: true, retryAfterMs: null },
    ],
    [
      { kind: 'error', error: 'invalid_auth' },
      { kind: 'unauthorised', maybeDone: false, retryAfterMs: null },
    ],
    [
      { kind: 'error', error: 'is_archived' },
      { kind: 'forbidden', maybeDone: false, retryAfterMs: null },
    ],
    [
      { kind: 'error', error: 'something_new' },
      { kind: 'invalid', maybeDone: false, retryAfterMs: null },
    ],
  ] as const;
  for (const [fault, wanted] of cases) {
    const before = local.sent.filter((it) => it.method === 'chat.postMessage').length;
    local.faults.arm(fault, { method: 'chat.postMessage' });
    const { kind, maybeDone, retryAfterMs, message } = await failure(slack.chat.post(to, incident, mark));
    expect({ kind, maybeDone, retryAfterMs }).toEqual(wanted);
    expect(message).toMatch(/chat\.postMessage/);
    expect(local.sent.filter((it) => it.method === 'chat.postMessage').length - before).toBe(1);
  }
  // One 429 holds up nobody else.
  local.faults.arm({ kind: 'ratelimit', retryAfterSeconds: 60 }, { method: 'chat.postMessage' });
  await failure(slack.chat.post(to, incident, mark));
  await slack.chat.whisper({ ...to, user: sana }, incident);
  await slack.chat.post(to, incident, mark);
  expect(local.messages(platform)).toHaveLength(1);
});

test('what a person must do is said', async () => {
  const { slack, local } = await startBot('socket');
  local.setScopes(seed.app.scopes.filter((it) => it !== 'channels:join'));
  const away = await failure(slack.chat.post({ channel: general, threadTs: null }, incident, mark));
  expect([away.kind, away.message]).toEqual(['forbidden', expect.stringContaining('/invite @mlp')]);
  const none = await failure(slack.chat.post({ channel: 'C0NOWHERE', threadTs: null }, incident, mark));
  expect([none.kind, none.message]).toEqual(['forbidden', expect.stringContaining('/invite @mlp')]);
  const gone = await failure(slack.chat.update({ channel: platform, ts: '1.000001' }, incident, mark));
  expect(gone.kind).toBe('not found');
  const outside = await failure(slack.chat.whisper({ channel: platform, threadTs: null, user: paul }, incident));
  expect(['forbidden', 'not found']).toContain(outside.kind);
  local.setScopes(seed.app.scopes.filter((it) => it !== 'chat:write'));
  const scope = await failure(slack.chat.post(to, incident, mark));
  expect([scope.kind, scope.message]).toEqual(['forbidden', expect.stringContaining('chat:write')]);
  local.faults.arm(
    {
      kind: 'error',
      error: 'invalid_blocks',
      more: {
        response_metadata: {
          messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
        },
      },
    },
    { method: 'chat.update', calls: 2 },
  );
  const invalid = await failure(slack.chat.update({ channel: platform, ts: '1.1' }, incident, mark));
  expect([invalid.kind, invalid.message]).toEqual([
    'invalid',
    expect.stringContaining('[json-pointer:/blocks/0/text/text]'),
  ]);
});

test('removed from a public channel: it goes back by itself and says what it had to say', async () => {
  const { slack, local, logged } = await startBot('socket');
  const ref = await slack.chat.post({ channel: general, threadTs: null }, incident, mark);
  expect(local.messages(general).map((it) => it.ts)).toContain(ref.ts);
  expect(JSON.stringify(logged)).toContain('had been removed from a channel');
});

test('blocks that Slack calls wrong: people get the words as plain text, without a second post', async () => {
  const { slack, local } = await startBot('socket');
  local.faults.arm({ kind: 'error', error: 'invalid_blocks' }, { method: 'chat.postMessage' });
  await slack.chat.post(to, incident, mark);
  expect(local.roots(platform)).toHaveLength(1);
  expect(local.channelText(platform)).toContain('Shortened and without buttons');
  local.faults.arm({ kind: 'error', error: 'invalid_blocks' }, { method: 'chat.postMessage', calls: 2 });
  const twice = await failure(slack.chat.post(to, incident, { key: 'again', revision: 1 }));
  expect(twice.kind).toBe('invalid');
});

test('a reply whose root was deleted does not stand alone in the channel', async () => {
  const { slack, local } = await startBot('socket');
  const root = await slack.chat.post(to, incident, mark);
  local.deleteMessage(platform, root.ts);
  const reply = { channel: platform, threadTs: root.ts };
  const gone = await failure(slack.chat.post(reply, incident, { key: 'reply', revision: 1 }));
  expect([gone.kind, gone.about, gone.maybeDone]).toEqual(['not found', 'thread', false]);
  expect(local.messages(platform)).toEqual([]);
});

test('too long for Slack after all: smaller, then as text, but posted', async () => {
  const { slack, local } = await startBot('socket');
  const lines = [...Array(80).keys()].map((at) => say`line ${at} ${'z'.repeat(90)}`);
  const long: Message = { lock: 'long', blocks: [...incident.blocks, { is: 'lines', lines }] };
  local.faults.arm({ kind: 'error', error: 'msg_blocks_too_long' }, { method: 'chat.postMessage' });
  const root = await slack.chat.post(to, long, mark);
  expect(local.thread(platform, root.ts)).toContain('[Approve rollback]');
  expect(local.thread(platform, root.ts)).toContain('The rest is below, in the thread');
  local.faults.arm({ kind: 'error', error: 'msg_blocks_too_long' }, { method: 'chat.update', calls: 2 });
  await slack.chat.update(root, long, mark);
  expect(local.channelText(platform)).toContain('Shortened and without buttons');
}, 20_000);

test('ten megabytes of log are a message and its thread', async () => {
  const { slack, local } = await startBot('socket');
  const log = `${'\u001b[31merror\u001b[0m <x> ```\u0000 \ud800'.repeat(200)}\n`.repeat(2_000);
  const root = await slack.chat.post(
    to,
    {
      lock: 'log',
      blocks: [
        { is: 'lines', lines: [say`*Log*`] },
        { is: 'verbatim', text: log },
      ],
    },
    mark,
  );
  const replies = local.replies(platform, root.ts);
  expect(replies).toHaveLength(1);
  expect(replies[0]?.files).toHaveLength(1);
  expect(local.errors).toEqual([]);
}, 30_000);
