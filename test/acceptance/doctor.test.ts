import { afterAll, beforeAll, expect, test } from 'vitest';
import { setLink } from '../../src/sandbox/platform/control.ts';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** `/mlp doctor` over the real Slack protocol: only the asker sees it. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 30_000);
afterAll(() => world.stop());

async function ask(who: string): Promise<string> {
  const own = (): string =>
    world.slack
      .channelText(channel, who)
      .split('\n---\n')
      .filter((one) => /^\S+ \(only /.test(one))
      .join('\n---\n');
  const before = own().length;
  await world.slack.as(who).command('/mlp doctor', { channel });
  const news = (): string => own().slice(before);
  await world.slack.until(() => /changed nothing/.test(news()), 'what the doctor says', 20_000);
  if (process.env['SHOW'] !== undefined) process.stdout.write(`\n${news()}\n`);
  return news();
}

test('what is well, in a few words, and nobody else sees it', async () => {
  const said = await ask(people.sana);
  expect(said).toMatch(/\*Doctor\* · (1 warning, )?\d+ ok · took \d+\.\d s/);
  expect(said).toMatch(/Well\*\n• \*store\*: SQLite, /);
  expect(said).toMatch(/• \*eu-west-1\*: Kubernetes, may read the cluster, .*, Prometheus, /);
  // One message, and no table that a phone would break.
  // Before it, at most that it looks.
  expect(said.split('\n---\n').filter((one) => !one.includes('Looking at'))).toHaveLength(1);
  expect(said).not.toContain('```');
  expect(said).toContain('Only you see this · changed nothing');
  expect(world.slack.channelText(channel, people.kofi)).not.toContain('Doctor');
  expect(world.slack.roots(channel)).toEqual([]);
  expect(said).not.toMatch(/xoxb|xapp|acceptance-audit-key|acceptance-webhook-token/);
});

test('a region that hangs is said to look for, the others are answered', async () => {
  setLink(world.platform.platform, 'eu-west-1', { kind: 'hangs' });
  const said = await ask(people.sana);
  setLink(world.platform.platform, 'eu-west-1', { kind: 'normal' });
  expect(said).toMatch(/Looking at \d+ things: Slack, the store, .* At most 15 s\./);
  expect(said).toMatch(/\*Could not be told\*\n.*eu-west-1: Kubernetes\*: (timeout|no answer)/s);
  expect(said).toMatch(/• \*us-east-1\*: Kubernetes, /);
  expect(said).toMatch(/→ check `prometheus` of the region/);
}, 40_000);
