import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPagerDuty } from '../../src/sandbox/pagerduty/server.ts';
import type { LocalPagerDuty } from '../../src/sandbox/pagerduty/server.ts';
import { setLink } from '../../src/sandbox/platform/control.ts';
import { channel, people, startWorld } from './world.ts';
import type { World } from './world.ts';

/** The whole bot, the local Slack and the local PagerDuty, over HTTP: who is called, whom it reaches, and what they do about it. */

let pd: LocalPagerDuty;
let world: World;
const SECRET = 'acceptance-pagerduty-secret';
beforeAll(async () => {
  pd = await startPagerDuty({ port: 0, queueMs: 20, notifyMs: 200 });
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), pd.certificate]);
  const [ml, lead] = pd.account.services;
  world = await startWorld((config) => config, {
    paging: true,
    env: {
      variables: { PAGERDUTY_ROUTING_KEY: ml?.routingKey ?? '', PAGERDUTY_ROUTING_KEY_LEAD: lead?.routingKey ?? '' },
      pagerDuty: { token: pd.account.token, eventsUrl: pd.url, apiUrl: pd.url, webhookSecrets: [SECRET] },
    },
  });
  pd.subscribe({
    url: `http://127.0.0.1:${world.bot().port}/webhooks/pagerduty`,
    secrets: [SECRET],
    events: null,
  });
}, 40_000);
afterAll(async () => {
  await world.stop();
  await pd.stop();
});

async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<number> {
  const from = Date.now();
  while (!(await holds())) {
    if (Date.now() - from > withinMs) throw new Error(`not within ${withinMs} ms: ${what}\n${world.text()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return Date.now() - from;
}

const labels = { alertname: 'KubeDeploymentReplicasMismatch', namespace: 'ml-platform', deployment: 'model-server' };

test('P0: both are called within two seconds though the region hangs; whom it reached is said; acknowledged there is led here', async () => {
  setLink(world.platform.platform, 'eu-west-1', { kind: 'hangs' });
  const sent = await world.alert({ ...labels, region: 'eu-west-1', severity: 'P0' });
  expect(`${sent.status} ${await sent.text()}`).toMatch(/^200/);
  const tookMs = await until('both are called', () => pd.happenings.incidents.length === 2, 5_000);
  expect(tookMs).toBeLessThan(2_000);
  await world.until(/People:\* .*called oncall .*Sana Okafor by (phone|push)/);
  await world.until(/Called lead \(P0: at once\): .*Mei-Lin Chen|Called lead \(P0: at once\): .*Ada/);
  const first = pd.happenings.incidents.find((one) => one.service === 'PSVCML1');
  expect(first?.title).toMatch(/^P0 /);
  pd.act(first?.id ?? '', 'PSANA01', { does: 'acknowledge' });
  await world.until(/Sana Okafor leads/);
  // The lead's is another incident there, and somebody leads now. What came from there does not go back.
  const second = pd.happenings.incidents.find((one) => one !== first);
  await until("the lead's is acknowledged too", () => second?.status === 'acknowledged');
  const events = pd.requests.filter((one) => one.path === '/v2/enqueue').map((one) => one.body);
  const acknowledged = events.filter((one) => one.includes('"acknowledge"'));
  expect(acknowledged).toEqual([expect.stringContaining(pd.account.services[1]?.routingKey ?? 'a key')]);
  const metrics = await (await fetch(`http://127.0.0.1:${world.bot().port}/metrics`)).text();
  expect(metrics).toContain('mlp_pages_total{outcome="accepted"} 2');
}, 40_000);

test('/mlp oncall says who is first and who comes after', async () => {
  await world.slack.as(people.kofi).command('/mlp oncall', { channel });
  await until(
    'an answer',
    () =>
      /oncall/.test(world.slack.ephemerals(people.kofi).at(-1)?.text ?? '') ||
      /level 1/.test(world.slack.channelText(channel, people.kofi)),
  );
  expect(world.slack.channelText(channel, people.kofi)).toMatch(/oncall.*level 1 .*Sana Okafor.* then level 2 /);
}, 20_000);

test('the button asks why in a form, and calls although somebody leads and the region is silent', async () => {
  const before = pd.happenings.incidents.length;
  const kofi = world.slack.as(people.kofi);
  await world.until(/\[Escalate…\]/, { limitMs: 20_000 });
  await kofi.press({ channel, ts: world.rootTs() }, 'Escalate…');
  await until('the form', () => JSON.stringify(kofi.view() ?? '').includes('Whoever is on call is called at once'));
  await kofi.submit({ 'Why (shown on their phone)': 'the customer is on the phone' });
  await until('a call of its own', () => pd.happenings.incidents.length === before + 1);
  await world.until(
    /asks for a person: the customer is on the phone[\s\S]*Called oncall \(the customer is on the phone\)/,
  );
  expect(pd.happenings.incidents.at(-1)).toMatchObject({ service: 'PSVCML1', status: 'triggered' });
}, 30_000);

test('/mlp escalate while several are open asks for which one, and the button calls for that one, once', async () => {
  const sent = await world.alert({ ...labels, deployment: 'api-gateway', region: 'us-east-1', severity: 'warning' });
  expect(sent.status).toBe(200);
  await until('a second incident', () => world.slack.roots(channel).length === 2);
  await world.until(/INC-2/, { root: 1 });
  const before = pd.happenings.incidents.length;
  const noah = world.slack.as(people.noah);
  await noah.command('/mlp escalate two customers write', { channel });
  const asked = () => world.slack.ephemerals(people.noah).find((one) => one.text.includes('For which incident?'));
  await until('it asks', () => asked() !== undefined);
  expect(world.slack.channelText(channel, people.noah)).toMatch(
    /For which incident\? Nobody was called yet\.[^]*\[INC-2 · api-gateway[^\]]*\][^]*\[INC-1 · model-server[^\]]* · eu-west-1\]/,
  );
  expect(pd.happenings.incidents).toHaveLength(before);
  const second = /\[(INC-2 · [^\]]*)\]/.exec(world.slack.channelText(channel, people.noah))?.[1] ?? '';
  await noah.press({ channel, ts: asked()?.ts ?? '' }, second);
  await world.until(/Noah[^\n]* asks for a person: two customers write[^]*Called oncall \(two customers write\)/, {
    root: 1,
  });
  expect(pd.happenings.incidents).toHaveLength(before + 1);
  expect(pd.happenings.incidents.at(-1)).toMatchObject({ service: 'PSVCML1', title: expect.stringContaining('INC-2') });
  expect(world.text(undefined, 0)).not.toContain('two customers write');
}, 40_000);
