import { afterEach, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { World } from './harness.ts';

/** Readings are shared: what many alerts ask of the platform, against what one asks. */

let world: World;
afterEach(() => world.close());

function alertOf(name: string, deployment: string): AlertIn {
  const labels = { alertname: name, namespace: 'ml-platform', deployment, region: 'eu-west-1', severity: 'warning' };
  const startsAt = new Date(world.clock.now()).toISOString();
  return { fingerprint: JSON.stringify(labels), status: 'firing', labels, annotations: {}, startsAt, link: '' };
}

const send = (id: string, alerts: readonly AlertIn[]): void =>
  world.deliver(id, (engine) => engine.intake.takeAlerts(alerts, null));

/** How often each thing was asked of the platform within nine seconds, in all regions; what comes by itself comes later. */
async function asked(deliver: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  const until = world.clock.now() + 9_000;
  const before = new Map(world.reads);
  await deliver();
  await world.pass(until - world.clock.now());
  return new Map([...world.reads].map(([what, count]) => [what, count - (before.get(what) ?? 0)] as const));
}
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, one) => all + one, 0);

async function ofOneDeployment(alerts: number, apartMs: number): Promise<number> {
  world = await World.start({ alerts: false });
  world.inject('image-missing');
  const counts = await asked(async () => {
    for (let n = 0; n < alerts; n += 1) {
      send(String(n), [alertOf(`Alert${n}`, 'model-server')]);
      await world.pass(apartMs);
    }
  });
  expect(Object.keys((await world.incident()).alerts)).toHaveLength(alerts);
  await world.close();
  return sum(counts);
}

test('twenty alerts on one deployment cause one diagnosis, at once or one after the other', async () => {
  const one = await ofOneDeployment(1, 10);
  expect(one).toBeGreaterThan(40);
  expect(await ofOneDeployment(20, 10)).toBe(one);
  expect(await ofOneDeployment(20, 400)).toBe(one);
});

test('a storm of many deployments is looked at once: as many questions as one of few, nodes once in each region', async () => {
  const storms: number[] = [];
  for (const deployments of [12, 200]) {
    world = await World.start({ alerts: false });
    world.inject('all-nodes-gone');
    const names = Array.from({ length: deployments }, (_, n) => `svc-${n}`);
    const counts = await asked(async () => {
      send(
        'all',
        names.map((name) => alertOf('KubeDeploymentReplicasMismatch', name)),
      );
    });
    expect((await world.store.streams({ open: true, limit: 50 })).length).toBe(1);
    for (const region of ['us-east-1', 'eu-west-1', 'ap-southeast-1'])
      expect(counts.get(`${region} kubernetes.nodes`)).toBe(1);
    storms.push(sum(counts));
    await world.close();
  }
  expect(storms[1]).toBe(storms[0]);
});

test('threads that were open before a storm and look at the same moment share what they ask alike', async () => {
  world = await World.start({ alerts: false });
  world.inject('all-nodes-gone');
  const names = ['api-gateway', 'feature-store', 'replication-service'];
  const counts = await asked(async () => {
    for (const name of names) send(name, [alertOf('KubeDeploymentReplicasMismatch', name)]);
  });
  expect((await world.store.streams({ open: true, limit: 50 })).length).toBe(names.length);
  expect(counts.get('eu-west-1 kubernetes.nodes')).toBe(1);
});
