import { afterEach, describe, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { press, types, users } from './people.ts';

/** Many workloads of one region alert at once: one message, with the engine, the store and the simulated platform. */

let world: World;
afterEach(() => world.close());

const posted = (): readonly string[] =>
  world.chat.standing.filter((one) => one.mark.key.endsWith('/root')).map((one) => textOf(one.message));
const storm = (): string =>
  posted().find((one) => one.includes('held in this message') || one.includes('storm over')) ?? '';

function alertOf(name: string, workload: string, more: Partial<AlertIn> & { readonly region?: string } = {}): AlertIn {
  const { region = 'eu-west-1', ...rest } = more;
  const labels = { alertname: name, namespace: 'ml-platform', deployment: workload, region, severity: 'warning' };
  return {
    fingerprint: JSON.stringify(labels),
    status: 'firing',
    labels,
    annotations: { summary: `${name} of ${workload}` },
    startsAt: new Date(world.clock.now()).toISOString(),
    link: '',
    ...rest,
  };
}
const many = (count: number, more: Parameters<typeof alertOf>[2] = {}): readonly AlertIn[] =>
  Array.from({ length: count }, (_, index) =>
    alertOf('KubeDeploymentReplicasMismatch', `svc-${index % 100}-${Math.floor(index / 100)}`, more),
  );
const send = (id: string, alerts: readonly AlertIn[]): void =>
  world.deliver(id, (engine) => engine.intake.takeAlerts(alerts, null));

describe('a region loses all its nodes', () => {
  test('a thousand alerts in ten seconds are one message, which names what they share', async () => {
    world = await World.start({ alerts: false });
    world.inject('all-nodes-gone');
    const all = many(1_000);
    for (let second = 0; second < 10; second += 1) {
      for (let part = 0; part < 10; part += 1)
        send(`${second}-${part}`, all.slice(second * 100 + part * 10, second * 100 + part * 10 + 10));
      await world.pass(1_000);
    }
    await world.pass(20_000);
    expect(posted().length).toBeLessThanOrEqual(5);
    expect(storm()).toMatch(/eu-west-1 lost all its nodes · P0 · INC-\d+ · 1,000 alerts held in this message/);
  });
});
