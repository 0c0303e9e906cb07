import { whyOf } from '../core/failure.ts';
import type { AlertSeen } from '../core/incident/events.ts';
import type { Silence } from '../core/incident/handled.ts';
import type { AlertSource, Firing } from '../core/ports/alert-sources.ts';
import type { AlertIn } from '../core/routing.ts';
import { loadIncident } from './answers.ts';
import type { Parts } from './parts.ts';
import type { Schedule } from './schedules.ts';
import { silencesGone } from './silences.ts';

/**
 * What open incidents believe against what their sources say. A silenced alert sends no *resolved* (alertmanager#226), and CloudWatch tells
 * of a change once: what was missed while nobody listened is asked for. Asked, not believed: what is over there is looked at again here.
 */

export type TakeAlerts = (alerts: readonly AlertIn[], note: string | null) => Promise<unknown>;

const SOURCE_MS = 10_000;
/** What began just now is still on its way by itself (ms). */
const ON_ITS_WAY_MS = 2 * 60_000;
const MOST_OPEN = 500;
const MOST_CLOSED = 200;

export function reconciliation(parts: Parts, take: TakeAlerts): Schedule {
  return { name: 'reconcile', cron: '* * * * *', missedMs: 90_000, run: (at) => reconcile(parts, take, at) };
}

export async function reconcile(parts: Parts, take: TakeAlerts, at: string): Promise<void> {
  const sources: readonly AlertSource[] = [...(parts.alertmanagers ?? []), ...(parts.cloudwatches ?? [])];
  if (sources.length === 0) return;
  const answers = await Promise.all(sources.map(async (source) => ({ source, firing: await ask(parts, source) })));
  const { alerts: open, silences } = await believed(parts);
  await silencesGone(parts, silences);
  const out: AlertIn[] = [];
  for (const { source, firing } of answers) {
    if (firing === null) continue;
    const there = new Set(firing.map((one) => one.fingerprint));
    out.push(...over(source, there, open));
    if (source.is === 'cloudwatch') out.push(...missed(firing, open, at));
  }
  if (out.length > 0) {
    parts.log('info', 'alerts reconciled with their sources', { alerts: out.length });
    await take(out, null);
  }
}

/** Null: it gave no answer, so nothing is known of it. */
async function ask(parts: Parts, source: AlertSource): Promise<readonly Firing[] | null> {
  try {
    return await source.firing(SOURCE_MS);
  } catch (error) {
    parts.log('warn', 'a source of alerts could not be asked', { source: source.name, err: whyOf(error) });
    return null;
  }
}

/** By fingerprint: what open incidents hold. By stream: what is silenced for one, which may have closed lately. */
async function believed(parts: Parts): Promise<{
  readonly alerts: ReadonlyMap<string, AlertSeen>;
  readonly silences: ReadonlyMap<string, Silence>;
}> {
  const all = new Map<string, AlertSeen>();
  const silences = new Map<string, Silence>();
  const closed = await parts.store.streams({ open: false, limit: MOST_CLOSED });
  const silent = closed.filter(({ summary }) => summary.silenced !== undefined);
  for (const { stream, summary } of [...(await parts.store.streams({ open: true, limit: MOST_OPEN })), ...silent]) {
    const { alerts, silence } = await loadIncident(parts, stream);
    if (silence !== null) silences.set(stream, silence);
    if (summary.open) for (const alert of Object.values(alerts)) all.set(alert.fingerprint, alert);
  }
  return { alerts: all, silences };
}

/** Held as firing, and its own source does not have it any more. Of a region that several sources speak for, only those that said so. */
function over(
  source: AlertSource,
  there: ReadonlySet<string>,
  open: ReadonlyMap<string, AlertSeen>,
): readonly AlertIn[] {
  return [...open.values()]
    .filter((one) => one.status === 'firing' && one.from === source.is && !there.has(one.fingerprint))
    .filter((one) => one.region !== null && source.regions.includes(one.region))
    .map((one) => ({
      fingerprint: one.fingerprint,
      status: 'resolved',
      labels: { ...one.way, alertname: one.name, ...(one.region === null ? {} : { region: one.region }) },
      annotations: {},
      startsAt: one.startsAt,
      link: one.link,
      from: source.is,
    }));
}

/** Fires there for longer than a delivery takes, and nobody here has heard of it. */
function missed(firing: readonly Firing[], open: ReadonlyMap<string, AlertSeen>, at: string): readonly AlertIn[] {
  return firing
    .filter((one) => one.status === 'active' && open.get(one.fingerprint)?.status !== 'firing')
    .filter((one) => Date.parse(one.startsAt) + ON_ITS_WAY_MS < Date.parse(at))
    .map(({ fingerprint, labels, startsAt }) => ({
      fingerprint,
      status: 'firing',
      labels,
      annotations: { summary: 'It fired while I was not listening: CloudWatch tells of a change once' },
      startsAt,
      link: '',
      from: 'cloudwatch',
    }));
}
