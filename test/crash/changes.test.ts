import { afterEach, expect, test } from 'vitest';
import { World } from './harness.ts';
import { find, press, presses, types, users } from './people.ts';

/** Changes by command through the engine: beside an incident, refused for harm, taken back from the ledger. */
let world: World;
afterEach(() => world.close());

const region = 'eu-west-1';
const cluster = (): ReturnType<ReturnType<World['platform']['region']>['at']> =>
  world.platform.region(region).at(world.clock.now());
const whispered = (): string => world.chat.whispers.map((one) => one.text).join('\n');

test('asked for while an incident is open: in its thread, with the remedy of another playbook', async () => {
  world = await World.start();
  world.inject('image-missing');
  cluster().autoscalers.splice(0);
  await world.until('the fix is proposed', () => find(world, 'approve') !== undefined);
  types(world, users.kofi, 'scale model-server eu 13');
  await world.until('both are proposed', async () => (await world.incident()).proposals.length === 2);
  const incident = await world.incident();
  expect(incident.proposals.map((one) => [one.offer.remedy, one.playbook, one.requester])).toEqual([
    ['rollback', null, null],
    ['scale', 'change', users.kofi],
  ]);
  expect(world.chat.standing.filter((one) => one.to.threadTs === null)).toHaveLength(1);
  await world.pass(2_000);
  const button = world.chat.buttons().find((one) => one.press.proposal === 'p2' && one.press.does === 'approve');
  if (button === undefined) throw new Error(world.tell());
  press(world, users.sana, button);
  await world.until('written', async () => ((await world.incident()).proposals[1]?.actedAt ?? null) !== null);
  expect(cluster().workloads.find((one) => one.name === 'model-server')?.replicas).toBe(13);
});

test('what the ready pods hold only in memory is not restarted away: the asker is told, nothing is left', async () => {
  world = await World.start({ alerts: false });
  world.inject('secret-deleted');
  types(world, users.kofi, 'set model-server eu BATCH_SIZE=4');
  await world.until('an answer', () => world.chat.whispers.length > 0);
  expect(whispered()).toMatch(/not done, because .*: it would make things worse/);
  await world.pass(20_000);
  expect(world.chat.standing).toEqual([]);
  expect(world.writes).toEqual([]);
});

test('a cordoned node: its owner is reminded when its time is over; taken back from the ledger, it is struck off', async () => {
  world = await World.start({
    alerts: false,
    change: (config) => ({ ...config, timing: { ...config.timing, temporaryMs: 600_000 } }),
  });
  const node = [...cluster().nodes][0]?.name ?? '';
  types(world, users.kofi, `cordon ${node} eu`);
  presses(world, users.sana, 'approve');
  await world.until('closed', async () => (await world.incident()).closed !== null);
  expect((await world.store.temporary(10))[0]?.summary.temporary).toMatchObject([
    { what: `node ${node} is cordoned`, region, by: users.sana },
  ]);
  await world.until('its time', () => world.chat.text().includes('Still changed in eu-west-1'), 20 * 60_000);
  expect(world.chat.text()).toMatch(/10 min: node \S+ is cordoned \/ @U0SANAOKAFOR, who approved it, owns it\./);
  const take = world.chat.buttons().find((one) => one.label === 'Take back');
  if (take === undefined) throw new Error(world.tell());
  press(world, users.sana, take);
  await world.until('taken back', async () => (await world.store.temporary(10)).length === 0, 20 * 60_000);
  expect([...cluster().nodes].find((one) => one.name === node)?.unschedulable).toBe(false);
  await world.until('it is said', () => world.chat.text().includes('No longer so: node'), 60_000);
});

test.each([
  'bounds model-server eu 6 20',
  'bounds model-server eu 16 30',
  'set model-server eu memory=24Gi',
  'scale model-server eu 14',
  'restart model-server eu',
])('a secret that only ready pods hold in memory: nothing that may end a pod is asked for: %s', async (words) => {
  world = await World.start({ alerts: false });
  world.inject('secret-deleted');
  if (!words.startsWith('bounds')) cluster().autoscalers.splice(0);
  types(world, users.kofi, words);
  await world.until('an answer', () => world.chat.whispers.length > 0);
  expect(whispered()).toMatch(/not done, because .*: it would make things worse/);
  expect(world.writes).toEqual([]);
});

