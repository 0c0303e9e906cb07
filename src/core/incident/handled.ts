import type { Priority } from '../render/priority.ts';
import type { Event } from './events.ts';
import type { Incident } from './state.ts';

/** What people have said about an incident as such. This is the state; `handling.ts` decides. */

export interface Handled {
  /** Set by a person; null: as it was seen. */
  readonly severity: { readonly is: Priority; readonly by: string; readonly at: string } | null;
  /** Nobody is called for it until then; null: not put off. */
  readonly snooze: { readonly until: string; readonly by: string; readonly at: string } | null;
  /** What people are told of it, in a person's words. */
  readonly statusText: { readonly text: string; readonly by: string; readonly at: string } | null;
}

/** Of the timeline. `said`: the thread says it as well; `whom`: who is given something by it. */
export type Noted = { readonly at: string } & Omit<Extract<Event, { is: 'noted' }>, 'is'>;
export type Closed = { readonly at: string } & Omit<Extract<Event, { is: 'closed' }>, 'is'>;

export function notedAs({ is: _is, ...noted }: Extract<Event, { is: 'noted' }>, at: string): Noted {
  return { at, ...noted };
}
export function closedAs({ is: _is, ...closed }: Extract<Event, { is: 'closed' }>, at: string): Closed {
  return { at, ...closed };
}

export const UNHANDLED: Handled = { severity: null, snooze: null, statusText: null };

/** When it ends by itself; null: it is not put off. */
export function snoozeEndsAt({ snooze, closed }: Pick<Incident, 'snooze' | 'closed'>): string | null {
  return closed === null ? (snooze?.until ?? null) : null;
}

/** Its time is over: said, since whoever put it off has waited for that. */
export function snoozeOver(state: Incident, at: string): readonly Event[] {
  const ends = snoozeEndsAt(state);
  if (ends === null || ends > at) return [];
  return [
    { is: 'snoozed', until: null, by: 'mlp-bot' },
    { is: 'noted', who: 'mlp-bot', what: 'The snooze is over: people are called again where it needs them' },
  ];
}

const HANDLED_EVENTS = ['severity-set', 'snoozed', 'status-said'] as const;
export type HandledEvent = Extract<Event, { is: (typeof HANDLED_EVENTS)[number] }>;
export function isHandledEvent(event: Event): event is HandledEvent {
  return (HANDLED_EVENTS as readonly string[]).includes(event.is);
}

export function nextHandled(state: Incident, event: HandledEvent, at: string): Incident {
  switch (event.is) {
    case 'severity-set':
      return { ...state, severity: { is: event.to, by: event.by, at } };
    case 'snoozed':
      return { ...state, snooze: event.until === null ? null : { until: event.until, by: event.by, at } };
    case 'status-said':
      return { ...state, statusText: { text: event.text, by: event.by, at } };
  }
}
