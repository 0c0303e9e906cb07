import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { app } from '../src/sandbox/slack/seed.ts';
import { startLocalSlack, type LocalSlack } from '../src/sandbox/slack/server.ts';
import { environmentOf, exec, inContext, stagesOf, values, type Stage } from './image-steps.ts';
import { writeConfig } from './peers/bot.ts';
import { answers, freePort, removeFolder, startPeer, temporaryFolder, type PeerProcess } from './peers/process.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '..');
const stages = stagesOf(readFileSync(join(project, 'Dockerfile'), 'utf8'));
const last = stages.at(-1) as Stage;
const isRoot = process.getuid?.() === 0;
const [uid = 0, gid = 0] = (values(last, 'USER')[0] ?? '').split(':').map(Number);
const tools = dirname(process.execPath);

/**
 * Carries out the COPY, WORKDIR, RUN and USER lines of each stage, with a folder in place of each image's root. What a path in a RUN line
 * or a variable names is in that folder; node is the one that runs the tests. As root, what comes after USER runs as that user.
 */
class Build {
  readonly #folder: string;
  readonly #keeps = inContext(project);

  constructor(folder: string) {
    this.#folder = folder;
  }

  root(stage: string): string {
    return join(this.#folder, stage);
  }

  /** Absolute paths of the image → paths in the stage's folder. */
  inside(stage: string, text: string): string {
    return text.replaceAll(/(?<![\w.-])\/(app|data|etc)(?=[/\s'"]|$)/g, (path) => this.root(stage) + path);
  }

  async stage(stage: Stage): Promise<void> {
    let workdir = this.root(stage.name);
    let user: { uid?: number; gid?: number } = {};
    mkdirSync(workdir, { recursive: true });
    for (const { name, rest } of stage.instructions) {
      if (name === 'WORKDIR') {
        workdir = join(this.root(stage.name), rest);
        mkdirSync(workdir, { recursive: true });
      } else if (name === 'COPY') this.#copy(stage.name, workdir, rest);
      else if (name === 'USER' && isRoot) user = { uid, gid };
      else if (name === 'RUN') {
        const command = this.inside(stage.name, isRoot ? rest : rest.replaceAll(/ -[og] \d+/g, ''));
        const env = this.environment(stage);
        await run('sh', ['-c', command], { cwd: workdir, env, ...user, maxBuffer: 16 * 1024 * 1024 });
      }
    }
  }

  environment(stage: Stage): Record<string, string> {
    const own = Object.entries(environmentOf(stage)).map(([key, value]) => [key, this.inside(stage.name, value)]);
    return {
      PATH: `${tools}:${process.env['PATH'] ?? ''}`,
      HOME: process.env['HOME'] ?? '/tmp',
      npm_config_prefer_offline: 'true',
      npm_config_update_notifier: 'false',
      ...(Object.fromEntries(own) as Record<string, string>),
    };
  }

  #copy(stage: string, workdir: string, rest: string): void {
    const words = rest.split(/\s+/);
    const from = words[0]?.startsWith('--from=') === true ? (words.shift() ?? '').slice('--from='.length) : null;
    const target = words.pop() ?? '';
    const to = target.startsWith('/') ? join(this.root(stage), target) : resolve(workdir, target);
    for (const source of words) {
      const path = from === null ? join(project, source) : join(this.root(from), source);
      if (from === null && !this.#keeps(source)) throw new Error(`.dockerignore keeps ${source} out`);
      const isFile = statSync(path).isFile();
      cpSync(path, isFile && target.endsWith('/') ? join(to, basename(source)) : to, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (one) => from !== null || this.#keeps(relative(project, one)),
      });
    }
  }
}

describe('the image, step by step in a clean folder', { timeout: 60_000 }, () => {
  const folder = temporaryFolder('image');
  const build = new Build(folder);
  const inside = join(build.root(last.name), 'app');
  const files = (): readonly string[] => globSync(['src/**', 'playbooks/**', '*'], { cwd: inside });
  let slack: LocalSlack;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    slack = await startLocalSlack();
    for (const stage of stages) await build.stage(stage);
    // A read-only root file system: nothing below /app may be written, by whomever it belongs to.
    await run('chmod', ['-R', 'a-w', inside]);
  }, 60_000);
  afterAll(async () => {
    await slack.close();
    await run('chmod', ['-R', 'u+w', folder]);
    await removeFolder(folder);
  });

  it('holds what is needed at run time, and no more', () => {
    const there = files();
    expect(there).toContain('src/main.ts');
    expect(there).toContain('playbooks/rollout-stuck/playbook.ts');
    const tooMuch = /\.test(-d)?\.ts$|^src\/sandbox|\/cases(\/|$)|^(test|bench|docs|deploy|tools|\.git)/;
    expect(there.filter((path) => tooMuch.test(path))).toEqual([]);
    const packages = globSync(['node_modules/*', 'node_modules/@*/*'], { cwd: inside });
    expect(packages).toContain('node_modules/@slack/bolt');
    for (const name of ['vite', 'vitest', 'typescript', 'playwright-core', 'mlp-bot-runtime'])
      expect(packages).not.toContain(`node_modules/${name}`);
  });

  it('runs as a user who is not root, who may write nothing but /data', async () => {
    expect(uid).toBeGreaterThan(0);
    const compiled = globSync('.compile-cache/*/*', { cwd: inside });
    expect(compiled.length).toBeGreaterThan(100);
    if (!isRoot) return; // the rights above hold for whoever runs this
    const write = (path: string): Promise<unknown> => run('touch', [path], { uid, gid });
    await expect(write(join(inside, 'x'))).rejects.toThrow('Permission denied');
    await write(join(build.root(last.name), 'data/x'));
  });

  it('starts there, is healthy by its own health check, stores into /data, and ends on SIGTERM', async () => {
    const port = await freePort();
    const env = { ...build.environment(last), ...settings(folder, slack, port) };
    const [command = '', ...args] = exec(values(last, 'ENTRYPOINT')[0] ?? '');
    const began = performance.now();
    const bot = await startPeer({
      name: 'the image',
      command: command === 'node' ? process.execPath : command,
      args,
      cwd: inside,
      env,
      ...(isRoot ? { uid, gid } : {}),
      isReady: () => answers(`http://127.0.0.1:${port}/healthz`),
    });
    try {
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()).toBe('ok\n');
      expect(await check(env)).toBe('healthy');
      expect(globSync('*.sqlite', { cwd: join(build.root(last.name), 'data') })).toHaveLength(1);
      await ends(bot);
    } finally {
      await bot.stop('SIGKILL');
    }
    expect(await check(env)).toBe('unhealthy');
  });

  /** The HEALTHCHECK's command, as Docker runs it. */
  async function check(env: Record<string, string>): Promise<'healthy' | 'unhealthy'> {
    const [, ...args] = exec(values(last, 'HEALTHCHECK')[0] ?? '');
    return run(process.execPath, args, { cwd: inside, env, ...(isRoot ? { uid, gid } : {}) }).then(
      () => 'healthy',
      () => 'unhealthy',
    );
  }
});

