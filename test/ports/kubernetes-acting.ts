import { describe, expect, test } from 'vitest';
import type {
  Deployment,
  DeploymentAct,
  DeploymentExpectation,
  DeploymentRehearse,
  Revision,
} from '../../src/core/ports/kubernetes.ts';
import { deploymentOf, failureOf, limit, named, reader, rolledOut } from './looking.ts';
import { until, type World } from './world.ts';

const asSeen = (seen: Deployment): DeploymentExpectation => ({
  uid: seen.uid,
  templateDigest: seen.templateDigest,
  paused: seen.paused,
});
const inAMinute = (): string => new Date(Date.now() + 60_000).toISOString();

function actor(world: World, name: string, fence: string, notAfter = inAMinute()): DeploymentAct {
  return world.platform.act('deployment', world.region, named(world, name), { fence, notAfter }, limit());
}

function rehearser(world: World, name: string): DeploymentRehearse {
  return world.platform.rehearse('deployment', world.region, named(world, name), limit());
}

/** A deployment that went from v1 to v2, and the revision that ran v1. */
async function twoRevisions(world: World, name: string): Promise<{ seen: Deployment; first: Revision }> {
  await world.deploy(name, { image: world.images.v1, replicas: 2 });
  await rolledOut(world, name);
  await world.setImage(name, world.images.v2);
  const seen = await rolledOut(world, name);
  const [first] = await reader(world).revisions(named(world, name));
  if (first === undefined) throw new Error('there is no first revision');
  return { seen, first };
}

const to = (revision: Revision): { template: { replicaSet: string; digest: string } } => ({
  template: { replicaSet: revision.uid, digest: revision.templateDigest },
});

export function actingTests(get: () => World): void {
  describe('acting', () => {
    rollbackTests(get);
    conflictTests(get);
    otherChangeTests(get);
    fenceTests(get);
    rehearsalTests(get);
  });
}

function rollbackTests(get: () => World): void {
  test('rolling back: the number moves, identity and digest stay; only the template and the fence change', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'back');
    expect(seen.revision).toBe(2);
    await actor(world, 'back', 'try-1').change(to(first), asSeen(seen));
    const after = await deploymentOf(world, 'back');
    expect(after.templateDigest).toBe(first.templateDigest);
    expect(after.fence).toBe('try-1');
    const same = ({ uid, paused, selector, minReadySeconds, strategy, owner }: Deployment): object => ({
      uid,
      paused,
      selector,
      minReadySeconds,
      strategy,
      owner,
    });
    expect(same(after)).toEqual(same(seen));
    expect(after.generation).toBe(seen.generation + 1);
    const done = await rolledOut(world, 'back');
    expect(done.template.containers[0]?.image).toBe(world.images.v1);
    const revisions = await until(world, 'the old ReplicaSet is number 3', async () => {
      const all = await reader(world).revisions(named(world, 'back'));
      return all.at(-1)?.number === 3 ? all : undefined;
    });
    expect(revisions.at(-1)).toMatchObject({
      uid: first.uid,
      number: 3,
      templateDigest: first.templateDigest,
      hash: first.hash,
    });
    expect(revisions.map((one) => one.number)).toEqual([2, 3]);
    expect(done.revision).toBe(3);
  });

  test('already there: nothing is written, whatever was expected of the template', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'twice');
    await actor(world, 'twice', 'try-1').change(to(first), asSeen(seen));
    const after = await deploymentOf(world, 'twice');
    await actor(world, 'twice', 'try-2').change(to(first), asSeen(seen));
    const again = await deploymentOf(world, 'twice');
    expect(again.fence).toBe('try-1');
    expect(again.generation).toBe(after.generation);
  });
}

