import { expect, test } from 'vitest';
import { chosen, shapeOf, toldBy } from './error-lines.ts';
import type { Row } from './pod-rows.ts';

test('what failed requests say: without times, levels and frames, and none of those that are the caller’s fault', () => {
  expect(
    toldBy([
      '2026-03-14T02:41:00.120Z INFO request id=1 path=/predict status=200 inference_time=0.061',
      '2026-03-14T02:41:01.500Z ERROR Traceback (most recent call last):',
      '2026-03-14T02:41:01.500Z ERROR   File "/app/serve.py", line 3, in predict',
      "2026-03-14T02:41:01.500Z ERROR KeyError: 'embedding_v2'",
      '2026-03-14T02:41:01.501Z WARN request id=2 path=/predict status=500 inference_time=0.060',
      '2026-03-14T02:41:02.000Z ERROR ValidationError: field "tokens" is required',
      '2026-03-14T02:41:02.001Z WARN request id=3 path=/predict status=422 inference_time=0.001',
      '[2026-03-14 02:41:03,250] ERROR: RuntimeError: CUDA error: out of memory',
    ]),
  ).toEqual({
    requests: 3,
    failed: 1,
    errors: [
      { at: '2026-03-14T02:41:01.500Z', text: "KeyError: 'embedding_v2'" },
      { at: '2026-03-14T02:41:03.250Z', text: 'RuntimeError: CUDA error: out of memory' },
    ],
  });
});

test('access lines of web servers count too', () => {
  expect(
    toldBy([
      '10.0.1.9 - - [14/Mar/2026:02:41:00 +0000] "POST /predict HTTP/1.1" 503 21',
      '10.0.1.9 - - [14/Mar/2026:02:41:01 +0000] "POST /predict HTTP/1.1" 200 512',
    ]),
  ).toEqual({ requests: 2, failed: 1, errors: [] });
});

test.each([
  ['model ranker v1.1.0 of 2026-03-14 took 12.5 s', 'model ranker v1.2.0 of 2026-03-15 took 9 s'],
  ['request 0a1b2c3d4e5f failed', 'request 99887766aabb failed'],
  ['at 0x7f3a failed', 'at 0x11 failed'],
])('lines that say the same: %s', (a, b) => {
  expect(shapeOf(a)).toBe(shapeOf(b));
});

const row = (name: string, node: string, minute: number): Row => ({
  name,
  uid: name,
  node,
  status: 'Running',
  restarts: 0,
  createdAt: new Date(Date.UTC(2026, 2, 14, 2, minute)).toISOString(),
  hash: 'h',
  ready: true,
});

test('the oldest and the youngest pod, then one of each node, at most six', () => {
  const rows = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) =>
    row(name, index < 6 ? 'one' : index === 6 ? 'two' : 'three', index),
  );
  expect(chosen(rows)).toEqual(['a', 'h', 'g', 'b', 'c', 'd']);
  expect(chosen(rows.slice(0, 1))).toEqual(['a']);
  expect(chosen([])).toEqual([]);
});
