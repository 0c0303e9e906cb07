import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { playbooks } from '../playbooks/index.ts';
import { webhooks } from './adapters/webhooks/index.ts';
import { gitCommits } from './adapters/git/commits.ts';
import { configuredPaging } from './adapters/pagerduty/configured.ts';
import { draw } from './adapters/charts/draw.ts';
import { startSlack } from './adapters/slack/app.ts';
import { auditKeyTrouble, folderTrouble, openPostgres, openSqlite, sqliteFileIn } from './adapters/store/index.ts';
import { healthOf, parseConfig, rulesOf } from './config.ts';
import type { Config } from './config.ts';
import { disagreements, doctorParts, openPlatform, postmortemsOf, probingOf } from './connect.ts';
import { pageFor } from './core/config/probes.ts';
import type { Alertmanager, CloudWatch } from './core/ports/alert-sources.ts';
import type { Log } from './core/ports/log.ts';
import type { Platform } from './core/ports/platform.ts';
import type { Probe } from './core/ports/probe.ts';
import type { Store } from './core/ports/store.ts';
import type { Catalogue } from './core/routing.ts';
import { warnOfCalls } from './engine/doctor/alerts.ts';
import { createEngine } from './engine/engine.ts';
import type { Engine } from './engine/engine.ts';
import { withOncall } from './engine/oncall.ts';
import { withChatIds } from './engine/paged-people.ts';
import { regionHealth } from './engine/region-health.ts';
import { maintenanceOver } from './engine/maintenance.ts';
import { reconciliation } from './engine/reconcile.ts';
import type { TakeAlerts } from './engine/reconcile.ts';
import { slackPages } from './engine/slack-page.ts';
import { postings } from './engine/lists.ts';
import { retention, startSchedules } from './engine/schedules.ts';
import type { Schedule } from './engine/schedules.ts';
import { systemClock } from './engine/parts.ts';
import type { Parts } from './engine/parts.ts';
import { createMetrics } from './http/metrics.ts';
import type { SlackState } from './http/metrics.ts';
import { startHttp } from './http/server.ts';
import { readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { createLog } from './log.ts';
import { views } from './views/index.ts';

/** Wiring: the only file that reads the environment and constructs adapters. */

/** For the command line tools, which import no adapter themselves. */
export { startSlack } from './adapters/slack/app.ts';
export { openAuditReader, verifyAudit } from './adapters/store/index.ts';
export { disagreements, doctorParts, openPlatform } from './connect.ts';
export { configuredPaging } from './adapters/pagerduty/configured.ts';
export { doctor } from './engine/doctor/doctor.ts';
export { readEnvironment } from './environment.ts';

const STOP_MS = 7_000;

export interface Running {
  readonly port: number;
  readonly stop: () => Promise<void>;
}
export interface Ports {
  readonly store: Store;
  readonly platform: Platform;
  readonly log: Log;
  /** Left out: none. */
  readonly alertmanagers?: readonly Alertmanager[];
  readonly cloudwatches?: readonly CloudWatch[];
  /** For the public pages of the config. Left out or null: none is asked. */
  readonly probe?: Probe | null;
  /** Called between the steps of the engine; tests end or stop the process there. */
  readonly point?: (name: string) => void;
}

/** Puts the bot together over ports that are handed in. */
export async function wire(config: Config, env: Environment, ports: Ports): Promise<Running> {
  const { store, log } = ports;
  const keyTrouble = await auditKeyTrouble(store, env.auditKey);
  if (keyTrouble !== null) log('error', 'the audit log does not fit MLP_AUDIT_KEY', { why: keyTrouble });
  const metrics = createMetrics(
    () => store.stats(),
    () => store.auditHead(),
    () => slackState(store, engine),
  );
  const slack = startSlack({
    token: env.slack.token,
    mode: env.slack.mode,
    apiUrl: env.slack.apiUrl,
    intake: { take: (input) => engine.intake.take(input) },
    log,
  });
  const { listener } = slack;
  const probing = probingOf(config, ports.probe ?? null, { log, metrics });
  const parts = partsOf(config, env, ports, { slack, metrics, probing });
  const engine = createEngine(parts, catalogueOf(config));
  const regions = regionHealth(parts, config.namespace);
  const http = await startHttp({
    port: env.port,
    slack: listener === null ? null : (request, response) => void listener(request, response),
    metrics,
    webhooks: webhooks(env, {
      maxBytes: config.alerts.maxBytes,
      now: () => systemClock.now(),
      take: (alerts, note) => engine.intake.takeAlerts(alerts, note),
      log,
      count: metrics.webhook,
      pagerDuty:
        config.pagerduty === null
          ? null
          : { onPagerDuty: (event) => engine.intake.takePaged(event), chatIds: config.pagerduty.people },
    }),
    health: async () => [
      await storeHealth(store),
      ...(keyTrouble === null ? [] : [{ name: 'audit log', needed: false, ok: false, words: keyTrouble }]),
      { name: 'slack', needed: false, ...slack.health() },
      { name: 'publisher', needed: false, ...engine.publisher.health() },
      ...(await regions()).map((one) => ({ needed: false, ...one })),
    ],
  });
  await engine.start();
  engine.watch();
  probing.start();
  const schedules = startSchedules(parts, schedulesOf(parts, engine, config));
  if (parts.doctor !== undefined) void warnOfCalls(parts.doctor, log);
  log('info', 'mlp-bot is running', { port: http.port, regions: parts.regions.length, playbooks: playbooks.length });
  return {
    port: http.port,
    stop: async () => {
      // Whatever hangs must not use up the time that the store needs to close: ten seconds are all there is.
      probing.stop();
      const enough = new AbortController();
      const all = Promise.allSettled([http.stop(), slack.stop(), schedules.stop(), engine.stop()]);
      await Promise.race([all, systemClock.wait(STOP_MS, enough.signal)]);
      enough.abort();
      await store.close();
    },
  };
}

/** What the engine is given, over the ports and the adapters. */
function partsOf(
  config: Config,
  env: Environment,
  { store, platform: regions, log, point, alertmanagers = [], cloudwatches = [], probe = null }: Ports,
  {
    slack,
    metrics,
    probing,
  }: { slack: ReturnType<typeof startSlack>; metrics: Parts['metrics']; probing: ReturnType<typeof probingOf> },
): Parts {
  const platform = probing.over(regions);
  const way = configuredPaging(config.pagerduty, env);
  const paging = way === null ? null : withChatIds(way, slack.people, () => systemClock.now());
  return {
    store,
    platform,
    people: withOncall(slack.people, paging),
    chat: slack.chat,
    commits: gitCommits(config.sources),
    draw,
    paging,
    alertmanagers,
    cloudwatches,
    doctor: doctorParts(config, env, { platform, alertmanagers, cloudwatches, chat: slack.exam, paging, probe }),
    playbooks,
    postmortems: postmortemsOf(config, env),
    rules: { ...rulesOf(config), postmortems: true },
    regions: config.regions.map((one) => one.name),
    health: (subject, region) => healthOf(config, subject, region),
    publicUrl: (subject, region) => pageFor(probing.pages, subject, region)?.url ?? null,
    clock: systemClock,
    log,
    owner: randomUUID(),
    point: point ?? (() => undefined),
    fallbacks: fallbacksOf(config),
    metrics,
  };
}

function schedulesOf(parts: Parts, { intake, watchdogs }: Engine, config: Config): readonly Schedule[] {
  const take: TakeAlerts = (alerts, note) => intake.takeAlerts(alerts, note);
  return [
    retention(parts, config.retentionDays),
    maintenanceOver(parts),
    ...postings(parts, config.handover, config.digest),
    reconciliation(parts, take),
    slackPages(parts, config.slack.channel),
    watchdogs.schedule(config.alerts.watchdogSilentMs, take),
  ];
}

/** What its own channel does not take goes to the first of these that does. */
function fallbacksOf({ slack }: Config): readonly string[] {
  return slack.fallbackChannel === null ? [slack.channel] : [slack.fallbackChannel, slack.channel];
}

async function slackState(store: Store, engine: Engine): Promise<SlackState> {
  const { since, dead } = await store.undelivered(0);
  const lagMs = since === null ? 0 : Math.max(0, systemClock.now() - Date.parse(since));
  return { lagMs, dead, usable: engine.slackHealth().usable };
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
    services: config.services.map(({ name, namespace, channel, variables, health }) => ({
      name,
      variables,
      channel,
      measured: health !== null,
      namespace: namespace ?? config.namespace,
    })),
    defaultNamespace: config.namespace,
    playbooks,
    views,
    regionLabels: config.alerts.regionLabels,
    channel: config.slack.channel,
    storms: config.alerts.storm,
    routes: config.alerts.routes,
    urgent: config.alerts.urgent,
  };
}

