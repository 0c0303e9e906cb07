import type { PagedBy, PagedEvent } from '../core/ports/paging.ts';
import { rowOf } from './inbox-row.ts';
import type { Parts } from './parts.ts';
import { pagedKey } from './step.ts';

/** They take no answer for a failure after five seconds, and deliver it again. */
const ASK_MS = 4_000;
const MOST_OPEN = 1_000;

/** What their side tells goes to every incident that paged with that key; once, however often it is delivered. */
export async function takePaged(parts: Parts, event: PagedEvent): Promise<'taken' | 'duplicate' | 'not ours'> {
  const signal = AbortSignal.timeout(ASK_MS);
  const streams = await callersOf(parts, await keysOf(parts, event, signal));
  if (streams.length === 0) return 'not ours';
  const body = rowOf({ is: 'paged-event', event: { ...event, by: await knownBy(parts, event, signal) } });
  const accepted = await parts.store.accept(
    streams.map((stream) => ({ id: `pagerduty:${event.id}:${stream}`, to: { is: 'stream', stream }, body })),
  );
  return accepted.every((one) => one.duplicate) ? 'duplicate' : 'taken';
}

/** Each open incident that called with such a key; of those that are closed whoever called last. */
async function callersOf({ store }: Parts, keys: readonly string[]): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const open = await store.streams({ open: true, limit: MOST_OPEN });
  const callers = open.filter(({ summary }) => summary.pages?.some((one) => keys.includes(one)) === true);
  const owners = await Promise.all(keys.map(async (key) => store.owner(pagedKey(key))));
  return [...new Set([...callers, ...owners].flatMap((one) => (one === null ? [] : [one.stream])))];
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
