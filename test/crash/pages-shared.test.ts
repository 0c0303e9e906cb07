import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Incident } from '../../src/core/incident/state.ts';
import type { PagedEvent } from '../../src/core/ports/paging.ts';
import type { AlertIn } from '../../src/core/routing.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { calling } from './pages.ts';
import { lena } from './paging.ts';
import { users } from './people.ts';

/** Several incidents of one alert group have one page: who is said to be called, whom an answer reaches, and when it is over. */

const GROUP = 'a'.repeat(64);
let world: World;
const oncall = { P0: ['oncall'], P1: [], P2: [], P3: [] };
const never = { page: [], afterMs: 0, priorities: [] };
beforeEach(async () => {
  const change = calling({ byPriority: oncall, unacknowledged: never, unapproved: never });
  world = await World.start({ paging: true, change, alerts: false });
});
afterEach(() => world.close());

function fires(deployment: string, severity: string, more: Partial<AlertIn> = {}): void {
  const labels = { alertname: 'KubeDeploymentReplicasMismatch', namespace: 'ml-platform', region: 'eu-west-1' };
  const startsAt = new Date(world.clock.now()).toISOString();
  const alert: AlertIn = {
    fingerprint: deployment,
    status: 'firing',
    labels: { ...labels, deployment, severity },
    annotations: {},
    startsAt,
    link: '',
    group: GROUP,
    ...more,
  };
  world.deliver(`${deployment} ${alert.status} ${startsAt}`, (engine) => engine.intake.takeAlerts([alert], null));
}
const over = (deployment: string, severity: string): void => fires(deployment, severity, { status: 'resolved' });
const happens = (does: 'acknowledged' | 'resolved', chatId: string | null = users.sana): void => {
  const event: PagedEvent = {
    is: 'paged-event',
    id: does,
    at: new Date(world.clock.now()).toISOString(),
    incident: { id: 'Q1', key: GROUP, title: '', link: null },
    by: { is: 'person', who: { ...lena, chatId } },
    what: does === 'resolved' ? { does, mergedInto: null } : { does },
  };
  for (const time of ['once', 'again']) world.deliver(`${does} ${time}`, (engine) => engine.intake.takePaged(event));
};

const stream = async (number: number): Promise<string> => (await world.store.byNumber(number))?.stream ?? '';
const incident = async (number: number): Promise<Incident> => world.incident(await stream(number));
const said = async (number: number): Promise<string> => {
  const name = await stream(number);
  const own = world.chat.standing.filter((one) => name !== '' && one.mark.key.startsWith(name));
  return own.map((one) => textOf(one.message)).join('\n');
};
const says = (number: number, what: RegExp): Promise<void> =>
  world.until(`INC-${number} says ${what}`, async () => what.test(await said(number)));
const page = () => world.paging.incidents[0];
const called = (): Promise<void> => says(1, /Called oncall \(P0: at once\): Sana Okafor by phone/);

