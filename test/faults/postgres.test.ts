import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalSlack, type LocalSlack } from '../../src/sandbox/slack/server.ts';
import { judge } from '../blockkit/validate.ts';
import { startBotProcess, writeConfig, type BotProcess } from '../peers/bot.ts';
import { need } from '../peers/need.ts';
import { startPostgres, type Postgres } from '../peers/postgres.ts';
import { freePort, removeFolder, temporaryFolder } from '../peers/process.ts';
import { channel, namespace } from '../peers/real-world.ts';
import { until } from '../peers/until.ts';
import { deliver } from './delivery.ts';

const services = ['model-server', 'api-gateway', 'feature-store'];
const senders = 6;

interface Sent {
  readonly pod: string;
  readonly service: string;
  /** One for each try; the last is 200. */
  readonly statuses: readonly number[];
  readonly slowestMs: number;
}

need('postgres')('PostgreSQL goes away under a load of alerts', { timeout: 60_000 }, () => {
  const ends: (() => Promise<unknown>)[] = [];
  const sent: Sent[] = [];
  let postgres: Postgres;
  let url: string;
  let slack: LocalSlack;
  let bot: BotProcess;

  beforeAll(async () => {
    const folder = temporaryFolder('faults-postgres');
    ends.push(() => removeFolder(folder));
    slack = await startLocalSlack();
    ends.push(() => slack.close());
    postgres = await startPostgres();
    ends.push(() => postgres.stop());
    url = await postgres.createDatabase();
    const kubeconfig = join(folder, 'nowhere.kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(nowhere(await freePort())));
    bot = await startBotProcess({
      name: 'bot',
      port: await freePort(),
      configFile: writeConfig(folder, [{ name: 'eu-west-1' }]),
      slack,
      env: { DATABASE_URL: url, KUBECONFIG: kubeconfig },
    });
    ends.push(() => bot.stop());
  }, 40_000);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
    if (slack !== undefined) judge(slack.sent);
  }, 30_000);

  /** Sends one alert after the other, each until it gets a 2xx, as Alertmanager does. */
  async function sender(number: number, stop: AbortSignal): Promise<void> {
    for (let count = 0; !stop.aborted; count += 1) {
      const service = services[count % services.length] ?? '';
      const pod = `${service}-6d4c9f7b8-s${number}x${String(count).padStart(2, '0')}`;
      const labels = { alertname: 'KubePodNotReady', region: 'eu-west-1', namespace, deployment: service, pod };
      const statuses: number[] = [];
      let slowestMs = 0;
      const startsAt = new Date().toISOString();
      while (statuses.at(-1) !== 200) {
        if (statuses.length > 0) await sleep(150);
        const began = performance.now();
        statuses.push((await deliver(bot.url, [{ labels, status: 'firing' }], startsAt)).status);
        slowestMs = Math.max(slowestMs, performance.now() - began);
      }
      sent.push({ pod, service, statuses, slowestMs });
      await sleep(100);
    }
  }
  const ready = async (): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`${bot.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
    return { status: response.status, text: await response.text() };
  };

  it('answers 503 while it is away, says so, takes all that is sent again, and goes on without a restart', async () => {
    const end = new AbortController();
    const load = Promise.all(Array.from({ length: senders }, (_, number) => sender(number, end.signal)));
    load.catch(() => {}); // it is awaited below, unless something else fails first
    await sleep(1500);
    // Gone: connections are refused.
    await postgres.halt();
    const gone = await until('not ready', async () => {
      const now = await ready();
      return now.status === 503 ? now : undefined;
    });
    expect(gone.text).toMatch(/^FAILING store: PostgreSQL: connect ECONNREFUSED/m);
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
    await sleep(2000);
    await postgres.start();
    await until('ready again', async () => ((await ready()).status === 200 ? true : undefined));
    await sleep(1000);
    // Hanging: connections stay open and nothing answers.
    await postgres.pause();
    await sleep(500);
    const hangs = await ready();
    expect(hangs.status).toBe(503);
    expect(hangs.text).toMatch(/^FAILING store: PostgreSQL: .*timeout/m);
    await sleep(3000);
    await postgres.resume();
    await until('ready again', async () => ((await ready()).status === 200 ? true : undefined));
    await sleep(1000);
    end.abort();
    await load;
    const statuses = new Set(sent.flatMap((one) => one.statuses));
    expect(statuses).toEqual(new Set([200, 503]));
    // Alertmanager gives a delivery up only when its next one is due: no answer may take so long.
    expect(Math.max(...sent.map((one) => one.slowestMs))).toBeLessThan(10_000);
  });

  it('every alert that got a 2xx is in its incident, exactly once', async () => {
    const wanted = sent.map((one) => one.pod).toSorted();
    const found = await until(
      'all alerts',
      async () => {
        const all = await alerted(url);
        return all.length >= wanted.length ? all : undefined;
      },
      { withinMs: 20_000 },
    );
    expect(found.toSorted()).toEqual(wanted);
  });

  it('people see one message for each service and are called once for each, however many alerts there were', async () => {
    const threads = (): readonly string[] => slack.roots(channel).map((root) => slack.thread(channel, root.ts));
    // Somebody is called after the third try.
    const isTold = (text: string): boolean =>
      /\*Cause:\* not known\. My path to the region[^]*@ml-oncall I cannot see eu-west-1/.test(text);
    const told = await until(
      'what was seen of each service, and a call',
      () => (threads().filter((text) => isTold(text)).length >= services.length ? threads() : undefined),
      { withinMs: 20_000, explain: () => threads().join('\n======\n') },
    );
    expect(new Set(told.map((text) => / \*([\w-]+)[: ]/.exec(text)?.[1]))).toEqual(new Set(services));
    expect(told).toHaveLength(services.length);
    expect(told.map((text) => text.match(/@ml-oncall/g)?.length)).toEqual(services.map(() => 1));
  });
});

/** A cluster that refuses connections: what is looked at does not matter here. */
const nowhere = (port: number): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'eu-west-1', cluster: { server: `https://127.0.0.1:${port}` } }],
  users: [{ name: 'bot', user: { token: 'none' } }],
  contexts: [{ name: 'eu-west-1', context: { cluster: 'eu-west-1', user: 'bot' } }],
});

/** The pods of all alerts that incidents have taken in, from the stored events. */
interface Taken {
  readonly is: string;
  readonly alert?: { readonly fingerprint: string };
  /** Several that waited together are one event. */
  readonly alerts?: readonly { readonly alert: { readonly fingerprint: string } }[];
}
async function alerted(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ body: string }>('select body from mlp.events');
    return rows
      .map((row) => (JSON.parse(row.body) as { event: Taken }).event)
      .flatMap(({ is, alert, alerts }) =>
        is === 'alerted' ? [alert] : is === 'held' ? (alerts ?? []).map((one) => one.alert) : [],
      )
      .map((one) => one?.fingerprint.split('/').at(-1) ?? '');
  } finally {
    await client.end();
  }
}
