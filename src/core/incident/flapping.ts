import { later } from './commands.ts';
import type { Rules } from './commands.ts';
import type { AlertSeen, Event } from './events.ts';
import type { Incident } from './state.ts';

/** An alert that fires and resolves over and over is one incident, held open until it keeps quiet: each turn is counted, none is news. */

export interface FlapRule {
  /** So often within `withinMs` has it begun to fire. */
  readonly times: number;
  readonly withinMs: number;
  /** So long after its last turn is the incident held open. */
  readonly quietMs: number;
}
export const FLAPPING: FlapRule = { times: 3, withinMs: 30 * 60_000, quietMs: 15 * 60_000 };

export interface Flaps {
  /** When each alert began to fire here, by fingerprint: the last of them, oldest first. */
  readonly fired: Readonly<Record<string, readonly string[]>>;
}
/** So many turns of one alert are told apart. */
const MOST = 100;

/** `before`: the state that the alerts met. */
export function firedAnew(before: Incident, event: Extract<Event, { is: 'alerted' | 'held' }>, at: string): Flaps {
  return firedInTurn(before, [{ at, alerts: event.is === 'alerted' ? [event] : event.alerts }]);
}

/** Much news is one copy of the list. */
export function firedInTurn(
  before: Pick<Incident, 'alerts' | 'fired'>,
  news: readonly { readonly at: string; readonly alerts: readonly { readonly alert: AlertSeen }[] }[],
): Flaps {
  const fired = { ...before.fired };
  const met: Record<string, AlertSeen> = {};
  for (const { at, alerts } of news) {
    for (const { alert } of alerts) {
      const { fingerprint, status, startsAt } = alert;
      const known = met[fingerprint] ?? before.alerts[fingerprint];
      const begins = known === undefined || known.status === 'resolved' || known.startsAt < startsAt;
      if (status === 'firing' && begins) fired[fingerprint] = [...(fired[fingerprint] ?? []), at].slice(-MOST);
    }
    for (const { alert } of alerts) met[alert.fingerprint] = alert;
  }
  return { fired };
}

export interface Flap {
  readonly name: string;
  readonly times: number;
  /** ISO 8601; both. */
  readonly since: string;
  readonly heldUntil: string;
}

/** The alert that flaps the longest; null: none does, or it has kept quiet for long enough. `at`: now. */
export function flapping(
  { fired, alerts, resolvedAt }: Incident,
  at: string,
  { flapping: rule = FLAPPING }: Pick<Rules, 'flapping'>,
): Flap | null {
  const all = Object.entries(fired).flatMap(([fingerprint, turns]): readonly Flap[] => {
    const run = runOf(turns, rule.withinMs);
    const [since] = run;
    const last = run.at(-1);
    const nth = run.at(-rule.times);
    if (since === undefined || last === undefined || nth === undefined || run.length < rule.times) return [];
    if (later(nth, rule.withinMs) < last) return [];
    const over = resolvedAt[fingerprint] ?? last;
    const heldUntil = later(over > last ? over : last, rule.quietMs);
    const firing = alerts[fingerprint]?.status === 'firing';
    if (heldUntil <= at && !firing) return [];
    return [{ name: alerts[fingerprint]?.name ?? '', times: run.length, since, heldUntil }];
  });
  return all.toSorted((a, b) => (a.since < b.since ? -1 : 1))[0] ?? null;
}

/** The turns that followed each other, up to the last. */
function runOf(turns: readonly string[], withinMs: number): readonly string[] {
  let from = turns.length - 1;
  while (from > 0 && later(turns[from - 1] ?? '', withinMs) >= (turns[from] ?? '')) from -= 1;
  return turns.slice(Math.max(0, from));
}
