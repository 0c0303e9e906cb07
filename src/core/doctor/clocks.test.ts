import { expect, test } from 'vitest';
import { ahead, judgeClock } from './clocks.ts';

const at = (shown: number, grain = 1_000) => ({ askedAt: 100_000, answeredAt: 100_200, shown, grain });
const judged = (shown: number, tooMuch: 'bad' | 'warn' = 'bad') =>
  judgeClock('eu', at(shown), { skewMs: 5_000, tooMuch });

test('a date cut to the second says no more than it knows', () => {
  expect(ahead(at(100_000))).toBe(0);
  // 99.0 may have been 99.999 when it was shown.
  expect(ahead(at(99_000))).toBe(0);
  expect(ahead(at(98_000))).toBe(-1_000);
  expect(ahead(at(101_000))).toBe(800);
  expect(ahead(at(100_150, 1))).toBe(0);
});

test('agrees, is noticed, is too much', () => {
  expect(judged(100_000)).toMatchObject({ state: 'ok', words: 'agrees with mine to 1.2 s' });
  expect(judged(103_000)).toMatchObject({ state: 'warn', words: 'at least 2.8 s ahead of mine' });
  expect(judged(90_000)).toMatchObject({
    state: 'bad',
    words: 'at least 9.0 s behind mine, more than timing.skewMs (5.0 s)',
    todo: expect.stringContaining('chronyc'),
  });
  expect(judged(200_000, 'warn')).toMatchObject({ state: 'warn' });
});
