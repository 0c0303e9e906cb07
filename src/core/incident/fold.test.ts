import { expect, test } from 'vitest';
import type { Event } from './events.ts';
import { fold } from './fold.ts';
import { EMPTY, next } from './state.ts';

const at = (second: number): string => `2026-07-01T02:17:${String(second).padStart(2, '0')}.000Z`;

function held(second: number, ...alerts: readonly (readonly [number, 'firing' | 'resolved'])[]): Recorded {
  const all = alerts.map(([n, status]) => ({
    alert: { fingerprint: `f${n}`, name: `Alert${n}`, status, startsAt: at(0) },
    way: { key: `eu-west-1/ml-platform/service-${n}` },
  }));
  return { event: { is: 'held', alerts: all } as unknown as Event, at: at(second) };
}
interface Recorded {
  readonly event: Event;
  readonly at: string;
}

test('alerts that follow each other are taken together, and end as if one by one', () => {
  const note = (second: number): Recorded => ({
    event: { is: 'noted', who: 'U1', what: `note ${second}` },
    at: at(second),
  });
  const events = [
    held(1, [1, 'firing'], [2, 'firing']),
    held(2, [1, 'resolved']),
    note(3),
    held(4, [3, 'firing'], [1, 'firing']),
    held(5, [2, 'resolved']),
    held(6, [2, 'resolved']),
  ];
  let oneByOne = EMPTY;
  for (const { event, at: when } of events) oneByOne = next(oneByOne, event, when);
  const together = fold(events);
  expect(together).toEqual(oneByOne);
  expect(together.heardAt).toBe(at(4));
  expect(Object.values(together.alerts).map((one) => one.status)).toEqual(['firing', 'resolved', 'firing']);
  expect(together.resolvedAt).toEqual({ f1: at(2), f2: at(6) });
});
