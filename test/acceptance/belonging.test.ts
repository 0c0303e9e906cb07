import { afterAll, beforeAll, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** One change is offered in one place, over the real Slack protocol: the second thread links to the first. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 30_000);
afterAll(() => world.stop());

test('asked about everything while an incident is open: the thread links to it, and has no Approve', async () => {
  world.inject('image-missing', 'eu-west-1');
  await world.until(/Approve rollback/);
  await world.slack.as(people.kofi).command('/mlp diagnose', { channel });
  const second = await world.until(/handled in/, { root: 1, limitMs: 25_000 });
  expect(second).toMatch(/fix and approvals:\*? in .*INC-1/);
  expect(second).not.toMatch(/\[Approve/);
  const root = world.slack.roots(channel)[1];
  const permalink = `/archives/${channel}/p${world.rootTs(0).replace('.', '')}`;
  expect(JSON.stringify(root)).toContain(`${permalink}|INC-1>`);
}, 60_000);
