import { Failure } from '../../src/core/failure.ts';
import type { Answered } from '../../src/core/ports/metrics.ts';
import type { Autoscaler, Node } from '../../src/core/ports/kubernetes.ts';
import { ago, at, namespace, node, readyPod, revision, template } from './objects.ts';
import type { OnePod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { dark, healthy } from './world.ts';
import type { DeploymentRow, World } from './world.ts';

/** A namespace of many workloads, of which some alert at once. */
interface Part {
  readonly name: string;
  /** Of its three pods, from the first: what is printed of those that are not ready. */
  readonly bad?: readonly string[];
  /** When its pods were made, minutes ago. */
  readonly since?: number;
  readonly terminating?: boolean;
  readonly on?: (index: number) => string;
}

const size = 3;
const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
const nodesOf = (lost: (index: number) => boolean, count = 12): Node[] =>
  Array.from({ length: count }, (_, index) =>
    node(index + 1, {
      labels: { 'topology.kubernetes.io/zone': zones[index % 3] ?? '' },
      ...(lost(index) ? { ready: 'Unknown', readySince: ago(10 + (index % 4) / 6) } : {}),
    }),
  );

function podsOf(part: Part, number: number): readonly OnePod[] {
  const of = revision(16, template());
  return Array.from({ length: size }, (_, index): OnePod => {
    const made = readyPod(of, index, ago(part.since ?? 60 * 24 * 3));
    const name = `${part.name}-7c9d8b6f5-${made.row.name.slice(-5)}`;
    const bad = part.bad?.[index];
    const on = part.on?.(index) ?? `gpu-${((number * size + index) % 12) + 1}`;
    const row = { ...made.row, name, uid: `uid-${name}`, node: on, terminating: part.terminating === true };
    return {
      pod: { ...made.pod, name },
      row: bad === undefined ? row : { ...row, status: bad, readyContainers: 0 },
    };
  });
}

const rowOf = ({ name, bad = [] }: Part): DeploymentRow => {
  const ready = size - bad.length;
  return { namespace, name, wanted: size, ready, updated: size, available: ready };
};

/** `now`: requests per second at present, where two hours before had 100. */
function counted(now: number): World['measured']['series'] {
  return (question, { forMs, stepMs }): Answered => {
    if (question.ask !== 'requests') return { is: 'no data', because: 'nothing was recorded' };
    const end = Date.parse(at) / 1000;
    const steps = Math.round(forMs / stepMs);
    const points = Array.from({ length: steps + 1 }, (_, index): readonly [number, number] => [
      end - ((steps - index) * stepMs) / 1000,
      index > steps - 5 ? now : 100,
    ]);
    return { is: 'series', series: [{ labels: {}, points }], note: null };
  };
}

function fleet(parts: readonly Part[], lost: (index: number) => boolean = () => false, now = 101): World {
  const base = healthy();
  return {
    ...base,
    deployment: null,
    revisions: [],
    others: parts.map(rowOf),
    pods: parts.flatMap(podsOf),
    nodes: nodesOf(lost),
    measured: { ...base.measured, series: counted(now) },
  };
}

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `svc-${index + 1}`);
const well = (count: number): readonly Part[] => names(count).map((name) => ({ name }));
const all = (status: string): readonly string[] => [status, status, status];
const scaler = (over: Pick<Autoscaler, 'current' | 'desired'>): Autoscaler => ({
  name: 'svc',
  min: 4,
  max: 24,
  conditions: [],
  uid: 'hpa-1',
  metrics: [],
  scaledObject: null,
  ...over,
});

const scene = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'storm',
  world,
  target: { namespace, name: '' },
});

const depending = (parts: readonly Part[]): World => ({
  ...fleet(parts),
  depends: { 'api-gateway': ['model-server'], 'model-server': ['feature-store'], ranking: ['feature-store'] },
});

