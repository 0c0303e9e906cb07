import { expect, test } from 'vitest';
import { restarting } from './restart.ts';
import type { RestartPlan } from './restart.ts';
import { offer } from '../../test/core/things.ts';
import { sameOffer } from '../../src/core/incident/opening.ts';

const plan: RestartPlan = {
  namespace: 'ml-platform',
  name: 'model-server',
  uid: 'u',
  digest: 'a',
  strategy: 'RollingUpdate 25%/25%',
  restartedAt: '2026-03-14T02:15:00Z',
  before: null,
  wanted: 12,
  recreates: false,
  owner: { kind: 'none', name: '', reverts: 'no' },
  goal: { buys: '12 to 16 h until the limit again' },
};
const offered = (some: Partial<RestartPlan>) => {
  const made = { ...plan, ...some };
  return offer({ remedy: 'restart', plan: { ...made, owner: { ...made.owner } }, same: restarting.same(made) });
};

test('a restart that is planned anew at each look is the same offer, until something else in it differs', () => {
  expect(
    sameOffer(
      offered({}),
      offered({ restartedAt: '2026-03-14T02:16:00Z', goal: { buys: '11 to 15 h until the limit again' } }),
    ),
  ).toBe(true);
  expect(sameOffer(offered({}), offered({ digest: 'b' }))).toBe(false);
});

test('without a word of its remedy an offer is the same by its whole plan', () => {
  const of = (restartedAt: string) => offer({ plan: { restartedAt } });
  expect(sameOffer(of('a'), of('a'))).toBe(true);
  expect(sameOffer(of('a'), of('b'))).toBe(false);
});
