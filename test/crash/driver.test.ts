import { afterEach, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Config } from '../../src/config.ts';
import type { AlertIn } from '../../src/core/routing.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import type { WorldOptions } from './harness.ts';
import { find, press, presses, users } from './people.ts';
import { sound } from './sweep.ts';

/** How streams are driven: at the right pace, one thing not holding up another, and ending when asked to. */

let world: World;
afterEach(() => world.close());

async function waiting(options: WorldOptions = {}): Promise<void> {
  world = await World.start(options);
  world.inject('image-missing');
  await world.until('a proposal', () => find(world, 'approve') !== undefined);
}

const count = (method: string): number => world.storeCalls.get(method) ?? 0;

function alert(name: string, deployment: string, region = 'eu-west-1'): AlertIn {
  const labels = { alertname: name, namespace: 'ml-platform', deployment, region, severity: 'warning' };
  const startsAt = new Date(world.clock.now()).toISOString();
  return { fingerprint: JSON.stringify(labels), status: 'firing', labels, annotations: {}, startsAt, link: '' };
}

test('a closed incident costs nothing, an open one that waits costs its looks and no more', async () => {
  await waiting();
  const [commits, inbox] = [count('commit'), count('inbox')];
  await world.pass(5 * 60_000);
  // Fifteen rounds: a tick, three looks and their end.
  expect(count('commit') - commits).toBeLessThan(15 * 6);
  expect(count('inbox') - inbox).toBeLessThan(15 * 12);
  presses(world, users.sana, 'approve');
  await world.until('the end', async () => (await world.incident()).closed !== null);
  await world.pass(5_000);
  world.storeCalls.clear();
  await world.pass(10 * 60_000);
  for (const method of ['claim', 'load', 'commit', 'inbox', 'accept'])
    expect(`${method} ${count(method)}`).toBe(`${method} 0`);
});

test('an effect that keeps failing is tried less and less often, also by a later drive', async () => {
  world = await World.start();
  world.storeFails.set('number', new Failure('server error', 'no numbers today'));
  world.inject('image-missing');
  await world.pass(10 * 60_000);
  // 1, 2, 4, … 60 s apart.
  expect(count('number')).toBeGreaterThan(10);
  expect(count('number')).toBeLessThan(20);
  expect(find(world, 'approve')).toBeDefined();
  world.storeFails.clear();
  await world.until('its number', async () => (await world.incident()).number !== null, 61_000);
});

test('told to stop while it looks: it ends at once, and the look is made again after the next start', async () => {
  world = await World.start();
  world.latencyMs = () => 4_000;
  world.inject('image-missing');
  await world.until('a look', () => world.replica.life.met.includes('effect look'));
  const from = world.clock.now();
  let stopped = false;
  void world.replica.engine.stop().then(() => (stopped = true));
  await world.until('it has stopped', () => stopped, 10_000);
  expect(world.clock.now() - from).toBeLessThan(1_000);
  world.replica.life.kill();
  world.latencyMs = () => 0;
  presses(world, users.sana, 'approve');
  await world.until('the end', async () => (await world.incident()).closed !== null);
  await world.pass(10_000);
  await sound(world);
});

test('told to stop while it writes: the outcome is stored before it ends', async () => {
  await waiting();
  world.latencyMs = (_region, method) => (method === 'deployment.write' ? 4_000 : 0);
  presses(world, users.sana, 'approve');
  await world.until('the intent', () => world.replica.life.met.includes('act: intent stored'));
  const from = world.clock.now();
  let stopped = false;
  void world.replica.engine.stop().then(() => (stopped = true));
  await world.until('it has stopped', () => stopped, 10_000);
  expect(world.clock.now() - from).toBeLessThan(9_000);
  expect((await world.incident()).proposals[0]).toMatchObject({ stage: 'watching', attempts: 1 });
  expect(await world.store.due(10)).toHaveLength(1);
});

test('told to stop while a write hangs: it ends within ten seconds, and the write is looked up later', async () => {
  await waiting();
  world.latencyMs = (_region, method) => (method === 'deployment.write' ? 60_000 : 0);
  presses(world, users.sana, 'approve');
  await world.until('the intent', () => world.replica.life.met.includes('act: intent stored'));
  const from = world.clock.now();
  let stopped = false;
  void world.replica.engine.stop().then(() => (stopped = true));
  await world.until('it has stopped', () => stopped, 15_000);
  expect(world.clock.now() - from).toBeLessThanOrEqual(10_000);
});

test('a look of twenty seconds keeps its lease: another replica does not begin it anew', async () => {
  world = await World.start();
  world.latencyMs = () => 4_500;
  world.birth();
  world.inject('image-missing');
  await world.until(
    'the first round',
    async () => typeof (await world.incident()).round?.finishedAt === 'string',
    120_000,
  );
  const looked = world.replicas.map((one) => one.life.met.filter((name) => name === 'effect look').length);
  expect(looked.toSorted((a, b) => a - b)).toEqual([0, 3]);
  expect(world.logs.filter((one) => /lease/.test(one.message))).toEqual([]);
});

