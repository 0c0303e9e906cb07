import { mkdtempSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BotProcess } from './bot-process.ts';
import type { ControlSnapshot } from './control-api.ts';
import { Control } from './control.ts';
import { startPlatform } from './platform-door.ts';
import { ids } from './slack/seed.ts';
import { startLocalSlack, type LocalSlack } from './slack/server.ts';
import type { StartedPlatform } from './start.ts';

let slack: LocalSlack;
let platform: StartedPlatform;
let control: Control;
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'mlp-control-'));
const server = createServer((request, response) => {
  if (!control.handle(request, response)) response.writeHead(404).end();
});

beforeAll(async () => {
  slack = await startLocalSlack({ port: null, baseUrl: 'http://127.0.0.1:1' });
  platform = await startPlatform({ alertUrl: 'http://127.0.0.1:1/', alertToken: 't' });
  const bot = new BotProcess({
    command: [process.execPath, '--version'],
    cwd: folder,
    env: {},
    logFile: join(folder, 'bot.log'),
    onChange: () => undefined,
  });
  control = new Control({ platform: platform.door, bot, slack });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page/control`;
});
afterAll(async () => {
  control.close();
  server.close();
  await Promise.all([platform.stop(), slack.close()]);
});

const post = async (act: unknown): Promise<unknown> => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(act),
  });
  return { status: answer.status, ...((await answer.json()) as object) };
};
const snapshot = async (): Promise<ControlSnapshot> => (await (await fetch(url)).json()) as ControlSnapshot;

test('a fault is put in, seen in the pods, healed and reset', async () => {
  expect(await post({ kind: 'inject', fault: 'image-missing', region: 'eu-west-1', minutesAgo: 26 })).toMatchObject({
    ok: true,
  });
  const broken = await snapshot();
  const model = broken.regions
    .find((one) => one.region === 'eu-west-1')
    ?.deployments.find((one) => one.name === 'model-server');
  expect(model?.pods.filter((pod) => pod.state === 'image')).toHaveLength(6);
  expect(broken.active).toMatchObject([{ region: 'eu-west-1' }]);
  expect(await post({ kind: 'heal', fault: 'image-missing', region: 'eu-west-1' })).toMatchObject({ ok: true });
  expect((await snapshot()).active).toEqual([]);
  expect(await post({ kind: 'link', region: 'us-east-1', link: { kind: 'slow', addedMs: 800 } })).toMatchObject({
    ok: true,
  });
  expect((await snapshot()).regions.find((one) => one.region === 'us-east-1')?.link).toEqual({
    kind: 'slow',
    addedMs: 800,
  });
  expect(await post({ kind: 'reset' })).toMatchObject({ ok: true });
  expect((await snapshot()).regions.map((one) => one.link.kind)).toEqual(['normal', 'normal', 'normal']);
});

test('what is impossible is a sentence, what is no act is refused', async () => {
  expect(await post({ kind: 'inject', fault: 'nonsense', region: 'eu-west-1', minutesAgo: 1 })).toMatchObject({
    status: 200,
    ok: false,
    error: expect.stringContaining('nonsense') as string,
  });
  expect(await post({ kind: 'kill' })).toMatchObject({ ok: false, error: 'The bot is down already.' });
  expect(await post({ kind: 'inject', fault: 'image-missing' })).toMatchObject({ status: 400 });
  expect(await post({ kind: 'explode' })).toMatchObject({ status: 400 });
});

test('only the page itself may do this', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ kind: 'reset' });
  const elsewhere = await fetch(url, { method: 'POST', headers: { ...headers, origin: 'https://evil.example' }, body });
  expect(elsewhere.status).toBe(403);
  const form = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
  expect(form.status).toBe(415);
  const rebound = await new Promise((resolve) => {
    ask(url, { headers: { host: 'evil.example' } }, (answer) => resolve(answer.resume().statusCode)).end();
  });
  expect(rebound).toBe(403);
});

test('everybody’s unread is told, mentions apart', async () => {
  const before = (await snapshot()).people.find((one) => one.user === ids.users.mateo);
  expect(before).toEqual({ user: ids.users.mateo, unread: 0, mentions: 0 });
  const { ts } = await slack.as(ids.users.sana).say('look', { channel: ids.channels.platform });
  await slack.as(ids.users.sana).say('@ml-approvers please', { channel: ids.channels.platform, thread: ts });
  const { people } = await snapshot();
  expect(people.find((one) => one.user === ids.users.mateo)).toMatchObject({ unread: 2, mentions: 1 });
  expect(people.find((one) => one.user === ids.users.noah)).toMatchObject({ unread: 1, mentions: 0 });
  expect(people.find((one) => one.user === ids.users.sana)).toMatchObject({ unread: 0, mentions: 0 });
  expect(people.map((one) => one.user)).not.toContain(ids.users.bot);
});
