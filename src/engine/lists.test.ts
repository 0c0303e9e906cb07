import { expect, test } from 'vitest';
import { endOf } from './handling.ts';
import { shiftMs, sinceMs } from './lists.ts';

/** Times of the day: of a shift in its zone, of a snooze in UTC. */

test.each([
  ['2026-03-02T06:00:30.000Z', '07:00', 'Europe/Berlin', 0],
  ['2026-03-02T06:20:00.000Z', '07:00', 'Europe/Berlin', 20 * 60_000],
  ['2026-07-02T05:00:00.000Z', '07:00', 'Europe/Berlin', 0],
  ['2026-03-02T00:10:00.000Z', '23:50', 'UTC', 20 * 60_000],
  ['2026-03-02T06:59:00.000Z', '07:00', 'UTC', (24 * 60 - 1) * 60_000],
])('at %s it was %s in %s %i ms ago', (now, time, zone, ms) => {
  expect(sinceMs(now, time, zone)).toBe(ms);
});

test('a shift begins at the time before', () => {
  expect(shiftMs(['07:00', '19:00'], '07:00')).toBe(12 * 3_600_000);
  expect(shiftMs(['06:00', '14:00', '22:00'], '06:00')).toBe(8 * 3_600_000);
  expect(shiftMs(['09:00'], '09:00')).toBe(24 * 3_600_000);
});

test('a snooze until a time of the day ends at the next one', () => {
  const at = Date.parse('2026-03-02T08:30:00.000Z');
  expect(endOf({ is: 'until', minutes: 540 }, at)).toBe('2026-03-02T09:00:00.000Z');
  expect(endOf({ is: 'until', minutes: 480 }, at)).toBe('2026-03-03T08:00:00.000Z');
  expect(endOf({ is: 'for', ms: 1_800_000 }, at)).toBe('2026-03-02T09:00:00.000Z');
});
