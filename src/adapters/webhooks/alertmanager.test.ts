import { gzipSync, deflateSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import type { AlertIn } from '../../core/routing.ts';
import { alertmanagerHandler } from './alertmanager-handler.ts';
import { salvage } from './salvage.ts';

/** `POST /webhooks/alertmanager` as Alertmanager sees it. */

const TOKEN = 'secret-token';
let took: { alerts: readonly AlertIn[]; note: string | null }[] = [];
let counted: string[] = [];
let logged: string[] = [];
let fails: Error | null = null;
beforeEach(() => {
  [took, counted, logged, fails] = [[], [], [], null];
});

async function post(
  body: string | Uint8Array | ReadableStream<Uint8Array>,
  options: { token?: string | null; header?: string | null; maxBytes?: number; encoding?: string } = {},
): Promise<{ status: number; text: string; retryAfter: string | null }> {
  const { token = TOKEN, header = `Bearer ${TOKEN}`, maxBytes = 1_000_000, encoding } = options;
  const handler = alertmanagerHandler({
    token,
    maxBytes,
    take: async (alerts, note) => {
      if (fails !== null) throw fails;
      took.push({ alerts, note });
    },
    log: (_level, message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    count: (outcome) => void counted.push(outcome),
  });
  const headers = new Headers();
  if (header !== null) headers.set('authorization', header);
  if (encoding !== undefined) headers.set('content-encoding', encoding);
  const request = new Request('http://bot/webhooks/alertmanager', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  });
  const response = await handler(request);
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
}

const alert = (name = 'KubePodNotReady', labels: Record<string, unknown> = {}): Record<string, unknown> => ({
  status: 'firing',
  labels: { alertname: name, ...labels },
  annotations: { summary: 's' },
  startsAt: '2026-03-02T02:15:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus/graph',
  fingerprint: `f-${name}`,
});
const group = (...alerts: unknown[]): string =>
  JSON.stringify({ version: '4', groupKey: '{}', truncatedAlerts: 0, status: 'firing', receiver: 'mlp-bot', alerts });
const names = (): readonly (string | undefined)[] =>
  took.flatMap(({ alerts }) => alerts.map((one) => one.labels['alertname']));

describe('who may send', () => {
  test.each([
    ['no header', { header: null }],
    ['another token', { header: 'Bearer wrong' }],
    ['the token without Bearer', { header: TOKEN }],
    ['a token that begins alike', { header: `Bearer ${TOKEN}x` }],
    ['none configured', { token: null }],
    ['none configured and an empty one sent', { token: null, header: 'Bearer ' }],
  ])('%s: 401, nothing stored', async (_what, options) => {
    expect((await post(group(alert()), options)).status).toBe(401);
    expect(took).toEqual([]);
    expect(counted).toEqual(['unauthorised']);
  });
});

describe('a delivery', () => {
  test('is stored before the 200', async () => {
    expect(await post(group(alert('A'), alert('B')))).toMatchObject({ status: 200, text: 'stored 2 alerts\n' });
    expect(took[0]?.note).toBeNull();
    expect(took[0]?.alerts[0]).toMatchObject({
      fingerprint: 'f-A',
      status: 'firing',
      startsAt: '2026-03-02T02:15:00Z',
      link: 'http://prometheus/graph',
    });
    expect(counted).toEqual(['stored']);
  });

  test('of an empty group is fine', async () => {
    expect((await post(group())).status).toBe(200);
  });

  test('that left alerts out says how many', async () => {
    await post(JSON.stringify({ alerts: [alert()], truncatedAlerts: 37 }));
    expect(took[0]?.note).toBe('Alertmanager left out 37 alerts of this group (its max_alerts)');
  });

  test('that cannot be stored gets 503, and when to come again', async () => {
    fails = new Failure('too many requests', 'the inbox is full', { retryAfterMs: 2_400 });
    expect(await post(group(alert()))).toMatchObject({ status: 503, retryAfter: '3' });
    fails = new Error('disk');
    expect(await post(group(alert()))).toMatchObject({ status: 503, retryAfter: '5' });
    expect(counted).toEqual(['refused', 'refused']);
  });
});

describe('a body that is not what it should be is kept as far as it can be read', () => {
  test('larger than the limit', async () => {
    const body = group(alert('A'), alert('B', { filler: 'x'.repeat(5_000) }), alert('C'));
    expect((await post(body, { maxBytes: 2_000 })).status).toBe(200);
    expect(names()).toEqual(['A']);
    expect(took[0]?.note).toMatch(/^the delivery was larger than the limit/);
    expect(counted).toEqual(['stored in part']);
    expect(logged).toHaveLength(1);
  });

  test('broken off on the way', async () => {
    const bytes = new TextEncoder().encode(group(alert('A'), alert('B')));
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulled++ === 0) controller.enqueue(bytes.slice(0, -40));
        else controller.error(new Error('socket hang up'));
      },
    });
    expect((await post(body)).status).toBe(200);
    // The second one had said what it is before it broke off.
    expect(names()).toEqual(['A', 'B']);
  });

  test('one alert, far too large: what it is gets through', async () => {
    const huge = { ...alert('Huge'), annotations: { description: 'x'.repeat(3_000_000) } };
    expect((await post(group(huge))).status).toBe(200);
    expect(names()).toEqual(['Huge']);
    expect(took[0]?.note).toMatch(/larger than the limit/);
  });

  test('one alert of three is not one', async () => {
    await post(group(alert('A'), { status: 'odd' }, alert('C')));
    expect(names()).toEqual(['A', 'C']);
    expect(took[0]?.note).toBe('1 alerts of this delivery could not be read');
  });

  test('not JSON in one place', async () => {
    await post(group(alert('A'), alert('B'), alert('C')).replace('"alertname":"B"', '"alertname":B'));
    expect(names()).toEqual(['A', 'C']);
    expect(took[0]?.note).toMatch(/1 alerts .* could not be read; the delivery was partly unreadable/);
  });

  test('bytes that are no UTF-8, NULs, emoji, right-to-left, empty labels, 10,000 characters', async () => {
    const odd = { a: '\u0000', b: '🔥', c: 'مرحبا', d: '', e: 'x'.repeat(10_000), ['$(id)']: '`rm -rf`\n;' };
    expect((await post(group(alert('A', odd)))).status).toBe(200);
    expect(took[0]?.alerts[0]?.labels).toMatchObject(odd);
    const bytes = Buffer.from(JSON.stringify({ alerts: [{ ...alert('B'), annotations: { summary: 'XY' } }] }));
    bytes.set([0xff, 0xfe], bytes.indexOf('XY'));
    expect((await post(bytes)).status).toBe(200);
    expect(took[1]?.alerts[0]?.annotations).toEqual({ summary: '\uFFFD\uFFFD' });
  });

  test('labels that are no texts: that alert is not one', async () => {
    await post(group(alert('A', { count: 3 }), alert('B')));
    expect(names()).toEqual(['B']);
  });

  test('a fingerprint that is missing is made of the labels, whatever their order', async () => {
    const [one, two] = [
      { x: '1', y: '2' },
      { y: '2', x: '1' },
    ].map((labels) => ({ status: 'firing', labels, startsAt: '2026-03-02T02:15:00Z' }));
    await post(group(one, two));
    const prints = took[0]?.alerts.map((a) => a.fingerprint);
    expect(prints?.[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(prints?.[0]).toBe(prints?.[1]);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['JSON of something else', '{"a":1}'],
    ['a list', '[]'],
    ['50,000 levels deep', `{"alerts":[${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}]}`],
    ['50,000 brackets', '['.repeat(50_000)],
    ['alerts that are none', '{"alerts":[1,2,null,"x"]}'],
  ])('%s holds no alert: 400, counted, said in the channel', async (_what, body) => {
    expect((await post(body)).status).toBe(400);
    expect(counted).toEqual(['unreadable']);
    expect(took).toEqual([
      { alerts: [], note: 'a delivery of Alertmanager: no alert in this body could be read, so it was dropped' },
    ]);
  });
});

