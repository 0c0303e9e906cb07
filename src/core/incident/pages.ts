import type { PagedBy, PagedChange } from '../ports/paging.ts';
import type { Event } from './events.ts';
import type { Incident } from './state.ts';

/** Who was called for an incident, why, and what became of it. This is the state; `paging.ts` decides. */

export type PageOutcome =
  /** They have it. That is no page yet: see `reached`. */
  | {
      readonly is: 'accepted';
      readonly route: string;
      readonly key: string;
      /** Ways that gave no answer before: they may have it too, and are told the same. Left out: none. */
      readonly maybe?: readonly string[];
    }
  /** It never will be, by any way that is configured. */
  | { readonly is: 'refused'; readonly because: string }
  /** Too many this hour: it was held back. */
  | { readonly is: 'held'; readonly because: string };

export type PageReached =
  | { readonly is: 'notified'; readonly whom: readonly Told[] }
  /** Before anybody had to be told: nobody is told any more. */
  | { readonly is: 'acknowledged'; readonly acked: Acked }
  /** What was open there already under its key rang for this one too: another incident of the same alert group called, or whoever else has that key. */
  | {
      readonly is: 'covered';
      /** "INC-1"; null: none that is open here. */
      readonly by: string | null;
      readonly whom: readonly Told[];
      /** Before this one called; null: nobody had. */
      readonly acked: Acked | null;
    }
  | { readonly is: 'nobody'; readonly because: string }
  /** It could not be read back. */
  | { readonly is: 'not known'; readonly because: string };

export interface Told {
  readonly name: string;
  readonly chatId: string | null;
  readonly how: string;
  readonly at: string;
}

export interface Acked {
  readonly name: string;
  /** In the chat; null: not known. */
  readonly chatId: string | null;
  /** Null: not told. */
  readonly at: string | null;
}

export interface CalledPage {
  /** `p0/lead`, `silence`, `fix/p2`: one reason, one page. */
  readonly id: string;
  readonly why: string;
  readonly at: string;
  readonly outcome: PageOutcome;
  /** Their incident, for people; null: not read. */
  readonly incident: { readonly id: string; readonly link: string } | null;
  readonly reached: PageReached | null;
  /** Who acknowledged it on their side; null: nobody so far. */
  readonly ackedBy: string | null;
  /** Who that is in the chat. Left out: not known. */
  readonly ackedAs?: string;
  /** Their id of what was acknowledged, which may be known before that of this page. Left out: not told. */
  readonly ackedOf?: string;
  /** Who led here when their side was told that somebody is on it. Left out: it was not told. */
  readonly ackedHere?: string;
  /** Who led here when it was called: that is no answer to it. */
  readonly led: string | null;
  /** They were told that somebody is on it, or that it is over. */
  readonly told: 'nothing' | 'acknowledged' | 'resolved';
  /** How many notes of the timeline they have. */
  readonly notes: number;
}

export interface Called {
  readonly pages: readonly CalledPage[];
  /** What could not be sent so far, by page: it is tried again. */
  readonly pageTroubles: Readonly<
    Record<string, { readonly because: string; readonly since: string; /** Left out: once. */ readonly tries?: number }>
  >;
  /** Who asked for a person, and why. */
  readonly calls: readonly { readonly at: string; readonly by: string; readonly why: string }[];
}

export const NOBODY_CALLED: Called = { pages: [], pageTroubles: {}, calls: [] };

const PAGE_EVENTS = [
  'called',
  'paged',
  'page-trouble',
  'page-reached',
  'page-told',
  'page-noted',
  'page-acked',
] as const;
export type PageEvent = Extract<Event, { is: (typeof PAGE_EVENTS)[number] }>;
type PageAcked = Extract<Event, { is: 'page-acked' }>;
export function isPageEvent(event: Event): event is PageEvent {
  return (PAGE_EVENTS as readonly string[]).includes(event.is);
}

