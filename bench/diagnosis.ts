import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlite } from '../src/adapters/store/index.ts';
import { healthOf, parseConfig, type Config } from '../src/config.ts';
import type { RegionDiagnosis } from '../src/core/diagnose.ts';
import { impactLook } from '../src/core/impact.ts';
import type { Store } from '../src/core/ports/store.ts';
import { wire, type Running } from '../src/main.ts';
import { rolloutStuck } from '../playbooks/rollout-stuck/playbook.ts';
import { app } from '../src/sandbox/slack/seed.ts';
import { startLocalSlack, type LocalSlack } from '../src/sandbox/slack/server.ts';
import { webhookToken, writeConfig } from '../test/peers/bot.ts';
import { whyNot } from '../test/peers/need.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { slowestOf } from './chain.ts';
import { median, rounded, waitFor, type Figures } from './figures.ts';
import { namespace, regions, startFar, type Far } from './real.ts';

const rounds = 7;
/** Longer than connections and shared answers are kept: what a bot that nobody has asked for a while needs. */
const idleMs = 8_000;

/**
 * The bot's diagnosis of a rollout that is stuck in three regions, every system 100 ms away, by an alert that is posted to its webhook:
 * until the last region's findings are stored (`diagnose_ms`) and until they stand in the channel (`shown_ms`).
 */
export async function diagnosis(): Promise<Figures> {
  const missing = whyNot('control-plane', 'prometheus', 'toxiproxy');
  if (missing !== undefined) {
    process.stderr.write(`diagnose_ratio, by_hand_ratio ${missing}\n`);
    return {};
  }
  const far = await startFar();
  const slack = await startLocalSlack({ limitScale: Number.POSITIVE_INFINITY });
  const folder = temporaryFolder('bench-diagnosis');
  try {
    const config = configOf(folder, far);
    const warm: Times[] = [];
    const chains: number[] = [];
    // Alternating, so that whatever else this machine does falls on both alike. The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const times = await oneDiagnosis(far, slack, config, join(folder, `${round}.sqlite`), 0);
      const chain = await slowestChain(far, config);
      if (round === 0) continue;
      warm.push(times);
      chains.push(chain);
    }
    const idle = await oneDiagnosis(far, slack, config, join(folder, 'idle.sqlite'), idleMs);
    const byHandMs = await byHand(far);
    const shownMs = median(warm.map((one) => one.shownMs));
    return {
      diagnose_ratio: rounded(median(warm.map((one, at) => one.diagnosedMs / (chains[at] ?? Number.NaN))), 2),
      by_hand_ratio: rounded(byHandMs / shownMs, 1),
      diagnose_ms: rounded(median(warm.map((one) => one.diagnosedMs))),
      diagnose_chain_ms: rounded(median(chains)),
      diagnose_shown_ms: rounded(shownMs),
      diagnose_after_idle_ms: rounded(idle.diagnosedMs),
      by_hand_ms: rounded(byHandMs),
    };
  } finally {
    await slack.close();
    await removeFolder(folder);
    await far.stop();
  }
}

