import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import type { PagedEvent } from '../../core/ports/paging.ts';
import type { AlertIn } from '../../core/routing.ts';
import { pagerDutyHandler } from './pagerduty.ts';
import { IGNORED, READ } from './pagerduty-event.ts';

/** `POST /webhooks/pagerduty`: forgeries of every part, every type of event, and input that is none. */

const secret = 'HvPtlQNKMPpHSSqJpCdndXfo7HnGXa1p';
let took: PagedEvent[] = [];
let counted: string[] = [];
let said: (string | null)[] = [];
let comes: 'taken' | 'duplicate' | 'not ours' | Failure = 'taken';
beforeEach(() => {
  [took, counted, said, comes] = [[], [], [], 'taken'];
});

const handler = (secrets: readonly string[] = [secret]): ((request: Request) => Promise<Response>) =>
  pagerDutyHandler({
    secrets,
    maxBytes: 600_000,
    chatIds: { PLH1HKV: 'U0TENEX' },
    log: () => undefined,
    count: (outcome) => void counted.push(outcome),
    take: async (_alerts: readonly AlertIn[], note) => void said.push(note),
    onPagerDuty: async (event) => {
      if (comes instanceof Failure) throw comes;
      if (comes === 'taken') took.push(event);
      return comes;
    },
  });
const sign = (body: string | Uint8Array, by = secret): string =>
  `v1=${createHmac('sha256', by).update(body).digest('hex')}`;

async function post(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = { 'x-pagerduty-signature': sign(body) },
  door = handler(),
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await door(
    new Request('http://bot/webhooks/pagerduty', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : Buffer.from(body),
    }),
  );
  return { status: response.status, text: (await response.text()).trim() };
}

const user = (id: string, summary: string): object => ({
  html_url: `https://acme.pagerduty.com/users/${id}`,
  id,
  self: `https://api.pagerduty.com/users/${id}`,
  summary,
  type: 'user_reference',
});
const incident = (over: object = {}): object => ({
  id: 'PGR0VU2',
  type: 'incident',
  html_url: 'https://acme.pagerduty.com/incidents/PGR0VU2',
  number: 2,
  status: 'triggered',
  incident_key: 'd3640fbd',
  created_at: '2026-11-24T15:16:27Z',
  title: 'A little bump in the road',
  service: { id: 'PF9KMXH', summary: 'API Service', type: 'service_reference' },
  assignees: [user('PTUXL6G', 'User 123')],
  escalation_policy: { id: 'PUS0KTE', summary: 'Default', type: 'escalation_policy_reference' },
  teams: [],
  priority: { id: 'PSO75BM', summary: 'P1', type: 'priority_reference' },
  urgency: 'high',
  conference_bridge: null,
  resolve_reason: null,
  ...over,
});
const of = { id: 'PGR0VU2', summary: 'A little bump in the road', type: 'incident_reference' };
const delivery = (type: string, data: unknown = incident(), over: object = {}): string =>
  JSON.stringify({
    event: {
      id: '01BRB6ZP4M6T8ZG4X6BP63ZB9O',
      event_type: type,
      resource_type: 'incident',
      occurred_at: '2026-11-24T15:45:22.169Z',
      agent: user('PLH1HKV', 'Tenex Engineer'),
      client: { name: 'PagerDuty' },
      data,
      ...over,
    },
  });

