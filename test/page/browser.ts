import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import type { Sandbox } from '../../src/sandbox/start.ts';
import { binary } from '../peers/need.ts';

const inPage = fileURLToPath(new URL('in-page.js', import.meta.url));
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: binary('chromium', ['chromium', 'chromium-browser', 'google-chrome']),
    args: flags,
  });
}

export interface Watched {
  readonly page: Page;
  /** What went wrong in it: script errors, what the content security policy stopped, requests to anywhere else. */
  readonly complaints: string[];
}

/** A page that remembers what nobody would see. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.addInitScript({ path: inPage });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A server that goes away is what some tests do.
    if (message.type() === 'error' && !message.text().includes('net::ERR_')) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  await page.locator('main').waitFor({ state: 'attached' });
  return { page, complaints };
}

/** "text: 3.9" for each visible text whose contrast to what is behind it is below 4.5 (3 for large text). */
export function poorContrast(page: Page): Promise<readonly string[]> {
  return page.evaluate('poorContrast()');
}

/** What can be pressed or filled in and has no name for a screen reader. */
export function nameless(page: Page): Promise<readonly string[]> {
  return page.evaluate('nameless()');
}

/** Waits until it can be seen, or with `gone` until it is not there any more; throws when that does not happen. */
export async function shows(what: Locator, how: 'there' | 'gone' = 'there', limitMs = 15_000): Promise<true> {
  await (how === 'there' ? what : what.first()).waitFor({
    state: how === 'there' ? 'visible' : 'detached',
    timeout: limitMs,
  });
  return true;
}

export function isFocused(what: Locator): Promise<boolean> {
  return what
    .and(what.page().locator(':focus'))
    .count()
    .then((count) => count === 1);
}

/** Waits until the sandbox's bot is up and connected. */
export async function ready(sandbox: Sandbox): Promise<void> {
  await sandbox.slack.until(
    () => sandbox.bot.view().state === 'ready' && sandbox.slack.bot().connected,
    'the bot',
    20_000,
  );
}
