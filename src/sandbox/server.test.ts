import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { buildPage, contentSecurityPolicy } from './page-server.ts';
import { passOn } from './pass.ts';
import { listen, portOf, type Parts } from './server.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what is the bot’s is passed on as it is, with its answer', async () => {
  const bot = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(202, { 'x-seen': `${request.method} ${request.url} ${request.headers.authorization}` });
      response.end(body.toUpperCase());
    });
  });
  const botPort = Number(new URL(await serve(bot)).port);
  const url = await serve(createServer((request, response) => passOn(botPort, request, response)));
  const answer = await fetch(`${url}/webhooks/alertmanager?x=1`, {
    method: 'POST',
    headers: { authorization: 'Bearer t' },
    body: 'alert',
  });
  expect(answer.status).toBe(202);
  expect(answer.headers.get('x-seen')).toBe('POST /webhooks/alertmanager?x=1 Bearer t');
  expect(await answer.text()).toBe('ALERT');
});

test.each([
  ['is down', () => null],
  ['does not listen yet', () => 1],
])('while the bot %s: 503, and when to try again', async (_, port) => {
  const url = await serve(createServer((request, response) => passOn(port(), request, response)));
  const answer = await fetch(`${url}/readyz`);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
});

test('while the sandbox starts: 503; a port in use is an error, not a second server', async () => {
  const parts: Parts = { page: null, control: null, slack: null, bot: null };
  const servers = await listen(parts, 0);
  open.push(...servers);
  const port = portOf(servers);
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(answer.status).toBe(503);
  await expect(listen(parts, port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('the page comes with a policy under which nothing inline runs and nothing is fetched elsewhere', async () => {
  const page = await buildPage();
  const url = await serve(
    createServer((request, response) => {
      if (!page.answer(request, response)) response.writeHead(404).end();
    }),
  );
  const answer = await fetch(url);
  const html = await answer.text();
  expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
  expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:/);
  expect(html).not.toMatch(/<script(?![^>]* src=)|\son[a-z]+=|style=/);
  const script = /src="([^"]+\.js)"/.exec(html)?.[1] ?? '';
  expect((await fetch(url + script)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect((await fetch(`${url}/assets/../../package.json`)).status).toBe(404);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
});
