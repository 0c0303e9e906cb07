import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/contract.ts';
import { deployment, template } from '../../test/playbooks/objects.ts';
import type { StartUp } from '../readings/start-up.ts';
import type { Standing } from '../readings/standing.ts';
import { barred } from './barred.ts';
import { bounding, cordonReach, deadlineMsOf, evicting, replacing, sameBut, scaling, settleMsOf } from './reach.ts';
import type { Around } from './reach.ts';

const usual = 15 * 60_000;
const known = <V>(value: V): Outcome<V> => ({ known: true, value });
const unknown = (why: string): Outcome<never> => ({ known: false, why });
const open: Standing = { phase: 'Active', terminatingSince: null, waitsFor: [], podSecurity: null, says: null };
const users = { services: ['model-server'], budgets: [{ name: 'pdb', allowed: 2 }], scaledBy: ['autoscaler hpa'] };
const beside = (over: Partial<Around> = {}): Around => ({
  users: known(users),
  'start-up': known<StartUp>({ seconds: 95, pods: 5 }),
  namespace: known(open),
  ...over,
});
const service = deployment(template());
const strategy = (surgePods: number, unavailablePods: number) => ({ ...service.strategy, surgePods, unavailablePods });

describe('which pods, in what steps, how many serve meanwhile', () => {
  test.each([
    ['as usual', service, 12, 'replaces 12 pods, up to 6 at a time: at worst 9 of 12 (75 %) serve here meanwhile'],
    [
      'one by one',
      { ...service, strategy: strategy(0, 1) },
      12,
      'replaces 12 pods, one at a time: at worst 11 of 12 (92 %) serve here meanwhile',
    ],
    [
      'an extra one first',
      { ...service, strategy: strategy(1, 0) },
      12,
      'replaces 12 pods, one at a time: at worst 12 of 12 (100 %) serve here meanwhile',
    ],
    [
      'some are away already',
      { ...service, replicas: { ...service.replicas, ready: 7 } },
      3,
      'replaces 3 pods, up to 3 at a time: the 7 of 12 (58 %) that serve here now go on',
    ],
    [
      'all are away',
      { ...service, replicas: { ...service.replicas, ready: 0 } },
      12,
      'replaces 12 pods, up to 6 at a time: none of 12 serves here now',
    ],
    [
      'the only one',
      { ...service, replicas: { ...service.replicas, wanted: 1, ready: 1 }, strategy: strategy(0, 1) },
      1,
      'replaces 1 pod: at worst none of 1 serves here meanwhile',
    ],
    [
      'Recreate',
      { ...service, strategy: { ...strategy(0, 12), type: 'Recreate' as const } },
      12,
      'replaces all 12 pods at once: none of 12 serves here until they are ready',
    ],
    ['none', service, 0, 'replaces no pod'],
  ] as const)('%s', (_name, of, pods, said) => {
    expect(replacing(of, pods, beside(), usual).reach[0]).toBe(said);
  });

  test('scaling: what is added, what is left', () => {
    const first = (to: number) => scaling(service, to, beside(), usual).reach[0];
    expect(first(15)).toBe('starts 3 pods beside the 12 that serve here; none is taken away');
    expect(first(8)).toBe('takes away 4 of 12 pods: 8 of 12 (67 %) are left to serve here');
    expect(first(12)).toBe('starts and takes away no pod');
    expect(first(0)).toBe('takes away 12 of 12 pods: none is left to serve here');
    const away = { ...service, replicas: { ...service.replicas, wanted: 0, ready: 0 } };
    expect(scaling(away, 12, beside(), usual).reach[0]).toBe(
      'starts 12 pods (none serves here now); none is taken away',
    );
  });

  test('an extra pod that has no room is not counted on: what is said of the steps is one thing', () => {
    const moves = (extra?: number) => replacing(service, 12, beside(), usual, { extra }).reach[0];
    const serve = 'at worst 9 of 12 (75 %) serve here meanwhile';
    expect(moves(8)).toBe(`replaces 12 pods, up to 6 at a time: ${serve}`);
    expect(moves(1)).toBe(`replaces 12 pods, up to 4 at a time: ${serve}`);
    expect(moves(0)).toBe(
      `replaces 12 pods, up to 3 at a time, each when an old one has gone (no room for an extra pod): ${serve}`,
    );
  });

  test('the way back: all pods again, or those that came', () => {
    const whole = 'counted as if all of its pods were ready by then';
    const seven = { ...service, replicas: { ...service.replicas, ready: 7 } };
    expect(replacing(seven, 3, beside(), usual, { verb: 'starts' }).backReach).toEqual([
      'replaces 12 pods, up to 6 at a time: at worst 9 of 12 (75 %) serve here meanwhile',
      expect.stringContaining('disruption budget pdb (not heeded by this)'),
      whole,
    ]);
    expect(scaling(service, 15, beside(), usual).backReach[0]).toBe(
      'takes away 3 of 15 pods: 12 of 15 (80 %) are left to serve here',
    );
  });

  // 12 run, between 12 and 24.
  test.each([
    [
      'a higher maximum',
      [12, 30],
      'it may start up to 18 pods beside the 12 that serve here; none is taken away',
      'if more than 24 run then, it takes those above away',
    ],
    [
      'a higher minimum',
      [16, 24],
      'starts 4 pods beside the 12 that serve here; none is taken away',
      'it may go down to 12 pods again',
    ],
    [
      'a lower minimum',
      [5, 24],
      'it may take away up to 7 of 12 pods: 5 of 12 (42 %) are left to serve here. About 7 by its use',
      'if fewer than 12 run then, it starts the rest',
    ],
    [
      'a lower minimum and a higher maximum',
      [5, 90],
      'it may start up to 78 pods, or take away up to 7 of 12 pods: 5 of 12 (42 %) are left to serve here. About 7 by its use',
      'if fewer than 12 run then, it starts the rest; if more than 24 run then, it takes those above away',
    ],
    [
      'a maximum below what runs',
      [8, 8],
      'takes away 4 of 12 pods: 8 of 12 (67 %) are left to serve here. About 7 by its use',
      'if fewer than 12 run then, it starts the rest; it may go up to 24 pods again',
    ],
    ['a maximum above what runs', [12, 20], 'starts and takes away no pod', 'it may go up to 24 pods again'],
  ] as const)('bounds of an autoscaler: %s', (_name, [min, max], said, back) => {
    const bounds = { from: { min: 12, max: 24 }, to: { min, max }, why: 'About 7 by its use' };
    const { reach, backReach } = bounding(service, bounds, beside(), usual);
    expect(reach[0]).toBe(said);
    expect(backReach[0]).toBe(back);
    expect(backReach.join()).not.toContain('counted as if');
  });

  test('a budget counts for an eviction, and is not heeded by a rollout', () => {
    expect(evicting(service, beside(), usual).reach).toEqual([
      'replaces 1 pod: 11 of 12 (92 %) serve here meanwhile',
      'rests on its pods too: service model-server, disruption budget pdb (lets 2 go now) and autoscaler hpa',
      'a pod is usually ready 95 s after it is placed (slowest of 5); done counts once all have stayed ready for 95 s',
    ]);
    expect(replacing(service, 12, beside(), usual).reach[1]).toBe(
      'rests on its pods too: service model-server, disruption budget pdb (not heeded by this) and autoscaler hpa',
    );
  });

  test('what is not known is said to be so, without the whole rule', () => {
    const forbidden = unknown(
      'forbidden: the bot lacks the right "list services in namespace a"; the rule to add: {x}',
    );
    const { reach } = replacing(service, 12, { users: forbidden, 'start-up': forbidden, namespace: forbidden }, usual);
    expect(reach.slice(1)).toEqual([
      'what else rests on its pods: could not tell (forbidden: the bot lacks the right "list services in namespace a")',
      'how long its pods take to start is not known: assumed is that 60 s of all ready are enough',
      'whether its namespace lets new pods in: could not tell (forbidden: the bot lacks the right "list services in namespace a")',
    ]);
  });

  test('a standard newer than the ones known', () => {
    const says = { isNewer: true, refuses: {} };
    const namespace = known<Standing>({ ...open, podSecurity: { level: 'restricted', version: 'v1.40' }, says });
    expect(replacing(service, 12, beside({ namespace }), usual).reach.at(-1)).toBe(
      'whether Pod Security (restricted, v1.40) refuses new pods: could not tell, that version is newer than the one I know',
    );
  });
});

