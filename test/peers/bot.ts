import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, ids } from '../../src/sandbox/slack/seed.ts';
import type { LocalSlack } from '../../src/sandbox/slack/server.ts';
import { answers, startPeer, type PeerProcess } from './process.ts';
import { until } from './until.ts';

/** The bot as it is run: `node src/main.ts` with a config file and an environment, as a process of its own. */
export interface BotProcess extends PeerProcess {
  readonly url: string;
  /** The sum of a counter over all its labels but these. */
  count(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
}

export const webhookToken = 'peers-webhook-token';
const project = join(import.meta.dirname, '../..');

export interface BotOptions {
  readonly name: string;
  readonly port: number;
  readonly configFile: string;
  readonly slack: Pick<LocalSlack, 'apiUrl'>;
  /** DATABASE_URL or MLP_DATA, KUBECONFIG … */
  readonly env: Readonly<Record<string, string>>;
  /** `socket` by default. */
  readonly mode?: 'socket' | 'http';
}

/** Resolves when it says that it is ready. */
export async function startBotProcess(options: BotOptions): Promise<BotProcess> {
  const url = `http://127.0.0.1:${options.port}`;
  const http = { SLACK_SIGNING_SECRET: app.signingSecret };
  const running = await startPeer({
    name: options.name,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', 'src/main.ts'],
    cwd: project,
    env: {
      MLP_CONFIG: options.configFile,
      PORT: String(options.port),
      SLACK_BOT_TOKEN: app.botToken,
      SLACK_API_URL: options.slack.apiUrl,
      ...(options.mode === 'http' ? http : { SLACK_APP_TOKEN: app.appToken }),
      MLP_AUDIT_KEY: 'peers-audit-key-0123456789',
      ALERTMANAGER_WEBHOOK_TOKEN: webhookToken,
      ...options.env,
    },
    isReady: () => answers(`${url}/readyz`),
    readyWithinMs: 30_000,
    stopWithinMs: 12_000,
  });
  return {
    ...running,
    url,
    count: async (name, labels = {}) => {
      const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5000) });
      const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
      const lines = (await response.text()).split('\n').filter((line) => line.startsWith(name));
      return lines
        .filter((line) => wanted.every((one) => line.includes(one)))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
  };
}

/** The replica that decided about the click: the one that holds the incident's lease. */
export async function ownerOf(replicas: readonly BotProcess[]): Promise<BotProcess> {
  return until(
    'a decision about the click',
    async () => {
      for (const one of replicas) if ((await one.count('mlp_decisions_total', { command: 'press' })) > 0) return one;
      return undefined;
    },
    { everyMs: 20 },
  );
}

export interface RegionConfig {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly prometheus?: string;
  readonly alertmanager?: { readonly url: string; readonly receivers: readonly string[] };
}

/** Where a service's health is read from what `startStateMetrics` serves. The windows are short, as the stories are. */
export const health = {
  requests: 'sum(increase(http_requests_total{service="$service"}[20s]))',
  errors:
    'sum(rate(http_requests_total{service="$service",code=~"5.."}[20s])) / sum(rate(http_requests_total{service="$service"}[20s]))',
  latency:
    'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{service="$service"}[20s])))',
  limits: { errorRatio: 0.01, latencySeconds: 0.2 },
  window: '20 s',
};

/** Writes a config for the local Slack's people, with times that let a story end within a minute. `more` replaces whole parts of it. */
export function writeConfig(
  folder: string,
  regions: readonly RegionConfig[],
  timing: Readonly<Record<string, number>> = {},
  more: Readonly<Record<string, unknown>> = {},
): string {
  const { groups, channels } = ids;
  const config = {
    slack: {
      channel: channels.platform,
      groups: { [groups.oncall]: '@ml-oncall', [groups.approvers]: '@ml-approvers', [groups.leads]: '@ml-leads' },
    },
    regions,
    namespace: 'ml-platform',
    services: [{ name: 'model-server', health: regions.every((one) => one.prometheus === undefined) ? null : health }],
    approvals: {
      low: { groups: [groups.oncall] },
      medium: { groups: [groups.approvers] },
      high: { groups: [groups.leads], need: 2 },
      oncall: { groups: [groups.oncall] },
    },
    timing: { quietMs: 3000, watchMs: 2000, actMs: 4000, skewMs: 1000, observeMs: 500, settleMs: 3000, ...timing },
    ...more,
  };
  const file = join(folder, 'mlp.yaml');
  writeFileSync(file, JSON.stringify(config, null, 2)); // YAML contains JSON
  return file;
}
