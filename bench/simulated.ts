import { inject } from '../src/sandbox/platform/control.ts';
import { addWorkload, argoCd, namespace } from '../src/sandbox/platform/seed.ts';
import { imageOf } from '../src/sandbox/platform/seed-templates.ts';
import { startPlatform, type RunningPlatform } from '../src/sandbox/platform/server.ts';
import { container, probe, program, template } from '../src/sandbox/platform/template.ts';
import { ids } from '../src/sandbox/slack/seed.ts';
import { startLocalSlack, type LocalSlack } from '../src/sandbox/slack/server.ts';
import { webhookToken } from '../test/peers/bot.ts';
import { startPostgres } from '../test/peers/postgres.ts';
import { freePort, removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { startBot, writeSandboxConfig, type Bot } from './bot.ts';
import { sqliteIn, type Rows, type StoreName } from './rows.ts';

export const people = ids.users;
export const channel = ids.channels.platform;
export const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-1'] as const;

/** The bot as a process of its own, against the simulated platform and the local Slack in this one. */
export interface Simulated {
  readonly slack: LocalSlack;
  readonly platform: RunningPlatform['platform'];
  readonly bot: Bot;
  /** Where its rows are: a file, or the address of a database. */
  readonly rows: Rows;
  /** SIGKILL, and another one on the same port; resolves when that one is ready. */
  readonly kill: () => Promise<void>;
  /** Healthy deployments besides the sandbox's own, the same in every region. */
  readonly services: readonly string[];
  /** Each answer of the platform comes this much later. */
  readonly latency: (ms: number) => void;
  readonly alert: (deployment: string, region: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface SimulatedOptions {
  readonly services: number;
  /** Faults and their regions, put in before the bot starts. */
  readonly faults?: readonly (readonly [fault: string, region: string])[];
  readonly probePort?: number;
  /** Left out: SQLite. */
  readonly store?: StoreName;
  /** Of the config, in place of the sandbox's. */
  readonly config?: object;
}

export async function startSimulated(options: SimulatedOptions): Promise<Simulated> {
  const folder = temporaryFolder('bench-simulated');
  const services = Array.from({ length: options.services }, (_, at) => `service-${String(at + 1).padStart(3, '0')}`);
  // Slack's own pace is no figure of the bot; the publisher keeps it all the same.
  const slack = await startLocalSlack({ limitScale: Number.POSITIVE_INFINITY });
  const running = await startPlatform({ port: 0, clock: { nowMs: () => Date.now() }, seed: 'bench' });
  const { platform } = running;
  for (const region of regions) addServices(running, region, services);
  for (const [fault, region] of options.faults ?? []) inject(platform, fault, region);
  const configFile = writeSandboxConfig(folder, services, options.config);
  const postgres = options.store === 'postgres' ? await startPostgres() : null;
  const url = (await postgres?.createDatabase()) ?? null;
  const port = await freePort();
  const start = (): Promise<Bot> =>
    startBot({
      folder,
      configFile,
      port,
      slackApiUrl: slack.apiUrl,
      env: { MLP_SIMULATED_PLATFORM: running.url, ...(url === null ? {} : { DATABASE_URL: url }) },
      ...(options.probePort === undefined ? {} : { probePort: options.probePort }),
    });
  // The image comes with its compile cache filled: here an earlier start does that.
  await (await start()).stop();
  let bot = await start();
  await slack.until(() => slack.connections > 0, 'a socket', 10_000);
  return {
    slack,
    platform,
    // The one that lives now.
    get bot() {
      return bot;
    },
    rows: url === null ? sqliteIn(folder) : { is: 'postgres', url },
    kill: async () => {
      await bot.stop('SIGKILL');
      bot = await start();
    },
    services,
    latency: (latencyMs) => regions.forEach((region) => platform.setLine(region, { latencyMs })),
    alert: (deployment, region) => alert(bot.url, deployment, region),
    stop: async () => {
      await bot.stop();
      await running.close();
      await slack.close();
      await postgres?.stop();
      await removeFolder(folder);
    },
  };
}

function addServices({ platform }: RunningPlatform, region: string, names: readonly string[]): void {
  if (names.length === 0) return;
  platform.region(region).do({
    at: platform.now(),
    kind: 'fault', // kept when a fault is put before it
    what: 'more services',
    run: (cluster, at) => {
      for (const name of names) {
        const image = imageOf(region, name, 'v1.0.0');
        cluster.images.set(image, { pull: 'ok', pullSeconds: 0, program: program({ warmSeconds: 0 }) });
        const requests = { cpu: '10m', memory: '16Mi' };
        const one = container(name, image, { requests, readiness: probe('GET :8080/health') });
        const pod = template([one], { labels: { app: name } });
        const workload = { namespace, name, replicas: 1, template: pod, owner: argoCd(name, false) };
        addWorkload(cluster, workload, 'argocd-controller', at);
      }
    },
  });
}

let alerts = 0;

/** As Alertmanager posts it. Throws when it is not taken. */
async function alert(url: string, deployment: string, region: string): Promise<void> {
  alerts += 1;
  const labels = { alertname: 'KubeDeploymentRolloutStuck', severity: 'warning', region, namespace, deployment };
  const one = { status: 'firing', labels, annotations: {}, startsAt: new Date().toISOString() };
  const response = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${webhookToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version: '4', status: 'firing', alerts: [{ ...one, fingerprint: `bench-${alerts}` }] }),
  });
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}
