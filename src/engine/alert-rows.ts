import { createHash } from 'node:crypto';
import type { Incoming } from '../core/ports/store.ts';
import type { Outside } from '../core/incident/commands.ts';
import { instantOf, routeAlert, startOf, stormKey, stormSubject } from '../core/routing.ts';
import type { AlertIn, Catalogue, Routed } from '../core/routing.ts';
import type { StormGate } from '../core/storm-gate.ts';
import { rowOf } from './inbox-row.ts';

type AlertCommand = Extract<Outside, { is: 'alert' }>;

/** The same news again after so long (ms) is a row of its own. */
const AGAIN_MS = 30_000;
/** What was lost is said once in so long (ms), however often the sender tries. */
const SAID_MS = 3_600_000;
/** What belongs to no incident is posted by a stream of its own. */
export const NOTICES = 'notices';

/**
 * One delivery of alerts as rows of the inbox. The same alert, status and start within half a minute are the same row; what comes again
 * later may be news, since a sender keeps the start of what it had called over: the stream decides. `note`: what is missing in it. It is
 * said in the thread of an alert that came with it, else in the channel.
 */
export function alertRows(
  alerts: readonly AlertIn[],
  note: string | null,
  { catalogue, now, gate }: { readonly catalogue: Catalogue; readonly now: string; readonly gate: StormGate | null },
): readonly Incoming[] {
  const rows: Incoming[] = [];
  let first: Pick<Incoming, 'id' | 'to'> | null = null;
  const all = alerts.flatMap((given) => {
    const alert = { ...given, startsAt: startOf(given.startsAt, now) };
    const routed = routeAlert(alert, catalogue);
    return routed === null ? [] : [{ alert, given: given.startsAt, routed }];
  });
  // Said once, however many alerts of one rule lack the same.
  const lacks = new Set<string>();
  // The whole delivery counts before any of it is sent on its way.
  for (const { alert, routed } of all) {
    const { region } = routed.alert;
    if (alert.status === 'firing' && region !== null) gate?.note(region, routed.key, Date.parse(now));
  }
  for (const { alert, given, routed } of all) {
    const { missing, by: _by, ...rest } = routed;
    const id = `alert:${alert.fingerprint}:${alert.status}:${alert.startsAt}`;
    const { to, storm } = wayOf(id, routed, { catalogue, now, gate });
    rows.push({
      id: `${id}:${spanOf(now, AGAIN_MS)}`,
      to,
      body: rowOf({ is: 'alert', ...rest, ...storm }),
      alert: `${alert.fingerprint}:${instantOf(given)}`,
    });
    // A storm has too many of them for a note each.
    if (storm !== null) continue;
    // One that is over opens no thread.
    if (alert.status === 'firing') first ??= { id, to };
    const lack = `${routed.key} ${rest.alert.name} ${missing ?? ''}`;
    if (missing !== null && !lacks.has(lack))
      rows.push({
        id: `${id}:missing`,
        to,
        body: rowOf({
          is: 'note',
          by: 'mlp-bot',
          what: `the alert ${rest.alert.name} could not be placed fully: ${missing}`,
        }),
      });
    lacks.add(lack);
  }
  if (note !== null && first === null) rows.push(lostRow(note, catalogue.channel, now));
  if (note !== null && first !== null)
    rows.push({
      id: `${first.id}:note:${hash(note)}`,
      to: first.to,
      body: rowOf({ is: 'note', by: 'mlp-bot', what: note }),
    });
  return rows;
}

/** To the open incident that answers for it; else to the storm in its region; else to a thread of its own. */
function wayOf(
  id: string,
  { key, alert: { region, status } }: Routed,
  { catalogue, now, gate }: { readonly catalogue: Catalogue; readonly now: string; readonly gate: StormGate | null },
): { readonly to: Extract<Incoming['to'], { is: 'key' }>; readonly storm: Pick<AlertCommand, 'storm'> | null } {
  const own = { is: 'key', key, fresh: freshStream(id) } as const;
  if (region === null || gate === null) return { to: own, storm: null };
  const wide = stormKey(region);
  const opens = status === 'firing' && gate.isStorm(region, Date.parse(now));
  const to = { ...own, wider: { key: wide, opens } };
  if (!opens) return { to, storm: null };
  const subject = stormSubject(region, catalogue);
  return { to, storm: { storm: { region, key: wide, subject, channel: catalogue.channel } } };
}

function lostRow(lost: string, channel: string, now: string): Incoming {
  return {
    id: `lost:${hash(lost)}:${spanOf(now, SAID_MS)}`,
    to: { is: 'stream', stream: NOTICES },
    body: rowOf({ is: 'announce', notice: { lost, at: now }, channels: [channel] }),
  };
}

function spanOf(at: string, ms: number): number {
  return Math.floor(Date.parse(at) / ms);
}

/** The same input always names the same stream, so that a repeated delivery cannot open a second one. */
export function freshStream(id: string): string {
  return `incident/${hash(id)}`;
}
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
