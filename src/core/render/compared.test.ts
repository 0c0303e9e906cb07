import { expect, test } from 'vitest';
import { waiting } from '../../../test/core/story.ts';
import { sees, shown, text } from '../../../test/core/thread.ts';
import { hurtFinding } from '../builtin.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { plain, say } from '../words.ts';
import { wellWords } from './others.ts';

/** Regions side by side: the strongest evidence about a version is how it fares elsewhere. */
const of = (region: string, remarks: Readonly<Record<string, string>>): RegionDiagnosis => ({
  region,
  at: '2026-03-14T02:42:00Z',
  asked: 1,
  answered: 1,
  checks: 1,
  impact: {
    level: 'none',
    requests: 1,
    errorRatio: 0,
    latencySeconds: 0,
    limits: null,
    window: '5 min',
    readiness: null,
    unknown: [],
  },
  findings: [],
  ruledOut: [],
  unsure: [],
  offers: [],
  notOffered: [],
  advice: [],
  remarks: Object.entries(remarks).map(([label, beside]) => ({
    label,
    words: say`…`,
    ...(beside === '' ? {} : { beside }),
  })),
  unread: [],
  dark: false,
});
const ill = (one: RegionDiagnosis): RegionDiagnosis => ({
  ...one,
  findings: [hurtFinding({ ...one.impact, level: 'hurt' }, 'nothing changed')],
});
const told = (well: readonly RegionDiagnosis[], main: RegionDiagnosis | null): string =>
  wellWords(well, main).map(plain).join(' | ');

test('the same version that is well elsewhere is not the cause by itself, where one came lately or something else differs', () => {
  const leaks = ill(of('eu', { Rollout: 'on v2', Memory: 'memory grows' }));
  const flat = { Rollout: 'on v2', Memory: 'memory flat over 24 h' };
  expect(told([of('us', flat), of('ap', flat)], leaks)).toBe(
    'us and ap: on v2 too, memory flat over 24 h, nothing wrong found, so the version alone is not the cause',
  );
  const fresh = ill(of('eu', { Rollout: 'on v2', Release: '' }));
  expect(told([of('us', { Rollout: 'on v2' })], fresh)).toBe(
    'us: on v2 too, nothing wrong found, so the version alone is not the cause',
  );
  // Nothing speaks of a version here.
  expect(told([of('us', { Rollout: 'on v2' })], of('eu', { Rollout: 'on v2' }))).toBe(
    'us: on v2 too, nothing wrong found',
  );
});

test('another version elsewhere acquits nothing; what is alike stands together', () => {
  const main = ill(of('eu', { Rollout: 'on v2', Release: '', 'Model version': 'MODEL_VERSION v0.9' }));
  const old = { Rollout: 'on v1', 'Model version': 'MODEL_VERSION v1.0' };
  expect(told([of('us', old), of('ap', { ...old, Rollout: 'on v2' })], main)).toBe(
    'us: on v1, MODEL_VERSION v1.0, nothing wrong found | ap: on v2 too, MODEL_VERSION v1.0, nothing wrong found, so the version alone is not the cause',
  );
  expect(told([of('us', {})], main)).toBe('us checked, nothing wrong found');
  expect(told([of('us', old)], null)).toBe('us: on v1, MODEL_VERSION v1.0, nothing wrong found');
});

test('once a rollback is written nothing is compared with what was there before it, and no version is judged', () => {
  const story = waiting({ quietMs: 60_000 }, (one) => {
    one.verdict = 'not yet';
    sees(one, (d) => ({
      ...d,
      remarks: [
        { label: 'Rollout', words: say`complete`, beside: 'on v2.4.0' },
        { label: 'Release', words: say`revision 3 → revision 4` },
      ],
    }));
  });
  expect(text(shown(story))).toMatch(/us-east-1: on v2\.4\.0 too, .*so the version alone is not the cause/);
  story.press('sana', 'approve', 'p1');
  story.step('act');
  expect(text(shown(story))).toMatch(/verifying/);
  expect(text(shown(story))).toMatch(/us-east-1: on v2\.4\.0, nothing wrong found$/m);
  story.verdict = 'yes';
  story.run();
  expect(text(shown(story))).toMatch(/us-east-1: on v2\.4\.0 too, nothing wrong found$/m);
});