function conflictTests(get: () => World): void {
  test('another template, another pause, another uid, a vanished target: a conflict, and nothing is written', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'guarded');
    const expected = asSeen(seen);
    const wrong: readonly DeploymentExpectation[] = [
      { ...expected, templateDigest: '0'.repeat(64) },
      { ...expected, paused: true },
      { ...expected, uid: '00000000-0000-0000-0000-000000000000' },
    ];
    for (const when of wrong) {
      const failure = await failureOf(actor(world, 'guarded', 'never').change(to(first), when));
      expect(failure).toMatchObject({ kind: 'conflict', maybeDone: false });
    }
    const vanished = { template: { replicaSet: '00000000-0000-0000-0000-000000000000', digest: first.templateDigest } };
    expect((await failureOf(actor(world, 'guarded', 'never').change(vanished, expected))).kind).toBe('conflict');
    const altered = { template: { replicaSet: first.uid, digest: '0'.repeat(64) } };
    expect((await failureOf(actor(world, 'guarded', 'never').change(altered, expected))).kind).toBe('conflict');
    expect((await failureOf(actor(world, 'nothing', 'never').change({ paused: true }, expected))).kind).toBe(
      'not found',
    );
    expect(await deploymentOf(world, 'guarded')).toMatchObject({
      fence: null,
      generation: seen.generation,
      templateDigest: seen.templateDigest,
    });
  });

  test('a change made by hand between plan and act is a conflict; scaling is none', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'by-hand');
    await world.scale('by-hand', 3);
    await actor(world, 'by-hand', 'try-1').change({ paused: true }, asSeen(seen));
    expect(await deploymentOf(world, 'by-hand')).toMatchObject({
      paused: true,
      fence: 'try-1',
      replicas: { wanted: 3 },
    });
    await world.setImage('by-hand', world.images.missing);
    const failure = await failureOf(
      actor(world, 'by-hand', 'try-2').change(to(first), { ...asSeen(seen), paused: true }),
    );
    expect(failure.kind).toBe('conflict');
  });

  test('after notAfter nothing is sent', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'late');
    const failure = await failureOf(
      actor(world, 'late', 'never', new Date(Date.now() - 1000).toISOString()).change(to(first), asSeen(seen)),
    );
    expect(failure).toMatchObject({ kind: 'timeout', maybeDone: false });
    expect(await deploymentOf(world, 'late')).toMatchObject({ fence: null, generation: seen.generation });
  });
}

function otherChangeTests(get: () => World): void {
  test('pausing, resuming, resuming and rolling back in one write', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'paused');
    await world.pause('paused');
    const paused = await until(world, 'the controller says that it is paused', async () => {
      const now = await deploymentOf(world, 'paused');
      return now.conditions.some((one) => one.reason === 'DeploymentPaused') ? now : undefined;
    });
    expect(paused.paused).toBe(true);
    expect(paused.conditions.find((one) => one.type === 'Progressing')).toMatchObject({ status: 'Unknown' });
    expect((await failureOf(actor(world, 'paused', 'never').change({ paused: false }, asSeen(seen)))).kind).toBe(
      'conflict',
    );
    await actor(world, 'paused', 'try-1').change({ ...to(first), paused: false }, asSeen(paused));
    const done = await rolledOut(world, 'paused');
    expect(done).toMatchObject({ paused: false, fence: 'try-1', templateDigest: first.templateDigest });
  });

  test('restarting replaces every pod, once per moment', async () => {
    const world = get();
    await world.deploy('restarted', { image: world.images.v1, replicas: 2 });
    const seen = await rolledOut(world, 'restarted');
    const before = await reader(world).pods(world.namespace, 'app=restarted');
    const restartedAt = '2026-01-02T03:04:05Z';
    await actor(world, 'restarted', 'try-1').change({ restartedAt }, asSeen(seen));
    const done = await rolledOut(world, 'restarted');
    expect(done.template.restartedAt).toBe(restartedAt);
    expect(done.template.containers).toEqual(seen.template.containers);
    const after = await until(world, 'the old pods are gone', async () => {
      const rows = await reader(world).pods(world.namespace, 'app=restarted');
      return rows.length === 2 ? rows : undefined;
    });
    expect(after.filter((row) => before.some((old) => old.uid === row.uid))).toEqual([]);
    await actor(world, 'restarted', 'try-2').change({ restartedAt }, asSeen(seen));
    expect((await deploymentOf(world, 'restarted')).fence).toBe('try-1');
  });
}

