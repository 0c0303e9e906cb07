import { hurtFinding } from './builtin.ts';
import { windowMs } from './harm.ts';
import { describe, expect, test } from 'vitest';
import { calm, hurt, sparse } from '../../test/core/things.ts';
import type { Outcome } from './contract.ts';
import {
  compareImpact,
  impactLook,
  impactOf,
  impactShort,
  impactWords,
  milliseconds,
  numbersText,
  percent,
} from './impact.ts';
import type { HealthQueries, Impact } from './impact.ts';
import type { Read } from './ports/platform.ts';
import { plain } from './words.ts';

const health: HealthQueries = {
  requests: 'r',
  errors: 'e',
  latency: 'l',
  limits: { errorRatio: 0.01, latencySeconds: 0.2 },
  minRequests: 50,
  window: '5 min',
};
const read = (value: number | null, series = 1): Outcome<unknown> => ({ known: true, value: { value, series } });
const fails: Outcome<unknown> = { known: false, why: 'timeout: no answer' };
function seen(requests: Outcome<unknown>, errors: Outcome<unknown>, latency: Outcome<unknown>, how = health): Impact {
  const ready = { known: true, value: { ready: 9, wanted: 12 } } as const;
  return impactOf(how, {
    'impact/requests': requests,
    'impact/errors': errors,
    'impact/latency': latency,
    'impact/ready': ready,
  });
}

describe('are users hurt?', () => {
  test.each<[string, Impact, string]>([
    [
      'measured, within the limits',
      seen(read(8_000), read(0.0002), read(0.148)),
      'no effect seen: errors 0.02 % (limit 1.0 %), p95 148 ms (limit 200 ms), 8,000 requests in 5 min. 9 of 12 pods ready (75 %)',
    ],
    [
      'at the limit is within it',
      seen(read(8_000), read(0.01), read(0.2)),
      'no effect seen: errors 1.0 % (limit 1.0 %), p95 200 ms (limit 200 ms), 8,000 requests in 5 min. 9 of 12 pods ready (75 %)',
    ],
    [
      'errors',
      seen(read(8_000), read(0.05), read(0.1)),
      'get errors: errors 5.0 % (limit 1.0 %), p95 100 ms (limit 200 ms), 8,000 requests in 5 min. 9 of 12 pods ready (75 %)',
    ],
    [
      'slow',
      seen(read(8_000), read(0), read(12)),
      'slower: p95 12.0 s (limit 200 ms), errors 0 % (limit 1.0 %), 8,000 requests in 5 min. 9 of 12 pods ready (75 %)',
    ],
    [
      '2 of 10 requests at night',
      seen(read(10), read(0.2), read(0.1)),
      'too little traffic to tell: errors 20 % (limit 1.0 %), p95 100 ms (limit 200 ms), 10 requests in 5 min. 9 of 12 pods ready (75 %)',
    ],
    [
      'no traffic: NaN is not zero',
      seen(read(0), read(null), read(null)),
      'too little traffic to tell: 0 requests in 5 min. 9 of 12 pods ready (75 %)',
    ],
    [
      'NaN among traffic',
      seen(read(900), read(null), read(0.1)),
      'not known whether they notice: p95 100 ms (limit 200 ms), 900 requests in 5 min. 9 of 12 pods ready (75 %). Could not read: errors (no number: nothing to divide by)',
    ],
    [
      'no such series',
      seen(read(900), read(null, 0), read(0.1)),
      'not known whether they notice: p95 100 ms (limit 200 ms), 900 requests in 5 min. 9 of 12 pods ready (75 %). Could not read: errors (no data: no such series)',
    ],
    [
      'several series are no number',
      seen(read(900), read(0.001), read(null, 3)),
      'not known whether they notice: errors 0.1 % (limit 1.0 %), 900 requests in 5 min. 9 of 12 pods ready (75 %). Could not read: latency (3 series where the query should give one)',
    ],
    [
      'one good number does not speak for the other',
      seen(read(900), read(0), fails),
      'not known whether they notice: errors 0 % (limit 1.0 %), 900 requests in 5 min. 9 of 12 pods ready (75 %). Could not read: latency (timeout: no answer)',
    ],
    [
      'good, but of how many?',
      seen(fails, read(0), read(0.1)),
      'not known whether they notice: errors 0 % (limit 1.0 %), p95 100 ms (limit 200 ms). 9 of 12 pods ready (75 %). Could not read: request rate (timeout: no answer)',
    ],
    [
      'bad, of nobody knows how many: said all the same',
      seen(fails, read(0.5), read(0.1)),
      'get errors: errors 50 % (limit 1.0 %), p95 100 ms (limit 200 ms). 9 of 12 pods ready (75 %). Could not read: request rate (timeout: no answer)',
    ],
  ])('%s', (_what, impact, sentence) => {
    expect(plain(impactWords(impact))).toBe(sentence);
  });

  test('nothing configured is not known, never fine', () => {
    const impact = impactOf(null, {});
    expect(impact.level).toBe('not known');
    expect(impactShort(impact)).toBe('Users could not be measured.');
    expect(plain(impactWords(impact))).toBe('could not be measured, no metrics are configured for this service');
    expect(seen(read(900), read(0), read(0.1), { ...health, errors: null, latency: null }).level).toBe('not known');
  });

  test.each([
    [
      'errors',
      seen(read(900), read(0.5), read(0.1)),
      'Users get errors.',
      'users get errors, cause not known',
      'critical',
    ],
    ['slowness', seen(read(900), read(0), read(0.231)), 'Users slower.', 'users slower, cause not known', 'warning'],
    [
      'twice too slow',
      seen(read(900), read(0), read(0.4)),
      'Users slower.',
      'users slower, cause not known',
      'critical',
    ],
    [
      'both',
      seen(read(900), read(0.5), read(0.4)),
      'Users get errors and are slower.',
      'users get errors and are slower, cause not known',
      'critical',
    ],
  ])('one vocabulary: %s', (_what, impact, short, finding, severity) => {
    expect(impactShort(impact)).toBe(short);
    expect(hurtFinding(impact, 'nothing changed')).toMatchObject({ short: finding, severity });
    expect(plain(impactWords(impact))).toContain(`${short.replace(/^Users |\.$/g, '')}: `);
  });

  test('the window of the numbers, as people wrote it', () => {
    expect(['5 min', '30 s', '1 h', '10m', 'whatever'].map(windowMs)).toEqual([
      300_000, 30_000, 3_600_000, 600_000, 300_000,
    ]);
  });

  test('readiness that could not be read is said', () => {
    const impact = impactOf(null, { 'impact/ready': { known: false, why: 'forbidden: deployments' } });
    expect(plain(impactWords(impact))).toContain('Could not read: pods ready (forbidden: deployments)');
  });

  test('a deployment that wants no pods divides by nothing', () => {
    const impact = impactOf(null, { 'impact/ready': { known: true, value: { ready: 0, wanted: 0 } } });
    expect(plain(impactWords(impact))).toContain('0 of 0 pods ready');
  });
});

