import { expect, test } from 'vitest';
import { samePlan } from './opening.ts';

test('a restart that is planned anew at each look is the same plan, until something else in it differs', () => {
  const plan = { name: 'model-server', digest: 'a', restartedAt: '2026-03-14T02:15:00Z', buys: '12 to 16 h' };
  expect(samePlan(plan, { ...plan, restartedAt: '2026-03-14T02:16:00Z', buys: '11 to 15 h' })).toBe(true);
  expect(samePlan(plan, { ...plan, digest: 'b' })).toBe(false);
});