function fenceTests(get: () => World): void {
  test('fencing changes the fence and nothing that a plan reads', async () => {
    const world = get();
    await world.deploy('fenced', { image: world.images.v1, replicas: 1 });
    const seen = await rolledOut(world, 'fenced');
    await world.platform.fence('deployment', world.region, named(world, 'fenced'), 'token-7', limit());
    const fenced = await until(world, 'the controller has seen the fence', async () => {
      const now = await deploymentOf(world, 'fenced');
      return now.observedGeneration === now.generation ? now : undefined;
    });
    // The API server counts a changed annotation of a deployment as a new generation.
    const { generation } = fenced;
    expect(fenced).toEqual({ ...seen, fence: 'token-7', generation, observedGeneration: generation });
    const failure = await failureOf(
      world.platform.fence('deployment', world.region, named(world, 'nothing'), 'token-8', limit()),
    );
    expect(failure.kind).toBe('not found');
  });

  test('a predecessor that was fenced between its look and its write changes nothing', async (context) => {
    const world = get();
    if (world.beforeNextWrite === undefined) return context.skip('this world cannot hold a write back');
    const { seen, first } = await twoRevisions(world, 'overtaken');
    world.beforeNextWrite(() =>
      world.platform.fence('deployment', world.region, named(world, 'overtaken'), 'successor', limit()),
    );
    const failure = await failureOf(actor(world, 'overtaken', 'predecessor').change(to(first), asSeen(seen)));
    expect(failure).toMatchObject({ kind: 'conflict', maybeDone: false });
    expect(await deploymentOf(world, 'overtaken')).toMatchObject({
      fence: 'successor',
      templateDigest: seen.templateDigest,
    });
  });

  test('a predecessor that was fenced before it looked changes nothing', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'fenced-early');
    const of = named(world, 'fenced-early');
    await world.platform.fence('deployment', world.region, of, 'successor', limit());
    const attempt = { fence: 'predecessor', notAfter: inAMinute(), expects: seen.fence };
    const late = world.platform.act('deployment', world.region, of, attempt, limit());
    expect(await failureOf(late.change(to(first), asSeen(seen)))).toMatchObject({ kind: 'conflict', maybeDone: false });
    const next = world.platform.act('deployment', world.region, of, { ...attempt, expects: 'successor' }, limit());
    await next.change(to(first), asSeen(seen));
    expect(await deploymentOf(world, 'fenced-early')).toMatchObject({
      fence: 'predecessor',
      templateDigest: first.templateDigest,
    });
  });

  test('somebody else scaling between look and write does not stop the act', async (context) => {
    const world = get();
    if (world.beforeNextWrite === undefined) return context.skip('this world cannot hold a write back');
    const { seen, first } = await twoRevisions(world, 'jostled');
    world.beforeNextWrite(() => world.scale('jostled', 3));
    await actor(world, 'jostled', 'try-1').change(to(first), asSeen(seen));
    expect(await deploymentOf(world, 'jostled')).toMatchObject({
      fence: 'try-1',
      templateDigest: first.templateDigest,
      replicas: { wanted: 3 },
    });
  });
}

function rehearsalTests(get: () => World): void {
  test('a rehearsal shows exactly what changes, and changes nothing', async () => {
    const world = get();
    const { seen, first } = await twoRevisions(world, 'rehearsed');
    const said = await rehearser(world, 'rehearsed').rehearse(to(first), asSeen(seen));
    if (said.is !== 'diff') throw new Error(`expected a diff, got ${JSON.stringify(said)}`);
    expect(said.lines).toEqual([`- image: ${world.images.v2}`, `+ image: ${world.images.v1}`]);
    expect(await deploymentOf(world, 'rehearsed')).toEqual(seen);
    const failure = await failureOf(
      rehearser(world, 'rehearsed').rehearse(to(first), { ...asSeen(seen), paused: true }),
    );
    expect(failure.kind).toBe('conflict');
    expect((await failureOf(rehearser(world, 'nothing').rehearse({ paused: true }, asSeen(seen)))).kind).toBe(
      'not found',
    );
  });

  test('what admission refuses, the rehearsal refuses with its words', async (context) => {
    const world = get();
    if (world.denyUpdates === undefined) return context.skip('this world cannot make admission refuse');
    const { seen, first } = await twoRevisions(world, 'denied');
    await world.denyUpdates('denied', 'no changes on Fridays');
    const said = await until(world, 'admission refuses', async () => {
      const now = await rehearser(world, 'denied').rehearse(to(first), asSeen(seen));
      return now.is === 'refused' ? now : undefined;
    });
    expect(said.because).toContain('no changes on Fridays');
    const failure = await failureOf(actor(world, 'denied', 'never').change(to(first), asSeen(seen)));
    expect(['forbidden', 'invalid']).toContain(failure.kind);
    expect(failure.maybeDone).toBe(false);
  });
}
