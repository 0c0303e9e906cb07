import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { ids, seed } from '../../src/sandbox/slack/seed.ts';
import { closeAll, startBot } from './bot.ts';
import type { Bot } from './bot.ts';

/** HTTP mode: what is not from Slack, or is nothing that Slack sends. */

const { platform } = ids.channels;
const { sana } = ids.users;
const secret = seed.app.signingSecret;
const FORM = 'application/x-www-form-urlencoded';

afterEach(closeAll);

interface Sent {
  readonly body: string;
  readonly type?: string;
  readonly at?: number;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
async function send(
  { url }: Bot,
  { body, type = FORM, at = Date.now(), key = secret, headers = {} }: Sent,
): Promise<Response> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return fetch(url ?? '', {
    method: 'POST',
    body,
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
      ...headers,
    },
  });
}
function command(bot: Bot, more: Readonly<Record<string, string>> = {}): string {
  const fields = { ...bot.local.payloads.command(sana, platform, '/mlp', 'stop all'), ...more };
  return new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString();
}
const event = (inner: unknown, more: object = {}): string =>
  JSON.stringify({
    type: 'event_callback',
    team_id: ids.team,
    event_id: 'Ev1',
    event: inner,
    authorizations: [{ team_id: ids.team }],
    ...more,
  });

test('only what Slack signed within five minutes is heard', async () => {
  const bot = await startBot('http');
  const body = command(bot);
  const good = createHmac('sha256', secret).update('x').digest('hex');
  const refused: Readonly<Record<string, Sent>> = {
    'another secret': { body, key: 'guessed' },
    'too old': { body, at: Date.now() - 301_000 },
    'from the future': { body, at: Date.now() + 302_000 },
    'truncated signature': { body, headers: { 'x-slack-signature': `v0=${good.slice(0, 40)}` } },
    'longer signature': { body, headers: { 'x-slack-signature': `v0=${good}00` } },
    'no version': { body, headers: { 'x-slack-signature': good } },
    'empty signature': { body, headers: { 'x-slack-signature': '' } },
    'timestamp is no number': { body, headers: { 'x-slack-request-timestamp': '1e9' } },
    'of another body': {
      body: `${body}&text=x`,
      headers: {
        'x-slack-signature': `v0=${createHmac('sha256', secret)
          .update(`v0:${Math.floor(Date.now() / 1000)}:${body}`)
          .digest('hex')}`,
      },
    },
  };
  const statuses = await Promise.all(
    Object.entries(refused).map(async ([what, sent]) => [what, (await send(bot, sent)).status] as const),
  );
  expect(Object.fromEntries(statuses)).toEqual(Object.fromEntries(Object.keys(refused).map((what) => [what, 401])));
  expect((await fetch(bot.url ?? '', { method: 'POST', body, headers: { 'content-type': FORM } })).status).toBe(401);
  expect((await fetch(bot.url ?? '')).status).toBe(405);
  expect(bot.inbox.calls).toBe(0);
  expect((await send(bot, { body })).status).toBe(200);
  expect(bot.inbox.calls).toBe(1);
});

test('a replay of a genuine request has the same id', async () => {
  const bot = await startBot('http');
  const body = command(bot);
  for (let times = 0; times < 3; times += 1) expect((await send(bot, { body })).status).toBe(200);
  expect(bot.inbox.calls).toBe(3);
  expect(bot.inbox.stored.size).toBe(1);
});

test('the clock that decides is given: a request is as old as that says', async () => {
  const bot = await startBot('http', { bot: { now: () => Date.parse('2020-01-01T00:00:00Z') } });
  const body = command(bot);
  expect((await send(bot, { body })).status).toBe(401);
  expect((await send(bot, { body, at: Date.parse('2020-01-01T00:04:00Z') })).status).toBe(200);
});