describe('who sent it', () => {
  const good = delivery('incident.acknowledged');

  test('signed by the secret: taken', async () => {
    expect(await post(good)).toEqual({ status: 202, text: 'stored' });
    expect(took).toHaveLength(1);
  });

  test("PagerDuty's own example of a signed ping verifies", async () => {
    const body =
      '{"event":{"id":"01FKZOXA868SHYEE4DVNWB5P9W","event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2025-04-07T03:00:55.532Z","agent":{"id":"PVE0ZR9","type":"user_reference"},"client":null,"data":{"message":"Hello from your friend Pagey!","type":"ping"}}}';
    const signature = 'v1=0e83584cbab86f98c51517cf96a70c90e910532d3d2f067d58c753cc8980a05b';
    const door = handler(['HvPtlQNKMPpHSSqJpCdndXfo7HnGXa1pnH6w5axpxLFn9aRBNBGh4e8/HlonK5mz']);
    expect(await post(body, { 'x-pagerduty-signature': signature }, door)).toEqual({
      status: 200,
      text: "nothing to do: PagerDuty's test event",
    });
  });

  test.each([
    ['one of two signatures, each way round', `v1=${'0'.repeat(64)},${sign(good)}`],
    ['with blanks between them', `${sign(good)}, v1=${'0'.repeat(64)}`],
    ['with a version of the future beside it', `v2=abc,${sign(good)}`],
    ['in capital hex', sign(good).replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase())],
  ])('%s', async (_, signature) => {
    expect((await post(good, { 'x-pagerduty-signature': signature })).status).toBe(202);
  });

  test('while the secret is changed both hold, and afterwards only the new one', async () => {
    const signature = { 'x-pagerduty-signature': sign(good, 'old') };
    expect((await post(good, signature, handler(['new', 'old']))).status).toBe(202);
    expect((await post(good, signature, handler(['new']))).status).toBe(401);
  });

  test.each([
    ['no header', {}],
    ['an empty one', { 'x-pagerduty-signature': '' }],
    ['another secret', { 'x-pagerduty-signature': sign(good, 'other') }],
    ['another body', { 'x-pagerduty-signature': sign(`${good} `) }],
    ['without its version', { 'x-pagerduty-signature': sign(good).slice(3) }],
    ['as version 2', { 'x-pagerduty-signature': sign(good).replace('v1', 'v2') }],
    ['cut', { 'x-pagerduty-signature': sign(good).slice(0, -1) }],
    ['longer', { 'x-pagerduty-signature': `${sign(good)}00` }],
    ['no hex', { 'x-pagerduty-signature': `v1=${'z'.repeat(64)}` }],
    ['one digit changed', { 'x-pagerduty-signature': sign(good).replace(/.$/, (last) => (last === '0' ? '1' : '0')) }],
    ['base64', { 'x-pagerduty-signature': `v1=${createHmac('sha256', secret).update(good).digest('base64')}` }],
    ['behind ten others', { 'x-pagerduty-signature': `${`v1=${'0'.repeat(64)},`.repeat(10)}${sign(good)}` }],
    ['under another header', { 'x-hub-signature-256': sign(good) }],
  ])('%s: 401, and nothing is done', async (_, headers) => {
    expect((await post(good, headers)).status).toBe(401);
    expect(took).toEqual([]);
    expect(counted).toEqual(['unauthorised']);
  });

  test('without a secret the webhook is off, also for what an empty secret has signed', async () => {
    const signature = { 'x-pagerduty-signature': sign(good, '') };
    expect(await post(good, signature, handler([]))).toEqual({
      status: 401,
      text: 'PAGERDUTY_WEBHOOK_SECRET is not set: this webhook is off',
    });
  });

  test('the raw bytes are what is signed: the same JSON written otherwise is not', async () => {
    const other = JSON.stringify(JSON.parse(good), null, 1);
    expect((await post(other, { 'x-pagerduty-signature': sign(good) })).status).toBe(401);
  });
});

