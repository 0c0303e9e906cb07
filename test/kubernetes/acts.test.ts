import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deployment, KubernetesRead, Rehearsal } from '../../src/core/ports/kubernetes.ts';
import type { ActOn, Kind } from '../../src/core/ports/platform.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
import { grant } from '../ports/deploy-roles.ts';
import { aroundVerbs, scaledObjects } from '../ports/real-around.ts';
import { changed } from './changed.ts';
import { attempt, Cluster, deployments, failure, limit, namespace, of, seen } from './cluster.ts';

/**
 * Each remedy with its own role of deploy/ and no other: it is refused without it, works with it, and what it changed in the object is
 * exactly what it says, and the fence.
 */

const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** One remedy as it is used. `K` ties target, expectation and verb together. */
interface Case {
  readonly remedy: string;
  /** The right in words, for the refusal. */
  readonly right: string;
  /** Path of the object whose fields are compared. */
  readonly path: string;
  /** Fields that differ afterwards, beside the fence and what the server keeps for itself. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** What may differ in any way. */
  readonly open?: RegExp;
  prepare(cluster: Cluster): Promise<void>;
  rehearse(cluster: Cluster): Promise<Rehearsal>;
  act(cluster: Cluster, fence: string): Promise<void>;
}

const fixer = (cluster: Cluster): ReturnType<Cluster['as']> => cluster.as('fixer');
const admin = (cluster: Cluster): KubernetesRead => cluster.as('admin').read(limit());

function on<K extends Kind>(
  cluster: Cluster,
  kind: K,
  target: ActOn[K]['target'],
): { readonly act: (fence: string) => ActOn[K]['act']; readonly rehearse: ActOn[K]['rehearse'] } {
  return {
    act: (fence) => fixer(cluster).act(kind, target, attempt(fence), limit()),
    rehearse: fixer(cluster).rehearse(kind, target, limit()),
  };
}

async function deploymentNow(cluster: Cluster, name: string): Promise<Deployment> {
  const found = await admin(cluster).deployment(of(name));
  if (found === null) throw new Error(`no deployment ${name}`);
  return found;
}

const container = (name: string, env: object[], resources: object): object => ({
  name,
  image: `registry.test/${name}:v1`,
  env,
  resources,
});

/** Two containers, secrets, annotations of others: everything that must stay. */
async function rich(cluster: Cluster, name: string): Promise<void> {
  await cluster.deployed(name, {
    env: [
      { name: 'MODEL_VERSION', value: '7' },
      { name: 'API_PASSWORD', value: 'hunter2' },
    ],
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  });
  const sidecar = container('proxy', [{ name: 'MODEL_VERSION', value: 'not ours' }], { limits: { memory: '32Mi' } });
  await cluster.region.admin.strategic(`${deployments}/${name}`, {
    metadata: { annotations: { 'team/contact': 'ml' }, labels: { tier: 'gpu' } },
    spec: { template: { spec: { containers: [sidecar] } } },
  });
  await cluster.settled(name);
}

function ofDeployment(
  remedy: string,
  to: (cluster: Cluster, name: string) => Promise<Parameters<ActOn['deployment']['act']['change']>[0]>,
  changes: Case['changes'],
  open = /^$/,
): Case {
  const name = `by-${remedy}`;
  return {
    remedy,
    right: `patch deployments.apps in namespace ${namespace}`,
    path: `${deployments}/${name}`,
    changes,
    open,
    prepare: (cluster) => rich(cluster, name),
    rehearse: async (cluster) => {
      const now = await deploymentNow(cluster, name);
      return on(cluster, 'deployment', of(name)).rehearse.rehearse(await to(cluster, name), seen(now));
    },
    act: async (cluster, fence) => {
      const now = await deploymentNow(cluster, name);
      await on(cluster, 'deployment', of(name))
        .act(fence)
        .change(await to(cluster, name), seen(now));
    },
  };
}

