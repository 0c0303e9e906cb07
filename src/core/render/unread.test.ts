import { expect, test } from 'vitest';
import { diagnosisOf } from '../../../test/core/things.ts';
import { plain } from '../words.ts';
import { renderEvidence } from './evidence.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';

function evidence(more: Partial<RegionDiagnosis>): string {
  const diagnosis = { ...diagnosisOf('eu-west-1', '2026-03-02T02:16:00.000Z', { bad: true }), ...more };
  return renderEvidence(diagnosis)
    .blocks.flatMap((block) => (block.is === 'lines' ? block.lines.map(plain) : []))
    .join('\n');
}

test('what could not be read is said once per reason, without the names of readings', () => {
  const why = 'no answer within 5 s';
  const text = evidence({
    asked: 16,
    unread: [
      { reading: 'limitRanges', why, byHand: 'kubectl --context=eu-west-1 get limitranges' },
      { reading: 'impact/ready', why, byHand: '' },
      { reading: 'references', why: `needs limitRanges: ${why}`, byHand: '' },
      { reading: 'logs', why: 'forbidden: pods/log', byHand: '' },
    ],
    unsure: [
      { check: 'a', ask: 'is there a quota?', why: `limitRanges: ${why}` },
      { check: 'b', ask: 'is there a limit range?', why: `references: needs limitRanges: ${why}` },
    ],
    notOffered: [{ remedy: 'rollback', because: `could not read references: needs limitRanges: ${why}` }],
  });
  expect(text).toContain('because I could not read what it needs (no answer within 5 s)');
  expect(text).toContain(
    'Could not read: 4 of 16 looks had no answer: no answer within 5 s (3) · forbidden: pods/log (1). By hand: `kubectl --context=eu-west-1 get limitranges`',
  );
  expect(text).toContain('Could not tell: is there a quota? · is there a limit range? (no answer within 5 s)');
  expect(text).not.toMatch(/limitRanges|impact\/ready|references/);
});

test('a rule to add is never cut, however much else could not be read, and is said once for all objects of its kind', () => {
  const rule = (resource: string): string =>
    `the bot lacks the right "list ${resource} in namespace ml-platform"; the rule to add: {apiGroups: [""], resources: ["${resource}"], verbs: ["list"]}`;
  const unread = [
    ...['a', 'b', 'c'].map((one) => ({ reading: one, why: `${one} ${'is away '.repeat(20)}`, byHand: '' })),
    { reading: 'one', why: `forbidden: list pods in ml-platform (eu-west-1): ${rule('pods')}`, byHand: '' },
    { reading: 'two', why: `needs one: forbidden: list pods (eu-west-1): ${rule('pods')}`, byHand: '' },
    ...['events', 'services', 'jobs'].map((one) => ({ reading: one, why: `forbidden: x: ${rule(one)}`, byHand: '' })),
  ];
  const text = evidence({ asked: 16, unread });
  expect(text).toContain(`forbidden: ${rule('pods')} (2)`);
  expect(text).toContain(`forbidden: ${rule('services')} (1)`);
  expect(text).toContain('and 1 more: `npm run doctor` names all rights');
});

test('a single reading without an answer is one reading, in the notification too', () => {
  const diagnosis = diagnosisOf('eu-west-1', '2026-03-02T02:16:00.000Z', { bad: false });
  const unread = [{ reading: 'pods', why: 'no answer within 5 s', byHand: '' }];
  expect(renderEvidence({ ...diagnosis, findings: [], asked: 16, unread }).lock).toBe(
    'eu-west-1: nothing wrong found in what could be read; 1 reading had no answer.',
  );
});
