import { setLink } from '../src/sandbox/platform/control.ts';
import { namespace } from '../src/sandbox/platform/seed.ts';
import { startPlatform } from '../src/sandbox/platform/server.ts';
import { startBesideBot } from '../src/sandbox/pagerduty/for-bot.ts';
import { startLocalSlack, type LocalSlack } from '../src/sandbox/slack/server.ts';
import { webhookToken } from '../test/peers/bot.ts';
import { freePort, removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { startBot, writeSandboxConfig } from './bot.ts';
import { rounded, waitFor, type Figures } from './figures.ts';
import { channel } from './simulated.ts';

/** Fewer than make a storm: each is an incident of its own, and calls for itself. */
const deployments = ['model-server', 'api-gateway', 'feature-store', 'replication-service'] as const;
const dark = 'eu-west-1';
/** Whoever is called for P0, by the config below. */
const routes = ['oncall', 'lead'] as const;

/** How Slack is meanwhile. `hangs`: it stops to answer after it has taken the incidents' first messages. */
const ways = ['answers', 'refuses', 'hangs'] as const;
type Way = (typeof ways)[number];

/**
 * P0 alerts about a region whose API server and Prometheus take connections and never answer: from each one's POST to the webhook until
 * PagerDuty has accepted the events of both routes, with Slack as it should be, refusing connections, and hanging. The bot is a process of
 * its own, as its image runs it, and speaks TLS to the PagerDuty of this repository.
 */
export async function paging(): Promise<Figures> {
  const took: Record<Way, number[]> = { answers: [], refuses: [], hangs: [] };
  for (const way of ways) took[way].push(...(await measured(way)));
  const worst = (all: readonly number[]): number => rounded(Math.max(...all));
  return {
    page_ms: worst(Object.values(took).flat()),
    page_slack_answers_ms: worst(took.answers),
    page_slack_refuses_ms: worst(took.refuses),
    page_slack_hangs_ms: worst(took.hangs),
  };
}

async function measured(way: Way): Promise<readonly number[]> {
  const folder = temporaryFolder('bench-paging');
  const slack = await startLocalSlack({ limitScale: Number.POSITIVE_INFINITY });
  const running = await startPlatform({ port: 0, clock: { nowMs: () => Date.now() }, seed: 'bench' });
  setLink(running.platform, dark, { kind: 'hangs' });
  const webhookUrl = `http://127.0.0.1:${await freePort()}/webhooks/pagerduty`;
  const { pagerDuty, env } = await startBesideBot({ folder, webhookUrl, inherited: process.env });
  const configFile = writeSandboxConfig(folder, [], {
    pagerduty: { routes: [{ name: 'oncall' }, { name: 'lead', routingKeyEnv: 'PAGERDUTY_ROUTING_KEY_LEAD' }] },
    escalation: { byPriority: { P0: routes } },
  });
  const all = { ...env, MLP_SIMULATED_PLATFORM: running.url };
  const bot = await startBot({ folder, configFile, slackApiUrl: slack.apiUrl, env: all });
  try {
    await slack.until(() => slack.connections > 0, 'a socket', 10_000);
    await outage(way, slack, bot.url);
    const accepted = (): number =>
      pagerDuty.requests.filter((one) => one.path === '/v2/enqueue' && one.status === 202).length;
    const took: number[] = [];
    for (const deployment of deployments) {
      const before = accepted();
      const from = performance.now();
      await post(bot.url, deployment, 'P0');
      const both = async (): Promise<true | undefined> => (accepted() - before >= routes.length ? true : undefined);
      await waitFor(`both calls for ${deployment}, Slack ${way}`, both, 30_000);
      took.push(performance.now() - from);
    }
    return took;
  } finally {
    await bot.stop();
    await pagerDuty.stop();
    await running.close();
    await slack.close();
    await removeFolder(folder);
  }
}

async function outage(way: Way, slack: LocalSlack, url: string): Promise<void> {
  if (way === 'refuses') slack.faults.setDown(true);
  if (way !== 'hangs') return;
  // Its threads are there: what is asked for their links meets the hanging Slack too.
  for (const deployment of deployments) await post(url, deployment, 'warning');
  await slack.until(() => slack.roots(channel).length >= deployments.length, 'the first messages', 60_000);
  slack.faults.arm({ kind: 'hang' }, { calls: Number.POSITIVE_INFINITY });
}

async function post(url: string, deployment: string, severity: string): Promise<void> {
  const labels = { alertname: 'KubeDeploymentReplicasMismatch', severity, region: dark, namespace, deployment };
  const one = { status: 'firing', labels, annotations: {}, startsAt: new Date().toISOString() };
  const response = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${webhookToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      status: 'firing',
      groupKey: `{}:{deployment="${deployment}", severity="${severity}"}`,
      alerts: [{ ...one, fingerprint: `${deployment}-${severity}` }],
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}
