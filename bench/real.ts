import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { clustersOf, kubernetesRegions, type KubernetesRegion } from '../src/adapters/kubernetes/regions.ts';
import { prometheus as prometheusOf } from '../src/adapters/prometheus/prometheus.ts';
import type { Platform, ServiceFacts } from '../src/core/ports/platform.ts';
import { grantBot } from '../test/peers/bot-rights.ts';
import { startControlPlane, type ControlPlane } from '../test/peers/control-plane.ts';
import { startKubelet, type Kubelet } from '../test/peers/kubelet.ts';
import { deployment } from '../test/peers/manifests.ts';
import { binary } from '../test/peers/need.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { startPrometheus } from '../test/peers/prometheus.ts';
import { Services } from '../test/peers/service-metrics.ts';
import type { Model } from '../test/peers/service-model.ts';
import { startStateMetrics } from '../test/peers/state-metrics.ts';
import { startToxiproxy, type Proxy } from '../test/peers/toxiproxy.ts';
import { until } from '../test/peers/until.ts';

export const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-1'] as const;
export const namespace = 'ml-platform';
export const awayMs = 100;
const images = { good: 'registry.example/ml/model-server:v2.4.0', bad: 'registry.example/ml/model-server:v2.4.1' };
/** Past the progress deadline, a minute without being ready is a finding. */
const untilCalledUnreadyMs = 65_000;
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;

/** Three real control planes and a real Prometheus for all, or one for each, behind proxies that add 100 ms; model-server is stuck in all three. */
export interface Far {
  /** The bot's own adapters, through the proxies. */
  readonly platform: Platform;
  readonly prometheusUrl: (region: string) => string;
  /** Its API server and its Prometheus take connections and never answer. */
  readonly hang: (region: string) => Promise<void>;
  /** They answer again, 100 ms away. */
  readonly answer: (region: string) => Promise<void>;
  /** Milliseconds that kubectl took, through the proxies; its exit code does not matter. */
  readonly kubectl: (region: string, args: readonly string[]) => Promise<number>;
  /** The name of a pod that does not get ready. */
  readonly brokenPod: (region: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/**
 * `probe`: the new pods are not ready, which is called a finding after a minute only, so that this takes one; `image`: their image is not
 * there, which is seen at once. `past`: each region's Prometheus knows a day of its pods, whose memory grows and whose CPU is high.
 */
export async function startFar(fault: 'probe' | 'image' = 'probe', { past = false } = {}): Promise<Far> {
  const folder = temporaryFolder('bench-far');
  const ends: (() => Promise<unknown>)[] = [() => removeFolder(folder)];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const plane = await startControlPlane({ regions: [...regions], nodeGraceSeconds: 600 });
    ends.push(() => plane.stop());
    const kubelets = new Map<string, Kubelet>();
    for (const name of regions) {
      const kubelet = await serve(plane, name, fault);
      ends.push(() => kubelet.stop());
      kubelets.set(name, kubelet);
    }
    await Promise.all(regions.map((name) => breakIt(plane, name)));
    const waitMs = fault === 'probe' ? untilCalledUnreadyMs : 0;
    const measured = past ? await withPast(plane, kubelets, ends) : await withoutPast(plane, ends);
    const [far] = await Promise.all([behindProxies(plane, folder, measured, ends, stop), sleep(waitMs)]);
    return far;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Served by v2.4.0, ten pods, on two nodes. */
async function serve(plane: ControlPlane, name: string, is: 'probe' | 'image'): Promise<Kubelet> {
  const region = plane.region(name);
  await region.createNamespace(namespace);
  const probe = { kind: 'probe-fails', probe: 'Readiness', gets: 503, logs: 'cannot open /models/current\n' } as const;
  const fault = is === 'probe' ? probe : ({ kind: 'image-not-found' } as const);
  const nodes = [{ name: `${name}-a` }, { name: `${name}-b` }];
  const kubelet = await startKubelet(region, { nodes, faults: { [images.bad]: fault }, speed: 5 });
  await region.admin.post(
    deployments,
    deployment({
      name: 'model-server',
      namespace,
      image: images.good,
      replicas: 10,
      progressDeadlineSeconds: 4,
      container: { readinessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 5 } },
    }),
  );
  await plane.kubectl(['rollout', 'status', 'deployment/model-server', '-n', namespace, '--timeout=60s'], {
    region: name,
    timeoutMs: 60_000,
  });
  return kubelet;
}

/** Long-running pods that need most of their CPU and more memory by the hour, so that each reading that follows from such a thing is made. */
const strained: Model = {
  hours: 24,
  levels: (_of, { minutesAgo }) => ({
    cpu: minutesAgo > 60 ? 0.4 : 0.95,
    throttled: minutesAgo > 60 ? 0 : 0.4,
    rss: (12 - minutesAgo / 180) * 2 ** 30,
    requests: 20,
    latency: minutesAgo > 60 ? 0.12 : 0.42,
    queue: 0,
    inFlight: 3,
    gpuBusy: 0.6,
  }),
};
const old = 3 * 86_400_000;

/** A Prometheus for each region: address by region. */
async function withPast(
  plane: ControlPlane,
  kubelets: ReadonlyMap<string, Kubelet>,
  ends: (() => Promise<unknown>)[],
): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const [name, kubelet] of kubelets) {
    const region = plane.region(name);
    // Only what serves has been there for days.
    const { items } = await region.admin.get<{
      items: readonly { metadata: { name: string }; spec: { containers: readonly { image: string }[] } }[];
    }>(`/api/v1/namespaces/${namespace}/pods`);
    const fresh = new Set(
      items.filter(({ spec }) => spec.containers[0]?.image === images.bad).map(({ metadata }) => metadata.name),
    );
    await region.backdate(namespace, (object) => (/-.*-.*-/.test(object) && !fresh.has(object) ? old : 0));
    const services = await Services.start(region, namespace, kubelet, { 'model-server': strained });
    ends.push(() => services.stop());
    const scrape = [{ job: 'services', targets: [services.target] }];
    const prometheus = await startPrometheus({ backfill: services.history, scrape, everySeconds: 5 });
    ends.push(() => prometheus.stop());
    urls.set(name, prometheus.url);
  }
  return urls;
}

