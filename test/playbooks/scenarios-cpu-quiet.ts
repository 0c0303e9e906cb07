import { ago, readyPod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';
import { busy, from, looksInside, quietCpu, scaler, withImage, writes } from './world-cpu.ts';

/** An alert about CPU, and nothing is wrong. */

const quiet = (name: string, about: string, world: () => World): Scenario => ({
  name: `quiet-${name}`,
  about,
  playbook: 'high-cpu',
  world,
});

const goingBy = (current: string, over: Parameters<typeof scaler>[0] = {}) =>
  scaler({ metrics: [{ name: 'cpu', current, target: '90%' }], ...over });

export const quietCpuScenarios: readonly Scenario[] = [
  quiet('healthy', 'All well', () => busy(quietCpu())),
  quiet('at-target', 'Twice the requests; each pod uses what its autoscaler aims at', () =>
    busy(
      { ...writes(quietCpu()), autoscaler: goingBy('93% of request') },
      { requests: from(14, 27), cores: from(1, 1.86) },
    ),
  ),
  quiet('at-maximum-and-calm', 'At its maximum, and nobody wants more', () =>
    busy({ ...quietCpu(), autoscaler: goingBy('50% of request', { min: 6, max: 6 }) }),
  ),
  quiet('warm-up', 'Two fresh pods compile', () => {
    const world = quietCpu();
    const [current] = world.revisions;
    if (current === undefined) throw new Error('no such world');
    const fresh = [6, 7].map((index) => readyPod(current, index, ago(8)));
    const names = new Set(fresh.map((one) => one.row.name));
    return busy(
      { ...world, pods: [...world.pods, ...fresh] },
      { cores: (_minutes, pod) => (names.has(pod.row.name) ? 2.9 : 0.8) },
    );
  }),
  quiet('batch', 'A copy job uses what the nodes have left; it counts no requests', () => {
    const world = {
      ...quietCpu(withImage('v1.9.0', { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } })),
      variables: {},
    };
    return busy(looksInside(world, [['nightly-copy', 0.68]], 5), { cores: from(0.2, 0.68), requests: null, day: null });
  }),
  quiet('short-spike', 'High for four minutes', () =>
    busy(quietCpu(), { cores: (minutes) => (minutes <= 4 ? 2.4 : 1) }),
  ),
  quiet('every-day', 'A steep way up, as every day at this hour', () =>
    busy(writes(quietCpu()), {
      requests: (minutes) => 26 - minutes / 10,
      cores: (minutes) => 1.8 - minutes / 140,
      day: { cores: 10.7, requests: 26 },
    }),
  ),
  quiet('uneven', 'One pod works twice as hard as the others, and has room', () =>
    busy(quietCpu(), { cores: (_minutes, pod) => (pod.row.name.endsWith('x2x7k') ? 1.3 : 0.6) }),
  ),
  quiet('short-throttling', 'Held back in a few of its periods, as any limit does', () =>
    busy(
      quietCpu(
        withImage('v2.4.0', {
          requests: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
          limits: { cpu: '2', memory: '16Gi', 'nvidia.com/gpu': '1' },
        }),
      ),
      { throttled: () => 0.06 },
    ),
  ),
  quiet('small-sidecar', 'A sidecar uses three times the little that was set aside for it', () =>
    busy(quietCpu(), { beside: { 'istio-proxy': () => 0.12 } }),
  ),
];
