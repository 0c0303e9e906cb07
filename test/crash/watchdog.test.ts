import { afterEach, expect, test } from 'vitest';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { users } from './people.ts';

/** A region's Watchdog falls silent: an incident that says what is not to be believed, and that ends when it is heard again. */

let world: World;
afterEach(() => world.close());

const hears = (region: string): void => {
  const at = world.clock.now();
  world.deliver(`watchdog ${region} ${at}`, (engine) =>
    engine.intake.takeAlerts(
      [
        {
          fingerprint: `watchdog-${region}`,
          status: 'firing',
          labels: { alertname: 'Watchdog', region, severity: 'none' },
          annotations: {},
          startsAt: '2026-03-01T00:00:00Z',
          link: '',
        },
      ],
      null,
    ),
  );
};
const status = async (): Promise<string> => {
  const { intake } = world.replica.engine;
  const id = `status ${world.clock.now()}`;
  const answer = await intake.take({ is: 'command', id, text: 'status', by: users.kofi, channel: 'C1', team: 'T' });
  return answer.is === 'said' ? textOf(answer.message) : answer.is;
};
/** What the schedule does once a minute. */
const looks = async (): Promise<void> => {
  const { intake, watchdogs } = world.replica.engine;
  const at = new Date(world.clock.now()).toISOString();
  await watchdogs.schedule(5 * 60_000, (alerts, note) => intake.takeAlerts(alerts, note)).run(at);
};

test('silent for five minutes: an incident; heard again: it is over. /mlp status says when each came last', async () => {
  world = await World.start({ alerts: false });
  hears('eu-west-1');
  await world.pass(1_000);
  expect(await status()).toMatch(
    /Watchdog, last heard: us-east-1 never came · eu-west-1 2026-03-03T09:00:00.\d+Z · ap-southeast-1 never came/,
  );
  await looks();
  await world.pass(1_000);
  // It came once in one region: the others are not known to have one.
  expect(world.chat.standing).toEqual([]);
  await world.pass(6 * 60_000);
  await looks();
  await world.until('an incident', () => world.chat.root() !== undefined);
  await world.pass(20_000);
  expect(world.chat.text()).toMatch(
    /Do not trust: the Watchdog of eu-west-1 came last 2026-03-03T09:00:00.\d+Z: alerts there do not reach me/,
  );
  expect(world.chat.text()).toContain('not to be believed');
  expect(await status()).toContain(':warning: eu-west-1');
  hears('eu-west-1');
  await world.pass(1_000);
  await looks();
  await world.until('over', async () => (await world.incident()).closed !== null, 30 * 60_000);
});
