import { resolve } from 'node:path';
import { z } from 'zod';
import { startPlatform } from './platform-door.ts';
import { startSandbox, type Sandbox } from './start.ts';

/** `npm start` without a configuration: the sandbox as its own process. Prints one line, the address, when it is ready. */
const readyWithinMs = 20_000;
const stopWithinMs = 9500;

const port = z.coerce
  .number()
  .int()
  .min(0)
  .max(65_535)
  .safeParse(process.env['PORT'] ?? '3000');
if (!port.success) fail(`PORT is ${process.env['PORT']}: write a number from 0 to 65535.`);
else await run(port.data);

async function run(wanted: number): Promise<void> {
  const folder = resolve(
    process.env['MLP_DATA'] ?? '.data',
    wanted === 0 ? `sandbox-of-${process.pid}` : `sandbox-${wanted}`,
  );
  let sandbox: Sandbox | null = null;
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), stopWithinMs).unref();
    void (sandbox?.stop() ?? Promise.resolve()).then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    sandbox = await startSandbox({ port: wanted, folder, env: process.env, platform: startPlatform });
  } catch (error) {
    return fail(startError(error, wanted));
  }
  if (stopping) {
    await sandbox.stop();
    return process.exit(0);
  }
  await untilReady(sandbox);
  const { state, complaint, lastExit } = sandbox.bot.view();
  if (state !== 'ready') {
    process.stderr.write(
      `The bot does not run (${lastExit ?? state}); its log is in ${folder}/bot.log.\n${complaint === null ? '' : `${complaint}\n`}`,
    );
  }
  process.stdout.write(`mlp-bot sandbox: ${sandbox.url}\n`);
}

async function untilReady(sandbox: Sandbox): Promise<void> {
  const until = Date.now() + readyWithinMs;
  while (Date.now() < until && sandbox.bot.view().state === 'starting')
    await new Promise((done) => setTimeout(done, 50));
}

function startError(error: unknown, wanted: number): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    return `Port ${wanted} is in use by another program. Choose another: PORT=${wanted + 1} npm start`;
  if (code === 'EACCES' && wanted < 1024)
    return `Port ${wanted} needs special rights. Choose another: PORT=3000 npm start`;
  return `The sandbox could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
