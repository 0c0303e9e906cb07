import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CalledPage } from '../../src/core/incident/pages.ts';
import { urgency } from '../../src/core/incident/paging.ts';
import type { AlertIn } from '../../src/core/routing.ts';
import { World } from './harness.ts';
import { calling } from './pages.ts';
import { lena } from './paging.ts';
import type { MemoryIncident } from './paging.ts';
import { find, press, users } from './people.ts';

/** One incident calls by two routes under one key: who is said to have answered which call, here and there, and what is called for after it. */

let world: World;
const never = { page: [], afterMs: 0, priorities: [] };
beforeEach(async () => {
  const change = calling({ unacknowledged: never, unapproved: never });
  world = await World.start({ paging: true, change, alerts: false });
});
afterEach(() => world.close());

const labels = {
  alertname: 'KubeDeploymentReplicasMismatch',
  namespace: 'ml-platform',
  deployment: 'model-server',
  region: 'eu-west-1',
};
function fires(severity: string, more: Partial<AlertIn> = {}): void {
  const startsAt = new Date(world.clock.now()).toISOString();
  const alert: AlertIn = {
    fingerprint: severity,
    status: 'firing',
    labels: { ...labels, severity },
    annotations: {},
    startsAt,
    link: '',
    ...more,
  };
  world.deliver(`${severity} ${alert.status} ${startsAt}`, (engine) => engine.intake.takeAlerts([alert], null));
}
const said = (): string => world.chat.text();
const callOf = (to: string): MemoryIncident | undefined => world.paging.incidents.find((one) => one.to === to);
const pageOf = async (to: string): Promise<CalledPage | undefined> =>
  (await world.incident()).pages.find((one) => one.id === `P0/${to}`);
async function called(): Promise<void> {
  world.inject('release-fails-requests');
  fires('P0');
  await world.until('reached', () => /Called oncall .*by phone/.test(said()) && /Called lead .*by phone/.test(said()));
  expect(callOf('oncall')?.key).toBe(callOf('lead')?.key);
}
function acknowledges(to: string, chatId: string): void {
  const one = callOf(to);
  world.paging.acks(one);
  world.deliver(`acknowledged ${to}`, (engine) =>
    engine.intake.takePaged({
      is: 'paged-event',
      id: `acknowledged ${to}`,
      at: new Date(world.clock.now()).toISOString(),
      incident: { id: one?.id ?? '', key: one?.key ?? null, title: '', link: null },
      by: { is: 'person', who: { ...lena, chatId } },
      what: { does: 'acknowledged' },
    }),
  );
}
async function takesIt(who: string): Promise<void> {
  await world.until('a button', () => find(world, 'mine') !== undefined);
  press(world, who, find(world, 'mine')!);
}

describe('an answer', () => {
  test('there before it is known which incident is whose: that is found out', async () => {
    world.inject('release-fails-requests');
    fires('P0');
    await world.until('called', () => world.paging.incidents.length === 2);
    expect((await pageOf('oncall'))?.incident ?? null).toBeNull();
    acknowledges('lead', users.sana);
    await world.until('read', async () => (await pageOf('oncall'))?.reached?.is === 'notified');
    expect((await pageOf('lead'))?.ackedBy).toBe('Sana Okafor');
    expect((await pageOf('oncall'))?.ackedBy).toBeNull();
    await world.until('known there', () => callOf('oncall')?.status === 'acknowledged');
  });

  test('here: both calls are acknowledged there, and the root says by whom', async () => {
    await called();
    await takesIt(users.kofi);
    await world.until('known there', () => world.paging.incidents.every((one) => one.status === 'acknowledged'));
    const here = `Sana Okafor by phone, acknowledged by @${users.kofi} here`;
    await world.until('said of both', () => said().split(here).length > 2);
    expect(said()).not.toContain('no ack yet');
  });

  test('there to one of two calls of one key: the other is not said to be theirs', async () => {
    await called();
    acknowledges('lead', users.sana);
    await world.until('led', async () => (await world.incident()).onIt === users.sana);
    expect((await pageOf('lead'))?.ackedBy).toBe('Sana Okafor');
    expect((await pageOf('oncall'))?.ackedBy).toBeNull();
    // Somebody leads now: whoever else was called need not come.
    await world.until('known there', () => callOf('oncall')?.status === 'acknowledged');
    await world.until('said', () => said().includes(`by phone, acknowledged by @${users.sana} here`));
    expect(world.paging.sent.filter((one) => one.what === 'acknowledge').map((one) => one.to)).toEqual(['oncall']);
  });
});

test('a fall from P0 to P1 calls nobody again while somebody leads', async () => {
  world.inject('secret-deleted');
  await called();
  await takesIt(users.sana);
  await world.until('led', async () => (await world.incident()).onIt === users.sana);
  fires('warning');
  fires('P0', { status: 'resolved' });
  await world.until('P1', async () => urgency(await world.incident()) === 'P1', 5 * 60_000);
  await world.pass(4 * 60_000);
  expect((await world.incident()).pages.map((one) => one.id)).toEqual(['P0/oncall', 'P0/lead']);
  expect(said()).not.toMatch(/It is not known that anybody was called|nobody was told/);
});

test('both calls of a key end with the last incident of the group, though that one called nobody', async () => {
  const group = 'a'.repeat(64);
  const gateway = {
    fingerprint: 'other',
    group,
    labels: { ...labels, deployment: 'api-gateway', severity: 'warning' },
  };
  fires('P0', { group });
  await world.until('called', () => world.paging.incidents.length === 2);
  fires('warning', gateway);
  const numbered = async (number: number) => world.incident((await world.store.byNumber(number))?.stream ?? '');
  await world.until('the second', async () => (await numbered(2)).openedAt !== null);
  fires('P0', { group, status: 'resolved' });
  await world.until('the first is over', async () => (await numbered(1)).closed !== null, 20 * 60_000);
  expect(world.paging.incidents.map((one) => one.status)).toEqual(['triggered', 'triggered']);
  fires('warning', { ...gateway, status: 'resolved' });
  await world.until('both', () => world.paging.incidents.every((one) => one.status === 'resolved'), 20 * 60_000);
  expect((await numbered(2)).pages).toEqual([]);
});
