import { afterEach, describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { PagedEvent } from '../../src/core/ports/paging.ts';
import type { AlertIn } from '../../src/core/routing.ts';
import type { Config } from '../../src/config.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import type { WorldOptions } from './harness.ts';
import { calling } from './pages.ts';
import { lena } from './paging.ts';
import { find, press, types, users } from './people.ts';

/** Who is called for what, with the engine, the store and the simulated platform. The way to people is in memory. */

let world: World;
afterEach(() => world.close());
const begin = async (over: Parameters<typeof calling>[0] = {}, options: WorldOptions = {}): Promise<void> => {
  world = await World.start({ paging: true, change: calling(over), alerts: false, ...options });
};

function alertOf(more: Partial<AlertIn> = {}, labels: Readonly<Record<string, string>> = {}): AlertIn {
  const all = {
    alertname: 'KubeDeploymentReplicasMismatch',
    namespace: 'ml-platform',
    deployment: 'model-server',
    region: 'eu-west-1',
    severity: 'warning',
    ...labels,
  };
  return {
    fingerprint: JSON.stringify(all),
    status: 'firing',
    labels: all,
    annotations: { summary: 'made by a test' },
    startsAt: new Date(world.clock.now()).toISOString(),
    link: '',
    ...more,
  };
}
const fires = (alert: AlertIn, id = JSON.stringify(alert)): void =>
  world.deliver(id, (engine) => engine.intake.takeAlerts([alert], null));
const p0 = (more: Partial<AlertIn> = {}): void => fires(alertOf(more, { severity: 'P0' }));
const triggers = () => world.paging.sent.filter((one) => one.what === 'trigger');
const said = (): string => world.chat.text();

describe('at once', () => {
  test('an alert that says P0 calls both routes within two seconds, though its region hangs and Slack is down', async () => {
    await begin();
    world.latencyMs = (where) => (where === 'eu-west-1' ? 3_600_000 : 0);
    world.chat.down = true;
    const from = world.clock.now();
    p0();
    await world.until('both are called', () => world.paging.incidents.length === 2, 2_000);
    expect(triggers().map((one) => one.to)).toEqual(['oncall', 'lead']);
    expect(world.clock.now() - from).toBeLessThan(2_000);
    expect(world.paging.incidents[0]?.page.summary).toMatch(/^P0 .*model-server/);
    expect(world.paging.incidents[0]?.page.severity).toBe('critical');
  });

  test('it is said whom it reached, once that is known', async () => {
    await begin();
    world.inject('release-fails-requests');
    p0();
    await world.until('said', () => /Called oncall .*by phone/.test(said()));
    expect(said()).toMatch(/People:.*called oncall .*Sana Okafor by phone, no ack yet/);
    expect(said()).toContain('Called oncall (P0: at once): Sana Okafor by phone');
    expect(world.paging.incidents).toHaveLength(2);
    expect(world.paged).toEqual(['accepted', 'accepted']);
  });

  test('P1, users hurt and no fix known: who is on call', async () => {
    await begin();
    world.inject('secret-deleted');
    world.inject('release-fails-requests');
    fires(alertOf());
    await world.until('called', () => world.paging.incidents.length > 0, 5 * 60_000);
    expect(world.paging.lines()).toEqual([expect.stringMatching(/^oncall triggered: P1 INC-\d+ .*model-server/)]);
  });

  test.each(['still-progressing', 'image-missing', 'paused', 'healthy', 'little-traffic'])(
    'nobody for %s: users are well',
    async (fault) => {
      await begin({ unapproved: { page: ['oncall'], afterMs: 4 * 60_000, priorities: ['P0', 'P1'] } });
      world.inject(fault);
      fires(alertOf());
      await world.pass(9 * 60_000);
      expect(triggers()).toEqual([]);
    },
    20_000,
  );

  test('a region that is never called for stays quiet, whatever its alerts say', async () => {
    await begin({ never: { regions: ['eu-west-1'], services: [] } });
    p0();
    await world.pass(60_000);
    expect(triggers()).toEqual([]);
    fires(alertOf({}, { severity: 'P0', region: 'us-east-1', deployment: 'api-gateway' }));
    await world.until('the other one', () => world.paging.incidents.length === 2);
  });
});

describe('by silence', () => {
  test('nobody took it in five minutes: the lead; somebody who took it ends that', async () => {
    await begin();
    world.inject('release-fails-requests');
    world.inject('secret-deleted');
    fires(alertOf());
    await world.until('on call', () => world.paging.incidents.length === 1, 5 * 60_000);
    expect(world.paging.incidents[0]?.to).toBe('oncall');
    await world.until('the lead', () => world.paging.incidents.length === 2, 6 * 60_000);
    expect(world.paging.lines()[1]).toMatch(/^lead/);
    await world.until('said', () => said().includes('Called lead (P1, and nobody took it in 5 min)'));
  });

  test('who took it in Slack is known there, and nobody else is called', async () => {
    await begin();
    world.inject('release-fails-requests');
    world.inject('secret-deleted');
    fires(alertOf());
    await world.until('on call', () => world.paging.incidents.length === 1, 5 * 60_000);
    await world.until('a button', () => find(world, 'mine') !== undefined);
    press(world, users.sana, find(world, 'mine')!);
    await world.until('known there', () => world.paging.incidents[0]?.status === 'acknowledged');
    await world.pass(8 * 60_000);
    expect(world.paging.incidents).toHaveLength(1);
  });

  test('a proposal waits: whoever is on call', async () => {
    await begin();
    world.inject('image-missing');
    fires(alertOf());
    await world.until('asked', () => find(world, 'approve') !== undefined);
    expect(triggers()).toEqual([]);
    await world.pass(5 * 60_000);
    // Users are well: nobody is woken for it.
    expect(triggers()).toEqual([]);
  });
});

describe('by hand', () => {
  test('a button with a reason', async () => {
    await begin();
    world.inject('image-missing');
    fires(alertOf());
    await world.until('a button', () => find(world, 'escalate') !== undefined);
    press(world, users.kofi, find(world, 'escalate')!, 'the customer is on the phone');
    await world.until('called', () => world.paging.incidents.length === 1);
    expect(world.paging.incidents[0]?.page.details['why']).toBe('the customer is on the phone');
    await world.until('said', () => /asks for a person: the customer is on the phone/.test(said()));
  });

  test('/mlp escalate INC-n why; twice within a minute is one call', async () => {
    await begin();
    world.inject('image-missing');
    fires(alertOf());
    await world.until('numbered', async () => (await world.incident()).number !== null);
    const { number } = await world.incident();
    types(world, users.kofi, `escalate INC-${number} I need a second pair of eyes`, 'one');
    types(world, users.noah, `escalate INC-${number}`, 'two');
    await world.until('called', () => world.paging.incidents.length === 1);
    await world.pass(5_000);
    expect(triggers()).toHaveLength(1);
    expect(world.paging.incidents[0]?.page.details['why']).toBe('I need a second pair of eyes');
  });

  test('where nobody is configured it says so', async () => {
    await begin({ byHand: [] });
    world.inject('image-missing');
    fires(alertOf());
    await world.until('numbered', async () => (await world.incident()).number !== null);
    types(world, users.kofi, `escalate INC-${(await world.incident()).number}`);
    await world.until('whispered', () => world.chat.whispers.length > 0);
    expect(world.chat.whispers[0]?.text).toContain('Nobody was called: mention them');
  });
});

describe('limits', () => {
  test('ten an hour, and P0 all the same', async () => {
    await begin({ perHour: 1 });
    world.inject('image-missing');
    fires(alertOf());
    await world.until('a button', () => find(world, 'escalate') !== undefined);
    press(world, users.kofi, find(world, 'escalate')!, 'first');
    await world.until('one', () => world.paging.incidents.length === 1);
    await world.pass(61_000);
    types(world, users.noah, `escalate INC-${(await world.incident()).number} second`, 'second');
    await world.until('held', async () => (await world.incident()).pages.some((one) => one.outcome.is === 'held'));
    await world.until('said', () =>
      /Nobody was called \(second\): there was 1 call within this hour already/.test(said()),
    );
    expect(world.paged).toEqual(['accepted', 'held']);
    p0();
    await world.until('P0', () => triggers().length === 3);
    expect(triggers()).toHaveLength(3);
  });
});

describe('trouble', () => {
  test('refused by all: said so that it rings, and counted', async () => {
    await begin();
    for (const to of ['oncall', 'lead']) world.paging.troubles.push({ to, is: 'refused', always: true });
    p0();
    const alarm =
      /:warning: Nobody was called \(P0: at once\): oncall: the routing key is not known there; lead: .*Call somebody yourself/;
    await world.until('said', () => alarm.test(said()) && (said().match(/Nobody was called/g)?.length ?? 0) >= 2);
    // Who must act is mentioned once.
    expect(said().match(/page\/P0\/\w+] @S0MLONCALL :warning:/g)).toHaveLength(1);
    expect(world.paged).toContain('refused');
  });

  test('refused by one: the other way is taken', async () => {
    await begin({ byPriority: { P0: ['oncall'], P1: [], P2: [], P3: [] } });
    world.paging.troubles.push({ to: 'oncall', is: 'refused', always: true });
    p0();
    await world.until('called', () => world.paging.incidents.length === 1);
    expect(world.paging.incidents[0]?.to).toBe('lead');
  });

  test('no answer, twice: then the other way as well, and it is said meanwhile', async () => {
    await begin({ byPriority: { P0: ['oncall'], P1: [], P2: [], P3: [] } });
    world.paging.troubles.push({ to: 'oncall', is: 'unknown, not taken', always: true });
    p0();
    await world.until('called', () => world.paging.incidents.length === 1, 60_000);
    expect(triggers().map((one) => one.to)).toEqual(['oncall', 'oncall', 'lead']);
    await world.until('said', () => /Called lead/.test(said()));
  });

  test('taken, and the answer lost: one incident there', async () => {
    await begin({ byPriority: { P0: ['oncall'], P1: [], P2: [], P3: [] } });
    world.paging.troubles.push({ to: 'oncall', is: 'unknown, taken' });
    p0();
    await world.until('said', () => /Called oncall/.test(said()));
    expect(world.paging.incidents).toHaveLength(1);
    expect(new Set(triggers().map((one) => `${one.to} ${one.key}`)).size).toBe(1);
  });

  test('all of it down: an alarm at once, and a call when it is back', async () => {
    await begin();
    world.paging.down = true;
    p0();
    await world.until('said', () => /Nobody could be called so far/.test(said()));
    expect(world.paged).toContain('not yet');
    world.paging.down = false;
    await world.until('called', () => world.paging.incidents.length === 2, 5 * 60_000);
    await world.until('said', () => /Called lead/.test(said()));
    await world.pass(5_000);
    expect(said()).not.toMatch(/nobody could be called since/);
  });

  test('a maintenance window: nobody was told, and why', async () => {
    await begin();
    world.paging.maintenance = true;
    p0();
    const alarm =
      /@S0MLONCALL Called oncall .*nobody was told, the service is in a maintenance window.*Call somebody yourself/;
    await world.until('said', () => alarm.test(said()));
    expect(said()).toMatch(alarm);
  });
});

