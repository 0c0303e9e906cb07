import { join } from 'node:path';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack, type LocalSlack } from '../../src/sandbox/slack/server.ts';
import { startBalancer } from './balancer.ts';
import { startBotProcess, webhookToken, writeConfig, type BotProcess } from './bot.ts';
import { grantBot } from './bot-rights.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { startKubelet, type Fault, type Kubelet } from './kubelet.ts';
import { lifetime } from './lifetime.ts';
import type { Lifetime } from './lifetime.ts';
import { deployment } from './manifests.ts';
import { startPostgres, type Postgres } from './postgres.ts';
import { freePort, removeFolder, temporaryFolder } from './process.ts';
import { startAlertmanager, startPrometheus, type Alertmanager, type Prometheus } from './prometheus.ts';
import { startStateMetrics } from './state-metrics.ts';
import { startWriteGate, type WriteGate } from './write-gate.ts';
import { until } from './until.ts';

/** Everything real but Slack's cloud and the kubelets: control planes, Prometheus, Alertmanager, PostgreSQL, replicas of the bot. */
export const namespace = 'ml-platform';
export const channel = ids.channels.platform;
const registry = 'registry.example/ml/model-server';
export const images = { good: `${registry}:v2.4.0`, missing: `${registry}:v2.4.1` };
export const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;

export interface RealWorld {
  readonly slack: LocalSlack;
  readonly plane: ControlPlane;
  readonly replicas: readonly BotProcess[];
  readonly alertmanager: Alertmanager;
  readonly prometheus: ReadonlyMap<string, Prometheus>;
  readonly postgres: Postgres;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  /** By region: on the way from the bot to the API server. */
  readonly gates: ReadonlyMap<string, WriteGate>;
  /** The newest incident's thread as this person sees it (everybody, if left out); empty before there is one. */
  thread(viewer?: string): string;
  rootTs(): string;
  /** The thread once it matches; throws with the thread and what the replicas said. */
  threadWith(pattern: RegExp, withinMs: number): Promise<string>;
  stop(): Promise<void>;
}

export interface RealWorldOptions {
  readonly regions: readonly string[];
  readonly replicas: number;
  /** How Slack reaches them: sockets that they open, or requests to the address that they share. */
  readonly mode: 'socket' | 'http';
  /** One that listens already; left out: a new one. */
  readonly slack?: LocalSlack;
  readonly faults?: Readonly<Record<string, Fault>>;
}

/** Starts all of it, side by side where nothing depends on each other; each region serves model-server v2.4.0, all pods ready. */
export async function startRealWorld(options: RealWorldOptions): Promise<RealWorld> {
  const folder = temporaryFolder('story');
  const life = lifetime(() => removeFolder(folder));
  try {
    return await assemble(options, folder, life);
  } catch (error) {
    await life.stop();
    throw error;
  }
}

async function assemble(options: RealWorldOptions, folder: string, { kept, ends, stop }: Lifetime): Promise<RealWorld> {
  const ports = await Promise.all(Array.from({ length: options.replicas }, () => freePort()));
  const [plane, postgres, service, slack] = await Promise.all([
    kept(startControlPlane({ regions: options.regions, auditLog: true, nodeGraceSeconds: 30 })),
    kept(startPostgres()),
    kept(startBalancer(ports)),
    options.slack ?? startLocalSlack(),
  ]);
  ends.push(() => slack.close());
  const alertmanager = await kept(
    startAlertmanager({ webhook: { url: `${service.url}/webhooks/alertmanager`, token: webhookToken } }),
  );
  const kubelets = new Map<string, Kubelet>();
  const prometheus = new Map<string, Prometheus>();
  const gates = new Map<string, WriteGate>();
  await Promise.all(
    options.regions.map(async (name) => {
      const region = plane.region(name);
      await region.createNamespace(namespace);
      gates.set(name, await kept(startWriteGate(region)));
      const nodes = [{ name: `${name}-a` }, { name: `${name}-b` }];
      kubelets.set(name, await kept(startKubelet(region, { nodes, faults: options.faults ?? {} })));
      const metrics = await kept(startStateMetrics(region, namespace, { requestsPerSecond: 40, latencySeconds: 0.12 }));
      prometheus.set(name, await kept(startWatching(name, metrics.target, alertmanager.url)));
      await region.admin.post(deployments, modelServer());
    }),
  );
  const servers = Object.fromEntries([...gates].map(([name, gate]) => [name, gate.server]));
  const kubeconfig = await grantBot(plane, folder, ['read.yaml', 'read-cluster.yaml', 'remedy-rollback.yaml'], servers);
  await Promise.all(options.regions.map((name) => served(plane, name)));
  const regions = options.regions.map((name) => ({ name, prometheus: prometheus.get(name)?.url ?? '' }));
  const configFile = writeConfig(folder, regions);
  const env = { DATABASE_URL: await postgres.createDatabase(), KUBECONFIG: kubeconfig, MLP_DATA: join(folder, 'data') };
  const replicas = await Promise.all(
    ports.map((port, at) =>
      kept(startBotProcess({ name: `replica ${at + 1}`, port, configFile, slack, env, mode: options.mode })),
    ),
  );
  if (options.mode === 'http') slack.useHttp(`${service.url}/slack/events`);
  const rootTs = (): string => slack.roots(channel).at(-1)?.ts ?? '';
  const thread = (viewer?: string): string => (rootTs() === '' ? '' : slack.thread(channel, rootTs(), viewer));
  return {
    slack,
    plane,
    replicas,
    alertmanager,
    prometheus,
    postgres,
    kubelets,
    gates,
    rootTs,
    thread,
    threadWith: (pattern, withinMs) =>
      until(`${pattern}`, () => (pattern.test(thread()) ? thread() : undefined), {
        withinMs,
        everyMs: 50,
        explain: () => [thread(), ...replicas.map((one) => `--- ${one.name}\n${one.output().slice(-3000)}`)].join('\n'),
      }),
    stop,
  };
}

/** A Prometheus with the mixin's rule; its `for` of 15 min is a second here, as the deployment's progress deadline is short too. */
function startWatching(region: string, target: string, alertmanager: string): Promise<Prometheus> {
  return startPrometheus({
    rules: [
      {
        alert: 'KubeDeploymentRolloutStuck',
        expr: 'kube_deployment_status_condition{condition="Progressing", status="false"} != 0',
        for: '1s',
        labels: { severity: 'warning' },
        annotations: {
          summary: 'Rollout of deployment {{ $labels.namespace }}/{{ $labels.deployment }} is not progressing.',
        },
      },
    ],
    scrape: [{ job: 'kube-state-metrics', targets: [target] }],
    alertmanagers: [alertmanager],
    externalLabels: { region },
  });
}

/** model-server v2.4.0, four pods. */
export function modelServer(): object {
  return deployment({
    name: 'model-server',
    namespace,
    image: images.good,
    replicas: 4,
    progressDeadlineSeconds: 4,
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
  });
}

/** Resolves when its rollout is complete. */
export async function served(plane: ControlPlane, region: string): Promise<void> {
  await plane.kubectl(['rollout', 'status', 'deployment/model-server', '-n', namespace, '--timeout=30s'], { region });
}
