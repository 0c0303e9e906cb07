import { afterAll, beforeAll, expect, test } from 'vitest';
import { setBounds } from '../../src/sandbox/platform/around/bounding.ts';
import { setSchedulable } from '../../src/sandbox/platform/node-life.ts';
import type { Cluster } from '../../src/sandbox/platform/state.ts';
import { scaleTo, workloadOf } from '../../src/sandbox/platform/write.ts';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** What somebody changed by hand, and what the bot changed for somebody, is seen by `/mlp changes` of the next minute. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 30_000);
afterAll(() => world.stop());

/** The answer to a command, as whoever asked sees it. */
async function ask(who: string, text: string, until: RegExp = /changed nothing/): Promise<string> {
  // Looks within half a second are one.
  await new Promise((resolve) => setTimeout(resolve, 600));
  const own = (): readonly string[] =>
    world.slack
      .channelText(channel, who)
      .split('\n---\n')
      .filter((one) => /^\S+ \(only /.test(one));
  const seen = own().length;
  await world.slack.as(who).command(text, { channel });
  const news = (): string => own().slice(seen).join('\n---\n');
  await world.slack.until(() => until.test(news()), `${until.source} in the answer to ${text}`, 30_000);
  return news();
}

/** Somebody does it with kubectl, now. */
function byHand(region: string, run: (cluster: Cluster, at: number) => void): void {
  const { platform } = world.platform;
  platform.region(region).do({ at: platform.now(), kind: 'write', what: 'by hand', run });
}

test('by hand: replicas with both numbers, bounds, a node; each with who', { timeout: 60_000 }, async () => {
  const of = { namespace: 'ml-platform', name: 'feature-store' };
  byHand('us-east-1', (cluster) => {
    const found = workloadOf(cluster, of);
    if (found === null) throw new Error('no feature-store');
    scaleTo(found, 3, 'kubectl', null);
    found.generation += 1;
    const [scaler] = cluster.autoscalers;
    if (scaler !== undefined) setBounds(cluster, scaler, { min: 12, max: 40 }, 'kubectl-edit');
    const [node] = cluster.nodes;
    if (node !== undefined) setSchedulable(cluster, node, false, 'kubectl');
  });
  await world.slack.until(
    () =>
      world.platform.platform
        .region('us-east-1')
        .at(world.platform.platform.now())
        .events.some((one) => one.reason === 'ScalingReplicaSet' && one.name === 'feature-store'),
    'the controller follows',
    10_000,
  );
  const store = await ask(people.noah, '/mlp changes feature-store us 1h');
  expect(store).toMatch(/ replicas 2 → 3 · by kubectl\n/);
  expect(store).toMatch(/ node ip-10-0-16-40\S+ cordoned · by kubectl\n/);
  expect(await ask(people.noah, '/mlp changes model-server us 1h')).toMatch(
    / autoscaler model-server: set to max 40, from what is not known · by kubectl-edit\n/,
  );
  const all = await ask(people.noah, '/mlp changes 1h');
  expect(all).toMatch(/us-east-1\*: 3 changes in the last 60 min\n/);
  expect(all).toMatch(/ feature-store: replicas 2 → 3 · by kubectl\n/);
  expect(all).toMatch(/eu-west-1\*: no change seen in the last 60 min\n/);
});

test('by the bot: from what, who asked, who approved, and that it is for a while', { timeout: 120_000 }, async () => {
  await world.slack.as(people.noah).command('/mlp bounds model-server eu 12 30', { channel });
  await world.until(/Approve change bounds/, { limitMs: 30_000 });
  await world.slack.as(people.sana).press({ channel, ts: world.rootTs() }, 'Approve change bounds');
  await world.until(/\*Done:\*/, { limitMs: 60_000 });
  expect(await ask(people.ria, '/mlp changes model-server 1h')).toMatch(
    / autoscaler model-server: at most 30 replicas instead of 24 \(at least 12, as before\)\S* .*by mlp-bot, asked by Noah Berg, approved by Sana Okafor \(INC-1\) · for a while: `\/mlp temp`\n/,
  );
});

test(
  'without the right to see events of nodes it says which rule is missing, and what it hides',
  { timeout: 60_000 },
  async () => {
    byHand('ap-southeast-1', ({ around }) => void around.denied.add('list events in default'));
    expect(await ask(people.noah, '/mlp changes model-server ap 1h')).toMatch(
      /ap-southeast-1\*: .* no change seen in what I could see in the last 60 min\n\*Could not see:\* nodes' events, so not whether a node was removed \(forbidden: .*"list events in namespace default"; the rule to add: \{apiGroups: \[""\], resources: \["events"\], verbs: \["list"\]\}\)/,
    );
  },
);

test('a revision that never was, and the one that it runs', { timeout: 60_000 }, async () => {
  expect(await ask(people.noah, '/mlp rollback model-server us to 99', /never was/)).toMatch(
    /there never was a revision 99: the newest is 4; there (is|are) /,
  );
  expect(await ask(people.noah, '/mlp rollback model-server us to 4', /already/)).toMatch(
    /revision 4 is what it runs already/,
  );
});
