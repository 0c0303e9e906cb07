import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBesideBot } from '../../src/sandbox/pagerduty/for-bot.ts';
import type { LocalPagerDuty } from '../../src/sandbox/pagerduty/server.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack, type LocalSlack } from '../../src/sandbox/slack/server.ts';
import { startBalancer } from './balancer.ts';
import { health, startBotProcess, webhookToken, writeConfig, type BotProcess } from './bot.ts';
import { grantBot } from './bot-rights.ts';
import { startControlPlane, type ControlPlane, type Region } from './control-plane.ts';
import { documentedPaging } from './documented-alertmanager.ts';
import { startKubelet } from './kubelet.ts';
import { lifetime } from './lifetime.ts';
import type { Lifetime } from './lifetime.ts';
import { deployment } from './manifests.ts';
import { freePort, removeFolder, temporaryFolder } from './process.ts';
import { startAlertmanager, startPrometheus, type Alertmanager, type Prometheus } from './prometheus.ts';
import { startSenders, type Senders } from './senders.ts';
import { startStateMetrics } from './state-metrics.ts';
import { until } from './until.ts';

/**
 * Alerts as a platform sends them: two Prometheus with the same rule tell two Alertmanagers in a cluster, with the configuration of the docs;
 * these tell the bot and PagerDuty. Beside them Amazon SNS and Grafana. What fires is what a real API server says.
 */
export const region = 'eu-west-1';
export const namespace = 'ml-platform';
export const channel = ids.channels.platform;
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;

export interface HaWorld {
  readonly slack: LocalSlack;
  readonly cluster: Region;
  readonly pagerDuty: LocalPagerDuty;
  readonly senders: Senders;
  readonly bot: BotProcess;
  readonly prometheus: readonly Prometheus[];
  /** The two, as they run now. */
  readonly alertmanagers: [Alertmanager, Alertmanager];
  /** Ends one of them as a crash would. */
  kill(which: 0 | 1): Promise<void>;
  /** Starts it anew, with nothing remembered. `alone`: it does not find the other. */
  startAgain(which: 0 | 1, how: 'alone' | 'with the other'): Promise<void>;
  /** Gives its pods an image that is not there… */
  breakIt(name: string): Promise<void>;
  /** …and the one that is, as a person would. */
  mend(name: string): Promise<void>;
  /** Of the newest incident that speaks of this; '' before there is one. */
  thread(about: string): string;
  threadWith(about: string, pattern: RegExp, withinMs: number): Promise<string>;
  stop(): Promise<void>;
}

const image = (name: string, version: string): string => `registry.example/ml/${name}:${version}`;

export async function startHaWorld(services: readonly string[]): Promise<HaWorld> {
  const folder = temporaryFolder('ha');
  const life = lifetime(() => removeFolder(folder));
  try {
    return await assemble(services, folder, life);
  } catch (error) {
    await life.stop();
    throw error;
  }
}

async function assemble(services: readonly string[], folder: string, { kept, ends, stop }: Lifetime): Promise<HaWorld> {
  const port = await freePort();
  const bot = `http://127.0.0.1:${port}`;
  const [slack, plane, senders, beside] = await Promise.all([
    startLocalSlack(),
    kept(startControlPlane({ regions: [region], nodeGraceSeconds: 60 })),
    kept(startSenders(folder)),
    startBesideBot({ folder, webhookUrl: `${bot}/webhooks/pagerduty`, inherited: {} }),
  ]);
  ends.push(
    () => slack.close(),
    () => beside.pagerDuty.stop(),
  );
  const cluster = plane.region(region);
  await grow(plane, services, kept);
  const pair = await startPair(configOf(folder, bot, beside.pagerDuty), ends);
  const inFront = await kept(startBalancer(pair.ports));
  const { target } = await kept(startStateMetrics(cluster, namespace, { requestsPerSecond: 40, latencySeconds: 0.12 }));
  const prometheus = await Promise.all([0, 1].map(() => kept(startWatching(target, pair.ports))));
  const config = botConfig(folder, services, prometheus[0]?.url ?? '', inFront.url);
  const env = {
    ...beside.env,
    ...senders.env,
    KUBECONFIG: await grantBot(plane, folder, ['read.yaml', 'read-cluster.yaml', 'remedy-rollback.yaml']),
    MLP_DATA: join(folder, 'data'),
  };
  const process = await kept(startBotProcess({ name: 'bot', port, configFile: config, slack, env }));
  return {
    slack,
    cluster,
    senders,
    pagerDuty: beside.pagerDuty,
    bot: process,
    prometheus,
    alertmanagers: pair.running,
    kill: pair.kill,
    startAgain: pair.startAgain,
    breakIt: (name) => setImage(plane, name, 'v2.4.1'),
    mend: (name) => setImage(plane, name, 'v2.4.0'),
    ...reading(slack, process),
    stop,
  };
}