describe('a packed body', () => {
  test('is unpacked', async () => {
    expect((await post(gzipSync(group(alert('A'))), { encoding: 'gzip' })).status).toBe(200);
    expect((await post(deflateSync(group(alert('B'))), { encoding: 'Deflate' })).status).toBe(200);
    expect(names()).toEqual(['A', 'B']);
  });

  test('the limit is one of what comes out: a bomb is cut', async () => {
    const bomb = gzipSync(`${group(alert('A')).slice(0, -2)},${' '.repeat(50_000_000)}`);
    expect(bomb.length).toBeLessThan(100_000);
    expect((await post(bomb, { encoding: 'gzip', maxBytes: 10_000 })).status).toBe(200);
    expect(names()).toEqual(['A']);
  });

  test('broken in the middle: what came out is kept', async () => {
    const packed = gzipSync(
      group(...Array.from({ length: 2_000 }, (_, n) => alert(`A${n}`, { random: `${Math.sin(n)}` }))),
    );
    const { status } = await post(packed.subarray(0, packed.length - 400), { encoding: 'gzip' });
    expect(status).toBe(200);
    expect(names().length).toBeGreaterThan(100);
    expect(names().length).toBeLessThan(2_000);
  });

  test('in a way that nobody knows: 415 with a sentence', async () => {
    expect(await post('x', { encoding: 'br' })).toMatchObject({
      status: 415,
      text: expect.stringContaining('send it plain, or with gzip or deflate'),
    });
  });
});

test('salvage takes time in proportion to the text', () => {
  const text = `{"alerts":[${'{"a":"\\""},'.repeat(200_000)}`;
  expect(salvage(text)).toHaveLength(200_000);
});
