import { afterEach, expect, test } from 'vitest';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** The first story, as a person reads it: one message, one thread, over the real Slack protocol and the real webhook. */
let world: World;
afterEach(() => world.stop());

test(
  'bad image: an alert, a refusal for the bystander, a rollback, verified, closed',
  { timeout: 150_000 },
  async () => {
    world = await startWorld();
    world.inject('image-missing', 'eu-west-1');

    const waiting = await world.until(/Approve rollback/, { limitMs: 30_000 });
    const root = waiting.split('\n---\n')[0] ?? '';
    expect(root).toMatch(
      /:large_orange_circle: \*model-server rollout stuck · eu-west-1\* · P2 · INC-1 · waiting for approval/,
    );
    expect(root.split('\n')[1]).toMatch(
      /^\*Users:\* no effect seen: errors 0\.02 % \(limit 1\.0 %\), p95 1\d\d ms \(limit 200 ms\), .* 9 of 12 pods ready \(75 %\)$/,
    );
    expect(root).toMatch(
      /\*Cause:\* the registry \S+ has no image `model-server:v2\.4\.1`\. 6 of 6 new pods cannot pull it\. Since/,
    );
    expect(root).toMatch(/\*Change:\* v2\.4\.0 → v2\.4\.1 at .* by Argo CD/);
    expect(root).toMatch(/\*Not known:\* why the tag is missing here/);
    expect(root).toMatch(
      /\*Fix B:\* roll back to v2\.4\.0\. Removes 6 pods of v2\.4\.1, starts 3, leaves the 9 ready ones alone\. Risk low/,
    );
    expect(root).toMatch(/\*May approve:\* 1 of @ml-oncall or @ml-approvers \(now: .*Sana Okafor/);
    expect(root.split('\n').length).toBeLessThanOrEqual(14);

    // The phone shows the cause, whether users are hurt, and until when: once, and one mention for who must act.
    const phone = (): readonly string[] => world.slack.lockScreen(people.sana).map((one) => one.body);
    await world.slack.until(() => phone().length === 2, 'two notifications');
    expect(phone()[0]).toMatch(
      /^eu-west-1: model-server rollout stuck, image v2\.4\.1 not found\. Users not affected\. Approval wanted by \d\d:\d\d UTC\.$/,
    );

    await world.slack.as(people.noah).press({ channel, ts: world.rootTs() }, 'Approve rollback');
    await world.slack.until(() => world.slack.ephemerals(people.noah).length > 0, 'a refusal');
    expect(world.slack.channelText(channel, people.noah)).toMatch(
      /Not counted: you are not in @ml-oncall or @ml-approvers\. .*Sana Okafor.* can approve this/,
    );
    expect(world.slack.channelText(channel, people.sana)).not.toMatch(/Not counted/);

    await world.slack.as(people.sana).press({ channel, ts: world.rootTs() }, 'Approve rollback');
    await world.until(/Sana Okafor approved\n.*Read again: nothing changed since .*Rollback begins/);
    await world.until(/12 of 12 updated, 12 available/, { limitMs: 60_000 });
    await world.until(/rolled back to v2\.4\.0 · fixed, waiting\*/, { limitMs: 60_000 });

    const closed = await world.until(/:white_check_mark: \*model-server · eu-west-1 · rolled back to v2\.4\.0\*/, {
      limitMs: 60_000,
    });
    expect(closed).toMatch(/fixed in \d+ min/);
    // The card follows its root.
    await world.until(/\*Users before and after:\* not compared: closed while the 5 min of the numbers begin before/);
    expect(closed).toMatch(/\*Users:\* no effect seen in any look\. At worst: errors 0\.02 %/);
    expect(closed).toMatch(
      /\*Times:\* began .* · noticed .* · approved .* by Sana Okafor · changed .* · fixed .* · closed /,
    );
    expect(closed).toMatch(/over\. Closed · audit \d+:[0-9a-f]{12}/);
    expect(world.slack.roots(channel)).toHaveLength(1);
    // Neither the edits nor the end rang anybody.
    expect(phone()).toHaveLength(2);
  },
);

test('asked by hand: nothing wrong found, and what was not looked at is said', { timeout: 60_000 }, async () => {
  world = await startWorld();
  await world.slack.as(people.sana).command('/mlp diagnose model-server eu', { channel });
  const said = await world.until(/nothing wrong found/, { limitMs: 20_000 });
  expect(said).toMatch(
    /:white_circle: \*model-server · eu-west-1: nothing wrong found\* · asked by Sana Okafor, .* · no incident opened/,
  );
  expect(said).toMatch(/\*Users:\* no effect seen/);
  expect(said).toMatch(/\*Other regions:\* us-east-1 and ap-southeast-1: on v2\.4\.1, nothing wrong found/);
  expect(said).toMatch(/\*Not looked at:\* whether answers are right/);
});

test('killed and started again while a proposal waits: it goes on where it was', { timeout: 120_000 }, async () => {
  world = await startWorld();
  world.inject('image-missing', 'us-east-1');
  await world.slack.as(people.kofi).command('/mlp diagnose deploy/model-server --context=us-east-1', { channel });
  await world.until(/Approve rollback/, { limitMs: 30_000 });
  await world.restart();
  await world.slack.as(people.mateo).press({ channel, ts: world.rootTs() }, 'Approve rollback');
  const done = await world.until(/Rollback of model-server in us-east-1\*: verified/, { limitMs: 90_000 });
  expect(done).toMatch(/Mateo Cruz approved/);
  expect(world.slack.roots(channel)).toHaveLength(1);
});
