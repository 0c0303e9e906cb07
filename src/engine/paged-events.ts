import type { PagedEvent } from '../core/ports/paging.ts';
import { rowOf } from './inbox-row.ts';
import type { Parts } from './parts.ts';
import { pagedKey } from './step.ts';

/** What their side tells goes to the incident that paged with that key; once, however often it is delivered. */
export async function takePaged(parts: Parts, event: PagedEvent): Promise<'taken' | 'duplicate' | 'not ours'> {
  for (const key of await keysOf(parts, event)) {
    const owner = await parts.store.owner(pagedKey(key));
    if (owner === null) continue;
    const row = { id: `pagerduty:${event.id}`, to: { is: 'stream', stream: owner.stream } as const };
    const [accepted] = await parts.store.accept([{ ...row, body: rowOf({ is: 'paged-event', event }) }]);
    return accepted?.duplicate === true ? 'duplicate' : 'taken';
  }
  return 'not ours';
}

/** Their webhooks leave the key out of some events: then it is looked up. */
async function keysOf({ paging = null }: Parts, { incident }: PagedEvent): Promise<readonly string[]> {
  if (incident.key !== null) return [incident.key];
  const read = await paging?.keysOf(incident.id, AbortSignal.timeout(4_000));
  return read?.is === 'read' ? read.value : [];
}
