import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { playbooks } from '../playbooks/index.ts';
import { alertmanagerHandler } from './adapters/webhooks/handler.ts';
import { startSlack } from './adapters/slack/app.ts';
import { openPostgres, openSqlite, sqliteFileIn } from './adapters/store/index.ts';
import { healthOf, parseConfig, rulesOf } from './config.ts';
import type { Config } from './config.ts';
import type { Log } from './core/ports/log.ts';
import type { Platform } from './core/ports/platform.ts';
import type { Store } from './core/ports/store.ts';
import type { Catalogue } from './core/routing.ts';
import { createEngine } from './engine/engine.ts';
import { systemClock } from './engine/parts.ts';
import type { Parts } from './engine/parts.ts';
import { createMetrics } from './http/metrics.ts';
import { startHttp } from './http/server.ts';
import { readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { createLog } from './log.ts';

/** Wiring: the only file that reads the environment and constructs adapters. */

export interface Running {
  readonly port: number;
  readonly stop: () => Promise<void>;
}
export interface Ports {
  readonly store: Store;
  readonly platform: Platform;
  readonly log: Log;
}

/** Puts the bot together over ports that are handed in. */
export async function wire(config: Config, env: Environment, ports: Ports): Promise<Running> {
  const { store, platform, log } = ports;
  const catalogue = catalogueOf(config);
  const metrics = createMetrics(
    () => store.stats(),
    () => store.auditHead(),
  );
  const slack = startSlack({
    token: env.slack.token,
    mode: env.slack.mode,
    apiUrl: env.slack.apiUrl,
    intake: { take: (input) => engine.intake.take(input) },
    log,
  });
  const parts: Parts = {
    store,
    platform,
    people: slack.people,
    chat: slack.chat,
    playbooks,
    rules: rulesOf(config),
    regions: config.regions.map((one) => one.name),
    health: (subject, region) => healthOf(config, subject, region),
    clock: systemClock,
    log,
    owner: randomUUID(),
    point: () => undefined,
    metrics,
  };
  const engine = createEngine(parts, catalogue);
  const http = await startHttp({
    port: env.port,
    slack: slack.listener,
    metrics,
    webhooks: {
      alertmanager: alertmanagerHandler({
        token: env.alertmanagerToken,
        maxBytes: config.alerts.maxBytes,
        take: (alerts, note) => engine.intake.takeAlerts(alerts, note),
        log,
        count: (outcome) => metrics.webhook('alertmanager', outcome),
      }),
    },
    health: async () => [
      await storeHealth(store),
      { name: 'slack', needed: false, ...slack.health() },
      { name: 'publisher', needed: false, ...engine.publisher.health() },
    ],
  });
  await engine.start();
  log('info', 'mlp-bot is running', { port: http.port, regions: parts.regions.length, playbooks: playbooks.length });
  return {
    port: http.port,
    stop: async () => {
      await Promise.all([http.stop(), slack.stop()]);
      await engine.stop();
      await store.close();
    },
  };
}

async function storeHealth(store: Store): Promise<{ name: string; needed: boolean; ok: boolean; words: string }> {
  try {
    await store.check();
    return { name: 'store', needed: true, ok: true, words: 'answers' };
  } catch (error) {
    return { name: 'store', needed: true, ok: false, words: error instanceof Error ? error.message : String(error) };
  }
}

export function catalogueOf(config: Config): Catalogue {
  return {
    regions: config.regions,
    services: config.services.map(({ name, namespace, channel }) => ({
      name,
      channel,
      namespace: namespace ?? config.namespace,
    })),
    defaultNamespace: config.namespace,
    playbooks,
    regionLabels: config.alerts.regionLabels,
    channel: config.slack.channel,
  };
}

async function openStore(env: Environment, log: Log): Promise<Store> {
  const onError = (error: unknown, stream: string | null): void =>
    log('error', 'driving a stream failed: it is tried again', {
      stream,
      err: error instanceof Error ? error.message : String(error),
    });
  if (env.databaseUrl !== null) return openPostgres({ url: env.databaseUrl, auditKey: env.auditKey, onError });
  mkdirSync(env.dataFolder, { recursive: true });
  return openSqlite({ file: sqliteFileIn(env.dataFolder), auditKey: env.auditKey, onError });
}

/** Adapters are loaded only where they are used: the simulated platform needs no Kubernetes client. */
async function openPlatform(config: Config, env: Environment): Promise<Platform> {
  const regions = config.regions.map((one) => one.name);
  if (env.simulatedPlatform !== null) {
    const { simulatedPlatform } = await import('./adapters/simulated/client.ts');
    return simulatedPlatform({ url: env.simulatedPlatform, regions });
  }
  throw new Error('no platform: MLP_SIMULATED_PLATFORM is not set');
}

export async function start(): Promise<void> {
  const { env, problems } = readEnvironment(process.env);
  const read = env === null ? { problems: [] } : parseConfig(readFileSync(resolve(env.configFile), 'utf8'));
  const wrong = [
    ...problems,
    ...('problems' in read ? read.problems.map((problem) => `${env?.configFile ?? 'config'}: ${problem}`) : []),
  ];
  if (env === null || !('config' in read) || wrong.length > 0) {
    process.stderr.write(`mlp-bot cannot start:\n${wrong.map((problem) => `  - ${problem}\n`).join('')}`);
    process.exitCode = 2;
    return;
  }
  const log = createLog(env.logLevel);
  const running = await wire(read.config, env, {
    store: await openStore(env, log),
    platform: await openPlatform(read.config, env),
    log,
  });
  const stop = (signal: string): void => {
    log('info', 'stopping', { signal });
    setTimeout(() => process.exit(1), 10_000).unref();
    void running.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
}

if (import.meta.main) {
  await start().catch((error: unknown) => {
    process.stderr.write(`mlp-bot cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
