import { describe, expect, test } from 'vitest';
import { thinned, type Chart, type Line } from '../../core/chart.ts';
import { pngOf } from './png.ts';
import { momentsBetween, momentText, ticksUpTo, written } from './scale.ts';
import { svgOf } from './svg.ts';

const start = Date.UTC(2026, 10, 24, 3) / 1000;
const line = (name: string, at: (minute: number) => number | null, as: Line['as'] = 'line'): Line => ({
  name,
  as,
  points: Array.from({ length: 97 }, (_one, index) => [start + index * 300, at(index * 5)] as const),
});
const chart: Chart = {
  id: 'memory',
  title: 'Memory of model-server, eu-west-1',
  unit: 'bytes',
  lines: [
    line('model-server-7c9d8b6f5d-x7x2k', (m) => 6e9 + m * 1.4e7),
    line('model-server-7c9d8b6f5d-q4w9z', (m) => (m > 200 && m < 240 ? null : 5.5e9 + m * 1.3e7)),
    line('<script>&', (m) => 4e9 + m * 1e6, 'aside'),
    line('fit', (m) => 6e9 + m * 1.4e7, 'fit'),
  ],
  limit: { value: 16 * 2 ** 30, label: 'limit 16 GiB' },
  marks: [{ at: start + 3 * 3600, label: 'v2.4.1' }],
  says: 'memory grows',
};

describe('an axis', () => {
  test.each([
    [17.3, 'count', [0, 5, 10, 15, 20]],
    [0.93, 'share', [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [15.2 * 2 ** 30, 'bytes', [0, 5, 10, 15, 20].map((gib) => gib * 2 ** 30)],
    [0, 'seconds', [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ] as const)('up to %d %s', (most, unit, ticks) => {
    expect(ticksUpTo(most, unit).map((one) => Number(one.toPrecision(12)))).toEqual(ticks);
  });

  test('writes numbers with their unit', () => {
    expect([
      written(5 * 2 ** 30, 'bytes'),
      written(0.25, 'seconds'),
      written(2, 'seconds'),
      written(0.333333, 'share'),
      written(1, 'cores'),
      written(12.5, 'per second'),
    ]).toEqual(['5 GiB', '250 ms', '2 s', '33.3 %', '1 core', '12.5/s']);
  });

  test('has round times', () => {
    expect(momentsBetween(start, start + 8 * 3600).map((at) => momentText(at, false))).toEqual(
      ['03:00', '04:00', '05:00', '06:00', '07:00', '08:00', '09:00', '10:00', '11:00'].slice(
        0,
        momentsBetween(start, start + 8 * 3600).length,
      ),
    );
    expect(momentText(start, true)).toBe('24 Nov 03:00');
  });
});

describe('a drawing', () => {
  test('escapes names, shows limit and marks, keeps gaps', () => {
    const svg = svgOf(chart);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('limit 16 GiB');
    expect(svg).toContain('v2.4.1');
    const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map((one) => (one[1]?.match(/M/g) ?? []).length);
    // The aside is drawn first, under the others; the second line has one gap.
    expect(paths).toEqual([1, 1, 2, 1]);
  });

  test('is a PNG with text in it', async () => {
    const png = await pngOf(chart);
    expect(Buffer.from(png).toString('latin1', 1, 4)).toBe('PNG');
    const blank = await pngOf({
      ...chart,
      title: '',
      lines: chart.lines.map((one) => ({ ...one, name: '' })),
      marks: [],
    });
    // Text that was not drawn would leave both about as large.
    expect(png.length - blank.length).toBeGreaterThan(2_000);
  });

  test('of nothing says so', () => {
    expect(svgOf({ ...chart, lines: [] })).toContain('no data');
  });
});

test('is thinned to what a message can keep, newest point included', () => {
  const long = { ...chart.lines[0]!, points: Array.from({ length: 1441 }, (_one, index) => [index, index] as const) };
  const [first] = thinned({ ...chart, lines: Array.from({ length: 40 }, () => long) }).lines;
  expect(first?.points.length).toBeLessThanOrEqual(120);
  expect(first?.points.at(-1)).toEqual([1440, 1440]);
  expect(thinned({ ...chart, lines: Array.from({ length: 40 }, () => long) }).lines).toHaveLength(12);
});
