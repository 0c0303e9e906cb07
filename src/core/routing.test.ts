import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../test/core/catalogue.ts';
import { routeAlert, startOf } from './routing.ts';
import type { AlertIn, Routed } from './routing.ts';

function alert(labels: Readonly<Record<string, string>>, more: Partial<AlertIn> = {}): AlertIn {
  return {
    fingerprint: 'f',
    status: 'firing',
    labels,
    annotations: {},
    startsAt: '2026-03-02T02:15:00.000Z',
    link: '',
    ...more,
  };
}
function route(labels: Readonly<Record<string, string>>, more: Partial<AlertIn> = {}): Routed {
  const routed = routeAlert(alert(labels, more), catalogue);
  if (routed === null) throw new Error('not routed');
  return routed;
}
const place = { region: 'eu-west-1', namespace: 'ml-platform' };
const model = { namespace: 'ml-platform', name: 'model-server' };

describe('which playbook and target an alert leads to', () => {
  test.each([
    [
      'a rollout alert by its deployment',
      { alertname: 'KubeDeploymentRolloutStuck', deployment: 'model-server' },
      'rollout-stuck',
      model,
    ],
    [
      'a pod alert by its pod',
      { alertname: 'KubePodNotReady', pod: 'model-server-5d8c7b9f4-x2x7k' },
      'rollout-stuck',
      model,
    ],
    [
      'an alert that no playbook owns',
      { alertname: 'CertificateExpiresSoon', service: 'model-server' },
      'triage',
      model,
    ],
    [
      'a StatefulSet pod: triage of that pod',
      { alertname: 'KubePodNotReady', pod: 'postgres-0' },
      'triage',
      { namespace: 'ml-platform', name: 'postgres-0' },
    ],
    ['no workload at all: the namespace', { alertname: 'Odd' }, 'triage', { namespace: 'ml-platform', name: '' }],
    ['no alert name', { deployment: 'model-server' }, 'triage', model],
  ])('%s', (_what, labels, playbook, target) => {
    expect(route({ ...place, ...labels }).subject).toMatchObject({ playbook, target, focus: 'eu-west-1' });
  });

  test('all alerts about one workload in one region are one incident, whichever rule noticed', () => {
    const keys = [
      { alertname: 'KubeDeploymentRolloutStuck', deployment: 'model-server' },
      { alertname: 'KubePodCrashLooping', pod: 'model-server-5d8c7b9f4-x2x7k', container: 'server' },
      { alertname: 'HighErrorRate', service: 'model-server' },
      { alertname: 'SlowInference', app: 'model-server', region: 'ireland' },
    ].map((labels) => route({ ...place, ...labels }).key);
    expect(new Set(keys)).toEqual(new Set(['eu-west-1/ml-platform/model-server']));
  });

  test('other regions, namespaces and workloads are others', () => {
    const base = { alertname: 'KubePodNotReady', ...place, deployment: 'model-server' };
    const keys = [
      base,
      { ...base, region: 'us-east-1' },
      { ...base, namespace: 'other' },
      { ...base, deployment: 'api-gateway' },
    ].map((one) => route(one).key);
    expect(new Set(keys).size).toBe(4);
  });

  test('every region is looked at, so that they can be compared', () => {
    expect(route({ ...place, alertname: 'Odd' }).subject.regions).toEqual(['us-east-1', 'eu-west-1', 'ap-southeast-1']);
  });

  test.each(['Watchdog', 'DeadMansSwitch', 'InfoInhibitor'])('%s opens nothing', (alertname) => {
    expect(routeAlert(alert({ alertname }), catalogue)).toBeNull();
  });
});

describe('regions', () => {
  test.each([
    [{ region: 'eu-west-1' }],
    [{ region: 'EU-West-1' }],
    [{ aws_region: 'ireland' }],
    [{ cluster: 'eu' }],
    [{ region: 'nowhere', kubernetes_cluster: 'euw1' }],
  ])('%j is eu-west-1', (labels) => {
    expect(route({ alertname: 'Odd', ...labels })).toMatchObject({ alert: { region: 'eu-west-1' }, missing: null });
  });

  test('none, or one that is not known, is said; all are looked at', () => {
    const none = route({ alertname: 'Odd', namespace: 'ml-platform', deployment: 'model-server' });
    expect(none).toMatchObject({ key: 'all/ml-platform/model-server', subject: { focus: null } });
    expect(none.missing).toBe(
      'none of the labels region, aws_region, cluster, kubernetes_cluster names a region that I know',
    );
    expect(route({ alertname: 'Odd', region: '', cluster: 'mars-1' }).missing).toBe(
      'the label cluster says "mars-1", which is no region that I know',
    );
  });
});

