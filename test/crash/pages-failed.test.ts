import { afterEach, describe, expect, test } from 'vitest';
import type { PageOutcome } from '../../src/core/incident/pages.ts';
import { World } from './harness.ts';
import type { WorldOptions } from './harness.ts';
import { calling } from './pages.ts';
import { find, press, presses, users } from './people.ts';

/** Who is called by silence about a proposal, and for a change that is not known, failed, did not help or could not be taken back. */

let world: World;
afterEach(() => world.close());

const nobody = { P0: [], P1: [], P2: [], P3: [] };
const never = { page: [], afterMs: 0, priorities: [] };
/** Only the one reason that a test is about. */
async function begin(over: Parameters<typeof calling>[0], options: WorldOptions = {}): Promise<void> {
  const silent = { byPriority: nobody, unacknowledged: never, unapproved: never, unknown: [], verifyFailed: [] };
  world = await World.start({ paging: true, change: calling({ ...silent, undoFailed: [], ...over }), ...options });
}
const whys = (): readonly string[] => world.paging.incidents.map((one) => `${one.to}: ${one.page.details['why']}`);
const said = (): string => world.chat.text();
const calledFor = async (id: string): Promise<PageOutcome['is'] | undefined> =>
  (await world.incident()).pages.find((one) => one.id === id)?.outcome.is;

