import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/peers/process.ts';
import { percentile, rounded, sizeOf, waitFor, type Figures } from './figures.ts';
import { deliver } from './storm.ts';
import { send } from './generator.ts';
import { healthyDuring } from './healthz.ts';
import { remembered } from './process.ts';
import { channel, people, startSimulated, type Simulated } from './simulated.ts';

const fillWithinMs = 10 * 60_000;
/** As many as a group of Alertmanager's may hold: a large delivery is what blocks. */
const perDelivery = 2_000;
const asked = 30;
const megabyte = 1_000_000;

/**
 * A store that is full: 500 open incidents, each of a deployment of its own, and 100,000 alerts. How long a person waits for `/mlp incidents`
 * and for the App Home (from the press in the local Slack until the answer is there), how long one more alert takes to be routed and stored
 * (its 2xx); how long `/healthz` took while they came; and what the bot's memory grew by. SQLite.
 */
export async function full(): Promise<Figures> {
  const alerts = sizeOf('BENCH_FULL_ALERTS', 100_000);
  const incidents = sizeOf('BENCH_FULL_INCIDENTS', 500);
  const probePort = await freePort();
  const world = await startSimulated({
    services: 0,
    probePort,
    config: {
      // Each its own thread, and nothing is over by itself.
      alerts: { storm: { workloads: 1_000_000, withinMs: 60_000 } },
      timing: { quietMs: 3_600_000, watchMs: 600_000 },
    },
  });
  try {
    const url = (): string => world.bot.url;
    const before = await remembered(probePort);
    const { result, health } = await healthyDuring(url(), async () => {
      const load = {
        forMs: fillWithinMs,
        perMinute: null,
        atOnce: 4,
        retry: true,
        most: alerts,
        workloads: incidents,
        perDelivery,
      };
      const sent = await send(url, load);
      await answered(world);
      return sent;
    });
    const [stored, open] = [await world.bot.count('mlp_alerts_stored'), await openOnes(world)];
    const routing = await times(asked, async (n) => {
      if ((await deliver(url(), alerts + n, 1, incidents)) >= 300) throw new Error('refused');
    });
    await answered(world);
    const list = await times(asked, () => answerTo(world, '/mlp incidents'));
    const home = await times(asked, (n) => openHome(world, n));
    const after = await remembered(probePort);
    return {
      full_routing_ms: rounded(percentile(routing, 0.95)),
      full_incidents_ms: rounded(percentile(list, 0.95)),
      full_home_ms: rounded(percentile(home, 0.95)),
      full_healthz_worst_ms: rounded(health.worstMs),
      full_healthz_p99_ms: rounded(health.p99Ms),
      full_growth_mb: rounded((after.rss - before.rss) / megabyte, 1),
      full_heap_growth_mb: rounded((after.heapUsed - before.heapUsed) / megabyte, 1),
      full_alerts_stored: stored,
      full_incidents_open: open,
      full_fill_s: rounded(result.tookMs / 1_000),
      full_refused: result.refused,
    };
  } finally {
    await world.stop();
  }
}

async function times(many: number, work: (n: number) => Promise<unknown>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let n = 0; n < many; n += 1) {
    const from = performance.now();
    await work(n);
    all.push(performance.now() - from);
    await sleep(50);
  }
  return all;
}

async function answerTo({ slack }: Simulated, typed: string): Promise<void> {
  const before = slack.ephemerals(people.sana).length;
  await slack.as(people.sana).command(typed, { channel });
  await slack.until(() => slack.ephemerals(people.sana).length > before, `an answer to ${typed}`, 10_000);
}

/** The page is another each time: two people take turns, and what it says has its time. */
async function openHome({ slack }: Simulated, n: number): Promise<void> {
  const published = (): number => slack.sent.filter((one) => one.method === 'views.publish').length;
  const before = published();
  await slack.as(n % 2 === 0 ? people.sana : people.noah).openHome();
  await slack.until(() => published() > before, 'the page', 10_000);
}

/** Until nothing waits in the inbox. */
async function answered({ bot }: Simulated): Promise<void> {
  const waits = async (): Promise<true | undefined> => {
    await sleep(500);
    return (await rows(bot.url, 'inbox')) === 0 ? true : undefined;
  };
  await waitFor('an empty inbox', waits, fillWithinMs);
}

async function openOnes({ bot }: Simulated): Promise<number> {
  return rows(bot.url, 'open');
}

async function rows(url: string, what: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const line = (await response.text()).split('\n').find((one) => one.startsWith(`mlp_store_rows{what="${what}"}`));
  return Number(line?.split(' ').at(-1));
}