export function nextPages(state: Incident, event: PageEvent, at: string): Incident {
  switch (event.is) {
    case 'called':
      return { ...state, calls: [...state.calls, { at, by: event.by, why: event.why }] };
    case 'paged': {
      const { page: id, why, outcome } = event;
      const fresh: CalledPage = {
        id,
        why,
        at,
        outcome,
        incident: null,
        reached: null,
        ackedBy: null,
        led: state.onIt,
        told: 'nothing',
        notes: state.timeline.length,
      };
      const { [id]: _over, ...pageTroubles } = state.pageTroubles;
      return { ...state, pageTroubles, pages: [...state.pages.filter((one) => one.id !== id), fresh] };
    }
    case 'page-trouble': {
      const before = state.pageTroubles[event.page];
      const trouble = {
        because: event.because,
        since: before?.since ?? at,
        tries: before === undefined ? 1 : (before.tries ?? 1) + 1,
      };
      return { ...state, pageTroubles: { ...state.pageTroubles, [event.page]: trouble } };
    }
    case 'page-reached': {
      const { page: id, reached, incident } = event;
      const acked = reached.is === 'acknowledged' ? ackedBy(reached.acked) : {};
      return {
        ...state,
        pages: state.pages.map((one) =>
          one.id === id ? { ...(isAnothers(one, incident) ? unanswered(one) : one), reached, incident, ...acked } : one,
        ),
      };
    }
    case 'page-told':
      return put(state, event.page, {
        told: event.told,
        ...(event.told === 'acknowledged' && state.onIt !== null ? { ackedHere: state.onIt } : {}),
      });
    case 'page-noted':
      return put(state, event.page, { notes: event.notes });
    case 'page-acked':
      return {
        ...state,
        pages: state.pages.map((one) =>
          one.ackedBy === null && isAbout(one, event, state)
            ? {
                ...one,
                ackedBy: event.by,
                ...(event.as === undefined ? {} : { ackedAs: event.as }),
                ...(event.incident === undefined ? {} : { ackedOf: event.incident }),
              }
            : one,
        ),
      };
  }
}

function ackedBy({ name, chatId }: Acked): Pick<CalledPage, 'ackedBy' | 'ackedAs'> {
  return { ackedBy: name, ...(chatId === null ? {} : { ackedAs: chatId }) };
}

/** Several routes have one key, and each its own incident there. While theirs is not known, the key alone tells. */
function isAbout(
  { outcome, incident }: CalledPage,
  { key, incident: theirs }: PageAcked,
  { pages }: Incident,
): boolean {
  if (outcome.is !== 'accepted' || (key !== undefined && outcome.key !== key)) return false;
  if (theirs === undefined) return true;
  if (incident === null) return !pages.some((one) => one.incident?.id === theirs);
  // Which of several ways took it is not known: it may be another one's incident.
  return incident.id === theirs || outcome.maybe !== undefined;
}

/** The answer came before it was known which incident there is this page's. */
function isAnothers({ outcome, ackedOf }: CalledPage, incident: CalledPage['incident']): boolean {
  const isOneWay = outcome.is === 'accepted' && outcome.maybe === undefined;
  return isOneWay && ackedOf !== undefined && incident !== null && incident.id !== ackedOf;
}

function unanswered({ ackedAs: _as, ackedOf: _of, ...page }: CalledPage): CalledPage {
  return { ...page, ackedBy: null };
}

function put(state: Incident, id: string, change: Partial<CalledPage>): Incident {
  return { ...state, pages: state.pages.map((one) => (one.id === id ? { ...one, ...change } : one)) };
}

/** What their side says, in words for the timeline; null: nothing worth a line. */
export function pagedWords(by: PagedBy, what: PagedChange): string | null {
  const who = by.is === 'person' ? by.who.name : by.is === 'machine' ? by.name : 'somebody';
  const names = (all: readonly { readonly name: string }[]): string =>
    all.map((one) => one.name).join(', ') || 'somebody';
  switch (what.does) {
    case 'triggered':
      return null;
    case 'acknowledged':
      return `${who} acknowledged it in PagerDuty`;
    case 'unacknowledged':
      return `The acknowledgement in PagerDuty is gone (${who})`;
    case 'reopened':
      return `${who} opened it again in PagerDuty`;
    case 'resolved':
      return what.mergedInto === null
        ? `${who} resolved it in PagerDuty. I look again: here it stays open until I see it over`
        : `${who} merged it into another incident in PagerDuty`;
    case 'reassigned':
    case 'delegated':
    case 'escalated':
      return `${what.does === 'escalated' ? 'PagerDuty escalated it' : `${who} passed it on in PagerDuty`} to ${what.to.length === 0 ? what.policy : names(what.to)}`;
    case 'priority updated':
      return `${who} set the priority in PagerDuty to ${what.priority ?? 'none'}`;
    case 'moved':
      return `${who} moved it in PagerDuty to ${what.service}`;
    case 'note added':
      return `${who} in PagerDuty: ${what.text}${what.trimmed ? ' …' : ''}`;
    case 'status update':
      return `Status update by ${who} in PagerDuty: ${what.text}${what.trimmed ? ' …' : ''}`;
    case 'responder':
      return `${what.whom} was asked in PagerDuty to help: ${what.state}`;
  }
}
