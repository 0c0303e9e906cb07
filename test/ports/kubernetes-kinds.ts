import { describe, expect, test } from 'vitest';
import type { Deployment, DeploymentChange, Node, PodRow } from '../../src/core/ports/kubernetes.ts';
import { act, attempt, fenceOf, late, rehearse } from './acting-on.ts';
import { boundsTests } from './kubernetes-bounds.ts';
import { deploymentOf, failureOf, limit, named, reader, rolledOut } from './looking.ts';
import { until, type World } from './world.ts';

/** Acts on other kinds than the template of a deployment, and the newer fields of that. */
export function kindTests(get: () => World): void {
  describe('acting on every kind', () => {
    deploymentTests(get);
    wayBackTests(get);
    boundsTests(get, 'autoscaler');
    boundsTests(get, 'scaled object');
    podTests(get);
    nodeTests(get);
  });
}

const asSeen = ({
  uid,
  templateDigest,
  paused,
}: Deployment): { uid: string; templateDigest: string; paused: boolean } => ({
  uid,
  templateDigest,
  paused,
});

function deploymentTests(get: () => World): void {
  async function change(name: string, to: DeploymentChange, replicas?: number): Promise<void> {
    const world = get();
    const now = await deploymentOf(world, name);
    const when = { ...asSeen(now), ...(replicas === undefined ? {} : { replicas }) };
    await act(world, 'deployment', named(world, name), attempt(`try-${now.generation}`)).change(to, when);
  }

  test('scaling: the count and the fence change, and nothing that a pod runs', async () => {
    const world = get();
    await world.deploy('sized', { image: world.images.v1, replicas: 2 });
    const seen = await rolledOut(world, 'sized');
    const of = named(world, 'sized');
    const said = await rehearse(world, 'deployment', of).rehearse({ replicas: 4 }, { ...asSeen(seen), replicas: 2 });
    expect(said).toEqual({ is: 'diff', lines: ['- replicas: 2', '+ replicas: 4'] });
    await change('sized', { replicas: 4 }, 2);
    const done = await rolledOut(world, 'sized');
    expect(done.replicas.available).toBe(4);
    expect(done.templateDigest).toBe(seen.templateDigest);
    expect(done.fence).toBe(`try-${seen.generation}`);
    // Done already: nothing is written, whatever was expected of the count.
    await change('sized', { replicas: 4 }, 2);
    expect((await deploymentOf(world, 'sized')).fence).toBe(`try-${seen.generation}`);
    const moved = await failureOf(change('sized', { replicas: 5 }, 2));
    expect(moved).toMatchObject({ kind: 'conflict', maybeDone: false });
    expect((await deploymentOf(world, 'sized')).replicas.wanted).toBe(4);
  });

  test('resources of one container', async () => {
    const world = get();
    await world.deploy('fed', {
      image: world.images.v1,
      replicas: 1,
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { memory: '128Mi' },
    });
    const seen = await rolledOut(world, 'fed');
    const of = named(world, 'fed');
    const to = { resources: { container: 'main', requests: { cpu: null }, limits: { memory: '256Mi', cpu: '2' } } };
    const said = await rehearse(world, 'deployment', of).rehearse(to, asSeen(seen));
    if (said.is !== 'diff') throw new Error(JSON.stringify(said));
    expect([...said.lines].sort()).toEqual([
      '+ resources.limits.cpu: 2',
      '+ resources.limits.memory: 256Mi',
      '- resources.limits.memory: 128Mi',
      '- resources.requests.cpu: 100m',
    ]);
    await change('fed', to);
    const done = await rolledOut(world, 'fed');
    const [main] = done.template.containers;
    expect(main).toMatchObject({ requests: { memory: '64Mi' }, limits: { memory: '256Mi', cpu: '2' } });
    expect(main?.requests).not.toHaveProperty('cpu');
    expect(done.templateDigest).not.toBe(seen.templateDigest);
    await act(world, 'deployment', of, attempt('again')).change(to, asSeen(seen));
    expect((await deploymentOf(world, 'fed')).fence).toBe(done.fence);
    const other = { resources: { ...to.resources, container: 'other' } };
    expect((await failureOf(change('fed', other))).kind).toBe('invalid');
  });

  test('variables of one container: those that the change names are shown', async () => {
    const world = get();
    await world.deploy('versioned', {
      image: world.images.v1,
      replicas: 1,
      env: { MODEL_VERSION: '7', BATCH_SIZE: '32', GREETING: 'hunter2' },
    });
    const seen = await rolledOut(world, 'versioned');
    const of = named(world, 'versioned');
    const to = { env: { container: 'main', set: { MODEL_VERSION: '6', BATCH_SIZE: null, OMP_NUM_THREADS: '4' } } };
    const said = await rehearse(world, 'deployment', of).rehearse(to, asSeen(seen));
    if (said.is !== 'diff') throw new Error(JSON.stringify(said));
    expect([...said.lines].sort()).toEqual([
      '+ env MODEL_VERSION: 6',
      '+ env OMP_NUM_THREADS: 4',
      '- env BATCH_SIZE: 32',
      '- env MODEL_VERSION: 7',
    ]);
    await change('versioned', to);
    await rolledOut(world, 'versioned');
    const names = ['MODEL_VERSION', 'BATCH_SIZE', 'OMP_NUM_THREADS'];
    const values = { MODEL_VERSION: '6', BATCH_SIZE: null, OMP_NUM_THREADS: '4' };
    expect(await reader(world).variables(of, 'main', names)).toEqual(values);
    const done = await deploymentOf(world, 'versioned');
    await act(world, 'deployment', of, attempt('again')).change(to, asSeen(seen));
    expect((await deploymentOf(world, 'versioned')).fence).toBe(done.fence);
  });
}