describe('labels from anywhere', () => {
  test('what is missing for its own playbook is said, and triage takes it', () => {
    const routed = route({ alertname: 'KubePodNotReady', ...place });
    expect(routed.subject.playbook).toBe('triage');
    expect(routed.missing).toMatch(/^a label that names the deployment/);
  });

  test('an empty label is none: the default namespace stands in', () => {
    expect(route({ alertname: 'KubePodNotReady', region: 'eu', namespace: '', deployment: 'model-server' }).key).toBe(
      'eu-west-1/ml-platform/model-server',
    );
  });

  test.each([
    ['spaces', { deployment: 'Model Server' }],
    ['10,000 characters', { deployment: 'a'.repeat(10_000) }],
    ['a command', { deployment: '$(reboot)' }],
    ['a NUL', { deployment: 'a\u0000b' }],
    ['another namespace that cannot be', { namespace: 'No Such', deployment: 'model-server' }],
  ])(
    'a name that no playbook could open (%s) leads to triage of the default namespace, and is said',
    (_what, labels) => {
      const routed = route({ alertname: 'KubePodNotReady', ...place, ...labels });
      expect(routed.subject).toMatchObject({ playbook: 'triage', target: { namespace: 'ml-platform', name: '' } });
      expect(routed.missing).toMatch(/labels that name a Kubernetes object/);
      expect((routed.missing ?? '').length).toBeLessThan(500);
      expect(routed.key.length).toBeLessThan(200);
    },
  );

  test('whatever the labels are, the target opens in its playbook, and the alert that is kept is small', () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('eu', 'ml-platform', 'model-server', 'model-server-5d8c7b9f4-x2x7k', ''),
    );
    const label = fc.constantFrom(
      'alertname',
      'region',
      'namespace',
      'deployment',
      'pod',
      'app',
      'service',
      'container',
      'statefulset',
      '__proto__',
      'severity',
    );
    fc.assert(
      fc.property(fc.dictionary(label, value), (labels) => {
        const routed = routeAlert(alert(labels), catalogue);
        if (routed === null) return;
        const { playbook, target } = routed.subject;
        catalogue.playbooks.find((one) => one.id === playbook)?.open({ ...(target as object), region: 'eu-west-1' });
        expect(JSON.stringify(routed.alert).length).toBeLessThan(4_000);
      }),
    );
    const big = route(
      { alertname: 'x'.repeat(10_000), severity: 'y'.repeat(10_000) },
      { annotations: { summary: 'z'.repeat(10_000) }, link: 'l'.repeat(10_000) },
    );
    expect(JSON.stringify(big.alert).length).toBeLessThan(4_000);
  });

  test('a secret in the summary is not kept', () => {
    const { alert: kept } = route(
      { alertname: 'Odd' },
      { annotations: { summary: 'login failed: password=hunter2-and-more' } },
    );
    expect(kept.summary).not.toContain('hunter2');
  });
});

describe('when it began', () => {
  const now = '2026-03-02T02:16:42.123Z';
  test.each([
    ['2026-03-02T02:15:00Z', '2026-03-02T02:15:00.000Z'],
    ['2026-03-02T03:15:00+01:00', '2026-03-02T02:15:00.000Z'],
    // A clock that is a little ahead.
    ['2026-03-02T02:20:00Z', '2026-03-02T02:20:00.000Z'],
    ['0001-01-01T00:00:00Z', '2026-03-02T02:16:00.000Z'],
    ['2099-01-01T00:00:00Z', '2026-03-02T02:16:00.000Z'],
    ['yesterday', '2026-03-02T02:16:00.000Z'],
    ['', '2026-03-02T02:16:00.000Z'],
  ])('%s → %s', (given, began) => {
    expect(startOf(given, now)).toBe(began);
  });
});
