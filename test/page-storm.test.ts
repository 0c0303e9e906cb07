import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shows } from './page/browser.ts';
import { openOn, startStorySandbox, type Opened } from './page/opened.ts';
import { need } from './peers/need.ts';

/** The page's storm: four hundred alerts, one calm channel. */
need('chromium')('a storm in the page', { timeout: 120_000 }, () => {
  let watched: Opened;
  let page: Page;

  beforeAll(async () => {
    watched = await openOn(startStorySandbox());
    ({ page } = watched);
  }, 60_000);
  afterAll(() => watched?.close());

  const messages = () => page.getByRole('log', { name: 'Messages in #ml-platform' }).getByRole('article');
  const storm = () => messages().filter({ hasText: 'eu-west-1 lost all its nodes' }).last();

  test('its row says how many alerts of how many workloads, within what can be', async () => {
    const [alerts, workloads] = [page.getByLabel('alerts of'), page.getByLabel('workloads')];
    expect(await alerts.inputValue()).toBe('400');
    await alerts.fill('99999');
    expect(await alerts.inputValue()).toBe('2000');
    await alerts.fill('120');
    await workloads.fill('0');
    expect(await workloads.inputValue()).toBe('1');
    await workloads.fill('30');
  });

  test('pressed: the region loses its nodes, and all alerts stand in one message, users first', async () => {
    await page.getByRole('button', { name: 'Storm' }).click();
    expect(await shows(storm().getByText(/1[23]\d alerts held in this message/), 'there', 60_000)).toBe(true);
    const text = await storm().innerText();
    expect(text.indexOf('Users:')).toBeGreaterThan(0);
    expect(text.indexOf('Users:')).toBeLessThan(text.indexOf('What:'));
    expect(text).toMatch(/Elsewhere: no effect seen in us-east-1 and ap-southeast-1/);
    expect(text).toMatch(/Grouped by region eu-west-1: \d+ deployment/);
    expect(text).toMatch(/\d+ threads not opened/);
    // A handful, however many workloads alert.
    expect(await messages().count()).toBeLessThanOrEqual(5);
  });

  test('what is held is listed for who asks; a workload that is split off gets a message of its own', async () => {
    await storm().getByRole('button', { name: 'List alerts' }).click();
    expect(await shows(page.getByRole('log').getByText('Held in this message').first())).toBe(true);
    await storm().getByRole('button', { name: 'Split…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await dialog.getByRole('combobox').selectOption('ml-platform/model-server');
    await dialog.getByRole('button', { name: 'Split off' }).click();
    expect(
      await shows(
        messages()
          .filter({ hasText: /model-server.* · eu-west-1 · P\d/ })
          .first(),
        'there',
        30_000,
      ),
    ).toBe(true);
  });

  test('taken away, the message says so as soon as it is seen', async () => {
    await page.getByRole('button', { name: /^Take it away again: .*eu-west-1/ }).click();
    expect(await shows(storm().getByText(/that is over, looked/), 'there', 60_000)).toBe(true);
    expect(watched.complaints).toEqual([]);
  });
});
