import { describe, expect, test } from 'vitest';
import type { Autoscaler } from '../../src/core/ports/kubernetes.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import type { Row } from '../readings/pod-rows.ts';
import { cameWith } from './blame.ts';
import { rowsOf } from '../readings/top.ts';
import { costOf, cores, scalerOf, shiftOf } from './picture.ts';
import { retriesIn } from './retries.ts';
import { dailyShift } from './traffic.ts';
import { lasting, useOf } from './use.ts';

const at = '2026-03-14T02:42:00.000Z';
const nowS = Date.parse(at) / 1000;
const line = (value: (minutesAgo: number) => number | null, labels: Series['labels'] = {}, minutes = 120): Series => ({
  labels,
  points: Array.from({ length: minutes / 2 + 1 }, (_, index) => {
    const ago = minutes - index * 2;
    return [nowS - ago * 60, value(ago)] as const;
  }),
});

describe('what lasts', () => {
  test('a spike of half the time is none', () => {
    expect(lasting([1, 1, 1, 9, 9, 9])).toBe(1);
    expect(lasting([1, 1, 9, 9, 9])).toBe(9);
    expect(lasting([])).toBeNull();
  });

  test('a rise, since when, and that it is still there', () => {
    expect(
      shiftOf(
        line((ago) => (ago > 26 ? 14 : 28)),
        at,
        14,
      ),
    ).toMatchObject({
      before: 14,
      now: 28,
      ratio: 2,
      since: '2026-03-14T02:16:00.000Z',
      against: 'before',
    });
    // Over again: it is compared with the day before.
    expect(
      shiftOf(
        line((ago) => (ago < 40 && ago > 12 ? 28 : 14)),
        at,
        14,
      ),
    ).toMatchObject({ ratio: 1, since: null });
    expect(
      shiftOf(
        line((ago) => (ago < 5 ? 28 : 14)),
        at,
        null,
      ),
    ).toMatchObject({ ratio: 1, against: 'two hours ago' });
    expect(
      shiftOf(
        line(() => null),
        at,
        14,
      ),
    ).toBeNull();
  });

  test('what is so every day at this hour is no change', () => {
    const up = line((ago) => 28 - ago / 8);
    expect(shiftOf(up, at, 28)?.against).toBe('before');
    expect(dailyShift(up, at, 27)).toMatchObject({ before: 27, since: null, against: 'a day before' });
    expect(dailyShift(up, at, 14)?.against).toBe('before');
  });
});

describe('use', () => {
  const row = (name: string, minutesAgo: number): Row => ({
    name,
    uid: name,
    node: 'n',
    status: 'Running',
    restarts: 0,
    createdAt: new Date((nowS - minutesAgo * 60) * 1000).toISOString(),
    hash: 'h',
    ready: true,
  });

  test('young pods and pods that are gone do not count, but their CPU was used', () => {
    const gone = line(() => 1, { pod: 'c', container: 'server' });
    const all = [
      line(() => 2, { pod: 'a', container: 'server' }),
      line(() => 3, { pod: 'b', container: 'server' }, 8),
      { ...gone, points: gone.points.slice(0, 30) },
    ];
    const use = useOf(all, [row('a', 500), row('b', 8)], null);
    expect(use.containers).toEqual([{ container: 'server', pods: 1, median: 2, highest: 2 }]);
    expect(use.young).toBe(1);
    expect(use.total[0]?.points.map(([, value]) => value)).toEqual([
      ...Array.from({ length: 30 }, () => 3),
      ...Array.from({ length: 26 }, () => 2),
      ...Array.from({ length: 5 }, () => 5),
    ]);
  });

  test('pods that were added take load off: only what came after them counts, and nothing right after', () => {
    const old = (since: number) => line((ago) => (ago > since ? 3.5 : 2.6), { pod: 'a', container: 'server' });
    const after = (since: number) => useOf([old(since)], [row('a', 500), row('b', since)], null);
    expect(after(6)).toMatchObject({ settling: false, containers: [{ median: 2.6 }] });
    expect(after(2)).toMatchObject({ settling: true });
    // Made after the newest of the numbers.
    expect(after(-1)).toMatchObject({ settling: true });
    // One of very many changes nothing for the others.
    const many = Array.from({ length: 30 }, (_, index) => row(`p${index}`, 500));
    expect(useOf([old(2)], [row('a', 500), ...many, row('b', 2)], null)).toMatchObject({
      settling: false,
      containers: [{ median: 3.5 }],
    });
  });

  test('of thousands of pods a few lines are kept, and all are counted', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `p${index}`);
    const all = names.map((pod, index) => line(() => 1 + index / 1000, { pod, container: 'server' }, 20));
    const use = useOf(
      all,
      names.map((name) => row(name, 500)),
      null,
    );
    expect([use.of, use.series.length, use.pods.length]).toEqual([2000, 40, 60]);
    expect(use.containers[0]).toMatchObject({ pods: 2000, median: expect.closeTo(2, 2) as number });
    expect(use.pods[0]?.pod).toBe('p1999');
  });

  test('what a request costs, only where both are there', () => {
    const cost = costOf(
      line((ago) => (ago > 60 ? 6 : 12)),
      line((ago) => (ago % 4 === 0 ? 12 : null)),
    );
    expect(cost.points).toHaveLength(31);
    expect([cost.points[0]?.[1], cost.points.at(-1)?.[1]]).toEqual([0.5, 1]);
  });

  test.each([
    [0.446, '0.45 cores'],
    [1, '1 core'],
    [3.54, '3.5 cores'],
    [12, '12 cores'],
  ])('%d is %s', (value, said) => {
    expect(cores(value)).toBe(said);
  });
});

