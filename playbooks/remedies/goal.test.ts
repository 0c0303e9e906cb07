import { describe, expect, test } from 'vitest';
import { healthy } from '../../test/playbooks/world.ts';
import { boughtBy, goalOf, goalText, judgedFrom, reached } from './goal.ts';
import type { Goal } from './goal.ts';
import type { GoalSeen } from './goal-seen.ts';

const goal: Goal = { measure: 'p95 latency', below: 0.2 };
const seen = (value: number | null, over: Partial<GoalSeen> = {}): GoalSeen => ({
  value,
  requests: 8_400,
  enough: 100,
  youngestS: 3_600,
  why: value === null ? 'no data' : '',
  ...over,
});

describe('is users’ number good again?', () => {
  test.each([
    [
      'good again',
      seen(0.35),
      seen(0.15, { requests: 8_277 }),
      'yes',
      'p95 latency 350 ms → 150 ms (8,400 and 8,277 requests in 5 min)',
    ],
    ['still bad', seen(0.35), seen(0.34), 'not yet', 'p95 latency is 340 ms, was 350 ms, should be under 200 ms'],
    ['better, not good', seen(0.9), seen(0.3), 'not yet', 'p95 latency is 300 ms, was 900 ms, should be under 200 ms'],
    [
      'exactly at the limit',
      seen(0.35),
      seen(0.2),
      'not yet',
      'p95 latency is 200 ms, was 350 ms, should be under 200 ms',
    ],
    ['half as much again', seen(0.3), seen(0.46), 'worse', 'p95 latency is 460 ms, was 300 ms, should be under 200 ms'],
    ['a little more', seen(0.3), seen(0.44), 'not yet', 'p95 latency is 440 ms, was 300 ms, should be under 200 ms'],
    [
      'more, by pods that have only just started',
      seen(0.3),
      seen(0.9, { youngestS: 190 }),
      'not yet',
      'p95 latency is 900 ms, was 300 ms, should be under 200 ms; its youngest pod is 3 min old and may still warm up',
    ],
    [
      'good, by pods that have only just started',
      seen(0.3, { requests: null }),
      seen(0.15, { youngestS: 190 }),
      'yes',
      'p95 latency 300 ms → 150 ms (not counted and 8,400 requests in 5 min)',
    ],
    [
      'good before already, and lower now',
      seen(0.19),
      seen(0.15),
      'yes',
      'p95 latency 190 ms → 150 ms (8,400 and 8,400 requests in 5 min); it was under 200 ms before',
    ],
    [
      'good before already, and no lower',
      seen(0.15),
      seen(0.16),
      'yes',
      'p95 latency 150 ms → 160 ms (8,400 and 8,400 requests in 5 min); it was good before, so it does not show whether this helped',
    ],
    [
      'no baseline, good now',
      seen(null),
      seen(0.15),
      'yes',
      'done; p95 latency is 150 ms (8,400 requests in 5 min). Whether users are better off cannot be told: no p95 latency of before, because: no data',
    ],
    [
      'no baseline, bad now',
      seen(null),
      seen(0.34),
      'not yet',
      'p95 latency is 340 ms, should be under 200 ms (no p95 latency of before, because: no data)',
    ],
    [
      'no baseline, not readable now',
      seen(null),
      seen(null),
      'yes',
      'done; whether users are better off cannot be told: no p95 latency of before, because: no data',
    ],
    [
      'a baseline of a handful of requests is none',
      seen(0.35, { requests: 12 }),
      seen(0.15),
      'yes',
      'done; p95 latency is 150 ms (8,400 requests in 5 min). Whether users are better off cannot be told: no p95 latency of before, because: too few requests before (12 in 5 min)',
    ],
    [
      'hardly any requests',
      seen(0.35),
      seen(0.1, { requests: 12 }),
      'not yet',
      'too few requests to tell by p95 latency (12 in 5 min)',
    ],
    [
      'much worse, of hardly any requests',
      seen(0.35),
      seen(4, { requests: 12 }),
      'not yet',
      'too few requests to tell by p95 latency (12 in 5 min)',
    ],
    ['not readable now', seen(0.35), seen(null), 'not yet', 'p95 latency could not be read (no data)'],
  ] as const)('%s', (_name, before, now, is, because) => {
    const verdict = reached(goal, before, now);
    expect(verdict.is === 'yes' ? [verdict.is, verdict.note ?? ''] : [verdict.is, verdict.because]).toEqual([
      is,
      because,
    ]);
  });

  test('without a goal the pods decide; with one that was never looked at before it is no plain yes', () => {
    expect(reached(null, null, null)).toEqual({ is: 'yes' });
    expect(reached(goal, null, seen(0.1))).toMatchObject({
      is: 'yes',
      note: expect.stringContaining(
        'cannot be told: no p95 latency of before, because: it was not looked at',
      ) as string,
    });
  });

  test('numbers of before its pods served are no verdict, good or bad, with or without a baseline', () => {
    const young = { windowS: 300, countsFrom: '2026-03-14T02:36:00.000Z' };
    const because = 'the 5 min of p95 latency begin before its pods were ready: judged from 02:36 UTC on';
    for (const now of [seen(0.1, young), seen(3, young), seen(null, young)]) {
      expect(reached(goal, seen(0.35), now)).toEqual({ is: 'not yet', because });
      expect(reached(goal, null, now)).toEqual({ is: 'not yet', because });
    }
    expect(judgedFrom(goal, seen(0.1, young))).toBe('; judged by p95 latency from 02:36 UTC on');
    expect(judgedFrom(goal, seen(0.1, { windowS: 300 }))).toBe('');
    expect(judgedFrom(null, null)).toBe('');
    // What was bad before is a baseline all the same.
    expect(reached(goal, seen(0.35, young), seen(0.1))).toMatchObject({ is: 'yes' });
  });

  test('what it was judged by is said', () => {
    const note = (now: GoalSeen) => {
      const verdict = reached(goal, seen(0.35), now);
      return verdict.is === 'yes' ? verdict.note : verdict.because;
    };
    const counts = '8,400 and 8,400 requests in 5 min';
    expect(note(seen(0.1, { windowS: 300 }))).toBe(
      `p95 latency 350 ms → 100 ms (all pods ready for all of its 5 min; ${counts})`,
    );
    expect(note(seen(0.1, { windowS: 30, pods: 1 }))).toBe(
      `p95 latency 350 ms → 100 ms (1 pod ready for all of its 30 s; 8,400 and 8,400 requests in 30 s)`,
    );
    expect(note(seen(0.1, { windowS: 0, pods: 12 }))).toBe(`p95 latency 350 ms → 100 ms (12 pods; ${counts})`);
  });

  test('an autoscaler only aims at a share: what was within it before must be lower all the same', () => {
    const share: Goal = { measure: 'CPU of request', below: 0.95 };
    const mustFall = { mustFall: true };
    expect(reached(share, seen(0.92), seen(0.93), mustFall)).toEqual({
      is: 'not yet',
      because: 'CPU of request 92 % → 93 % (8,400 and 8,400 requests in 5 min): not lower than before',
    });
    expect(reached(share, seen(0.92), seen(0.61), mustFall)).toMatchObject({ is: 'yes' });
  });
});

