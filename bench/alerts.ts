import { percentile, rounded, type Figures } from './figures.ts';
import { startSimulated } from './simulated.ts';
import { deliver } from './storm.ts';

/** As an Alertmanager that groups by name and region: some alerts in each delivery, several deliveries under way. */
const perDelivery = 10;
const atOnce = 4;
const forMs = Number(process.env['BENCH_ALERTS_MS'] ?? 60_000);

/** Alerts that were accepted and are durable, in a minute, with the generator on the same machine; SQLite. */
export async function alerts(): Promise<Figures> {
  const world = await startSimulated({ services: 0 });
  try {
    const times: number[] = [];
    const end = performance.now() + forMs;
    let next = 0;
    let accepted = 0;
    let refused = 0;
    const from = performance.now();
    const sender = async (): Promise<void> => {
      while (performance.now() < end) {
        const first = next;
        next += perDelivery;
        const began = performance.now();
        const status = await deliver(world.bot.url, first, perDelivery);
        times.push(performance.now() - began);
        if (status < 300) accepted += perDelivery;
        else refused += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, sender));
    const minutes = (performance.now() - from) / 60_000;
    const stored = await world.bot.count('mlp_alerts_stored');
    return {
      alerts_per_min: rounded(accepted / minutes),
      alerts_p99_ms: rounded(percentile(times, 0.99), 1),
      alerts_lost: Math.max(0, accepted - stored),
      alerts_refused: refused,
    };
  } finally {
    await world.stop();
  }
}
