import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeNode } from '../../playbooks/change-node/playbook.ts';
import { change } from '../../playbooks/change/playbook.ts';
import { rolloutStuck } from '../../playbooks/rollout-stuck/playbook.ts';
import type { Playbook, Proposed } from '../../src/core/contract.ts';
import type { Offer } from '../../src/core/diagnosis.ts';
import type { Json } from '../../src/core/json.ts';
import { diffOf } from '../../src/core/render/diff.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
import { look, replay } from '../playbooks/replay.ts';
import { aroundVerbs, scaledObjects } from '../ports/real-around.ts';
import { noConfig, noMetrics } from '../ports/without.ts';
import { changed } from './changed.ts';
import { attempt, Cluster, deployments, limit, name as region, namespace, of } from './cluster.ts';

/**
 * Each remedy from its plan to the written object, on a real API server: the plan is made from real readings, its preview and the server's dry run
 * tell the same once, and in the object nothing changes but what the preview says, and the fence.
 */

interface Case {
  readonly playbook: Playbook;
  readonly remedy: string;
  readonly details: Json;
  /** The lines of its card that are a diff. */
  readonly card: readonly string[];
  /** Where what is changed stands. */
  readonly path: (at: string) => string;
  /** By the end of a path: what it becomes. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** What may change in any way beside that: the whole template of a rollback, or what a controller makes of it. */
  readonly open?: RegExp;
  readonly prepare?: (cluster: Cluster, at: string) => Promise<unknown>;
  readonly target?: Json;
}

const deployment = (at: string): string => `${deployments}/${at}`;
const hpas = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
const scaled = `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects`;
const node = (): string => '/api/v1/nodes/node-1';
const FENCE = '+ annotation mlp-bot/fence: a new value with each attempt';

const pause = (cluster: Cluster, at: string): Promise<unknown> =>
  cluster.region.admin.merge(deployment(at), { spec: { paused: true } });
const autoscaler = (cluster: Cluster, at: string, more: object = {}): Promise<unknown> =>
  cluster.region.admin.post(hpas, {
    metadata: { name: at, labels: { tier: 'gpu' }, ...more },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: at },
      maxReplicas: 6,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
    },
  });

const variable = (remedy: string, name: string, from: string, to: string, index: number): Case => ({
  playbook: change,
  remedy,
  details: { value: to },
  card: [`- variable ${name}: ${from}`, `+ variable ${name}: ${to}`, FENCE],
  path: deployment,
  changes: { [`/env/${index}/value`]: to },
});
const resource = (remedy: string, name: string, from: string, to: string): Case => ({
  playbook: change,
  remedy,
  details: { limit: to },
  card: [`- limits ${name}: ${from}`, `+ limits ${name}: ${to}`, FENCE],
  path: deployment,
  changes: { [`/resources/limits/${name.replaceAll('/', '~1')}`]: to },
});

