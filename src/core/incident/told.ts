import type { Event, WorseStep } from './events.ts';
import { firedAnew } from './flapping.ts';
import type { Flaps } from './flapping.ts';
import type { Incident } from './state.ts';

/** What people have to be told by a post of its own, each once: it got worse, somebody stopped it, somebody took it over. */

export interface Worsening {
  readonly at: string;
  readonly round: number;
  readonly region: string;
  readonly steps: readonly WorseStep[];
  readonly check: string | null;
}

export interface Eventful extends Flaps {
  readonly worse: readonly Worsening[];
  readonly stops: readonly { readonly at: string; readonly who: string }[];
  /** Who was on it, and who is in his place. */
  /** When a region of it gave no answer, and from when on it did again. */
  readonly unseen: readonly { readonly region: string; readonly from: string; readonly to: string }[];
  readonly takeOvers: readonly { readonly at: string; readonly from: string; readonly to: string }[];
}

export const EVENTFUL: Eventful = { worse: [], stops: [], unseen: [], takeOvers: [], fired: {} };

/** The fold beside the fold: `before` is the state that the event met, `state` the one that it led to. */
export function eventful(before: Incident, state: Incident, event: Event, at: string): Incident {
  switch (event.is) {
    case 'looked': {
      const { region, dark } = event.diagnosis;
      const from = before.blind[region]?.since;
      return dark || from === undefined ? state : { ...state, unseen: [...state.unseen, { region, from, to: at }] };
    }
    case 'worsened': {
      const { round, region, steps, check } = event;
      return { ...state, worse: [...state.worse, { at, round, region, steps, check }] };
    }
    case 'alerted':
    case 'held':
      return { ...state, ...firedAnew(before, event, at) };
    case 'stopped':
      return { ...state, stops: [...state.stops, { at, who: event.who }] };
    default:
      return state;
  }
}

/** Called with the state of before: afterwards nobody knows who was replaced. */
export function takenOver({ onIt, takeOvers }: Incident, who: string | null, at: string): Incident['takeOvers'] {
  return onIt === null || who === null || onIt === who ? takeOvers : [...takeOvers, { at, from: onIt, to: who }];
}