describe('both ways', () => {
  const event = (
    what: PagedEvent['what'],
    by: PagedEvent['by'] = { is: 'person', who: lena },
    id = JSON.stringify(what),
  ) =>
    world.deliver(`event ${id}`, (engine) =>
      engine.intake.takePaged({
        is: 'paged-event',
        id,
        at: new Date(world.clock.now()).toISOString(),
        incident: { id: 'Q1', key: world.paging.incidents[0]?.key ?? null, title: '', link: null },
        by,
        what,
      }),
    );

  test('acknowledged there: known here, said once, and never told back', async () => {
    await begin();
    world.inject('release-fails-requests');
    p0();
    await world.until('called', () => world.paging.incidents.length === 2);
    const who = { ...lena, chatId: users.sana };
    event({ does: 'acknowledged' }, { is: 'person', who });
    event({ does: 'acknowledged' }, { is: 'person', who });
    await world.until('led', async () => (await world.incident()).onIt === users.sana);
    await world.until('said', () => new RegExp(`@${users.sana} leads`).test(said()));
    expect(said()).toContain(`acknowledged by @${users.sana}`);
    await world.pass(20_000);
    // The other call is another incident there: it is told that somebody leads.
    expect(world.paging.sent.filter((one) => one.what === 'acknowledge').map((one) => one.to)).toEqual(['lead']);
    expect(world.paging.incidents.flatMap((one) => one.notes)).toEqual([]);
  });

  test('who acknowledged is found by e-mail, whom it reached too', async () => {
    await begin();
    world.people.addresses.set('sana@example.com', users.sana);
    world.inject('release-fails-requests');
    p0();
    await world.until('reached', () => said().includes(`Called oncall (P0: at once): @${users.sana} by phone`));
    event({ does: 'acknowledged' });
    await world.until('led', () => said().includes(`@${users.sana} leads`));
    expect(said()).toContain(`acknowledged by @${users.sana}`);
    expect((await world.incident()).onIt).toBe(users.sana);
  });

  test('somebody leads and a person is asked for all the same: it rings, and stays until somebody answers', async () => {
    await begin();
    world.inject('release-fails-requests');
    p0();
    await world.until('called', () => world.paging.incidents.length === 2);
    for (const one of world.paging.incidents) one.status = 'acknowledged';
    event({ does: 'acknowledged' }, { is: 'person', who: { ...lena, chatId: users.sana } });
    await world.until('led', async () => (await world.incident()).onIt === users.sana);
    types(world, users.noah, `escalate INC-${(await world.incident()).number} I need a second pair of eyes`);
    await world.until('called', () => world.paging.incidents.length === 3);
    await world.until('said', () =>
      /Called oncall \(I need a second pair of eyes\): Sana Okafor by phone/.test(said()),
    );
    await world.pass(20_000);
    expect(world.paging.incidents[2]).toMatchObject({ to: 'oncall', status: 'triggered' });
    expect(world.paging.incidents[2]?.key).toMatch(/^mlp-bot\/.*\/asked\/1$/);
    expect(said()).toMatch(/called oncall 2026\S+ \(PagerDuty\): Sana Okafor by phone, no ack yet/);
    // Whoever takes it over then has heard of it.
    press(world, users.kofi, find(world, 'mine')!);
    await world.until('known there', () => world.paging.incidents[2]?.status === 'acknowledged');
  });

  test('who is nobody in Slack is named as PagerDuty does, and leads nothing here', async () => {
    await begin();
    world.inject('release-fails-requests');
    p0();
    await world.until('called', () => world.paging.incidents.length === 2);
    event({ does: 'acknowledged' });
    await world.until('said', () => said().includes('acknowledged by Sana Okafor (not found in Slack)'));
    const { onIt, timeline } = await world.incident();
    expect(onIt).toBeNull();
    expect(timeline.map((one) => one.what)).toContain('Sana Okafor acknowledged it in PagerDuty');
  });

  test('a note there is on the timeline here, and one of here is there: neither goes back', async () => {
    await begin();
    world.inject('image-missing');
    p0();
    await world.until('reached', () => /by phone/.test(said()));
    event({ does: 'note added', note: 'N1', text: 'looking at the registry', trimmed: false });
    await world.until('here', async () =>
      (await world.incident()).timeline.some((one) => /looking at the registry/.test(one.what)),
    );
    const stream = (await world.store.streams({ open: true, limit: 1 }))[0]!.stream;
    const ref = world.chat.root(stream)!.ref;
    world.deliver('note', (engine) =>
      engine.intake.take({
        is: 'mention',
        id: 'note',
        text: '<@U0> note the registry answers again',
        by: users.kofi,
        channel: ref.channel,
        messageTs: '9.9',
        threadTs: ref.ts,
        team: 'T',
      } as never),
    );
    await world.until('there', () => world.paging.incidents.every((one) => one.notes.length > 0));
    await world.pass(30_000);
    for (const { notes } of world.paging.incidents)
      expect(notes).toEqual([expect.stringMatching(/^\d\d:\d\d UTC, from Slack: .*the registry answers again$/)]);
    expect(said().match(/looking at the registry/g)?.length ?? 0).toBeLessThanOrEqual(2);
  });

  test('closed here: resolved there', async () => {
    await begin();
    world.inject('image-missing');
    p0();
    await world.until('asked', () => find(world, 'approve') !== undefined);
    press(world, users.sana, find(world, 'approve')!);
    await world.until('fixed', () => world.writes.length > 0, 5 * 60_000);
    fires(alertOf({ status: 'resolved' }, { severity: 'P0' }), 'over');
    await world.until('closed', async () => (await world.incident()).closed !== null, 20 * 60_000);
    await world.until('there', () => world.paging.incidents.every((one) => one.status === 'resolved'));
    expect(world.paging.incidents.map((one) => one.status)).toEqual(world.paging.incidents.map(() => 'resolved'));
    expect(world.paging.incidents.length).toBeGreaterThan(0);
  });

  test('resolved there is not over here: it is looked at again', async () => {
    await begin();
    world.inject('image-missing');
    p0();
    await world.until('called', () => world.paging.incidents.length === 2);
    await world.pass(5_000);
    const before = (await world.incident()).round?.number ?? 0;
    event({ does: 'resolved', mergedInto: null });
    await world.until('again', async () => ((await world.incident()).round?.number ?? 0) > before);
    expect((await world.incident()).closed).toBeNull();
  });
});