/** A strategic merge puts the sidecar before it. */
const first = '/spec/template/spec/containers/1';
const cases: readonly Case[] = [
  ofDeployment(
    'rollback',
    async (cluster, name) => {
      const [old] = await admin(cluster).revisions(of(name));
      return { template: { replicaSet: old?.uid ?? '', digest: old?.templateDigest ?? '' } };
    },
    {},
    /^\/spec\/template\//, // compared by its digest in real.test.ts
  ),
  ofDeployment('resume', async () => ({ paused: true }), { '/spec/paused': true }),
  ofDeployment('restart', async () => ({ restartedAt: '2026-01-01T00:00:00Z' }), {
    '/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt': '2026-01-01T00:00:00Z',
  }),
  ofDeployment('scale', async () => ({ replicas: 3 }), { '/spec/replicas': 3 }),
  ofDeployment('set-env', async () => ({ env: { container: 'serve', set: { MODEL_VERSION: '6' } } }), {
    [`${first}/env/0/value`]: '6',
  }),
  ofDeployment(
    'set-resources',
    async () => ({ resources: { container: 'serve', requests: {}, limits: { memory: '256Mi', cpu: '2000m' } } }),
    { [`${first}/resources/limits/memory`]: '256Mi', [`${first}/resources/limits/cpu`]: '2' },
  ),
  {
    remedy: 'autoscaler-bounds',
    right: `patch horizontalpodautoscalers.autoscaling in namespace ${namespace}`,
    path: `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/bound`,
    changes: { '/spec/maxReplicas': 9 },
    prepare: async (cluster) => {
      await cluster.region.admin.post(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`, {
        metadata: { name: 'bound', labels: { tier: 'gpu' } },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' },
          maxReplicas: 6,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
          ],
          behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
        },
      });
    },
    rehearse: async (cluster) =>
      on(cluster, 'autoscaler', of('bound')).rehearse.rehearse({ min: 1, max: 9 }, await boundsNow(cluster)),
    act: async (cluster, fence) =>
      on(cluster, 'autoscaler', of('bound'))
        .act(fence)
        .change({ min: 1, max: 9 }, await boundsNow(cluster)),
  },
  {
    remedy: 'scaled-object-bounds',
    right: `patch scaledobjects.keda.sh in namespace ${namespace}`,
    path: `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects/queued`,
    changes: { '/spec/maxReplicaCount': 30 },
    prepare: (cluster) => aroundVerbs(cluster.region, namespace, 'x').scaledObject('queued', 'nobody', 0, 20),
    rehearse: async (cluster) =>
      on(cluster, 'scaled object', of('queued')).rehearse.rehearse(
        { min: 0, max: 30 },
        { uid: await uidOf(cluster), min: 0, max: 20 },
      ),
    act: async (cluster, fence) =>
      on(cluster, 'scaled object', of('queued'))
        .act(fence)
        .change({ min: 0, max: 30 }, { uid: await uidOf(cluster), min: 0, max: 20 }),
  },
  {
    remedy: 'cordon',
    right: 'patch nodes in all namespaces',
    path: '/api/v1/nodes/node-1',
    changes: { '/spec/unschedulable': true },
    open: /^\/spec\/taints\//, // the node controller's
    prepare: () => Promise.resolve(),
    rehearse: async (cluster) =>
      on(cluster, 'node', { namespace: '', name: 'node-1' }).rehearse.rehearse(false, await nodeNow(cluster)),
    act: async (cluster, fence) =>
      on(cluster, 'node', { namespace: '', name: 'node-1' })
        .act(fence)
        .schedulable(false, await nodeNow(cluster)),
  },
];

async function boundsNow(cluster: Cluster): Promise<{ uid: string; min: number; max: number }> {
  const found = await admin(cluster).autoscaler(of('nobody'));
  if (found === null) throw new Error('no autoscaler');
  return { uid: found.uid, min: found.min, max: found.max };
}

async function uidOf(cluster: Cluster): Promise<string> {
  const all = await admin(cluster).custom('ScaledObject', namespace);
  return all?.find((one) => one.name === 'queued')?.uid ?? '';
}

async function nodeNow(cluster: Cluster): Promise<{ uid: string; unschedulable: boolean }> {
  const found = (await admin(cluster).nodes()).find((one) => one.name === 'node-1');
  if (found === undefined) throw new Error('no node');
  return { uid: found.uid, unschedulable: found.unschedulable };
}

need('control-plane')('each remedy with its own role', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await scaledObjects(cluster.region);
    await grant(cluster.region, ['read.yaml', 'read-cluster.yaml'], 'fixer', namespace);
  }, 120_000);
  afterAll(() => cluster.stop());

  async function withRole(remedy: string, run: () => Promise<void>): Promise<void> {
    await grant(cluster.region, [`remedy-${remedy}.yaml`], 'fixer', namespace);
    try {
      await run();
    } finally {
      const binding = `mlp-bot-remedy-${remedy}-fixer`;
      const where = remedy === 'cordon' ? 'clusterrolebindings' : `namespaces/${namespace}/rolebindings`;
      await cluster.region.admin.delete(`${rbac}/${where}/${binding}`);
    }
  }

  test.each(cases.map((one) => [one.remedy, one] as const))('%s', async (_, one) => {
    await one.prepare(cluster);
    // The binding of the case before may be known to the authorizer a moment longer.
    const said = await until('it is refused without its role', async () => {
      const now = await one.rehearse(cluster);
      return now.is === 'refused' ? now : undefined;
    });
    expect(said.because).toContain(`the bot lacks the right "${one.right}"`);
    expect(await failure(one.act(cluster, 'never'))).toMatchObject({ kind: 'forbidden', maybeDone: false });

    await withRole(one.remedy, async () => {
      const before = await cluster.region.admin.get<object>(one.path);
      await until('its rehearsal works with its role', async () => {
        const now = await one.rehearse(cluster);
        return now.is === 'diff' && now.lines.length > 0 ? now : undefined;
      });
      expect(changed(before, await cluster.region.admin.get<object>(one.path))).toEqual({});
      await one.act(cluster, 'try-1');
      const after = await cluster.region.admin.get<{ metadata: { annotations: Record<string, string> } }>(one.path);
      expect(after.metadata.annotations['mlp-bot/fence']).toBe('try-1');
      const managers = (after as { metadata: { managedFields?: { manager: string }[] } }).metadata.managedFields ?? [];
      expect(managers.map((each) => each.manager)).toContain('mlp-bot');
      const differs = Object.entries(changed(before, after)).filter(([path]) => one.open?.test(path) !== true);
      expect(Object.fromEntries(differs)).toEqual(one.changes);
    });
  });

  describe('replace-pod', () => {
    test('refused without its role; with it one pod goes, and nothing is deleted by its name', async () => {
      await cluster.region.admin.merge('/api/v1/nodes/node-1', { spec: { unschedulable: null } });
      await cluster.deployed('replaceable');
      const [row] = await admin(cluster).pods(namespace, 'app=replaceable');
      const { name = '', uid = '' } = row ?? {};
      const { act, rehearse } = on(cluster, 'pod', of(name));
      const said = await rehearse.rehearse({ uid });
      expect(said).toMatchObject({ is: 'refused' });
      expect(said.is === 'refused' ? said.because : '').toContain(
        `the bot lacks the right "create pods/eviction in namespace ${namespace}"`,
      );
      expect((await failure(act('never').evict({ uid }))).kind).toBe('forbidden');
      const since = new Date();
      await withRole('replace-pod', async () => {
        await until('it is allowed', async () => ((await rehearse.rehearse({ uid })).is === 'diff' ? true : undefined));
        await act('try-1').evict({ uid });
      });
      expect(
        await until('another pod is there', async () => {
          const [now] = await admin(cluster).pods(namespace, 'app=replaceable');
          return now !== undefined && now.uid !== uid && now.readyContainers === 1 ? now.uid : undefined;
        }),
      ).not.toBe(uid);
      const writes = cluster.plane
        .requests('eu-west-1', { user: 'fixer', since })
        .filter((one) => !['get', 'list'].includes(one.verb) && one.status < 300 && !one.uri.includes('dryRun'));
      expect(writes.map((one) => `${one.verb} ${one.uri}`)).toEqual([
        `create /api/v1/namespaces/${namespace}/pods/${name}/eviction`,
      ]);
    });
  });
});
