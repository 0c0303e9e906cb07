import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprintOf, deliver } from './storm.ts';

/** As an Alertmanager that groups by name and region: some alerts in each delivery, several deliveries under way. */
const usualPerDelivery = 10;
const retryMs = 200;

export interface Load {
  readonly forMs: number;
  /** Alerts; null: as fast as they are taken. */
  readonly perMinute: number | null;
  /** Deliveries under way at most. */
  readonly atOnce: number;
  /** What got no 2xx is sent again until it gets one, as Alertmanager does. */
  readonly retry: boolean;
  /** Number of the first alert. */
  readonly first?: number;
  /** No more than so many alerts. */
  readonly most?: number;
  /** Left out: 60. */
  readonly workloads?: number;
  /** Left out: 10. */
  readonly perDelivery?: number;
}
export interface Sent {
  /** Of the deliveries that got a 2xx at once: from the time at which it was to be sent, so that a bot that is late looks late (ms). */
  readonly times: readonly number[];
  /** Fingerprints of all alerts that got a 2xx. */
  readonly accepted: ReadonlySet<string>;
  /** Deliveries without a 2xx: an answer, or none. */
  readonly refused: number;
  readonly tookMs: number;
}

/** Sends alerts to `url()`, which may be another process each time. */
export async function send(url: () => string, load: Load): Promise<Sent> {
  const { forMs, perMinute, atOnce, retry, first = 0, most = Number.POSITIVE_INFINITY } = load;
  const { perDelivery = usualPerDelivery } = load;
  const gapMs = perMinute === null ? 0 : (perDelivery * 60_000) / perMinute;
  const times: number[] = [];
  const accepted = new Set<string>();
  let refused = 0;
  let turn = 0;
  const from = performance.now();
  const sender = async (): Promise<void> => {
    for (;;) {
      const mine = turn;
      turn += 1;
      const plannedAt = from + mine * gapMs;
      if (Math.max(plannedAt, performance.now()) - from >= forMs || mine * perDelivery >= most) return;
      await sleep(Math.max(0, plannedAt - performance.now()));
      const began = perMinute === null ? performance.now() : plannedAt;
      const number = first + mine * perDelivery;
      for (let attempt = 0; ; attempt += 1) {
        const ok = await taken(url(), number, perDelivery, load.workloads);
        if (ok && attempt === 0) times.push(performance.now() - began);
        if (ok) for (let at = number; at < number + perDelivery; at += 1) accepted.add(fingerprintOf(at));
        if (!ok) refused += 1;
        if (ok || !retry) break;
        await sleep(retryMs);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  return { times, accepted, refused, tookMs: performance.now() - from };
}

async function taken(url: string, first: number, count: number, workloads?: number): Promise<boolean> {
  try {
    return (await deliver(url, first, count, workloads)) < 300;
  } catch {
    return false;
  }
}