test('a stop that arrives while it looks is taken at once', async () => {
  world = await World.start();
  world.latencyMs = () => 4_500;
  world.inject('image-missing');
  await world.until('a look', () => world.replica.life.met.includes('effect look'));
  const [stream] = await world.store.streams({ open: true, limit: 1 });
  if (stream === undefined) throw new Error('no incident');
  press(world, users.sana, {
    id: 'stop',
    label: 'Stop',
    style: 'plain',
    describe: 'stop',
    press: { does: 'stop', thread: stream.stream },
  });
  const from = world.clock.now();
  await world.until('stopped', async () => (await world.incident()).stopped === users.sana, 5_000);
  expect(world.clock.now() - from).toBeLessThan(1_000);
});

test('forty incidents at once are all looked at and said', { timeout: 30_000 }, async () => {
  // So many at once are one storm otherwise.
  const apart = (config: Config): Config => ({
    ...config,
    alerts: { ...config.alerts, storm: { ...config.alerts.storm, workloads: 1_000 } },
  });
  world = await World.start({ alerts: false, change: apart });
  for (let n = 0; n < 40; n += 1) {
    const one = alert('KubeDeploymentRolloutStuck', `service-${n}`);
    world.deliver(one.fingerprint, (engine) => engine.intake.takeAlerts([one], null));
  }
  await world.until('forty first rounds', async () => {
    const open = await world.store.streams({ open: null, limit: 100 });
    return open.length === 40 && (await world.store.stats()).inbox === 0;
  });
  await world.until(
    'forty messages',
    () => world.chat.standing.filter((one) => one.to.threadTs === null).length === 40,
    120_000,
  );
  expect(world.logs.filter((one) => one.level === 'error')).toEqual([]);
});

test('twenty alerts on one deployment are one incident and one look', async () => {
  world = await World.start({ alerts: false });
  world.inject('image-missing');
  const all = Array.from({ length: 20 }, (_, n) => ({
    ...alert('KubeDeploymentRolloutStuck', 'model-server'),
    fingerprint: `f${n}`,
  }));
  world.deliver('all', (engine) => engine.intake.takeAlerts(all, null));
  await world.until('a proposal', () => find(world, 'approve') !== undefined);
  expect(await world.store.streams({ open: null, limit: 10 })).toHaveLength(1);
  expect(Object.keys((await world.incident()).alerts)).toHaveLength(20);
  expect(world.reads.get('eu-west-1 kubernetes.revisions')).toBeLessThanOrEqual(2);
});

test('alerts that keep coming while each step is slow are fewer steps, and nothing is left out', async () => {
  await waiting();
  world.commitMs = 100;
  const [commits, many] = [count('commit'), 100];
  for (let n = 0; n < many; n += 1) {
    const one = { ...alert('KubeDeploymentRolloutStuck', 'model-server'), fingerprint: `f${n}` };
    world.deliver(one.fingerprint, (engine) => engine.intake.takeAlerts([one], null));
    await world.pass(50);
  }
  world.commitMs = 0;
  await world.pass(5_000);
  const { alerts } = await world.incident();
  expect(Object.keys(alerts).filter((one) => /^f\d/.test(one))).toHaveLength(many);
  // Five seconds of alerts, a step at most every half second, and the looks and their ends.
  expect(count('commit') - commits).toBeLessThan(25);
});

test('a row that is no command is set aside, said in the log, and holds up nothing', async () => {
  await waiting();
  const [one] = await world.store.streams({ open: true, limit: 1 });
  if (one === undefined) throw new Error('no incident');
  const to = { is: 'stream', stream: one.stream } as const;
  const odd = [{ is: 'make-coffee' }, 'text', null, { is: 'press', by: 7 }];
  await world.store.accept(odd.map((body, n) => ({ id: `odd ${n}`, to, body })));
  presses(world, users.sana, 'approve');
  await world.until('the end', async () => (await world.incident()).closed !== null);
  const said = world.logs.filter((line) => line.message.startsWith('inbox row set aside'));
  expect(said.map((line) => (line.fields as { row: string }).row)).toEqual(['odd 0', 'odd 1', 'odd 2', 'odd 3']);
  const audit = await world.store.audit(1, 100);
  expect(audit.filter((row) => row.what.startsWith('set aside inbox row'))).toHaveLength(4);
  expect(world.chat.text()).toContain('something arrived that I could not read');
});

