import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ids } from '../src/sandbox/slack/seed.ts';
import type { Sandbox } from '../src/sandbox/start.ts';
import {
  isFocused,
  nameless,
  openBrowser,
  openPage,
  poorContrast,
  ready,
  shows,
  type Watched,
} from './page/browser.ts';
import { startFixtureSandbox } from './page/fixture-sandbox.ts';
import { need } from './peers/need.ts';

const limit = { timeout: 60_000 };

need('chromium')('the page, in a browser', limit, () => {
  let browser: Browser;
  let sandbox: Sandbox;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    [browser, sandbox] = await Promise.all([openBrowser(), startFixtureSandbox(0)]);
    await ready(sandbox);
    watched = await openPage(browser, sandbox.url);
    page = watched.page;
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  const composer = () => page.getByRole('textbox', { name: 'Message #ml-platform' });
  const log = () => page.getByRole('log', { name: 'Messages in #ml-platform' });
  const last = () => log().getByRole('article').last();

  test('shows the workspace and the platform', async () => {
    expect(await shows(page.getByRole('button', { name: 'You are now Sana Okafor, on call' }))).toBe(true);
    expect(await shows(page.getByRole('heading', { name: 'ml-platform' }))).toBe(true);
    for (const region of ['us-east-1', 'eu-west-1', 'ap-southeast-1'])
      expect(await shows(page.getByRole('region', { name: region }))).toBe(true);
    expect(await shows(page.getByText('mlp-bot: running'))).toBe(true);
    expect(await shows(page.getByText('Quiet. This phone has nothing to say.'))).toBe(true);
  });

  test('says words as they were typed, markup and all', async () => {
    await composer().click();
    await page.keyboard.type('2 < 3 & <img src=x onerror=alert(1)> for @kofi');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    expect(await shows(last().getByText('2 < 3 & <img src=x onerror=alert(1)> for'))).toBe(true);
    expect(await last().locator('.mention').textContent()).toBe('@Kofi Mensah');
    expect(await last().locator('.message-body').innerText()).toContain('\nsecond line');
    expect(await page.locator('img').count()).toBe(0);
    expect(await composer().inputValue()).toBe('');
  });

  test('completes a command by keyboard alone, from anywhere', async () => {
    await page.getByRole('button', { name: 'Reset' }).focus();
    await page.keyboard.press('/');
    await page.keyboard.type('ml');
    expect(await shows(page.getByRole('option', { name: '/mlp Diagnose and fix' }))).toBe(true);
    await page.keyboard.press('Tab');
    expect(await composer().inputValue()).toBe('/mlp ');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    expect(await composer().inputValue()).toBe('/mlp diagnose ');
    await page.keyboard.type('model');
    await page.keyboard.press('Tab');
    await page.keyboard.type('eu');
    await page.keyboard.press('Tab');
    expect(await composer().inputValue()).toBe('/mlp diagnose model-server eu-west-1 ');
    await page.keyboard.type('x');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    expect(await shows(last().getByText('Stuck since'))).toBe(true);
  });

  test('shows what the bot sends: marks, dates that count, people', async () => {
    const body = last().locator('.message-body');
    expect(await body.locator('strong').first().textContent()).toBe('Stuck');
    expect(await body.locator('code').textContent()).toBe('v2.4.1');
    expect(await body.locator('blockquote').textContent()).toBe('quoted');
    expect(await body.locator('.mention').textContent()).toBe('@Kofi Mensah');
    expect(await body.innerText()).toContain('<b>not bold</b>');
    expect(await body.locator('time').textContent()).toMatch(/^\d\d:\d\d \(26 minutes ago\)$/);
    expect(await body.getByRole('img', { name: 'red circle' }).count()).toBe(1);
  });

  test('a pressed button shows that it is under way, and what came of it only to who pressed', async () => {
    const card = last();
    const slow = card.getByRole('button', { name: 'Slow' });
    await slow.click();
    expect(await slow.getAttribute('aria-busy')).toBe('true');
    expect(await shows(log().getByText('Pressed slow'))).toBe(true);
    expect(await shows(log().getByText('Only visible to you'))).toBe(true);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await shows(log().getByText('Pressed slow'), 'gone')).toBe(true);
  });

  test('a button that the bot does not answer says so', async () => {
    await log().getByRole('button', { name: 'Silent' }).click();
    expect(await shows(page.getByRole('alert').getByText('did not reach mlp'))).toBe(true);
    for (const dismiss of await page.getByRole('button', { name: 'Dismiss' }).all()) await dismiss.click();
  });

  test('asks before what has a confirmation', async () => {
    const button = log().getByRole('button', { name: 'Careful' });
    await button.click();
    await page.getByRole('dialog').getByRole('button', { name: 'No' }).click();
    await button.click();
    await page.keyboard.press('Escape');
    expect(await log().getByText('Pressed careful').count()).toBe(0);
    await button.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Page' }).click();
    expect(await shows(log().getByText('Pressed careful'))).toBe(true);
  });

  test('selects and menus work by keyboard', async () => {
    await log().getByRole('button', { name: 'Compare with' }).focus();
    await page.keyboard.press('Enter');
    expect(await shows(page.locator('[role=option]:focus', { hasText: 'us-east-1' }))).toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await shows(log().getByText('Pressed choose eu-west-1'))).toBe(true);
    await log().getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Timeline' }).click();
    expect(await shows(log().getByText('Pressed more timeline'))).toBe(true);
  });

  test('a modal takes the focus, tells what is missing, keeps what was typed, and gives the focus back', async () => {
    await composer().fill('/mlp modal');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Break glass' });
    expect(await shows(dialog)).toBe(true);
    await page.keyboard.type('too short');
    await dialog.getByRole('combobox', { name: 'Who knows?' }).selectOption(ids.users.kofi);
    for (let tabs = 0; tabs < 12; tabs += 1) {
      await page.keyboard.press('Tab');
      const behind = await page.locator('.app :focus').count();
      expect(behind).toBe(0);
    }
    await dialog.getByRole('button', { name: 'Do it now' }).click();
    expect(await shows(dialog.getByText('Say a little more.'))).toBe(true);
    const reason = dialog.getByRole('textbox', { name: 'Why now?' });
    expect(await reason.inputValue()).toBe('too short');
    expect(await reason.getAttribute('aria-invalid')).toBe('true');
    await reason.fill('long enough to be read tomorrow');
    await dialog.getByRole('button', { name: 'Do it now' }).click();
    expect(await shows(dialog, 'gone')).toBe(true);
    expect(await isFocused(composer())).toBe(true);
    expect(await shows(page.getByRole('button', { name: /mlp.*mentions: 1/ }))).toBe(true);
  });

  test('a shortcut on a message opens its window; Escape closes it', async () => {
    await last().hover();
    const card = log().getByRole('article').filter({ hasText: 'Stuck since' });
    await card.hover();
    await card.getByRole('button', { name: 'More about this message' }).click();
    await page.getByRole('menuitem', { name: 'Diagnose this' }).click();
    expect(await shows(page.getByRole('dialog', { name: 'Diagnose' }))).toBe(true);
    await page.keyboard.press('Escape');
    expect(await shows(page.getByRole('dialog'), 'gone')).toBe(true);
  });

  test('a thread opens beside, is answered and closed by Escape', async () => {
    const card = log().getByRole('article').filter({ hasText: 'Stuck since' });
    await card.hover();
    await card.getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    expect(await shows(thread)).toBe(true);
    await page.keyboard.type('I look');
    await page.keyboard.press('Enter');
    expect(await shows(thread.getByText('I look'))).toBe(true);
    await page.keyboard.press('Escape');
    expect(await shows(thread, 'gone')).toBe(true);
    expect(await shows(card.getByRole('button', { name: '1 reply' }))).toBe(true);
  });

  test('reactions are put on and taken off', async () => {
    const card = log().getByRole('article').filter({ hasText: 'Stuck since' });
    await card.hover();
    await card.getByRole('button', { name: 'Add a reaction' }).click();
    await page.getByRole('menuitem', { name: 'eyes' }).click();
    const mine = card.getByRole('button', { name: 'eyes, 1: Sana Okafor' });
    expect(await mine.getAttribute('aria-pressed')).toBe('true');
    await mine.click();
    expect(await shows(mine, 'gone')).toBe(true);
  });

  test('Ctrl+K becomes another person, whose phone has rung and who has not read', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('be kofi');
    await page.keyboard.press('Enter');
    expect(await shows(page.getByRole('button', { name: 'You are now Kofi Mensah' }))).toBe(true);
    const phone = page.getByRole('region', { name: 'Lock screen of Kofi Mensah' });
    expect(await shows(phone.getByText('for @kofi'))).toBe(true);
    expect(await page.getByText('Only visible to you').count()).toBe(0);
    await page.goBack();
    expect(await shows(page.getByRole('button', { name: 'You are now Sana Okafor' }))).toBe(true);
  });

  test('the bot has a Home', async () => {
    await page
      .getByRole('navigation', { name: 'Channels and people' })
      .getByRole('button', { name: /^mlp connected/ })
      .click();
    expect(await shows(page.getByRole('heading', { name: 'What is open' }))).toBe(true);
    await page.getByRole('button', { name: 'Messages', exact: true }).click();
    expect(await shows(page.getByRole('main').getByText('Noted: long enough to be read tomorrow'))).toBe(true);
    await page.getByRole('button', { name: 'ml-platform', exact: true }).click();
    expect(await shows(composer())).toBe(true);
  });

  test('arrow keys go through messages and channels', async () => {
    const first = log().getByRole('article').first();
    await last().focus();
    await page.keyboard.press('Home');
    expect(await isFocused(first)).toBe(true);
    await page.keyboard.press('ArrowDown');
    expect(await isFocused(first)).toBe(false);
    await page.getByRole('button', { name: 'ml-platform', exact: true }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await shows(page.getByRole('heading', { name: 'ml-platform-staging' }))).toBe(true);
    await page.getByRole('button', { name: 'ml-platform', exact: true }).click();
  });

  test('everything has a name and enough contrast, in light and dark', async () => {
    await page.getByRole('button', { name: '1 reply' }).click();
    expect(await nameless(page)).toEqual([]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect([colorScheme, ...(await poorContrast(page))]).toEqual([colorScheme]);
    }
    await page.keyboard.press('Escape');
  });

  test('at phone width one column, with a way back', async () => {
    const phone = await openPage(browser, sandbox.url, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await phone.page.getByRole('button', { name: 'ml-platform', exact: true }).click();
    await phone.page.getByRole('button', { name: '1 reply' }).click();
    expect(await shows(phone.page.getByRole('complementary', { name: 'Thread' }))).toBe(true);
    expect(await phone.page.getByRole('log', { name: 'Messages in #ml-platform' }).isVisible()).toBe(false);
    expect(await phone.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await phone.page.getByRole('button', { name: 'Back to the channel', exact: true }).click();
    await phone.page.getByRole('button', { name: 'Back to the channels' }).click();
    await phone.page.getByRole('button', { name: 'Platform', exact: true }).click();
    expect(await shows(phone.page.getByText('mlp-bot: running'))).toBe(true);
    await phone.page.getByRole('button', { name: 'Lock screen' }).click();
    expect(await shows(phone.page.getByRole('region', { name: 'Lock screen of Sana Okafor' }))).toBe(true);
    expect(phone.complaints).toEqual([]);
    await phone.page.context().close();
  });

  test('a killed bot is shown, and comes back', async () => {
    await page.getByRole('button', { name: 'Kill the bot' }).click();
    const notice = page.locator('.warnings');
    expect(await shows(notice.getByText(/^The bot is (down|starting)/))).toBe(true);
    expect(await shows(notice.getByText('Nothing is lost'))).toBe(true);
    expect(await shows(page.getByText('Last end: killed by SIGKILL.'))).toBe(true);
    expect(await shows(notice.getByText(/^✓ The bot is back after \d+ s/))).toBe(true);
    expect(await shows(page.getByText('mlp-bot: running'))).toBe(true);
    expect(await shows(page.getByText('Restarted 1 time.'))).toBe(true);
  });

  test('says that it reconnects while the sandbox is away, and shows the new one', async () => {
    expect(watched.complaints).toEqual([]);
    const port = Number(new URL(sandbox.url).port);
    await sandbox.stop();
    expect(await shows(page.getByText('Reconnecting… What you see may be old.'))).toBe(true);
    sandbox = await startFixtureSandbox(port);
    expect(await shows(page.getByText('Reconnecting… What you see may be old.'), 'gone')).toBe(true);
    expect(await shows(page.getByText('Nothing here yet.'))).toBe(true);
  });
});