describe('what it means', () => {
  const meaning = async (type: string, data?: unknown, over?: object): Promise<PagedEvent['what'] | undefined> => {
    await post(delivery(type, data, over));
    return took.at(-1)?.what;
  };

  test('who did it to which incident', async () => {
    await post(delivery('incident.acknowledged'));
    expect(took).toEqual([
      {
        is: 'paged-event',
        id: '01BRB6ZP4M6T8ZG4X6BP63ZB9O',
        at: '2026-11-24T15:45:22.169Z',
        incident: {
          id: 'PGR0VU2',
          key: 'd3640fbd',
          title: 'A little bump in the road',
          link: 'https://acme.pagerduty.com/incidents/PGR0VU2',
        },
        by: { is: 'person', who: { id: 'PLH1HKV', name: 'Tenex Engineer', email: null, chatId: 'U0TENEX' } },
        what: { does: 'acknowledged' },
      },
    ]);
  });

  test.each([
    [null, { is: 'nobody named' }],
    [
      { id: 'PSVC', summary: 'ML platform', type: 'service_reference' },
      { is: 'machine', name: 'ML platform' },
    ],
    [
      { id: 'PINT', type: 'events_api_v2_inbound_integration_reference' },
      { is: 'machine', name: 'events_api_v2_inbound_integration_reference' },
    ],
    [
      { id: 'PVE0ZR9', type: 'user_reference' },
      { is: 'person', who: { id: 'PVE0ZR9', name: 'PVE0ZR9', email: null, chatId: null } },
    ],
  ])('the agent %j', async (agent, by) => {
    await post(delivery('incident.resolved', incident(), { agent, client: null }));
    expect(took[0]?.by).toEqual(by);
  });

  const policy = 'Default';
  const to = [{ id: 'PTUXL6G', name: 'User 123', email: null, chatId: null }];
  test.each([
    ['incident.triggered', incident(), { does: 'triggered', urgency: 'high', assigned: to }],
    ['incident.unacknowledged', incident(), { does: 'unacknowledged' }],
    ['incident.reopened', incident(), { does: 'reopened' }],
    ['incident.resolved', incident(), { does: 'resolved', mergedInto: null }],
    [
      'incident.resolved',
      incident({ resolve_reason: { type: 'merge_resolve_reason', incident: { id: 'PINTO' } } }),
      { does: 'resolved', mergedInto: 'PINTO' },
    ],
    ['incident.reassigned', incident(), { does: 'reassigned', to, policy }],
    ['incident.delegated', incident(), { does: 'delegated', to, policy }],
    ['incident.escalated', incident(), { does: 'escalated', to, policy }],
    ['incident.priority_updated', incident(), { does: 'priority updated', priority: 'P1' }],
    ['incident.priority_updated', incident({ priority: null }), { does: 'priority updated', priority: null }],
    ['incident.service_updated', incident(), { does: 'moved', service: 'API Service' }],
    [
      'incident.annotated',
      { incident: of, id: 'P2LA89X', content: 'I restart it.', trimmed: false, type: 'incident_note' },
      { does: 'note added', note: 'P2LA89X', text: 'I restart it.', trimmed: false },
    ],
    [
      'incident.status_update_published',
      { incident: of, id: 'P2LA89X', message: 'A fix is on its way', trimmed: true },
      { does: 'status update', text: 'A fix is on its way', trimmed: true },
    ],
    [
      'incident.responder.added',
      { incident: of, user: user('PV', 'Maeve'), message: 'Please help', state: 'pending' },
      { does: 'responder', whom: 'Maeve', state: 'asked', message: 'Please help' },
    ],
    [
      'incident.responder.replied',
      { incident: of, user: null, escalation_policy: { id: 'PJ', summary: 'The Policy' }, state: 'declined' },
      { does: 'responder', whom: 'The Policy', state: 'declined', message: '' },
    ],
  ] as const)('%s', async (type, data, what) => {
    expect(await meaning(type, data)).toEqual(what);
  });

  test('an incident with alerts has no key there: null', async () => {
    await post(delivery('incident.acknowledged', incident({ incident_key: null })));
    expect(took[0]?.incident.key).toBeNull();
  });

  test('a note is cut and cleaned, secrets taken out', async () => {
    const content = `\u0000\u202Ekey: password=hunter2hunter2\nnext ${'x'.repeat(9_000)}`;
    const what = await meaning('incident.annotated', { incident: of, id: 'N', content, trimmed: false });
    if (what?.does !== 'note added') throw new Error('no note');
    expect(what.text).not.toMatch(/hunter2|[\0\u202E]/);
    expect(what.text).toContain('\nnext');
    expect(what.text.length).toBeLessThanOrEqual(4_000);
    expect(what.trimmed).toBe(true);
  });

  test('moments with an offset become UTC', async () => {
    await post(delivery('incident.acknowledged', incident(), { occurred_at: '2026-11-24T16:45:22+01:00' }));
    expect(took[0]?.at).toBe('2026-11-24T15:45:22.000Z');
  });

  test('a link that is none is left out', async () => {
    await post(delivery('incident.acknowledged', incident({ html_url: 'javascript:alert(1)' })));
    expect(took[0]?.incident.link).toBeNull();
  });
});

