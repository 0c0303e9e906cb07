import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform } from '../../src/sandbox/platform-door.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';

const fixture = new URL('fixture-bot.ts', import.meta.url).pathname;

/** The sandbox with the tests' own bot, in a folder of its own. */
export function startFixtureSandbox(port: number): Promise<Sandbox> {
  return startSandbox({
    port,
    folder: join(mkdtempSync(join(tmpdir(), 'mlp-page-')), 'data'),
    env: process.env,
    platform: startPlatform,
    botCommand: [process.execPath, fixture],
  });
}
