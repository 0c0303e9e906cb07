import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probe } from './probe.ts';

/** Against a real server that answers, hangs, resets, errs, is slow, redirects, and never ends. */

let server: Server;
let url = '';
const asked: string[] = [];
const it = probe({ now: () => Date.parse('2026-03-02T04:10:00Z') });
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    switch (request.url) {
      case '/hang':
        return;
      case '/reset':
        request.socket.resetAndDestroy();
        return;
      case '/close':
        request.socket.destroy();
        return;
      case '/slow':
        setTimeout(() => response.end('ok'), 150);
        return;
      case '/endless': {
        response.write('x'.repeat(100_000));
        const timer = setInterval(() => response.write('x'.repeat(100_000)), 1);
        response.on('close', () => clearInterval(timer));
        return;
      }
      case '/moved':
        response.writeHead(302, { location: '/health' }).end();
        return;
      case '/around':
        response.writeHead(302, { location: '/around' }).end();
        return;
      case '/away':
        response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
        return;
      case '/500':
        response.writeHead(500).end('secret');
        return;
      default:
        response.end('ok');
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await it.close();
  server.closeAllConnections();
  server.close();
});

describe('one probe', () => {
  test.each([
    ['/health', 200, null],
    ['/moved', 200, null],
    ['/endless', 200, null],
    ['/500', 500, 'it answered 500'],
    ['/away', 302, 'it answered 302 and points elsewhere, which is not followed'],
    ['/around', 302, 'it answered 302 again and again'],
    ['/hang', null, 'no answer within 300 ms'],
    ['/reset', null, 'the connection was reset'],
    ['/close', null, 'the connection was closed without an answer'],
  ])('%s', async (path, status, why) => {
    const got = await it.get(`${url}${path}`, 300);
    expect([got.status, got.why, got.at]).toEqual([status, why, '2026-03-02T04:10:00.000Z']);
    expect(got.tookMs).toBeLessThan(1_500);
  });
  test('how long it took', async () => {
    expect((await it.get(`${url}/slow`, 2_000)).tookMs).toBeGreaterThanOrEqual(140);
  });
  test('nobody listens, no such name, no web address: said, never thrown', async () => {
    expect((await it.get('http://127.0.0.1:1/', 1_000)).why).toBe('connection refused');
    expect((await it.get('file:///etc/passwd', 1_000)).status).toBeNull();
    expect((await it.get('nonsense', 1_000)).status).toBeNull();
  });
});