test('top, by the names of its columns; itself left out', () => {
  const lines = [
    'top - 02:42:00 up 30 days, load average: 5.9, 5.6, 5.3',
    '    PID USER      PR  NI    VIRT    RES    SHR S   %CPU  %MEM     TIME+ COMMAND',
    '      1 app       20   0   41.3g  15.9g  612m S  190.0   8.8  12:04.51 serve',
    '    812 app       20   0    0.1g   0.0g  612m R  340.0   0.0   1:04.51 tokenizer-worker',
    '    900 app       20   0    0.1g   0.0g  612m R    6.0   0.0   0:00.01 top',
  ];
  expect(rowsOf(lines)).toEqual([
    { name: 'tokenizer-worker', cores: 3.4 },
    { name: 'serve', cores: 1.9 },
  ]);
  // BusyBox counts in shares of all cores ("5%"): nothing is claimed of those.
  expect(
    rowsOf([
      'Mem: 1K used',
      '  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND',
      '    1     0 root     S     1234   0%   0   5% serve',
    ]),
  ).toEqual([]);
  expect(rowsOf(['no such thing'])).toEqual([]);
});

describe('the same requests again', () => {
  test('ids that came before, whichever pod they came to', () => {
    const log = (id: string) => `INFO request id=${id} path=/predict status=200`;
    expect(retriesIn([[log('aaaaaa01'), log('aaaaaa02')], [log('aaaaaa01')]])).toEqual({
      requests: 3,
      again: 1,
      attempts: 0,
      later: 0,
    });
  });

  test('attempts count from one, retries from none', () => {
    const told = (text: string) => `status=503 request_id=abcdef ${text}`;
    expect(retriesIn([[told('attempt=1'), told('attempt=2'), told('retry=0'), told('retry=1')]])).toMatchObject({
      attempts: 4,
      later: 2,
    });
  });

  test('lines that end no request are none', () => {
    expect(retriesIn([['INFO id=abcdef01 loading', 'DEBUG id=abcdef01 queued']])).toMatchObject({ requests: 0 });
  });
});

describe('how an autoscaler stands', () => {
  const hpa = (over: Partial<Autoscaler>, active = 'True', limited = 'False'): Autoscaler => ({
    name: 'm',
    uid: 'u',
    min: 6,
    max: 12,
    current: 6,
    desired: 6,
    scaledObject: null,
    metrics: [{ name: 'cpu', current: '95% of request', target: '80%' }],
    conditions: [
      { type: 'ScalingActive', status: active as 'True', reason: 'x', message: 'why', since: at, updatedAt: null },
      {
        type: 'ScalingLimited',
        status: limited as 'True',
        reason: 'TooManyReplicas',
        message: '',
        since: at,
        updatedAt: null,
      },
    ],
    ...over,
  });
  test.each([
    ['none', null],
    ['blind', hpa({}, 'False')],
    ['at maximum', hpa({ desired: 12 }, 'True', 'True')],
    ['has room', hpa({ desired: 8 })],
    ['at target', hpa({ metrics: [{ name: 'cpu', current: '87% of request', target: '80%' }] })],
    // At its maximum, and at its target: nobody wants more.
    ['at target', hpa({ desired: 12, metrics: [{ name: 'cpu', current: '70%', target: '80%' }] }, 'True', 'True')],
    // It goes by something else.
    ['has room', hpa({ metrics: [{ name: 's0-prometheus', current: '9', target: '5' }] })],
  ])('%s', (is, of) => {
    expect(scalerOf(of, 0.95).is).toBe(is);
  });
});

test('a version is to blame when it began with it, not long before or after', () => {
  const template = {
    containers: [],
    initContainers: [],
    serviceAccount: '',
    pullSecrets: [],
    nodeSelector: {},
    volumes: [],
    placement: { tolerations: '', nodeAffinity: '', podAffinity: '', spread: '', hostPorts: '' },
    restartedAt: null,
  };
  const revision = (number: number, createdAt: string) => ({
    uid: `rs-${number}`,
    name: `m-${number}`,
    number,
    hash: `h${number}`,
    templateDigest: `d${number}`,
    template: { ...template, serviceAccount: `s${number}` },
    createdAt,
    replicas: { wanted: 0, ready: 0, available: 0 },
    changeCause: null,
    conditions: [],
  });
  const all = [revision(1, '2026-03-01T00:00:00.000Z'), revision(2, '2026-03-14T02:15:00.000Z')];
  const of = { templateDigest: 'd2', template: all[1]?.template } as unknown as Parameters<typeof cameWith>[0];
  expect(cameWith(of, all, '2026-03-14T02:18:00.000Z')).toEqual({ revision: 'rs-2', before: 'rs-1' });
  expect(cameWith(of, all, '2026-03-14T01:20:00.000Z')).toBeNull();
  expect(cameWith(of, all, '2026-03-14T03:20:00.000Z')).toBeNull();
  expect(cameWith(of, all, null)).toBeNull();
});