export function configOf(folder: string, far: Far): Config {
  const file = writeConfig(
    folder,
    regions.map((name) => ({ name, prometheus: far.prometheusUrl(name) })),
  );
  const parsed = parseConfig(readFileSync(file, 'utf8'));
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

interface Times {
  readonly diagnosedMs: number;
  readonly shownMs: number;
}

/** A bot with a store of its own, so that nothing is shared with an earlier round but the connections. */
async function oneDiagnosis(far: Far, slack: LocalSlack, config: Config, file: string, idle: number): Promise<Times> {
  const store = await openSqlite({ file, auditKey: 'bench-audit-key-0123456789' });
  const bot = await startBot(far, slack, config, store);
  const channel = config.slack.channel;
  const before = slack.roots(channel).length;
  try {
    await slack.until(() => slack.connections > 0, 'a socket', 10_000);
    await sleep(idle);
    const from = performance.now();
    const atMs = Date.now();
    await alert(bot.port);
    const text = (): string => slack.thread(channel, slack.roots(channel)[before]?.ts ?? '');
    const shown = slack.until(() => /readiness probe asks/.test(text()), 'the message', 10_000);
    void shown.catch(() => undefined);
    const stream = await waitFor('an incident', async () => (await store.due(10))[0] ?? streamOf(store), 5_000);
    const lastAt = await waitFor('three regions', () => lastLookedAt(store, stream), 30_000);
    await shown.catch((error: unknown) => {
      throw new Error(`${String(error)}:\n${text()}`);
    });
    return { diagnosedMs: lastAt - atMs, shownMs: performance.now() - from };
  } finally {
    await bot.stop();
  }
}

export async function streamOf(store: Store): Promise<string | undefined> {
  return (await store.streams({ open: true, limit: 1 }))[0]?.stream;
}

/** When the last of the three regions' findings were stored (Unix ms); undefined while one is missing. */
async function lastLookedAt(store: Store, stream: string): Promise<number | undefined> {
  const { events } = await store.load(stream);
  const looked = events
    .map((one) => one.body as unknown as { at: string; event: { is: string; diagnosis?: RegionDiagnosis } })
    .filter(({ event }) => event.is === 'looked');
  const found = new Map(looked.map(({ at, event }) => [event.diagnosis?.region, { at, diagnosis: event.diagnosis }]));
  if (found.size < regions.length) return undefined;
  for (const [region, { diagnosis: seen }] of found) {
    const isSeen = seen?.findings.some((one) => one.check === 'readiness') && seen.unread.length === 0;
    if (!isSeen) throw new Error(`${region} was not diagnosed as it should be: ${JSON.stringify(seen)}`);
  }
  return Math.max(...[...found.values()].map(({ at }) => Date.parse(at)));
}

export async function startBot(far: Far, slack: LocalSlack, config: Config, store: Store): Promise<Running> {
  const env = {
    configFile: '',
    port: 0,
    logLevel: 'error',
    dataFolder: '',
    auditKey: 'bench-audit-key-0123456789',
    databaseUrl: null,
    slack: { token: app.botToken, apiUrl: slack.apiUrl, mode: { is: 'socket', appToken: app.appToken } },
    kubeconfig: null,
    variables: {},
    grafana: { secret: null, timestampHeader: null },
    sns: { topics: [], endpoint: null },
    pagerDuty: { token: null, eventsUrl: null, apiUrl: null, webhookSecrets: [] },
    alertmanagerToken: webhookToken,
    simulatedPlatform: null,
  } as const;
  return wire(config, env, { store, platform: far.platform, log: () => undefined });
}

export async function alert(port: number): Promise<void> {
  const labels = { alertname: 'KubeDeploymentRolloutStuck', region: regions[1], namespace, deployment: 'model-server' };
  const alerts = [
    { status: 'firing', labels, annotations: {}, startsAt: new Date().toISOString(), fingerprint: 'bench' },
  ];
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${webhookToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version: '4', status: 'firing', alerts }),
  });
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}

/**
 * Milliseconds of the slowest chain, over the three regions. Each reading is made alone, one after another over open connections, with
 * nothing else under way; a chain is a reading and what it waits for, its times added up. This is the floor for whoever asks these
 * questions in this order, however many others it asks beside them. The readings' own recorded times would not do: a bot that is slow
 * at asking side by side would make them longer, and look the better for it.
 */
async function slowestChain(far: Far, config: Config): Promise<number> {
  const target = { namespace, name: 'model-server' };
  const chains: number[] = [];
  for (const region of regions) {
    const health = healthOf(config, { target }, region);
    const opened = rolloutStuck.open({ ...target, region });
    const readings = [...impactLook(health, { region, ...target }), ...opened.look];
    chains.push(await slowestOf(readings, () => far.platform.read(region, AbortSignal.timeout(10_000))));
  }
  return Math.max(...chains);
}

/**
 * The guide's own commands, "Rolling Deployment Stuck" and its general steps, as far as they end by themselves (`logs -f` never does),
 * each typed the moment the one before has answered. Milliseconds.
 */
async function byHand(far: Far): Promise<number> {
  const commands = (pod: string): readonly (readonly string[])[] => [
    ['rollout', 'history', 'deployment/model-server', '-n', namespace],
    ['rollout', 'status', 'deployment/model-server', '-n', namespace],
    ['describe', 'deployment', 'model-server', '-n', namespace],
    ['get', 'pods', '-n', namespace, '-l', 'app=model-server'],
    ['logs', pod, '-n', namespace],
    ['describe', 'pod', pod, '-n', namespace],
    ['get', 'deployment', 'model-server', '-n', namespace, '-o', 'yaml'],
  ];
  const pods = await Promise.all(regions.map((region) => far.brokenPod(region)));
  await Promise.all(regions.map((region) => far.kubectl(region, ['get', 'pods', '-n', namespace]))); // fills kubectl's cache
  let sum = 0;
  for (const [at, region] of regions.entries()) {
    for (const args of commands(pods[at] ?? '')) sum += await far.kubectl(region, args);
  }
  return sum;
}
