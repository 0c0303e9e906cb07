import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, page, settled, until, type World } from './world.ts';

/** What the bot is told of a page, against a PagerDuty that is as strict as the real one. */

let world: World;
let count = 0;
const fresh = (): string => `fault-${(count += 1)}`;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.pd.stop());
afterEach(() => {
  world.pd.faults.clear();
  world.waits.length = 0;
  world.pd.account.windows.length = 0;
  for (const service of world.pd.account.services) service.disabled = false;
});

describe('a page', () => {
  test('is accepted, and who was told is read back: with how, when, e-mail and chat id', async () => {
    const { paging } = world;
    const key = fresh();
    expect(await paging.trigger(page({ key }))).toEqual({ is: 'accepted' });
    const reached = await settled(paging, { to: 'oncall', key });
    if (reached.is !== 'notified') throw new Error(JSON.stringify(reached));
    const turn = Math.floor(Date.now() / (7 * 86_400_000)) % 2 === 0 ? 'Sana Okafor' : 'Jonas Weber';
    expect(reached.whom.map((one) => [one.who.name, one.how])).toEqual([
      [turn, 'push'],
      [turn, 'phone'],
    ]);
    expect(reached.whom[0]?.who.email).toMatch(/@example\.com$/);
    expect(reached.incident).toMatchObject({
      status: 'triggered',
      urgency: 'high',
      service: 'ML platform',
      title: 'P0: model-server fails in eu-west-1',
    });
  });

  test('to the lead names the person with the chat id of the config', async () => {
    const key = fresh();
    await world.paging.trigger(page({ to: 'lead', key }));
    expect(await settled(world.paging, { to: 'lead', key })).toMatchObject({
      is: 'notified',
      whom: [{ who: { name: 'Mei-Lin Chen', email: 'mei-lin@example.com', chatId: 'U0MEILIN' } }, {}],
    });
  });

  test('sent twice with one key is one incident', async () => {
    const key = fresh();
    await world.paging.trigger(page({ key }));
    await world.paging.trigger(page({ key, summary: 'the same again' }));
    await settled(world.paging, { to: 'oncall', key });
    await until(() =>
      world.pd.happenings.incidents.some((one) => one.alerts[0]?.key === key && one.alerts[0].count === 2),
    );
    expect(world.pd.happenings.incidents.filter((one) => one.alerts.some((alert) => alert.key === key))).toHaveLength(
      1,
    );
  });

  test('is not there at first: not yet', async () => {
    const answer = await world.paging.reached({ to: 'oncall', key: 'never-sent' });
    expect(answer).toEqual({
      is: 'read',
      value: { is: 'not yet', because: 'no incident has come of it yet', incident: null },
    });
  });

  test('is acknowledged and resolved by its key, and opened anew after that', async () => {
    const { paging } = world;
    const one = { to: 'oncall', key: fresh() };
    await paging.trigger(page(one));
    await settled(paging, one);
    const status = async (): Promise<string | undefined> => {
      const answer = await paging.incident(one);
      return answer.is === 'read' ? answer.value?.status : answer.because;
    };
    expect(await paging.acknowledge(one)).toEqual({ is: 'accepted' });
    await until(() => world.pd.happenings.incidents.at(-1)?.status === 'acknowledged');
    expect(await status()).toBe('acknowledged');
    expect(await paging.resolve(one)).toEqual({ is: 'accepted' });
    await until(() => world.pd.happenings.incidents.at(-1)?.status === 'resolved');
    expect(await status()).toBe('resolved');
    await paging.trigger(page(one));
    await until(() => world.pd.happenings.incidents.at(-1)?.status === 'triggered');
    expect(await status()).toBe('triggered');
  });
});

