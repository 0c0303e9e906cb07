import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBesideBot } from '../../src/sandbox/pagerduty/for-bot.ts';
import { startPagerDuty, type LocalPagerDuty } from '../../src/sandbox/pagerduty/server.ts';

/** A process of its own, as the bot is one: trust through NODE_EXTRA_CA_CERTS, and nothing left that keeps it alive. */

let pd: LocalPagerDuty;
let folder = '';
const ask = promisify(execFile);
beforeAll(async () => {
  pd = await startPagerDuty({ port: 0 });
  folder = mkdtempSync(join(tmpdir(), 'pagerduty-'));
  writeFileSync(join(folder, 'ca.pem'), pd.certificate);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await pd.stop();
});

async function run(
  env: Readonly<Record<string, string>>,
  url = pd.url,
): Promise<{ readonly sent: unknown; readonly ms: number }> {
  const adapter = join(import.meta.dirname, '../../src/adapters/pagerduty/paging.ts');
  const program = `
    const { pagerDuty } = await import(${JSON.stringify(adapter)});
    const route = { name: 'oncall', key: ${JSON.stringify(pd.account.services[0]?.routingKey)}, service: null, policy: null, fallback: null };
    const paging = pagerDuty({ routes: [route], token: null, eventsUrl: ${JSON.stringify(url)}, apiUrl: null, from: null, people: {} });
    const sent = await paging.trigger({ to: 'oncall', key: 'k', summary: 's', severity: 'critical', source: 'x', component: null, links: [], details: {} }, AbortSignal.timeout(3_000));
    process.stdout.write(JSON.stringify(sent));`;
  const from = performance.now();
  const { stdout } = await ask(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, ...env },
    timeout: 15_000,
  });
  return { sent: JSON.parse(stdout) as unknown, ms: performance.now() - from };
}

test('with the certificate in NODE_EXTRA_CA_CERTS a page gets through, and the process ends at once', async () => {
  const { sent, ms } = await run({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') });
  expect(sent).toEqual({ is: 'accepted' });
  expect(ms).toBeLessThan(8_000);
}, 20_000);

test('beside a bot: its environment is enough, and what was trusted before still is', async () => {
  const beside = await startBesideBot({
    folder,
    webhookUrl: 'http://127.0.0.1:9/webhooks/pagerduty',
    inherited: { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
  });
  try {
    const { sent } = await run({ NODE_EXTRA_CA_CERTS: beside.env['NODE_EXTRA_CA_CERTS'] ?? '' });
    expect(sent).toEqual({ is: 'accepted' });
    const other = await run({ NODE_EXTRA_CA_CERTS: beside.env['NODE_EXTRA_CA_CERTS'] ?? '' }, beside.pagerDuty.url);
    expect(other.sent).toEqual({ is: 'accepted' });
  } finally {
    await beside.pagerDuty.stop();
  }
}, 30_000);

test('without it the page is not sent, and why is said', async () => {
  const { sent } = await run({ NODE_EXTRA_CA_CERTS: '' });
  expect(sent).toMatchObject({ is: 'not sent', because: expect.stringContaining('its certificate is not trusted') });
}, 20_000);