describe('a second incident of the group', () => {
  test('says whose call covers it, and an acknowledgement reaches both', async () => {
    fires('model-server', 'P0');
    await called();
    await world.pass(20_000);
    fires('api-gateway', 'P0');
    await says(2, /INC-1's call covers this too \(P0: at once\): Sana Okafor by phone/);
    await says(2, /People:.*INC-1's call covers this too \(PagerDuty\): Sana Okafor by phone, no ack yet/);
    expect(await said(2)).not.toMatch(/[Cc]alled oncall/);
    expect(world.paging.incidents).toHaveLength(1);
    happens('acknowledged');
    await says(1, /acknowledged by @\w+/);
    await says(2, /INC-1's call covers this too .*acknowledged by @\w+/);
    for (const number of [1, 2]) {
      const { onIt, timeline } = await incident(number);
      expect(onIt).toBe(users.sana);
      expect(timeline.filter((one) => one.what.includes('acknowledged it in PagerDuty'))).toHaveLength(1);
    }
  });

  test('whose call was acknowledged before: who did that and when, and only that one is mentioned, since nothing rings', async () => {
    world.people.addresses.set('sana@example.com', users.sana);
    fires('model-server', 'P0');
    await says(1, /by phone/);
    world.paging.acks(page());
    happens('acknowledged', null);
    await world.pass(20_000);
    fires('api-gateway', 'P0');
    await says(2, new RegExp(`INC-1's call covers this too .*@${users.sana} acknowledged it in PagerDuty at 2026`));
    expect(await said(2)).not.toMatch(/no ack yet|ONCALL|Call somebody/);
    // Whoever took the first does not lead this one without having said so.
    expect((await incident(2)).onIt).toBeNull();
  });

  test('of a group that another receiver called for', async () => {
    await world.paging.trigger({ ...(await pageOf()), key: GROUP });
    await world.pass(60_000);
    fires('model-server', 'P0');
    await says(1, /A call for the same alerts covers this too \(P0: at once\): Sana Okafor by phone/);
    expect(await said(1)).not.toContain('Called oncall');
  });

  test('resolved there: both are looked at again', async () => {
    fires('model-server', 'P0');
    await called();
    fires('api-gateway', 'P0');
    await says(2, /covers this too/);
    const before = [(await incident(1)).round?.number ?? 0, (await incident(2)).round?.number ?? 0];
    happens('resolved');
    for (const [index, number] of before.entries()) {
      await world.until('looked at again', async () => ((await incident(index + 1)).round?.number ?? 0) > number);
      const { closed, timeline } = await incident(index + 1);
      expect(closed).toBeNull();
      expect(timeline.map((one) => one.what).join('\n')).toMatch(/Sana Okafor resolved it in PagerDuty/);
    }
  });
});

describe('the page of the group', () => {
  test('stays open while an incident of the group is that nobody was called for, and is resolved with the last one', async () => {
    fires('model-server', 'P0');
    await called();
    fires('api-gateway', 'warning');
    await world.until('the second', async () => (await incident(2)).openedAt !== null);
    over('model-server', 'P0');
    await world.until('the first is over', async () => (await incident(1)).closed !== null, 20 * 60_000);
    await world.pass(2 * 60_000);
    expect((await incident(2)).closed).toBeNull();
    expect((await incident(2)).pages).toEqual([]);
    expect(page()?.status).toBe('triggered');
    over('api-gateway', 'warning');
    await world.until('the second is over', async () => (await incident(2)).closed !== null, 20 * 60_000);
    await world.until('resolved', () => page()?.status === 'resolved', 60_000);
    await world.pass(2 * 60_000);
    expect(world.paging.sent.filter((one) => one.what === 'resolve')).toHaveLength(1);
  });

  test('is resolved with the one that called, where the other is of another group', async () => {
    fires('model-server', 'P0');
    await called();
    fires('api-gateway', 'warning', { group: 'b'.repeat(64) });
    await world.until('the second', async () => (await incident(2)).openedAt !== null);
    over('model-server', 'P0');
    await world.until('resolved', () => page()?.status === 'resolved', 20 * 60_000);
    expect((await incident(2)).closed).toBeNull();
  });
});

describe('acknowledged before anybody had to be told', () => {
  test.each([
    ['known in Slack', users.sana, `@${users.sana}`],
    ['not known in Slack', null, 'Sana Okafor'],
  ])('%s: says so and when, and mentions nobody', async (_who, chatId, name) => {
    if (chatId !== null) world.people.addresses.set('sana@example.com', chatId);
    world.inject('release-fails-requests');
    fires('model-server', 'P0');
    await world.until('called', () => page() !== undefined);
    world.paging.acks(page());
    const acked = `${name} acknowledged it in PagerDuty at 2026\\S+ before anybody had to be told`;
    await says(1, new RegExp(`Called oncall \\(P0: at once\\): ${acked}$`, 'm'));
    await says(1, new RegExp(`People:.*called oncall \\S+ \\(PagerDuty\\): ${acked}(?!,)`));
    expect(await said(1)).not.toMatch(/nobody was told|Call somebody|no ack yet|@S0MLONCALL Called/);
    expect((await incident(1)).pages[0]).toMatchObject({ ackedBy: 'Sana Okafor' });
  });
});

async function pageOf() {
  const summary = 'DeploymentRolloutStuck';
  return {
    to: 'oncall',
    key: GROUP,
    summary,
    severity: 'critical',
    source: '',
    component: null,
    links: [],
    details: {},
  } as const;
}
