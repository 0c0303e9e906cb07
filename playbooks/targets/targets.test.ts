import { describe, expect, test } from 'vitest';
import { deploymentOfPod, deploymentTarget } from './deployment.ts';
import { namespaceTarget } from './namespace.ts';

const from = (labels: Record<string, string>) => deploymentTarget.from({ namespace: 'ml-platform', ...labels });
const model = { target: { namespace: 'ml-platform', name: 'model-server' } };

describe('which deployment an alert speaks of', () => {
  test.each([
    ['its own label', { deployment: 'model-server' }],
    ['a pod of it', { pod: 'model-server-5d8c7b9f4-x2x7k', container: 'server' }],
    ['an app', { app: 'model-server' }],
    ['a service', { service: 'model-server', container: 'kube-state-metrics' }],
    ['a container', { container: 'model-server', job: 'kube-state-metrics' }],
    [
      'a deployment beside the pod that was scraped',
      { deployment: 'model-server', pod: 'kube-state-metrics-7d9c6b5f4-abcde' },
    ],
    ['the exported pod', { exported_pod: 'model-server-5d8c7b9f4-x2x7k', pod: 'kube-state-metrics-7d9c6b5f4-abcde' }],
  ])('%s', (_what, labels) => {
    expect(from(labels)).toEqual(model);
  });

  test('a pod of something else is not taken for a deployment through its app', () => {
    expect(from({ pod: 'postgres-0', app: 'postgres' })).toHaveProperty('missing');
    expect(deploymentOfPod('nightly-28812345-x2x7k')).toBeNull();
    expect(deploymentOfPod('model-server')).toBeNull();
  });

  test.each([
    ['model-server', 'model-server'],
    ['model-server-hpa', 'model-server'],
    ['keda-hpa-api-gateway', 'api-gateway'],
  ])('an alert about autoscaler %s is about %s', (horizontalpodautoscaler, name) => {
    const labels = {
      namespace: 'x',
      horizontalpodautoscaler,
      service: 'kube-state-metrics',
      container: 'kube-rbac-proxy',
    };
    expect(deploymentTarget.from(labels)).toEqual({ target: { namespace: 'x', name } });
  });

  test('what is missing is said', () => {
    expect(from({ service: 'kube-state-metrics' })).toHaveProperty('missing');
    expect(deploymentTarget.from({ deployment: 'model-server' })).toEqual({ missing: 'the label `namespace`' });
  });

  test('a name that could change a command line is refused', () => {
    for (const name of ['a b', '$(id)', 'a;b', '-n', 'A', 'a'.repeat(300), '']) {
      expect(deploymentTarget.schema.safeParse({ region: 'eu-west-1', namespace: 'x', name }).success).toBe(false);
    }
  });
});

describe('the target of triage', () => {
  test('a deployment, a pod of its own, or the whole namespace', () => {
    const target = (labels: Record<string, string>) => namespaceTarget.from({ namespace: 'x', ...labels });
    expect(target({ deployment: 'a' })).toEqual({ target: { namespace: 'x', name: 'a' } });
    expect(target({ pod: 'postgres-0' })).toEqual({ target: { namespace: 'x', name: 'postgres-0' } });
    expect(target({})).toEqual({ target: { namespace: 'x', name: '' } });
    expect(namespaceTarget.from({ deployment: 'a' })).toHaveProperty('missing');
    expect(namespaceTarget.schema.safeParse({ region: 'eu-west-1', namespace: 'x', name: '' }).success).toBe(true);
  });
});
