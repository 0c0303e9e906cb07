import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, test } from 'vitest';
import { LocalSlack } from './local-slack.ts';
import type { PageAct, PageActResult, PageSnapshot } from './page-api.ts';
import { ids, seed } from './seed.ts';

const { platform, general } = ids.channels;
const { sana, noah, paul, bot } = ids.users;
const { app } = seed;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Mounted beside another page, as the sandbox does it. */
async function start(): Promise<{ slack: LocalSlack; client: WebClient; origin: string }> {
  const slack = new LocalSlack({ port: null, limitScale: Infinity });
  const server = createServer((req, res) => {
    if (!slack.handle(req, res)) res.writeHead(200).end('the sandbox page');
  });
  server.on('upgrade', (req, socket, head) => {
    if (!slack.upgrade(req, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  slack.listensOn(origin);
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
    () => slack.close(),
  );
  return {
    slack,
    origin,
    client: new WebClient(app.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } }),
  };
}

async function act(origin: string, user: string, one: PageAct): Promise<PageActResult> {
  const response = await fetch(`${origin}/page/act`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ user, act: one }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as PageActResult;
}

async function state(origin: string, user: string): Promise<PageSnapshot> {
  return (await (await fetch(`${origin}/page/state?user=${user}`)).json()) as PageSnapshot;
}

/** Status of a request with headers that `fetch` would not let a test choose. */
function statusOf(origin: string, path: string, headers: Record<string, string>, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request(new URL(path, origin), { method: body === undefined ? 'GET' : 'POST', headers }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    req.on('error', reject).end(body);
  });
}

describe('who may drive the workspace', () => {
  test('this machine and this page only', async () => {
    const { origin, slack } = await start();
    const host = new URL(origin).host;
    const path = `/page/state?user=${sana}`;
    expect(await statusOf(origin, path, { host })).toBe(200);
    expect(await statusOf(origin, path, { host: `localhost:${new URL(origin).port}` })).toBe(200);
    expect(await statusOf(origin, path, { host: 'evil.example' })).toBe(403);
    expect(await statusOf(origin, path, { host, origin: 'https://evil.example' })).toBe(403);
    expect(await statusOf(origin, path, { host, origin: 'http://127.0.0.1:1' })).toBe(403);
    expect(await statusOf(origin, path, { host, origin: 'null' })).toBe(403);
    expect(await statusOf(origin, path, { host, 'sec-fetch-site': 'cross-site' })).toBe(403);
    const say = JSON.stringify({ user: sana, act: { kind: 'say', channel: platform, text: 'x' } });
    expect(await statusOf(origin, '/page/act', { host, 'content-type': 'text/plain' }, say)).toBe(415);
    expect(await statusOf(origin, '/page/act', { host, 'content-type': 'application/json' }, '{')).toBe(400);
    expect(
      await statusOf(
        origin,
        '/page/act',
        { host, 'content-type': 'application/json' },
        JSON.stringify({ user: paul, act: { kind: 'openHome' } }),
      ),
    ).toBe(404);
    expect(await statusOf(origin, '/page/state?user=U1', { host })).toBe(404);
    // Nor may a page use the bot's own interface, whatever token it has.
    const form = 'token=xoxb-sandbox-bot&channel=C0MLPLATFRM&text=x';
    const type = 'application/x-www-form-urlencoded';
    expect(await statusOf(origin, '/api/chat.postMessage', { host, origin, 'content-type': type }, form)).toBe(403);
    expect(slack.messages(platform)).toEqual([]);
    expect(await (await fetch(origin)).text()).toBe('the sandbox page');
  });
});

describe('what the page sees', () => {
  test('unread marks, mentions, threads and the phone, per person', async () => {
    const { origin, client } = await start();
    const root = await client.chat.postMessage({
      channel: platform,
      text: `<@${noah}> look`,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `<@${noah}> *look*` } }],
    });
    const ts = String(root.ts);
    await client.chat.postMessage({ channel: platform, text: 'more', thread_ts: ts });
    await client.chat.postEphemeral({ channel: platform, user: noah, text: 'only you' });
    const seen = await state(origin, noah);
    const channel = seen.channels.find((one) => one.id === platform);
    expect(channel).toMatchObject({ name: 'ml-platform', unread: 1, mentions: 1 });
    expect(
      channel?.messages.map((one) => [one.text, one.ephemeral, one.mentionsMe, one.replyCount, one.unreadReplies]),
    ).toEqual([
      [`<@${noah}> look`, false, true, 1, 1],
      ['only you', true, false, 0, 0],
    ]);
    expect(channel?.threads[ts]?.map((one) => one.text)).toEqual(['more']);
    expect(seen.notifications.map((one) => `${one.title}: ${one.body}`)).toEqual([
      '#ml-platform: more',
      '#ml-platform: @Noah Berg look',
    ]);
    expect(seen.commands[0]).toMatchObject({
      command: '/mlp',
      usageHint: expect.stringContaining('diagnose') as string,
    });
    expect(seen.bot).toEqual({ user: bot, mode: 'socket', connected: false, connections: 0 });
    await act(origin, noah, { kind: 'markRead', channel: platform, ts });
    await act(origin, noah, { kind: 'markRead', channel: platform, ts: '9999999999.000000', threadTs: ts });
    await act(origin, noah, { kind: 'clearNotifications' });
    const ephemeral = String(channel?.messages[1]?.ts);
    await act(origin, noah, { kind: 'dismissEphemeral', channel: platform, ts: ephemeral });
    const after = await state(origin, noah);
    const read = after.channels.find((one) => one.id === platform);
    expect(read).toMatchObject({ unread: 0, mentions: 0 });
    expect(read?.messages.map((one) => one.unreadReplies)).toEqual([0]);
    expect(after.notifications).toEqual([]);
    expect((await state(origin, sana)).channels.find((one) => one.id === platform)?.unread).toBe(1);
  });
});

