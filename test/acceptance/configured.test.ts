import { afterEach, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What a config and what people's habits change, in the whole bot. */
let world: World | null = null;
afterEach(async () => {
  await world?.stop();
  world = null;
});

async function ask(to: World, who: string, text: string): Promise<string> {
  const before = to.slack.ephemerals(who).length;
  await to.slack.as(who).command(text, { channel });
  await to.slack.until(() => to.slack.ephemerals(who).length > before, `an answer to ${text}`, 10_000);
  return to.slack.channelText(channel, who);
}

test('a service that is only observed: what is wrong is said, and nobody is asked', async () => {
  world = await startWorld((config) => ({
    ...config,
    modes: { ...config.modes, byService: { 'model-server': { 'eu-west-1': 'observe' } } },
  }));
  world.inject('image-missing', 'eu-west-1');
  world.inject('image-missing', 'us-east-1');
  const threads = (): readonly string[] =>
    world?.slack.roots(channel).map((_, n) => world?.text(undefined, n) ?? '') ?? [];
  const of = (region: string): string => threads().find((one) => one.includes(`rollout stuck · ${region}`)) ?? '';
  await world.slack.until(() => of('us-east-1').includes('[Approve'), 'a proposal where it may', 30_000);
  await world.slack.until(() => of('eu-west-1').includes('*Cause:*'), 'what is wrong where it only looks', 30_000);
  expect(of('eu-west-1')).toContain('has no image');
  expect(of('eu-west-1')).toMatch(
    /\*I would offer:\* roll back to v2\.4\.0\..* model-server in eu-west-1 is in mode observe/,
  );
  const called = (): boolean => of('eu-west-1').includes('I only look there (mode observe), so nobody can approve');
  await world.slack.until(called, 'a call for a person', 10_000);
  expect(of('eu-west-1')).not.toContain('[Approve');
}, 60_000);

test('a kind that no playbook opens, and help for one command', async () => {
  world = await startWorld();
  expect(await ask(world, people.noah, '/mlp sts/postgres eu?')).toMatch(
    /I look fully into Deployments only\. Of `statefulset\/postgres` I see its pods and events: I look at everything in `ml-platform`/,
  );
  await world.until(/ml-platform/);
  expect(await ask(world, people.noah, '/mlp help stop')).toMatch(
    /\/mlp stop INC-214 \| all \| off[\s\S]*For example `\/mlp stop INC-214`/,
  );
}, 60_000);

test('another audit key: it starts, and says so where people look', async () => {
  world = await startWorld();
  await ask(world, people.sana, '/mlp stop all');
  const ready = async (): Promise<string> => (await fetch(`http://127.0.0.1:${world?.bot().port}/readyz`)).text();
  await world.restart();
  expect(await ready()).not.toContain('audit log');
  await world.restart({ auditKey: 'another-key-of-sixteen' });
  expect(await ready()).toMatch(
    /^degraded audit log: row \d+ of the audit log was not written with this MLP_AUDIT_KEY/m,
  );
  expect(world.logs).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'the audit log does not fit MLP_AUDIT_KEY' }),
  );
}, 60_000);
