import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { BotProcess } from './bot-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlp-bot-process-'));
const running: BotProcess[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

function bot(program: string, log = 'bot.log'): BotProcess {
  const made = new BotProcess({
    command: [process.execPath, '--input-type=module', '--eval', program],
    cwd: folder,
    env: {},
    logFile: join(folder, log),
    onChange: () => undefined,
    patienceMs: 700,
  });
  running.push(made);
  return made;
}

const serves = `
  import { createServer } from 'node:http';
  createServer((_, res) => res.end('ok')).listen(process.env.PORT, '127.0.0.1');
  console.log('up');
`;

async function until(check: () => boolean, limitMs = 8000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!check()) {
    if (Date.now() > end) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a killed bot is started again, with another process id', { timeout: 20_000 }, async () => {
  const one = bot(serves, 'killed.log');
  await one.start();
  await until(() => one.view().state === 'ready');
  const { pid } = one.view();
  expect(one.kill()).toBe(true);
  await until(() => one.view().state === 'down');
  expect(one.view()).toMatchObject({ pid: null, lastExit: 'killed by SIGKILL' });
  expect(one.port).toBeNull();
  expect(one.view().againAtMs).toBeGreaterThan(Date.now() - 1);
  await until(() => one.view().state === 'ready');
  expect(one.view()).toMatchObject({ restarts: 1, againAtMs: null });
  expect(one.view().pid).not.toBe(pid);
  expect(readFileSync(join(folder, 'killed.log'), 'utf8')).toBe('up\nup\n');
});

test('what it said before it failed is shown, and the pauses grow', { timeout: 20_000 }, async () => {
  const one = bot(`console.error('the config is wrong'); process.exit(2);`);
  await one.start();
  await until(() => one.view().state === 'down');
  expect(one.view()).toMatchObject({ lastExit: 'exit code 2', complaint: 'the config is wrong' });
  const first = (one.view().againAtMs ?? 0) - Date.now();
  await until(() => one.view().restarts === 1 && one.view().state === 'down');
  expect((one.view().againAtMs ?? 0) - Date.now()).toBeGreaterThan(first);
});

test('a bot that does not listen to SIGTERM is ended all the same', { timeout: 20_000 }, async () => {
  const one = bot(`process.on('SIGTERM', () => {}); ${serves}`);
  await one.start();
  await until(() => one.view().state === 'ready');
  const started = Date.now();
  await one.stop();
  expect(Date.now() - started).toBeLessThan(3000);
  expect(one.view()).toMatchObject({ pid: null, lastExit: 'killed by SIGKILL', againAtMs: null });
});
