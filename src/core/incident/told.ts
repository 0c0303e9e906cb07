import type { Event, WorseStep } from './events.ts';
import type { Incident } from './state.ts';

/** What people have to be told by a post of its own, each once: it got worse, somebody stopped it, somebody took it over. */

export interface Worsening {
  readonly at: string;
  readonly round: number;
  readonly region: string;
  readonly steps: readonly WorseStep[];
  readonly check: string | null;
}

export interface Eventful {
  readonly worse: readonly Worsening[];
  readonly stops: readonly { readonly at: string; readonly who: string }[];
  /** Who was on it, and who is in his place. */
  readonly takeOvers: readonly { readonly at: string; readonly from: string; readonly to: string }[];
}

export const EVENTFUL: Eventful = { worse: [], stops: [], takeOvers: [] };

export function eventful(state: Incident, event: Event, at: string): Incident {
  switch (event.is) {
    case 'worsened': {
      const { round, region, steps, check } = event;
      return { ...state, worse: [...state.worse, { at, round, region, steps, check }] };
    }
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
