import { afterEach, describe, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { press, types, users } from './people.ts';

/** Which incident a thing belongs to, with the engine, the store and the simulated platform: one fault, one thread, one offer. */

let world: World;
afterEach(() => world.close());

const roots = (): readonly string[] =>
  world.chat.standing.filter((one) => one.mark.key.endsWith('/root')).map((one) => textOf(one.message));
const approvals = (): readonly string[] =>
  world.chat
    .buttons()
    .filter((one) => one.press.does === 'approve')
    .map((one) => `${one.press.thread} ${one.press.proposal ?? ''}`);
const root = (number: number): string => roots().find((one) => one.includes(`INC-${number} ·`)) ?? '';
const stream = async (number: number): Promise<string> => (await world.store.byNumber(number))?.stream ?? '';
const thread = async (number: number): Promise<string> => {
  const name = await stream(number);
  return world.chat.standing
    .filter((one) => one.mark.key.startsWith(name))
    .map((one) => textOf(one.message))
    .join('\n');
};

function alert(region: string, more: Partial<AlertIn> = {}): AlertIn {
  const labels = { alertname: 'KubePodNotReady', namespace: 'ml-platform', region, severity: 'warning' };
  const startsAt = new Date(world.clock.now()).toISOString();
  return {
    fingerprint: JSON.stringify(labels),
    status: 'firing',
    labels,
    annotations: {},
    startsAt,
    link: '',
    ...more,
  };
}

describe('faults in two regions', () => {
  test('two faults of one workload: two incidents, each with its own fix, each pointing at the other', async () => {
    world = await World.start();
    world.inject('image-missing', 'eu-west-1');
    await world.until('the first', () => approvals().length > 0);
    world.inject('secret-missing', 'us-east-1');
    await world.pass(60_000);
    expect(roots()).toHaveLength(2);
    expect(root(1)).toMatch(/model-server rollout stuck · eu-west-1 · P2/);
    expect(root(1)).toMatch(/Other regions: us-east-1: secret vector-db missing \(INC-2\)/);
    expect(root(1)).not.toMatch(/v2\.4\.2/);
    expect(root(2)).toMatch(/model-server rollout stuck · us-east-1 · P\d/);
    expect(root(2)).toMatch(/Other regions: eu-west-1: image v2\.4\.1 not found \(INC-1\)/);
    // In the root and on the card, once each per incident.
    const [one, two] = [await stream(1), await stream(2)];
    expect(approvals().toSorted()).toEqual([`${one} p1`, `${one} p1`, `${two} p1`, `${two} p1`].toSorted());
  });

  test('nobody was alerted and a person asks about all regions: what is another fault gets its own thread', async () => {
    world = await World.start({ alerts: false });
    world.inject('image-missing', 'eu-west-1');
    world.inject('secret-missing', 'us-east-1');
    types(world, users.sana, 'diagnose model-server');
    await world.pass(60_000);
    expect(roots()).toHaveLength(2);
    expect(root(1)).toMatch(/us-east-1.*Cause: secret vector-db.*Other regions: eu-west-1: image .* \(INC-2\)/);
    expect(root(2)).toMatch(/eu-west-1.*Cause: the registry .*Other regions: us-east-1: secret .* \(INC-1\)/);
  });

  test('one fault in both regions is one thread, and each line says which region it speaks of', async () => {
    world = await World.start({ alerts: false });
    world.inject('secret-missing', 'eu-west-1');
    world.inject('secret-missing', 'us-east-1');
    types(world, users.sana, 'diagnose model-server');
    await world.pass(60_000);
    expect(roots()).toHaveLength(1);
    expect(roots()[0]).toMatch(/us-east-1 and eu-west-1/);
    expect(roots()[0]).toMatch(/Cause in us-east-1:.*Fix A in us-east-1:.*Fix B in us-east-1: roll back/);
    expect(roots()[0]).toMatch(/Fix C in eu-west-1: roll back/);
    expect(roots()[0]).toMatch(/\[Approve rollback[^\]]* in us-east-1\]/);
  });
});