/** With SQLite, a cluster that nobody answers for, and the local Slack. */
function settings(folder: string, slack: LocalSlack, port: number): Record<string, string> {
  const configFile = writeConfig(folder, [{ name: 'eu-west-1' }]);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, '{}');
  if (isRoot) chownSync(kubeconfig, uid, gid);
  return {
    MLP_CONFIG: configFile,
    KUBECONFIG: kubeconfig,
    PORT: String(port),
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: app.botToken,
    SLACK_APP_TOKEN: app.appToken,
    MLP_AUDIT_KEY: 'image-audit-key-0123456789',
  };
}

async function ends(bot: PeerProcess): Promise<void> {
  const began = performance.now();
  await bot.stop('SIGTERM');
  expect(performance.now() - began).toBeLessThan(2900); // it is killed after 3 s
}

describe('the image and the manifest agree', () => {
  const deployment = parseAllDocuments(readFileSync(join(project, 'deploy/bot.yaml'), 'utf8'))
    .map((one) => one.toJS() as Manifest)
    .find((one) => one.kind === 'Deployment');
  const pod = deployment?.spec.template.spec;
  const container = pod?.containers[0];

  it('about user, port, folders and the read-only root', () => {
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: uid, runAsGroup: gid });
    expect(container?.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(container?.ports.map((one) => String(one.containerPort))).toEqual(values(last, 'EXPOSE'));
    expect(container?.volumeMounts.map((one) => one.mountPath)).toEqual(
      expect.arrayContaining([...values(last, 'VOLUME')]),
    );
    const env = environmentOf(last);
    const shared = (container?.env ?? []).filter((one) => one.name in env);
    expect(shared.map((one) => one.name)).toEqual(['MLP_CONFIG', 'MLP_DATA', 'PORT']);
    expect(env).toMatchObject(Object.fromEntries(shared.map((one) => [one.name, one.value])));
  });

  it('and every stage is Node 26, slim, by tag', () => {
    expect(new Set(stages.map((one) => one.base))).toEqual(new Set(['node:26-slim']));
  });
});

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly securityContext: object;
        readonly containers: readonly {
          readonly env: readonly { readonly name: string; readonly value?: string }[];
          readonly ports: readonly { readonly containerPort: number }[];
          readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
          readonly volumeMounts: readonly { readonly mountPath: string }[];
        }[];
      };
    };
  };
}
