import { describe, expect, test } from 'vitest';
import type { KubernetesRead } from '../core/ports/kubernetes.ts';
import { ago, at } from '../../test/playbooks/objects.ts';
import { asked, forbidden, row, shown, there, well } from '../../test/views/shown.ts';
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
