import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { startSlack } from '../../src/adapters/slack/app.ts';
import { say } from '../../src/core/words.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { closeAll, Inbox, startBot } from './bot.ts';

const { platform } = ids.channels;
const { sana } = ids.users;
const note = { lock: 'x', blocks: [{ is: 'lines', lines: [say`x`] }] } as const;

const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);
process.on('unhandledRejection', onRejection);
afterEach(async () => {
  await closeAll();
  // What would have ended the process.
  const unhandled = rejections.splice(0);
  if (unhandled.length > 0) throw new Error(`unhandled rejections: ${unhandled.map(String).join('; ')}`);
});

async function soon(check: () => boolean, what: string, limitMs = 8_000): Promise<void> {
  for (const end = Date.now() + limitMs; !check();) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}

test.each(['socket', 'http'] as const)(
  '%s mode: Slack is down at the start; the bot runs, says so, and is there when Slack is',
  async (mode) => {
    const { local, slack, inbox } = await startBot(mode, { down: true });
    await soon(() => slack.health().words.includes('not connected: unreachable'), 'the words');
    expect(slack.health().ok).toBe(false);
    await expect(
      slack.chat.post({ channel: platform, threadTs: null }, note, { key: 'k', revision: 1 }),
    ).rejects.toMatchObject({ kind: 'unreachable' });
    local.faults.setDown(false);
    await slack.ready();
    await soon(() => slack.health().ok, 'health');
    expect(slack.health().words).toMatch(
      mode === 'socket' ? /mlp in Sandbox, Socket Mode, sockets open: [12]/ : /mlp in Sandbox, HTTP mode/,
    );
    expect(await local.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
    expect(inbox.all).toHaveLength(1);
  },
  20_000,
);

test('HTTP mode: before Slack said who the bot is, deliveries get 503', async () => {
  const { local, url } = await startBot('http', { down: true });
  const body = JSON.stringify({
    type: 'event_callback',
    team_id: ids.team,
    event_id: 'Ev1',
    event: { type: 'app_mention' },
  });
  const http = local.useHttp(url ?? '');
  const answer = await http.post(body, { 'content-type': 'application/json', ...http.signature(body) });
  expect(answer.status).toBe(503);
});

test('a token that Slack does not take: said, not fatal', async () => {
  const { slack, local } = await startBot('http', { down: true, bot: { token: 'xoxb-wrong' } });
  local.faults.setDown(false);
  await soon(() => slack.health().words.includes('set SLACK_BOT_TOKEN'), 'the words');
  expect(JSON.stringify(slack.health())).not.toContain('xoxb-wrong');
}, 20_000);

test('Slack goes away for a moment and comes back: so do both sockets', async () => {
  const { local, slack, inbox, logged } = await startBot('socket');
  await local.until(() => local.connections === 2, 'two sockets');
  local.faults.setDown(true);
  await soon(() => !slack.health().ok, 'the health');
  expect(slack.health().words).toContain('no socket open');
  await new Promise((resolve) => void setTimeout(resolve, 300));
  local.faults.setDown(false);
  await local.until(() => local.connections === 2, 'the sockets', 15_000);
  await soon(() => slack.health().ok, 'health', 10_000);
  expect(await local.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
  expect(inbox.all).toHaveLength(1);
  expect(JSON.stringify(logged)).not.toMatch(/xapp-|xoxb-|ticket=[0-9a-f]/);
}, 30_000);

test('the sockets break without a word: new ones at once', async () => {
  const { local, inbox } = await startBot('socket');
  await local.until(() => local.connections === 2, 'two sockets');
  local.dropSockets();
  await local.until(() => local.connections === 0, 'the end');
  await local.until(() => local.connections === 2, 'new ones', 3_000);
  expect(await local.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
  expect(inbox.all).toHaveLength(1);
});

test('Slack replaces the sockets: what is under way is acknowledged over the old one, and there is no gap', async () => {
  const { local, inbox } = await startBot('socket');
  await local.until(() => local.connections === 2, 'two sockets');
  const { promise, resolve } = Promise.withResolvers<void>();
  inbox.answer = async () => {
    await promise;
    return { is: 'taken' };
  };
  const underway = local.as(sana).command('/mlp status', { channel: platform });
  await soon(() => inbox.calls === 1, 'the command');
  local.refreshSockets(2_000);
  const since = Date.now();
  await local.until(() => local.connections === 2, 'new ones', 2_000);
  expect(Date.now() - since).toBeLessThan(1_500);
  resolve();
  expect(await underway).toEqual({ ok: true });
  expect(await local.as(sana).command('/mlp status', { channel: platform })).toEqual({ ok: true });
});

test('stopping waits for what is being taken', async () => {
  const { local, inbox, slack } = await startBot('socket');
  const { promise, resolve } = Promise.withResolvers<void>();
  inbox.answer = async () => {
    await promise;
    return { is: 'taken' };
  };
  const underway = local.as(sana).command('/mlp status', { channel: platform });
  await soon(() => inbox.calls === 1, 'the command');
  const stopped = slack.stop();
  resolve();
  expect(await underway).toEqual({ ok: true });
  await stopped;
  await local.until(() => local.connections === 0, 'the sockets to close');
  expect(slack.health()).toEqual({ ok: false, words: 'stopping' });
});

/** The least that a socket needs; it says whatever it is told to. */
async function rawSlack(): Promise<{
  readonly base: string;
  readonly opened: readonly WebSocket[];
  readonly acks: readonly { readonly envelope_id: string }[];
  readonly close: () => Promise<unknown>;
}> {
  const opened: WebSocket[] = [];
  const acks: { readonly envelope_id: string }[] = [];
  const http = createServer((req, res) => {
    const answer =
      req.url?.endsWith('apps.connections.open') === true
        ? { ok: true, url: `${base().replace('http', 'ws')}/link` }
        : { ok: true, team_id: 'T1', user_id: 'U1', bot_id: 'B1' };
    res.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  const base = (): string => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket) => {
    opened.push(socket);
    socket.on('message', (data) =>
      acks.push(JSON.parse((data as Buffer).toString()) as { readonly envelope_id: string }),
    );
    socket.send('{"type":"hello"}');
  });
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  return {
    base: base(),
    opened,
    acks,
    close: () => {
      sockets.close();
      http.closeAllConnections();
      return new Promise((resolve) => http.close(resolve));
    },
  };
}

const envelope = (type: string, payload: unknown, id = `junk-${type}`): string =>
  JSON.stringify({ type, envelope_id: id, payload });
const junk = [
  'null',
  '[]',
  '1',
  '"x"',
  '',
  '{',
  '{}',
  '{"type":null}',
  '{"type":"events_api"}',
  '{"type":"events_api","envelope_id":"e","payload":null}',
  '{"type":"events_api","envelope_id":"e","payload":{}}',
  '{"type":"events_api","envelope_id":"e","payload":{"event":null}}',
  '{"type":"error","envelope_id":"e","payload":{}}',
  envelope('interactive', { type: 'block_actions', team: { id: 'T1' }, user: { id: 'U2' }, actions: [null] }),
  envelope('interactive', { type: 'view_submission', team: { id: 'T1' }, user: { id: 'U2' }, view: { state: 1 } }),
  envelope('slash_commands', { command: '/mlp', team_id: 'T1' }),
  envelope('events_api', {
    type: 'event_callback',
    team_id: 'T1',
    event_id: 'Ev',
    event: { type: 'app_mention', user: { id: 1 } },
  }),
  envelope('events_api', {
    type: 'event_callback',
    team_id: 'T9',
    event_id: 'Ev',
    event: { type: 'app_mention', user: 'U2' },
  }),
  envelope('unheard_of', { team_id: 'T1' }),
];

test('frames that are nothing Slack sends do not end the process, nor the connection', async () => {
  const { base, opened, acks, close } = await rawSlack();
  const inbox = new Inbox();
  const slack = startSlack({
    token: 'xoxb-1',
    mode: { is: 'socket', appToken: 'xapp-1', connections: 1 },
    apiUrl: `${base}/api/`,
    intake: inbox,
    log: () => {},
  });
  await slack.ready();
  for (const frame of junk) opened[0]?.send(frame);
  opened[0]?.send(Buffer.from([0, 1, 2]));
  opened[0]?.send(
    envelope(
      'slash_commands',
      {
        command: '/mlp',
        text: 'status',
        team_id: 'T1',
        user_id: 'U2',
        channel_id: 'C1',
        trigger_id: '1.2',
        response_url: `${base}/r`,
      },
      'the-command',
    ),
  );
  await soon(() => inbox.calls === 1, 'the command');
  await soon(() => acks.some((it) => it.envelope_id === 'the-command'), 'its acknowledgement');
  // What would be the same next time must not come for ever.
  expect(acks.map((it) => it.envelope_id)).toContain('junk-events_api');
  expect(opened).toHaveLength(1);
  expect(inbox.all).toMatchObject([{ is: 'command', text: 'status' }]);
  await slack.stop();
  await close();
});
