import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/store/index.ts';
import { webhooks } from '../../src/adapters/webhooks/index.ts';
import type { PagedEvent } from '../../src/core/ports/paging.ts';
import type { Json } from '../../src/core/json.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { startHttp } from '../../src/http/server.ts';
import { signatureOf } from '../../src/sandbox/pagerduty/webhooks.ts';
import { openWorld, page, until, type World } from './world.ts';

/** From what a person does in PagerDuty to a row in the bot's inbox: signed, over HTTP, into a real store. */

const secret = 'whsec-1';
let world: World;
let folder = '';
let store: Store;
let bot: Awaited<ReturnType<typeof startHttp>>;
let took: PagedEvent[] = [];
let down = false;

beforeEach(async () => {
  [took, down] = [[], false];
  folder = mkdtempSync(join(tmpdir(), 'paged-'));
  store = await openSqlite({ file: join(folder, 'bot.sqlite'), auditKey: 'k'.repeat(16), onError: () => undefined });
  const metrics = createMetrics(
    () => store.stats(),
    () => store.auditHead(),
  );
  bot = await startHttp({
    port: 0,
    slack: null,
    health: async () => [],
    metrics,
    webhooks: webhooks(
      {
        alertmanagerToken: null,
        grafana: { secret: null, timestampHeader: null },
        sns: { topics: [], endpoint: null },
        pagerDuty: { webhookSecrets: ['older', secret] },
      },
      {
        maxBytes: 1_000_000,
        now: () => Date.now(),
        log: () => undefined,
        count: metrics.webhook,
        take: async () => undefined,
        pagerDuty: {
          chatIds: {},
          onPagerDuty: async (event) => {
            if (down) throw new Error('no disk');
            const id = `pagerduty:${event.id}`;
            const to = { is: 'stream', stream: 'incident/1' } as const;
            const [row] = await store.accept([{ id, to, body: event as unknown as Json }]);
            if (row?.duplicate === true) return 'duplicate';
            took.push(event);
            return 'taken';
          },
        },
      },
    ),
  });
  world = await openWorld();
  world.pd.subscribe({ url: `http://127.0.0.1:${bot.port}/webhooks/pagerduty`, secrets: [secret], events: null });
});
afterEach(async () => {
  await world.pd.stop();
  await bot.stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

async function opened(): Promise<string> {
  await world.paging.trigger(page());
  await until(() => took.length === 1);
  return world.pd.happenings.incidents[0]?.id ?? '';
}

test('everything that people do there arrives in order, with who did it', async () => {
  const id = await opened();
  const { pd } = world;
  pd.act(id, 'PSANA01', { does: 'acknowledge' });
  pd.act(id, 'PSANA01', { does: 'note', text: 'It is the new model. password=hunter2hunter2' });
  pd.timeOut(id);
  pd.act(id, 'PJONAS1', { does: 'escalate' });
  pd.act(id, 'PJONAS1', { does: 'reassign', to: ['PMEILIN'] });
  pd.act(id, 'PMEILIN', { does: 'delegate', policy: 'PPOLLED' });
  pd.act(id, 'PMEILIN', { does: 'prioritise', priority: 'P1' });
  pd.act(id, 'PMEILIN', { does: 'status update', text: 'We roll back.' });
  pd.act(id, 'PMEILIN', { does: 'resolve' });
  pd.act(id, 'PMEILIN', { does: 'reopen' });
  await world.paging.resolve(page());
  await until(() => took.length === 12);
  const who = ({ by }: PagedEvent): string =>
    by.is === 'person' ? by.who.name : by.is === 'machine' ? by.name : by.is;
  expect(took.map((one) => [one.what.does, who(one)])).toEqual([
    ['triggered', 'ML platform'],
    ['acknowledged', 'Sana Okafor'],
    ['note added', 'Sana Okafor'],
    ['unacknowledged', 'nobody named'],
    ['escalated', 'Jonas Weber'],
    ['reassigned', 'Jonas Weber'],
    ['delegated', 'Mei-Lin Chen'],
    ['priority updated', 'Mei-Lin Chen'],
    ['status update', 'Mei-Lin Chen'],
    ['resolved', 'Mei-Lin Chen'],
    ['reopened', 'Mei-Lin Chen'],
    ['resolved', 'ML platform'],
  ]);
  expect(took[2]?.what).toMatchObject({ text: expect.not.stringContaining('hunter2') });
  expect(took.every((one) => one.incident.id === id)).toBe(true);
  // Their webhook leaves the key out; it is looked up.
  expect(took[0]?.incident.key).toBeNull();
  expect(await world.paging.keysOf(id)).toEqual({ is: 'read', value: ['fault-1'] });
});

test('the bot is down: PagerDuty comes again, and the event is taken once', async () => {
  down = true;
  await world.paging.trigger(page());
  await until(() => world.pd.happenings.incidents.length === 1);
  await new Promise((done) => setTimeout(done, 60));
  expect(took).toEqual([]);
  down = false;
  await until(() => world.pd.webhooks.deliveries.length === 1);
  expect(world.pd.webhooks.deliveries[0]).toMatchObject({ type: 'incident.triggered', status: 202 });
  expect(world.pd.webhooks.deliveries[0]?.attempts).toBeGreaterThan(1);
  expect(took).toHaveLength(1);
});

test('the same delivery again, also after a restart of the bot: 200, and one row', async () => {
  await opened();
  const body = JSON.stringify({
    event: {
      id: took[0]?.id,
      event_type: 'incident.acknowledged',
      occurred_at: '2026-11-24T02:00:00Z',
      agent: null,
      client: null,
      data: { id: 'PX', title: 'again' },
    },
  });
  const again = async (): Promise<readonly [number, string]> => {
    const response = await fetch(`http://127.0.0.1:${bot.port}/webhooks/pagerduty`, {
      method: 'POST',
      body,
      headers: { 'x-pagerduty-signature': signatureOf(body, [secret]) },
    });
    return [response.status, (await response.text()).trim()];
  };
  expect(await again()).toEqual([200, 'nothing to do: delivered before']);
  const file = join(folder, 'bot.sqlite');
  await store.close();
  store = await openSqlite({ file, auditKey: 'k'.repeat(16), onError: () => undefined });
  expect(await again()).toEqual([200, 'nothing to do: delivered before']);
  expect(await store.inbox('incident/1')).toHaveLength(1);
});

test('while the secret is changed both signatures come, and the ping of a new subscription is answered', async () => {
  const url = `http://127.0.0.1:${bot.port}/webhooks/pagerduty`;
  world.pd.subscribe({ url, secrets: ['not known yet', 'older'], events: ['pagey.ping'] });
  world.pd.subscribe({ url, secrets: ['never known'], events: ['pagey.ping'] });
  await world.pd.ping();
  expect(world.pd.webhooks.deliveries.map((one) => one.status).toSorted((a, b) => Number(a) - Number(b))).toEqual([
    200, 200, 401,
  ]);
});

test('only POST', async () => {
  const response = await fetch(`http://127.0.0.1:${bot.port}/webhooks/pagerduty`);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});
