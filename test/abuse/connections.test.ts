import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/http/metrics.ts';
import { startHttp } from '../../src/http/server.ts';

/** Senders that are slow, many, or neither, at the bot's own server with short limits. */

let server: Awaited<ReturnType<typeof startHttp>>;
beforeAll(async () => {
  server = await startHttp({
    port: 0,
    slack: null,
    health: () => Promise.resolve([]),
    metrics: createMetrics(
      () => Promise.resolve({ inbox: 0, outbox: 0, dead: 0, open: 0, overdue: 0, alerts: 0 }),
      () => Promise.resolve({ number: 0 }),
    ),
    webhooks: { alertmanager: async (request) => new Response(`${(await request.text().catch(() => '')).length}\n`) },
    limits: { headersMs: 1_000, requestMs: 2_000, checkMs: 200, connections: 200 },
  });
});
afterAll(() => server.stop());

const healthz = async (): Promise<number> => {
  const from = performance.now();
  const response = await fetch(`http://127.0.0.1:${server.port}/healthz`, { headers: { connection: 'close' } });
  expect(await response.text()).toBe('ok\n');
  return performance.now() - from;
};

/** What it got until the server closed it, and how long that took. */
function raw(
  first: string,
  drip: { readonly text: string; readonly everyMs: number } | null,
): { readonly socket: Socket; readonly closed: Promise<{ got: string; tookMs: number }> } {
  const socket = connect(server.port, '127.0.0.1');
  const from = performance.now();
  let got = '';
  socket.on('data', (data) => void (got += data.toString()));
  socket.on('error', () => undefined);
  socket.write(first);
  const timer = drip === null ? null : setInterval(() => socket.write(drip.text), drip.everyMs);
  const closed = new Promise<{ got: string; tookMs: number }>((resolve) => {
    socket.once('close', () => {
      if (timer !== null) clearInterval(timer);
      resolve({ got, tookMs: performance.now() - from });
    });
  });
  return { socket, closed };
}
const head = 'POST /webhooks/alertmanager HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n';

describe('slow senders', () => {
  test('headers that never end: 408 at the limit', async () => {
    const { got, tookMs } = await raw(head, { text: 'X-A: b\r\n', everyMs: 50 }).closed;
    expect(got).toContain('408 Request Timeout');
    expect(tookMs).toBeLessThan(3_000);
  });
  test('a body of one byte at a time: 408 at the limit, and health answers meanwhile', async () => {
    const all = Array.from({ length: 50 }, () => raw(`${head}\r\n`, { text: 'x', everyMs: 50 }));
    expect(await healthz()).toBeLessThan(1_000);
    for (const { got, tookMs } of await Promise.all(all.map((one) => one.closed))) {
      expect(got).toContain('408 Request Timeout');
      expect(tookMs).toBeLessThan(5_000);
    }
  });
  test('nothing at all, and what is no HTTP', async () => {
    expect((await raw('', null).closed).tookMs).toBeLessThan(3_000);
    expect((await raw('\u0016\u0003\u0001 hello\r\n\r\n', null).closed).got).toContain('400 Bad Request');
    const large = await raw(`${head}X-Large: ${'y'.repeat(100_000)}\r\n\r\n`, null).closed;
    expect(large.got).toContain('431 Request Header Fields Too Large');
  });
});

test('1,000 connections: those beyond the limit are closed, health answers again as soon as there is room', async () => {
  const all = Array.from({ length: 1_000 }, () => raw('', null));
  await Promise.all(all.map((one) => one.closed));
  expect(await healthz()).toBeLessThan(1_000);
});
