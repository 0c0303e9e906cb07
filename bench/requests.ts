import { kubernetesRegions } from '../src/adapters/kubernetes/regions.ts';
import { look } from '../src/engine/look.ts';
import { systemClock } from '../src/engine/parts.ts';
import { SharedReads } from '../src/engine/shared-reads.ts';
import { impactLook } from '../src/core/impact.ts';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { grantBot, botUser } from '../test/peers/bot-rights.ts';
import { startControlPlane, type ControlPlane, type Region } from '../test/peers/control-plane.ts';
import { deployment } from '../test/peers/manifests.ts';
import { whyNot } from '../test/peers/need.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { until } from '../test/peers/until.ts';
import { platformOf } from '../test/ports/real-world.ts';
import type { Figures } from './figures.ts';

const region = 'eu-west-1';
export const namespace = 'ml-platform';
export const name = 'model-server';
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const podsPath = `/api/v1/namespaces/${namespace}/pods`;
const createdAtOnce = 8;

interface ReplicaSet {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { image: string }[] } } };
}

/**
 * What one diagnosis of one region asks a real API server, from its audit log, with 10 and with 1,000 pods of the deployment in the
 * namespace; three of ten cannot pull their image. Further pages of lists are counted by themselves.
 */
export async function requests(): Promise<Figures> {
  const missing = whyNot('control-plane');
  if (missing !== undefined) {
    process.stderr.write(`k8s_requests_10, k8s_requests_1000 ${missing}\n`);
    return {};
  }
  const folder = temporaryFolder('bench-requests');
  const plane = await startControlPlane({ regions: [region], auditLog: true, nodeGraceSeconds: 600 });
  try {
    const cluster = plane.region(region);
    await cluster.createNamespace(namespace);
    const sets = await rolledOut(cluster);
    const kubeconfigPath = await grantBot(plane, folder, ['read.yaml', 'read-cluster.yaml', 'remedy-rollback.yaml']);
    await fill(cluster, sets, 0, 10);
    const ten = await asked(plane, kubeconfigPath);
    await fill(cluster, sets, 10, 1_000);
    const thousand = await asked(plane, kubeconfigPath);
    return {
      k8s_requests_10: ten.requests,
      k8s_requests_1000: thousand.requests,
      k8s_further_pages_10: ten.pages,
      k8s_further_pages_1000: thousand.pages,
    };
  } finally {
    await plane.stop();
    await removeFolder(folder);
  }
}

interface Sets {
  readonly old: ReplicaSet;
  readonly fresh: ReplicaSet;
}

/**
 * The deployment with two revisions, without pods. Then the controllers' clock is stopped: a thousand pods that real controllers make,
 * and kubelets keep alive, would take minutes, and their states would differ from one measurement to the next.
 */
export async function rolledOut(cluster: Region): Promise<Sets> {
  const { admin } = cluster;
  const image = (tag: string): string => `registry.example/ml/model-server:${tag}`;
  await admin.post(deployments, deployment({ name, namespace, image: image('v2.4.0'), replicas: 0 }));
  const all = async (): Promise<readonly ReplicaSet[]> =>
    (await admin.get<{ items: readonly ReplicaSet[] }>(`/apis/apps/v1/namespaces/${namespace}/replicasets`)).items;
  await until('a ReplicaSet', async () => (await all())[0]);
  const spec = { template: { spec: { containers: [{ name: 'serve', image: image('v2.4.1') }] } } };
  await admin.strategic(`${deployments}/${name}`, { spec });
  const sets = await until('two ReplicaSets', async () => {
    const found = await all();
    const of = (tag: string): ReplicaSet | undefined =>
      found.find((one) => one.spec.template.spec.containers[0]?.image === image(tag));
    const [old, fresh] = [of('v2.4.0'), of('v2.4.1')];
    return old === undefined || fresh === undefined ? undefined : { old, fresh };
  });
  cluster.pauseControllers();
  return sets;
}

/** Pods number `from` to `to`, and what the controllers would say about the deployment then. */
export async function fill({ admin }: Region, sets: Sets, from: number, to: number): Promise<void> {
  let next = from;
  const workers = Array.from({ length: createdAtOnce }, async () => {
    for (let at = next++; at < to; at = next++) await makePod(admin, at % 10 < 3 ? sets.fresh : sets.old, at, sets);
  });
  await Promise.all(workers);
  await admin.merge(`${deployments}/${name}`, { spec: { replicas: to } });
  const fresh = to * 0.3;
  const condition = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `ReplicaSet "${sets.fresh.metadata.name}" has timed out progressing.`,
  };
  const counts = { replicas: to, updatedReplicas: fresh, readyReplicas: to - fresh, availableReplicas: to - fresh };
  const status = { ...counts, unavailableReplicas: fresh, observedGeneration: 99, conditions: [condition] };
  await admin.merge(`${deployments}/${name}/status`, { status });
}

async function makePod(admin: Region['admin'], of: ReplicaSet, at: number, { fresh }: Sets): Promise<void> {
  const { uid, labels } = of.metadata;
  const podName = `${of.metadata.name}-${String(at).padStart(5, '0')}`;
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: of.metadata.name, uid, controller: true };
  const [{ image } = { image: '' }] = of.spec.template.spec.containers;
  await admin.post(podsPath, {
    metadata: { name: podName, labels, ownerReferences: [owner] },
    spec: { nodeName: 'node-1', containers: [{ name: 'serve', image }] },
  });
  const now = new Date().toISOString();
  const isReady = of !== fresh;
  const waiting = { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } };
  const state = isReady ? { running: { startedAt: now } } : waiting;
  const condition = { status: isReady ? 'True' : 'False', lastTransitionTime: now };
  const container = { name: 'serve', image, imageID: '', ready: isReady, started: isReady, restartCount: 0, state };
  const conditions = [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: now },
    { ...condition, type: 'Ready' },
  ];
  await admin.merge(`${podsPath}/${podName}/status`, {
    status: { phase: isReady ? 'Running' : 'Pending', conditions, containerStatuses: [container] },
  });
}

/** One diagnosis by a bot that has just started, so that nothing is known from an earlier one. */
async function asked(
  plane: ControlPlane,
  kubeconfigPath: string,
): Promise<{ readonly requests: number; readonly pages: number }> {
  const since = new Date();
  const clusters = kubernetesRegions({ credentials: { kubeconfigPath }, regions: [{ name: region }] });
  try {
    const shared = new SharedReads(platformOf(clusters), systemClock);
    const target = { region, namespace, name };
    const readings = [...impactLook(null, target), ...rolloutStuck.open(target).look];
    const evidence = await look(readings, () => shared.reader(region), systemClock);
    for (const [id, outcome] of Object.entries(evidence)) {
      if (!outcome.known) throw new Error(`${id} could not be read: ${outcome.why}`);
    }
  } finally {
    await Promise.all([...clusters.values()].map((one) => one.close()));
  }
  const seen = plane.requests(region, { user: botUser, since });
  const pages = seen.filter((one) => one.uri.includes('continue=')).length;
  return { requests: seen.length - pages, pages };
}
