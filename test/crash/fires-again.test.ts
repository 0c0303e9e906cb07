import { afterEach, expect, test } from 'vitest';
import type { AlertIn } from '../../src/core/routing.ts';
import { World } from './harness.ts';

/** What the senders of alerts do that is not in their manual. */

let world: World;
afterEach(() => world.close());

const stuck = (status: AlertIn['status']): AlertIn => ({
  fingerprint: 'f1',
  status,
  labels: {
    alertname: 'KubeDeploymentRolloutStuck',
    region: 'eu-west-1',
    namespace: 'ml-platform',
    deployment: 'model-server',
  },
  annotations: {},
  startsAt: '2026-03-03T08:50:00Z',
  link: '',
});

test('silent for a while, then back: firing, resolved, firing with one start keeps the incident open until it is resolved', async () => {
  world = await World.start({ alerts: false });
  const send = async (id: string, status: AlertIn['status'], waitMs: number): Promise<void> => {
    world.deliver(id, (engine) => engine.intake.takeAlerts([stuck(status)], null));
    await world.pass(waitMs);
  };
  await send('1', 'firing', 20_000);
  await send('2', 'resolved', 60_000);
  expect((await world.incident()).closed).not.toBeNull();
  await send('3', 'firing', 120_000);
  expect((await world.incident()).closed).toBeNull();
  // Repeated as senders do: nothing new.
  const { round } = await world.incident();
  await send('4', 'firing', 1_000);
  expect((await world.incident()).round?.why).toBe(round?.why);
  await send('5', 'resolved', 60_000);
  expect((await world.incident()).closed).not.toBeNull();
});

test.each([
  ['holds only a sign of life', [{ ...stuck('firing'), labels: { alertname: 'Watchdog' } }]],
  ['begins with what is over and was never seen', [stuck('resolved')]],
  ['holds no alert at all', []],
])('what a delivery left out is said in the channel, once, where it %s', async (_what, alerts) => {
  world = await World.start({ alerts: false });
  const note = 'Alertmanager left out 37 alerts of this group (its max_alerts)';
  for (const id of ['1', '2']) {
    world.deliver(id, (engine) => engine.intake.takeAlerts(alerts, note));
    await world.pass(40_000);
  }
  expect(world.chat.text().match(/Alerts may be missing here: Alertmanager left out 37 alerts/g)).toHaveLength(1);
  expect(world.logs.filter((one) => one.level === 'error')).toEqual([]);
});
