import { schedule as everyTime } from 'node-cron';
import { whyOf } from '../core/failure.ts';
import type { Parts } from './parts.ts';

/** What happens by the clock: once per cluster, and at the next start when it was missed. */
export interface Schedule {
  readonly name: string;
  /** Five fields, UTC. */
  readonly cron: string;
  /** IANA name of the zone that `cron` is meant in. Left out: UTC. */
  readonly zone?: string;
  /** Later than this since the last time, it was missed (ms). */
  readonly missedMs: number;
  readonly run: (at: string) => Promise<void>;
}

const LEASE_MS = 60_000;

export function retention(parts: Parts, days: number): Schedule {
  return {
    name: 'retention',
    cron: '17 3 * * *',
    missedMs: 25 * 3_600_000,
    run: async (at) => {
      const streams = await parts.store.prune(new Date(Date.parse(at) - days * 86_400_000).toISOString());
      parts.log('info', 'old incidents removed', { streams, days });
    },
  };
}

export function startSchedules(parts: Parts, all: readonly Schedule[]): { readonly stop: () => Promise<void> } {
  const tasks = all.map((one) =>
    everyTime(one.cron, () => attempt(parts, one), { timezone: one.zone ?? 'UTC', noOverlap: true, name: one.name }),
  );
  for (const one of all) void attempt(parts, one, one.missedMs);
  return { stop: async () => void (await Promise.all(tasks.map(async (task) => task.destroy()))) };
}

async function attempt(parts: Parts, schedule: Schedule, missedMs = 0): Promise<void> {
  try {
    await once(parts, schedule, missedMs);
  } catch (error) {
    parts.log('warn', 'schedule failed: it runs again at its next time', {
      schedule: schedule.name,
      err: whyOf(error),
    });
  }
}

/**
 * The lease keeps two replicas apart; the stored time keeps the second of them from doing it again. Without `missedMs` it is its time
 * now; with it, it is done only when the last time is longer ago than that.
 */
export async function once(parts: Parts, schedule: Schedule, missedMs: number): Promise<'done' | 'not now'> {
  const name = `cron/${schedule.name}`;
  const claim = await parts.store.claim(name, parts.owner, LEASE_MS);
  if (claim === null) return 'not now';
  try {
    const at = await parts.store.now();
    const last = await parts.store.setting(name);
    const sinceMs = typeof last === 'string' ? Date.parse(at) - Date.parse(last) : Number.POSITIVE_INFINITY;
    // A tick of another replica in the same minute has done it.
    if (sinceMs < Math.max(missedMs, LEASE_MS)) return 'not now';
    await schedule.run(at);
    await parts.store.setSetting(name, at, null);
    return 'done';
  } finally {
    await parts.store.release(claim);
  }
}