async function withoutPast(
  plane: ControlPlane,
  ends: (() => Promise<unknown>)[],
): Promise<ReadonlyMap<string, string>> {
  const traffic = { requestsPerSecond: 40, latencySeconds: 0.12 };
  const metrics = await startStateMetrics(plane.region(regions[0]), namespace, traffic);
  ends.push(() => metrics.stop());
  const prometheus = await startPrometheus({ scrape: [{ job: 'model-server', targets: [metrics.target] }] });
  ends.push(() => prometheus.stop());
  return new Map(regions.map((name) => [name, prometheus.url]));
}

/** v2.4.1 answers its readiness probe with 503; resolves when the progress deadline is over. */
async function breakIt(plane: ControlPlane, name: string): Promise<void> {
  const { admin } = plane.region(name);
  const spec = { template: { spec: { containers: [{ name: 'serve', image: images.bad }] } } };
  await admin.strategic(`${deployments}/model-server`, { spec });
  await until(
    `the rollout in ${name} is stuck`,
    async () => {
      const { status } = await admin.get<{ status: { conditions?: { type: string; status: string }[] } }>(
        `${deployments}/model-server`,
      );
      return status.conditions?.find((one) => one.type === 'Progressing' && one.status === 'False');
    },
    { withinMs: 60_000 },
  );
}

async function behindProxies(
  plane: ControlPlane,
  folder: string,
  measured: ReadonlyMap<string, string>,
  ends: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Far> {
  const toxiproxy = await startToxiproxy();
  ends.push(() => toxiproxy.stop());
  const servers: Record<string, string> = {};
  const prometheusUrls = new Map<string, string>();
  const lines = new Map<string, readonly Proxy[]>();
  for (const name of regions) {
    const api = await toxiproxy.proxy({ to: plane.region(name).server, latencyMs: awayMs });
    servers[name] = `https://${api.address}`;
    const metricsLine = await toxiproxy.proxy({ to: measured.get(name) ?? '', latencyMs: awayMs });
    prometheusUrls.set(name, `http://${metricsLine.address}`);
    lines.set(name, [api, metricsLine]);
  }
  const prometheusUrl = (region: string): string => prometheusUrls.get(region) ?? '';
  const kubeconfigPath = await grantBot(
    plane,
    folder,
    ['read.yaml', 'read-cluster.yaml', 'remedy-rollback.yaml'],
    servers,
  );
  const clusters = kubernetesRegions({ credentials: { kubeconfigPath }, regions: regions.map((name) => ({ name })) });
  ends.push(() => Promise.all([...clusters.values()].map((one) => one.close())));
  const { platform, close } = platformOf(clusters, prometheusUrl);
  ends.push(close);
  const person = plane.kubeconfig('admin', servers);
  return {
    platform,
    prometheusUrl,
    hang: async (region) => void (await Promise.all((lines.get(region) ?? []).map((one) => one.hang()))),
    answer: async (region) => void (await Promise.all((lines.get(region) ?? []).map((one) => one.latency(awayMs)))),
    kubectl: (region, args) => timed([`--kubeconfig=${person}`, `--context=${region}`, ...args], folder),
    brokenPod: (name) => brokenPod(plane, name),
    stop,
  };
}

function platformOf(
  clusters: ReadonlyMap<string, KubernetesRegion>,
  prometheusUrl: (region: string) => string,
): { readonly platform: Platform; readonly close: () => Promise<unknown> } {
  const metrics = new Map(
    [...clusters.keys()].map((region) => [region, prometheusOf({ region, url: prometheusUrl(region) })]),
  );
  const of = <T>(all: ReadonlyMap<string, T>, region: string): T => {
    const found = all.get(region);
    if (found === undefined) throw new Error(`no region ${region}`);
    return found;
  };
  const { at, ...changing } = clustersOf(clusters);
  return {
    close: () => Promise.all([...metrics.values()].map((one) => one.close())),
    platform: {
      ...changing,
      read: (region, signal) => ({
        kubernetes: at(region).read(signal),
        metrics: of(metrics, region).read(signal),
        service: noConfig,
      }),
    },
  };
}

/** What a service without a word in the config is. */
const noConfig = (): ServiceFacts => ({
  shards: false,
  variables: { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' },
  limits: null,
  minRequests: 50,
});

async function brokenPod(plane: ControlPlane, name: string): Promise<string> {
  const { items } = await plane.region(name).admin.get<{
    items: readonly { metadata: { name: string }; spec: { containers: readonly { image: string }[] } }[];
  }>(`/api/v1/namespaces/${namespace}/pods`);
  const found = items.find(({ spec }) => spec.containers[0]?.image === images.bad);
  if (found === undefined) throw new Error(`no pod of the new version in ${name}`);
  return found.metadata.name;
}

/** A person has used this kubectl before: its cache of API groups is kept between calls. */
function timed(args: readonly string[], folder: string): Promise<number> {
  const from = performance.now();
  return new Promise((resolve) => {
    execFile(
      binary('control-plane', 'kubectl'),
      args,
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECACHEDIR: join(folder, 'kubectl-cache') },
        timeout: 30_000,
        maxBuffer: 64 * 1024 * 1024,
      },
      () => resolve(performance.now() - from),
    );
  });
}