describe('a proposal that nobody decides', () => {
  const unapproved = { page: ['oncall'], afterMs: 20_000, priorities: ['P0', 'P1', 'P2'] as const };
  const hurt = async (): Promise<void> => {
    await begin({ unapproved: { ...unapproved, priorities: [...unapproved.priorities] } });
    world.inject('release-fails-requests');
    await world.until('asked', () => find(world, 'approve') !== undefined, 5 * 60_000);
  };

  test('is called for after its time, with what waits and since when; once', async () => {
    await hurt();
    await world.pass(10_000);
    expect(world.paging.sent).toEqual([]);
    await world.until('called', () => world.paging.incidents.length === 1, 2 * 60_000);
    expect(whys()).toEqual([expect.stringMatching(/^oncall: the rollback waits for an approval since \d\d:\d\d UTC$/)]);
    expect(world.paging.incidents[0]?.page.summary).toMatch(/^P1 INC-1 .*model-server/);
    await world.until('said', () => /Called oncall \(the rollback waits for an approval since/.test(said()));
    await world.pass(40_000);
    expect(world.paging.sent.filter((one) => one.what === 'trigger')).toHaveLength(1);
  });

  test('that somebody approved in time is not', async () => {
    await hurt();
    press(world, users.sana, find(world, 'approve')!);
    await world.pass(40_000);
    expect(world.paging.sent).toEqual([]);
  });

  test('that somebody refused is not', async () => {
    await hurt();
    await world.until('its card', () => find(world, 'deny') !== undefined);
    press(world, users.sana, find(world, 'deny')!, 'not during the demo');
    await world.pass(40_000);
    expect(world.paging.sent).toEqual([]);
  });
});

describe('a change', () => {
  const approved = async (fault = 'image-missing'): Promise<void> => {
    world.inject(fault);
    presses(world, users.sana, 'approve', { when: () => world.writes.length === 0 });
  };

  test('of which it is not known whether it was made', async () => {
    await begin({ unknown: ['oncall'] });
    world.losses.push(...Array.from({ length: 3 }, () => 'not done, answer lost' as const));
    await approved();
    await world.until('called', () => world.paging.incidents.length === 1);
    expect(whys()).toEqual(['oncall: whether the rollback was done is not known: three attempts had no known outcome']);
    expect(await calledFor('unknown/p1/oncall')).toBe('accepted');
  });

  test('that the cluster refuses: it is known that it was not made', async () => {
    await begin({ unknown: ['lead'], verifyFailed: ['oncall'] });
    world.inject('image-missing');
    await world.until('asked', () => find(world, 'approve') !== undefined);
    world.platform.region('eu-west-1').at(world.clock.now()).webhooks.push({
      on: 'deployments',
      namespace: 'ml-platform',
      name: 'model-server',
      message: 'admission webhook "freeze.policy.sandbox" denied the request: frozen',
      sideEffects: false,
    });
    press(world, users.sana, find(world, 'approve')!);
    await world.until('called', () => world.paging.incidents.length === 1);
    expect(whys()).toEqual([expect.stringMatching(/^oncall: the rollback failed: .*freeze\.policy\.sandbox/)]);
  });

  test('that failed while somebody leads: the call is not answered for whoever is called', async () => {
    await begin({ verifyFailed: ['lead'] });
    world.inject('image-missing');
    await world.until('asked', () => find(world, 'mine') !== undefined);
    press(world, users.sana, find(world, 'mine')!);
    await world.until('led', async () => (await world.incident()).onIt === users.sana);
    press(world, users.sana, find(world, 'approve')!);
    await world.until('written', () => world.writes.length === 1);
    world.latencyMs = (region) => (region === 'eu-west-1' ? 60_000 : 0);
    await world.until('called', () => world.paging.incidents.length === 1, 20 * 60_000);
    await world.pass(10_000);
    expect(world.paging.lines()).toEqual([expect.stringMatching(/^lead triggered: /)]);
  });

  test('that failed, and its call meets one that is acknowledged there: nobody is told again, and that is said', async () => {
    await begin({ byPriority: { ...nobody, P1: ['oncall'] }, verifyFailed: ['oncall'] });
    world.inject('release-fails-requests');
    await world.until('asked', () => find(world, 'approve') !== undefined && world.paging.incidents.length === 1);
    await world.until('reached', () => /Called oncall \(P1\): Sana Okafor by phone/.test(said()));
    for (const one of world.paging.incidents) one.status = 'acknowledged';
    press(world, users.sana, find(world, 'approve')!);
    await world.until('written', () => world.writes.length === 1);
    world.latencyMs = (region) => (region === 'eu-west-1' ? 60_000 : 0);
    const again =
      /Called oncall \(the rollback did not bring it back\): :warning: nobody was told, Sana Okafor acknowledged it there already, and it does not ring again\. Call somebody yourself/;
    await world.until('said', () => again.test(said()), 20 * 60_000);
    expect(world.paging.incidents).toHaveLength(1);
  });

  test('that cannot be seen to have helped', async () => {
    await begin({ verifyFailed: ['oncall'] });
    await approved();
    await world.until('written', () => world.writes.length === 1);
    world.latencyMs = (region) => (region === 'eu-west-1' ? 60_000 : 0);
    await world.until('called', () => world.paging.incidents.length === 1, 20 * 60_000);
    expect(whys()).toEqual(['oncall: the rollback did not bring it back']);
    await world.until('said', () => /Called oncall \(the rollback did not bring it back\)/.test(said()));
  });

  test('that made it worse, and whose undo made it worse still: each for itself', async () => {
    const times = (config: Parameters<NonNullable<WorldOptions['change']>>[0]) => ({
      ...config,
      timing: { ...config.timing, observeMs: 5_000, watchMs: 120_000 },
    });
    const call = calling({
      byPriority: nobody,
      unacknowledged: { ...never },
      unapproved: { ...never },
      verifyFailed: ['oncall'],
      undoFailed: ['lead'],
    });
    await begin({}, { change: (config) => call(times(config)) });
    await approved();
    // Whatever is written, requests fail more than before.
    world.onWrite = () => {
      const cluster = world.platform.region('eu-west-1').at(world.clock.now());
      for (const [name, image] of cluster.images)
        if (name.includes('model-server'))
          cluster.images.set(name, { ...image, program: { ...image.program, errorRatio: 0.4 } });
    };
    await world.until('called', () => world.paging.incidents.length === 2, 5 * 60_000);
    expect(whys()).toEqual(['oncall: the rollback made it worse', 'lead: the undo made it worse']);
    await world.until('said', () => /Called lead \(the undo made it worse\)/.test(said()));
  });
});
