import { afterEach, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';

/** A region is lost while another incident is open: still one message for it, and nothing is offered there that ends what may serve. */

let world: World;
afterEach(() => world.close());

const posted = (): readonly string[] =>
  world.chat.standing.filter((one) => one.mark.key.endsWith('/root')).map((one) => textOf(one.message));
function alertOf(name: string, deployment: string, region: string): AlertIn {
  const labels = { alertname: name, namespace: 'ml-platform', deployment, region, severity: 'warning' };
  const startsAt = new Date(world.clock.now()).toISOString();
  return { fingerprint: JSON.stringify(labels), status: 'firing', labels, annotations: {}, startsAt, link: '' };
}
const send = (id: string, alerts: readonly AlertIn[]): void =>
  world.deliver(id, (engine) => engine.intake.takeAlerts(alerts, null));

test.each([0, 12_000])(
  'a secret is gone in one region, another is lost (its alerts come %d ms later)',
  async (laterMs) => {
    world = await World.start({ alerts: false });
    world.inject('secret-deleted', 'us-east-1');
    send('secret', [alertOf('KubeDeploymentRolloutStuck', 'model-server', 'us-east-1')]);
    await world.pass(12_000);
    world.inject('all-nodes-gone', 'eu-west-1');
    await world.pass(laterMs);
    const many = Array.from({ length: 40 }, (_, n) =>
      alertOf('KubeDeploymentReplicasMismatch', `svc-${n}`, 'eu-west-1'),
    );
    send('storm', many);
    await world.pass(5 * 60_000);
    const open = posted().filter((one) => !one.includes('part of INC-'));
    expect(open.length === 2 ? [] : posted()).toEqual([]);
    expect(open.filter((one) => one.includes('eu-west-1 lost all its nodes'))).toHaveLength(1);
    const all = world.chat.text();
    expect(all).not.toMatch(/\*?(Restart|Rollback|Scale) of model-server in eu-west-1/);
    expect(all).not.toContain('Not handled here');
    expect(all).not.toMatch(/alert storm · us-east-1/);
  },
);

test('what a storm sees of another fault elsewhere has a thread of its own, about that workload, also where no alert tells of it', async () => {
  world = await World.start({ alerts: false });
  world.inject('secret-deleted', 'us-east-1');
  world.inject('all-nodes-gone', 'eu-west-1');
  const many = Array.from({ length: 40 }, (_, n) => alertOf('KubeDeploymentReplicasMismatch', `svc-${n}`, 'eu-west-1'));
  send('storm', many);
  await world.pass(5 * 60_000);
  const [storm, other, ...more] = posted().toSorted(
    (a, b) => Number(b.includes('lost all')) - Number(a.includes('lost all')),
  );
  expect(storm).toMatch(/eu-west-1 lost all its nodes .*Kept apart: INC-\d+ us-east-1, model-server: /);
  expect(other).toMatch(/model-server: secret feature-store-credentials missing · us-east-1/);
  expect(more).toEqual([]);
});
