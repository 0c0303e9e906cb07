import { expect, test } from 'vitest';
import { calm, diagnosisOf, hurt, whole } from '../../../test/core/things.ts';
import { stillOn } from './over.ts';
import { EMPTY } from './state.ts';
import type { Incident } from './state.ts';

const at = '2026-03-02T03:00:00.000Z';
const region = 'eu-west-1';

/** An incident whose fault is not found any more: is it over? */
function after(impact: typeof calm): Incident {
  const found = diagnosisOf(region, at, { bad: true });
  const clear = { ...diagnosisOf(region, at, { bad: false }), impact };
  return {
    ...EMPTY,
    subject: { ...EMPTY.subject, regions: [region] },
    worst: { [region]: found },
    diagnoses: { [region]: clear },
  };
}

test('all pods there and users within the limits: over', () => {
  expect(stillOn(after(whole))).toBeNull();
});
test('pods are missing, as in a fresh rollout of the same thing: not over', () => {
  expect(stillOn(after(calm))).toBe('eu-west-1: 9 of 12 pods ready');
});
test('users over a limit, even when no check says why: not over', () => {
  expect(stillOn(after({ ...hurt, readiness: whole.readiness }))).toMatch(
    /users are still over a limit, as far as the last 5 min tell/,
  );
});
