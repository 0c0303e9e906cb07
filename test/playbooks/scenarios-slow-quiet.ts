import type { Scenario } from './scenario.ts';
import { isYoung, scaledOut } from './scenarios-slow.ts';
import { healthy } from './world.ts';
import type { World } from './world.ts';
import { slowFor, taking } from './world-slow.ts';
import type { Taking } from './world-slow.ts';

/** What looks slow, or full, and is no fault: nothing may be found, and nothing offered. */

const quiet = (name: string, about: string, over: Partial<Taking> = {}, world: () => World = healthy): Scenario => ({
  name: `quiet-${name}`,
  about,
  playbook: 'slow-inference',
  world: () => taking(world(), over),
});

export const quietSlowScenarios: readonly Scenario[] = [
  quiet('well', 'Requests are as fast as they should be'),
  quiet('gpu-full-and-fine', 'GPU 100 % busy, and p95 is fine', { gpu: () => 1, queue: () => 30 }),
  quiet('night', 'p95 of a handful of requests is high', {
    p95: () => 0.9,
    p99: () => 1.4,
    p95Of: () => 0.9,
    rps: () => 0.03,
  }),
  quiet('no-traffic', 'Nobody asks: quantiles are NaN', {
    p95: () => null,
    p99: () => null,
    rps: () => 0,
    gpu: () => 0,
  }),
  quiet('one-spike', 'One point above the limit', {
    p95: (minutesAgo) => (minutesAgo === 0 ? 0.31 : 0.146),
    p99: (minutesAgo) => (minutesAgo === 0 ? 0.42 : 0.226),
  }),
  quiet(
    'cold-pods',
    'Young pods are slow, all requests together are not',
    { p95Of: slowFor(isYoung, 0.43, 0.146, 60) },
    () => scaledOut(6),
  ),
  quiet('short-queue', 'A few requests wait, and p95 is fine', { queue: () => 40, waits: 0.6 }),
  quiet('idle-gpu-and-fine', 'Small models leave the GPUs idle, and p95 is fine', { gpu: () => 0.06 }),
  quiet('longer-inputs-and-fine', 'Requests are larger than a day before, and p95 is fine', {
    inputs: (minutesAgo) => (minutesAgo > 1000 ? 620 : 1500),
  }),
  quiet(
    'young-pods-idle',
    'Pods of five minutes ago get no requests yet',
    { part: slowFor(isYoung, 0.02, 1, 60) },
    () => scaledOut(5),
  ),
  quiet('no-gpu-exporter', 'No exporter tells of the GPUs, and p95 is fine', { without: ['gpu busy', 'gpu memory'] }),
];