async function openStore(env: Environment, log: Log): Promise<Store> {
  const onError = (error: unknown, stream: string | null): void =>
    log('error', 'driving a stream failed: it is tried again', {
      stream,
      err: error instanceof Error ? error.message : String(error),
    });
  if (env.databaseUrl !== null) return openPostgres({ url: env.databaseUrl, auditKey: env.auditKey, onError });
  return openSqlite({ file: sqliteFileIn(env.dataFolder), auditKey: env.auditKey, onError });
}

/** For the config: ids of all playbooks, and of all remedies that any of them has. */
export const known = {
  playbooks: playbooks.map((one) => one.id),
  remedies: playbooks.flatMap((one) => one.remedies.map((remedy) => remedy.id)),
};

function readConfig(file: string): ReturnType<typeof parseConfig> {
  try {
    return parseConfig(readFileSync(resolve(file), 'utf8'), known);
  } catch (error) {
    return { problems: [`cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

function storeTrouble(env: Environment | null): readonly string[] {
  const why = env === null || env.databaseUrl !== null ? null : folderTrouble(env.dataFolder);
  return why === null ? [] : [why];
}

export async function start(): Promise<void> {
  const { env, problems } = readEnvironment(process.env);
  const configFile = process.env['MLP_CONFIG'];
  // Both are read whatever is wrong with the other: every problem at once.
  const read = configFile === undefined || configFile === '' ? { problems: [] } : readConfig(configFile);
  const wrong = [
    ...problems,
    ...('problems' in read ? read.problems.map((problem) => `${configFile ?? 'config'}: ${problem}`) : []),
    ...(env !== null && 'config' in read ? disagreements(read.config, env) : []),
    ...storeTrouble(env),
  ];
  if (env === null || !('config' in read) || wrong.length > 0) {
    process.stderr.write(`mlp-bot cannot start:\n${wrong.map((problem) => `  - ${problem}\n`).join('')}`);
    process.exitCode = 2;
    return;
  }
  const log = createLog(env.logLevel);
  // The store first: it is what may refuse, and nothing else is connected then.
  const store = await openStore(env, log);
  const { close, ...connected } = await openPlatform(read.config, env);
  const running = await wire(read.config, env, { store, log, ...connected });
  const stop = (signal: string): void => {
    log('info', 'stopping', { signal });
    setTimeout(() => process.exit(1), 10_000).unref();
    void running
      .stop()
      .then(close)
      .then(() => process.exit(0));
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
}

if (import.meta.main) {
  await start().catch((error: unknown) => {
    process.stderr.write(`mlp-bot cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    // Whatever was connected before would keep the process.
    process.exit(1);
  });
}
