import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Question, Series } from '../../src/core/ports/metrics.ts';
import { ago, at } from '../../test/playbooks/objects.ts';
import { healthy, readerOf } from '../../test/playbooks/world.ts';
import type { World } from '../../test/playbooks/world.ts';
import { taking } from '../../test/playbooks/world-slow.ts';
import type { Goal } from './goal.ts';
import { observeGoal } from './goal-seen.ts';
import type { GoalSeen } from './goal-seen.ts';

const of = { namespace: 'ml-platform', name: 'model-server' };
const latency: Goal = { measure: 'p95 latency', below: 0.2 };
const errors: Goal = { measure: 'error ratio', below: 0.01 };
const throttling: Goal = { measure: 'throttling', below: 0.1 };
const cpuOfRequest: Goal = { measure: 'CPU of request', below: 0.8 };
const cpuPerPod: Goal = { measure: 'CPU per pod', below: 3 };

const look = (world: World, goal: Goal = latency): Promise<GoalSeen | null> => observeGoal(readerOf(world), of, goal);

const nowS = Date.parse(at) / 1000;
/** Values by minutes ago. */
type Values = readonly (readonly [minutesAgo: number, value: number])[];
const line = (labels: Series['labels'], values: Values): Series => ({
  labels,
  points: values.map(([minutesAgo, value]) => [nowS - minutesAgo * 60, value] as const),
});
const steady = (value: number, sinceMinutes = 5): Values =>
  Array.from({ length: sinceMinutes + 1 }, (_, index) => [sinceMinutes - index, value] as const);

/** These questions are answered with these lines, and requests with 28 a second. */
function answering(world: World, lines: Partial<Record<Question['ask'], readonly Series[]>>): World {
  const all = { requests: [line({}, steady(28))], ...lines };
  return {
    ...world,
    measured: {
      ...world.measured,
      series: ({ ask }) => {
        const series = all[ask as keyof typeof all];
        return series === undefined ? { is: 'no data', because: 'none' } : { is: 'series', series, note: null };
      },
    },
  };
}

/** All pods of so many minutes ago; each is ready a minute and a half later. */
function aged(minutes: readonly number[]): World {
  const world = healthy();
  const pods = world.pods.slice(0, minutes.length).map((one, index) => {
    const [made, ready] = [ago(minutes[index] ?? 0), ago((minutes[index] ?? 0) - 1.5)];
    const conditions = one.pod.conditions.map((c) => ({ ...c, since: c.type === 'Ready' ? ready : made }));
    return { row: { ...one.row, createdAt: made }, pod: { ...one.pod, createdAt: made, conditions } };
  });
  return { ...world, pods };
}
const each = (world: World, values: (index: number) => Values): readonly Series[] =>
  world.pods.map(({ row }, index) => line({ pod: row.name, container: 'server' }, values(index)));

describe('a number of all requests together', () => {
  test('p95, how many requests they are, and how old the youngest pod is', async () => {
    expect(await look(taking(healthy(), { p95: () => 0.349 }))).toEqual({
      value: 0.349,
      requests: 8_400,
      enough: 100,
      youngestS: 259_200,
      windowS: 300,
      why: '',
    });
  });

  test('requests are counted over the same time, and as many are enough', async () => {
    const read = readerOf(taking(healthy(), { p95: () => 0.349 }));
    const metrics = { ...read.metrics, rateWindowMs: () => Promise.resolve(120_000) };
    expect(await observeGoal({ ...read, metrics }, of, latency)).toMatchObject({ requests: 3_360, enough: 40 });
  });

  test('counts once its window begins after the last pod was ready', async () => {
    const by = (minutes: readonly number[]) => look(answering(aged(minutes), { latency: [line({}, steady(0.1))] }));
    // Ready 4.5 min ago.
    expect(await by([300, 300, 6])).toMatchObject({ value: 0.1, countsFrom: ago(-1) });
    expect(await by([300, 300, 6.5])).not.toHaveProperty('countsFrom');
  });

  test('a pod that is not ready, or ends, keeps nobody waiting', async () => {
    const world = aged([300, 300, 2, 2]);
    const [, , third, fourth] = world.pods;
    const pods = [
      ...world.pods.slice(0, 2),
      { ...third!, row: { ...third!.row, readyContainers: 0 } },
      { ...fourth!, row: { ...fourth!.row, terminating: true } },
    ];
    const seen = await look(answering({ ...world, pods }, { latency: [line({}, steady(0.1))] }));
    expect(seen).not.toHaveProperty('countsFrom');
  });

  test('errors of pods that are gone are none', async () => {
    const requests = [line({}, steady(100))];
    const failing = (values: Values) =>
      look(answering(healthy(), { requests, errors: [line({ code: '500' }, values)] }), errors);
    // prettier-ignore
    expect(await failing([[2, 50], [1, 2]])).toMatchObject({ value: 0 });
    // prettier-ignore
    expect(await failing([[2, 50], [1, 30], [0, 20]])).toMatchObject({ value: 0.2 });
  });

  test('NaN and what nobody exports are no zero', async () => {
    const idle = { value: null, requests: 0, why: 'no data' };
    expect(await look(taking(healthy(), { p95: () => null, rps: () => 0 }))).toMatchObject(idle);
    expect(await look(taking(healthy(), { without: ['latency'] }))).toMatchObject({ value: null, why: 'no data' });
  });
});

