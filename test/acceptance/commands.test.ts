import { afterAll, beforeAll, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What people type, over the real Slack protocol. What only the asker sees is read with his eyes. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 30_000);
afterAll(() => world.stop());

async function ask(who: string, text: string): Promise<string> {
  const before = world.slack.ephemerals(who).length;
  await world.slack.as(who).command(text, { channel });
  await world.slack.until(() => world.slack.ephemerals(who).length > before, `an answer to ${text}`, 10_000);
  const last = world.slack.ephemerals(who).at(-1);
  return world.slack.channelText(channel, who).slice(-2_500) + (last?.text ?? '');
}

test('help names the commands, deployments and regions', async () => {
  const said = await ask(people.noah, '/mlp help');
  expect(said).toMatch(/\/mlp diagnose/);
  expect(said).toMatch(/model-server/);
  expect(said).toMatch(/eu-west-1 \(eu, euw1, ireland\)/);
});

test('a slip of the finger is answered with what was meant, as a button that runs it', async () => {
  expect(await ask(people.noah, '/mlp staus')).toMatch(/Did you mean `\/mlp status`\?[\s\S]*\[\/mlp status\]/);
});

test('kubectl that changes is refused with the way to get it', async () => {
  expect(
    await ask(people.noah, '/mlp kubectl set image deployment/model-server server=x:v2 --context=eu-west-1'),
  ).toMatch(/I do not run `kubectl set image` for anybody[\s\S]*diagnose model-server eu-west-1/);
});

test('shell metacharacters, markup and mentions are text', async () => {
  const said = await ask(people.noah, '/mlp $(rm -rf /) `id` <!channel> ; | & *bold*');
  expect(said).toMatch(/I do not understand/);
  expect(world.slack.errors).toEqual([]);
});

test('10,000 characters are answered with the limit', async () => {
  expect(await ask(people.noah, `/mlp ${'x'.repeat(10_000)}`)).toMatch(/at most 500/);
});

test('playbooks, status and runs answer from what there is', async () => {
  expect(await ask(people.noah, '/mlp playbooks')).toMatch(/rollout-stuck[\s\S]*KubeDeploymentRolloutStuck/);
  expect(await ask(people.noah, '/mlp status')).toMatch(/Nothing is open/);
  expect(await ask(people.noah, '/mlp show INC-4711')).toMatch(/There is no INC-4711/);
});

test('an alert that no playbook owns is triaged, and what was missing is said', { timeout: 40_000 }, async () => {
  const response = await world.alert({ alertname: 'SomethingOdd', service: 'api-gateway' });
  expect(response.status).toBe(200);
  const said = await world.until(/none of the labels region, .* names a region that I know/, { limitMs: 20_000 });
  expect(said).toMatch(/SomethingOdd/);
  const roots = world.slack.roots(channel).length;
  // The same delivery again adds nothing.
  await world.alert({ alertname: 'SomethingOdd', service: 'api-gateway' });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(world.slack.roots(channel)).toHaveLength(roots);
});

test('@mlp in a thread takes its target from there', { timeout: 30_000 }, async () => {
  const ts = world.rootTs();
  await world.slack
    .as(people.kofi)
    .say('<@U0MLPBOT> note the load balancer was changed at nine', { channel, thread: ts });
  await world.slack.until(() => world.slack.ephemerals(people.kofi).length > 0, 'an answer', 10_000);
  await world.slack.as(people.kofi).say('<@U0MLPBOT> diagnose', { channel, thread: ts });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(world.slack.roots(channel)).toHaveLength(1);
});

test('a webhook without its token is refused, a Watchdog opens nothing', async () => {
  const url = `http://127.0.0.1:${world.bot().port}/webhooks/alertmanager`;
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
  expect((await fetch(url)).status).toBe(405);
  const roots = world.slack.roots(channel).length;
  expect((await world.alert({ alertname: 'Watchdog' })).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(world.slack.roots(channel)).toHaveLength(roots);
});

// Last: its posts are messages of the channel too.
test('stop all: any member may, only who approves high risk lifts it; the channel is told of both', async () => {
  const before = world.slack.roots(channel).length;
  expect(await ask(people.noah, '/mlp stop all')).toMatch(/Everything is stopped/);
  expect(await ask(people.noah, '/mlp status')).toMatch(/Everything is stopped\* by Noah Berg[\s\S]*\/mlp stop off/);
  expect(await ask(people.noah, '/mlp stop off')).toMatch(/Not done: you are not in/);
  expect(await ask(people.ada, '/mlp stop off')).toMatch(/Lifted/);
  await world.slack.until(() => world.slack.roots(channel).length === before + 2, 'two posts', 10_000);
  const said = world.slack.channelText(channel, people.ria);
  expect(said).toMatch(/\*Everything is stopped\* by Noah Berg, /);
  expect(said).toMatch(/\*No longer stopped:\* lifted by Ada Winter, /);
});
