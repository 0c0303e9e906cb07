import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BotProcess } from './bot-process.ts';
import { Control, type PlatformDoor } from './control.ts';
import { buildPage } from './page-server.ts';
import { startBesideBot } from './pagerduty/for-bot.ts';
import type { LocalPagerDuty } from './pagerduty/server.ts';
import { listen, portOf, type Parts } from './server.ts';
import { seed } from './slack/seed.ts';
import { startLocalSlack } from './slack/server.ts';

export interface SandboxOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The sandbox's own folder; it is emptied at the start, since the local Slack and the platform begin anew too. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: (to: PlatformNeeds) => Promise<StartedPlatform>;
  /** Program and arguments of the bot; the real one unless told. */
  readonly botCommand?: readonly [string, ...string[]];
}

export interface PlatformNeeds {
  /** Where alerts go: the sandbox's own port, which passes them on to the bot. */
  readonly alertUrl: string;
  readonly alertToken: string;
}

export interface StartedPlatform {
  readonly door: PlatformDoor;
  readonly rpcUrl: string;
  stop(): Promise<void>;
}

export interface Sandbox {
  readonly url: string;
  readonly bot: BotProcess;
  readonly slack: Awaited<ReturnType<typeof startLocalSlack>>;
  readonly platform: PlatformDoor;
  readonly pagerDuty: LocalPagerDuty;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const parts: Parts = { page: null, control: null, slack: null, bot: null };
  const servers = await listen(parts, options.port);
  const port = portOf(servers);
  const here = `http://127.0.0.1:${port}`;
  // Only now: another sandbox on this port would still be using the folder.
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(options.folder, { recursive: true });
  const secrets = secretsOf(options.env);
  const slack = await startLocalSlack({
    port: null,
    baseUrl: here,
    seed: { ...seed, app: { ...seed.app, botToken: secrets.SLACK_BOT_TOKEN, appToken: secrets.SLACK_APP_TOKEN } },
  });
  const [platform, page, beside] = await Promise.all([
    options.platform({ alertUrl: `${here}/webhooks/alertmanager`, alertToken: secrets.ALERTMANAGER_WEBHOOK_TOKEN }),
    buildPage(),
    startBesideBot({ folder: options.folder, webhookUrl: `${here}/webhooks/pagerduty`, inherited: options.env }),
  ]);
  const bot = new BotProcess({
    command: options.botCommand ?? [
      process.execPath,
      '--import',
      new URL('./follow-parent.ts', import.meta.url).href,
      join(root, 'src/main.ts'),
    ],
    cwd: root,
    env: {
      ...inherited(options.env),
      ...secrets,
      ...beside.env,
      MLP_CONFIG: join(root, 'config/sandbox.yaml'),
      MLP_DATA: options.folder,
      SLACK_API_URL: `${here}/api/`,
      MLP_SIMULATED_PLATFORM: platform.rpcUrl,
    },
    logFile: join(options.folder, 'bot.log'),
    onChange: () => parts.control?.changed(),
  });
  const control = new Control({ platform: platform.door, bot, slack });
  Object.assign(parts, { page, control, slack, bot, pagerDuty: beside.pagerDuty });
  await bot.start();
  return {
    url: `http://localhost:${port}`,
    bot,
    slack,
    platform: platform.door,
    pagerDuty: beside.pagerDuty,
    stop: async () => {
      control.close();
      await bot.stop();
      await Promise.all([slack.close(), platform.stop(), beside.pagerDuty.stop(), ...servers.map(close)]);
    },
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Of the environment where they are there, else made: they open nothing but this sandbox. */
function secretsOf(
  env: SandboxOptions['env'],
): Readonly<Record<'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN' | 'ALERTMANAGER_WEBHOOK_TOKEN' | 'MLP_AUDIT_KEY', string>> {
  const made = (bytes: number): string => randomBytes(bytes).toString('hex');
  return {
    // Never a real workspace's tokens: the local Slack is no place for them.
    SLACK_BOT_TOKEN: `xoxb-sandbox-${made(12)}`,
    SLACK_APP_TOKEN: `xapp-sandbox-${made(12)}`,
    ALERTMANAGER_WEBHOOK_TOKEN: env['ALERTMANAGER_WEBHOOK_TOKEN'] || made(24),
    MLP_AUDIT_KEY: env['MLP_AUDIT_KEY'] || made(32),
  };
}

/** What the bot needs of the surroundings, and nothing that would make it reach a real system. */
function inherited(env: SandboxOptions['env']): Readonly<Record<string, string>> {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'TZ',
    'LANG',
    'LOG_LEVEL',
    'NODE_OPTIONS',
    'NODE_COMPILE_CACHE',
    'SYSTEMROOT',
    'NO_COLOR',
  ];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
