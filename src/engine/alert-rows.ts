import { createHash } from 'node:crypto';
import type { Incoming } from '../core/ports/store.ts';
import { routeAlert, startOf } from '../core/routing.ts';
import type { AlertIn, Catalogue } from '../core/routing.ts';
import { rowOf } from './inbox-row.ts';

/** One delivery of alerts as rows of the inbox: the same alert, status and start are the same row. */
export function alertRows(
  alerts: readonly AlertIn[],
  note: string | null,
  { catalogue, now }: { readonly catalogue: Catalogue; readonly now: string },
): readonly Incoming[] {
  const rows: Incoming[] = [];
  for (const given of alerts) {
    const alert = { ...given, startsAt: startOf(given.startsAt, now) };
    const routed = routeAlert(alert, catalogue);
    if (routed === null) continue;
    const { missing, ...rest } = routed;
    const id = `alert:${alert.fingerprint}:${alert.status}:${alert.startsAt}`;
    const to = { is: 'key', key: routed.key, fresh: freshStream(id) } as const;
    rows.push({ id, to, body: rowOf({ is: 'alert', ...rest }) });
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
  const first = rows[0];
  if (note !== null && first !== undefined)
    rows.push({
      id: `${first.id}:note:${hash(note)}`,
      to: first.to,
      body: rowOf({ is: 'note', by: 'mlp-bot', what: note }),
    });
  return rows;
}

/** The same input always names the same stream, so that a repeated delivery cannot open a second one. */
export function freshStream(id: string): string {
  return `incident/${hash(id)}`;
}
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
