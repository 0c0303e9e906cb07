import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary } from './need.ts';
import { answers, freePort, removeFolder, startPeer, temporaryFolder, type PeerProcess } from './process.ts';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly rules?: readonly AlertRule[];
  /** Targets are `host:port`; each is asked for `/metrics`. */
  readonly scrape?: readonly { readonly job: string; readonly targets: readonly string[] }[];
  /** `host:port` or urls of Alertmanagers. */
  readonly alertmanagers?: readonly string[];
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** OpenMetrics text with timestamps (seconds), written into its database before it starts. */
  readonly backfill?: string;
  /** How often it scrapes and evaluates; 1 s by default. */
  readonly everySeconds?: number;
  /** How often what fires is sent again; a minute by default. */
  readonly resendSeconds?: number;
}

interface Peer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [seconds: number, value: string];
}

export interface Prometheus extends Peer {
  /** An instant query's vector. */
  query(promql: string): Promise<readonly Sample[]>;
  /** Replaces the rules. */
  setRules(rules: readonly AlertRule[]): Promise<void>;
}

/** A real Prometheus with its data in a temporary folder. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<Prometheus> {
  const folder = temporaryFolder('prometheus');
  const every = `${options.everySeconds ?? 1}s`;
  const writeRules = (rules: readonly AlertRule[]): void =>
    // YAML contains JSON.
    writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'test', interval: every, rules }] }));
  writeRules(options.rules ?? []);
  const config = {
    global: {
      scrape_interval: every,
      scrape_timeout: every,
      evaluation_interval: every,
      external_labels: options.externalLabels ?? {},
    },
    rule_files: ['rules.yml'],
    scrape_configs: (options.scrape ?? []).map(({ job, targets }) => ({
      job_name: job,
      static_configs: [{ targets }],
    })),
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: (options.alertmanagers ?? []).map(hostAndPort) }] }],
    },
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  if (options.backfill !== undefined) backfill(folder, options.backfill);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { server, stop } = await startIn(folder, {
    name: 'prometheus',
    command: binary('prometheus', 'prometheus'),
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
      ...(options.resendSeconds === undefined ? [] : [`--rules.alert.resend-delay=${options.resendSeconds}s`]),
      '--log.level=warn',
    ],
    isReady: () => answers(`${url}/-/ready`),
  });
  return {
    url,
    pause: () => server.pause(),
    resume: () => server.resume(),
    stop,
    query: async (promql) => {
      const body = new URLSearchParams({ query: promql });
      const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body, signal: AbortSignal.timeout(5000) });
      const answer = (await response.json()) as { status: string; error?: string; data: { result: readonly Sample[] } };
      if (answer.status !== 'success') throw new Error(answer.error);
      return answer.data.result;
    },
    setRules: async (rules) => {
      writeRules(rules);
      if (!(await answers(`${url}/-/reload`, { method: 'POST' })))
        throw new Error(`Prometheus refused the rules\n${server.output()}`);
    },
  };
}

/** Else the file is read anew for every two hours that it tells of. */
const oneBlock = '--max-block-duration=48h';

function backfill(folder: string, openMetrics: string): void {
  const file = join(folder, 'history.om');
  writeFileSync(file, openMetrics);
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', oneBlock, file, join(folder, 'data')];
  execFileSync(binary('prometheus', 'promtool'), args, { timeout: 30_000, stdio: 'pipe' });
}

export interface AlertmanagerOptions {
  /** A whole configuration, as an object or YAML… */
  readonly config?: object | string;
  /** …or one receiver that gets everything, at once. `token` is sent as a bearer token. */
  readonly webhook?: {
    readonly url: string;
    readonly token?: string;
    readonly groupBy?: readonly string[];
    readonly groupWait?: string;
    readonly groupInterval?: string;
    readonly repeatInterval?: string;
  };
  /** `true` for the first of a cluster; the others name its `clusterAddress`. */
  readonly cluster?: true | readonly string[];
  /** Where it listens; a free one by default. */
  readonly port?: number;
}

export interface Alertmanager extends Peer {
  /** `host:port` for the others of a cluster; undefined without one. */
  readonly clusterAddress: string | undefined;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** The alerts that it holds now (`/api/v2/alerts`). */
  alerts(): Promise<
    readonly { readonly labels: Readonly<Record<string, string>>; readonly status: { readonly state: string } }[]
  >;
  /** Sends alerts as Prometheus would. */
  post(
    alerts: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
      readonly startsAt?: string;
      readonly endsAt?: string;
    }[],
  ): Promise<void>;
}

/** A real Alertmanager with its data in a temporary folder. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  const folder = temporaryFolder('alertmanager');
  const config = options.config ?? webhookConfig(options.webhook);
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  writeFileSync(join(folder, 'alertmanager.yml'), text, { mode: 0o600 });
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const clusterAddress = options.cluster === undefined ? undefined : `127.0.0.1:${await freePort()}`;
  const { server, stop } = await startIn(folder, {
    name: 'alertmanager',
    command: binary('alertmanager', ['alertmanager', 'prometheus-alertmanager']),
    args: [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--cluster.listen-address=${clusterAddress ?? ''}`,
      // A cluster waits this long per position before it sends, so that one notifies and the others see that.
      ...(clusterAddress === undefined
        ? []
        : ['--cluster.peer-timeout=2s', '--cluster.settle-timeout=2s', '--cluster.gossip-interval=100ms']),
      ...(Array.isArray(options.cluster) ? options.cluster.map((peer) => `--cluster.peer=${peer}`) : []),
      '--log.level=warn',
    ],
    isReady: () => answers(`${url}/-/ready`),
  });
  return {
    url,
    clusterAddress,
    kill: () => server.stop('SIGKILL'),
    pause: () => server.pause(),
    resume: () => server.resume(),
    stop,
    alerts: async () => {
      const response = await fetch(`${url}/api/v2/alerts`, { signal: AbortSignal.timeout(5000) });
      return (await response.json()) as Awaited<ReturnType<Alertmanager['alerts']>>;
    },
    post: async (alerts) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers,
        body: JSON.stringify(alerts),
        signal: AbortSignal.timeout(5000),
      });
      if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
    },
  };
}

function webhookConfig(webhook: AlertmanagerOptions['webhook']): object {
  if (webhook === undefined) throw new Error('startAlertmanager needs config or webhook');
  const authorization =
    webhook.token === undefined ? {} : { http_config: { authorization: { credentials: webhook.token } } };
  return {
    route: {
      receiver: 'webhook',
      group_by: webhook.groupBy ?? ['...'],
      group_wait: webhook.groupWait ?? '0s',
      group_interval: webhook.groupInterval ?? '1s',
      repeat_interval: webhook.repeatInterval ?? '1h',
    },
    receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook.url, send_resolved: true, ...authorization }] }],
  };
}

/** A target to scrape: what `render` gives is its metrics page. */
export async function serveMetrics(render: () => string): Promise<{ readonly target: string; stop(): Promise<void> }> {
  const server = createServer(
    (_, response) => void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(render()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    target: `127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startIn(
  folder: string,
  spec: Parameters<typeof startPeer>[0],
): Promise<{ server: PeerProcess; stop: () => Promise<void> }> {
  try {
    const server = await startPeer(spec);
    const stop = async (): Promise<void> => {
      await server.stop();
      await removeFolder(folder);
    };
    return { server, stop };
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

function hostAndPort(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
