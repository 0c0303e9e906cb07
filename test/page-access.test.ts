import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shows } from './page/browser.ts';
import { startFixtureSandbox } from './page/fixture-sandbox.ts';
import { openOn, type Opened } from './page/opened.ts';
import { need } from './peers/need.ts';

const limit = { timeout: 60_000 };

need('chromium')('the page, for the keyboard and those who do not see it', limit, () => {
  let watched: Opened;
  let page: Page;

  beforeAll(async () => {
    watched = await openOn(startFixtureSandbox(0));
    ({ page } = watched);
  }, 60_000);
  afterAll(() => watched?.close());

  const composer = () => page.getByRole('textbox', { name: 'Message #ml-platform' });
  const log = () => page.getByRole('log', { name: 'Messages in #ml-platform' });
  const last = () => log().getByRole('article').last();

  const say = async (words: string): Promise<void> => {
    await composer().fill(words);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
  };

  test('long text wraps, and is copied as it was sent', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await say('/mlp code');
    const code = last().locator('pre');
    expect(await shows(code.getByText('server:v2.4.1'))).toBe(true);
    expect(await code.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true);
    await last().getByRole('button', { name: 'Copy: docker buildx' }).click();
    expect(await shows(page.getByRole('status').getByText('Copied.'))).toBe(true);
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^docker .*server:v2\.4\.1\n  indented$/);
  });

  test('files are shown: a picture with its description, a text with its beginning', async () => {
    await say('/mlp files');
    expect(await shows(log().getByRole('img', { name: 'p95 rises to 231 ms' }))).toBe(true);
    const text = log().getByRole('figure', { name: 'File: Evidence' });
    expect(await shows(text.getByText('line 14 of the log'))).toBe(true);
    expect(await text.getByText('line 15 of the log').count()).toBe(0);
    await text.getByRole('button', { name: 'Show all 40 lines' }).click();
    expect(await shows(text.getByText('line 40 of the log'))).toBe(true);
    expect(await text.getByRole('link', { name: 'Open Evidence' }).getAttribute('href')).toMatch(/^\/page\/files\//);
  });

  test('a new post is said to who does not see it', async () => {
    await say('/mlp status');
    expect(await shows(page.getByRole('status', { name: 'New posts' }).getByText('mlp: Stuck, said status'))).toBe(
      true,
    );
  });

  test('whose button goes away keeps the keyboard at its message', async () => {
    const card = last();
    await card.getByRole('button', { name: 'Quick' }).focus();
    await page.keyboard.press('Enter');
    const told = log().getByRole('article').filter({ hasText: 'Pressed quick' });
    await told.getByRole('button', { name: 'Dismiss' }).focus();
    await page.keyboard.press('Enter');
    expect(await shows(told, 'gone')).toBe(true);
    expect(await shows(page.locator('article:focus', { hasText: 'Stuck since' }))).toBe(true);
    await card.getByRole('button', { name: 'Vanishing' }).focus();
    await page.keyboard.press('Enter');
    expect(await shows(page.locator('article:focus', { hasText: 'Vanished' }))).toBe(true);
  });

  test('an answer that comes while one reads further up is not missed', async () => {
    await say('/mlp again');
    const quick = log().getByRole('button', { name: 'Quick' });
    expect(await shows(quick)).toBe(true);
    for (let line = 0; line < 40; line += 1) await say(`talk ${line}`);
    expect(await shows(log().getByText('talk 39'))).toBe(true);
    await quick.click();
    await page.getByRole('button', { name: 'An answer to you, below' }).click();
    expect(await log().getByText('Pressed quick').last().isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Dismiss' }).last().click();
    expect(await shows(log().getByText('Pressed quick'), 'gone')).toBe(true);
  });

  test('? lists the keys, F6 goes from part to part, T opens a thread and R the reactions', async () => {
    await last().focus();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    expect(await shows(help.getByText('Next part of the page'))).toBe(true);
    await page.keyboard.press('Escape');
    expect(await shows(last().and(page.locator(':focus')))).toBe(true);
    await page.keyboard.press('r');
    expect(await shows(page.getByRole('menuitem', { name: 'eyes' }))).toBe(true);
    await page.keyboard.press('Escape');
    await last().focus();
    await page.keyboard.press('t');
    expect(await shows(page.getByRole('complementary', { name: 'Thread' }))).toBe(true);
    expect(await shows(page.locator('.thread textarea:focus'))).toBe(true);
    await page.keyboard.press('F6');
    expect(await shows(page.locator('.platform :focus'))).toBe(true);
    await page.keyboard.press('Shift+F6');
    expect(await shows(page.locator('.thread :focus'))).toBe(true);
    await page.keyboard.press('Escape');
  });

  test('faults are found by what one would see, and taken away again', async () => {
    const faults = page.getByRole('region', { name: 'Faults' });
    await faults.getByRole('button', { name: /^Fault:/ }).click();
    // What is typed before the box has the keyboard goes elsewhere.
    expect(await shows(page.locator('input:focus'))).toBe(true);
    await page.keyboard.type('secret');
    expect(await shows(page.getByRole('group', { name: 'Containers do not start' }))).toBe(true);
    expect(await shows(page.getByRole('option', { name: /Not enough GPUs/ }), 'gone')).toBe(true);
    await page.getByRole('option', { name: /^Secret missing \(environment\)/ }).click();
    expect(await shows(faults.getByText('You will see: '))).toBe(true);
    await faults.getByRole('button', { name: 'Inject' }).click();
    const glance = page.getByRole('list', { name: 'The regions at a glance' });
    expect(await shows(glance.getByRole('button', { name: /^eu-west-1.*9\/12 ready/ }))).toBe(true);
    const away = faults.getByRole('button', { name: /^Take it away again: Secret missing/ });
    await away.focus();
    await page.keyboard.press('Enter');
    expect(await shows(away, 'gone')).toBe(true);
    expect(await shows(page.locator('.platform :focus'))).toBe(true);
  });
});
