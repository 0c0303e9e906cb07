import { afterEach, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** A person asks for a change by command, over the real Slack protocol: shown, approved, done, verified, closed. */
let world: World;
afterEach(() => world.stop());

async function asked(who: string, text: string): Promise<string> {
  const before = world.slack.ephemerals(who).length;
  await world.slack.as(who).command(text, { channel });
  await world.slack.until(() => world.slack.ephemerals(who).length > before, `an answer to ${text}`, 10_000);
  return world.slack.channelText(channel, who).slice(-2_500);
}

test(
  'scale 12 → 14, asked for in kubectl’s words; and what is refused leaves nothing behind',
  { timeout: 120_000 },
  async () => {
    world = await startWorld();
    const cluster = world.platform.platform.region('eu-west-1').at(Date.now());

    // An autoscaler owns the number: told to who asked, and to nobody else.
    await asked(people.noah, '/mlp scale model-server eu 14');
    await world.slack.until(
      () => world.slack.channelText(channel, people.noah).includes('autoscaler model-server owns the number'),
      'the reason',
      40_000,
    );
    expect(world.slack.roots(channel)).toEqual([]);
    expect(world.slack.channelText(channel, people.sana)).not.toContain('owns the number');

    // Somebody takes the autoscaler away.
    cluster.autoscalers.splice(0);
    expect(await asked(people.noah, '/mlp scale model-server 14')).toMatch(
      /In which region shall I scale model-server to 14\?[\s\S]*\[eu-west-1\]/,
    );
    await asked(people.noah, '/mlp kubectl --context=eu-west-1 scale deployment/model-server --replicas=14');
    const waiting = await world.until(/Approve scale/, { limitMs: 30_000 });
    expect(waiting).toMatch(
      /:large_orange_circle: \*scale model-server to 14 · eu-west-1\* · INC-1 · asked by .*Noah.* · waiting for approval/,
    );
    expect(waiting).toMatch(/\*Now:\* 12 of 12 ready, .*nothing wrong found/);
    expect(waiting).toMatch(/\*Change:\* scale from 12 to 14 replicas\. Risk low/);
    await world.until(/- replicas: 12\n\+ replicas: 14\n(?:[^-+].*\n)*\+ annotation mlp-bot\/fence/);

    await world.slack.as(people.noah).press({ channel, ts: world.rootTs() }, 'Approve scale');
    await world.slack.until(
      () => world.slack.channelText(channel, people.noah).includes('Not counted: you are not in @ml-oncall'),
      'a refusal',
    );
    await world.slack.as(people.sana).press({ channel, ts: world.rootTs() }, 'Approve scale');
    const closed = await world.until(/:white_check_mark: \*scale model-server to 14 · eu-west-1\* · INC-1 .* · done/, {
      limitMs: 90_000,
    });
    expect(closed).toMatch(
      /\*Done:\* scaled? from 12 to 14 replicas, approved by .*Sana Okafor.*14 of 14 updated, 14 available/,
    );
    const workload = cluster.workloads.find((one) => one.name === 'model-server');
    expect(workload?.replicas).toBe(14);
    expect(world.slack.errors).toEqual([]);
  },
);

test(
  'two regions on one approval: in order, and what differs from Git is in the ledger',
  { timeout: 180_000 },
  async () => {
    world = await startWorld();
    const clusters = ['us-east-1', 'eu-west-1'].map((one) => world.platform.platform.region(one).at(Date.now()));
    for (const one of clusters) one.autoscalers.splice(0);
    await asked(people.noah, '/mlp scale model-server us-east-1 eu-west-1 14');
    const waiting = await world.until(/Approve scale in 2 regions/, { limitMs: 30_000 });
    expect(waiting).toMatch(/\*Then in eu-west-1:\* scale from 12 to 14 replicas/);
    await world.until(/one approval for all:\*? us-east-1, then eu-west-1/i);
    await world.slack.as(people.sana).press({ channel, ts: world.rootTs() }, 'Approve scale in 2 regions');
    const closed = await world.until(/:white_check_mark: \*scale model-server to 14 .* · done/, { limitMs: 140_000 });
    expect(closed).toMatch(
      /\*Done in us-east-1:\* .*approved by .*Sana Okafor[\s\S]*\*Done in eu-west-1:\* .*Sana Okafor/,
    );
    expect(closed).toContain(
      'Git to say the same, or it comes back: deployment ml-platform/model-server: 14 replicas instead of 12 in us-east-1 and eu-west-1',
    );
    // The plan of the second was made, and rehearsed, with that of the first; its own pods on their way are no trouble.
    expect(closed.match(/server dry run accepted ([\d:]+)/g)?.length).toBe(2);
    expect(closed).not.toContain('in a thread of its own');
    for (const one of clusters) expect(one.workloads.find((each) => each.name === 'model-server')?.replicas).toBe(14);
    const list = await asked(people.noah, '/mlp temp');
    expect(list).toMatch(
      /14 replicas instead of 12 · eu-west-1 · differs from its source \(Git\) · owner .*Sana Okafor/,
    );
    expect(world.slack.errors).toEqual([]);
  },
);

test('a cordoned node stays in the ledger until it is taken back', { timeout: 120_000 }, async () => {
  world = await startWorld();
  const cluster = world.platform.platform.region('eu-west-1').at(Date.now());
  const node = [...cluster.nodes][0]?.name ?? '';
  expect(await asked(people.noah, '/mlp temp')).toMatch(/Nothing temporary is on record\./);
  await asked(people.noah, `/mlp kubectl cordon ${node} --context eu-west-1`);
  await world.until(/Approve cordon node/, { limitMs: 30_000 });
  await world.slack.as(people.sana).press({ channel, ts: world.rootTs() }, 'Approve cordon node');
  await world.until(/:white_check_mark: .*cordon/, { limitMs: 60_000 });
  const list = await asked(people.noah, '/mlp temp');
  expect(list).toMatch(
    new RegExp(`node ${node} is cordoned · eu-west-1 · owner .*Sana Okafor.*INC-1[\\s\\S]*\\[Take back\\]`),
  );
  expect(await asked(people.noah, '/mlp status')).toMatch(/Left for a while:\*? node .* is cordoned in eu-west-1/);
  await world.restart();
  expect(await asked(people.noah, '/mlp temp')).toContain(`node ${node} is cordoned`);
});

test('set without a value opens a form; what is filled in becomes a proposal', { timeout: 90_000 }, async () => {
  world = await startWorld();
  const noah = world.slack.as(people.noah);
  await noah.command('/mlp set model-server eu-west-1', { channel });
  await world.slack.until(() => noah.view(), 'the form', 10_000);
  expect(await noah.submit({ What: 'Variable BATCH_SIZE', 'New value (4, 500m, 16Gi, v3 …)': '4' })).toEqual({
    ok: true,
  });
  const waiting = await world.until(/Approve set batch size/, { limitMs: 30_000 });
  expect(waiting).toMatch(/\*set BATCH_SIZE of model-server to 4 · eu-west-1\*/);
  await world.until(/\+ variable BATCH_SIZE: 4/);
});
