import { expect, test } from 'vitest';
import type { Opened } from './contract.ts';
import { diagnoseRegion } from './diagnose.ts';
import type { Recorded } from './diagnosis.ts';
import type { Impact } from './impact.ts';
import type { CauseSeen } from './incident/record.ts';

/** Numbers over a window show the harm of before a fix for a while after it. */

const seen = (value: unknown): Recorded => ({ known: true, value, at: '', tookMs: 1, byHand: '' });

function diagnosis(
  fixedAt: string | null,
  at: string,
  drainMs = 600_000,
  checks: Opened['checks'] = [],
  causeSeen: CauseSeen | null = null,
  beforeFix: Impact | null = null,
) {
  return diagnoseRegion({
    opened: { name: 'x', key: 'n/x', look: [], checks, remedies: [], advice: [], remarks: [], charts: [] },
    region: 'eu-west-1',
    focus: null,
    fixedAt,
    causeSeen,
    beforeFix,
    drainMs,
    evidence: {
      'impact/requests': seen({ value: 900, series: 1 }),
      'impact/errors': seen({ value: 0.05, series: 1 }),
    },
    health: {
      requests: 'r',
      errors: 'e',
      latency: null,
      limits: { errorRatio: 0.01, latencySeconds: 0.2 },
      minRequests: 50,
      window: '5 min',
    },
    at,
    runId: 'r',
  });
}
const findings = (...of: Parameters<typeof diagnosis>): readonly string[] =>
  diagnosis(...of).findings.map((one) => one.short);

test.each([
  ['no fix', null, 600_000, ['users get errors, cause not known']],
  ['just fixed', '2026-03-02T02:11:00Z', 600_000, []],
  ['fixed longer ago than that', '2026-03-02T02:09:00Z', 600_000, ['users get errors, cause not known']],
  ['the config says less', '2026-03-02T02:11:00Z', 60_000, ['users get errors, cause not known']],
])('%s', (_what, fixedAt, drainMs, found) => {
  expect(findings(fixedAt, '2026-03-02T02:20:00Z', drainMs)).toEqual(found);
});

/** A check that goes by such numbers alone says so itself. */
test.each([
  ['by numbers, just fixed', true, '2026-03-02T02:11:00Z', [], ['the numbers still hold what was before the fix']],
  ['by numbers, no fix', true, null, ['errors'], []],
  ['by what is seen now, just fixed', false, '2026-03-02T02:11:00Z', ['errors'], []],
])('a check %s', (_what, byNumbers, fixedAt, found, unsure) => {
  const check: Opened['checks'][number] = {
    id: 'errors',
    severity: 'critical',
    ask: 'Are there no errors?',
    rulesOut: 'errors',
    needs: [],
    also: [],
    find: () => ({ found: [], short: 'errors', ...(byNumbers ? { byNumbers: true as const } : {}) }),
  };
  const said = diagnosis(fixedAt, '2026-03-02T02:20:00Z', 600_000, [check]);
  expect([said.findings.map((one) => one.short), said.unsure.map((one) => one.why)]).toEqual([found, unsure]);
  expect(said.ruledOut).toEqual([]);
});

/** A cause that somebody mended by hand: so long nobody is called for what it did. */
const mended = (goneMs: number, after: number | null): readonly string[] => {
  const at = '2026-03-02T02:20:00Z';
  const impact = after === null ? null : { ...diagnosis(null, at).impact, errorRatio: after };
  const causeSeen = { at: new Date(Date.parse(at) - goneMs).toISOString(), after: impact };
  return diagnosis(null, at, 600_000, [], causeSeen).findings.map((one) => one.short);
};
const called = ['users get errors, cause not known'];
test.each([
  ['at the first look without it', 20_000, null, []],
  ['while its harm falls', 180_000, 0.07, []],
  ['while it wobbles', 180_000, 0.049, []],
  ['while the numbers are read anew, though they rise', 45_000, 0.03, []],
  ['when they rise after that', 180_000, 0.03, called],
  ['when another harm comes', 180_000, 0, called],
  ['when the window has passed', 400_000, 0.07, called],
])('a cause that is gone, %s', (_what, goneMs, after, found) => {
  expect(mended(goneMs, after)).toEqual(found);
});

/** What was there before a fix and has not risen is not of that fix. */
test.each([
  ['as many', 0.05, 'users still get errors, as before the fix'],
  ['more', 0.2, 'users still get errors, as before the fix'],
  ['fewer', 0.03, 'users get errors, cause not known'],
  ['none', 0, 'users get errors, cause not known'],
])('%s errors before the fix', (_what, errorRatio, found) => {
  const at = '2026-03-02T02:20:00Z';
  const before = { ...diagnosis(null, at).impact, errorRatio };
  expect(findings('2026-03-02T02:09:00Z', at, 600_000, [], null, before)).toEqual([found]);
});
