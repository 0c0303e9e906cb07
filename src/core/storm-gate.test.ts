import { expect, it } from 'vitest';
import { StormGate } from './storm-gate.ts';

const rule = { workloads: 3, withinMs: 60_000 };

it('is a storm from so many workloads on, in one region, within the time', () => {
  const gate = new StormGate(rule);
  gate.note('eu', 'a', 0);
  gate.note('eu', 'b', 1_000);
  gate.note('us', 'c', 2_000);
  expect(gate.isStorm('eu', 2_000)).toBe(false);
  gate.note('eu', 'c', 30_000);
  expect(gate.isStorm('eu', 30_000)).toBe(true);
  expect(gate.isStorm('us', 30_000)).toBe(false);
});

it('counts a workload once, however many of its alerts fire', () => {
  const gate = new StormGate(rule);
  for (let at = 0; at < 50; at += 1) gate.note('eu', 'a', at);
  gate.note('eu', 'b', 60);
  expect(gate.isStorm('eu', 61)).toBe(false);
});

it('forgets what is older than the time', () => {
  const gate = new StormGate(rule);
  gate.note('eu', 'a', 0);
  gate.note('eu', 'b', 50_000);
  gate.note('eu', 'c', 61_000);
  expect(gate.isStorm('eu', 61_000)).toBe(false);
  gate.note('eu', 'd', 62_000);
  expect(gate.isStorm('eu', 62_000)).toBe(true);
  expect(gate.isStorm('eu', 200_000)).toBe(false);
});