describe('one fault, one page', () => {
  test("the key is that of the alert's own group", async () => {
    await begin();
    p0({ group: 'a'.repeat(64) });
    await world.until('called', () => world.paging.incidents.length === 2);
    expect(world.paging.incidents.map((one) => one.key)).toEqual(['a'.repeat(64), 'a'.repeat(64)]);
  });
});

describe('who is on call', () => {
  const until = '2026-03-03T17:00:00.000Z';
  const on = (route: string, level: number, chatId: string | null, name: string) => ({
    route,
    policy: 'PML',
    level,
    who: { id: `P${name}`, name, email: null, chatId },
    schedule: 'day',
    until,
  });
  const asks = async (text: string): Promise<string> => {
    const answer = await world.replica.engine.intake.take({
      is: 'command',
      id: text,
      text,
      by: users.kofi,
      channel: 'C1',
      team: 'T',
    });
    return answer.is === 'said' ? textOf(answer.message) : answer.is;
  };

  test('/mlp oncall: by route and level, and until when', async () => {
    await begin();
    world.paging.onCallNow = [
      on('oncall', 1, users.sana, 'Sana'),
      on('oncall', 2, null, 'Mateo'),
      on('lead', 1, null, 'Ada'),
    ];
    expect(await asks('oncall')).toBe(
      `oncall: level 1 @${users.sana} until ${until} · then level 2 Mateo until ${until} / lead: Ada until ${until} | As PagerDuty says at 2026-03-03T09:00:00.000Z · /mlp escalate INC-214 calls somebody`,
    );
    world.paging.onCallNow = [];
    expect(await asks('oncall lead')).toContain('lead: :warning: nobody is on call');
    expect(await asks('oncall night')).toBe('I know no route night. There are: oncall, lead.');
    world.paging.down = true;
    expect(await asks('oncall')).toBe('Who is on call is not known now: PagerDuty is down');
  });

  const approvals = { need: 1, groups: ['pagerduty:oncall'], users: [] };
  const only = (config: Config): Config =>
    calling()({
      ...config,
      approvals: { low: approvals, medium: approvals, high: approvals, oncall: { groups: [], users: [] } },
    });

  test('whoever is on call now may approve, and is the one who is asked; nobody else', async () => {
    await begin({}, { change: only });
    world.paging.onCallNow = [on('oncall', 1, users.noah, 'Noah'), on('oncall', 2, users.kofi, 'Kofi')];
    world.inject('image-missing');
    fires(alertOf());
    await world.until('asked', () => find(world, 'approve') !== undefined && said().includes('/card]'));
    expect(said()).toMatch(new RegExp(`card] @${users.noah} Rollback`));
    const button = find(world, 'approve')!;
    press(world, users.kofi, button);
    await world.until('refused', () => world.chat.whispers.some((one) => one.to === users.kofi));
    expect(world.chat.whispers[0]?.text).toContain("you are not in PagerDuty's on-call (oncall)");
    press(world, users.noah, button);
    await world.until('done', () => world.writes.length > 0);
  });

  test('by e-mail where the config names nobody; who has no account here is named and cannot press', async () => {
    await begin({}, { change: only });
    const person = (name: string) => ({
      id: `P${name}`,
      name,
      email: `${name.toLowerCase()}@example.com`,
      chatId: null,
    });
    world.people.addresses.set('noah@example.com', users.noah);
    world.paging.onCallNow = [
      { ...on('oncall', 1, null, 'Noah'), who: person('Noah') },
      { ...on('oncall', 1, null, 'Jonas'), who: person('Jonas') },
    ];
    world.inject('image-missing');
    fires(alertOf());
    await world.until('asked', () => find(world, 'approve') !== undefined && said().includes('/card]'));
    expect(said()).toMatch(new RegExp(`card] @${users.noah} Rollback`));
    expect(said()).toContain('(now: noah, on call but not found in Slack: Jonas)');
    expect(await asks('oncall')).toContain(`oncall: @${users.noah} until ${until}, Jonas until ${until}`);
    press(world, users.noah, find(world, 'approve')!);
    await world.until('done', () => world.writes.length > 0);
  });

  test('whom Slack cannot look up now may not approve: no guess', async () => {
    await begin({}, { change: only });
    world.people.addresses.set('noah@example.com', users.noah);
    world.paging.onCallNow = [
      { ...on('oncall', 1, null, 'Noah'), who: { id: 'PNOAH', name: 'Noah', email: 'noah@example.com', chatId: null } },
    ];
    world.inject('image-missing');
    fires(alertOf());
    await world.until('asked', () => find(world, 'approve') !== undefined);
    world.people.byEmail = () => Promise.reject(new Failure('too many requests', 'Slack asks to wait 30 s'));
    press(world, users.noah, find(world, 'approve')!);
    await world.until('refused', () => world.chat.whispers.some((one) => one.to === users.noah));
    expect(world.writes.filter((one) => one.method === 'deployment.write')).toEqual([]);
  });

  test('not known who is on call: nobody may', async () => {
    await begin({}, { change: only });
    world.paging.onCallNow = [on('oncall', 1, users.noah, 'Noah')];
    world.inject('image-missing');
    fires(alertOf());
    await world.until('asked', () => find(world, 'approve') !== undefined);
    world.paging.down = true;
    press(world, users.noah, find(world, 'approve')!);
    await world.until('refused', () => world.chat.whispers.some((one) => one.to === users.noah));
    expect(world.writes.filter((one) => one.method === 'deployment.write')).toEqual([]);
  });
});
