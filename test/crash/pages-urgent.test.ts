import { afterEach, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { byUrgency } from '../../src/core/render/incidents.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { calling } from './pages.ts';

/** An alert that says itself that it is P0: people are called before anything is found, and whoever comes sees why. */

let world: World;
afterEach(() => world.close());

function alertOf(workload: string, more: Readonly<Record<string, string>> = {}): AlertIn {
  const labels = {
    alertname: 'Custom',
    namespace: 'ml-platform',
    deployment: workload,
    region: 'eu-west-1',
    ...more,
  };
  const startsAt = new Date(world.clock.now()).toISOString();
  return { fingerprint: JSON.stringify(labels), status: 'firing', labels, annotations: {}, startsAt, link: '' };
}
const roots = (): readonly string[] =>
  world.chat.standing.filter((one) => one.mark.key.endsWith('/root')).map((one) => textOf(one.message));

test('where its look finds nothing, the summary says who asked for P0, and can be taken and escalated', async () => {
  world = await World.start({ alerts: false, paging: true, change: calling() });
  world.deliver('plain', (engine) => engine.intake.takeAlerts([alertOf('feature-store')], null));
  world.deliver('urgent', (engine) => engine.intake.takeAlerts([alertOf('api-gateway', { priority: 'P0' })], null));
  await world.pass(20_000);
  const urgent = roots().find((one) => one.includes('api-gateway · ')) ?? '';
  expect(urgent).toMatch(
    /^:red_circle: api-gateway · eu-west-1: nothing wrong found · P0 \(asked for by the alert\) · INC-\d+ \//,
  );
  expect(urgent).toMatch(/\| \[I'm on it\] \[Check again\] \[Escalate…\]/);
  const root = world.chat.standing.find((one) => textOf(one.message) === urgent);
  expect(root?.message.lock).toMatch(/^P0, asked for by the alert\. api-gateway eu-west-1: nothing wrong found\./);
  // One that asks for nothing stays what it was.
  expect(roots().find((one) => one.includes('feature-store · '))).toMatch(
    /could not be measured · INC-\d+ \/ .*\| \[Check again\]/,
  );
  const open = await world.store.streams({ open: true, limit: 5 });
  expect(byUrgency(open).map(({ summary }) => summary.title)).toEqual(['api-gateway', 'feature-store']);
  expect(byUrgency(open)[0]?.summary.glance?.priority).toBe('P0');
});
