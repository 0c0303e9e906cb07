import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import { ago, at, container, nodeUse, registry, revision, template } from '../playbooks/objects.ts';
import { scaler } from '../playbooks/world-cpu.ts';
import { healthy, readerOf } from '../playbooks/world.ts';
import type { World } from '../playbooks/world.ts';
import { planned } from './remedies.ts';
import type { Wish } from './remedies.ts';

/** Each change of a deployment against each thing that would refuse or strand its new pods: asked before anybody is. */

const old = template({ containers: [container({ image: `${registry}/model-server:v2.3.0` })] });
const present = template({
  containers: [container({ limits: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' } })],
});

function roomy(over: Partial<Deployment> = {}): World {
  const world = healthy();
  const now = revision(16, present, { replicas: { wanted: 12, ready: 12, available: 12 } });
  const pods = world.pods.map(({ row, pod }) => ({ row: { ...row, ownerUid: now.uid, hash: now.hash }, pod }));
  if (world.deployment === null) throw new Error('no such world');
  const { templateDigest } = now;
  return {
    ...world,
    deployment: { ...world.deployment, template: present, templateDigest, ...over },
    revisions: [revision(15, old, { createdAt: ago(60 * 24 * 30) }), now],
    pods,
    nodeUse: [1, 2].map((number) =>
      nodeUse(number, { requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '2' } }),
    ),
    variables: { MODEL_VERSION: 'v3', BATCH_SIZE: '8', OMP_NUM_THREADS: '4' },
  };
}

const wishes = {
  restart: {},
  rollback: { to: null },
  scale: { replicas: 14 },
  'set-cpu': { limit: '6' },
  'set-memory': { limit: '20Gi' },
  'set-model-version': { value: 'v2' },
  'set-batch-size': { value: '4' },
  'set-threads': { value: '2' },
  'replace-pod': { pod: '' },
  'autoscaler-bounds': { max: 16 },
} as const;
type Remedy = keyof typeof wishes;
const all = Object.keys(wishes) as Remedy[];

async function said(remedy: Remedy, made: World): Promise<string> {
  const world = remedy === 'autoscaler-bounds' ? { ...made, autoscaler: scaler({ min: 6, max: 12 }) } : made;
  const details = remedy === 'replace-pod' ? { pod: world.pods[0]?.row.name ?? '' } : wishes[remedy];
  const wish: Wish = { remedy, details };
  const plan = await planned(readerOf(world), wish, at);
  return 'no' in plan ? plan.no : 'planned';
}

test.each(all)('%s: planned where nothing speaks against it', async (remedy) => {
  expect(await said(remedy, roomy())).toBe('planned');
});

describe('Pod Security of the namespace', () => {
  const refuses = (why: readonly string[]): World => {
    const world = roomy();
    const says = Object.fromEntries(world.revisions.map((one) => [one.templateDigest, [...why]]));
    const podSecurity = { level: 'restricted', version: 'latest' } as const;
    return {
      ...world,
      namespace: { name: 'ml-platform', phase: 'Active', terminatingSince: null, waitsFor: [], podSecurity },
      podSecurity: { isNewer: false, refuses: says },
    };
  };
  const why = 'container server may run as root (runAsNonRoot is not true)';
  test.each(all)('%s', async (remedy) => {
    expect(await said(remedy, refuses([why]))).toContain(
      `Pod Security of namespace ml-platform (restricted, latest) would refuse its new pods: ${why}`,
    );
    expect(await said(remedy, refuses([]))).toBe('planned');
  });

  test('only the version that is gone back to counts for a rollback', async () => {
    const world = refuses([why]);
    const before = world.revisions[0]?.templateDigest ?? '';
    const says = { isNewer: false, refuses: { ...world.podSecurity?.refuses, [before]: [] } };
    expect(await said('rollback', { ...world, podSecurity: says })).toBe('planned');
  });
});

test.each(all)('%s: in a namespace that is being deleted', async (remedy) => {
  const phase = { phase: 'Terminating', terminatingSince: at, waitsFor: [] } as const;
  const world = { ...roomy(), namespace: { name: 'ml-platform', ...phase, podSecurity: null } };
  expect(await said(remedy, world)).toContain('namespace ml-platform is being deleted since');
});

describe('no node can hold one more, the extra pod of a rollout included', () => {
  const tight = {
    type: 'RollingUpdate',
    maxSurge: '1',
    maxUnavailable: '0',
    surgePods: 1,
    unavailablePods: 0,
  } as const;
  const full = (): World => ({
    ...roomy({ strategy: tight }),
    nodeUse: [1, 2].map((number) =>
      nodeUse(number, { requested: { cpu: '30', memory: '120Gi', 'nvidia.com/gpu': '4' } }),
    ),
  });
  const more = new Set<Remedy>(['scale', 'autoscaler-bounds']);
  test.each(all.filter((one) => one !== 'replace-pod'))('%s', async (remedy) => {
    expect(await said(remedy, full())).toMatch(
      more.has(remedy) ? /^no node has room for one more pod now: / : /^it would hang: no pod may be missing/,
    );
  });
  test('a pod that is replaced leaves its own room', async () => {
    expect(await said('replace-pod', full())).toBe('planned');
  });
});

describe('a quota that has no place for the extra pod', () => {
  const tight = {
    type: 'RollingUpdate',
    maxSurge: '1',
    maxUnavailable: '0',
    surgePods: 1,
    unavailablePods: 0,
  } as const;
  const at12: World['quotas'] = [{ name: 'team', hard: { pods: '12' }, used: { pods: '12' } }];
  test.each(all.filter((one) => one !== 'replace-pod'))('%s', async (remedy) => {
    expect(await said(remedy, { ...roomy({ strategy: tight }), quotas: at12 })).toMatch(
      /quota team would refuse (?:it|them): pods 12 of 12 taken, \d more pods? asks? for \d/,
    );
  });
});

describe('somebody else is changing it', () => {
  const counts = { wanted: 12, total: 14, updated: 4, ready: 12, available: 12, unavailable: 2 };
  const moving = (): World => roomy({ replicas: counts });
  // Going back is the way out of a rollout; more pods, or one pod anew, do not mix with it.
  const mixes = new Set<Remedy>([
    'restart',
    'set-cpu',
    'set-memory',
    'set-model-version',
    'set-batch-size',
    'set-threads',
  ]);
  test.each(all)('%s', async (remedy) => {
    const expected = mixes.has(remedy) ? /a rollout is going on/ : /^planned$/;
    expect(await said(remedy, moving())).toMatch(expected);
  });
});

test.each(all.filter((one) => one !== 'replace-pod'))('%s: paused', async (remedy) => {
  expect(await said(remedy, roomy({ paused: true }))).toMatch(/^it is paused: /);
});

test('a disruption budget that lets no pod go', async () => {
  const budget = { name: 'all-of-them', selector: 'app=model-server', allowed: 0, healthy: 12, wanted: 12 };
  expect(await said('replace-pod', { ...roomy(), budgets: [budget] })).toBe(
    'disruption budget all-of-them lets no pod go now',
  );
  expect(await said('restart', { ...roomy(), budgets: [budget] })).toBe('planned');
});