const cases: readonly Case[] = [
  {
    playbook: change,
    remedy: 'restart',
    details: {},
    card: [
      expect.stringMatching(/^\+ annotation kubectl\.kubernetes\.io\/restartedAt: 20/) as string,
      `${FENCE} (on the deployment)`,
    ],
    path: deployment,
    changes: { '/annotations/kubectl.kubernetes.io~1restartedAt': expect.stringMatching(/^20/) as string },
  },
  {
    playbook: change,
    remedy: 'rollback',
    details: { to: 1 },
    card: [
      '- image of serve: registry.test/app:v2',
      '+ image of serve: registry.test/app:v1',
      '- variable MODEL_VERSION of serve: v2',
      '+ variable MODEL_VERSION of serve: v1',
      '- container: proxy (registry.test/proxy:v1)',
      FENCE,
      "what else the server's dry run says it changes:",
      // Which of the other variables: its value is nobody's business.
      '- env API_PASSWORD of serve: (value not shown)',
      '+ env API_PASSWORD of serve: (another value not shown)',
    ],
    path: deployment,
    changes: { '/image': 'registry.test/app:v1', '/env/0/value': 'v1', '/env/1/value': 'hunter1' },
    open: /^\/spec\/template\/spec\/containers\/1\//, // the container that v1 did not have
  },
  {
    playbook: rolloutStuck,
    remedy: 'resume',
    details: null,
    card: ['- paused: true', '+ paused: false', FENCE],
    path: deployment,
    changes: { '/spec/paused': undefined },
    prepare: pause,
  },
  {
    playbook: change,
    remedy: 'scale',
    details: { replicas: 3 },
    card: ['- replicas: 1', '+ replicas: 3', FENCE],
    path: deployment,
    changes: { '/spec/replicas': 3 },
  },
  resource('set-cpu', 'cpu', '1', '2'),
  resource('set-memory', 'memory', '128Mi', '256Mi'),
  {
    ...resource('set-gpu', 'nvidia.com/gpu', '1', '2'),
    card: [
      '- limits nvidia.com/gpu: 1',
      '+ limits nvidia.com/gpu: 2',
      '- requests nvidia.com/gpu: 1',
      '+ requests nvidia.com/gpu: 2',
      FENCE,
    ],
    changes: { '/resources/limits/nvidia.com~1gpu': '2', '/resources/requests/nvidia.com~1gpu': '2' },
  },
  variable('set-model-version', 'MODEL_VERSION', 'v2', 'v3', 0),
  variable('set-batch-size', 'BATCH_SIZE', '8', '4', 2),
  variable('set-threads', 'OMP_NUM_THREADS', '32', '2', 3),
  {
    playbook: change,
    remedy: 'autoscaler-bounds',
    details: { min: 2, max: 9 },
    card: ['- min: 1', '+ min: 2', '- max: 6', '+ max: 9', FENCE],
    path: (at) => `${hpas}/${at}`,
    changes: { '/spec/minReplicas': 2, '/spec/maxReplicas': 9 },
    prepare: autoscaler,
  },
  {
    playbook: change,
    remedy: 'scaled-object-bounds',
    details: { min: 1, max: 30 },
    card: ['- min: 0', '+ min: 1', '- max: 20', '+ max: 30', FENCE],
    path: (at) => `${scaled}/${at}`,
    changes: { '/spec/minReplicaCount': 1, '/spec/maxReplicaCount': 30 },
    prepare: async (cluster, at) => {
      await aroundVerbs(cluster.region, namespace, 'x').scaledObject(at, at, 0, 20);
      const { metadata } = await cluster.region.admin.get<{ metadata: { uid: string } }>(`${scaled}/${at}`);
      const owner = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: at, uid: metadata.uid };
      await autoscaler(cluster, at, { ownerReferences: [{ ...owner, controller: true }] });
    },
  },
  {
    playbook: change,
    remedy: 'replace-pod',
    details: null,
    card: [expect.stringMatching(/^- pod with-replace-pod-\S+ on node-\d$/) as string],
    path: deployment,
    changes: {},
    prepare: async (cluster, at) => {
      await cluster.region.admin.merge(deployment(at), { spec: { replicas: 2 } });
      await until('both serve', async () => {
        const now = await cluster.as('admin').read(limit()).deployment(of(at));
        return now?.replicas.available === 2 ? now : undefined;
      });
    },
  },
  {
    playbook: changeNode,
    remedy: 'cordon',
    details: {},
    target: { region, namespace: '', name: 'node-1' },
    card: ['- unschedulable: false', '+ unschedulable: true', FENCE],
    path: node,
    changes: { '/spec/unschedulable': true },
    open: /^\/spec\/taints\//, // the node controller's
  },
  {
    playbook: changeNode,
    remedy: 'uncordon',
    details: {},
    target: { region, namespace: '', name: 'node-1' },
    card: ['- unschedulable: true', '+ unschedulable: false', FENCE],
    path: node,
    changes: { '/spec/unschedulable': undefined },
    open: /^\/spec\/taints\//,
  },
];

/** How far it reaches stands there in words, which are no part of the object. */
const isDiff = /^[-+] |^what else the server/;

