import { describe, expect, test } from 'vitest';
import type { Series } from '../../src/core/ports/metrics.ts';
import type { Measured } from './measures.ts';
import { oddOf, ratiosOf } from './odd-pod.ts';
import type { Row } from './pod-rows.ts';

const nowS = Date.parse('2026-03-14T02:42:00Z') / 1000;
const line = (pod: string, value: number, agoS = 0): Series => ({
  labels: { pod },
  points: [4, 3, 2, 1, 0].map((minutes) => [nowS - agoS - minutes * 60, value] as const),
});
const measured = (series: readonly Series[]): Measured => ({ series, of: series.length, note: null });
const row = (name: string, node: string): Row => ({
  name,
  uid: `uid-${name}`,
  node,
  status: 'Running',
  restarts: 0,
  createdAt: '2026-03-11T02:42:00Z',
  hash: 'h',
  ready: true,
});
const four = [row('a', 'one'), row('b', 'one'), row('c', 'two'), row('d', 'two')];
const nodes = ['one', 'two'].map((name) => ({ name, unschedulable: name === 'two' }));

/** Failures per second of a, b, c, d, at so many requests per second each. */
const odd = (failures: readonly number[], rps = 2) =>
  oddOf(
    four,
    measured(four.map((one) => line(one.name, rps))),
    measured(four.map((one, index) => line(one.name, failures[index] ?? 0))),
    nodes,
  );

describe('which pod or node stands out', () => {
  test('one pod that fails half of its requests, the others nearly none', () => {
    expect(odd([0, 0, 0, 1])).toEqual({
      pod: 'd',
      nodeName: 'two',
      node: false,
      cordoned: true,
      ratio: 0.5,
      others: 0,
    });
  });

  test('all pods of a node: the node', () => {
    expect(odd([1, 0.8, 0, 0.001])).toMatchObject({ pod: 'a', nodeName: 'one', node: true, cordoned: false });
  });

  test('of pods that are all bad it is the same one at every look, whichever fails most', () => {
    const looks = [odd([1, 0.8, 0, 0]), odd([0.8, 1, 0, 0])];
    expect(looks.map((one) => [one?.pod, one?.ratio])).toEqual([
      ['a', 0.5],
      ['a', 0.5],
    ]);
  });

  test.each<[string, readonly number[], number]>([
    ['all alike', [1, 1, 1, 1], 2],
    ['none fails', [0, 0, 0, 0], 2],
    ['one fails less than one request in twenty', [0.08, 0, 0, 0], 2],
    ['two that have no node in common', [1, 0, 1, 0], 2],
    ['too few requests to say', [0.02, 0, 0, 0], 0.04],
  ])('%s: none', (_name, failures, rps) => {
    expect(odd(failures, rps)).toBeNull();
  });

  test('a pod alone has nothing beside it to compare with', () => {
    const [only] = four;
    if (only === undefined) throw new Error('no pod');
    expect(oddOf([only], measured([line('a', 2)]), measured([line('a', 1)]), nodes)).toBeNull();
  });

  test('a pod without a count is not compared', () => {
    const asked = measured(four.slice(0, 3).map((one) => line(one.name, 2)));
    expect(oddOf(four, asked, measured([line('d', 1)]), nodes)).toBeNull();
  });
});

test('codes add up; a line that ended twenty minutes ago does not count', () => {
  const asked = measured([line('a', 2)]);
  const failing = measured([line('a', 0.2), line('a', 0.3), line('a', 1, 20 * 60)]);
  expect(ratiosOf(asked, failing).get('a')).toEqual({ ratio: 0.25, requests: 600 });
});
