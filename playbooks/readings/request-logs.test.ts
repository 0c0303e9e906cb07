import { expect, test } from 'vitest';
import { requestsIn } from './request-logs.ts';

const at = '2026-03-14T02:40:00Z INFO';

test('times in any unit that servers write', () => {
  const of = (lines: readonly string[]) => requestsIn('p', lines);
  expect(
    of([`${at} inference_time=0.120`, `${at} inference_time=240ms`, `${at} "inference_time": 0.3s`]),
  ).toMatchObject({
    requests: 3,
    p50: 0.24,
    p95: 0.3,
  });
  // Nobody means 140 seconds.
  expect(of([`${at} inference_time=140`, `${at} inference_time=150.5`])).toMatchObject({ p50: 0.14, p99: 0.1505 });
  expect(of(['something else', 'inference_times=3'])).toMatchObject({
    requests: 0,
    p95: null,
    waiting: null,
    lines: 2,
  });
});

test('waiting, loads, models and calls are counted', () => {
  const found = requestsIn('p', [
    `${at} inference_time=0.2 queue_time=0.15`,
    `${at} inference_time=0.2 queue_time=0.05`,
    `${at} model_unload model=small reason=memory`,
    `${at} model_load=6.0s model=large device=cuda:0`,
    `${at} model_load=7.0s model=large device=cuda:0`,
    'WARN feature-store call to feature-store.us-east-1.internal took 94 ms (cross-region)',
    'WARN feature-store call to feature-store.us-east-1.internal took 0.2 s (cross-region)',
  ]);
  expect(found).toMatchObject({ waiting: 0.5, modelLoads: 2, loadS: 6.5, models: ['large', 'small'] });
  expect(found.calls).toEqual([{ host: 'feature-store.us-east-1.internal', count: 2, meanMs: 147 }]);
});

test('five seconds on top of the work, and anything else that is long', () => {
  const times = [0.1, 5.0, 5.07, 5.4, 10.1, 3, 7.2];
  const found = requestsIn(
    'p',
    times.map((one) => `${at} inference_time=${one.toFixed(2)}s`),
  );
  expect([found.fiveSeconds, found.between]).toEqual([4, 2]);
});
