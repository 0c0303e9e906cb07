import type { Acked, CalledPage, PageReached, Told } from '../core/incident/pages.ts';
import type { Incident } from '../core/incident/state.ts';
import type { Answer, PagedIncident, PageKey, Reached } from '../core/ports/paging.ts';
import { loadIncident } from './answers.ts';
import type { Desk } from './effects.ts';
import type { Parts } from './parts.ts';

/** Whom a call has reached, where several call under one key: those of one alert group, and whoever else has that group's page. */

/** So long may it take until somebody is told (ms): their queue takes seconds, sometimes minutes. */
const REACH_MS = 3 * 60_000;
/** Their clock and ours (ms). */
const APART_MS = 10_000;
const MOST_OPEN = 1_000;

interface Asked {
  readonly page: CalledPage;
  readonly to: PageKey;
  readonly desk: Desk;
}

/** Null: not known yet. */
export async function reachedNow(
  parts: Parts,
  { page, to, desk }: Asked,
  read: Answer<Reached>,
): Promise<{ readonly reached: PageReached; readonly incident: PagedLink } | null> {
  const isLate = parts.clock.now() - Date.parse(page.at) > REACH_MS;
  if (read.is === 'unknown')
    return isLate ? { reached: { is: 'not known', because: read.because }, incident: null } : null;
  const { value } = read;
  const incident = value.incident === null ? null : { id: value.incident.id, link: value.incident.link };
  const reached = calledAgain(desk.state(), page)
    ? sinceAgain(page, value)
    : ((await coveredBy(parts, { page, to, desk }, value)) ?? ofItself(value));
  if (reached !== 'not yet') return { reached, incident };
  const because = value.is === 'notified' ? 'it is open there already and does not ring again' : value.because;
  return isLate ? { reached: { is: 'nobody', because }, incident } : null;
}

type PagedLink = { readonly id: string; readonly link: string } | null;

function ofItself(value: Reached): PageReached | 'not yet' {
  switch (value.is) {
    case 'notified':
      return { is: 'notified', whom: whomOf(value) };
    case 'nobody': {
      const acked = value.why === 'acknowledged before' ? ackedOf(value.incident) : null;
      return acked === null ? { is: 'nobody', because: value.because } : { is: 'acknowledged', acked };
    }
    case 'not yet':
      return 'not yet';
  }
}

function whomOf(value: Extract<Reached, { is: 'notified' }>): readonly Told[] {
  return value.whom.map(({ who, how, at }) => ({ name: who.name, chatId: who.chatId, how, at }));
}

function ackedOf(incident: PagedIncident | null): Acked | null {
  const who = incident?.acknowledgedBy.at(-1);
  if (incident === null || who === undefined) return null;
  return { name: who.name, chatId: who.chatId, at: incident.acknowledgedAt };
}

/** This incident called before, by the same way and key: its own page is open there. */
function calledAgain({ pages }: Incident, { id, outcome }: CalledPage): boolean {
  if (outcome.is !== 'accepted') return false;
  const before = pages.slice(
    0,
    pages.findIndex((one) => one.id === id),
  );
  return before.some(
    ({ outcome: one }) => one.is === 'accepted' && one.route === outcome.route && one.key === outcome.key,
  );
}

/** Whoever was told then was not told by this call. */
function sinceAgain({ at }: CalledPage, value: Reached): PageReached | 'not yet' {
  if (value.is === 'not yet') return 'not yet';
  if (value.is === 'nobody') return { is: 'nobody', because: value.because };
  const told = whomOf(value).filter((one) => Date.parse(one.at) >= Date.parse(at) - APART_MS);
  if (told.length > 0) return { is: 'notified', whom: told };
  const { incident } = value;
  if (incident.status !== 'acknowledged') return 'not yet';
  const names = incident.acknowledgedBy.map((one) => one.name).join(', ');
  const because = `${names === '' ? 'it is acknowledged there' : `${names} acknowledged it there`} already, and it does not ring again`;
  return { is: 'nobody', because };
}

/** Somebody else's call opened what is open there: their side rings once for one key. Null: nobody's, or it rang for nobody either. */
async function coveredBy(parts: Parts, { page, to, desk }: Asked, value: Reached): Promise<PageReached | null> {
  const acked = ackedOf(value.incident);
  const isAnswered = value.is === 'nobody' && value.why === 'acknowledged before' && acked !== null;
  if (value.is !== 'notified' && !isAnswered) return null;
  const by = await callBefore(parts, { page, to, desk });
  // A call of ours whose answer was lost, with the process that made it, is older than its record, but not than its thread.
  const since = Date.parse(desk.state().openedAt ?? page.at);
  const isOlder = value.incident !== null && Date.parse(value.incident.createdAt) < since - APART_MS;
  if (by === null && !isOlder) return null;
  const whom = value.is === 'notified' ? whomOf(value) : [];
  return { is: 'covered', by, whom, acked };
}

/** The first open incident that called by the same way and key before this one did. */
async function callBefore(parts: Parts, { page, to, desk }: Asked): Promise<string | null> {
  let first: { readonly at: string; readonly name: string } | null = null;
  for (const stream of await openBeside(parts, desk.stream, ({ pages }) => pages?.includes(to.key) === true)) {
    const { pages, number } = await loadIncident(parts, stream);
    const theirs = pages.find(({ outcome: one }) => one.is === 'accepted' && one.route === to.to && one.key === to.key);
    if (number === null || theirs === undefined || theirs.at >= (first?.at ?? page.at)) continue;
    first = { at: theirs.at, name: `INC-${number}` };
  }
  return first?.name ?? null;
}

/**
 * One alert group, several faults, one page: it is over with the last incident of the group, whoever of them called. Where the sender's own
 * receiver has that page, it resolves it by itself when the group is over, and resolving it again does nothing.
 */
export async function goesOnBeside(parts: Parts, key: string, stream: string): Promise<boolean> {
  const others = await openBeside(
    parts,
    stream,
    ({ pages, groups }) => pages?.includes(key) === true || groups?.includes(key) === true,
  );
  return others.length > 0;
}

type Wanted = (summary: { readonly pages?: readonly string[]; readonly groups?: readonly string[] }) => boolean;

async function openBeside({ store }: Parts, stream: string, wanted: Wanted): Promise<readonly string[]> {
  const open = await store.streams({ open: true, limit: MOST_OPEN });
  return open.flatMap((one) => (one.stream !== stream && wanted(one.summary) ? [one.stream] : []));
}
