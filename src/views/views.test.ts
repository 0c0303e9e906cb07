import { describe, expect, test } from 'vitest';
import { Failure } from '../core/failure.ts';
import type { Autoscaler, KubernetesRead, PodRow } from '../core/ports/kubernetes.ts';
import { ago, at } from '../../test/playbooks/objects.ts';
import { asked, forbidden, row, shown, there, well } from '../../test/views/shown.ts';
import { describe as describe_ } from './describe.ts';
import { events } from './events.ts';
import { logs } from './logs.ts';
import { pods } from './pods.ts';
import { top } from './top.ts';

/** What a person reads, from recorded answers of the cluster: the whole text, so that every word of it is read here too. */

describe('pods', () => {
  test('what is wrong first; those that are well in a line; a region that may not be read says the rule to add', async () => {
    const us = [
      ...well(9),
      row('crashes', { readyContainers: 0, status: 'CrashLoopBackOff', restarts: 14 }),
      row('waits', { readyContainers: 0, status: 'Pending', node: '', createdAt: ago(3) }),
      row('leaves', { terminating: true }),
      row('restarted', { restarts: 1 }),
      row('gone', { status: 'Evicted', readyContainers: 0 }),
    ];
    const said = await shown(pods, asked('pods'), {
      'us-east-1': { deployment: async () => there, pods: async () => us },
      'eu-west-1': { deployment: async () => there, pods: forbidden },
      'ap-southeast-1': { deployment: async () => there, pods: async () => [] },
    });
    expect(said).toBe(
      [
        'model-server · pods · 3 regions',
        'us-east-1: 10 of 12 ready · 1 CrashLoopBackOff, 1 Pending · 1 terminating · 15 restarts',
        'POD        READY  STATUS            RESTARTS  AGE    NODE',
        'crashes    0/1    CrashLoopBackOff  14        3 d    node-1',
        'waits      0/1    Pending           0         3 min  (not placed)',
        'leaves     1/1    Terminating       0         3 d    node-1',
        'restarted  1/1    Running           1         3 d    node-1',
        'and 9 pods Running 1/1 (template abc), 0 restarts, 3 d old, on 1 node',
        'and 1 pod Evicted 0/1 (template abc), 0 restarts, 3 d old, on 1 node',
        'eu-west-1: could not look: forbidden: list pods in ml-platform (eu-west-1): the bot lacks the right "list pods in namespace ml-platform"; the rule to add: {apiGroups: [""], resources: ["pods"], verbs: ["list"]}',
        'ap-southeast-1: no pods',
        '_Looked at 02:42:00 UTC · 2 of 3 regions answered · changed nothing_',
      ].join('\n'),
    );
  });

  test('5,000 pods are a handful of lines', async () => {
    const said = await shown(pods, asked('pods'), {
      'us-east-1': { deployment: async () => there, pods: async () => well(5_000) },
    });
    expect(said.split('\n').length).toBeLessThan(8);
    expect(said).toMatch(/5000 of 5000 ready/);
  });
});

describe('logs', () => {
  const pod = {
    name: 'a',
    phase: 'Running',
    containers: [
      { name: 'server', ready: true },
      { name: 'sidecar', ready: true },
    ],
    initContainers: [],
  } as unknown as Awaited<ReturnType<KubernetesRead['pod']>>;
  const cluster = (log: KubernetesRead['log']): Partial<KubernetesRead> => ({
    deployment: async () => there,
    pods: async () => [row('a'), row('b')],
    pod: async ({ name }) => (name === 'a' && pod !== null ? pod : null),
    log,
  });

  test('which were read, what matched of how much, and what could not be read', async () => {
    const lines = ['GET /health 200', 'GET /predict 500 in 3 ms', 'GET /predict 503 in 4 ms'];
    const said = await shown(logs, asked('logs', { grep: { is: 'regex', source: ' 5\\d\\d ', ignoreCase: false } }), {
      'eu-west-1': cluster(async () => ({ lines, cut: true })),
    });
    expect(said).toBe(
      [
        'model-server · logs · eu-west-1',
        'eu-west-1: 1 of 2 pods read: 2 lines match',
        '--- a (server): last 2 of 2 that match, in 3 lines read, older ones not, other containers: sidecar',
        'GET /predict 500 in 3 ms',
        'GET /predict 503 in 4 ms',
        '`b`: could not read: it is gone',
        '_Searched for `/ 5\\d\\d /` in at most 5000 lines of a pod, after secrets were taken out_',
        '_Looked at 02:42:00 UTC · changed nothing_',
      ].join('\n'),
    );
  });

  test('an expression that is too much work says so', async () => {
    const lines = Array.from({ length: 3_000 }, () => 'ab'.repeat(1_000));
    const said = await shown(logs, asked('logs', { grep: { is: 'regex', source: '(a|b|ab)*c', ignoreCase: false } }), {
      'eu-west-1': cluster(async () => ({ lines, cut: false })),
    });
    expect(said).toMatch(
      /no line matches[\s\S]*The expression is too much work for all of it: only the newest lines were searched/,
    );
  });
});

