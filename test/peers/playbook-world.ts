import { join } from 'node:path';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack, type LocalSlack } from '../../src/sandbox/slack/server.ts';
import { startBotProcess, webhookToken, writeConfig, type BotProcess } from './bot.ts';
import { grantBot } from './bot-rights.ts';
import { startControlPlane, type ControlPlane, type Region } from './control-plane.ts';
import { startKubelet, type Kubelet, type NodeSpec } from './kubelet.ts';
import { lifetime } from './lifetime.ts';
import { deployment, type DeploymentOptions } from './manifests.ts';
import { startMetricsApi } from './metrics-api.ts';
import { freePort, removeFolder, temporaryFolder } from './process.ts';
import { startPrometheus } from './prometheus.ts';
import { Services } from './service-metrics.ts';
import type { Model } from './service-model.ts';
import { until } from './until.ts';

/** The bot as it is run, on SQLite, with services that have a past: API servers, controllers and Prometheus are real. */
export const namespace = 'ml-platform';
export const channel = ids.channels.platform;
export const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
export const autoscalers = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;

export interface Workload {
  readonly deployment: DeploymentOptions;
  readonly model: Model;
  /** Bounds and the share of the CPU request that it aims at, in percent. */
  readonly autoscaler?: { readonly min: number; readonly max: number; readonly target: number };
  /** What was changed, how long ago: a strategic merge patch of the Deployment. */
  readonly change?: { readonly minutesAgo: number; readonly patch: object };
}

export interface PlaybookWorld {
  readonly slack: LocalSlack;
  readonly plane: ControlPlane;
  readonly bot: BotProcess;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly services: ReadonlyMap<string, Services>;
  /** Of each region's Prometheus. */
  readonly addresses: ReadonlyMap<string, string>;
  /** An alert by webhook, as Alertmanager sends it. */
  alert(alertname: string, deployment: string, status?: 'firing' | 'resolved'): Promise<void>;
  /** The newest incident's root whose thread speaks of this; '' before there is one. */
  rootOf(about: string): string;
  thread(about: string): string;
  /** The thread once it matches; throws with the thread and what the bot said. */
  threadWith(about: string, pattern: RegExp, withinMs: number): Promise<string>;
  /** Somebody presses the button of this label, in the root or a reply of that thread, as soon as there is one. */
  press(who: string, about: string, label: string): Promise<void>;
  stop(): Promise<void>;
}

export interface PlaybookWorldOptions {
  readonly regions: readonly string[];
  /** The same in every region. */
  readonly workloads: readonly Workload[];
  readonly nodes: readonly NodeSpec[];
}

const dayMs = 86_400_000;
/** How old is what nobody changed. */
const ageMs = 3 * dayMs;

/** Every role of deploy/ for what a cluster of these tests has. */
const rights = [
  'read.yaml',
  'read-cluster.yaml',
  ...[
    'rollback',
    'resume',
    'restart',
    'scale',
    'set-env',
    'set-resources',
    'autoscaler-bounds',
    'replace-pod',
    'cordon',
  ].map((one) => `remedy-${one}.yaml`),
];

export async function startPlaybookWorld(options: PlaybookWorldOptions): Promise<PlaybookWorld> {
  const folder = temporaryFolder('playbooks');
  const { ends, kept, stop } = lifetime(() => removeFolder(folder));
  try {
    const slack = await startLocalSlack({ limitScale: Number.POSITIVE_INFINITY });
    ends.push(() => slack.close());
    const plane = await kept(startControlPlane({ regions: options.regions, auditLog: true, nodeGraceSeconds: 60 }));
    const kubelets = new Map<string, Kubelet>();
    const services = new Map<string, Services>();
    const addresses = new Map<string, string>();
    await Promise.all(
      plane.regions.map(async (region) => {
        const kubelet = await kept(startKubelet(region, { nodes: options.nodes, speed: 40 }));
        kubelets.set(region.name, kubelet);
        await region.createNamespace(namespace);
        await kept(startMetricsApi(region, ({ name }) => ({ serve: useOf(services.get(region.name), name) })));
        await grow(region, options.workloads);
        const models = Object.fromEntries(options.workloads.map((one) => [one.deployment.name, one.model]));
        const told = await kept(Services.start(region, namespace, kubelet, models));
        services.set(region.name, told);
        const scrape = [{ job: 'services', targets: [told.target] }];
        addresses.set(region.name, (await kept(startPrometheus({ backfill: told.history, scrape }))).url);
      }),
    );
    const bot = await kept(startBot(plane, folder, slack, addresses, options.workloads));
    return { ...reading(slack, bot, options.regions[0] ?? ''), slack, plane, bot, kubelets, services, addresses, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function useOf(services: Services | undefined, pod: string): { readonly cpu: string; readonly memory: string } {
  const { cpu = 0.1, rss = 2 ** 30 } = services?.use(pod) ?? {};
  return { cpu: `${Math.round(cpu * 1000)}m`, memory: `${Math.round(rss / 1024)}Ki` };
}

/** Everything is there for days, and was changed when its story says. */
async function grow(region: Region, workloads: readonly Workload[]): Promise<void> {
  const { admin } = region;
  for (const { deployment: of, autoscaler } of workloads) {
    await admin.post(deployments, deployment({ ...of, namespace }));
    if (autoscaler !== undefined) await admin.post(autoscalers, autoscalerOf(of.name, autoscaler));
  }
  await complete(region);
  const ago = new Map(
    workloads.map(({ deployment: { name }, change }) => [name, (change?.minutesAgo ?? 0) * 60_000] as const),
  );
  const agoOf = (object: string): number =>
    [...ago].find(([name]) => object === name || object.startsWith(`${name}-`))?.[1] ?? 0;
  await region.backdate(namespace, (object) => ageMs - agoOf(object));
  for (const { deployment: of, change } of workloads) {
    if (change !== undefined) await admin.strategic(`${deployments}/${of.name}`, change.patch);
  }
  await complete(region);
  await region.backdate(namespace, agoOf);
  // They tell of the last minute, in which all of this was made.
  await admin.delete(`/api/v1/namespaces/${namespace}/events`);
}

interface Rollout {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

async function complete({ admin, name }: Region): Promise<void> {
  let open = '';
  await until(
    `every rollout in ${name} is complete`,
    async () => {
      const { items } = await admin.get<{ items: readonly Rollout[] }>(deployments);
      const left = items.filter(({ metadata, spec, status }) => {
        const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
        const counts = [replicas, updatedReplicas, availableReplicas];
        return observedGeneration < metadata.generation || counts.some((one) => one !== spec.replicas);
      });
      open = left.map((one) => `${one.metadata.name} ${JSON.stringify(one.status)}`).join('\n');
      return left.length === 0 ? true : undefined;
    },
    { withinMs: 60_000, explain: () => open },
  );
}

const autoscalerOf = (name: string, { min, max, target }: NonNullable<Workload['autoscaler']>): object => ({
  metadata: { name },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: min,
    maxReplicas: max,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } },
    ],
  },
});

