import { expect, test } from 'vitest';
import { heal } from '../../src/sandbox/platform/control.ts';
import { World } from '../crash/harness.ts';
import { presses, types, users } from '../crash/people.ts';

/** Failing requests as whole threads: what is said, what is approved, and how it ends. */
const region = 'eu-west-1';
const approvers = [users.kofi, users.mateo, users.linh];

async function asked(fault: string): Promise<World> {
  const world = await World.start({ alerts: false });
  world.inject(fault, region);
  types(world, users.sana, `diagnose inference errors on model-server ${region}`);
  for (const who of approvers) presses(world, who, 'approve');
  return world;
}
const closed = async (world: World): Promise<boolean> => (await world.incident()).closed !== null;

test(
  'a broken GPU: its node is cordoned, then its pods are replaced one after the other',
  { timeout: 120_000 },
  async () => {
    const world = await asked('gpu-xid');
    try {
      await world.until('closed', () => closed(world), 40 * 60_000);
      const { closed: end, proposals } = await world.incident();
      expect(end?.how).toBe('fixed');
      const steps = proposals.map((one) => `${one.offer.remedy} ${one.ended?.how}`);
      expect(steps).toEqual(['cordon verified', ...steps.slice(1).map(() => 'replace-pod verified')]);
      expect(steps.length).toBeGreaterThan(2);
      // Between the steps nobody is called, though the numbers of five minutes still hold what was before.
      expect(world.chat.text(8_000)).not.toMatch(/no safe fix|cause not known/);
      expect(world.chat.text(8_000)).toMatch(/Cordon node of model-server in eu-west-1: verified/);
    } finally {
      await world.close();
    }
  },
);

test(
  'asked without a symptom: errors that no rollout explains are looked into as errors',
  { timeout: 60_000 },
  async () => {
    const world = await World.start({ alerts: false });
    try {
      world.inject('gpu-xid', region);
      types(world, users.sana, `diagnose model-server ${region}`);
      await world.until('a proposal', async () => (await world.incident()).proposals.length > 0, 5 * 60_000);
      await world.pass(30_000);
      const { been, subject } = await world.incident();
      expect([...been, subject.playbook]).toEqual(['rollout-stuck', 'inference-errors']);
      expect(world.chat.text(4_000)).toMatch(/GPU broken on .*waiting for approval/);
      expect(world.chat.text(4_000)).not.toMatch(/cause not known/);
    } finally {
      await world.close();
    }
  },
);

test(
  "a dependency's errors: nothing here is changed, a person is called, and it closes when they are over",
  { timeout: 120_000 },
  async () => {
    const world = await asked('dependency-errors');
    try {
      await world.until('looked at', async () => ((await world.incident()).round?.finishedAt ?? null) !== null);
      await world.pass(60_000);
      const thread = world.chat.text(4_000);
      expect(thread).toMatch(
        /Cause: feature-store does not answer as it should; model-server passes that on\. .* error lines in 10 min/,
      );
      expect(thread).toMatch(/Do: look at feature-store/);
      expect(thread).toMatch(/needs-person\] @\S+ .*model-server: feature-store fails\. Users get errors\./);
      expect(thread).not.toMatch(/\[Approve/);
      heal(world.platform, 'dependency-errors', region);
      await world.until('closed', () => closed(world), 30 * 60_000);
      expect((await world.incident()).closed?.how).toBe('over by itself or by hand');
      expect(world.chat.text(4_000)).not.toMatch(/cause not known/);
    } finally {
      await world.close();
    }
  },
);

test('two of ten requests at night: nothing wrong found, with how few they are', { timeout: 60_000 }, async () => {
  const world = await asked('night-errors');
  try {
    await world.until('closed', () => closed(world), 5 * 60_000);
    await world.pass(5_000);
    expect(world.chat.text(4_000)).toMatch(
      /nothing wrong found, but too few requests to tell .* Failing: 2 of 10 requests in 5 min: too few to tell anything/,
    );
  } finally {
    await world.close();
  }
});
