import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shows } from './page/browser.ts';
import { openOn, startStorySandbox, type Opened } from './page/opened.ts';
import { need } from './peers/need.ts';

/** The real bot on the simulated platform, as somebody who has just cloned this sees it. */
need('chromium')('the story in the page', { timeout: 90_000 }, () => {
  let watched: Opened;
  let page: Page;

  beforeAll(async () => {
    watched = await openOn(startStorySandbox());
    ({ page } = watched);
  }, 60_000);
  afterAll(() => watched?.close());

  const root = () => page.getByRole('log', { name: 'Messages in #ml-platform' }).getByRole('article').first();
  const become = async (name: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(`be ${name}`);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `You are now ${name}` }).waitFor();
  };

  test('a fault becomes an alert, and the alert one message', async () => {
    await page.getByRole('button', { name: 'Inject' }).click();
    expect(await shows(root().getByText('waiting for approval'))).toBe(true);
    const region = page.getByRole('region', { name: 'eu-west-1' });
    expect(await region.getByRole('listitem').and(page.locator('.image')).count()).toBe(6);
    expect(await shows(region.getByText('9 of 12 ready'))).toBe(true);
    expect(await shows(page.getByRole('region', { name: 'Alerts that were sent' }).getByText('200').first())).toBe(
      true,
    );
    expect(await shows(page.getByRole('region', { name: /^Lock screen of Sana/ }).getByText('mentions you'))).toBe(
      true,
    );
  });

  test('a bystander who approves is told why that does not count, and nobody else is', async () => {
    await become('Noah Berg');
    await root()
      .getByRole('button', { name: /replies/ })
      .click();
    await root()
      .getByRole('button', { name: /^Approve/ })
      .click();
    expect(await shows(page.getByRole('log').getByText('Only visible to you').first())).toBe(true);
    expect(
      await shows(
        page
          .getByRole('log')
          .getByText(/^Not counted/)
          .first(),
      ),
    ).toBe(true);
    await become('Kofi Mensah');
    expect(await page.getByText(/^Not counted/).count()).toBe(0);
  });

  test('an approver approves, the bot is killed, and the run goes on', async () => {
    await root()
      .getByRole('button', { name: /^Approve/ })
      .click();
    expect(await shows(root().getByText('approved by Kofi Mensah'))).toBe(true);
    await page.getByRole('button', { name: 'Kill the bot' }).click();
    expect(await shows(page.getByText(/^The bot is (down|starting)/))).toBe(true);
    const region = page.getByRole('region', { name: 'eu-west-1' });
    expect(await shows(region.locator('.image'), 'gone')).toBe(true);
    expect(await shows(page.getByText('mlp-bot: running'))).toBe(true);
    expect(await shows(page.getByText('Restarted 1 time.'))).toBe(true);
    expect(await shows(root().getByText('12 of 12 updated'), 'there', 60_000)).toBe(true);
    expect(watched.complaints).toEqual([]);
  });
});
