import { describe, expect, test } from 'vitest';
import { deploymentOf } from './deployment.ts';
import { selectorText } from './selector.ts';
import { diffOf } from './diff.ts';
import { amountOf, placeOf, useOf } from './nodes.ts';
import { deployment } from './objects.ts';
import { event, placedPod, pod } from './pod-objects.ts';
import { eventOf, podOf } from './pods.ts';
import { digestOf, templateOf } from './template.ts';

const template = (container: object = {}, more: object = {}): Record<string, unknown> => ({
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'main', image: 'a:1', ...container }], ...more },
});
const made = (spec: object, metadata: object = {}): ReturnType<typeof deploymentOf> =>
  deploymentOf(
    deployment.parse({
      metadata: { name: 'x', uid: 'u', ...metadata },
      spec: { selector: { matchLabels: { app: 'x' } }, template: template(), ...spec },
    }),
    { kind: 'none', name: '', reverts: 'no' },
  );

describe('a deployment', () => {
  test.each([
    [3, '25%', '25%', 1, 0],
    [4, '25%', '25%', 1, 1],
    [10, '25%', '25%', 3, 2],
    [3, '0', '25%', 0, 1], // both round to zero: the controller allows one
    [2, 1, 0, 1, 0],
    [2, 0, 5, 0, 2],
    [0, '25%', '25%', 0, 1],
  ])(
    '%i wanted, surge %s, unavailable %s: %i more and %i fewer',
    (replicas, maxSurge, maxUnavailable, surgePods, unavailablePods) => {
      const { strategy } = made({ replicas, strategy: { rollingUpdate: { maxSurge, maxUnavailable } } });
      expect(strategy).toMatchObject({ surgePods, unavailablePods, maxSurge: String(maxSurge) });
    },
  );

  test('Recreate takes all down first', () => {
    expect(made({ replicas: 3, strategy: { type: 'Recreate' } }).strategy).toMatchObject({
      type: 'Recreate',
      surgePods: 0,
      unavailablePods: 3,
    });
  });

  test('who changed the template last: the newest entry that holds a part of it', () => {
    const fields = { 'f:spec': { 'f:template': {} } };
    const managedFields = [
      { manager: 'argocd-controller', time: '2026-01-01T00:00:00Z', fieldsV1: fields },
      { manager: 'kubectl-set', time: '2026-01-02T00:00:00Z', fieldsV1: fields },
      { manager: 'mlp-bot', time: '2026-01-03T00:00:00Z', fieldsV1: { 'f:metadata': {} } },
      { manager: 'kube-controller-manager', time: '2026-01-04T00:00:00Z', subresource: 'status', fieldsV1: fields },
    ];
    expect(made({}, { managedFields }).templateChangedBy).toEqual({
      manager: 'kubectl-set',
      at: '2026-01-02T00:00:00Z',
    });
  });

  test('who holds which part: the parts of each manager, in all of its entries', () => {
    const holding = (inside: object): object => ({
      'f:spec': {
        'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:name': {}, ...inside } } } },
      },
    });
    const managedFields = [
      { manager: 'argocd-controller', time: '2026-01-01T00:00:00Z', fieldsV1: holding({ 'f:image': {}, 'f:env': {} }) },
      {
        manager: 'argocd-controller',
        time: '2026-01-02T00:00:00Z',
        fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:tolerations': {} } } } },
      },
      {
        manager: 'kubectl-edit',
        time: '2026-01-03T00:00:00Z',
        fieldsV1: holding({ 'f:resources': {}, 'f:livenessProbe': {} }),
      },
      { manager: 'mlp-bot', time: '2026-01-04T00:00:00Z', fieldsV1: { 'f:metadata': { 'f:annotations': {} } } },
    ];
    expect(made({}, { managedFields }).templateOwners).toEqual([
      { manager: 'argocd-controller', at: '2026-01-02T00:00:00Z', parts: ['environment', 'image', 'placement'] },
      { manager: 'kubectl-edit', at: '2026-01-03T00:00:00Z', parts: ['probes', 'resources'] },
    ]);
  });

  test('selectors in the text that kubectl takes', () => {
    const matchExpressions = [
      { key: 'tier', operator: 'In', values: ['gpu', 'cpu'] },
      { key: 'zone', operator: 'NotIn', values: ['a'] },
      { key: 'live', operator: 'Exists', values: [] },
      { key: 'old', operator: 'DoesNotExist', values: [] },
    ];
    expect(selectorText({ matchLabels: { app: 'x' }, matchExpressions })).toBe(
      'app=x,tier in (gpu,cpu),zone notin (a),live,!old',
    );
  });
});