test("another workspace's requests are refused, and not asked for again", async () => {
  const bot = await startBot('http');
  const mention = {
    type: 'app_mention',
    user: sana,
    text: '<@U0MLPBOT> stop all',
    channel: platform,
    ts: '1.1',
    event_ts: '1.1',
  };
  const bodies: readonly Sent[] = [
    { body: command(bot, { team_id: 'T0ELSEWHERE' }) },
    {
      body: event(mention, { team_id: 'T0ELSEWHERE', authorizations: [{ team_id: 'T0ELSEWHERE' }] }),
      type: 'application/json',
    },
    {
      body: `payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions', team: { id: 'T0ELSEWHERE' }, user: { id: sana }, actions: [] }))}`,
    },
  ];
  for (const sent of bodies) {
    const answer = await send(bot, sent);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-slack-no-retry')).toBe('1');
  }
  expect(bot.inbox.calls).toBe(0);
});

test('what Slack would never send is refused, and the bot lives', async () => {
  const bot = await startBot('http');
  const json = 'application/json';
  const nothing: readonly Sent[] = [
    { body: 'null', type: json },
    { body: '[]', type: json },
    { body: '"x"', type: json },
    { body: '{', type: json },
    { body: '{}', type: json },
    { body: '', type: json },
    { body: '' },
    { body: 'payload=null' },
    { body: 'payload=%7B' },
    { body: `payload=${encodeURIComponent('{"type":"view_submission","view":null,"user":null}')}` },
    { body: event(null), type: json },
    { body: event('x'), type: json },
    { body: event({}), type: json },
    { body: `\u0000\u0001\ufffd`, type: json },
  ];
  for (const sent of nothing) expect([sent.body, (await send(bot, sent)).status]).toEqual([sent.body, 400]);
  // A team of ours, but nothing of what belongs into it.
  for (const type of ['block_actions', 'message_action', 'view_submission', 'shortcut']) {
    const payload = { type, team: { id: ids.team }, user: { id: sana }, view: {}, actions: [{}] };
    expect((await send(bot, { body: `payload=${encodeURIComponent(JSON.stringify(payload))}` })).status).toBeLessThan(
      500,
    );
  }
  expect((await send(bot, { body: command(bot, { command: '/else' }) })).status).toBe(404);
  expect((await send(bot, { body: 'x'.repeat(2_100_000) })).status).toBe(413);
  expect(bot.inbox.calls).toBe(0);
  expect(await bot.local.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
});

test('a body that never ends is given up', async () => {
  const bot = await startBot('http');
  const req = request(bot.url ?? '', { method: 'POST', headers: { 'content-length': '1000' } });
  req.on('error', () => {});
  req.write('half');
  setTimeout(() => req.destroy(), 50);
  await bot.local.until(() => bot.logged.some((it) => it.message === 'A request from Slack broke off'), 'the log');
  expect(await bot.local.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
});

test('address and certificate checks are answered', async () => {
  const bot = await startBot('http');
  const http = bot.local.useHttp(bot.url ?? '');
  expect(await http.verifyUrl('t')).toBe('verified');
  expect(await http.sslCheck('t')).toBe(200);
});

test('an event that cannot be stored gets 503 and when to try again; bots and the bot itself are not heard', async () => {
  const bot = await startBot('http');
  bot.inbox.answer = () => {
    throw new Error('disk full');
  };
  const mention = { type: 'app_mention', user: sana, text: `<@${ids.users.bot}> status`, channel: platform, ts: '1.1' };
  const sent = { body: event(mention), type: 'application/json' };
  const answer = await send(bot, sent);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
  bot.inbox.answer = () => ({ is: 'taken' });
  expect(
    (await send(bot, { ...sent, headers: { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_error' } })).status,
  ).toBe(200);
  for (const more of [{ bot_id: 'B1' }, { user: ids.users.bot }]) {
    expect((await send(bot, { ...sent, body: event({ ...mention, ...more }) })).status).toBe(200);
  }
  expect(bot.inbox.stored.size).toBe(1);
});