/** Two containers, secrets, annotations of others: everything that must stay. */
async function rich(cluster: Cluster, at: string): Promise<void> {
  const plain = (all: Readonly<Record<string, string>>): object[] =>
    Object.entries(all).map(([key, value]) => ({ name: key, value }));
  const env = (version: string, password: string): object[] =>
    plain({ MODEL_VERSION: version, API_PASSWORD: password, BATCH_SIZE: '8', OMP_NUM_THREADS: '32' });
  const amounts = { cpu: '100m', memory: '64Mi', 'nvidia.com/gpu': '1' };
  await cluster.deployed(at, {
    env: env('v1', 'hunter1'),
    resources: { requests: amounts, limits: { ...amounts, cpu: '1', memory: '128Mi' } },
  });
  const sidecar = {
    name: 'proxy',
    image: 'registry.test/proxy:v1',
    env: [{ name: 'MODEL_VERSION', value: 'not ours' }],
    resources: { limits: { memory: '32Mi' } },
  };
  const template = (image: string, version: string, password: string): object => ({
    spec: { template: { spec: { containers: [{ name: 'serve', image, env: env(version, password) }, sidecar] } } },
  });
  await cluster.region.admin.strategic(deployment(at), {
    metadata: { annotations: { 'team/contact': 'ml' }, labels: { tier: 'gpu' } },
  });
  await cluster.region.admin.strategic(deployment(at), template('registry.test/app:v2', 'v2', 'hunter2'));
  await until(`only the newest pod of ${at} is left`, async () => {
    const { total, updated, available } = (await cluster.settled(at)).replicas;
    const now = await cluster.as('admin').read(limit()).deployment(of(at));
    const done = now?.conditions.some((one) => one.reason === 'NewReplicaSetAvailable') === true;
    return done && total === 1 && updated === 1 && available === 1 ? now : undefined;
  });
}

need('control-plane')('from plan to object', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({ gpus: 64, nodes: 2 });
    await scaledObjects(cluster.region);
  }, 120_000);
  afterAll(() => cluster.stop());

  const reader = (): Read => ({
    kubernetes: cluster.as('admin').read(limit()),
    metrics: noMetrics(),
    service: () => ({ ...noConfig(), shards: true }),
  });

  async function planned(one: Case, at: string): Promise<{ proposed: Proposed; offer: Offer }> {
    const target = one.target ?? { region, namespace, name: at };
    const details = one.remedy === 'replace-pod' ? await podOf(at) : one.details;
    const opened = one.playbook.open(target);
    const readings = await look(opened, reader());
    const asked = { remedy: one.remedy, details };
    const moment = new Date().toISOString();
    const said = replay(one.playbook, { about: '', target, at: moment, asked, readings });
    const [offer] = said.offers;
    if (offer === undefined) throw new Error(`${one.remedy}: ${JSON.stringify(said.notOffered)}`);
    const remedy = opened.remedies.find((each) => each.id === one.remedy);
    if (remedy === undefined) throw new Error(`there is no ${one.remedy}`);
    return { proposed: remedy.open(offer.plan), offer };
  }

  const rehearse = (proposed: Proposed, now: unknown): ReturnType<Proposed['rehearse']> =>
    proposed.rehearse(cluster.as('admin').rehearse(proposed.kind, proposed.target, limit()), now);

  async function podOf(at: string): Promise<Json> {
    const [row] = await cluster.as('admin').read(limit()).pods(namespace, `app=${at}`);
    return { pod: row?.name ?? '' };
  }

  test.each(cases.map((one) => [one.remedy, one] as const))('%s', async (remedy, one) => {
    const at = `with-${remedy}`;
    if (one.target === undefined) await rich(cluster, at);
    await one.prepare?.(cluster, at);
    const { proposed, offer } = await planned(one, at);
    const now = await proposed.observe(reader());
    expect(proposed.fits(now)).toEqual({ is: 'yes' });

    const rehearsed = await rehearse(proposed, now);
    if (rehearsed.is !== 'diff') throw new Error(`${remedy}: ${rehearsed.is}: ${rehearsed.because}`);
    const card = diffOf({ offer, rehearsal: rehearsed.lines }).filter((line) => isDiff.test(line));
    expect(card).toEqual(one.card);

    const before = await cluster.region.admin.get<object>(one.path(at));
    await proposed.execute(cluster.as('admin').act(proposed.kind, proposed.target, attempt('try-1'), limit()));
    const after = await cluster.region.admin.get<object>(one.path(at));
    const differs = Object.entries(changed(before, after)).filter(([path]) => one.open?.test(path) !== true);
    const endOf = (path: string): string => Object.keys(one.changes).find((end) => path.endsWith(end)) ?? path;
    expect(Object.fromEntries(differs.map(([path, value]) => [endOf(path), value]))).toEqual(one.changes);
    expect(differs).toHaveLength(Object.keys(one.changes).length);
    expect(proposed.holds(await proposed.observe(reader()))).toBe(true);
  });
});
