import { createHash } from 'node:crypto';
import type { Incoming } from '../core/ports/store.ts';
import { routeAlert, startOf } from '../core/routing.ts';
import type { AlertIn, Catalogue } from '../core/routing.ts';
import { rowOf } from './inbox-row.ts';

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
  { catalogue, now }: { readonly catalogue: Catalogue; readonly now: string },
): readonly Incoming[] {
  const rows: Incoming[] = [];
  let first: Pick<Incoming, 'id' | 'to'> | null = null;
  for (const given of alerts) {
    const alert = { ...given, startsAt: startOf(given.startsAt, now) };
    const routed = routeAlert(alert, catalogue);
    if (routed === null) continue;
    const { missing, ...rest } = routed;
    const id = `alert:${alert.fingerprint}:${alert.status}:${alert.startsAt}`;
    const to = { is: 'key', key: routed.key, fresh: freshStream(id) } as const;
    rows.push({ id: `${id}:${spanOf(now, AGAIN_MS)}`, to, body: rowOf({ is: 'alert', ...rest }) });
    // One that is over opens no thread.
    if (alert.status === 'firing') first ??= { id, to };
    if (missing !== null)
      rows.push({
        id: `${id}:missing`,
        to,
        body: rowOf({
          is: 'note',
          by: 'mlp-bot',
          what: `the alert ${rest.alert.name} could not be placed fully: ${missing}`,
        }),
      });
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
