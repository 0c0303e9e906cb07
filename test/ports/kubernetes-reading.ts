import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Deployment, KubernetesRead, ObjectName } from '../../src/core/ports/kubernetes.ts';
import { until, type World } from './world.ts';

export const limit = (): AbortSignal => AbortSignal.timeout(20_000);
export const reader = (world: World): KubernetesRead => world.platform.read(world.region, limit()).kubernetes;
export const named = (world: World, name: string): ObjectName => ({ namespace: world.namespace, name });

export async function deploymentOf(world: World, name: string): Promise<Deployment> {
  const found = await reader(world).deployment(named(world, name));
  if (found === null) throw new Error(`there is no deployment ${name}`);
  return found;
}

/** Waits until the controller has seen the newest spec and all its pods are available. */
export function rolledOut(world: World, name: string): Promise<Deployment> {
  return until(world, `${name} is rolled out`, async () => {
    const seen = await reader(world).deployment(named(world, name));
    if (seen === null || seen.observedGeneration < seen.generation) return undefined;
    const { wanted, updated, available, total } = seen.replicas;
    return updated === wanted && available === wanted && total === wanted ? seen : undefined;
  });
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('expected a Failure, but it succeeded');
}

export function readingTests(get: () => World): void {
  describe('reading', () => {
    absentTests(get);
    deploymentTests(get);
    podTests(get);
    refusalTests(get);
    objectTests(get);
  });
}

function absentTests(get: () => World): void {
  test('what is not there is null, empty or absent; the log of nothing is a Failure', async () => {
    const world = get();
    const read = reader(world);
    const nothing = named(world, 'nothing');
    expect(await read.deployment(nothing)).toBeNull();
    expect(await read.pod(nothing)).toBeNull();
    expect(await read.autoscaler(nothing)).toBeNull();
    expect(await read.pods(world.namespace, 'app=nothing')).toEqual([]);
    for (const kind of ['ConfigMap', 'Secret', 'ServiceAccount', 'PersistentVolumeClaim'] as const) {
      expect(await read.presence(kind, nothing)).toEqual({ there: false });
    }
    expect((await failureOf(read.log(nothing, { container: 'main', previous: false, tail: 10 }))).kind).toBe(
      'not found',
    );
  });

  test('an aborted reading is a Failure of kind timeout', async () => {
    const world = get();
    const read = world.platform.read(world.region, AbortSignal.abort()).kubernetes;
    expect((await failureOf(read.deployment(named(world, 'nothing')))).kind).toBe('timeout');
  });
}