async function startBot(
  plane: ControlPlane,
  folder: string,
  slack: LocalSlack,
  addresses: ReadonlyMap<string, string>,
  workloads: readonly Workload[],
): Promise<BotProcess> {
  const kubeconfig = await grantBot(plane, folder, rights);
  const regions = [...addresses].map(([name, prometheus]) => ({ name, prometheus, aliases: [name.slice(0, 2)] }));
  const services = workloads.map(({ deployment: { name } }) => ({ name, health }));
  // A look takes a while with a dozen incidents at once on a small machine.
  const timing = { quietMs: 3000, watchMs: 6000, observeMs: 1000 };
  const configFile = writeConfig(folder, regions, timing, {
    services,
    metrics: { rateWindow: '30s' },
    // A dozen stories at once, and each is its own.
    alerts: { storm: { workloads: 1000 } },
  });
  const env = { KUBECONFIG: kubeconfig, MLP_DATA: join(folder, 'data') };
  return startBotProcess({ name: 'bot', port: await freePort(), configFile, slack, env });
}

const own = 'namespace="$namespace",pod=~"$service-.+"';
const health = {
  requests: `sum(increase(http_requests_total{${own}}[30s]))`,
  errors: `(sum(rate(http_requests_total{${own},code=~"5.."}[30s])) or vector(0)) / sum(rate(http_requests_total{${own}}[30s]))`,
  latency: `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{${own}}[30s])))`,
  limits: { errorRatio: 0.01, latencySeconds: 0.2 },
  window: '30 s',
};

function reading(
  slack: LocalSlack,
  bot: BotProcess,
  region: string,
): Pick<PlaybookWorld, 'alert' | 'rootOf' | 'thread' | 'threadWith' | 'press'> {
  const rootOf = (about: string): string => {
    const all = slack.roots(channel).map(({ ts }) => ts);
    return all.findLast((ts) => slack.thread(channel, ts).includes(about)) ?? '';
  };
  const thread = (about: string): string => {
    const ts = rootOf(about);
    return ts === '' ? '' : slack.thread(channel, ts);
  };
  return {
    rootOf,
    thread,
    threadWith: (about, pattern, withinMs) =>
      until(`${pattern}`, () => (pattern.test(thread(about)) ? thread(about) : undefined), {
        withinMs,
        everyMs: 200,
        explain: () => `${thread(about)}\n--- bot\n${bot.output().slice(-3000)}`,
      }),
    press: async (who, about, label) => {
      const card = await until(
        `[${label}]`,
        () => {
          const root = rootOf(about);
          const all = [...slack.replies(channel, root), ...slack.roots(channel).filter((one) => one.ts === root)];
          return all.find((one) => JSON.stringify(one.blocks).includes(`"${label}"`));
        },
        { explain: () => thread(about) },
      );
      await slack.as(who).press({ channel, ts: card.ts }, label);
    },
    alert: async (alertname, name, status = 'firing') => {
      const labels = { alertname, region, namespace, deployment: name, severity: 'warning' };
      const startsAt = new Date(Date.now() - 120_000).toISOString();
      const endsAt = status === 'resolved' ? { endsAt: new Date().toISOString() } : {};
      const alerts = [{ status, labels, annotations: {}, startsAt, ...endsAt, fingerprint: `${alertname}-${name}` }];
      const response = await fetch(`${bot.url}/webhooks/alertmanager`, {
        method: 'POST',
        headers: { authorization: `Bearer ${webhookToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ version: '4', status, groupKey: `{}:{${alertname}-${name}}`, receiver: 'bot', alerts }),
        signal: AbortSignal.timeout(5000),
      });
      if (!response.ok) throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
    },
  };
}