async function grow(
  plane: ControlPlane,
  services: readonly string[],
  kept: <T extends { stop(): Promise<unknown> }>(starting: Promise<T>) => Promise<T>,
): Promise<void> {
  const cluster = plane.region(region);
  await cluster.createNamespace(namespace);
  const missing = services.map((name) => [image(name, 'v2.4.1'), { kind: 'image-not-found' }] as const);
  const nodes = [{ name: 'node-a' }, { name: 'node-b' }];
  await kept(startKubelet(cluster, { nodes, faults: Object.fromEntries(missing) }));
  for (const name of services) {
    // A bad image takes all pods away at once: users get errors.
    const strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' } };
    const more = { namespace, replicas: 4, progressDeadlineSeconds: 4, strategy };
    await cluster.admin.post(deployments, deployment({ name, image: image(name, 'v2.4.0'), ...more }));
  }
  for (const name of services) {
    const args = ['rollout', 'status', `deployment/${name}`, '-n', namespace, '--timeout=30s'];
    await plane.kubectl(args, { region });
  }
}

async function setImage(plane: ControlPlane, name: string, version: string): Promise<void> {
  await plane.kubectl(['set', 'image', `deployment/${name}`, `serve=${image(name, version)}`, '-n', namespace], {
    region,
  });
}

/** What the docs say, with the files that they name. */
function configOf(folder: string, bot: string, pagerDuty: LocalPagerDuty): string {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const [oncall] = pagerDuty.account.services;
  return documentedPaging({
    bot,
    tokenFile: file('token', `${webhookToken}\n`),
    pagerDuty: {
      url: pagerDuty.url,
      keyFile: file('routing-key', oncall?.routingKey ?? ''),
      caFile: join(folder, 'pagerduty-ca.pem'),
    },
  });
}

interface Pair extends Pick<HaWorld, 'kill' | 'startAgain'> {
  readonly ports: readonly [number, number];
  readonly running: [Alertmanager, Alertmanager];
}

async function startPair(config: string, ends: (() => Promise<unknown>)[]): Promise<Pair> {
  const ports = [await freePort(), await freePort()] as const;
  const first = await startAlertmanager({ config, port: ports[0], cluster: true });
  const second = await startAlertmanager({ config, port: ports[1], cluster: [first.clusterAddress ?? ''] });
  const running: [Alertmanager, Alertmanager] = [first, second];
  ends.push(() => Promise.all(running.map((one) => one.stop())));
  return {
    ports,
    running,
    kill: async (which) => {
      await running[which].kill();
    },
    startAgain: async (which, how) => {
      await running[which].stop();
      const other = running[which === 0 ? 1 : 0].clusterAddress ?? '';
      const cluster = how === 'alone' ? true : [other];
      running[which] = await startAlertmanager({ config, port: ports[which], cluster });
    },
  };
}

/** One of a pair: both have the same rules, labels and targets. The mixin's rule, its `for` of 15 min a second here. */
function startWatching(target: string, alertmanagers: readonly number[]): Promise<Prometheus> {
  return startPrometheus({
    rules: [
      {
        alert: 'KubeDeploymentRolloutStuck',
        expr: 'kube_deployment_status_condition{condition="Progressing", status="false"} != 0',
        for: '1s',
        labels: { severity: 'critical' },
        annotations: {
          summary: 'Rollout of deployment {{ $labels.namespace }}/{{ $labels.deployment }} is not progressing.',
        },
      },
    ],
    scrape: [{ job: 'kube-state-metrics', targets: [target] }],
    alertmanagers: alertmanagers.map((port) => `127.0.0.1:${port}`),
    externalLabels: { region },
    resendSeconds: 3,
  });
}

function botConfig(folder: string, services: readonly string[], prometheus: string, alertmanager: string): string {
  const regions = [{ name: region, aliases: ['eu'], prometheus, alertmanager: { url: alertmanager, receivers } }];
  const routes = [{ name: 'oncall', routingKeyEnv: 'PAGERDUTY_ROUTING_KEY', service: 'PSVCML1' }];
  return writeConfig(
    folder,
    regions,
    {},
    {
      services: services.map((name) => ({ name, health })),
      pagerduty: { routes, from: 'mei-lin@example.com', people: { PSANA01: ids.users.sana } },
      escalation: { byPriority: { P0: ['oncall'], P1: ['oncall'], P2: ['oncall'], P3: [] } },
    },
  );
}
const receivers = ['mlp-bot', 'mlp-bot-and-pager'];

function reading(slack: LocalSlack, bot: BotProcess): Pick<HaWorld, 'thread' | 'threadWith'> {
  const thread = (about: string): string =>
    slack
      .roots(channel)
      .map(({ ts }) => slack.thread(channel, ts))
      .findLast((text) => text.includes(about)) ?? '';
  return {
    thread,
    threadWith: (about, pattern, withinMs) =>
      until(`${pattern}`, () => (pattern.test(thread(about)) ? thread(about) : undefined), {
        withinMs,
        explain: () => `${slack.channelText(channel)}\n--- bot\n${bot.output().slice(-3000)}`,
      }),
  };
}
