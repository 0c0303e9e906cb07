import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalSlack } from '../src/sandbox/slack/server.ts';
import { writeConfig } from '../test/peers/bot.ts';
import { freePort, removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { startBot } from './bot.ts';
import { median, rounded, waitFor, type Figures } from './figures.ts';
import type { Memory } from './probe.ts';
import { channel, people, regions, startSimulated, type Simulated } from './simulated.ts';

const starts = 7;
const runs = { first: 50, last: 1_000 } as const;
const underWay = 10;
/** So many targets that none is asked about again within the five seconds in which equal questions are shared. */
const targets = 150;
const sharedMs = 6_000;
const megabyte = 1_000_000;

/**
 * Milliseconds from the start of the process to /readyz, as the image runs: its command line, its environment, its compile cache filled
 * by an earlier start. Real Kubernetes and Prometheus adapters of three regions, SQLite, Socket Mode.
 */
export async function starting(): Promise<Figures> {
  const folder = temporaryFolder('bench-start');
  const slack = await startLocalSlack();
  const times: number[] = [];
  try {
    const nowhere = await freePort();
    const configFile = writeConfig(
      folder,
      regions.map((name) => ({ name, prometheus: `http://127.0.0.1:${nowhere}` })),
    );
    const env = { KUBECONFIG: writeKubeconfig(folder, nowhere) };
    for (let at = 0; at <= starts; at += 1) {
      const bot = await startBot({ folder, configFile, slackApiUrl: slack.apiUrl, env });
      await bot.stop();
      if (at > 0) times.push(bot.startMs); // the first fills the cache
    }
  } finally {
    await slack.close();
    await removeFolder(folder);
  }
  return { start_ms: rounded(median(times)), start_worst_ms: rounded(Math.max(...times)) };
}

/** Clusters that nobody answers for: nothing is connected before the first look. */
function writeKubeconfig(folder: string, port: number): string {
  const file = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: regions.map((name) => ({ name, cluster: { server: `https://127.0.0.1:${port}` } })),
    users: regions.map((name) => ({ name, user: { token: 'bench' } })),
    contexts: regions.map((name) => ({ name, context: { cluster: name, user: name } })),
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/**
 * What a thousand runs leave behind. A run is a diagnosis that somebody asked for: three regions are looked at, an incident is opened,
 * posted and closed. A tenth of them is about a deployment that is stuck, whose incident stays open and is looked at again. Measured in
 * the bot's own process, after a full collection, with every adapter loaded.
 */
export async function memory(): Promise<Figures> {
  const probePort = await freePort();
  const world = await startSimulated({ services: targets, faults: [['image-missing', 'eu-west-1']], probePort });
  try {
    const started = await remembered(probePort);
    await run(world, 0, runs.first);
    await settled(world, runs.first);
    const first = await remembered(probePort);
    await run(world, runs.first + 1, runs.last);
    await settled(world, runs.last);
    const last = await remembered(probePort);
    return {
      rss_growth_mb: rounded((last.rss - first.rss) / megabyte, 1),
      heap_mb: rounded(last.heapUsed / megabyte, 1),
      rss_mb: rounded(last.rss / megabyte, 1),
      rss_before_gc_mb: rounded(last.rssBefore / megabyte, 1),
      heap_at_start_mb: rounded(started.heapUsed / megabyte, 1),
      rss_at_start_mb: rounded(started.rss / megabyte, 1),
      heap_growth_mb: rounded((last.heapUsed - first.heapUsed) / megabyte, 1),
    };
  } finally {
    await world.stop();
  }
}

/** Runs number `from` to `to`, at most ten at a time. */
async function run({ slack, bot, services }: Simulated, from: number, to: number): Promise<void> {
  const oncall = slack.as(people.sana);
  const looks = (): Promise<number> => bot.count('mlp_look_seconds_count');
  for (let at = from; at < to; at += underWay) {
    const before = await looks();
    const many = Math.min(underWay, to - at);
    for (let one = at; one < at + many; one += 1) {
      const name = one % 10 === 0 ? 'model-server' : (services[one % services.length] ?? '');
      await oncall.command(`/mlp diagnose ${name}`, { channel });
    }
    await waitFor(
      'the diagnoses',
      async () => {
        await sleep(50);
        return (await looks()) - before >= many * regions.length ? true : undefined;
      },
      60_000,
    );
  }
}

/** Answers are shared for five seconds, and are let go of when the next question comes: one more run, alone, lets go of them. */
async function settled(world: Simulated, at: number): Promise<void> {
  await sleep(sharedMs);
  await run(world, at, at + 1);
}

/** After a full collection of garbage; of a bot with a probe. */
export async function remembered(port: number): Promise<Memory> {
  await sleep(1_000);
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000) });
  return (await response.json()) as Memory;
}
