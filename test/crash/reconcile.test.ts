import { afterEach, expect, test } from 'vitest';
import type { AlertSource, Firing, Silence } from '../../src/core/ports/alert-sources.ts';
import type { AlertIn } from '../../src/core/routing.ts';
import { reconcile } from '../../src/engine/reconcile.ts';
import { SILENT } from '../../src/engine/watchdog.ts';
import { iso } from '../../src/engine/parts.ts';
import type { Parts } from '../../src/engine/parts.ts';
import { systemClock } from '../../src/engine/parts.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { users } from './people.ts';

/** What open incidents believe against what the sources of their alerts say; and a Watchdog that falls silent. */

let world: World;
afterEach(() => world.close());

function alert(more: Partial<AlertIn> = {}): AlertIn {
  const labels = {
    alertname: 'KubePodNotReady',
    namespace: 'ml-platform',
    deployment: 'model-server',
    region: 'eu-west-1',
  };
  const startsAt = iso(world.clock.now());
  return {
    fingerprint: 'f1',
    status: 'firing',
    labels,
    annotations: {},
    startsAt,
    link: '',
    from: 'alertmanager',
    ...more,
  };
}
const source = (is: AlertSource['is'], firing: readonly Firing[] | Error): AlertSource => ({
  name: is,
  is,
  regions: ['eu-west-1'],
  firing: () => (firing instanceof Error ? Promise.reject(firing) : Promise.resolve(firing)),
});
async function ask(...sources: readonly AlertSource[]): Promise<void> {
  const parts = {
    store: world.store,
    clock: systemClock,
    log: () => undefined,
    alertmanagers: sources.filter((one) => one.is === 'alertmanager'),
    cloudwatches: sources.filter((one) => one.is === 'cloudwatch'),
  } as unknown as Parts;
  await reconcile(parts, (alerts) => world.replica.engine.intake.takeAlerts(alerts, null), iso(world.clock.now()));
  await world.pass(1_000);
}
const status = async (): Promise<string | undefined> => (await world.incident()).alerts['f1']?.status;
const firing = (fingerprint: string, labels: Readonly<Record<string, string>>, startsAt: string): Firing => ({
  fingerprint,
  labels,
  startsAt,
  status: 'active',
  silencedBy: [],
});

test('an alert that its source does not have any more is over; one that it has, or of which it says nothing, is not', async () => {
  world = await World.start({ alerts: false });
  world.inject('image-missing');
  world.deliver('a', (engine) => engine.intake.takeAlerts([alert()], null));
  await world.pass(5_000);
  expect(await status()).toBe('firing');
  await ask(source('alertmanager', [firing('f1', alert().labels, alert().startsAt)]));
  expect(await status()).toBe('firing');
  await ask(source('alertmanager', new Error('timeout')));
  expect(await status()).toBe('firing');
  // Another kind of source has no say in it.
  await ask(source('cloudwatch', []));
  expect(await status()).toBe('firing');
  await ask(source('alertmanager', []));
  expect(await status()).toBe('resolved');
  // Over at its source is not over here: it was looked at again, and is still found.
  expect((await world.incident()).closed).toBeNull();
});

test('what CloudWatch told while nobody listened is asked for, and opens what it would have opened', async () => {
  world = await World.start({ alerts: false });
  world.inject('image-missing');
  const labels = {
    alertname: 'KubeDeploymentReplicasMismatch',
    namespace: 'ml-platform',
    deployment: 'model-server',
    region: 'eu-west-1',
  };
  const now = iso(world.clock.now() - 30_000);
  await ask(source('cloudwatch', [firing('c1', labels, now)]));
  expect((await world.store.streams({ open: true, limit: 5 })).length).toBe(0);
  await ask(source('cloudwatch', [firing('c1', labels, iso(world.clock.now() - 600_000))]));
  await world.pass(5_000);
  expect((await world.incident()).alerts['c1']?.status).toBe('firing');
});

test('a Watchdog that falls silent opens one incident; when it is heard again, that is over', async () => {
  world = await World.start({ alerts: false });
  const dog = (): AlertIn => ({ ...alert(), fingerprint: 'w', labels: { alertname: 'Watchdog', region: 'eu-west-1' } });
  const { engine } = world.replica;
  const take = (alerts: readonly AlertIn[]): Promise<unknown> => engine.intake.takeAlerts(alerts, null);
  const tick = (): Promise<void> => engine.watchdogs.schedule(300_000, take).run(iso(world.clock.now()));
  await tick();
  await take([dog()]);
  await world.pass(240_000);
  await tick();
  await world.pass(2_000);
  expect(world.chat.standing).toEqual([]);
  await world.pass(120_000);
  await tick();
  await world.pass(5_000);
  const said = world.chat.standing.map((one) => textOf(one.message)).join('\n');
  expect(said).toMatch(/eu-west-1/);
  expect(said).toMatch(/MlpWatchdogSilent/);
  await tick();
  await world.pass(2_000);
  expect(world.chat.standing.filter((one) => one.mark.key.endsWith('/root'))).toHaveLength(1);
  await take([dog()]);
  await tick();
  await world.pass(2_000);
  expect(Object.values((await world.incident()).alerts).find((one) => one.name === SILENT)?.status).toBe('resolved');
});

test('a silence that somebody ended in Alertmanager is ended here; where it gives no answer, nothing is known', async () => {
  world = await World.start({ alerts: false });
  world.inject('image-missing');
  world.deliver('a', (engine) => engine.intake.takeAlerts([alert()], null));
  await world.pass(5_000);
  const [stream] = await world.store.streams({ open: true, limit: 1 });
  const made = [{ source: 'alertmanager', id: 's1' }];
  const until = iso(world.clock.now() + 3_600_000);
  const what = { does: 'silence', silence: { until, reason: 'nodes', what: ['{}'], made } };
  const row = { v: 1, is: 'handle', by: users.sana, what };
  await world.store.accept([{ id: 'silence', to: { is: 'stream', stream: stream?.stream ?? '' }, body: row }]);
  await world.pass(5_000);
  const holds = async (silences: () => Promise<readonly Silence[]>): Promise<boolean> => {
    const there = {
      ...source('alertmanager', [firing('f1', alert().labels, alert().startsAt)]),
      silences: { all: silences },
    };
    await ask(there);
    return (await world.incident()).silence !== null;
  };
  const one = { id: 's1', matchers: [], startsAt: '', endsAt: until, createdBy: '', comment: '' } as const;
  expect(await holds(async () => [{ ...one, state: 'active' }])).toBe(true);
  expect(await holds(() => Promise.reject(new Error('timeout')))).toBe(true);
  expect(await holds(async () => [{ ...one, state: 'expired' }])).toBe(false);
  expect(world.chat.text()).toContain('The silence was ended in Alertmanager: its alerts are heard again');
});

test('an alert is counted once, however finely its sender and its source write its start', async () => {
  world = await World.start({ alerts: false });
  const began = iso(world.clock.now()).slice(0, -1);
  const send = (startsAt: string): void =>
    world.deliver(startsAt, (engine) => engine.intake.takeAlerts([alert({ startsAt })], null));
  send(`${began}516Z`);
  await world.pass(10_000);
  // Asked for the alert again, a source gets what is held: over, with the start as it was read.
  await ask(source('alertmanager', []));
  await world.pass(60_000);
  send(`${began}Z`);
  await world.pass(10_000);
  expect((await world.store.stats()).alerts).toBe(1);
});
