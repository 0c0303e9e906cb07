import { expect, test } from 'vitest';
import { deploymentOf, named, reader, rolledOut } from './looking.ts';
import { until, type World } from './world.ts';

export function refusalTests(get: () => World): void {
  test('pods that do not fit anywhere are Pending, without a node, and the scheduler says why', async () => {
    const world = get();
    await world.deploy('too-big', { image: world.images.v1, replicas: 1, limits: { 'nvidia.com/gpu': '512' } });
    const read = reader(world);
    const event = await until(world, 'FailedScheduling', async () =>
      (await read.events(world.namespace, ['Pod'])).find(
        (one) => one.name.startsWith('too-big-') && one.reason === 'FailedScheduling',
      ),
    );
    expect(event.message).toMatch(/^0\/\d+ nodes are available: .*Insufficient nvidia\.com\/gpu/);
    const [row] = await read.pods(world.namespace, 'app=too-big');
    expect(row).toMatchObject({ status: 'Pending', node: '', readyContainers: 0 });
    const pod = await read.pod(named(world, row?.name ?? ''));
    expect(pod).toMatchObject({ phase: 'Pending', node: '', gpus: 512 });
    expect(pod?.conditions.find((one) => one.type === 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
    });
  });

  test('a quota refuses pods: said by the ReplicaSet, its event and the deployment', async () => {
    const world = get();
    await world.quota('small', { 'requests.cpu': '1' });
    try {
      // Until it is counted, pods are refused in other words, and the controller then waits ever longer before it tries again.
      const quota = await until(world, 'the quota is counted', async () => {
        const one = (await reader(world).quotas(world.namespace)).find((each) => each.name === 'small');
        return one?.used['requests.cpu'] === undefined ? undefined : one;
      });
      expect(quota.hard).toEqual({ 'requests.cpu': '1' });
      await world.deploy('refused', { image: world.images.v1, replicas: 1, requests: { cpu: '2' } });
      const read = reader(world);
      const event = await until(world, 'FailedCreate', async () =>
        (await read.events(world.namespace, ['ReplicaSet'])).find(
          (one) => one.name.startsWith('refused-') && one.message.includes('exceeded quota'),
        ),
      );
      expect(event).toMatchObject({ type: 'Warning', kind: 'ReplicaSet' });
      expect(event.message).toContain('exceeded quota: small, requested: requests.cpu=2, used: requests.cpu=');
      const seen = await until(world, 'ReplicaFailure', async () => {
        const now = await deploymentOf(world, 'refused');
        return now.conditions.some((one) => one.type === 'ReplicaFailure') ? now : undefined;
      });
      expect(seen.conditions.find((one) => one.type === 'ReplicaFailure')).toMatchObject({
        status: 'True',
        reason: 'FailedCreate',
      });
      const revisions = await read.revisions(named(world, 'refused'));
      expect(revisions[0]?.conditions.some((one) => one.reason === 'FailedCreate')).toBe(true);
    } finally {
      await world.removeQuota('small');
    }
  });

  test('a limit range refuses pods and says its maximum', async () => {
    const world = get();
    await world.limitRange('per-container', { cpu: '3' });
    try {
      const [range] = await reader(world).limitRanges(world.namespace);
      expect(range).toMatchObject({ name: 'per-container', limits: [{ type: 'Container', max: { cpu: '3' } }] });
      await world.deploy('limited', {
        image: world.images.v1,
        replicas: 1,
        requests: { cpu: '4' },
        limits: { cpu: '4' },
      });
      const event = await until(world, 'FailedCreate', async () =>
        (await reader(world).events(world.namespace, ['ReplicaSet'])).find(
          (one) => one.name.startsWith('limited-') && one.reason === 'FailedCreate',
        ),
      );
      expect(event.message).toContain('maximum cpu usage per Container is 3, but limit is 4');
    } finally {
      await world.removeLimitRange('per-container');
    }
  });
}

export function objectTests(get: () => World): void {
  test('presence tells keys, never values', async () => {
    const world = get();
    await world.configMap('with-keys', ['b', 'a']);
    await world.secret('hidden', ['password']);
    await world.serviceAccount('robot');
    const read = reader(world);
    const map = await read.presence('ConfigMap', named(world, 'with-keys'));
    expect(map.there ? [...map.keys].sort() : map).toEqual(['a', 'b']);
    // Made just now, and not written since.
    expect(map.there ? Math.abs(Date.parse(map.createdAt) - Date.now()) : map).toBeLessThan(600_000);
    expect(map.there ? map.changedAt : map).toBe(map.there ? map.createdAt : '');
    expect(await read.presence('Secret', named(world, 'hidden'))).toMatchObject({ there: true });
    expect(await read.presence('ServiceAccount', named(world, 'robot'))).toMatchObject({ there: true });
  });

  test('nodes and what is asked of them', async () => {
    const world = get();
    await world.deploy('placed', { image: world.images.v1, replicas: 1, requests: { cpu: '250m', memory: '64Mi' } });
    await rolledOut(world, 'placed');
    const read = reader(world);
    const [row] = await read.pods(world.namespace, 'app=placed');
    const nodes = await read.nodes();
    const node = nodes.find((one) => one.name === row?.node);
    expect(node).toMatchObject({ ready: 'True', unschedulable: false, pressures: [] });
    expect(Object.keys(node?.allocatable ?? {})).toEqual(expect.arrayContaining(['cpu', 'memory', 'pods']));
    const use = (await read.nodeUse()).find((one) => one.node === row?.node);
    expect(use?.pods).toBeGreaterThanOrEqual(1);
    expect(use?.requested['cpu']).toMatch(/^\d+m?$/);
    expect(use?.gpusTerminating).toBe(0);
  });

  test('the autoscaler is found by what it targets', async () => {
    const world = get();
    await world.deploy('scaled', { image: world.images.v1, replicas: 2 });
    await world.autoscale('scaled-by-cpu', 'scaled', 2, 6);
    expect(await reader(world).autoscaler(named(world, 'scaled'))).toMatchObject({
      name: 'scaled-by-cpu',
      min: 2,
      max: 6,
    });
    expect(await reader(world).autoscaler(named(world, 'left'))).toBeNull();
  });
}