describe('by name', () => {
  test('all types are either read or ignored, none both', () => {
    expect(Object.keys(READ).length + IGNORED.size).toBeGreaterThanOrEqual(30);
    expect(Object.keys(READ).filter((type) => IGNORED.has(type))).toEqual([]);
  });

  test.each([...IGNORED])('%s is ignored, whatever its data', async (type) => {
    for (const data of [null, {}, [], 'x']) {
      const { status, text } = await post(delivery(type, data, { agent: null, client: null }));
      expect([status, text]).toEqual([200, expect.stringMatching(/^nothing to do: /)]);
    }
    expect(new Set(counted)).toEqual(new Set(['ignored']));
    expect(took).toEqual([]);
  });

  test.each(['incident.exploded', 'constructor', '__proto__', 'toString'])(
    '%s is not known: 200 and counted',
    async (type) => {
      expect((await post(delivery(type))).status).toBe(200);
      expect(counted).toEqual(['unknown type']);
    },
  );
});

describe('again, not ours, not now', () => {
  test('delivered before: 200, and it does nothing', async () => {
    comes = 'duplicate';
    expect(await post(delivery('incident.resolved'))).toEqual({ status: 200, text: 'nothing to do: delivered before' });
  });

  test('of another incident: 200', async () => {
    comes = 'not ours';
    expect(await post(delivery('incident.resolved'))).toEqual({
      status: 200,
      text: 'nothing to do: no incident of mine',
    });
  });

  test('the store is full: 503, which PagerDuty tries again', async () => {
    comes = new Failure('server error', 'disk full');
    expect((await post(delivery('incident.resolved'))).status).toBe(503);
    expect(counted).toEqual(['refused']);
  });
});

describe('input that is none: never a 500', () => {
  const deep = `${'{"event":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  test.each([
    ['empty', ''],
    ['no JSON', 'hello'],
    ['JSON of another kind', '[]'],
    ['a number', '7'],
    ['null', 'null'],
    ['50,000 levels deep', deep],
    ['50,000 levels of lists', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['without an id', delivery('incident.resolved', incident(), { id: '' })],
    ['a moment that is none', delivery('incident.resolved', incident(), { occurred_at: 'yesterday' })],
    ['data of another kind', delivery('incident.resolved', [])],
    ['a note without content', delivery('incident.annotated', { incident: of, id: 'x' })],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ])('%s: 400, and said in the channel, since PagerDuty drops it', async (_, body) => {
    expect((await post(body)).status).toBe(400);
    expect(said).toEqual([expect.stringMatching(/^a delivery of PagerDuty: .*dropped$/)]);
    expect(took).toEqual([]);
  });

  test('deep data in an event that is read is passed over', async () => {
    const data = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const body = delivery('incident.resolved').replace('"teams":[]', `"teams":${data}`);
    expect((await post(body)).status).toBe(202);
  });

  test('too large, inflated too; and an encoding that is not understood', async () => {
    const huge = delivery('incident.resolved', incident({ title: 'x'.repeat(700_000) }));
    expect((await post(huge)).status).toBe(413);
    const packed = gzipSync(huge);
    const headers = { 'x-pagerduty-signature': sign(packed), 'content-encoding': 'gzip' };
    expect((await post(packed, headers)).status).toBe(413);
    expect((await post(packed, { ...headers, 'content-encoding': 'br' })).status).toBe(415);
  });
});