describe('accepted, and nobody is told', () => {
  const nobody = async (to = 'oncall', severity: 'critical' | 'warning' = 'critical'): Promise<unknown> => {
    const key = fresh();
    expect(await world.paging.trigger(page({ to, key, severity }))).toEqual({ is: 'accepted' });
    await new Promise((done) => setTimeout(done, 60));
    return settled(world.paging, { to, key });
  };

  test('in a maintenance window, with its end and why', async () => {
    const to = Date.parse('2099-01-01T04:00:00Z');
    world.pd.account.windows.push({ id: 'PWIN', service: 'PSVCML1', from: 0, to, description: 'new network' });
    expect(await nobody()).toEqual({
      is: 'nobody',
      why: 'maintenance window',
      because: 'the service ML platform is in maintenance until 2099-01-01T04:00:00.000Z (new network)',
      incident: null,
    });
  });

  test('when the service is disabled', async () => {
    for (const service of world.pd.account.services) service.disabled = true;
    expect(await nobody()).toMatchObject({ is: 'nobody', why: 'service disabled', incident: null });
  });

  test('when nobody is on call', async () => {
    const { schedules } = world.pd.account;
    const before = [...schedules];
    schedules.splice(0, schedules.length, ...before.map((one) => ({ ...one, users: [] })));
    try {
      expect(await nobody()).toMatchObject({ is: 'nobody', why: 'nobody on call', incident: null });
    } finally {
      schedules.splice(0, schedules.length, ...before);
    }
  });

  test('at low urgency, which tells by e-mail: that is said as it is', async () => {
    expect(await nobody('oncall', 'warning')).toMatchObject({
      is: 'notified',
      incident: { urgency: 'low' },
      whom: [{ how: 'email' }],
    });
  });

  test('at low urgency for somebody who wants none of it', async () => {
    const other = await openWorld();
    try {
      const quiet = other.pd.account.users.map((user) => ({ ...user, tell: { high: ['phone'], low: [] } }));
      (other.pd.account.users as unknown[]).splice(0, quiet.length, ...quiet);
      await other.paging.trigger(page({ severity: 'info' }));
      await new Promise((done) => setTimeout(done, 60));
      expect(await other.paging.reached(page())).toMatchObject({
        value: { is: 'nobody', why: 'low urgency', because: 'ML platform gives it low urgency, so no phone rings' },
      });
    } finally {
      await other.pd.stop();
    }
  });

  test('because somebody had acknowledged it at once', async () => {
    const other = await openWorld({ notifyMs: 300 });
    try {
      await other.paging.trigger(page());
      await until(() => other.pd.happenings.incidents.length === 1);
      const id = other.pd.happenings.incidents[0]?.id ?? '';
      other.pd.act(id, 'PSANA01', { does: 'acknowledge' });
      expect(await other.paging.reached(page())).toMatchObject({
        value: { is: 'nobody', why: 'acknowledged before', because: 'Sana Okafor acknowledged it already' },
      });
      other.pd.act(id, 'PSANA01', { does: 'resolve' });
      expect(await other.paging.reached(page())).toMatchObject({ value: { is: 'nobody', why: 'resolved before' } });
    } finally {
      await other.pd.stop();
    }
  });
});

