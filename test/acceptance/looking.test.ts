import { afterAll, beforeAll, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What `/mlp pods`, `logs` … show, over the real Slack protocol and the simulation. What only the asker sees is read with his eyes. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 30_000);
afterAll(() => world.stop());

async function ask(who: string, text: string): Promise<string> {
  const before = world.slack.ephemerals(who).length;
  const seen = world.slack.channelText(channel, who).length;
  await world.slack.as(who).command(text, { channel });
  await world.slack.until(() => world.slack.ephemerals(who).length > before, `an answer to ${text}`, 10_000);
  const said = world.slack.channelText(channel, who).slice(seen);
  if (process.env['SHOW'] !== undefined) process.stdout.write(`\n=== ${text}\n${said}\n${JSON.stringify(world.logs.filter((one) => one.level !== 'info'))}\n`);
  return said;
}

test('pods: all regions side by side, what is wrong first', { timeout: 60_000 }, async () => {
  const calm = await ask(people.noah, '/mlp pods model-server');
  expect(calm).toMatch(/model-server · pods\* · 3 regions/);
  expect(calm).toMatch(/eu-west-1\*: 12 of 12 ready · no restarts/);
  world.inject('image-not-found', 'eu-west-1');
  const said = await ask(people.noah, '/mlp pods model-server');
  expect(said).toMatch(/us-east-1\*: 12 of 12 ready/);
  expect(said).toMatch(/eu-west-1\*: 9 of 15 ready · 6 ImagePullBackOff/);
  expect(said).toMatch(/POD +READY +STATUS +RESTARTS +AGE +NODE\nmodel-server-\S+ +0\/1 +ImagePullBackOff/);
  expect(await ask(people.noah, '/mlp pods eu')).toMatch(/everything in ml-platform · pods/);
});