test.each([
  ['an event', { v: 99, at: '2026-03-03T09:00:00Z', event: { is: 'teleported' } }, null],
  ['an inbox row', null, { v: 99, is: 'teleport' }],
])('%s of a newer version: its stream is left to newer replicas, others go on', async (_what, event, row) => {
  world = await World.start({ alerts: false });
  const claim = await world.store.claim('incident/newer', 'newer', 1_000);
  if (claim === null) throw new Error('no claim');
  if (event !== null) {
    const none = {
      consumed: [],
      evidence: [],
      messages: [],
      audit: [],
      hold: null,
      release: null,
      keys: null,
      summary: null,
    };
    await world.store.commit(claim, 0, { ...none, events: [event], dueAt: new Date(world.clock.now()).toISOString() });
  } else {
    await world.store.accept([{ id: 'newer row', to: { is: 'stream', stream: 'incident/newer' }, body: row }]);
  }
  await world.store.release(claim);
  const one = alert('KubeDeploymentRolloutStuck', 'model-server');
  world.inject('image-missing');
  world.deliver('alert', (engine) => engine.intake.takeAlerts([one], null));
  await world.until('a proposal', () => find(world, 'approve') !== undefined);
  await world.pass(60_000);
  const failed = world.logs.filter((line) => line.message === 'drive failed').map((line) => line.fields);
  expect(failed[0]).toMatchObject({
    stream: 'incident/newer',
    err: expect.stringMatching(/version 99: a newer mlp-bot wrote it/),
  });
  const { events, inbox } = await world.store.load('incident/newer');
  expect([events.length, inbox.length]).toEqual(event === null ? [0, 1] : [1, 0]);
});

test('a region that goes dark while a change is verified: said, and the deadline runs on', async () => {
  await waiting();
  presses(world, users.sana, 'approve');
  await world.until('written', () => world.writes.length === 1);
  world.latencyMs = (region) => (region === 'eu-west-1' ? 60_000 : 0);
  await world.until('said', () => /cannot see it/.test(world.chat.text()), 120_000);
  await world.until(
    'given up',
    async () => (await world.incident()).proposals[0]?.ended?.how === 'not verified',
    20 * 60_000,
  );
  await world.until('said', () => /not verified/i.test(world.chat.text()), 10_000);
  expect(world.chat.text()).toMatch(/I cannot see it \(timeout: no answer within the limit/);
});

test('while another incident changes the same target, an approved change waits, without asking all the time', async () => {
  await waiting();
  const claim = await world.store.claim('incident/other', 'other', 1_000);
  if (claim === null) throw new Error('no claim');
  const none = {
    consumed: [],
    events: [],
    evidence: [],
    messages: [],
    audit: [],
    dueAt: null,
    keys: null,
    summary: null,
  };
  await world.store.commit(claim, 0, { ...none, hold: 'eu-west-1/ml-platform', release: null });
  presses(world, users.sana, 'approve');
  await world.until('approved', async () => (await world.incident()).proposals[0]?.stage === 'granted');
  await world.pass(60_000);
  expect(world.writes).toEqual([]);
  const tried = world.replica.life.met.filter((name) => name === 'act: before the intent').length;
  expect(tried).toBeGreaterThan(5);
  expect(tried).toBeLessThan(15);
  await world.store.commit(claim, 0, { ...none, hold: null, release: 'eu-west-1/ml-platform' });
  await world.until('written', () => world.writes.length === 1, 10_000);
});

test('a write whose outcome cannot be looked up, since its region is dark: said, and settled when it is back', async () => {
  await waiting();
  world.losses.push('done, answer lost');
  presses(world, users.sana, 'approve');
  await world.until('written', () => world.writes.length === 1);
  world.latencyMs = (region) => (region === 'eu-west-1' ? 60_000 : 0);
  await world.pass(5 * 60_000);
  const said = world.chat.standing.filter((one) => /I do not know whether it was done/.test(textOf(one.message)));
  expect(said.map((one) => one.mark.key.replace(/^.*\//, ''))).toEqual(['0']);
  world.latencyMs = () => 0;
  await world.until('settled', async () => (await world.incident()).proposals[0]?.stage === 'watching', 70_000);
  expect(world.writes.filter((one) => one.method === 'deployment.write')).toHaveLength(1);
});

test('a target that vanished while its write was unknown: the change ends, and holds nothing', async () => {
  await waiting();
  world.losses.push('not done, answer lost');
  presses(world, users.sana, 'approve');
  await world.until('the intent', () => world.replica.life.met.includes('act: intent stored'));
  world.platform.region('eu-west-1').do({
    at: world.clock.now(),
    kind: 'write',
    what: 'deleted',
    run: (cluster) => {
      const at = cluster.workloads.findIndex((one) => one.name === 'model-server');
      cluster.workloads.splice(at, 1);
    },
  });
  await world.until('its end', async () => (await world.incident()).proposals[0]?.ended != null, 60_000);
  expect((await world.incident()).proposals[0]?.ended).toMatchObject({
    how: 'superseded',
    because: 'the target is not there any more',
  });
});
