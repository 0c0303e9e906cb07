import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AlertIn } from '../../core/routing.ts';
import { grafanaHandler } from './grafana.ts';

/** `POST /webhooks/grafana` as Grafana sees it. */

const SECRET = 'grafana-secret';
const NOW = Date.UTC(2026, 10, 24, 3);
let took: { alerts: readonly AlertIn[]; note: string | null }[] = [];
let counted: string[] = [];
beforeEach(() => {
  [took, counted] = [[], []];
});

const sign = (body: string, secret = SECRET): string => createHmac('sha256', secret).update(body).digest('hex');

interface Sent {
  readonly body: string | Uint8Array;
  readonly signature?: string | null;
  readonly time?: string;
  readonly secret?: string | null;
  readonly timestampHeader?: string | null;
  readonly maxBytes?: number;
}
async function post(sent: Sent): Promise<number> {
  const { secret = SECRET, timestampHeader = null, maxBytes = 1_000_000 } = sent;
  const handler = grafanaHandler({
    secret,
    timestampHeader,
    maxBytes,
    now: () => NOW,
    log: () => undefined,
    count: (outcome) => void counted.push(outcome),
    take: async (alerts, note) => void took.push({ alerts, note }),
  });
  const headers = new Headers();
  const signature = sent.signature === undefined ? sign(String(sent.body)) : sent.signature;
  if (signature !== null) headers.set('X-Grafana-Alerting-Signature', signature);
  if (sent.time !== undefined) headers.set('X-Time', sent.time);
  const request = new Request('http://bot/webhooks/grafana', { method: 'POST', headers, body: sent.body });
  return (await handler(request)).status;
}

const alert = (labels: Record<string, string>): object => ({
  status: 'firing',
  labels,
  annotations: {},
  startsAt: '2026-11-24T02:15:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'https://grafana/alerting/grafana/x/view',
  fingerprint: 'abc',
  values: { A: 1 },
  dashboardURL: '',
});
const group = (...alerts: unknown[]): string =>
  JSON.stringify({ receiver: 'mlp', status: 'firing', orgId: 1, version: '1', truncatedAlerts: 0, alerts });

describe('who may speak', () => {
  const body = group(alert({ alertname: 'HighCPU', region: 'eu-west-1' }));

  test('the body signed with the secret', async () => {
    expect(await post({ body })).toBe(200);
    expect(took).toMatchObject([{ alerts: [{ fingerprint: 'abc', labels: { alertname: 'HighCPU' } }], note: null }]);
    expect(counted).toEqual(['stored']);
  });

  test.each<[string, Partial<Sent>]>([
    ['no signature', { signature: null }],
    ['of another secret', { signature: sign(body, 'other') }],
    ['of another body', { signature: sign(`${body} `) }],
    ['cut', { signature: sign(body).slice(0, 40) }],
    ['no hex', { signature: 'ü'.repeat(3) }],
    ['with a prefix', { signature: `sha256=${sign(body)}` }],
    ['webhook is off', { secret: null }],
    ['time header wanted, and not sent', { timestampHeader: 'X-Time' }],
  ])('%s: 401, nothing stored', async (_what, some) => {
    const signature = some.signature === 'ü'.repeat(3) ? encodeURIComponent(some.signature) : some.signature;
    expect(await post({ body, ...some, ...(signature === undefined ? {} : { signature }) })).toBe(401);
    expect(took).toEqual([]);
  });

  test('with a time header, time and body are signed together, and old times are refused both ways', async () => {
    const at = (offsetS: number): Promise<number> => {
      const time = String(NOW / 1000 + offsetS);
      return post({ body, time, timestampHeader: 'X-Time', signature: sign(`${time}:${body}`) });
    };
    expect(await at(0)).toBe(200);
    expect(await at(-299)).toBe(200);
    expect(await at(-301)).toBe(401);
    expect(await at(301)).toBe(401);
    expect(await post({ body, time: String(NOW / 1000), timestampHeader: 'X-Time' })).toBe(401);
    expect(await post({ body, time: 'now', timestampHeader: 'X-Time', signature: sign(`now:${body}`) })).toBe(401);
  });
});

describe('what it says', () => {
  test('no data and errors carry the name of their rule', async () => {
    await post({ body: group(alert({ alertname: 'DatasourceNoData', rulename: 'HighCPU', ref_id: 'A' })) });
    expect(took[0]?.alerts[0]?.labels).toMatchObject({ alertname: 'HighCPU', grafana_state: 'no data' });
  });

  test("Grafana's own test is answered and not stored", async () => {
    expect(await post({ body: group(alert({ alertname: 'TestAlert', instance: 'Grafana' })) })).toBe(200);
    expect([took, counted]).toEqual([[], ['ignored']]);
  });

  test('what cannot be read is counted beside what can', async () => {
    expect(await post({ body: group(alert({ alertname: 'A' }), { status: 'odd' }) })).toBe(200);
    expect(took[0]).toMatchObject({ alerts: [{}], note: '1 alerts of this delivery could not be read' });
  });

  test.each([
    ['no JSON', '{"alerts":', 400],
    ['another shape', '{"alerts":{}}', 400],
    ['nothing readable', group({ status: 'odd' }), 400],
    ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 400],
    ['NUL', group(alert({ alertname: 'a\u0000b' })), 200],
    ['too large', group(alert({ alertname: 'x'.repeat(2_000) })), 413],
  ])('%s', async (what, body, status) => {
    expect(await post({ body, ...(what === 'too large' ? { maxBytes: 1_000 } : {}) })).toBe(status);
  });
});