function deploymentTests(get: () => World): void {
  test('a healthy deployment, its newest ReplicaSet and its row', async () => {
    const world = get();
    await world.deploy('healthy', {
      image: world.images.v1,
      replicas: 4,
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { memory: '128Mi' },
      readinessPath: '/health',
      env: { GREETING: 'hunter2-must-not-come-out' },
    });
    const seen = await rolledOut(world, 'healthy');
    expect(seen.replicas).toEqual({ wanted: 4, total: 4, updated: 4, ready: 4, available: 4, unavailable: 0 });
    expect(seen).toMatchObject({
      revision: 1,
      paused: false,
      fence: null,
      progressDeadlineSeconds: 600,
      minReadySeconds: 0,
    });
    expect(seen.selector).toBe('app=healthy');
    expect(seen.strategy).toEqual({
      type: 'RollingUpdate',
      maxSurge: '25%',
      maxUnavailable: '25%',
      surgePods: 1,
      unavailablePods: 1,
    });
    expect(seen.owner).toEqual({ kind: 'none', name: '', reverts: 'no' });
    expect(seen.templateDigest).toMatch(/^[0-9a-f]{64}$/);
    const available = seen.conditions.find((one) => one.type === 'Available');
    expect(available).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    const progressing = await until(world, 'Progressing says NewReplicaSetAvailable', async () => {
      const now = (await deploymentOf(world, 'healthy')).conditions.find((one) => one.type === 'Progressing');
      return now?.reason === 'NewReplicaSetAvailable' ? now : undefined;
    });
    expect(progressing.status).toBe('True');
    expect(Number.isNaN(Date.parse(progressing.updatedAt ?? ''))).toBe(false);
    const [container] = seen.template.containers;
    expect(container).toMatchObject({
      name: 'main',
      image: world.images.v1,
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { memory: '128Mi' },
    });
    expect(container?.readiness).toMatchObject({ asks: 'GET :8080/health', periodSeconds: 1 });
    expect(container?.env).toEqual([{ is: 'value', variable: 'GREETING' }]);
    expect(JSON.stringify(seen)).not.toContain('hunter2');

    const revisions = await reader(world).revisions(named(world, 'healthy'));
    expect(revisions).toHaveLength(1);
    expect(revisions[0]).toMatchObject({
      number: 1,
      templateDigest: seen.templateDigest,
      replicas: { wanted: 4, ready: 4, available: 4 },
    });
    expect(revisions[0]?.name).toBe(`healthy-${revisions[0]?.hash ?? ''}`);
    const row = (await reader(world).deployments(world.namespace)).find((one) => one.name === 'healthy');
    expect(row).toEqual({ namespace: world.namespace, name: 'healthy', wanted: 4, ready: 4, updated: 4, available: 4 });
  });

  test('percentages in pods: surge rounds up, unavailable rounds down', async () => {
    const world = get();
    await world.deploy('rounding', { image: world.images.v1, replicas: 3 });
    expect((await deploymentOf(world, 'rounding')).strategy).toMatchObject({ surgePods: 1, unavailablePods: 0 });
  });

  test('references in the environment keep their names, and whether they are optional', async () => {
    const world = get();
    await world.configMap('settings', ['mode', 'level']);
    await world.deploy('referring', {
      image: world.images.v1,
      replicas: 1,
      envFromConfigMap: { variable: 'MODE', name: 'settings', key: 'mode' },
      envFromSecret: { variable: 'PASSWORD', name: 'absent', key: 'password', optional: true },
    });
    expect((await deploymentOf(world, 'referring')).template.containers[0]?.env).toEqual([
      { is: 'config map', variable: 'MODE', name: 'settings', key: 'mode', optional: false },
      { is: 'secret', variable: 'PASSWORD', name: 'absent', key: 'password', optional: true },
    ]);
  });
}

