import { describe, expect, test } from 'vitest';
import { templateAfter } from './template-change.ts';

const container = (more: object): object => ({ name: 'serve', image: 'a:1', ...more });
const template = (more: object): Record<string, unknown> => ({
  metadata: { labels: { app: 'x' } },
  spec: { containers: [container(more), { name: 'proxy', image: 'p:1', env: [{ name: 'MODE', value: 'x' }] }] },
});
const none = { requests: {}, limits: {} };

describe('resources of one container', () => {
  test('set, kept, taken away; the other container and everything else stay', () => {
    const before = template({
      env: [{ name: 'A', value: '1' }],
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' }, claims: [{ name: 'gpu' }] },
    });
    const to = { container: 'serve', requests: { cpu: '2', memory: null }, limits: { memory: '4Gi', cpu: '4' } };
    expect(templateAfter(before, { resources: to })).toEqual(
      template({
        env: [{ name: 'A', value: '1' }],
        resources: { requests: { cpu: '2' }, limits: { memory: '4Gi', cpu: '4' }, claims: [{ name: 'gpu' }] },
      }),
    );
  });

  test('the same amount in other words is no change: the server writes it its own way', () => {
    const before = template({ resources: { requests: { cpu: '1', memory: '1536Mi' } } });
    const to = { container: 'serve', requests: { cpu: '1000m', memory: '1.5Gi' }, limits: {} };
    expect(templateAfter(before, { resources: to })).toEqual(before);
  });

  test('where there are none yet, and where the last one goes', () => {
    expect(templateAfter(template({}), { resources: { ...none, container: 'serve', limits: { cpu: '1' } } })).toEqual(
      template({ resources: { limits: { cpu: '1' } } }),
    );
    expect(
      templateAfter(template({ resources: { limits: { cpu: '1' } } }), {
        resources: { ...none, container: 'serve', limits: { cpu: null } },
      }),
    ).toEqual(template({ resources: {} }));
  });

  test('a container that is not there is said', () => {
    expect(() => templateAfter(template({}), { resources: { ...none, container: 'other' } })).toThrow(
      'its pod template has no container other',
    );
  });
});

describe('variables of one container', () => {
  const before = template({
    env: [
      { name: 'MODEL_VERSION', value: '7' },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
      { name: 'BATCH_SIZE', value: '32' },
    ],
  });

  test('in their places, new ones last, null takes away', () => {
    const to = { container: 'serve', set: { MODEL_VERSION: '6', OMP_NUM_THREADS: '4', BATCH_SIZE: null } };
    expect(templateAfter(before, { env: to })).toEqual(
      template({
        env: [
          { name: 'MODEL_VERSION', value: '6' },
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          { name: 'OMP_NUM_THREADS', value: '4' },
        ],
      }),
    );
    expect(
      templateAfter(template({ env: [{ name: 'A', value: '1' }] }), { env: { container: 'serve', set: { A: null } } }),
    ).toEqual(template({}));
  });

  test('what comes from a secret is not ours to replace, nor to take away', () => {
    for (const value of ['plain', null])
      expect(() => templateAfter(before, { env: { container: 'serve', set: { TOKEN: value } } })).toThrow(
        'its variable TOKEN comes from a config map, a secret or a field: change it there',
      );
  });

  test('done twice is done once', () => {
    const to = {
      env: { container: 'serve', set: { MODEL_VERSION: '6', NEW: '1' } },
      restartedAt: '2026-01-01T00:00:00Z',
    };
    const once = templateAfter(before, to);
    expect(templateAfter(once, to)).toEqual(once);
  });
});