describe('what PagerDuty would refuse', () => {
  test('a routing key that is none says which, without the key', async () => {
    const key = 'not-a-key-but-still-secret';
    const paging = world.with({ routes: [{ name: 'oncall', key, service: null, policy: null, fallback: null }] });
    const sent = await paging.trigger(page());
    expect(sent).toMatchObject({ is: 'refused', kind: 'invalid' });
    expect(sent).toHaveProperty('because', expect.stringContaining("Length of 'routing_key' is incorrect"));
    expect(JSON.stringify(sent)).not.toContain(key);
  });

  test('a key that nobody has', async () => {
    const paging = world.with({
      routes: [{ name: 'oncall', key: 'f'.repeat(32), service: null, policy: null, fallback: null }],
    });
    expect(await paging.trigger(page())).toMatchObject({
      is: 'refused',
      because: 'it does not accept the request (400): Event object is invalid; Invalid routing key',
    });
  });

  test.each([
    [{ to: 'nowhere' }, 'there is no route called nowhere'],
    [{ key: '' }, 'the dedup key is empty'],
    [{ key: 'k'.repeat(256) }, 'the dedup key is longer than 255 characters'],
  ])('%j is refused before it is sent', async (over, because) => {
    const before = world.pd.requests.length;
    expect(await world.paging.trigger(page(over))).toEqual({ is: 'refused', kind: 'invalid', because });
    expect(world.pd.requests).toHaveLength(before);
  });

  test('a route whose variable is not set', async () => {
    const paging = world.with({ routes: [{ name: 'oncall', key: null, service: null, policy: null, fallback: null }] });
    expect(await paging.trigger(page())).toMatchObject({
      is: 'refused',
      because: 'the routing key of oncall is not set in the environment',
    });
  });

  test('huge, hostile and secret content is cut and cleaned into what it accepts', async () => {
    const key = fresh();
    const sent = await world.paging.trigger(
      page({
        key,
        summary: `down\nfor <!channel> password=hunter2hunter2 ${'\u{1F525}'.repeat(2_000)}`,
        links: [
          { href: 'javascript:alert(1)', text: 'no' },
          { href: 'https://example.com/a', text: 'x'.repeat(5_000) },
        ],
        details: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field ${index}`, 'ü'.repeat(40_000)])),
      }),
    );
    expect(sent).toEqual({ is: 'accepted' });
    const body = JSON.parse(world.pd.requests.at(-1)?.body ?? '{}') as {
      payload: { summary: string; custom_details: Record<string, string> };
      links: { href: string }[];
    };
    expect(body.payload.summary).not.toContain('hunter2');
    expect(body.payload.summary).not.toContain('\n');
    expect(body.payload.summary.length).toBeLessThanOrEqual(1_024);
    expect(body.payload.summary.isWellFormed()).toBe(true);
    expect(body.links.map((one) => one.href)).toEqual(['https://example.com/a']);
    expect(body.payload.custom_details['left out']).toMatch(/^\d+ more$/);
  });
});

describe('who is on call', () => {
  test('level by level, the policy found through the service, with shift ends', async () => {
    const answer = await world.paging.onCall([]);
    if (answer.is === 'unknown') throw new Error(answer.because);
    expect(answer.value.map((one) => [one.route, one.policy, one.level, one.schedule])).toEqual([
      ['oncall', 'ML platform', 1, 'ML on-call'],
      ['oncall', 'ML platform', 2, 'Second in line'],
      ['lead', 'Platform Lead', 1, null],
    ]);
    expect(new Set(answer.value.slice(0, 2).map((one) => one.who.name))).toEqual(
      new Set(['Sana Okafor', 'Jonas Weber']),
    );
    expect(Date.parse(answer.value[0]?.until ?? '')).toBeGreaterThan(Date.now());
    expect(answer.value.find((one) => one.who.name === 'Jonas Weber')?.who.chatId).toBe('U0JONAS');
  });

  test('of one route only', async () => {
    const answer = await world.paging.onCall(['lead']);
    expect(answer).toMatchObject({
      is: 'read',
      value: [{ route: 'lead', who: { name: 'Mei-Lin Chen' }, until: null }],
    });
  });

  test('a person by id, and one that there is not', async () => {
    expect(await world.paging.person('PSANA01')).toEqual({
      is: 'read',
      value: { id: 'PSANA01', name: 'Sana Okafor', email: 'sana@example.com', chatId: null },
    });
    expect(await world.paging.person('../users')).toMatchObject({ is: 'unknown', kind: 'not found' });
  });
});

describe('notes and keys of an incident', () => {
  test('a note is written once, however often it is asked for', async () => {
    const key = fresh();
    await world.paging.trigger(page({ key }));
    await until(() => world.pd.happenings.incidents.some((one) => one.alerts[0]?.key === key));
    const incident = world.pd.happenings.incidents.find((one) => one.alerts[0]?.key === key);
    const id = incident?.id ?? '';
    expect(await world.paging.note(id, 'Rolled back to v41.')).toEqual({ is: 'accepted' });
    expect(await world.paging.note(id, 'Rolled back to v41.')).toEqual({ is: 'accepted' });
    expect(incident?.notes.map((one) => [one.by, one.content])).toEqual([['PMEILIN', 'Rolled back to v41.']]);
    expect(await world.paging.keysOf(id)).toEqual({ is: 'read', value: [key] });
  });

  test('taken without an answer, it is found and not written again', async () => {
    const key = fresh();
    await world.paging.trigger(page({ key }));
    await until(() => world.pd.happenings.incidents.some((one) => one.alerts[0]?.key === key));
    const incident = world.pd.happenings.incidents.find((one) => one.alerts[0]?.key === key);
    world.pd.faults.add('rest', { is: 'slow', ms: 0 });
    world.pd.faults.add('rest', { is: 'hang', done: true });
    expect(await world.paging.note(incident?.id ?? '', 'Once.')).toEqual({ is: 'accepted' });
    expect(incident?.notes).toHaveLength(1);
  });

  test('refused: nobody to write it in the name of, and no such incident', async () => {
    const id = world.pd.happenings.incidents[0]?.id ?? '';
    const because = 'it does not accept the request (400): Invalid Input Provided; From header is missing';
    expect(await world.with({ from: null }).note(id, 'x')).toEqual({ is: 'refused', kind: 'invalid', because });
    expect(await world.paging.note(id, ' \n ')).toEqual({
      is: 'refused',
      kind: 'invalid',
      because: 'the note is empty',
    });
    expect(await world.paging.note('PNONE', 'x')).toMatchObject({ is: 'refused', kind: 'not found' });
  });
});

describe('the token', () => {
  test('not set: pages are sent, and reading back says why it cannot', async () => {
    const paging = world.with({ token: null });
    expect(await paging.trigger(page({ key: fresh() }))).toEqual({ is: 'accepted' });
    expect(await paging.reached(page())).toEqual({
      is: 'unknown',
      kind: 'unauthorised',
      because: 'PAGERDUTY_TOKEN is not set, so I cannot look at PagerDuty',
      retryAfterMs: null,
    });
  });

  test('wrong: said without it', async () => {
    const answer = await world.with({ token: 'y_wrong_secret_token' }).check();
    expect(answer).toEqual({
      is: 'unknown',
      kind: 'unauthorised',
      because: 'it does not accept the token (401): Authentication failed',
      retryAfterMs: null,
    });
  });

  test('a check names ids that do not exist', async () => {
    expect(await world.paging.check()).toEqual({ is: 'read', value: [] });
    const paging = world.with({
      routes: [
        { name: 'oncall', key: null, service: 'PGONE', policy: 'PALSO', fallback: null },
        { name: 'bare', key: 'k', service: null, policy: null, fallback: null },
      ],
    });
    expect(await paging.check()).toEqual({
      is: 'read',
      value: [
        'oncall: PagerDuty knows no escalation policy PALSO',
        'oncall: PagerDuty knows no service PGONE',
        'bare: the config names neither service nor policy, so I cannot say who is on call there',
      ],
    });
  });
});