describe('how long it must hold, and when to stop waiting', () => {
  const times = (seconds: number | null, rounds = 2) => {
    const plan = { pace: { seconds, pods: 5, rounds } };
    return [settleMsOf(plan, usual) / 1000, deadlineMsOf(plan, usual) / 60_000];
  };
  test.each([
    ['measured', 95, 2, [95, 15]],
    ['quick: never less than half a minute', 3, 2, [30, 15]],
    ['slow: at most a third of the deadline, which is later', 600, 2, [300, 45]],
    ['very slow: an hour at most', 1800, 6, [300, 60]],
    ['not measured: as assumed', null, 6, [60, 15]],
  ] as const)('%s', (_name, seconds, rounds, expected) => {
    expect(times(seconds, rounds)).toEqual(expected);
  });
  test('a metric that it is judged by is waited for, too', () => {
    const plan = { pace: { seconds: 180, pods: 5, rounds: 1 }, goal: { measure: 'throttling', below: 0.1 } as const };
    expect(deadlineMsOf(plan, usual) / 60_000).toBe(6 + 8 + 3);
    expect(deadlineMsOf({ ...plan, goal: null }, usual)).toBe(usual);
  });
  test('a plan of an older version', () => {
    expect([settleMsOf({}, usual), deadlineMsOf({}, usual)]).toEqual([60_000, usual]);
  });
});

