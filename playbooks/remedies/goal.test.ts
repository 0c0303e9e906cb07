import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { healthy, readerOf } from '../../test/playbooks/world.ts';
import type { World } from '../../test/playbooks/world.ts';
import { taking } from '../../test/playbooks/world-slow.ts';
import { goalOf, goalText, observeGoal, reached } from './goal.ts';
import type { Goal, GoalSeen } from './goal.ts';

const of = { namespace: 'ml-platform', name: 'model-server' };
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

describe('what is looked at', () => {
  const look = (world: World, wanted: Goal = goal): Promise<GoalSeen | null> =>
    observeGoal(readerOf(world), of, wanted);

  test('p95 of all requests, how many they are, and how old the youngest pod is', async () => {
    const world = taking(healthy(), { p95: () => 0.349 });
    expect(await look(world)).toEqual({ value: 0.349, requests: 8_400, enough: 100, youngestS: 259_200, why: '' });
  });

  test('throttling is that of the container that is held back most', async () => {
    const third = healthy().pods[2];
    const world = taking(healthy(), { throttled: (one) => (one.row.name === third?.row.name ? 0.61 : 0.02) });
    expect(await look(world, { measure: 'throttling', below: 0.1 })).toMatchObject({ value: 0.61 });
  });

  /** The lines of these questions as given; times in minutes. */
  const answering = (
    lines: Readonly<Record<string, readonly (readonly [string, readonly (readonly [number, number])[]])[]>>,
  ): World => {
    const world = taking(healthy());
    const series: World['measured']['series'] = (question, over) => {
      const given = lines[question.ask];
      if (given === undefined) return world.measured.series(question, over);
      const all = given.map(([pod, points]) => ({
        labels: { pod, container: 'server', code: '500' },
        points: points.map(([minute, value]) => [minute * 60, value] as const),
      }));
      return { is: 'series', series: all, note: null };
    };
    return { ...world, measured: { ...world.measured, series } };
  };

  test('errors of pods that are gone are none', async () => {
    const ratio: Goal = { measure: 'error ratio', below: 0.01 };
    const requests = [
      [
        '',
        [
          [1, 100],
          [2, 100],
          [3, 100],
        ],
      ],
    ] as const;
    expect(
      await look(
        answering({
          requests,
          errors: [
            [
              '',
              [
                [1, 50],
                [2, 2],
              ],
            ],
          ],
        }),
        ratio,
      ),
    ).toMatchObject({ value: 0 });
    expect(
      await look(
        answering({
          requests,
          errors: [
            [
              '',
              [
                [1, 50],
                [2, 30],
                [3, 20],
              ],
            ],
          ],
        }),
        ratio,
      ),
    ).toMatchObject({ value: 0.2 });
  });

  test('a pod’s first number is a rate over its first seconds: no verdict', async () => {
    const throttling: Goal = { measure: 'throttling', below: 0.1 };
    const old = [
      'old',
      [
        [1, 0.6],
        [2, 0.6],
      ],
    ] as const;
    const fresh = ['new', [[3, 0.01]]] as const;
    expect(await look(answering({ 'cpu throttled': [old, fresh] }), throttling)).toMatchObject({
      value: null,
      why: 'no data',
    });
    const later = [
      'new',
      [
        [3, 0.01],
        [4, 0.02],
      ],
    ] as const;
    expect(await look(answering({ 'cpu throttled': [old, later] }), throttling)).toMatchObject({ value: 0.02 });
  });

  test('NaN and what nobody exports are no zero', async () => {
    expect(await look(taking(healthy(), { p95: () => null, rps: () => 0 }))).toMatchObject({
      value: null,
      requests: 0,
      why: 'no data',
    });
    expect(await look(taking(healthy(), { without: ['latency'] }))).toMatchObject({ value: null, why: 'no data' });
  });

  test('a store that does not answer is said, and never thrown', async () => {
    const world = taking(healthy());
    const dead = (): never => {
      throw new Failure('timeout', 'no answer within 8 s');
    };
    const read = readerOf({ ...world, measured: { ...world.measured, series: dead } });
    expect(await observeGoal(read, of, goal)).toMatchObject({
      value: null,
      why: expect.stringContaining('no answer within 8 s') as string,
    });
    expect(await observeGoal(read, of, null)).toBeNull();
  });
});

test('a goal may be the service’s own limit, and is said in its unit', () => {
  const config = healthy().measured.service;
  const own = (limits: { readonly latencySeconds: number; readonly errorRatio: number } | null): Goal | null =>
    goalOf(({ limits: its }) => (its === null ? null : { measure: 'p95 latency', below: its.latencySeconds }), {
      ...config,
      limits,
    });
  expect(own({ latencySeconds: 0.3, errorRatio: 0.01 })).toEqual({ measure: 'p95 latency', below: 0.3 });
  expect(own(null)).toBeNull();
  expect(goalOf(goal, config)).toBe(goal);
  expect(goalText(goal)).toBe('; judged by p95 latency under 200 ms');
  expect(goalText({ measure: 'error ratio', below: 0.01 })).toBe('; judged by error ratio under 1 %');
  expect(goalText({ measure: 'CPU per pod', below: 3.25 })).toBe('; judged by CPU per pod under 3.3 cores');
  expect(goalText(null)).toBe('');
});
