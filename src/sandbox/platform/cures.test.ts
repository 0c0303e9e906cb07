import { expect, test } from 'vitest';
import { firingAt } from './alerts.ts';
import { inject } from './control.ts';
import { faults } from './faults/catalogue.ts';
import type { Fault } from './faults/fault.ts';
import { theModel } from './faults/fault.ts';
import { SimulatedPlatform } from './platform.ts';
import { minutes, type Cluster } from './state.ts';

/** What a fault is said to be cured by ends it, written through the port's own methods as the bot writes. */
const region = 'eu-west-1';
const of = { namespace: 'ml-platform', name: 'model-server' };

class World {
  readonly platform = new SimulatedPlatform({
    clock: { nowMs: () => Date.parse('2026-03-14T02:42:00Z') },
    seed: 'test',
  });

  cluster(): Cluster {
    return this.platform.region(region).at(this.platform.now());
  }

  call(method: string, params: object): Promise<unknown> {
    return this.platform.call(method, region, params, AbortSignal.timeout(5000));
  }

  async change(to: object): Promise<void> {
    const seen = (await this.call('deployment.see', { of })) as { resourceVersion: string };
    await this.call('deployment.write', { of, to, fence: 'f', resourceVersion: seen.resourceVersion });
  }

  async bounds(word: 'autoscaler' | 'scaledObject', name: string, to: object): Promise<void> {
    const target = { namespace: of.namespace, name };
    const seen = (await this.call(`${word}.see`, { of: target })) as { resourceVersion: string };
    await this.call(`${word}.write`, { of: target, to, fence: 'f', resourceVersion: seen.resourceVersion });
  }

  firing(): readonly string[] {
    return firingAt(this.cluster(), this.platform.now()).map((one) => one.labels['alertname'] ?? '');
  }
}

/** The variable that a fault hangs on, and a value that is fine; any other variable restarts the pods. */
function variableOf(cluster: Cluster, id: string): Readonly<Record<string, string>> {
  const tied = cluster.effects.find((one) => one.fault === id && one.where.variable !== undefined)?.where.variable;
  if (tied === undefined) return { PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True' };
  return { [tied.name]: { BATCH_SIZE: '4', OMP_NUM_THREADS: '4', MODEL_VERSION: 'v1.0.0' }[tied.name] ?? '' };
}

/** Each pod on the effects' nodes, or with their uids, leaves; its node is cordoned first where the node is the cause. */
async function replace(world: World, id: string, cordon: boolean): Promise<void> {
  const wheres = world.cluster().effects.filter((one) => one.fault === id);
  const nodes = wheres.flatMap(({ where }) => where.node ?? []);
  const uids = new Set(wheres.flatMap(({ where }) => where.uids ?? []));
  for (const name of cordon ? new Set(nodes) : []) {
    const seen = (await world.call('node.see', { of: { name } })) as { resourceVersion: string };
    const write = { of: { name }, to: { schedulable: false }, fence: 'f', resourceVersion: seen.resourceVersion };
    await world.call('node.write', write);
  }
  const { pods } = world.cluster();
  for (const pod of pods) {
    if (pod.workload !== of.name || !(nodes.includes(pod.node) || uids.has(pod.uid))) continue;
    await world.call('pod.evict', { of: { ...of, name: pod.name }, uid: pod.uid });
    world.platform.advance(minutes(2));
  }
}

async function cure(world: World, { id, cures = [] }: Fault, by: string): Promise<void> {
  const container = of.name;
  switch (by) {
    case 'restart':
      return world.change({ restartedAt: '2026-03-14T02:42:00Z' });
    case 'set-env':
      return world.change({ env: { container, set: variableOf(world.cluster(), id) } });
    case 'set-resources':
      return world.change({ resources: { container, requests: {}, limits: { cpu: null, memory: '32Gi' } } });
    case 'scale':
      if (id === 'growth-no-hpa') return world.change({ replicas: 16 });
      return world.bounds('autoscaler', of.name, { min: 16, max: 24 });
    case 'bounds':
      if (id.startsWith('keda')) return world.bounds('scaledObject', 'api-gateway', { min: 6, max: 9 });
      return world.bounds('autoscaler', of.name, { min: 16, max: 24 });
    case 'replace-pod':
      return replace(world, id, cures.includes('cordon'));
    default:
      throw new Error(`no way to do ${by}`);
  }
}

/** A leak goes on after these: they give time, the trend is there again. */
const onlyGivesTime = (fault: Fault, by: string): boolean =>
  (by === 'set-resources' || by === 'restart') &&
  (fault.id.startsWith('leak-since') || fault.id.startsWith('leak-with') || fault.id === 'oom-under-load');

const cases = faults.flatMap((fault) =>
  (fault.cures ?? [])
    .filter((by) => by !== 'rollback' && by !== 'cordon' && !onlyGivesTime(fault, by))
    .map((by) => ({ fault, id: fault.id, by })),
);

test.each(cases)('$id is cured by $by', async ({ fault, by }) => {
  const world = new World();
  inject(world.platform, fault.id, region);
  expect(world.firing()).toContain(fault.alert);
  await cure(world, fault, by);
  world.platform.advance(minutes(20));
  // Inputs stay as long as they are: only the memory for them is there again.
  expect(world.firing()).toEqual(fault.id === 'cuda-oom-sequence' ? ['Watchdog', 'HighLatencyP95'] : ['Watchdog']);
  expect(theModel(world.cluster()).fence === 'f').toBe(
    by === 'restart' || by.startsWith('set') || fault.id === 'growth-no-hpa',
  );
});

test('a disruption budget keeps a pod where it is, by its name', async () => {
  const world = new World();
  inject(world.platform, 'image-missing', region);
  const pod = world.cluster().pods.find((one) => one.workload === of.name && one.readySince !== null);
  if (pod === undefined) throw new Error('no pod is ready');
  const evicting = world.call('pod.evict', { of: { ...of, name: pod.name }, uid: pod.uid });
  await expect(evicting).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining(
      'The disruption budget model-server needs 9 healthy pods and has 9 currently',
    ) as string,
  });
  // Pods that are not ready are nobody's loss.
  const broken = world.cluster().pods.find((one) => one.workload === of.name && one.readySince === null);
  await world.call('pod.evict', { of: { ...of, name: broken?.name ?? '' }, uid: broken?.uid ?? '' });
  expect(broken?.deletedAt).not.toBeNull();
});
