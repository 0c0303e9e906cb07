import { describe, expect, test } from 'vitest';
import { named, reader, rolledOut } from './looking.ts';
import { until, type World } from './world.ts';

/** What belongs to the whole cluster. */
export function wideTests(get: () => World): void {
  describe('around the cluster', () => {
    test('a storage class, and when a claim of it is bound', async () => {
      const world = get();
      await world.storageClass('later', 'when first used');
      await world.storageClass('now', 'at once');
      const all = await reader(world).storageClasses();
      const mine = all.filter((one) => one.provisioner === 'test/none');
      expect(mine.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { name: 'later', provisioner: 'test/none', binds: 'when first used', isDefault: false },
        { name: 'now', provisioner: 'test/none', binds: 'at once', isDefault: false },
      ]);
    });

    test('a namespace: there, not there, going and why it is still here', async () => {
      const world = get();
      await world.deploy('anything', { image: world.images.v1, replicas: 1 });
      expect(await reader(world).namespace(world.namespace)).toEqual({
        name: world.namespace,
        phase: 'Active',
        terminatingSince: null,
        waitsFor: [],
        podSecurity: null,
      });
      expect(await reader(world).namespace('there-is-none')).toBeNull();
      await world.goingNamespace('leaving');
      const found = await until(world, 'it says what keeps it', async () => {
        const now = await reader(world).namespace('leaving');
        return now?.waitsFor.length === 0 ? undefined : now;
      });
      expect(found).toMatchObject({ name: 'leaving', phase: 'Terminating' });
      expect(found?.terminatingSince).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(found?.waitsFor.join()).toContain('finalizers remaining');
    });

    test('what the standard of the namespace says to the templates of a deployment', async () => {
      const world = get();
      await world.deploy('judged', { image: world.images.v1, replicas: 1 });
      await rolledOut(world, 'judged');
      expect(await reader(world).podSecurity(named(world, 'judged'))).toBeNull();
      const { templateDigest = '' } = (await reader(world).deployment(named(world, 'judged'))) ?? {};
      try {
        await world.enforce('restricted');
        expect((await reader(world).namespace(world.namespace))?.podSecurity).toEqual({
          level: 'restricted',
          version: 'latest',
        });
        const found = await reader(world).podSecurity(named(world, 'judged'));
        expect(found?.isNewer).toBe(false);
        expect(found?.refuses[templateDigest]).toContain('container main may run as root (runAsNonRoot is not true)');
        await world.enforce('baseline');
        expect((await reader(world).podSecurity(named(world, 'judged')))?.refuses).toEqual({ [templateDigest]: [] });
      } finally {
        await world.enforce(null);
      }
    });

    test('the pods on a node, with what controls them and their labels', async () => {
      const world = get();
      await world.deploy('on-a-node', {
        image: world.images.v1,
        replicas: 1,
        limits: { 'nvidia.com/gpu': '1' },
        requests: { 'nvidia.com/gpu': '1' },
        tolerations: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
      });
      await rolledOut(world, 'on-a-node');
      const [row] = await reader(world).pods(world.namespace, 'app=on-a-node');
      const [set] = await reader(world).revisions(named(world, 'on-a-node'));
      const all = await reader(world).podsOn(row?.node ?? '');
      expect(all.find((one) => one.name === row?.name)).toEqual({
        namespace: world.namespace,
        name: row?.name,
        owner: `ReplicaSet/${set?.name}`,
        gpus: 1,
        terminating: false,
      });
      expect(await reader(world).podsOn('there-is-none')).toEqual([]);
      expect((await reader(world).deployment(named(world, 'on-a-node')))?.podLabels).toEqual({ app: 'on-a-node' });
    });
  });
}
