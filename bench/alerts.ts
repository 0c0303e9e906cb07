import { setTimeout as sleep } from 'node:timers/promises';
import { percentile, rounded, sizeOf, waitFor, type Figures } from './figures.ts';
import { send, type Load } from './generator.ts';
import { healthyDuring } from './healthz.ts';
import { keptIn, onEachStore, type StoreName } from './rows.ts';
import { startSimulated, type Simulated } from './simulated.ts';

/** The rate that must be borne: alerts per minute. */
const wanted = 10_000;
const killEveryMs = 10_000;
const atOnce = 4;
/** While the bot starts, deliveries wait: as many as come meanwhile. */
const killedAtOnce = 64;

const fullMs = 20_000;
const pacedMs = 60_000;
const lastsMs = (usual: number): number => sizeOf('BENCH_ALERTS_MS', usual);

/**
 * Alerts that are accepted and durable, the generator on the same machine, both stores: as fast as it goes (`alerts_per_min`); at 10,000 a
 * minute (`alerts_p99_ms`); and at that rate with a SIGKILL every ten seconds, where what gets no 2xx is sent again (`alerts_killed_…`).
 */
export async function alerts(): Promise<Figures> {
  return onEachStore('alerts', async (store) => ({ ...(await quiet(store)), ...(await killed(store)) }));
}

async function quiet(store: StoreName): Promise<Figures> {
  const world = await startSimulated({ services: 0, store });
  try {
    const url = (): string => world.bot.url;
    const load: Load = { forMs: lastsMs(pacedMs), perMinute: wanted, atOnce, retry: false };
    const { result: paced, health } = await healthyDuring(url(), () => send(url, load));
    const fast = await send(url, { ...load, forMs: lastsMs(fullMs), perMinute: null, first: 1_000_000 });
    const accepted = new Set([...paced.accepted, ...fast.accepted]);
    const counted = await count(world, accepted);
    return {
      alerts_per_min: rounded((fast.accepted.size * 60_000) / fast.tookMs),
      alerts_p99_ms: rounded(percentile(paced.times, 0.99), 1),
      alerts_median_ms: rounded(percentile(paced.times, 0.5), 1),
      alerts_worst_ms: rounded(Math.max(...paced.times)),
      alerts_full_p99_ms: rounded(percentile(fast.times, 0.99), 1),
      alerts_healthz_worst_ms: rounded(health.worstMs),
      alerts_lost: counted.lost,
      alerts_refused: paced.refused + fast.refused,
    };
  } finally {
    await world.stop();
  }
}

async function killed(store: StoreName): Promise<Figures> {
  const world = await startSimulated({ services: 0, store });
  const killedMs = lastsMs(pacedMs);
  try {
    const state = { kills: 0 };
    const killer = (async () => {
      const end = performance.now() + killedMs;
      while (performance.now() + killEveryMs <= end) {
        await sleep(killEveryMs);
        await world.kill();
        state.kills += 1;
      }
    })();
    const load: Load = { forMs: killedMs, perMinute: wanted, atOnce: killedAtOnce, retry: true };
    const [sent] = await Promise.all([send(() => world.bot.url, load), killer]);
    const { lost, doubled } = await count(world, sent.accepted);
    return {
      alerts_killed_lost: lost,
      alerts_killed_doubled: doubled,
      alerts_killed_per_min: rounded((sent.accepted.size * 60_000) / sent.tookMs),
      alerts_killed_kills: state.kills,
      alerts_killed_sent_again: sent.refused,
    };
  } finally {
    await world.stop();
  }
}

/** By `mlp_alerts_stored` and by the store itself; the worse of the two. */
async function count(world: Simulated, accepted: ReadonlySet<string>): Promise<{ lost: number; doubled: number }> {
  const stored = await waitFor('the count', () => world.bot.count('mlp_alerts_stored').catch(() => undefined), 60_000);
  const kept = await keptIn(world.rows);
  const there = new Set(kept.alerts);
  const missing = [...accepted].filter((one) => !there.has(one)).length;
  const surplus = Math.max(stored, kept.alerts.length) - accepted.size;
  return {
    lost: Math.max(missing, accepted.size - stored, 0),
    doubled: Math.max(kept.alerts.length - there.size, surplus, 0) + kept.torn,
  };
}