function podTests(get: () => World): void {
  test('pods are filtered by the selector', async () => {
    const world = get();
    await world.deploy('left', { image: world.images.v1, replicas: 2 });
    await world.deploy('right', { image: world.images.v1, replicas: 1 });
    await rolledOut(world, 'left');
    await rolledOut(world, 'right');
    const read = reader(world);
    const left = await read.pods(world.namespace, 'app=left');
    expect(left).toHaveLength(2);
    const [revision] = await read.revisions(named(world, 'left'));
    for (const row of left) {
      expect(row).toMatchObject({
        readyContainers: 1,
        containers: 1,
        status: 'Running',
        restarts: 0,
        terminating: false,
        hash: revision?.hash,
        ownerUid: revision?.uid,
      });
      expect(row.node).not.toBe('');
    }
    expect(await read.pods(world.namespace, 'app in (left,right)')).toHaveLength(3);
    expect(await read.pods(world.namespace, `app in (left,right),app!=left,pod-template-hash`)).toHaveLength(1);
    const pod = await read.pod(named(world, left[0]?.name ?? ''));
    expect(pod).toMatchObject({ uid: left[0]?.uid, phase: 'Running', terminating: false, initContainers: [], gpus: 0 });
    expect(pod?.containers[0]).toMatchObject({
      name: 'main',
      ready: true,
      restarts: 0,
      last: null,
      state: { is: 'running' },
    });
  });

  test('a rollout stuck on its image: old pods stay, new ones cannot pull, the deadline passes', async () => {
    const world = get();
    await world.deploy('stuck', { image: world.images.v1, replicas: 4, progressDeadlineSeconds: 8 });
    const before = await rolledOut(world, 'stuck');
    await world.setImage('stuck', world.images.missing);
    const read = reader(world);
    const rows = await until(world, 'the new pods back off', async () => {
      const all = await read.pods(world.namespace, 'app=stuck');
      return all.filter((row) => row.status === 'ImagePullBackOff').length >= 2 ? all : undefined;
    });
    const broken = rows.filter((row) => row.readyContainers === 0);
    expect(broken).toHaveLength(2);
    expect(rows.filter((row) => row.readyContainers === 1)).toHaveLength(3);
    const pod = await read.pod(named(world, broken[0]?.name ?? ''));
    expect(pod?.phase).toBe('Pending');
    const state = pod?.containers[0]?.state;
    expect(state?.is).toBe('waiting');
    expect(state?.is === 'waiting' ? ['ErrImagePull', 'ImagePullBackOff'] : []).toContain(
      state?.is === 'waiting' ? state.reason : '',
    );
    const events = await read.events(world.namespace, ['Pod']);
    const failed = events.find(
      (event) =>
        event.name === broken[0]?.name && event.reason === 'Failed' && event.message.includes(world.images.missing),
    );
    expect(failed).toMatchObject({ type: 'Warning', kind: 'Pod' });
    expect(failed?.count).toBeGreaterThanOrEqual(1);
    expect(events.every((event) => event.kind === 'Pod')).toBe(true);
    const log = await failureOf(
      read.log(named(world, broken[0]?.name ?? ''), { container: 'main', previous: false, tail: 10 }),
    );
    expect(log.kind).toBe('invalid');

    const late = await until(world, 'the progress deadline passes', async () => {
      const now = await deploymentOf(world, 'stuck');
      return now.conditions.some((one) => one.reason === 'ProgressDeadlineExceeded') ? now : undefined;
    });
    expect(late.conditions.find((one) => one.type === 'Progressing')).toMatchObject({ status: 'False' });
    expect(late.revision).toBe(2);
    expect(late.templateDigest).not.toBe(before.templateDigest);
    expect(late.replicas).toMatchObject({ wanted: 4, total: 5, updated: 2, ready: 3, available: 3 });
    const revisions = await read.revisions(named(world, 'stuck'));
    expect(revisions.map((one) => [one.number, one.replicas.wanted])).toEqual([
      [1, 3],
      [2, 2],
    ]);
    expect(late.templateChangedBy?.manager).toMatch(/\S/);
  });

  test('a crash loop: exit code, restarts, the previous log', async () => {
    const world = get();
    await world.deploy('crashing', { image: world.images.crashing, replicas: 1 });
    const read = reader(world);
    const row = await until(world, 'it is in CrashLoopBackOff', async () => {
      const [one] = await read.pods(world.namespace, 'app=crashing');
      return one?.status === 'CrashLoopBackOff' && one.restarts >= 1 ? one : undefined;
    });
    const pod = await read.pod(named(world, row.name));
    const [container] = pod?.containers ?? [];
    expect(container?.last).toMatchObject({ is: 'terminated', exitCode: 3, reason: 'Error' });
    expect(container?.ready).toBe(false);
    const log = await read.log(named(world, row.name), { container: 'main', previous: true, tail: 5 });
    expect(log.lines.join('\n')).toContain('boom: cannot start');
    expect(log.lines.length).toBeLessThanOrEqual(5);
    const backOff = await until(world, 'a BackOff event', async () =>
      (await read.events(world.namespace, ['Pod'])).find(
        (event) => event.name === row.name && event.reason === 'BackOff',
      ),
    );
    expect(backOff).toMatchObject({ type: 'Warning', uid: row.uid });
    expect(Date.parse(backOff.lastAt)).toBeGreaterThanOrEqual(Date.parse(backOff.firstAt));
  });
}

function refusalTests(get: () => World): void {
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
      await world.deploy('refused', { image: world.images.v1, replicas: 1, requests: { cpu: '2' } });
      const read = reader(world);
      const event = await until(world, 'FailedCreate', async () =>
        (await read.events(world.namespace, ['ReplicaSet'])).find(
          (one) => one.name.startsWith('refused-') && one.reason === 'FailedCreate',
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
      const quota = await until(world, 'the quota is counted', async () => {
        const one = (await read.quotas(world.namespace)).find((each) => each.name === 'small');
        return one?.used['requests.cpu'] === undefined ? undefined : one;
      });
      expect(quota.hard).toEqual({ 'requests.cpu': '1' });
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

function objectTests(get: () => World): void {
  test('presence tells keys, never values', async () => {
    const world = get();
    await world.configMap('with-keys', ['b', 'a']);
    await world.secret('hidden', ['password']);
    await world.serviceAccount('robot');
    const read = reader(world);
    const map = await read.presence('ConfigMap', named(world, 'with-keys'));
    expect(map.there ? [...map.keys].sort() : map).toEqual(['a', 'b']);
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
