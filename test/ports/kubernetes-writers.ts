import { describe, expect, test } from 'vitest';
import type { Node, SpecWriter } from '../../src/core/ports/kubernetes.ts';
import { act, attempt } from './acting-on.ts';
import { deploymentOf, named, reader, rolledOut } from './looking.ts';
import { until, type World } from './world.ts';

/** Who holds which fields, and since when: what `/mlp changes` goes by. */
export function writerTests(get: () => World): void {
  describe('who wrote what', () => {
    replicaTests(get);
    boundsTests(get);
    nodeTests(get);
  });
}

function holderOf(all: readonly SpecWriter[] | undefined, field: string): SpecWriter | undefined {
  return all?.findLast((one) => one.fields.includes(field));
}

function replicaTests(get: () => World): void {
  test('the number of replicas: whoever scaled last holds it, alone, and an event tells from what', async () => {
    const world = get();
    await world.deploy('counted', { image: world.images.v1, replicas: 2 });
    await rolledOut(world, 'counted');
    const made = await deploymentOf(world, 'counted');
    // Whoever made it holds it with all the rest, since then.
    const maker = holderOf(made.specWriters, 'replicas');
    expect(maker?.fields).toEqual(expect.arrayContaining(['replicas', 'template']));
    expect(maker?.at).toBe(made.createdAt);
    await world.scaleBy('counted', 4, 'kubectl-scale');
    const scaled = await rolledOut(world, 'counted');
    // The scale subresource leaves no time: only the event tells when.
    const scaler = { manager: 'kubectl-scale', fields: ['replicas'], at: null };
    expect(holderOf(scaled.specWriters, 'replicas')).toEqual(scaler);
    expect(holderOf(scaled.specWriters, 'template')).toMatchObject({ manager: maker?.manager });
    const events = await reader(world).events(world.namespace, ['Deployment']);
    expect(events.findLast((one) => one.name === 'counted')).toMatchObject({
      reason: 'ScalingReplicaSet',
      message: expect.stringMatching(/^Scaled up replica set counted-\S+ from 2 to 4$/),
    });
  });

  test("the bot's own scaling is held by mlp-bot", async () => {
    const world = get();
    await world.deploy('counted-by-bot', { image: world.images.v1, replicas: 1 });
    const { uid, templateDigest, paused } = await rolledOut(world, 'counted-by-bot');
    const when = { uid, templateDigest, paused, replicas: 1 };
    await act(world, 'deployment', named(world, 'counted-by-bot'), attempt('one')).change({ replicas: 2 }, when);
    const { specWriters } = await deploymentOf(world, 'counted-by-bot');
    expect(holderOf(specWriters, 'replicas')).toEqual({
      manager: 'mlp-bot',
      fields: ['replicas'],
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });
}

function boundsTests(get: () => World): void {
  test('bounds of an autoscaler: the one that was changed, by whom', async () => {
    const world = get();
    await world.deploy('bounded', { image: world.images.v1, replicas: 2 });
    await world.autoscale('bounded', 'bounded', 2, 6);
    const made = await reader(world).autoscaler(named(world, 'bounded'));
    expect(holderOf(made?.specWriters, 'maxReplicas')?.at).toBe(made?.createdAt);
    await world.boundBy('bounded', 9, 'kubectl-edit');
    const found = await reader(world).autoscaler(named(world, 'bounded'));
    expect(holderOf(found?.specWriters, 'maxReplicas')).toMatchObject({
      manager: 'kubectl-edit',
      fields: ['maxReplicas'],
    });
    expect(holderOf(found?.specWriters, 'minReplicas')?.manager).toBe(
      holderOf(made?.specWriters, 'minReplicas')?.manager,
    );
  });

  test('bounds of a ScaledObject', async () => {
    const world = get();
    const find = async () =>
      (await reader(world).custom('ScaledObject', world.namespace))?.find((one) => one.name === 'held-by-keda');
    await world.scaledObject('held-by-keda', 'bounded', 2, 6);
    const made = await find();
    expect(holderOf(made?.specWriters, 'maxReplicaCount')?.at).toBe(made?.createdAt);
    const now = { uid: made?.uid ?? '', min: 2, max: 6 };
    await act(world, 'scaled object', named(world, 'held-by-keda'), attempt('one')).change({ min: 2, max: 8 }, now);
    expect(holderOf((await find())?.specWriters, 'maxReplicaCount')).toMatchObject({
      manager: 'mlp-bot',
      fields: ['maxReplicaCount'],
    });
  });
}

function nodeTests(get: () => World): void {
  const find = async (name: string): Promise<Node | undefined> =>
    (await reader(get()).nodes()).find((one) => one.name === name);

  test('a node: when it was added, who cordoned it; who is gone is told by an event in `default` alone', async () => {
    const world = get();
    await world.addNode('passing');
    const made = await until(world, 'it is there', () => find('passing'));
    expect(Number.isNaN(Date.parse(made.createdAt ?? ''))).toBe(false);
    expect(made.specWriters).toEqual([]);
    await world.cordonBy('passing', 'kubectl-cordon');
    const cordoned = await find('passing');
    expect(cordoned?.unschedulable).toBe(true);
    expect(holderOf(cordoned?.specWriters, 'unschedulable')).toMatchObject({ manager: 'kubectl-cordon' });
    const told = async (reason: string) =>
      until(world, `${reason} is told`, async () =>
        (await reader(world).events('default', ['Node'])).find(
          (one) => one.name === 'passing' && one.reason === reason,
        ),
      );
    await told('RegisteredNode');
    await world.removeNode('passing');
    expect(await told('RemovingNode')).toMatchObject({ kind: 'Node', type: 'Normal' });
    expect(await find('passing')).toBeUndefined();
  });

  test('without the right to see events in `default`: the exact rule', async () => {
    const world = get();
    await world.withoutNodeEvents(async () => {
      const refused = await until(world, 'it is refused', () =>
        reader(world)
          .events('default', ['Node'])
          .then(
            () => undefined,
            (error: unknown) => (error instanceof Error ? error.message : String(error)),
          ),
      );
      expect(refused).toContain(
        'the bot lacks the right "list events in namespace default"; the rule to add: {apiGroups: [""], resources: ["events"], verbs: ["list"]}',
      );
      // Those of the services are another right.
      expect(await reader(world).events(world.namespace, ['Deployment'])).toEqual(expect.any(Array));
    });
  });
}
