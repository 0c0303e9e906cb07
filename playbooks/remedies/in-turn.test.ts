import { expect, test } from 'vitest';
import { inTurn } from './state.ts';

test('a single pod is neither "all at once" nor "a few at a time"', () => {
  expect([inTurn(12, false), inTurn(1, false)]).toEqual([', a few at a time', '']);
  expect(inTurn(12, true)).toBe(', all at once (strategy Recreate): none serves meanwhile');
  expect(inTurn(1, true)).toBe(' (strategy Recreate): none serves meanwhile');
});
