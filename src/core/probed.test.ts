import { describe, expect, test } from 'vitest';
import { impactShort, impactWords } from './impact.ts';
import type { Impact } from './impact.ts';
import type { PlaceSeen } from './ports/probe.ts';
import { servedBy, servedWords } from './probed.ts';
import type { Served } from './probed.ts';
import { plain } from './words.ts';

/** What a public health page lets the bot say of users, and what it does not. */

const since = '2026-03-02T04:10:00Z';
const from = (place: string | null, good: number, of: number, failing: number, why = 'it answered 503'): PlaceSeen => ({
  is: 'seen',
  from: place,
  good,
  of,
  since,
  last:
    place === null
      ? { at: '2026-03-02T04:18:00Z', status: failing > 0 ? 503 : 200, tookMs: 184, why: failing > 0 ? why : null }
      : null,
  failing: failing > 0 ? { times: failing, since: '2026-03-02T04:14:00Z' } : null,
});
const blind: PlaceSeen = { is: 'not known', from: 'us-east-1', why: 'timeout' };
const words = (...places: readonly PlaceSeen[]): string => plain(servedWords({ page: '/health', places }) ?? []);

test.each<[Served, readonly PlaceSeen[]]>([
  ['yes', [from(null, 30, 30, 0)]],
  ['yes', [from(null, 30, 30, 0), blind]],
  ['no', [from(null, 0, 12, 12)]],
  ['no', [from(null, 18, 30, 3), from('us-east-1', 0, 12, 12)]],
  ['in part', [from(null, 0, 12, 12), from('us-east-1', 12, 12, 0)]],
  // One or two failures are no outage, and no service either.
  ['not known', [from(null, 28, 30, 2)]],
  ['not known', [blind]],
  ['not known', []],
])('%s', (served, places) => {
  expect(servedBy({ page: '/health', places })).toBe(served);
});

describe('what people read', () => {
  test('from one place, from two, from one that does not tell', () => {
    expect(words(from(null, 30, 30, 0))).toBe(
      'probably served. Public `/health` gave 200 in 184 ms, 30 of 30 probes since 04:10 UTC from where I run. That is a health page, not a prediction',
    );
    expect(words(from(null, 30, 30, 0), from('us-east-1', 12, 12, 0))).toContain(
      '30 of 30 probes since 04:10 UTC from where I run; answers, 12 of 12 probes since 04:10 UTC from us-east-1.',
    );
    expect(words(from(null, 30, 30, 0), blind)).toContain('from where I run; not known from us-east-1 (timeout).');
  });
  test('what failed is counted from its first failure, not from before', () => {
    expect(words(from(null, 18, 30, 12))).toBe(
      'probably not served. Public `/health` answered 503, 0 of 12 probes since 04:14 UTC from where I run',
    );
    expect(words(from(null, 28, 30, 2))).toMatch(
      /^not known whether they are served\. .* 28 of 30 probes since 04:10 UTC/,
    );
    expect(words(from(null, 0, 9, 9), from('us-east-1', 12, 12, 0))).toMatch(
      /^probably served from some places only\. .*0 of 9 probes .* from where I run; answers, 12 of 12 .* from us-east-1$/,
    );
  });
});

describe('the Users line', () => {
  const silent: Impact = {
    level: 'not known',
    requests: null,
    errorRatio: null,
    latencySeconds: null,
    limits: { errorRatio: 0.01, latencySeconds: 0.2 },
    window: '5 min',
    readiness: { ready: 12, wanted: 12 },
    unknown: ['errors (no data: no such series)'],
  };
  const well = { page: '/health', places: [from(null, 30, 30, 0)] };
  const gone = { page: '/health', places: [from(null, 0, 12, 12)] };
  const line = (impact: Impact): string => plain(impactWords(impact));

  test('where Prometheus is silent the page tells; without a page it stays not known', () => {
    expect(line(silent)).toMatch(/^not known whether they notice\. 12 of 12/);
    expect(line({ ...silent, probed: well })).toMatch(
      /^probably served\. Public `\/health` gave 200 .*not a prediction\. 12 of 12 pods ready \(100 %\)\. Could not read: errors/,
    );
    expect(line({ ...silent, probed: gone })).toMatch(/^probably not served\. Public/);
    expect(impactShort(silent)).toBe('Users: not known.');
    expect(impactShort({ ...silent, probed: well })).toBe('Users probably served: the public address answers.');
    expect(impactShort({ ...silent, probed: gone })).toBe(
      'Users probably not served: the public address gives no good answer.',
    );
  });
  test('numbers that are good are not talked over by a page that agrees; one that does not is heard', () => {
    const calm: Impact = { ...silent, level: 'none', requests: 9_000, errorRatio: 0, latencySeconds: 0.1, unknown: [] };
    expect(line({ ...calm, probed: well })).toBe(line(calm));
    expect(line({ ...calm, probed: gone })).toMatch(/^no effect seen: .*\. Public `\/health` answered 503/);
    expect(impactShort({ ...calm, probed: gone })).toBe('No errors measured. The public address gives no good answer.');
  });
});
