import { describe, expect, test } from 'vitest';
import { autoscalerOf } from './autoscaler.ts';
import { autoscaler } from './autoscaler-objects.ts';
import { specText } from './custom.ts';
import { secondsOf } from './use.ts';

describe('what an autoscaler goes by, in words', () => {
  const of = (metrics: object[], currentMetrics: object[]): ReturnType<typeof autoscalerOf> =>
    autoscalerOf(
      autoscaler.parse({
        metadata: { name: 'a', uid: 'u' },
        spec: { scaleTargetRef: { kind: 'Deployment', name: 'x' }, maxReplicas: 9, metrics },
        status: { currentReplicas: 3, desiredReplicas: 4, currentMetrics },
      }),
    );
  const cpu = (value: object, part: 'target' | 'current'): object => ({
    type: 'Resource',
    resource: { name: 'cpu', [part]: value },
  });

  test('share of the request, an average, a whole, and not known', () => {
    const found = of(
      [
        cpu({ averageUtilization: 70 }, 'target'),
        { type: 'Pods', pods: { metric: { name: 'queue' }, target: { averageValue: '10' } } },
        { type: 'External', external: { metric: { name: 'sqs' }, target: { value: '100' } } },
        {
          type: 'ContainerResource',
          containerResource: { name: 'cpu', container: 'serve', target: { averageUtilization: 50 } },
        },
      ],
      [
        cpu({ averageUtilization: 92, averageValue: '920m' }, 'current'),
        { type: 'Pods', pods: { metric: { name: 'queue' }, current: { averageValue: '12500m' } } },
        { type: '' },
      ],
    );
    expect(found).toMatchObject({ min: 1, max: 9, current: 3, desired: 4, uid: 'u', scaledObject: null });
    expect(found.metrics).toEqual([
      { name: 'cpu', current: '92% of request', target: '70%' },
      { name: 'queue per pod', current: '12500m on average', target: '10 on average' },
      { name: 'sqs', current: 'unknown', target: '100' },
      { name: 'cpu of container serve', current: 'unknown', target: '50%' },
    ]);
  });
});

describe('the spec of a custom resource', () => {
  test('leaves as JSON, without secrets, also those that only their name tells', () => {
    const text = specText({ triggers: [{ metadata: { password: 'hunter2', url: 'http://u:p4ss@x' } }], max: 5 });
    expect(text).not.toMatch(/hunter2|p4ss/);
    expect(JSON.parse(text)).toMatchObject({ max: 5 });
  });

  test('what is too large is left out by whole fields, and named', () => {
    const text = specText({ small: 1, large: 'x'.repeat(20_000), after: 2 });
    expect(JSON.parse(text)).toEqual({ small: 1, after: 2, leftOut: ['large'] });
    expect(specText(undefined)).toBe('{}');
    expect(specText(['x'.repeat(20_000)])).toBe('{}');
  });
});

test('durations as Go writes them, in seconds', () => {
  expect(['20.5s', '1m0s', '1h2m3s', '500ms', ''].map(secondsOf)).toEqual([20.5, 60, 3723, 0.5, 0]);
});
