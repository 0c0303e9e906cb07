import { describe, expect, test } from 'vitest';
import { formatDate, relative, shortRelative } from './dates.ts';

const at = Date.UTC(2026, 2, 5, 2, 16, 9);
const minute = 60_000;

describe('dates in the zone of who reads', () => {
  test.each([
    ['{time} ({ago})', 'UTC', '02:16 (26 minutes ago)'],
    ['{time_secs}', 'Asia/Singapore', '10:16:09'],
    ['{date_num}', 'America/New_York', '2026-03-04'],
    ['{date_short_pretty} {time}', 'UTC', 'today 02:16'],
    ['{date_short}', 'UTC', '5 Mar 2026'],
    ['{date}', 'UTC', '5 March 2026'],
    ['{other} {time}', 'UTC', '{other} 02:16'],
  ])('%s in %s', (format, zone, text) => {
    expect(formatDate(at, format, at + 26 * minute, zone)).toBe(text);
  });

  test('yesterday is the reader’s yesterday', () => {
    expect(formatDate(at, '{date_pretty}', at + 23 * 60 * minute, 'UTC')).toBe('yesterday');
    expect(formatDate(at, '{date_pretty}', at + 13 * 60 * minute, 'Asia/Singapore')).toBe('today');
  });
});

test.each([
  [0, 'just now', 'now'],
  [1000, '1 second ago', '1 s'],
  [61_000, '1 minute ago', '1 min'],
  [3 * 3_600_000, '3 hours ago', '3 h'],
  [-30 * minute, 'in 30 minutes', 'now'],
])('%i ms later', (later, words, short) => {
  expect(relative(at, at + later)).toBe(words);
  expect(shortRelative(at, at + later)).toBe(short);
});
