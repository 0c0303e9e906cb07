import { expect, test } from 'vitest';
import { Pauses } from './pauses.ts';

test('what fails waits 1, 2, 4, … seconds, and never longer than a minute', () => {
  const pauses = new Pauses();
  const waits = Array.from({ length: 9 }, () => pauses.failed('a', 'look', 0) / 1000);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(pauses.until('a', 'look')).toBe(60_000);
  expect(pauses.until('b', 'look')).toBe(0);
});

test('a success begins from the shortest pause again, and what is owed no more is forgotten', () => {
  const pauses = new Pauses();
  pauses.failed('a', 'look', 0);
  pauses.failed('a', 'look', 0);
  pauses.again('a', 'look', 500);
  expect(pauses.until('a', 'look')).toBe(500);
  expect(pauses.failed('a', 'look', 0)).toBe(1_000);
  pauses.keep('a', new Set(['tick']));
  expect(pauses.until('a', 'look')).toBe(0);
});
