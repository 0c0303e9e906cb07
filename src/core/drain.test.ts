import { expect, test } from 'vitest';
import { diagnoseRegion } from './diagnose.ts';
import type { Recorded } from './diagnosis.ts';

/** Numbers over a window show the harm of before a fix for a while after it. */

const seen = (value: unknown): Recorded => ({ known: true, value, at: '', tookMs: 1, byHand: '' });

function findings(fixedAt: string | null, at: string, drainMs = 600_000): readonly string[] {
  return diagnoseRegion({
    opened: { name: 'x', key: 'n/x', look: [], checks: [], remedies: [], advice: [], remarks: [], charts: [] },
    region: 'eu-west-1',
    focus: null,
    fixedAt,
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
  }).findings.map((one) => one.short);
}

test.each([
  ['no fix', null, 600_000, ['users get errors, cause not known']],
  ['just fixed', '2026-03-02T02:11:00Z', 600_000, []],
  ['fixed longer ago than that', '2026-03-02T02:09:00Z', 600_000, ['users get errors, cause not known']],
  ['the config says less', '2026-03-02T02:11:00Z', 60_000, ['users get errors, cause not known']],
])('%s', (_what, fixedAt, drainMs, found) => {
  expect(findings(fixedAt, '2026-03-02T02:20:00Z', drainMs)).toEqual(found);
});