describe('a number of single pods', () => {
  test('throttling is that of the container that is held back most', async () => {
    const third = healthy().pods[2];
    const world = taking(healthy(), { throttled: (one) => (one.row.name === third?.row.name ? 0.61 : 0.02) });
    expect(await look(world, throttling)).toMatchObject({ value: 0.61, pods: 12 });
  });

  /** 0.9 cores each, as rate(…[5m]) tells it: so many fifths of it as a pod is minutes old. */
  const climbing = (minutes: number): Values =>
    steady(0, Math.min(5, minutes)).map(([minutesAgo]) => [
      minutesAgo,
      0.9 * Math.min(1, Math.max(0, minutes - minutesAgo) / 5),
    ]);

  test.each([2, 3, 5, 6])('new pods of %i min tell nothing: their rates are of five', async (minutes) => {
    const world = aged([minutes, minutes, minutes, minutes]);
    const cpu = each(world, () => climbing(minutes));
    for (const goal of [cpuOfRequest, cpuPerPod, throttling]) {
      expect(await look(answering(world, { cpu, 'cpu throttled': cpu }), goal)).toMatchObject({
        value: null,
        why: 'none of its pods had served for 5 min',
        countsFrom: expect.stringMatching(/^2026-/) as string,
      });
    }
  });

  test('they do once they were ready for all of it, and their numbers go as far back', async () => {
    const world = aged([7, 7, 7, 7]);
    const [whole, late] = [each(world, () => steady(0.9)), each(world, () => steady(0.9, 3))];
    expect(await look(answering(world, { cpu: whole }), cpuPerPod)).toMatchObject({ value: 0.9, pods: 4, why: '' });
    // Scraped late: until two minutes from now the rate is of less than five.
    expect(await look(answering(world, { cpu: late }), cpuPerPod)).toMatchObject({
      value: null,
      countsFrom: ago(-2),
    });
  });

  test('the old ones tell where they are at least half; the young are left out', async () => {
    const half = aged([300, 300, 2, 2]);
    const cpu = each(half, (index) => (index < 2 ? steady(2.5) : climbing(2)));
    expect(await look(answering(half, { cpu }), cpuPerPod)).toMatchObject({ value: 2.5, pods: 2 });
    const few = aged([300, 2, 2, 2]);
    expect(
      await look(answering(few, { cpu: each(few, (index) => (index < 1 ? steady(0.3) : climbing(2))) }), cpuPerPod),
    ).toMatchObject({ value: null, why: 'only 1 of its 4 pods had served for 5 min' });
  });

  test('the line of a pod that has gone sinks for five minutes: it counts nothing', async () => {
    const world = aged([300, 300]);
    const gone = line({ pod: 'model-server-7c9d8b6f5-gone1', container: 'server' }, steady(0.01));
    const cpu = [...each(world, () => steady(2.5)), gone, gone, gone];
    expect(await look(answering(world, { cpu }), cpuOfRequest)).toMatchObject({ pods: 2 });
    expect(await look(answering(world, { cpu }), cpuPerPod)).toMatchObject({ value: 2.5, pods: 2 });
    expect(await look(answering(world, { cpu: [gone] }), cpuPerPod)).toMatchObject({ value: null, why: 'no data' });
  });

  test('rates of the moment count as soon as a pod is ready', async () => {
    const world = aged([2, 2]);
    const read = readerOf(answering(world, { cpu: each(world, () => steady(0.9, 0)) }));
    const simulated = { ...read, metrics: { ...read.metrics, rateWindowMs: () => Promise.resolve(0) } };
    expect(await observeGoal(simulated, of, cpuPerPod)).toMatchObject({ value: 0.9, pods: 2, windowS: 0 });
  });

  test('of many pods the five youngest are asked since when they are ready', async () => {
    const world = aged(Array.from({ length: 12 }, () => 7));
    const asked: string[] = [];
    const read = readerOf(answering(world, { cpu: each(world, () => steady(0.9)) }));
    const counting = {
      ...read,
      kubernetes: {
        ...read.kubernetes,
        pod: (one: { readonly namespace: string; readonly name: string }) => {
          asked.push(one.name);
          return read.kubernetes.pod(one);
        },
      },
    };
    expect(await observeGoal(counting, of, cpuPerPod)).toMatchObject({ value: 0.9, pods: 12 });
    expect(asked).toHaveLength(5);
  });
});

test('a store that does not answer is said, and never thrown', async () => {
  const world = taking(healthy());
  const dead = (): never => {
    throw new Failure('timeout', 'no answer within 8 s');
  };
  const read = readerOf({ ...world, measured: { ...world.measured, series: dead } });
  expect(await observeGoal(read, of, latency)).toMatchObject({
    value: null,
    why: expect.stringContaining('no answer within 8 s') as string,
  });
  expect(await observeGoal(read, of, null)).toBeNull();
});
