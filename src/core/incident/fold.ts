import type { Event } from './events.ts';
import { firedInTurn } from './flapping.ts';
import { EMPTY, next } from './state.ts';
import type { Incident } from './state.ts';
import { heldInTurn } from './storm.ts';
import type { HeldNews } from './storm.ts';

/** As `next` over all of them; alerts that follow each other in a storm are taken together: one copy of their lists, not one for each. */
export function fold(events: Iterable<{ readonly event: Event; readonly at: string }>): Incident {
  let state = EMPTY;
  let news: HeldNews[] = [];
  const told = (): Incident =>
    news.length === 0 ? state : { ...heldInTurn(state, news), ...firedInTurn(state, news) };
  for (const { event, at } of events) {
    if (event.is === 'held') {
      news.push({ alerts: event.alerts, at });
      continue;
    }
    state = next(told(), event, at);
    news = [];
  }
  return told();
}
