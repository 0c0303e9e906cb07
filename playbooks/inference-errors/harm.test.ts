import { describe, expect, test } from 'vitest';
import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { harmOf, harmText, percent } from './harm.ts';

const at = '2026-03-14T02:42:00.000Z';
const config: ServiceFacts = {
  shards: false,
  variables: { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' },
  limits: { errorRatio: 0.01, latencySeconds: 0.2 },
  minRequests: 100,
};

/** One point a minute over three hours. */
function line(code: string | null, value: (minutesAgo: number) => number | null) {
  const points = Array.from({ length: 181 }, (_, index) => {
    const minutesAgo = 180 - index;
    return [Date.parse(at) / 1000 - minutesAgo * 60, value(minutesAgo)] as const;
  });
  return { labels: code === null ? {} : { code }, points };
}
const known = (...series: readonly ReturnType<typeof line>[]) => ({
  known: true as const,
  value: { series, of: series.length, note: null },
});
const unknown = (why: string) => ({ known: false as const, why });
const harm = (ratio: (minutesAgo: number) => number, rps = 10) =>
  harmOf(config, known(line(null, () => rps)), known(line('500', (minutesAgo) => rps * ratio(minutesAgo))), at);

describe('do requests fail, and since when', () => {
  test('a step twenty minutes ago', () => {
    const said = harm((minutesAgo) => (minutesAgo <= 20 ? 0.08 : 0.0002));
    expect(said).toMatchObject({ is: 'bad', requests: 3000, since: '2026-03-14T02:22:00.000Z' });
    expect(harmText(said)).toBe('8 % of 3,000 requests in 5 min fail (500)');
  });

  test('bad for as long as can be seen: since when is not known', () => {
    expect(harm(() => 0.08)).toMatchObject({ is: 'bad', since: null });
  });

  test('one quiet minute does not end it', () => {
    expect(harm((minutesAgo) => (minutesAgo <= 20 && minutesAgo !== 11 ? 0.08 : 0.0002))).toMatchObject({
      since: '2026-03-14T02:22:00.000Z',
    });
  });

  test('over: fine, with the stretch that was', () => {
    const said = harm((minutesAgo) => (minutesAgo >= 30 && minutesAgo < 40 ? 0.08 : 0.0002));
    expect(said).toMatchObject({ is: 'fine', since: null, episodes: [{}] });
  });

  test('just under the limit', () => {
    expect(harm(() => 0.0099)).toMatchObject({ is: 'fine', episodes: [] });
  });

  test('two of ten requests say nothing', () => {
    expect(harmText(harm(() => 0.2, 10 / 300))).toBe('2 of 10 requests in 5 min failed');
  });

  test('no line of failures where requests are counted: none failed', () => {
    expect(harmOf(config, known(line(null, () => 10)), known(), at)).toMatchObject({ is: 'fine', ratio: 0 });
  });

  test.each([
    ['requests not read', unknown('forbidden'), known()],
    ['errors not read', known(line(null, () => 10)), unknown('timeout')],
    ['no newer number', known(line(null, (minutesAgo) => (minutesAgo > 20 ? 10 : null))), known()],
  ])('%s: unknown, never fine', (_name, requests, errors) => {
    expect(harmOf(config, requests, errors, at).is).toBe('unknown');
  });

  test('codes, most first', () => {
    const errors = known(
      line('500', () => 0.2),
      line('503', () => 0.8),
    );
    const said = harmOf(config, known(line(null, () => 10)), errors, at);
    expect(harmText(said)).toBe('10 % of 3,000 requests in 5 min fail (503, 500)');
  });
});

test.each([
  [0.5, '50 %'],
  [0.071, '7.1 %'],
  [0.0002, '0.02 %'],
  [0, '0 %'],
])('%f is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});

describe('errors that come and go', () => {
  /** Three minutes each, the first `first` minutes ago and then every `every`. */
  const bursts = (first: number, every: number, last: number) => (minutesAgo: number) =>
    minutesAgo <= first && minutesAgo >= last && (first - minutesAgo) % every < 3 ? 0.2 : 0.0002;

  test('the next is due', () => {
    expect(harm(bursts(60, 15, 12))).toMatchObject({ is: 'fine', recurs: true });
  });

  test('it has stayed away for three times as long', () => {
    expect(harm(bursts(80, 15, 45))).toMatchObject({ is: 'fine', recurs: false });
  });

  test('one alone', () => {
    expect(harm(bursts(12, 100, 9))).toMatchObject({ is: 'fine', recurs: false });
  });
});

test('the mean of five minutes is still high, the last two are well: over', () => {
  expect(harm((minutesAgo) => (minutesAgo >= 2 && minutesAgo <= 20 ? 0.08 : 0.0002))).toMatchObject({ is: 'fine' });
});
