import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startPagerDuty, type LocalPagerDuty } from './server.ts';
import { handlePagerDuty } from './view.ts';
import type { PagerDutyAct, PagerDutyView } from './view-api.ts';

/** `/page/pagerduty`: what a page would show and press. */

let pd: LocalPagerDuty;
let server: Server;
let url = '';
beforeEach(async () => {
  pd = await startPagerDuty({ port: 0, queueMs: 0, notifyMs: 0 });
  server = createServer((request, response) => {
    if (!handlePagerDuty(pd, request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page/pagerduty`;
});
afterEach(async () => {
  server.close();
  await pd.stop();
});

const view = async (): Promise<PagerDutyView> => (await (await fetch(url)).json()) as PagerDutyView;
const press = async (act: PagerDutyAct): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(act) })).json();
};
const opened = async (): Promise<string> => {
  pd.happenings.event({
    action: 'trigger',
    service: 'PSVCLED',
    key: 'k',
    summary: 'P0',
    severity: 'critical',
    event: {},
  });
  await new Promise((done) => setTimeout(done, 20));
  return pd.happenings.incidents[0]?.id ?? '';
};

test('shows who was told how, and what a press has done', async () => {
  const incident = await opened();
  expect((await view()).incidents[0]).toMatchObject({
    status: 'triggered',
    service: 'Platform Lead',
    assigned: ['Mei-Lin Chen'],
    keys: ['k'],
  });
  expect((await view()).incidents[0]?.log.filter((one) => one.rang).map((one) => one.text)).toEqual([
    'Notified Mei-Lin Chen by push',
    'Notified Mei-Lin Chen by phone',
  ]);
  expect(await press({ kind: 'acknowledge', incident, by: 'PMEILIN' })).toEqual({ ok: true });
  expect(await press({ kind: 'note', incident, by: 'PMEILIN', text: 'I look.' })).toEqual({ ok: true });
  expect((await view()).incidents[0]).toMatchObject({
    status: 'acknowledged',
    notes: [{ by: 'Mei-Lin Chen', text: 'I look.' }],
  });
  expect(await press({ kind: 'resolve', incident: 'PNONE', by: 'PMEILIN' })).toEqual({
    ok: false,
    error: 'no incident PNONE',
  });
});

test('maintenance begins and ends; what comes meanwhile is dropped, and why is shown', async () => {
  await press({ kind: 'maintenance', service: 'PSVCLED', minutes: 5 });
  await opened();
  const shown = await view();
  expect(shown.services.map((one) => one.status)).toEqual(['active', 'maintenance']);
  expect([shown.incidents, shown.dropped]).toEqual([[], [{ key: 'k', why: 'maintenance' }]]);
  await press({ kind: 'maintenance', service: 'PSVCLED', minutes: 0 });
  expect((await view()).services[1]?.status).toBe('active');
});

test('broken until mended', async () => {
  await press({ kind: 'break', broken: true });
  expect([(await view()).broken, pd.faults.take('events'), pd.faults.take('rest')]).toEqual([
    true,
    { is: 'status', status: 503 },
    { is: 'status', status: 503 },
  ]);
  await press({ kind: 'break', broken: false });
  expect(pd.faults.take('events')).toBeNull();
});

test('strangers and nonsense are refused', async () => {
  expect((await fetch(url, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(415);
  expect(await press({ kind: 'explode' } as unknown as PagerDutyAct)).toHaveProperty('error');
});
