import { setTimeout as sleep } from 'node:timers/promises';
import { webhookToken } from '../test/peers/bot.ts';
import { rounded, waitFor, type Figures } from './figures.ts';
import { onEachStore, type StoreName } from './rows.ts';
import { channel, startSimulated } from './simulated.ts';

const alerts = 1_000;
const perDelivery = 20;
const withinMs = 10_000;
const workloads = 60;
const region = 'eu-west-1';

/** A region loses its nodes, and a thousand alerts of sixty workloads come within ten seconds through the webhook: what the channel gets. */
export async function storm(): Promise<Figures> {
  return onEachStore('storm', onStore);
}

async function onStore(store: StoreName): Promise<Figures> {
  const world = await startSimulated({ services: 0, faults: [['all-nodes-gone', 'eu-west-1']], store });
  const { slack, bot } = world;
  try {
    const before = slack.roots(channel).length;
    const from = performance.now();
    let firstMs = 0;
    const first = slack
      .until(() => slack.roots(channel).length > before, 'the first message', 30_000)
      .then(() => {
        firstMs = performance.now() - from;
      });
    const deliveries = alerts / perDelivery;
    for (let at = 0; at < deliveries; at += 1) {
      await deliver(bot.url, at * perDelivery, perDelivery);
      await sleep(Math.max(0, ((at + 1) * withinMs) / deliveries - (performance.now() - from)));
    }
    await first;
    const held = `${alerts.toLocaleString('en-GB')} alerts held in this message`;
    const isThere = (): boolean =>
      slack
        .roots(channel)
        .some((one) => JSON.stringify(one).includes(held) && /lost all its nodes/.test(JSON.stringify(one)));
    const isRight = await slack.until(isThere, 'the final state', 30_000).then(
      () => 1,
      () => 0,
    );
    const stored = await waitFor('the count', async () => bot.count('mlp_alerts_stored'), 10_000);
    return {
      storm_messages: slack.roots(channel).length - before,
      storm_first_ms: rounded(firstMs),
      storm_final_right: isRight,
      storm_alerts_lost: alerts - stored,
    };
  } finally {
    await world.stop();
  }
}

/** One delivery of Alertmanager's version 4 about `of` workloads in turn. Resolves with its status; throws where there is no answer. */
export async function deliver(url: string, first: number, count: number, of = workloads): Promise<number> {
  const all = Array.from({ length: count }, (_, index) => alertOf(first + index, of));
  const response = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${webhookToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      groupKey: `{}:{alertname="Bench${first}", region="${region}"}`,
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'mlp-bot',
      groupLabels: { region },
      commonLabels: { region },
      commonAnnotations: {},
      externalURL: 'http://alertmanager.example:9093',
      alerts: all,
    }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.text();
  return response.status;
}

export const fingerprintOf = (number: number): string => number.toString(16).padStart(16, '0');

const startsAt = new Date().toISOString();
function alertOf(number: number, of: number): object {
  const deployment = `svc-${number % of}`;
  return {
    status: 'firing',
    labels: {
      alertname: `Bench${Math.floor(number / of)}`,
      namespace: 'ml-platform',
      deployment,
      region,
      severity: 'warning',
    },
    annotations: { summary: `${deployment} is not as it should be` },
    startsAt,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example/graph',
    fingerprint: fingerprintOf(number),
  };
}
