import { afterAll, beforeAll, expect, test } from 'vitest';
import { heal } from '../../src/sandbox/platform/control.ts';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What the public pages of the services tell, asked over HTTP by the bot that runs, where everything else is silent. */

const region = 'eu-west-1';
let world: World;
beforeAll(async () => {
  world = await startWorld((config) => ({ ...config, probes: { ...config.probes, intervalMs: 150 } }), {
    probing: true,
  });
}, 30_000);
afterAll(() => world.stop());

test('a region that cannot be seen: served as long as its page answers; somebody is called at once when it fails', async () => {
  const { platform } = world.platform;
  world.inject('region-unreachable', region);
  await world.slack.as(people.sana).command(`/mlp diagnose model-server in ${region}`, { channel });
  const served = await world.until(/· P2 · INC-[^]*Users:\* probably served/, { limitMs: 30_000 });
  if (process.env['SHOW'] !== undefined) process.stdout.write(`\n${served}\n`);
  expect(served).toMatch(
    /\*Users:\* probably served\. Public `\/health` gave 200 in \d+ ms, \d+ of \d+ probes since .* from where I run\. That is a health page, not a prediction/,
  );
  expect(served).toMatch(/\*Cause:\* not known\. Its public address answers: the region is not gone/);

  world.inject('all-nodes-gone', region);
  const gone = await world.until(/· P1 · INC-[^]*Users:\* probably not served/, { limitMs: 30_000 });
  if (process.env['SHOW'] !== undefined) process.stdout.write(`\n${gone}\n`);
  expect(gone).toMatch(/Public `\/health` answered 503, 0 of \d+ probes since .* from where I run/);
  await world.until(/probably not served: its public address gives no good answer either\. A person has to look\./, {
    limitMs: 30_000,
  });
  expect(gone).toMatch(/those of us-east-1 and ap-southeast-1 do: that speaks for the region, not for my path/);

  heal(platform, 'all-nodes-gone', region);
  await world.until(/· P2 · INC-[^]*Users:\* probably served/, { limitMs: 30_000 });
}, 120_000);

test('a Prometheus that is silent: the same of a region that is seen', async () => {
  world.inject('metrics-silent', 'us-east-1');
  await world.slack.as(people.sana).command('/mlp diagnose model-server in us-east-1', { channel });
  const root = world.slack.roots(channel).length;
  const said = await world.until(/model-server[^]*us-east-1[^]*Users:\* probably served\. Public `\/health` gave 200/, {
    root: root === 0 ? 0 : 1,
  });
  if (process.env['SHOW'] !== undefined) process.stdout.write(`\n${said}\n`);
  expect(said).toMatch(/Could not read: request rate \(no data: no such series\)/);
}, 30_000);

test('each probe is counted, and the pages are asked of the sandbox alone', async () => {
  const metrics = await (await fetch(`http://127.0.0.1:${world.bot().port}/metrics`)).text();
  expect(metrics).toMatch(/mlp_probe_seconds_count\{service="model-server",region="eu-west-1",good="false"\} \d+/);
  expect(metrics).toMatch(/mlp_probe_seconds_count\{service="api-gateway",region="us-east-1",good="true"\} \d+/);
});
