import { expect, test } from 'vitest';
import type { Pod } from '../../src/core/ports/kubernetes.ts';
import { condition, readyPod, revision, template } from '../../test/playbooks/objects.ts';
import { startUpOf } from './start-up.ts';

const at = '2026-03-14T02:00:00.000Z';
const one = revision(1, template());
const after = (seconds: number, over: Partial<Pod> = {}): Pod => {
  const ready = new Date(Date.parse(at) + seconds * 1000).toISOString();
  const conditions = [condition('PodScheduled', 'True', '', '', at), condition('Ready', 'True', '', '', ready)];
  return { ...readyPod(one, 0, at).pod, conditions, ...over };
};

test('the slower of those that can be judged', () => {
  expect(startUpOf([after(80), after(95), after(70)])).toEqual({ seconds: 95, pods: 3 });
  expect(startUpOf([after(80)])).toEqual({ seconds: 80, pods: 1 });
  expect(startUpOf([])).toEqual({ seconds: null, pods: 0 });
});

test('a readiness that flapped hours later is no slow start', () => {
  expect(startUpOf([after(80), after(90), after(2400)])).toEqual({ seconds: 90, pods: 2 });
  expect(startUpOf([after(4 * 3600)])).toEqual({ seconds: null, pods: 0 });
});

test('what was restarted, is not ready or is going says nothing', () => {
  const restarted = after(80);
  const notReady = [condition('PodScheduled', 'True', '', '', at), condition('Ready', 'False', '', '', at)];
  const all = [
    { ...restarted, containers: restarted.containers.map((container) => ({ ...container, restarts: 1 })) },
    after(80, { conditions: notReady }),
    after(80, { terminating: true }),
  ];
  expect(startUpOf(all)).toEqual({ seconds: null, pods: 0 });
});