test('an offer is the same though what was counted for it has moved', () => {
  const plan = { name: 'a', digest: 'x' };
  const counted = { ...plan, ...replacing(service, 12, beside(), usual) };
  expect(sameBut(counted)).toEqual(plan);
});

describe('what bars new pods', () => {
  const on = (namespace: Partial<Standing>) =>
    barred(beside({ namespace: known({ ...open, ...namespace }) }), 'ml', service.templateDigest);
  const podSecurity = { level: 'restricted', version: 'latest' } as const;
  const refuses = (...why: readonly string[]) => ({ isNewer: false, refuses: { [service.templateDigest]: why } });

  test('nothing', () => {
    expect(on({})).toBeNull();
    expect(on({ podSecurity, says: refuses() })).toBeNull();
    expect(barred(beside({ namespace: unknown('forbidden: x') }), 'ml', 'a')).toBeNull();
  });
  test('Pod Security, with the first reasons', () => {
    expect(on({ podSecurity, says: refuses('container a is privileged') })).toBe(
      'Pod Security of namespace ml (restricted, latest) would refuse its new pods: container a is privileged',
    );
    expect(on({ podSecurity, says: refuses('a', 'b', 'c', 'd') })).toBe(
      'Pod Security of namespace ml (restricted, latest) would refuse its new pods: a; b; and 2 more reasons',
    );
  });
  test('a namespace that goes', () => {
    expect(on({ phase: 'Terminating', terminatingSince: '2026-03-14T02:03:00Z' })).toBe(
      'namespace ml is being deleted since 02:03 UTC: nothing new can be made in it',
    );
  });
});

test('a cordon: what goes on there, what is free elsewhere', () => {
  const model = { name: 'ml/model-server', pods: 3, gpus: 3 };
  const seen = { node: 'n', workloads: [model, { name: 'ml/web', pods: 1, gpus: 0 }], others: 0, daemons: 4 };
  expect(cordonReach(known({ ...seen, elsewhere: { nodes: 1, cpu: 20, gpus: 1 } }))).toEqual([
    'goes on there: ml/model-server 3 pods (3 GPUs), ml/web 1 pod and 4 others of DaemonSets',
    'new pods have what is free on 1 other node: 20 CPUs and 1 GPU',
  ]);
  expect(cordonReach(unknown('timeout: no answer'))).toEqual([
    'which pods stand on it, and what is free elsewhere: could not tell (timeout: no answer)',
  ]);
});