test('what feeds the trouble is refused; what is asked for beside it hides neither that nor that a person is needed', async () => {
  world = await World.start();
  world.inject('retry-storm');
  const root = (): string => `${world.chat.root()?.message.lock}\n${world.chat.text()}`;
  await world.until('found', () => /^.*retry storm.*Do NOT scale or change bounds/.test(root()), 20 * 60_000);
  types(world, users.kofi, 'bounds model-server eu max=30');
  await world.until('an answer', () =>
    /I do not set the autoscaler.*: retry storm.*: it would make things worse/.test(world.chat.text()),
  );
  types(world, users.kofi, 'set model-server eu BATCH_SIZE=4');
  await world.until('proposed', () => find(world, 'approve') !== undefined);
  expect(root()).toMatch(/^.*Approval wanted by \d\d:\d\d UTC\. Do NOT scale or change bounds/);
  expect(root()).toMatch(/:red_circle: .*model-server/);
});

test.each([
  ['set model-server eu BATCH_SIZE=abc', /BATCH_SIZE is a whole number from 1 to 4096/],
  ['set model-server eu OMP_NUM_THREADS=4000', /OMP_NUM_THREADS is a whole number from 1 to 256/],
  ['set model-server eu memory=abc', /what it takes is an amount such as 4, 500m or 8Gi/],
  ['bounds feature-store eu max=9', /no autoscaler scales it, so it has no bounds: `scale` changes how many/],
])('a slip of the key is not put to people; the asker is told what is wrong: %s', async (words, because) => {
  world = await World.start({ alerts: false });
  types(world, users.kofi, words);
  await world.until('an answer', () => world.chat.whispers.length > 0);
  expect(whispered()).toMatch(because);
  expect(whispered()).not.toContain('limit=<');
  expect(find(world, 'approve')).toBeUndefined();
});

test('a node by the name that messages give it: the plan has the whole name, and what stands on it', async () => {
  world = await World.start({ alerts: false });
  const node = [...cluster().nodes][0]?.name ?? '';
  const short = node.split('.')[0] ?? '';
  expect(short).not.toBe(node);
  types(world, users.kofi, `cordon ${short} eu`);
  await world.until('proposed', () => find(world, 'approve') !== undefined);
  const offer = (await world.incident()).proposals[0]?.offer;
  expect(offer?.plan).toMatchObject({ node, unschedulable: true });
  expect(offer?.preview.join('\n')).toMatch(/goes on there: .*model-server/);
});

test('a memory limit below what the pods use is refused with numbers', async () => {
  world = await World.start({ alerts: false });
  types(world, users.kofi, 'set model-server eu memory=4Gi');
  await world.until('an answer', () => world.chat.whispers.length > 0);
  expect(whispered()).toMatch(/12 pods use [\d.–]+ GiB now \(.+\): a limit of 4Gi would kill them/);
  expect(world.writes).toEqual([]);
});

test('more pods than there is room for are refused, with how many fit', async () => {
  world = await World.start({ alerts: false });
  types(world, users.kofi, 'scale replication-service us 500');
  await world.until('an answer', () => world.chat.whispers.length > 0);
  expect(whispered()).toMatch(/room for \d+ of the \d+ more pods now: \d+ replicas would fit/);
});

test('a lower minimum says how many pods the autoscaler may take away', async () => {
  world = await World.start({ alerts: false });
  types(world, users.kofi, 'bounds model-server eu 2 90');
  await world.until('proposed', () => find(world, 'approve') !== undefined);
  const offer = (await world.incident()).proposals[0]?.offer;
  const text = offer?.preview.join('\n');
  expect(text).toMatch(/it may start up to 78 pods, or take away up to 10 of 12 pods: 2 of 12 \(17 %\) are left/);
  expect(text).not.toContain('none is taken away');
  expect(offer?.risk).toBe('high');
});
