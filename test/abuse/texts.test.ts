import { afterAll, beforeAll, expect, test } from 'vitest';
import { channel } from '../acceptance/world.ts';
import { alertOf, group, startAbused } from './bot.ts';
import type { Abused } from './bot.ts';

/** What an alert says is somebody else's text: it calls nobody, formats nothing, hides nothing, and is no command. */

let bot: Abused;
beforeAll(async () => {
  bot = await startAbused();
}, 60_000);
afterAll(() => bot.stop());

const place = { region: 'eu-west-1', namespace: 'ml-platform' };
const secret = `ghp_${'a1B2'.repeat(9)}`;
const summary = [
  '<!channel> @here <@U0ADMIN> <https://evil.example|Approve here>',
  '``` *bold* _x_ ~y~',
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007',
  'safe\u202eexe.gpj\u2066\u200bzero\u200dwidth',
  `password=hunter2hunter2 ${secret} gh\u200bp_${'a1B2'.repeat(9)}`,
  'x'.repeat(40_000),
].join(' ');

async function sent(labels: Record<string, string>): Promise<string> {
  const made = await bot.signed(
    'alertmanager',
    group([alertOf({ ...place, ...labels }, { summary, description: summary })]),
  );
  const from = bot.world.slack.roots(channel).length;
  const { result, slowestMs } = await bot.healthy(() => bot.send('alertmanager', made.body, made.headers));
  expect(result).toEqual({ status: 200, text: 'stored 1 alerts\n' });
  expect(slowestMs).toBeLessThan(1_000);
  return bot.world.until(/Checked|nothing wrong found|INC-\d/, { root: from, limitMs: 20_000 });
}

/** Everything that Slack got, as it got it. */
const all = (): string => JSON.stringify(bot.world.slack.sent);

test('text of an alert', async () => {
  await sent({ alertname: 'Strange <!channel>', deployment: 'api-gateway', severity: '<!here>' });
  const got = all();
  expect(got).toContain('Strange');
  const bad = [
    '<!channel>',
    '<!here>',
    '<@U0ADMIN>',
    '<https://evil.example',
    'hunter2',
    secret,
    'u202e',
    'u2066',
    '\u202e',
    '\u2066',
    '\u200bzero',
    'u001b',
    '\u001b',
  ];
  expect(bad.filter((one) => got.includes(one))).toEqual([]);
  expect(got).not.toMatch(/x{4000}/);
}, 60_000);

test('label values that look like commands are names that nobody has', async () => {
  const odd = [
    '/mlp stop all',
    '; rm -rf / #',
    '$(reboot)',
    '../../etc/passwd',
    '"}) or vector(1) #',
    '__proto__',
    '-n kube-system --all',
    "'; DROP TABLE inbox; --",
  ];
  for (const value of odd) {
    const labels = { ...place, alertname: value, deployment: value, pod: value, constructor: value, __proto__x: value };
    const made = await bot.signed('alertmanager', group([alertOf(labels)]));
    expect((await bot.send('alertmanager', made.body, made.headers)).status).toBe(200);
  }
  await bot.world.until(/rm -rf|reboot|stop all/, { root: 1, limitMs: 20_000 });
  // Nothing was stopped, and no line that a person copies holds what a shell would run.
  const metrics = await (await fetch(`${bot.url}/metrics`)).text();
  expect(metrics).toContain('mlp_webhook_deliveries_total{webhook="alertmanager",outcome="stored"}');
  const lines = [...all().matchAll(/kubectl [^`"\\]*/g)].map(([line]) => line);
  for (const line of lines) expect(line).not.toMatch(/rm -rf|\$\(reboot|DROP TABLE|--all|etc\/passwd/);
  expect(all()).not.toContain('Everything is stopped');
}, 60_000);
