import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { createServer as createTcp } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownCertificate } from '../../sandbox/pagerduty/certificate.ts';
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
      case '/unfinished':
        response.writeHead(200, { 'content-length': 1_000 });
        response.write('o');
        return;
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
    ['/unfinished', null, 'no answer within 300 ms'],
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

test('redirects go to the same host alone: nothing else was asked', () => {
  expect(asked.filter((path) => path.includes('meta-data'))).toEqual([]);
  expect(asked.filter((path) => path === '/around')).toHaveLength(4);
});

test('an answer that comes twice is one', async () => {
  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
  const twice = createTcp((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => void socket.write(ok + ok.replace('200 OK', '500 Oh')));
  });
  await new Promise<void>((resolve) => void twice.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(twice.address() as AddressInfo).port}/`;
  const all = [await it.get(at, 1_000), await it.get(at, 1_000)];
  expect(all.map((one) => [one.status, one.why])).toEqual([
    [200, null],
    [200, null],
  ]);
  twice.close();
});

test('a certificate that nobody signed, and what is no TLS at all: said in words', async () => {
  const own = ownCertificate(Date.now());
  const tls = createSecure({ key: own.key, cert: own.certificate }, (_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => void tls.listen(0, '127.0.0.1', resolve));
  const signed = await it.get(`https://127.0.0.1:${(tls.address() as AddressInfo).port}/`, 1_000);
  expect([signed.status, signed.why]).toEqual([null, 'its certificate is signed by itself']);
  const plain = await it.get(url.replace('http:', 'https:'), 1_000);
  expect(plain.status).toBeNull();
  expect(plain.why).not.toMatch(/undefined|\[object/);
  tls.closeAllConnections();
  tls.close();
});

test('where the sandbox stands in for every address, it alone is asked', async () => {
  const over = probe({ now: Date.now, at: (address) => `${url}/for?url=${encodeURIComponent(address)}` });
  expect((await over.get('https://model-server.eu-west-1.mlp.example/health', 1_000)).status).toBe(200);
  expect(asked.at(-1)).toBe('/for?url=https%3A%2F%2Fmodel-server.eu-west-1.mlp.example%2Fhealth');
  await over.close();
});
