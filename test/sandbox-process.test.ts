import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { ControlSnapshot } from '../src/sandbox/control-api.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const one of started.splice(0)) one.kill('SIGKILL');
});

interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<string>;
}

/** What `npm start` runs. */
function run(
  env: Readonly<Record<string, string>>,
  [program, ...args]: readonly [string, ...string[]] = [process.execPath, 'src/start.mjs'],
): Running {
  const child = spawn(program, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', MLP_DATA: mkdtempSync(join(tmpdir(), 'mlp-start-')), ...env },
  });
  started.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`)),
  );
  return { child, out: () => out, err: () => err, ended };
}

async function until(check: () => boolean | Promise<boolean>, limitMs = 25_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function botOf(running: Running): Promise<number> {
  await until(() => /http:\S+\n/.test(running.out()));
  const url = /http:\/\/localhost:\d+/.exec(running.out())?.[0] ?? '';
  const { bot } = (await (await fetch(`${url}/page/control`)).json()) as ControlSnapshot;
  if (bot.pid === null) throw new Error(`no bot: ${bot.lastExit}`);
  return bot.pid;
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('prints one line with the address, and ends with its bot within ten seconds', { timeout: 60_000 }, async () => {
  const sandbox = run({ PORT: '0' });
  const bot = await botOf(sandbox);
  expect(sandbox.out()).toMatch(/^mlp-bot sandbox: http:\/\/localhost:\d+\n$/);
  expect(sandbox.err()).toBe('');
  const asked = Date.now();
  sandbox.child.kill('SIGTERM');
  expect(await sandbox.ended).toBe('exit 0');
  expect(Date.now() - asked).toBeLessThan(10_000);
  expect(lives(bot)).toBe(false);
});

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  '`npm start` that is sent %s ends the sandbox and its bot',
  { timeout: 60_000 },
  async (signal) => {
    const npm = run({ PORT: '0', HOME: process.env['HOME'] ?? '' }, ['npm', 'start']);
    const bot = await botOf(npm);
    const sandbox = Number(/^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${bot}/stat`, 'utf8'))?.[1]);
    npm.child.kill(signal);
    await until(() => !lives(sandbox) && !lives(bot), 12_000).finally(() => {
      // A failing test leaves nothing behind either.
      if (lives(sandbox)) process.kill(sandbox, 'SIGKILL');
    });
    expect([lives(sandbox), lives(bot)]).toEqual([false, false]);
  },
);

test('a sandbox that is killed leaves no bot behind', { timeout: 60_000 }, async () => {
  const sandbox = run({ PORT: '0' });
  const bot = await botOf(sandbox);
  sandbox.child.kill('SIGKILL');
  await until(() => !lives(bot), 12_000);
  expect(lives(bot)).toBe(false);
});

test('a port in use is said, with what to write instead', { timeout: 30_000 }, async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const sandbox = run({ PORT: String(port) });
  expect(await sandbox.ended).toBe('exit 1');
  expect(sandbox.err()).toBe(`Port ${port} is in use by another program. Choose another: PORT=${port + 1} npm start\n`);
  other.close();
});

test('with MLP_CONFIG the bot itself starts, and says what it lacks', { timeout: 30_000 }, async () => {
  const bot = run({ MLP_CONFIG: 'config/sandbox.yaml' });
  expect(await bot.ended).not.toBe('exit 0');
  expect(bot.err()).toContain('SLACK_BOT_TOKEN');
});