/** A plan's way back is made before anybody knows the digest of what the change will make. */
function wayBackTests(get: () => World): void {
  test('conditional on values alone; what they were is read of the ReplicaSet that had them', async () => {
    const world = get();
    await world.deploy('back-again', { image: world.images.v1, replicas: 1, env: { MODEL_VERSION: '7', OTHER: 'x' } });
    const seen = await rolledOut(world, 'back-again');
    const of = named(world, 'back-again');
    const env = (MODEL_VERSION: string | null): NonNullable<DeploymentChange['env']> => ({
      container: 'main',
      set: { MODEL_VERSION },
    });
    await act(world, 'deployment', of, attempt('there')).change({ env: env('6') }, asSeen(seen));
    const [first] = await reader(world).revisions(of);
    const read = reader(world);
    expect(await read.variables(of, 'main', ['MODEL_VERSION'])).toEqual({ MODEL_VERSION: '6' });
    expect(await read.variables(of, 'main', ['MODEL_VERSION'], first?.name ?? '')).toEqual({ MODEL_VERSION: '7' });

    const when = { uid: seen.uid, templateDigest: null, paused: false };
    const back = { env: env('7') };
    for (const other of ['5', null]) {
      const wrong = { ...when, values: { env: env(other) } };
      const thrown = await failureOf(act(world, 'deployment', of, attempt('never')).change(back, wrong));
      expect(thrown).toMatchObject({ kind: 'conflict', maybeDone: false });
      expect((await failureOf(rehearse(world, 'deployment', of).rehearse(back, wrong))).kind).toBe('conflict');
    }
    const right = { ...when, values: { env: env('6') } };
    expect(await rehearse(world, 'deployment', of).rehearse(back, right)).toEqual({
      is: 'diff',
      lines: ['- env MODEL_VERSION: 6', '+ env MODEL_VERSION: 7'],
    });
    await act(world, 'deployment', of, attempt('back')).change(back, right);
    const done = await deploymentOf(world, 'back-again');
    expect(done.fence).toBe('back');
    expect(done.templateDigest).toBe(seen.templateDigest);
    await act(world, 'deployment', of, attempt('again')).change(back, right);
    expect((await deploymentOf(world, 'back-again')).fence).toBe('back');
  });
}