test('a goal may be the service’s own limit, and is said in its unit', () => {
  const config = healthy().measured.service;
  const own = (limits: { readonly latencySeconds: number; readonly errorRatio: number } | null): Goal | null =>
    goalOf(
      ({ limits: its }) => (its === null ? null : { measure: 'p95 latency', below: its.latencySeconds }),
      { ...config, limits },
      null,
    );
  expect(own({ latencySeconds: 0.3, errorRatio: 0.01 })).toEqual({ measure: 'p95 latency', below: 0.3 });
  expect(own(null)).toBeNull();
  expect(goalOf(goal, config, null)).toBe(goal);
  expect(goalText(goal)).toBe('; judged by p95 latency under 200 ms');
  expect(goalText({ measure: 'error ratio', below: 0.01 })).toBe('; judged by error ratio under 1 %');
  expect(goalText({ measure: 'CPU per pod', below: 3.25 })).toBe('; judged by CPU per pod under 3.3 cores');
  expect(goalText(null)).toBe('');
});

test('what no metric shows yet is said plainly, and what buys time is no fix', () => {
  const shows: Goal = { open: 'whether memory still grows shows in about 6 h' };
  const time: Goal = { buys: '12 to 16 h until the limit again' };
  expect(reached(shows, null, null)).toEqual({ is: 'yes', note: 'whether memory still grows shows in about 6 h' });
  expect(reached(time, null, null)).toEqual({ is: 'yes', note: 'bought time: 12 to 16 h until the limit again' });
  expect(goalText(time)).toBe('. It buys time and ends nothing: 12 to 16 h until the limit again');
  expect([boughtBy(shows), boughtBy(time)]).toEqual([null, '12 to 16 h until the limit again']);
});

test('a container beside the one that serves is judged by its own use', () => {
  const own: Goal = { measure: 'CPU of container', container: 'log-shipper', below: 0.2 };
  expect(goalText(own)).toBe('; judged by CPU of log-shipper under 0.2 cores');
  expect(goalText({ measure: 'CPU per request', below: 0.0123 })).toBe('; judged by CPU per request under 12 ms');
});
