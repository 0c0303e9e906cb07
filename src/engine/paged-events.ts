import type { PagedBy, PagedEvent } from '../core/ports/paging.ts';
import { rowOf } from './inbox-row.ts';
import type { Parts } from './parts.ts';
import { pagedKey } from './step.ts';

/** They take no answer for a failure after five seconds, and deliver it again. */
const ASK_MS = 4_000;

/** What their side tells goes to the incident that paged with that key; once, however often it is delivered. */
export async function takePaged(parts: Parts, event: PagedEvent): Promise<'taken' | 'duplicate' | 'not ours'> {
  const signal = AbortSignal.timeout(ASK_MS);
  for (const key of await keysOf(parts, event, signal)) {
    const owner = await parts.store.owner(pagedKey(key));
    if (owner === null) continue;
    const row = { id: `pagerduty:${event.id}`, to: { is: 'stream', stream: owner.stream } as const };
    const named = { ...event, by: await knownBy(parts, event, signal) };
    const [accepted] = await parts.store.accept([{ ...row, body: rowOf({ is: 'paged-event', event: named }) }]);
    return accepted?.duplicate === true ? 'duplicate' : 'taken';
  }
  return 'not ours';
}

/** Their webhooks leave the key out of some events: then it is looked up. */
async function keysOf({ paging = null }: Parts, { incident }: PagedEvent, signal: AbortSignal) {
  if (incident.key !== null) return [incident.key];
  const read = await paging?.keysOf(incident.id, signal);
  return read?.is === 'read' ? read.value : [];
}

/** Who it is here, where that can be found out. What they did counts also where it cannot. */
async function knownBy({ paging = null }: Parts, { by }: PagedEvent, signal: AbortSignal): Promise<PagedBy> {
  if (by.is !== 'person' || by.who.chatId !== null || paging === null) return by;
  const read = await paging.person(by.who.id, signal);
  return read.is === 'read' ? { is: 'person', who: { ...by.who, chatId: read.value.chatId } } : by;
}
