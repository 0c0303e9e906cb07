import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertOf, group, startAbused } from './bot.ts';
import type { Abused, Sender } from './bot.ts';

/** Bodies that nobody sends by mistake, at the real server of the whole bot. */

const SENDERS: readonly Sender[] = ['alertmanager', 'grafana', 'cloudwatch', 'pagerduty'];
/** The limit is 200 ms; other work shares this machine's cores. */
const HEALTHZ_MS = 1_000;
let bot: Abused;
beforeAll(async () => {
  bot = await startAbused();
}, 60_000);
afterAll(() => bot.stop());

/** Sends it as this sender signs it; `/healthz` answers meanwhile. */
async function asSigned(
  sender: Sender,
  body: string | Uint8Array,
  more: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const made = await bot.signed(sender, body);
  const { result, slowestMs } = await bot.healthy(() => bot.send(sender, made.body, { ...made.headers, ...more }));
  expect(slowestMs).toBeLessThan(HEALTHZ_MS);
  return result;
}

describe('forgeries', () => {
  test.each(SENDERS)('%s: unsigned, signed for another body, and nonsense as a signature', async (sender) => {
    const before = await bot.counted(sender, 'unauthorised');
    const good = await bot.signed(sender, '{"alerts":[]}');
    const other = await bot.signed(sender, '{"alerts":[1]}');
    const forged =
      sender === 'cloudwatch'
        ? JSON.stringify({ ...(JSON.parse(String(good.body)) as object), Message: 'x' })
        : '{"alerts":[2]}';
    const nonsense = Object.fromEntries(Object.keys(good.headers).map((name) => [name, 'v1=zz\u00ff, =,,'.repeat(40)]));
    const statuses = [
      (await bot.send(sender, forged)).status,
      (await bot.send(sender, forged, sender === 'alertmanager' ? { authorization: 'Bearer x' } : other.headers))
        .status,
      (await bot.send(sender, forged, nonsense)).status,
    ];
    expect(statuses.every((one) => one === 401 || one === 403)).toBe(true);
    expect((await bot.counted(sender, 'unauthorised')) - before).toBe(3);
  });
});

describe('large, deep, packed and broken bodies, truly signed', () => {
  const large = `{"alerts":[],"x":"${'y'.repeat(10_000_000)}"}`;
  test.each([
    ['alertmanager', 400],
    ['grafana', 413],
    ['cloudwatch', 413],
    ['pagerduty', 413],
  ] as const)('%s: 10 MB gets %i', async (sender, status) => {
    expect((await asSigned(sender, large)).status).toBe(status);
  });
  test('without a known sender 10 MB are not even read', async () => {
    expect((await bot.send('alertmanager', large)).status).toBe(401);
  });
  const deep = `{"alerts":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  const objects = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  test.each(SENDERS)('%s: 50,000 levels are no crash', async (sender) => {
    for (const body of [deep, objects]) {
      const { status } = await asSigned(sender, body);
      expect([200, 400]).toContain(status);
    }
  });
  test('50,000 levels inside of one alert: the others of its delivery are stored', async () => {
    const good = JSON.stringify(alertOf({ alertname: 'BesideDeep', region: 'eu-west-1' }));
    const answer = await asSigned('alertmanager', `{"alerts":[${good},${objects}]}`);
    expect(answer).toEqual({ status: 200, text: 'stored 1 alerts\n' });
  });
  test.each(SENDERS)('%s: 1 GB packed into 1 MB is cut at the limit', async (sender) => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, 0x20));
    const { status } = await asSigned(sender, bomb, { 'content-encoding': 'gzip' });
    expect([400, 413]).toContain(status);
  });
  test.each(SENDERS)('%s: encodings that are not understood, and what is no gzip', async (sender) => {
    expect((await asSigned(sender, 'x', { 'content-encoding': 'br' })).status).toBe(415);
    expect((await asSigned(sender, 'x', { 'content-encoding': 'gzip, gzip' })).status).toBe(415);
    expect([400, 401, 413]).toContain((await asSigned(sender, 'no gzip', { 'content-encoding': 'gzip' })).status);
  });
  test.each(SENDERS)('%s: wrong content types and bytes get a clear status', async (sender) => {
    for (const body of ['', 'null', '[]', '"x"', '{"alerts":{}}', '\u0000', Buffer.from([0xff, 0xfe, 0xc3, 0x28])]) {
      const { status, text } = await asSigned(sender, body, { 'content-type': 'multipart/form-data; boundary=x' });
      expect([200, 202, 400, 401, 403]).toContain(status);
      expect(text).not.toMatch(/Error|at .*\.ts|undefined/);
    }
  });
  test('100,000 alerts in one delivery: what is within the limit is stored, the rest is said', async () => {
    const alerts = Array.from({ length: 100_000 }, (_one, index) => ({
      status: 'firing',
      labels: { alertname: 'Flood', n: String(index) },
      startsAt: '',
    }));
    const answer = await asSigned('alertmanager', group(alerts));
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('stored 5000 alerts\n');
    expect(await bot.counted('alertmanager', 'stored in part')).toBeGreaterThan(0);
    // Somebody else's alert is taken meanwhile, and seen.
    const other = await asSigned(
      'alertmanager',
      group([
        alertOf({
          alertname: 'KubePodNotReady',
          region: 'us-east-1',
          namespace: 'ml-platform',
          deployment: 'api-gateway',
        }),
      ]),
    );
    expect(other.status).toBe(200);
  }, 120_000);
});
