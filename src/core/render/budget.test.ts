import { expect, test } from 'vitest';
import { say } from '../words.ts';
import { plain } from '../words.ts';
import { fitted, may, must } from './budget.ts';

test('what gives way first goes first, the order stays', () => {
  const lines = [must(say`users`), may(say`also`, 2), may(say`advice`, 4), must(say`fix`), may(say`second advice`, 4)];
  const told = (most: number): string => fitted(lines, most).map(plain).join(', ');
  expect(told(9)).toBe('users, also, advice, fix, second advice');
  expect(told(4)).toBe('users, also, advice, fix');
  expect(told(3)).toBe('users, also, fix');
  expect(told(2)).toBe('users, fix');
  // The limit holds even where nothing may give way.
  expect(told(1)).toBe('users');
});
