import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { probe as probeOf } from '../../src/adapters/probe/probe.ts';
import { simulatedPlatform } from '../../src/adapters/simulated/client.ts';
import { alertmanager as alertmanagerAt } from '../../src/adapters/alertmanager/alertmanager.ts';
import { openSqlite, sqliteFileIn } from '../../src/adapters/store/index.ts';
import { parseConfig } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import type { Environment } from '../../src/environment.ts';
import type { Log } from '../../src/core/ports/log.ts';
import { wire } from '../../src/main.ts';
import type { Running } from '../../src/main.ts';
import { Alertmanager } from '../../src/sandbox/platform/alertmanager.ts';
import { inject } from '../../src/sandbox/platform/control.ts';
import { startPlatform } from '../../src/sandbox/platform/server.ts';
import type { RunningPlatform } from '../../src/sandbox/platform/server.ts';
import { app, ids } from '../../src/sandbox/slack/seed.ts';
import { startLocalSlack } from '../../src/sandbox/slack/server.ts';
import type { LocalSlack } from '../../src/sandbox/slack/server.ts';
import { judge } from '../blockkit/validate.ts';

/** The whole bot against the local Slack and the simulated platform, in one process: what a story needs. */
export const people = ids.users;
export const channel = ids.channels.platform;
export const TOKEN = 'acceptance-webhook-token';

export interface World {
  readonly slack: LocalSlack;
  readonly platform: RunningPlatform;
  readonly config: Config;
  readonly logs: { level: string; message: string; fields: unknown }[];
  bot(): Running;
  inject(fault: string, region: string): void;
  /** Sends one Alertmanager delivery of one alert to the real endpoint. */
  alert(labels: Readonly<Record<string, string>>, status?: 'firing' | 'resolved', startsAt?: string): Promise<Response>;
  /** Stops the bot as a deploy does, and starts it again on the same store. */
  restart(change?: Partial<Environment>): Promise<void>;
  /** The thread's text once it matches; fails with the text that it had. */
  until(
    pattern: RegExp,
    options?: { readonly limitMs?: number; readonly viewer?: string; readonly root?: number },
  ): Promise<string>;
  text(viewer?: string, root?: number): string;
  rootTs(root?: number): string;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Over the usual environment, from the start. */
  readonly env?: Partial<Environment>;
  /** With the `pagerduty` of the config. Left out: nobody can be called. */
  readonly paging?: boolean;
  /** With the public pages of the config, which the sandbox answers. Left out: none is asked. */
  readonly probing?: boolean;
}

export async function startWorld(
  change: (config: Config) => Config = (config) => config,
  { env: given = {}, paging = false, probing = false }: WorldOptions = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'mlp-world-'));
  const slack = await startLocalSlack({ port: 0 });
  let port = 0;
  const url = (): string => `http://127.0.0.1:${port}/webhooks/alertmanager`;
  const platform = await startPlatform({
    port: 0,
    clock: { nowMs: () => Date.now() },
    seed: 'acceptance',
    alertmanager: (over) =>
      new Alertmanager({
        platform: over,
        receiver: () => ({ url: url(), token: TOKEN }),
        groupWaitMs: 100,
        groupIntervalMs: 500,
      }),
  });
  const { alertmanager } = platform;
  const parsed = parseConfig(readFileSync(join(import.meta.dirname, '../../config/sandbox.yaml'), 'utf8'));
  if (!('config' in parsed)) throw new Error(parsed.problems.join('\n'));
  const config = change(paging ? parsed.config : { ...parsed.config, pagerduty: null });
  const logs: World['logs'] = [];
  const log: Log = (level, message, fields) => void logs.push({ level, message, fields });
  let env: Environment = {
    configFile: '',
    port: 0,
    logLevel: 'info',
    dataFolder: folder,
    auditKey: 'acceptance-audit-key',
    databaseUrl: null,
    slack: { token: app.botToken, apiUrl: slack.apiUrl, mode: { is: 'socket', appToken: app.appToken } },
    kubeconfig: null,
    variables: {},
    grafana: { secret: null, timestampHeader: null },
    sns: { topics: [], endpoint: null },
    pagerDuty: { token: null, eventsUrl: null, apiUrl: null, webhookSecrets: [] },
    alertmanagerToken: TOKEN,
    simulatedPlatform: platform.url,
    ...given,
  };
  const regions = config.regions.map((one) => one.name);
  const asked = alertmanagerAt({ name: 'Alertmanager of the sandbox', url: `${platform.url}/alertmanager`, regions });
  const at = (address: string): string => `${platform.url}/public?url=${encodeURIComponent(address)}`;
  const probe = probing ? probeOf({ now: () => Date.now(), at }) : null;
  const start = async (): Promise<Running> => {
    const store = await openSqlite({
      file: sqliteFileIn(folder),
      auditKey: env.auditKey,
      onError: (error, stream) =>
        log('error', 'drive', { error: String(error), stack: error instanceof Error ? error.stack : '', stream }),
    });
    const running = await wire(config, env, {
      store,
      log,
      platform: simulatedPlatform({ url: platform.url, regions }),
      alertmanagers: [asked],
      probe,
    });
    port = running.port;
    return running;
  };
  let bot = await start();
  alertmanager?.start();
  await slack.until(() => slack.connections > 0, 'sockets', 10_000);
  return {
    slack,
    platform,
    config,
    logs,
    bot: () => bot,
    inject: (fault, region) => inject(platform.platform, fault, region),
    alert: async (labels, status = 'firing', startsAt = new Date().toISOString()) =>
      fetch(url(), {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          version: '4',
          status,
          alerts: [
            {
              status,
              labels,
              annotations: { summary: 'made by a test' },
              startsAt,
              fingerprint: createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16),
            },
          ],
        }),
      }),
    restart: async (change = {}) => {
      env = { ...env, ...change };
      await bot.stop();
      bot = await start();
      await slack.until(() => slack.connections > 0, 'sockets', 10_000);
    },
    rootTs,
    text,
    until: async (pattern, { limitMs = 15_000, viewer, root = 0 } = {}) => {
      const end = Date.now() + limitMs;
      for (;;) {
        const now = slack.roots(channel).length > root ? text(viewer, root) : '';
        if (pattern.test(now)) return now;
        if (Date.now() > end)
          throw new Error(
            `${pattern} did not come within ${limitMs} ms. The thread:\n${now}\nLog:\n${logs
              .filter((one) => one.level !== 'info')
              .slice(-15)
              .map((one) => JSON.stringify(one))
              .join('\n')}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    stop: async () => {
      alertmanager?.stop();
      await bot.stop();
      await asked.close();
      await probe?.close();
      await platform.close();
      await slack.close();
      rmSync(folder, { recursive: true, force: true });
      judge(slack.sent);
    },
  };

  function rootTs(root = 0): string {
    return slack.roots(channel)[root]?.ts ?? '';
  }
  function text(viewer?: string, root = 0): string {
    return slack.thread(channel, rootTs(root), viewer);
  }
}