export const stormScenarios: readonly Scenario[] = [
  scene('region-lost', 'All nodes of three zones stop reporting within half a minute', () =>
    fleet(well(20), () => true),
  ),
  scene('region-lost-second-fault', 'Nearly all nodes are lost; one workload on what is left has no image', () =>
    fleet(
      [...well(20), { name: 'ranking', bad: all('ImagePullBackOff'), since: 30, on: () => 'gpu-12' }],
      (index) => index < 11,
    ),
  ),
  scene('zone-lost', 'All nodes of one zone stop reporting', () => fleet(well(20), (index) => index % 3 === 1)),
  scene('nodes-lost', 'Two nodes of twelve stop reporting', () => fleet(well(20), (index) => index < 2)),
  scene('shared-trouble', 'Eight workloads cannot pull their images', () =>
    fleet(
      names(20).map((name, index) =>
        index < 8 ? { name, bad: [index % 2 === 0 ? 'ImagePullBackOff' : 'ErrImagePull'], since: 12 } : { name },
      ),
    ),
  ),
  scene('shared-config', 'Six workloads wait for a secret that is gone', () =>
    fleet(
      names(20).map((name, index) =>
        index < 6 ? { name, bad: all('CreateContainerConfigError'), since: 9 } : { name },
      ),
    ),
  ),
  scene('dependency-down', 'What three workloads need is down; they crash with it', () =>
    depending([
      ...well(12),
      { name: 'feature-store', bad: all('CrashLoopBackOff'), since: 14 },
      { name: 'model-server', bad: all('CrashLoopBackOff'), since: 60 * 24 },
      { name: 'api-gateway', bad: ['CrashLoopBackOff'], since: 60 * 24 },
      { name: 'ranking' },
    ]),
  ),
  scene('dependency-down-second-fault', 'A dependency is down, and one that does not need it has no image', () =>
    depending([
      ...well(12),
      { name: 'billing', bad: all('ImagePullBackOff'), since: 30 },
      { name: 'feature-store', bad: all('OOMKilled'), since: 14 },
      { name: 'model-server', bad: ['CrashLoopBackOff'], since: 60 * 24 },
      { name: 'api-gateway' },
      { name: 'ranking' },
    ]),
  ),
  scene('own-faults', 'Two of sixty workloads are broken, each in its own way', () =>
    fleet([
      ...well(58),
      { name: 'ranking', bad: all('CrashLoopBackOff'), since: 40 },
      { name: 'api-gateway', bad: ['ImagePullBackOff'], since: 20 },
    ]),
  ),
  scene('takes-load', 'The load of another region arrives, and the autoscaler is near its maximum', () => ({
    ...fleet(well(20), () => false, 162),
    autoscaler: scaler({ current: 22, desired: 23 }),
  })),
  scene('load-not-counted', 'No requests are counted', () => {
    const world = fleet(well(20));
    return { ...world, measured: healthy().measured };
  }),
  scene('nodes-forbidden', 'Nodes may not be read', () => ({
    ...fleet(well(20)),
    fails: { nodes: new Failure('forbidden', 'nodes may not be listed') },
  })),
  scene('nothing-readable', 'The bot may read nothing', dark),
  scene('quiet-healthy', 'Sixty workloads, all well', () => fleet(well(60))),
  scene('quiet-rollouts', 'Rollouts of ten workloads are two minutes old', () =>
    fleet(names(30).map((name, index) => (index < 10 ? { name, bad: ['ContainerCreating'], since: 2 } : { name }))),
  ),
  scene('quiet-draining', 'A node is drained: it is closed, and its pods move', () => {
    const world = fleet([
      ...well(20),
      { name: 'moved', bad: ['Pending', 'ContainerCreating'], since: 1 },
      { name: 'going', terminating: true },
    ]);
    return {
      ...world,
      nodes: world.nodes.map((one) => (one.name === 'gpu-4' ? { ...one, unschedulable: true } : one)),
    };
  }),
  scene('quiet-autoscaler-adds-nodes', 'An autoscaler adds nodes, which are not ready in their first minute', () => {
    const world = fleet([...well(20), { name: 'waiting', bad: ['Pending'], since: 2 }]);
    const fresh = [13, 14].map((number) =>
      node(number, {
        ready: 'False',
        readySince: ago(0.7),
        createdAt: ago(0.9),
        taints: [{ key: 'node.kubernetes.io/not-ready', value: '', effect: 'NoSchedule' }],
      }),
    );
    return { ...world, nodes: [...world.nodes, ...fresh] };
  }),
  scene('quiet-young-namespace', 'A namespace whose workloads were all made two minutes ago', () =>
    fleet(names(30).map((name) => ({ name, bad: ['PodInitializing', 'ContainerCreating', 'Pending'], since: 2 }))),
  ),
  scene('quiet-terminating', 'Pods end as they should', () =>
    fleet([...well(20), ...['a', 'b', 'c', 'd'].map((name) => ({ name: `old-${name}`, terminating: true }))]),
  ),
  scene('quiet-dependency-starts', 'What others need was only just made', () =>
    depending([
      ...well(12),
      { name: 'feature-store', bad: all('ContainerCreating'), since: 2 },
      { name: 'model-server' },
      { name: 'api-gateway' },
      { name: 'ranking' },
    ]),
  ),
  scene('quiet-more-load-with-room', 'More requests than usual, and the autoscaler has room', () => ({
    ...fleet(well(20), () => false, 140),
    autoscaler: scaler({ current: 6, desired: 8 }),
  })),
];