describe('what the page does', () => {
  test('acts: words, reactions, and what is impossible or unanswered', async () => {
    const { origin, slack } = await start();
    const said = await act(origin, noah, { kind: 'say', channel: platform, text: 'is @sana there? a < b' });
    if (!said.ok || said.ts === undefined) throw new Error('not said');
    expect(slack.messages(platform)[0]?.text).toBe(`is <@${sana}> there? a &lt; b`);
    expect(slack.channelText(platform)).toBe('Noah Berg: is @Sana Okafor there? a < b');
    await act(origin, sana, { kind: 'react', channel: platform, ts: said.ts, name: 'eyes' });
    expect((await state(origin, noah)).channels[0]?.messages[0]?.reactions).toEqual([{ name: 'eyes', users: [sana] }]);
    expect(await act(origin, noah, { kind: 'say', channel: platform, text: '/mlp status' })).toEqual({
      ok: false,
      kind: 'bot',
      error: '/mlp failed with the error "dispatch_failed"',
    });
    expect(await act(origin, ids.users.ria, { kind: 'say', channel: ids.channels.staging, text: 'x' })).toMatchObject({
      kind: 'act',
      error: `Ria Sol is not in ${ids.channels.staging}`,
    });
    expect(
      await act(origin, noah, { kind: 'press', channel: platform, ts: said.ts, blockId: 'b', actionId: 'a' }),
    ).toMatchObject({ kind: 'act', error: 'no element a in block b' });
    expect(await act(origin, noah, { kind: 'submit', viewId: 'V1', values: {} })).toMatchObject({
      kind: 'act',
      error: 'no view V1 is open',
    });
    const dm = await act(origin, noah, { kind: 'openDm', withUser: bot });
    expect(dm).toMatchObject({ ok: true });
    expect((await state(origin, noah)).channels.filter((one) => one.kind === 'dm')).toMatchObject([
      { name: 'mlp', withUser: bot },
    ]);
    expect((await state(origin, noah)).channels.map((one) => one.id)).toContain(general);
  });

  test('snapshots stream as things happen', async () => {
    const { origin, client } = await start();
    const abort = new AbortController();
    const response = await fetch(`${origin}/page/events?user=${noah}`, { signal: abort.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const next = async (): Promise<PageSnapshot> => {
      while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? '';
      const [frame = '', ...rest] = text.split('\n\n');
      text = rest.join('\n\n');
      expect(frame.startsWith('event: snapshot\ndata: ')).toBe(true);
      return JSON.parse(frame.slice(frame.indexOf('{'))) as PageSnapshot;
    };
    const first = await next();
    for (const n of [1, 2, 3]) await client.chat.postMessage({ channel: platform, text: `${n}` });
    // How many messages one snapshot carries depends on how fast they were posted.
    let last = first;
    while (last.channels[0]?.messages.length !== 3) {
      const snapshot = await next();
      expect(snapshot.revision).toBeGreaterThan(last.revision);
      last = snapshot;
    }
    expect(last.channels[0]?.messages.map((one) => one.text)).toEqual(['1', '2', '3']);
    abort.abort();
  });

  test('a file is shown, but nothing in it runs', async () => {
    const { origin, client, slack } = await start();
    await client.files.uploadV2({ channel_id: platform, filename: 'x.html', content: '<script>alert(1)</script>' });
    const found = await slack.until(() => slack.snapshot(noah).channels[0]?.messages[0]?.files[0], 'the file');
    const response = await fetch(origin + found.url);
    expect(await response.text()).toBe('<script>alert(1)</script>');
    expect(response.headers.get('content-disposition')).toBe('attachment');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
  });
});
