import { describe, expect, test } from 'vitest';
import type { PodRow } from '../../src/core/ports/kubernetes.ts';
import { failureOf, named, reader, rolledOut } from './looking.ts';
import { until, type World } from './world.ts';

export function aroundTests(get: () => World): void {
  describe('around a deployment', () => {
    trafficTests(get);
    otherTests(get);
    valueTests(get);
    insideTests(get);
  });
}

async function onePod(world: World, name: string): Promise<PodRow> {
  await world.deploy(name, { image: world.images.v1, replicas: 1, env: { MODEL_VERSION: '7', EMPTY: '' } });
  await rolledOut(world, name);
  const [row] = await reader(world).pods(world.namespace, `app=${name}`);
  if (row === undefined) throw new Error('no pod');
  return row;
}

function trafficTests(get: () => World): void {
  test('nothing around: empty, null, never a failure', async () => {
    const world = get();
    const read = reader(world);
    expect(await read.endpoints(named(world, 'nothing'))).toEqual([]);
    expect(await read.configMap(named(world, 'nothing'))).toBeNull();
    expect(await read.custom('HelmRelease', world.namespace)).toBeNull();
    expect(await read.workloads(world.namespace, 'Job')).toEqual([]);
    expect(await read.workloads(world.namespace, 'DaemonSet')).toEqual([]);
  });

  test('a service, and what stands behind it', async () => {
    const world = get();
    await world.service('served', 'served');
    expect((await reader(world).services(world.namespace)).find((one) => one.name === 'served')).toEqual({
      name: 'served',
      type: 'ClusterIP',
      headless: false,
      selector: { app: 'served' },
      ports: [{ name: 'http', port: 80, target: '8080' }],
      ingress: [],
    });
    const row = await onePod(world, 'served');
    const [endpoint, ...others] = await until(world, 'it has a ready endpoint', async () => {
      const all = await reader(world).endpoints(named(world, 'served'));
      return all.some((one) => one.ready) ? all : undefined;
    });
    expect(others).toEqual([]);
    expect(endpoint).toMatchObject({ pod: row.name, node: row.node, ready: true, terminating: false });
    expect(endpoint?.address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  test('a disruption budget counts what is healthy', async () => {
    const world = get();
    await world.budget('half', 'budgeted', '50%');
    await world.deploy('budgeted', { image: world.images.v1, replicas: 4 });
    await rolledOut(world, 'budgeted');
    const found = await until(world, 'the budget is counted', async () => {
      const one = (await reader(world).disruptionBudgets(world.namespace)).find((each) => each.name === 'half');
      return one?.healthy === 4 ? one : undefined;
    });
    expect(found).toEqual({ name: 'half', selector: 'app=budgeted', allowed: 2, healthy: 4, wanted: 2 });
    await world.removeBudget('half');
  });

  test('a network policy in words', async () => {
    const world = get();
    await world.policy('only-gateway', 'guarded');
    const found = (await reader(world).networkPolicies(world.namespace)).find((one) => one.name === 'only-gateway');
    expect(found).toEqual({
      name: 'only-gateway',
      selector: 'app=guarded',
      types: ['Ingress'],
      ingress: ['from pods app=gateway to :8080'],
      egress: [],
    });
  });
}

function otherTests(get: () => World): void {
  test('a claim that nobody fulfils', async () => {
    const world = get();
    await world.claim('wanting');
    const found = (await reader(world).claims(world.namespace)).find((one) => one.name === 'wanting');
    expect(found).toEqual({
      name: 'wanting',
      phase: 'Pending',
      storageClass: 'absent',
      volume: '',
      size: '1Gi',
      modes: ['ReadWriteOnce'],
      zones: [],
    });
  });

  test('a StatefulSet, with the partition that holds a new template back', async () => {
    const world = get();
    await world.statefulSet('ordered', 2, 1);
    const found = (await reader(world).workloads(world.namespace, 'StatefulSet')).find((one) => one.name === 'ordered');
    expect(found).toMatchObject({
      kind: 'StatefulSet',
      namespace: world.namespace,
      name: 'ordered',
      selector: 'app=ordered',
      wanted: 2,
      failed: 0,
      partition: 1,
      strategy: 'RollingUpdate',
      images: [world.images.v1],
    });
    expect(found?.uid).toMatch(/^[0-9a-f-]{8,}/);
  });

  test('a custom resource: its spec as JSON', async () => {
    const world = get();
    await world.scaledObject('by-queue', 'queued', 2, 20);
    const found = (await reader(world).custom('ScaledObject', world.namespace))?.find((one) => one.name === 'by-queue');
    expect(found).toMatchObject({ namespace: world.namespace, labels: {} });
    expect(JSON.parse(found?.spec ?? '')).toMatchObject({
      scaleTargetRef: { name: 'queued' },
      minReplicaCount: 2,
      maxReplicaCount: 20,
    });
  });

  test('what a pod and a node use now', async () => {
    const world = get();
    const row = await onePod(world, 'using');
    const [use] = await until(world, 'the pod is measured', async () => {
      const all = await reader(world).podUse(world.namespace, 'app=using');
      return all.length > 0 ? all : undefined;
    });
    expect(use?.pod).toBe(row.name);
    expect(use?.windowS).toBeGreaterThan(0);
    expect(Number.isNaN(Date.parse(use?.at ?? ''))).toBe(false);
    expect(use?.containers.map((one) => one.name)).toEqual(['main']);
    expect(use?.containers[0]?.cores).toBeGreaterThanOrEqual(0);
    expect(use?.containers[0]?.memoryBytes).toBeGreaterThan(0);
    expect(await reader(world).podUse(world.namespace, 'app=nothing')).toEqual([]);
    const node = (await reader(world).nodeUsage()).find((one) => one.node === row.node);
    expect(node?.cores).toBeGreaterThan(0);
    expect(node?.memoryBytes).toBeGreaterThan(0);
  });
}

function valueTests(get: () => World): void {
  test('a config map: its keys and a digest, no values', async () => {
    const world = get();
    await world.configMap('settings-a', ['x', 'y']);
    await world.configMap('settings-b', ['y', 'x']);
    await world.configMap('settings-c', ['x']);
    const read = reader(world);
    const [a, b, c] = await Promise.all(
      ['settings-a', 'settings-b', 'settings-c'].map((one) => read.configMap(named(world, one))),
    );
    expect(a?.keys).toEqual(['x', 'y']);
    expect(a?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(b?.digest).toBe(a?.digest);
    expect(c?.digest).not.toBe(a?.digest);
    expect(a?.changedBy?.manager).toMatch(/\S/);
    expect(JSON.stringify([a, b, c])).not.toContain('hidden-value');
  });

  test('the lines of a log since a moment ago', async () => {
    const world = get();
    const row = await onePod(world, 'quiet');
    const of = named(world, row.name);
    const options = { container: 'main', previous: false, tail: 100 };
    expect((await reader(world).log(of, options)).lines.length).toBeGreaterThan(0);
    const none = await until(world, 'nothing was written in the last second', async () => {
      const log = await reader(world).log(of, { ...options, sinceS: 1 });
      return log.lines.length === 0 ? log : undefined;
    });
    expect(none).toEqual({ lines: [], cut: false });
    expect((await reader(world).log(of, { ...options, sinceS: 3600 })).lines.length).toBeGreaterThan(0);
  });

  test('variables: the plain ones that were asked for, null for the rest', async () => {
    const world = get();
    await world.secret('key-holder', ['key']);
    await world.deploy('valued', {
      image: world.images.v1,
      replicas: 1,
      env: { MODEL_VERSION: '7', API_PASSWORD: 'hunter2', OTHER: 'unasked' },
      envFromSecret: { variable: 'TOKEN', name: 'key-holder', key: 'key', optional: false },
    });
    const read = reader(world);
    const of = named(world, 'valued');
    expect(await read.variables(of, 'main', ['MODEL_VERSION', 'TOKEN', 'ABSENT'])).toEqual({
      MODEL_VERSION: '7',
      TOKEN: null,
      ABSENT: null,
    });
    expect((await failureOf(read.variables(named(world, 'nothing'), 'main', ['X']))).kind).toBe('not found');
    const [set] = await read.revisions(of);
    expect(await read.variables(of, 'main', ['MODEL_VERSION', 'TOKEN'], set?.name)).toEqual({
      MODEL_VERSION: '7',
      TOKEN: null,
    });
    expect((await failureOf(read.variables(of, 'main', ['X'], 'nothing'))).kind).toBe('not found');
  });

  test('whether the bot may: asked of whoever decides', async () => {
    const world = get();
    const right = { verb: 'patch', resource: 'deployments.apps', namespace: world.namespace };
    expect(await reader(world).mayI(right)).toMatchObject({ allowed: true });
  });
}

function insideTests(get: () => World): void {
  test('a program that only looks: exit code and lines', async () => {
    const world = get();
    const row = await onePod(world, 'inside');
    const read = reader(world);
    const of = named(world, row.name);
    const cores = await read.exec(of, { container: 'main', argv: ['nproc'] });
    expect(cores).toMatchObject({ exitCode: 0, err: [], cut: false });
    expect(cores.out.join('')).toMatch(/^\d+$/);
    const top = await read.exec(of, { container: 'main', argv: ['top', '-b', '-n', '1'] });
    expect(top.out[0]).toMatch(/^top - /);
    const missing = await read.exec(of, { container: 'main', argv: ['nvidia-smi'] });
    expect(missing).toMatchObject({ exitCode: 126, out: [] });
    expect(missing.err.join('')).toContain('executable file not found in $PATH');
  });

  test('anything else is refused before it is sent; no such container, no such pod', async () => {
    const world = get();
    const row = await onePod(world, 'inside-not');
    const read = reader(world);
    const of = named(world, row.name);
    expect((await failureOf(read.exec(of, { container: 'main', argv: ['sh', '-c', 'nproc'] }))).kind).toBe('invalid');
    expect((await failureOf(read.exec(of, { container: 'other', argv: ['nproc'] }))).kind).toBe('invalid');
    const nothing = named(world, 'nothing');
    expect((await failureOf(read.exec(nothing, { container: 'main', argv: ['nproc'] }))).kind).toBe('not found');
  });

  test('a service that is not there cannot be asked', async () => {
    const world = get();
    const thrown = await failureOf(reader(world).fetch(named(world, 'nothing'), { port: 'http', path: '/health' }));
    expect(thrown.kind).toBe('not found');
  });
}