function podTests(get: () => World): void {
  async function two(name: string): Promise<readonly [PodRow, PodRow]> {
    const world = get();
    await world.deploy(name, { image: world.images.v1, replicas: 2 });
    await rolledOut(world, name);
    const [first, second] = await reader(world).pods(world.namespace, `app=${name}`);
    if (first === undefined || second === undefined) throw new Error('no pods');
    return [first, second];
  }

  test('a pod is replaced, once, and not the one that comes after it', async () => {
    const world = get();
    const [bad, good] = await two('replaced');
    const of = named(world, bad.name);
    const said = await rehearse(world, 'pod', of).rehearse({ uid: bad.uid });
    expect(said).toEqual({ is: 'diff', lines: [`- pod ${bad.name} on ${bad.node}`] });
    const other = { uid: '00000000-0000-0000-0000-000000000000' };
    await act(world, 'pod', of, attempt('a')).evict(other);
    expect((await failureOf(act(world, 'pod', of, late()).evict({ uid: bad.uid }))).kind).toBe('timeout');
    expect((await reader(world).pod(of))?.terminating).toBe(false);
    await act(world, 'pod', of, attempt('a')).evict({ uid: bad.uid });
    await act(world, 'pod', of, attempt('b')).evict({ uid: bad.uid });
    const rows = await until(world, 'another pod is there instead', async () => {
      const all = await reader(world).pods(world.namespace, 'app=replaced');
      return all.length === 2 && all.every((one) => one.uid !== bad.uid && one.readyContainers === 1) ? all : undefined;
    });
    expect(rows.map((one) => one.uid)).toContain(good.uid);
    await act(world, 'pod', of, attempt('c')).evict({ uid: bad.uid });
    expect(await rehearse(world, 'pod', of).rehearse({ uid: bad.uid })).toEqual({ is: 'diff', lines: [] });
    expect(await fenceOf(world, 'pod', of)).toBeNull();
    await world.platform.fence('pod', world.region, of, 'nothing to do', limit());
  });

  test('a disruption budget forbids it, by name', async () => {
    const world = get();
    await world.budget('all-of-them', 'kept', '2');
    const [pod] = await two('kept');
    const of = named(world, pod.name);
    await until(world, 'the budget is counted', async () =>
      (await reader(world).disruptionBudgets(world.namespace)).find(
        (one) => one.name === 'all-of-them' && one.healthy === 2,
      ),
    );
    const said = await rehearse(world, 'pod', of).rehearse({ uid: pod.uid });
    expect(said.is).toBe('refused');
    expect(said.is === 'refused' ? said.because : '').toContain('all-of-them');
    const thrown = await failureOf(act(world, 'pod', of, attempt('a')).evict({ uid: pod.uid }));
    expect(thrown).toMatchObject({ kind: 'refused', maybeDone: false });
    expect(thrown.message).toContain('The disruption budget all-of-them needs 2 healthy pods and has 2 currently');
    expect((await reader(world).pod(of))?.terminating).toBe(false);
    await world.removeBudget('all-of-them');
  });
}

function nodeTests(get: () => World): void {
  async function aNode(): Promise<Node> {
    const all = await reader(get()).nodes();
    const found = all.find((one) => one.ready === 'True' && !one.unschedulable);
    if (found === undefined) throw new Error('no node');
    return found;
  }
  const nodeOf = async (name: string): Promise<Node | undefined> =>
    (await reader(get()).nodes()).find((one) => one.name === name);

  test('cordoned and let on again, under a fence', async () => {
    const world = get();
    const { name, uid } = await aNode();
    const of = { namespace: '', name };
    const when = { uid, unschedulable: false };
    const said = await rehearse(world, 'node', of).rehearse(false, when);
    expect(said.is === 'diff' ? said.lines : []).toContain('+ unschedulable: true');
    const before = await fenceOf(world, 'node', of);
    await act(world, 'node', of, attempt('try-1', { expects: before })).schedulable(false, when);
    try {
      expect(await nodeOf(name)).toMatchObject({ unschedulable: true, uid });
      expect(await fenceOf(world, 'node', of)).toBe('try-1');
      await act(world, 'node', of, attempt('try-2')).schedulable(false, when);
      expect(await fenceOf(world, 'node', of)).toBe('try-1');
      const wrong = await failureOf(act(world, 'node', of, attempt('t')).schedulable(true, when));
      expect(wrong).toMatchObject({ kind: 'conflict', maybeDone: false });
      const another = { uid: '00000000-0000-0000-0000-000000000000', unschedulable: true };
      expect((await failureOf(act(world, 'node', of, attempt('t')).schedulable(true, another))).kind).toBe('conflict');
      await world.platform.fence('node', world.region, of, 'successor', limit());
      const stale = act(world, 'node', of, attempt('t', { expects: 'try-1' }));
      expect((await failureOf(stale.schedulable(true, { uid, unschedulable: true }))).kind).toBe('conflict');
    } finally {
      await act(world, 'node', of, attempt('try-3')).schedulable(true, { uid, unschedulable: true });
    }
    expect(await nodeOf(name)).toMatchObject({ unschedulable: false });
    const nowhere = { namespace: '', name: 'no-such-node' };
    expect((await failureOf(act(world, 'node', nowhere, attempt('t')).schedulable(false, when))).kind).toBe(
      'not found',
    );
  });
}