describe('a pod template', () => {
  test('its digest leaves out the hash, and nothing else', () => {
    const hashed = {
      ...template(),
      metadata: { labels: { app: 'x', 'pod-template-hash': '5d8c' }, creationTimestamp: null },
    };
    expect(digestOf(hashed)).toBe(digestOf(template()));
    expect(digestOf(template({ image: 'a:2' }))).not.toBe(digestOf(template()));
    expect(digestOf(template({ unknownField: 1 }))).not.toBe(digestOf(template()));
    expect(hashed.metadata.labels['pod-template-hash']).toBe('5d8c');
  });

  test('secrets in commands go, names of variables stay and their values do not come along', () => {
    const read = templateOf(
      template(
        {
          command: ['serve', '--password', 'hunter2'],
          args: ['--url=postgres://ada:hunter2@db/x'],
          env: [
            { name: 'PLAIN', value: 'hunter2' },
            { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
          envFrom: [{ prefix: 'A_', secretRef: { name: 's', optional: true } }],
          livenessProbe: { exec: { command: ['cat', '/ready'] }, periodSeconds: 10 },
          startupProbe: { httpGet: { port: 'http', path: '/health', scheme: 'HTTPS' } },
        },
        {
          volumes: [
            { name: 'v', persistentVolumeClaim: { claimName: 'c' } },
            { name: 't', emptyDir: {} },
          ],
        },
      ),
    );
    expect(JSON.stringify(read)).not.toContain('hunter2');
    const [main] = read.containers;
    expect(main?.command).toEqual([
      'serve',
      '--password',
      '[redacted: password]',
      '--url=postgres://ada:[redacted: password]@db/x',
    ]);
    expect(main?.env).toEqual([
      { is: 'whole secret', variable: 'A_', name: 's', optional: true },
      { is: 'value', variable: 'PLAIN' },
      { is: 'value', variable: 'POD' },
    ]);
    expect([main?.liveness?.asks, main?.startup?.asks]).toEqual(['exec cat /ready', 'GET https :http/health']);
    expect(read.volumes).toEqual([
      { name: 'v', from: 'claim', source: 'c', optional: false },
      { name: 't', from: 'other', source: '', optional: false },
    ]);
    expect(read.serviceAccount).toBe('default');
  });
});

describe('a diff', () => {
  const object = (containers: readonly object[], metadata: object = {}): object => ({
    metadata: { resourceVersion: '1', generation: 1, managedFields: [{}], ...metadata },
    spec: { template: { spec: { containers } } },
    status: { replicas: 1 },
  });

  test('says nothing of what the server keeps for itself, nor of the fence', () => {
    const before = object([{ name: 'main', image: 'a' }]);
    const after = {
      ...object([{ name: 'main', image: 'a' }], {
        resourceVersion: '2',
        generation: 2,
        annotations: { 'mlp-bot/fence': 'x' },
      }),
      status: {},
    };
    expect(diffOf(before, after)).toEqual([]);
  });

  test('names the container where there are several, and follows it when its place moves', () => {
    const before = object([
      { name: 'a', image: '1' },
      { name: 'b', image: '1', args: ['--token', 'hunter2'] },
    ]);
    const after = object([
      { name: 'b', image: '2', args: ['--token', 'hunter3'] },
      { name: 'a', image: '1' },
    ]);
    const lines = diffOf(before, after);
    expect(lines).toContain('- image of b: 1');
    expect(lines).toContain('+ image of b: 2');
    expect(lines.join('\n')).not.toMatch(/hunter|of a/);
  });

  test('variables: that a value changes is said, never the value', () => {
    const before = object([
      {
        name: 'main',
        env: [
          { name: 'A', value: 'hunter2' },
          { name: 'B', value: 'same' },
        ],
      },
    ]);
    const after = object([
      {
        name: 'main',
        env: [
          { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          { name: 'B', value: 'same' },
        ],
      },
    ]);
    expect(diffOf(before, after)).toEqual([
      '- env A: (value not shown)',
      '+ env[A].valueFrom.secretKeyRef.name: s',
      '+ env[A].valueFrom.secretKeyRef.key: k',
    ]);
  });
});

describe('nodes', () => {
  test.each([
    ['250m', 0.25],
    ['2', 2],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['64Mi', 2 ** 26],
    ['1e3', 1000],
    ['100M', 1e8],
    ['nonsense', 0],
  ])('%s is %d', (text, amount) => {
    expect(amountOf(text)).toBe(amount);
  });

  test('what a pod holds: containers with sidecars, or its greatest start, plus overhead; terminating GPUs are counted', () => {
    const cpu = (amount: string): object => ({ resources: { requests: { cpu: amount } } });
    const pods = [
      {
        metadata: {},
        spec: {
          nodeName: 'n',
          containers: [cpu('500m'), cpu('1')],
          initContainers: [{ ...cpu('250m'), restartPolicy: 'Always' }, cpu('3')],
        },
      },
      { metadata: {}, spec: { nodeName: 'n', containers: [cpu('1')], overhead: { cpu: '100m' } } },
      {
        metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
        spec: { nodeName: 'n', containers: [{ resources: { requests: { 'nvidia.com/gpu': '2', memory: '1Gi' } } }] },
      },
      { metadata: {}, spec: { containers: [cpu('9')] } },
    ].map((one) => placedPod.parse(one));
    expect(useOf(pods.map(placeOf))).toEqual([
      {
        node: 'n',
        pods: 3,
        requested: { cpu: '4350m', 'nvidia.com/gpu': '2', memory: '1073741824' },
        gpusTerminating: 2,
      },
    ]);
  });
});

describe('pods and events', () => {
  test('a container that was killed: code, times, the last state; messages without secrets', () => {
    const read = podOf(
      pod.parse({
        metadata: { name: 'p', uid: 'u' },
        spec: { containers: [{ name: 'main', resources: { limits: { 'nvidia.com/gpu': 2 } } }] },
        status: {
          phase: 'Running',
          containerStatuses: [
            {
              name: 'main',
              restartCount: 3,
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'token=hunter2' } },
              lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-01-01T00:00:00Z' } },
            },
          ],
        },
      }),
    );
    expect(read.gpus).toBe(2);
    expect(read.containers[0]).toMatchObject({
      restarts: 3,
      started: null,
      state: { is: 'waiting', reason: 'CrashLoopBackOff', message: 'token=[redacted: token]' },
      last: { is: 'terminated', exitCode: 137, signal: 0, startedAt: null, finishedAt: '2026-01-01T00:00:00Z' },
    });
  });

  test('events of both shapes', () => {
    const about = { involvedObject: { kind: 'Pod', name: 'p', uid: 'u' }, metadata: { creationTimestamp: 'c' } };
    expect(
      eventOf(event.parse({ ...about, type: 'Warning', count: 4, firstTimestamp: 'a', lastTimestamp: 'b' })),
    ).toMatchObject({ count: 4, firstAt: 'a', lastAt: 'b' });
    const series = { eventTime: 'a', series: { count: 7, lastObservedTime: 'z' } };
    expect(eventOf(event.parse({ ...about, ...series }))).toMatchObject({
      type: 'Normal',
      count: 7,
      firstAt: 'a',
      lastAt: 'z',
    });
    expect(eventOf(event.parse(about))).toMatchObject({ count: 1, firstAt: 'c', lastAt: 'c' });
  });
});