describe('one change is offered in one place', () => {
  test('a triage of the namespace that hands over to a workload with an incident of its own points there', async () => {
    world = await World.start();
    world.inject('image-missing');
    await world.until('the first', () => approvals().length > 0);
    types(world, users.kofi, 'diagnose');
    await world.pass(60_000);
    const second = roots().find((one) => one.startsWith(':link:')) ?? '';
    expect(second).toMatch(/image v2\.4\.1|rollout stuck/);
    expect(second).toMatch(/Cause, fix and approvals: in INC-1\. Nothing is to be approved here/);
    expect(new Set(approvals())).toEqual(new Set([`${await stream(1)} p1`]));
    expect(world.chat.text()).not.toMatch(/a person is needed/);
  });

  test('the same by alerts: the namespace rule and the deployment rule', async () => {
    world = await World.start();
    world.inject('image-missing');
    await world.until('the first', () => approvals().length > 0);
    world.deliver('wide', (engine) => engine.intake.takeAlerts([alert('eu-west-1')], null));
    await world.pass(60_000);
    expect(root(2)).toMatch(/handled in INC-1/);
    expect(new Set(approvals())).toEqual(new Set([`${await stream(1)} p1`]));
  });

  test('the second never offers it, from the beginning to the end of the first', async () => {
    world = await World.start();
    world.inject('image-missing');
    await world.until('the first', () => approvals().length > 0);
    world.deliver('wide', (engine) => engine.intake.takeAlerts([alert('eu-west-1')], null));
    await world.pass(40_000);
    const first = await stream(1);
    expect(root(2)).toMatch(/handled in INC-1/);
    const stop = world.chat.buttons().find((one) => one.press.does === 'approve');
    if (stop !== undefined) press(world, users.sana, stop);
    await world.until('the end of the first', async () => (await world.incident(first)).closed !== null);
    expect(await thread(2)).not.toMatch(/Approve/);
    expect(world.writes.filter((one) => one.method === 'deployment.write')).toHaveLength(1);
  });
});

describe('killed while it gives another fault its own thread', () => {
  async function asked(dies: number | null): Promise<readonly string[]> {
    world = await World.start({
      alerts: false,
      breakAt: (life, number) => (life === 1 && number === dies ? 'kill' : null),
    });
    world.inject('image-missing', 'eu-west-1');
    world.inject('secret-missing', 'us-east-1');
    types(world, users.sana, 'diagnose model-server');
    await world.pass(90_000);
    return world.replicas[0]?.life.met ?? [];
  }

  test('at each boundary around it: two threads, two numbers, one offer for each region', async () => {
    const met = await asked(null);
    const at = met.indexOf('effect branch') + 1;
    expect(at).toBeGreaterThan(0);
    for (let dies = at - 3; dies < at + 24; dies += 1) {
      await world.close();
      await asked(dies);
      const where = `killed at ${dies} (${met[dies - 1] ?? ''})`;
      const places = roots().map((one) => /us-east-1|eu-west-1/.exec(one)?.[0] ?? '');
      const pointing = roots().filter((one) => /Other regions: .* \(INC-[12]\)/.test(one)).length;
      expect({
        where,
        places: new Set(places),
        roots: places.length,
        pointing,
        offers: new Set(approvals()).size,
      }).toEqual({ where, places: new Set(['eu-west-1', 'us-east-1']), roots: 2, pointing: 2, offers: 2 });
    }
  }, 60_000);
});

describe('somebody asks about everything', () => {
  test('what is open is named, and what its users feel is no news: never "nothing wrong found" beside it', async () => {
    world = await World.start();
    world.inject('release-fails-requests');
    await world.until('the first', () => roots().some((one) => one.includes('INC-1')));
    types(world, users.kofi, 'diagnose');
    await world.pass(30_000);
    const second = roots().find((one) => !one.includes('INC-1 ·')) ?? roots()[1] ?? '';
    expect(second).not.toMatch(/nothing wrong found ·/);
    expect(second).toMatch(/INC-1/);
    expect(second).not.toMatch(/no metrics are configured/);
  });
});
