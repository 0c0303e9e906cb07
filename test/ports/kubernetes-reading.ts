import { describe, expect, test } from 'vitest';
import { objectTests, refusalTests } from './kubernetes-objects.ts';
import { deploymentOf, failureOf, named, reader, rolledOut } from './looking.ts';
import { until, type World } from './world.ts';
import type { TemplatePart } from '../../src/core/ports/kubernetes.ts';

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

  test('what keeps its pods off a node, the same in the deployment and its ReplicaSet', async () => {
    const world = get();
    await world.deploy('anywhere', { image: world.images.v1, replicas: 1 });
    await world.deploy('choosy', {
      image: world.images.v1,
      replicas: 1,
      tolerations: [
        { key: 'nvidia.com/gpu', effect: 'NoSchedule' },
        { key: 'dedicated', value: 'training', effect: 'NoExecute' },
      ],
      nodeAffinity: { 'topology.kubernetes.io/zone': 'eu-west-1a' },
      spread: { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1 },
    });
    const none = { tolerations: '', nodeAffinity: '', podAffinity: '', spread: '', hostPorts: '' };
    expect((await deploymentOf(world, 'anywhere')).template.placement).toEqual(none);
    const wanted = {
      ...none,
      tolerations: 'dedicated=training:NoExecute, nvidia.com/gpu:NoSchedule',
      nodeAffinity: 'topology.kubernetes.io/zone in (eu-west-1a)',
      spread: 'app=choosy per topology.kubernetes.io/zone, skew at most 1',
    };
    expect((await deploymentOf(world, 'choosy')).template.placement).toEqual(wanted);
    const revision = await until(
      world,
      'it has its ReplicaSet',
      async () => (await reader(world).revisions(named(world, 'choosy')))[0],
    );
    expect(revision.template.placement).toEqual(wanted);
  });

  test('who holds the image and who the resources, after somebody else changed these', async () => {
    const world = get();
    await world.deploy('edited', { image: world.images.v1, replicas: 1, limits: { memory: '64Mi' } });
    await world.setMemory('edited', '96Mi', 'an-editor');
    const { templateOwners, templateChangedBy } = await deploymentOf(world, 'edited');
    const holding = (part: TemplatePart): readonly string[] =>
      templateOwners.filter((one) => one.parts.includes(part)).map((one) => one.manager);
    expect(holding('resources')).toContain('an-editor');
    expect(holding('image')).toHaveLength(1);
    expect(holding('image')).not.toContain('an-editor');
    expect(templateChangedBy?.manager).toBe('an-editor');
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
