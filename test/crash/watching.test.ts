import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../src/core/ports/intake.ts';
import { heal } from '../../src/sandbox/platform/control.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { textOf } from './chat.ts';
import { World } from './harness.ts';
import { users } from './people.ts';

/** `/mlp watch` on a clock that only the test moves: silent while nothing is wrong, and not forgotten when the process ends. */

let world: World;
beforeEach(async () => {
  world = await World.start({ alerts: false });
  world.replica.engine.watch();
});
afterEach(() => world.close());

const channel = ids.channels.platform;
const said = (): string => world.chat.standing.map((one) => textOf(one.message)).join('\n---\n');

async function type(text: string, by: string = users.kofi): Promise<string> {
  const id = `${text} of ${by} at ${world.clock.now()}`;
  let message: string | null = null;
  world.deliver(id, async (engine) => {
    const answer: Answer = await engine.intake.take({ is: 'command', id, text, by, channel, team: ids.team });
    if (answer.is === 'said') message = textOf(answer.message);
    if (answer.is === 'looking') void answer.answer.then((it) => (message = textOf(it)));
  });
  await world.until(`an answer to ${text}`, () => message !== null);
  return message ?? '';
}

test('nothing goes wrong: it says so once, at the end', async () => {
  expect(await type('/mlp watch model-server eu 10m')).toMatch(
    /I watch model-server in eu-west-1 until 2026-03-03T09:10:00.000Z, every 20 s\. I speak when it goes wrong, and at the end/,
  );
  expect(await type('/mlp status')).toMatch(
    /Watched: model-server in eu-west-1 until 2026-03-03T09:10:00.000Z · for @\S+ · nothing wrong so far/,
  );
  await world.pass(9 * 60_000);
  expect(said()).toBe('');
  await world.until('its end', () => said() !== '', 2 * 60_000);
  expect(said()).toMatch(
    /^The watch is over \(10 min\): model-server, asked by @\S+\. Nothing went wrong: \d\d looks, all answered\. At the last look: eu-west-1 12 of 12 ready\.$/,
  );
  await world.pass(5 * 60_000);
  expect(world.chat.standing).toHaveLength(1);
  expect(await type('/mlp status')).not.toMatch(/Watched/);
});

test('it goes wrong: an incident opens by itself and says that it was being watched', async () => {
  await type('/mlp watch model-server eu 30m');
  await world.pass(60_000);
  world.inject('image-missing');
  await world.until('its thread', () => /image v2\.4\.1 not found/.test(said()), 3 * 60_000);
  await world.until('why it was looked at', () =>
    /watched since 09:00 UTC, as asked; in eu-west-1 it went wrong: 6 pods ImagePullBackOff/.test(said()),
  );
  await world.until('its end', () => /The watch is over/.test(said()), 40 * 60_000);
  expect(said()).toMatch(
    /The watch is over \(30 min\): model-server, asked by @\S+\. It went wrong in eu-west-1 at 2026-03-03T09:0\S+: 6 pods ImagePullBackOff/,
  );
  const roots = world.chat.standing.filter((one) => one.mark.key.endsWith('/root'));
  expect(roots).toHaveLength(1);
});

test('a process that ends forgets nothing; the time in which nobody looked is said', async () => {
  await type('/mlp watch model-server 20m');
  await world.pass(60_000);
  world.replica.life.kill();
  await world.until('another life', () => world.replica.life.state === 'running' && world.replicas.length === 2);
  await world.pass(5 * 60_000);
  world.replica.engine.watch();
  await world.until('its end', () => said() !== '', 30 * 60_000);
  expect(said()).toMatch(
    /At the last look: us-east-1 12 of 12 ready, eu-west-1 12 of 12 ready, ap-southeast-1 12 of 12 ready\. I was not running for 5 min of it\./,
  );
  expect(world.chat.standing).toHaveLength(1);
});

test('a region that does not answer is no healthy one', async () => {
  await type('/mlp watch model-server eu 10m');
  await world.pass(30_000);
  world.latencyMs = (region) => (region === 'eu-west-1' ? 60_000 : 0);
  await world.until('that it is said', () => /I could not look 3 times in a row/.test(said()), 3 * 60_000);
  world.latencyMs = () => 0;
  await world.until('its end', () => /The watch is over/.test(said()), 20 * 60_000);
  expect(said()).toMatch(/\d+ looks, \d+ without an answer\. At the last look: eu-west-1 /);
});

test('bad when it begins: said at once, and again when it is well', async () => {
  world.inject('image-missing');
  expect(await type('/mlp watch model-server 30m')).toMatch(
    /^eu-west-1: it is bad already: 6 pods (ImagePullBackOff|ErrImagePull).*\. \/mlp diagnose model-server eu-west-1 says why[\s\S]*Now: us-east-1 12 of 12 ready, ap-southeast-1 12 of 12 ready\.[\s\S]*in eu-west-1 when it gets worse or is well again/,
  );
  await world.pass(60_000);
  expect(said()).toBe('');
  expect(await type('/mlp watch')).toMatch(/bad from the start in eu-west-1/);
  heal(world.platform, 'image-missing', 'eu-west-1');
  await world.until('that it is well', () => /model-server in eu-west-1 is well again/.test(said()), 15 * 60_000);
  await world.until('its end', () => /The watch is over/.test(said()), 40 * 60_000);
  expect(said()).toMatch(/In eu-west-1 it was bad at the start \(6 pods .*\), and well again at /);
  expect(world.chat.standing.filter((one) => one.mark.key.endsWith('/root'))).toEqual([]);
});

test('off ends it at once; what is not there is not watched', async () => {
  expect(await type('/mlp watch')).toMatch(/Nothing is watched/);
  expect(await type('/mlp watch no-such-thing eu')).toMatch(
    /There is no deployment no-such-thing in ml-platform \(eu-west-1\): I watch nothing/,
  );
  await type('/mlp watch model-server eu 1h');
  expect(await type('/mlp watch off', users.ada)).toMatch(/You have nothing watched/);
  expect(await type('/mlp watch off')).toMatch(/The watch is over \(ended by hand\): model-server/);
  await world.pass(2 * 60_000);
  expect(said()).toBe('');
  expect(await type('/mlp watch model-server 40h')).toMatch(/I watch for one minute to 24 hours/);
});
