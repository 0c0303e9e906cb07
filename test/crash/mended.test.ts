import { afterEach, expect, test } from 'vitest';
import { heal } from '../../src/sandbox/platform/control.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { calling } from './pages.ts';
import { find } from './people.ts';

/** Somebody mends by hand what a fix waits for, and the users' numbers go on holding the harm of before: nobody is called for that. */

let world: World;
afterEach(() => world.close());
const keys = (): string => world.chat.standing.map((one) => one.mark.key).join('\n');
/** Posts that mention somebody: a fix for what is found now, too. */
const CALLS = /needs-person|worse|p2\/card/;
const FAULTS = ['image-missing', 'dependency-errors'];

async function begin(): Promise<void> {
  const never = { page: [], afterMs: 0, priorities: [] };
  const change = calling({ unacknowledged: never, unapproved: never });
  world = await World.start({ paging: true, change, alerts: false });
  for (const fault of FAULTS) world.inject(fault);
  const labels = {
    alertname: 'KubeDeploymentRolloutStuck',
    namespace: 'ml-platform',
    deployment: 'model-server',
    region: 'eu-west-1',
    severity: 'warning',
  };
  const startsAt = new Date(world.clock.now()).toISOString();
  const alert = { fingerprint: 'a', status: 'firing', labels, annotations: {}, startsAt, link: '' } as const;
  world.deliver('alert', (engine) => engine.intake.takeAlerts([alert], null));
  await world.until('asked', () => find(world, 'approve') !== undefined);
  expect((await world.incident()).diagnoses['eu-west-1']?.impact.level).toBe('hurt');
}

const mended = (): Promise<void> =>
  world.until('it is seen mended', async () => {
    const seen = (await world.incident()).diagnoses['eu-west-1'];
    return seen?.findings.every((one) => one.passing === true) === true;
  });
const users = async (): Promise<string | undefined> => (await world.incident()).diagnoses['eu-west-1']?.impact.level;

test('mended by hand: the harm that is left in the numbers is no new fault, and nobody is called for it', async () => {
  await begin();
  heal(world.platform, 'image-missing', 'eu-west-1');
  await mended();
  heal(world.platform, 'dependency-errors', 'eu-west-1');
  const [from, calls] = [world.clock.now(), world.paging.sent.length];
  await world.pass(2 * 60_000);
  expect(await users()).toBe('hurt');
  expect(textOf(world.chat.root()!.message)).toMatch(/· watching[\s\S]*Users: get errors/);
  await world.until('users are well', async () => (await users()) === 'none');
  expect(world.clock.now() - from).toBeGreaterThan(3 * 60_000);
  expect(keys()).not.toMatch(CALLS);
  expect(world.paging.sent).toHaveLength(calls);
}, 60_000);

test('only half of it is mended: when the window has passed and users are hurt still, somebody is asked', async () => {
  await begin();
  heal(world.platform, 'image-missing', 'eu-west-1');
  await mended();
  const from = world.clock.now();
  await world.until('somebody is asked', () => CALLS.test(keys()));
  expect(world.clock.now() - from).toBeGreaterThan(5 * 60_000);
  expect(world.clock.now() - from).toBeLessThan(8 * 60_000);
}, 60_000);
