import type { Priority } from '../render/priority.ts';
import type { Event } from './events.ts';
import { UNMAINTAINED } from './maintained.ts';
import type { Maintained, MaintenanceEvent } from './maintained.ts';
import type { Incident } from './state.ts';

/** What people have said about an incident as such. This is the state; `handling.ts` decides. */

export interface Handled extends Maintained {
  /** Set by a person; null: as it was seen. */
  readonly severity: { readonly is: Priority; readonly by: string; readonly at: string } | null;
  /** Nobody is called for it until then; null: not put off. */
  readonly snooze: { readonly until: string; readonly by: string; readonly at: string } | null;
  /** Its alerts are silenced in Alertmanager; null: not by the bot. It outlives the incident: what is silent hides the next fault too. */
  readonly silence: Silence | null;
  /** What people are told of it, in a person's words. */
  readonly statusText: { readonly text: string; readonly by: string; readonly at: string } | null;
}

export interface Silence {
  /** ISO 8601, as Alertmanager has it. */
  readonly until: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  /** `{alertname="…", …}`, one for each. */
  readonly what: readonly string[];
  /** Where they are, by the name of the Alertmanager and the id there. */
  readonly made: readonly { readonly source: string; readonly id: string }[];
}

/** A person says that it is over: why, and what was still seen. '' stands for nothing. */
export interface ByHand {
  readonly by: string;
  readonly why: string;
  readonly saw: string;
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

export const UNHANDLED: Handled = { ...UNMAINTAINED, severity: null, snooze: null, silence: null, statusText: null };

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

/** The same for a silence. Alertmanager has ended it by its own clock. */
export function silenceOver({ silence }: Incident, at: string): readonly Event[] {
  if (silence === null || silence.until > at) return [];
  return silenceGone('The silence in Alertmanager is over: its alerts are heard again');
}

export function silenceGone(what: string): readonly Event[] {
  return [
    { is: 'silenced', silence: null, by: 'mlp-bot' },
    { is: 'noted', who: 'mlp-bot', what },
  ];
}

export type HandledEvent =
  | { readonly is: 'severity-set'; readonly to: Priority; readonly by: string }
  | { readonly is: 'snoozed'; readonly until: string | null; readonly by: string }
  | { readonly is: 'silenced'; readonly silence: Omit<Silence, 'by' | 'at'> | null; readonly by: string }
  | { readonly is: 'status-said'; readonly text: string; readonly by: string }
  | MaintenanceEvent;

const HANDLED_EVENTS: ReadonlySet<string> = new Set<HandledEvent['is']>([
  'severity-set',
  'snoozed',
  'silenced',
  'status-said',
  'maintenance',
]);
export function isHandledEvent(event: Event): event is HandledEvent {
  return HANDLED_EVENTS.has(event.is);
}

export function nextHandled(state: Incident, event: HandledEvent, at: string): Incident {
  switch (event.is) {
    case 'severity-set':
      return { ...state, severity: { is: event.to, by: event.by, at } };
    case 'snoozed':
      return { ...state, snooze: event.until === null ? null : { until: event.until, by: event.by, at } };
    case 'silenced':
      return { ...state, silence: event.silence === null ? null : { ...event.silence, by: event.by, at } };
    case 'maintenance':
      return { ...state, maintenance: event.maintenance, hush: event.hush };
    case 'status-said':
      return { ...state, statusText: { text: event.text, by: event.by, at } };
  }
}