describe('the readings', () => {
  const target = { region: 'eu-west-1', namespace: 'ml', name: 'a' };
  test('one for pods, one per query that is configured', () => {
    expect(impactLook(health, target).map((one) => one.id)).toEqual([
      'impact/ready',
      'impact/requests',
      'impact/errors',
      'impact/latency',
    ]);
    expect(impactLook({ ...health, errors: null }, target).map((one) => one.id)).not.toContain('impact/errors');
    expect(impactLook(null, target).map((one) => one.id)).toEqual(['impact/ready']);
    expect(impactLook(null, { ...target, name: '' })).toEqual([]);
  });

  test('NaN, no series and several series are told apart', async () => {
    const errors = impactLook(health, target).find((one) => one.id === 'impact/errors');
    const asks = async (values: readonly (number | null)[]): Promise<unknown> =>
      errors?.read(
        { metrics: { instant: async () => values.map((value) => ({ labels: {}, value })) } } as unknown as Read,
        {},
      );
    expect(await asks([0.5])).toEqual({ value: 0.5, series: 1 });
    expect(await asks([null])).toEqual({ value: null, series: 1 });
    expect(await asks([])).toEqual({ value: null, series: 0 });
    expect(await asks([0.1, 0.9])).toEqual({ value: null, series: 2 });
  });
});

describe('did users fare worse?', () => {
  const unknown: Impact = { ...calm, level: 'not known', errorRatio: null, latencySeconds: null };
  test.each<[string, Impact, Impact, string]>([
    ['the same', calm, calm, 'same'],
    ['a wobble within the limits', calm, { ...calm, errorRatio: 0.009 }, 'same'],
    ['over the limit', calm, hurt, 'worse: errors 0.02 % → 5.0 %'],
    ['slower, over the limit', calm, { ...calm, level: 'hurt', latencySeconds: 0.4 }, 'worse: p95 148 ms → 400 ms'],
    ['hurt before, a little more hurt now', hurt, { ...hurt, errorRatio: 0.06 }, 'same'],
    ['hurt before, half as much again now', hurt, { ...hurt, errorRatio: 0.09 }, 'worse: errors 5.0 % → 9.0 %'],
    ['better', hurt, calm, 'same'],
    ['too little traffic now', calm, sparse, 'cannot tell'],
    ['too little traffic before, hurt now', sparse, hurt, 'cannot tell'],
    ['too little traffic before, fine now', sparse, calm, 'same'],
    ['not known now', calm, unknown, 'cannot tell'],
    ['not known before', unknown, hurt, 'cannot tell'],
    ['counted before, not counted now', calm, { ...hurt, requests: null }, 'cannot tell'],
  ])('%s', (_what, before, after, verdict) => {
    const said = compareImpact(before, after);
    expect(said.is === 'worse' ? `worse: ${said.because}` : said.is).toBe(verdict);
  });
});

test('numbers for people', () => {
  expect([0, 0.0001, 0.0002, 0.005, 0.01, 0.123, 1, null].map(percent)).toEqual([
    '0 %',
    '0.01 %',
    '0.02 %',
    '0.5 %',
    '1.0 %',
    '12 %',
    '100 %',
    'not known',
  ]);
  expect([0.0004, 0.148, 2.5, 12, null].map(milliseconds)).toEqual(['0 ms', '148 ms', '2.5 s', '12.0 s', 'not known']);
});

test('no share of requests that nobody can have seen fail', () => {
  const few = { ...calm, requests: 8 };
  expect(numbersText(few)).toMatch(/^errors of less than 1 request \(limit 1\.0 %\), .*, 8 requests in 5 min$/);
  expect(numbersText({ ...few, requests: 8_000 })).toMatch(/^errors 0\.02 % /);
});
