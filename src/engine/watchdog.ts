import type { AlertIn, Catalogue } from '../core/routing.ts';
import { regionOf } from '../core/routing.ts';
import { SILENT } from '../core/render/watchdogs.ts';
import type { Heard } from '../core/render/watchdogs.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';
import type { TakeAlerts } from './reconcile.ts';
import type { Schedule } from './schedules.ts';

/**
 * An alert that always fires says that alerting works. Its silence says that a region's Prometheus or Alertmanager, or the way here, is
 * gone, and that what was called *resolved* since then is not to be believed.
 */
export const WATCHDOG = 'Watchdog';
export { SILENT } from '../core/render/watchdogs.ts';

/** Written at most this often for each region (ms). */
const NOTE_MS = 20_000;
const name = (region: string): string => `watchdog/${region}`;

async function lastHeard({ store }: Parts, region: string): Promise<string | null> {
  const at = await store.setting(name(region));
  return typeof at === 'string' ? at : null;
}

/** Of each region, or of the one that is asked about. */
export async function watchdogsHeard(parts: Parts, region: string | null): Promise<readonly Heard[]> {
  const regions = region === null ? parts.regions : [region];
  return Promise.all(regions.map(async (one) => ({ region: one, last: await lastHeard(parts, one) })));
}

/** When each region's Watchdog came last, for everybody: in the store, since any replica may get it. */
export class Watchdogs {
  readonly #parts: Parts;
  readonly #catalogue: Catalogue;
  readonly #notedAt = new Map<string, number>();

  constructor(parts: Parts, catalogue: Catalogue) {
    this.#parts = parts;
    this.#catalogue = catalogue;
  }

  async note(alerts: readonly AlertIn[]): Promise<void> {
    const now = this.#parts.clock.now();
    for (const { labels, status } of alerts) {
      if (labels['alertname'] !== WATCHDOG || status !== 'firing') continue;
      const region = regionOf(labels, this.#catalogue);
      if (region === null || now - (this.#notedAt.get(region) ?? Number.NEGATIVE_INFINITY) < NOTE_MS) continue;
      this.#notedAt.set(region, now);
      await this.#parts.store.setSetting(name(region), iso(now), null);
    }
  }

  /** Null: it never came. */
  async last(region: string): Promise<string | null> {
    return lastHeard(this.#parts, region);
  }

  /** Once a minute: which regions are silent, and which are not any more. A region whose Watchdog never came is not known to have one. */
  schedule(silentMs: number, take: TakeAlerts): Schedule {
    return {
      name: 'watchdog',
      cron: '* * * * *',
      missedMs: 90_000,
      run: async (at) => {
        const all = await Promise.all(
          this.#parts.regions.map(async (region) => ({ region, last: await this.last(region) })),
        );
        const alerts = all.flatMap(({ region, last }): readonly AlertIn[] => {
          if (last === null) return [];
          const silent = Date.parse(at) - Date.parse(last) > silentMs;
          return [silentAlert(region, last, silent, this.#catalogue.defaultNamespace)];
        });
        if (alerts.length > 0) await take(alerts, null);
      },
    };
  }
}

/** It begins when the Watchdog was heard last: the same silence is one alert, however often it is seen. */
function silentAlert(region: string, last: string, silent: boolean, namespace: string): AlertIn {
  return {
    fingerprint: `${SILENT}/${region}`,
    status: silent ? 'firing' : 'resolved',
    labels: { alertname: SILENT, region, namespace, severity: 'warning' },
    annotations: {
      summary: `The Watchdog of ${region} came last at ${last.slice(11, 16)} UTC: its alerts do not reach me. What is called resolved there since then is not to be believed`,
    },
    startsAt: last,
    link: '',
  };
}
