import { describe, expect, test } from 'vitest';
import type { Series } from '../../src/core/ports/metrics.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';

const start = 1_790_000_000;
const least = 96;

/** A day at quarters of an hour, MiB by the hour; with 0.2 % of noise. */
function day(at: (hour: number) => number | null, hours = 24): Series {
  return {
    labels: {},
    points: Array.from({ length: hours * 4 + 1 }, (_one, index) => {
      const value = at(index / 4);
      const noise = 1 + (((index * 7919) % 101) / 101 - 0.5) * 0.004;
      return [start + index * 900, value === null ? null : value * noise] as const;
    }),
  };
}
const shape = (at: (hour: number) => number | null, hours?: number): Shape => shapeOf(day(at, hours), least);
const hourOf = (of: Shape): number =>
  'at' in of ? (of.at - start) / 3600 : 'from' in of ? (of.from - start) / 3600 : NaN;

describe('a trend', () => {
  test('from its beginning', () => {
    const found = shape((h) => 7000 + 300 * h);
    expect(found).toMatchObject({ is: 'growing', flatBefore: false });
    expect(found.is === 'growing' && found.trend.perHour).toBeCloseTo(300, -1);
  });

  test('that begins on the way', () => {
    const found = shape((h) => 7000 + 400 * Math.max(0, h - 15));
    expect(found).toMatchObject({ is: 'growing', flatBefore: true });
    expect(hourOf(found)).toBeCloseTo(15, -0.5);
    expect(found.is === 'growing' && found.trend.perHour).toBeCloseTo(400, -1.5);
  });

  test('with gaps and spikes', () => {
    const found = shape((h) => (h % 3 === 1 ? null : h % 5 === 2 ? 12_000 : 7000 + 300 * h));
    expect(found).toMatchObject({ is: 'growing' });
  });

  test('below the teeth of a collector', () => {
    const found = shape((h) => 5000 + 150 * h + ((h * 100) % 150) * 26);
    expect(found).toMatchObject({ is: 'growing', floor: true });
    expect(found.is === 'growing' && found.trend.perHour).toBeCloseTo(150, -1.5);
  });
});

describe('what only looks like one', () => {
  test('flat, also with much noise', () => {
    expect(shape(() => 7000).is).toBe('flat');
    expect(shape((h) => 7000 + 900 * Math.abs((Math.sin(h * 51.96) * 43_758.5) % 1)).is).toBe('flat');
    expect(shape((h) => 7000 + 3 * h).is).toBe('flat');
  });

  test('one step', () => {
    const found = shape((h) => (h < 10 ? 7000 : 9500));
    expect(found).toMatchObject({ is: 'step', before: expect.closeTo(7000, -2), after: expect.closeTo(9500, -2) });
    expect(hourOf(found)).toBeCloseTo(10, -0.5);
  });

  test('a cache that fills and levels off', () => {
    expect(shape((h) => 7000 + 4000 * (1 - 0.5 ** (h / 0.7))).is).toBe('levels off');
    expect(shape((h) => 7000 + (h > 5 ? 4000 * (1 - 0.5 ** ((h - 5) / 1.5)) : 0)).is).toBe('levels off');
  });

  test('what grows ever more slowly is neither', () => {
    expect(shape((h) => 7000 + 6000 * (1 - 0.5 ** (h / 5)), 11).is).toBe('slowing');
  });

  test('teeth whose floor stays', () => {
    expect(shape((h) => 6000 + ((h * 100) % 170) * 17)).toMatchObject({
      is: 'sawtooth',
      falls: expect.toSatisfy((n) => n > 10),
    });
  });

  test('a whole daily cycle comes back to where it was', () => {
    expect(shape((h) => 8000 + 2000 * Math.cos((2 * Math.PI * h) / 24)).is).toBe('sawtooth');
  });

  test('what falls', () => {
    expect(shape((h) => 12_000 - 150 * h).is).toBe('falling');
  });

  test('too few points', () => {
    expect(shape((h) => 7000 + 300 * h, 1).is).toBe('too short');
  });
});
