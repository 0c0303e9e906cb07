import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startPlatform } from '../../src/sandbox/platform-door.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/start.ts';
import { openBrowser, openPage, ready, type Watched } from './browser.ts';

/** A browser on a sandbox's page, and the end of both. */
export interface Opened extends Watched {
  readonly page: Page;
  readonly browser: Browser;
  close(): Promise<void>;
}

/** The real bot on the simulated platform, as `npm start` runs it. */
export function startStorySandbox(): Promise<Sandbox> {
  const folder = join(mkdtempSync(join(tmpdir(), 'mlp-page-')), 'data');
  return startSandbox({ port: 0, folder, env: process.env, platform: startPlatform });
}

export async function openOn(starting: Promise<Sandbox>): Promise<Opened> {
  const [browser, sandbox] = await Promise.all([openBrowser(), starting]);
  await ready(sandbox);
  const watched = await openPage(browser, sandbox.url);
  return {
    ...watched,
    browser,
    close: async () => {
      await browser.close();
      await sandbox.stop();
    },
  };
}