describe('logs where not all pods can be read', () => {
  const running = { name: 'x', phase: 'Running', containers: [{ name: 'server', ready: true }], initContainers: [] };
  const of = (rows: readonly PodRow[], log: KubernetesRead['log']): Partial<KubernetesRead> => ({
    deployment: async () => there,
    pods: async () => rows,
    pod: async ({ name }) => ({ ...running, name }) as unknown as Awaited<ReturnType<KubernetesRead['pod']>>,
    log,
  });
  const waits = (name: string, status: string): PodRow => row(name, { status, readyContainers: 0 });

  test('what has not begun has no log; those that run are read in its place', async () => {
    const rows = [...Array.from({ length: 7 }, (_, index) => waits(`w${index}`, 'ImagePullBackOff')), row('runs')];
    const said = await shown(logs, asked('logs'), {
      'eu-west-1': of(rows, async () => ({ lines: ['hello'], cut: false })),
      'us-east-1': of(rows.slice(0, 2), async () => ({ lines: [], cut: false })),
    });
    expect(said).toMatch(/eu-west-1: 1 of 8 pods read\n--- runs \(server\): last 1 of 1 line read\nhello/);
    expect(said).toMatch(/No log yet, as nothing has begun there: 7 ImagePullBackOff/);
    expect(said).toMatch(/us-east-1: none of 2 pods has a log yet/);
  });

  test('pods on a lost node: others are read, and the reason stands once', async () => {
    const lost = Array.from({ length: 6 }, (_, index) => row(`lost-${index}`, { readyContainers: 0 }));
    const said = await shown(logs, asked('logs'), {
      'eu-west-1': of([...lost, row('runs')], async ({ name }) => {
        if (name.startsWith('lost')) throw new Failure('server error', 'dial tcp: i/o timeout');
        return { lines: ['hello'], cut: false };
      }),
    });
    expect(said).toMatch(/eu-west-1: 1 of 7 pods read/);
    expect(said).toMatch(
      /`lost-0`, `lost-1`, `lost-2` and 3 more: could not read: server error: dial tcp: i\/o timeout/,
    );
  });
});

test('describe: what an autoscaler does not see is not zero, and that it is blind or full is said', async () => {
  const scaler = (over: Partial<Autoscaler>): Partial<KubernetesRead> => ({
    deployment: async () => there,
    revisions: async () => [],
    disruptionBudgets: async () => [],
    events: async () => [],
    autoscaler: async () => ({
      name: 'model-server',
      min: 6,
      max: 12,
      current: 9,
      desired: 9,
      conditions: [],
      uid: 'hpa',
      metrics: [{ name: 'cpu', current: 'unknown', target: '80%' }],
      scaledObject: null,
      ...over,
    }),
  });
  const blind = { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', since: null } as const;
  const said = await shown(describe_, asked('describe'), {
    'us-east-1': scaler({ conditions: [{ ...blind, message: 'no metrics returned', updatedAt: null }] }),
    'eu-west-1': scaler({ current: 12, metrics: [{ name: 'cpu', current: '0% of request', target: '80%' }] }),
  });
  expect(said).toMatch(
    /Autoscaler: 9 now, 6 to 12 · cpu: not known, target 80% · it scales nothing now: FailedGetResourceMetric, no metrics returned/,
  );
  expect(said).toMatch(/Autoscaler: 12 now, 6 to 12, at its maximum · cpu 0% of request, target 80%/);
  expect(said).not.toMatch(/cpu unknown/);
});

test('events: nothing seen is not nothing happened', async () => {
  const said = await shown(events, asked('events', { name: '' }), { 'eu-west-1': { events: async () => [] } });
  expect(said).toBe(
    [
      'everything in ml-platform · events · eu-west-1',
      'eu-west-1: no events in the last 60 min',
      '_Kubernetes keeps events for about an hour: none here does not mean that nothing happened before_',
      '_Looked at 02:42:00 UTC · changed nothing_',
    ].join('\n'),
  );
});

test('top: without a template nothing is claimed of request and limit', async () => {
  const use = [
    {
      pod: 'model-server-abc-12345',
      at,
      windowS: 30,
      containers: [{ name: 'server', cores: 1.5, memoryBytes: 8 * 2 ** 30 }],
    },
  ];
  const said = await shown(top, asked('top'), {
    'eu-west-1': {
      deployment: async () => there,
      podUse: async () => use,
      revisions: async () => [],
      pods: async () => [row('model-server-abc-12345'), row('waits', { status: 'Pending', node: '' })],
    },
  });
  expect(said).toMatch(/1 pod, .*[\s\S]*Without a sample, so not in these numbers: pods 1 Pending/);
  expect(said).toMatch(/model-server-abc-12345 {2}1\.5 cores {2}\? {11}\? {9}8 GiB {3}\? {11}\?/);
  expect(said).toMatch(/over 30 s: a shorter peak is not in it/);
});
