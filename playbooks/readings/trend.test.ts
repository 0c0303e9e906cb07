import { describe, expect, test } from 'vitest';
import type { Series } from '../../src/core/ports/metrics.ts';
import { bendOf, growthAtEqual, hoursUntil, jumpOf, theilSen, togetherness } from './trend.ts';

const start = 1_790_000_000;
const line = (at: (minute: number) => number | null, minutes = 480, every = 5): Series => ({
  labels: {},
  points: Array.from(
    { length: minutes / every + 1 },
    (_one, index) => [start + index * every * 60, at(index * every)] as const,
  ),
});
const noise = (minute: number): number => ((minute * 7919) % 101) / 101 - 0.5;

describe('a robust slope', () => {
  test('of a straight line, with its reach', () => {
    const trend = theilSen(line((m) => 100 + m * 2));
    expect(trend).toMatchObject({ perHour: expect.closeTo(120, 5), hours: expect.closeTo(8, 5), points: 97 });
    expect(hoursUntil(trend!, 100 + 480 * 2 + 240)).toEqual({ from: expect.closeTo(2, 2), to: expect.closeTo(2, 2) });
  });

  test('spikes, gaps and noise do not mislead it', () => {
    const trend = theilSen(line((m) => (m % 35 === 0 ? 5_000 : m % 40 === 0 ? null : 100 + m + 20 * noise(m))));
    expect(trend?.perHour).toBeCloseTo(60, -1);
  });

  test('flat is flat: the limit is never reached on its flatter side', () => {
    const trend = theilSen(line((m) => 100 + 10 * noise(m)));
    expect(Math.abs(trend?.perHour ?? 9)).toBeLessThan(1);
    expect(hoursUntil(trend!, 200).to).toBeNull();
  });

  test('too few points say nothing', () => {
    expect(theilSen(line((m) => m, 15))).toBeNull();
  });
});

test('how two lines go together', () => {
  const traffic = line((m) => 100 + 80 * Math.sin(m / 60));
  expect(
    togetherness(
      traffic,
      line((m) => 5 + 3 * Math.sin(m / 60)),
    ),
  ).toBeCloseTo(1, 2);
  expect(
    togetherness(
      traffic,
      line((m) => -Math.sin(m / 60)),
    ),
  ).toBeCloseTo(-1, 2);
  expect(
    Math.abs(
      togetherness(
        traffic,
        line((m) => noise(m)),
      ) ?? 1,
    ),
  ).toBeLessThan(0.3);
  expect(
    togetherness(
      traffic,
      line(() => 3),
    ),
  ).toBe(0);
});

test('where a line jumps', () => {
  const jump = jumpOf(line((m) => (m < 240 ? 10 : 25) + noise(m)));
  expect(jump).toMatchObject({ at: start + 240 * 60, before: expect.closeTo(10, 0), after: expect.closeTo(25, 0) });
});

describe('a growth with traffic taken out', () => {
  /** Fewest requests at minute 240, as many at both ends. */
  const traffic = line((m) => 100 + 80 * Math.cos((m / 480) * 2 * Math.PI));
  const growth = { from: start + 240 * 60, perHour: 60 };

  test('what follows the traffic has not grown between moments with as many requests', () => {
    const follows = line((m) => 1000 + 2 * (100 + 80 * Math.cos((m / 480) * 2 * Math.PI)));
    expect(growthAtEqual(follows, traffic, growth)?.share).toBeCloseTo(0, 1);
  });

  test('what grows has grown by all of it', () => {
    const grows = line((m) => 1000 + Math.max(0, m - 240));
    expect(growthAtEqual(grows, traffic, growth)?.share).toBeCloseTo(1, 1);
  });

  test('traffic that only rises gives no pairs, so nothing is said', () => {
    expect(
      growthAtEqual(
        line((m) => 1000 + m),
        line((m) => 100 + m),
        growth,
      ),
    ).toBeNull();
  });
});

test('where one line is better told as two', () => {
  const bend = bendOf(line((m) => 100 + Math.max(0, m - 200) + noise(m)));
  expect(Math.abs((bend?.at ?? 0) - (start + 200 * 60))).toBeLessThanOrEqual(900);
  expect(bend?.left).toBeLessThan(0.1);
  expect(bendOf(line((m) => 100 + m + 10 * noise(m)))?.left).toBeGreaterThan(0.5);
  expect(bendOf(line((m) => m, 30))).toBeNull();
});
