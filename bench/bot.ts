import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { app } from '../src/sandbox/slack/seed.ts';
import { environmentOf, exec, stagesOf, values } from '../test/image-steps.ts';
import { webhookToken } from '../test/peers/bot.ts';
import { answers, freePort, startPeer, type PeerProcess } from '../test/peers/process.ts';

const project = join(import.meta.dirname, '..');

/** The image's own command line and environment, as its Dockerfile has them. */
function image(): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const stage = stagesOf(readFileSync(join(project, 'Dockerfile'), 'utf8')).at(-1);
  const entry = stage === undefined ? undefined : values(stage, 'ENTRYPOINT')[0];
  if (stage === undefined || entry === undefined) throw new Error('the Dockerfile has no ENTRYPOINT');
  const [program, ...args] = exec(entry);
  if (program !== 'node') throw new Error(`the image runs ${program}, not node`);
  return { args, env: environmentOf(stage) };
}

/** Node's own flags, as the image has them. */
export function imageFlags(): readonly string[] {
  return image().args.filter((one) => one.startsWith('--'));
}

export interface BotOptions {
  readonly folder: string;
  readonly configFile: string;
  readonly slackApiUrl: string;
  /** KUBECONFIG, MLP_SIMULATED_PLATFORM … */
  readonly env: Readonly<Record<string, string>>;
  /** A port for the memory probe. */
  readonly probePort?: number;
  /** Left out: a free one. */
  readonly port?: number;
}

export interface Bot extends PeerProcess {
  readonly url: string;
  /** From the start of the process to the first 2xx of /readyz, which is asked every 50 ms. */
  readonly startMs: number;
  /** The sum of a counter over its labels. */
  readonly count: (name: string) => Promise<number>;
}

/** Runs the bot as its image does: same command line, same environment, the compile cache in `folder` (filled by whoever ran before). */
export async function startBot({ folder, configFile, slackApiUrl, env, probePort, ...more }: BotOptions): Promise<Bot> {
  const { args, env: imageEnv } = image();
  const port = more.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(join(folder, 'compile-cache'), { recursive: true });
  const probe = ['--expose-gc', '--import', join(import.meta.dirname, 'probe.ts')];
  const from = performance.now();
  const running = await startPeer({
    name: 'bot',
    command: process.execPath,
    args: [...(probePort === undefined ? [] : probe), ...args],
    cwd: project,
    env: {
      ...imageEnv,
      NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
      MLP_CONFIG: configFile,
      MLP_DATA: join(folder, 'data'),
      PORT: String(port),
      LOG_LEVEL: 'warn',
      SLACK_BOT_TOKEN: app.botToken,
      SLACK_APP_TOKEN: app.appToken,
      SLACK_API_URL: slackApiUrl,
      MLP_AUDIT_KEY: 'bench-audit-key-0123456789',
      ALERTMANAGER_WEBHOOK_TOKEN: webhookToken,
      ...(probePort === undefined ? {} : { BENCH_PROBE_PORT: String(probePort) }),
      ...env,
    },
    isReady: () => answers(`${url}/readyz`),
    readyWithinMs: 30_000,
    stopWithinMs: 12_000,
  });
  return {
    ...running,
    url,
    startMs: performance.now() - from,
    count: async (name) => {
      const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
      const lines = (await response.text()).split('\n').filter((line) => /^[a-z_]+/.exec(line)?.[0] === name);
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
  };
}

/** The sandbox's config, with these services besides its own. */
export function writeSandboxConfig(folder: string, services: readonly string[], more: object = {}): string {
  const config = parse(readFileSync(join(project, 'config/sandbox.yaml'), 'utf8')) as { services: object[] };
  const file = join(folder, 'mlp.yaml');
  const all = [...config.services, ...services.map((name) => ({ name }))];
  writeFileSync(file, JSON.stringify({ ...config, pagerduty: null, escalation: undefined, services: all, ...more })); // YAML contains JSON
  return file;
}
