import { Failure } from '../../src/core/failure.ts';
import { container, node, nodeUse, readyPod, registry, template, ago } from './objects.ts';
import type { OnePod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { dark } from './world.ts';
import type { World } from './world.ts';
import { began, busy, changedTo, from, looksInside, quietCpu, scaler, withImage, writes } from './world-cpu.ts';
import type { Busy } from './world-cpu.ts';

/** Why the CPU is high: each cause, and what cannot be told. */

const found = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'high-cpu',
  world,
});

/** Twice the requests, and what they need. */
const growth: Partial<Busy> = { requests: from(14, 28), cores: from(1, 1.9) };
const isFirst = (pod: OnePod): boolean => pod.row.name.endsWith('x2x7k');

const limited = (cpu: string, request = cpu) =>
  withImage('v2.4.0', {
    requests: { cpu: request, memory: '8Gi', 'nvidia.com/gpu': '1' },
    limits: { cpu, memory: '16Gi', 'nvidia.com/gpu': '1' },
  });
const shipper = container({
  name: 'log-shipper',
  image: `${registry}/log-shipper:v3.2.0`,
  requests: { cpu: '200m', memory: '128Mi' },
  limits: { memory: '256Mi' },
});
const withShipper = template({ containers: [container(), shipper] });

const podScenarios: readonly Scenario[] = [
  found('one-hot-pod', 'A process of one pod runs away; top shows which', () =>
    busy(
      looksInside(
        quietCpu(),
        [
          ['tokenizer-worker', 2.1],
          ['serve', 1],
        ],
        9,
      ),
      {
        cores: (minutes, pod) => (isFirst(pod) && minutes <= began ? 3.1 : 1),
      },
    ),
  ),
  found('one-hot-pod-not-inside', 'One pod is hot, and looking inside is not allowed', () =>
    busy(quietCpu(), { cores: (minutes, pod) => (isFirst(pod) && minutes <= began ? 3.1 : 1) }),
  ),
  found('one-hot-pod-gets-more', 'One pod is hot because most of the load stays with it', () =>
    busy(quietCpu(), {
      cores: (_minutes, pod) => (isFirst(pod) ? 2.4 : 0.6),
      part: (pod) => (isFirst(pod) ? 3.4 : 0.5),
    }),
  ),
  found('sidecar-new', 'A log shipper came with the last change and uses more than the model', () =>
    busy(looksInside(changedTo(withShipper), [['fluent-bit', 1.7]], 3, 'log-shipper'), {
      beside: { 'log-shipper': () => 1.7 },
    }),
  ),
  found('sidecar-injected', 'A proxy that the mesh puts beside the model grew hot by itself', () =>
    busy(quietCpu(), { beside: { 'istio-proxy': from(0.2, 1.4, 40) } }),
  ),
  found('threads-lost', 'Somebody took OMP_NUM_THREADS away', () => {
    const world = changedTo(template(), template(), 'kubectl-set', '9d377b10ce778c4938b3c7e2c63a229a');
    const values = { variables: {}, oldVariables: { 'model-server-7c9d8b6f5': { OMP_NUM_THREADS: '2' } } };
    return busy(looksInside({ ...world, ...values }, [['serve', 1.9]], 33), { cores: from(1, 1.9) });
  }),
  found('threads-too-many', 'OMP_NUM_THREADS is the number of cores of the node, and always was', () =>
    busy({ ...quietCpu(), variables: { OMP_NUM_THREADS: '32' } }, { cores: () => 1.95, day: null }),
  ),
  found('threads-counted', 'OMP_NUM_THREADS was never set; top counts one thread for each core', () =>
    busy(looksInside({ ...quietCpu(limited('2')), variables: {} }, [['serve', 2]], 33), {
      cores: () => 2,
      throttled: () => 0.58,
    }),
  ),
  found('threads-not-counted', 'OMP_NUM_THREADS is not set, CPU is high, and looking inside is not allowed', () =>
    busy({ ...quietCpu(limited('2')), variables: {} }, { cores: () => 2, throttled: () => 0.44 }),
  ),
  found('limit-lowered', 'The last change halved the CPU limit', () =>
    busy(changedTo(limited('1'), limited('2'), 'kubectl-set'), {
      cores: from(1.2, 1),
      throttled: () => 0.41,
      requests: () => 14,
    }),
  ),
  found('throttled', 'The limit is too low, and always was', () =>
    busy(quietCpu(limited('1500m', '1')), {
      cores: () => 1.48,
      throttled: () => 0.33,
      day: { cores: 8.9, requests: 14 },
    }),
  ),
  found('throttled-not-measured', 'At its limit, and how often it is held back is not known', () =>
    busy(quietCpu(limited('1')), {
      cores: () => 0.99,
      away: { 'cpu throttled': { is: 'no such metric', because: 'nobody exports container_cpu_cfs_periods_total' } },
    }),
  ),
  found('throttled-perhaps', 'Near its limit, and how often it is held back is not known', () =>
    busy(quietCpu(limited('1')), {
      cores: () => 0.88,
      day: { cores: 5.2, requests: 14 },
      away: { 'cpu throttled': { is: 'target is down', because: 'cadvisor does not answer its scrapes' } },
    }),
  ),
];

const loadScenarios: readonly Scenario[] = [
  found('retry-storm', 'The same ids come again and again, and many fail', () =>
    busy(writes(quietCpu(), true), { ...growth, failed: from(0.0002, 0.14) }),
  ),
  found('retry-storm-attempts', 'The log tells which attempt each request is', () =>
    busy(
      { ...writes(quietCpu(), false, true), autoscaler: scaler({ max: 6 }) },
      { ...growth, failed: from(0.0002, 0.09) },
    ),
  ),
  found('retries-untold', 'More requests, many fail, and the logs tell no ids', () =>
    busy(
      {
        ...quietCpu(),
        logs: Object.fromEntries(quietCpu().pods.map((one) => [`${one.row.name}/server`, ['INFO serving']])),
      },
      {
        ...growth,
        failed: from(0.0002, 0.14),
      },
    ),
  ),
  found('cost-per-request', 'Since a release each request costs twice the CPU', () =>
    busy(looksInside({ ...changedTo(withImage('v2.4.1')), autoscaler: scaler({ max: 6 }) }, [['serve', 2.2]], 9), {
      cores: from(1, 2.2),
    }),
  ),
  found('cost-without-change', 'Each request costs more, and no version came', () =>
    busy({ ...quietCpu(), autoscaler: scaler() }, { cores: from(1, 2, 44) }),
  ),
  found('cost-before-release', 'Each request costs more since before the last release', () =>
    busy(changedTo(withImage('v2.4.1')), { cores: from(1, 2, 80) }),
  ),
  found('cost-few-requests', 'High CPU at night, hardly any requests', () =>
    busy(quietCpu(), { cores: from(1, 2), requests: () => 0.2, day: { cores: 6, requests: 0.2 } }),
  ),
  found('hpa-blind', 'Twice the requests, and the autoscaler cannot read its metrics', () =>
    busy(
      writes({
        ...quietCpu(),
        autoscaler: scaler(
          {},
          'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
        ),
      }),
      growth,
    ),
  ),
  found('hpa-at-maximum', 'Twice the requests, and the autoscaler has all the pods that it may have', () =>
    busy(
      writes({
        ...quietCpu(),
        autoscaler: scaler({ max: 6, metrics: [{ name: 'cpu', current: '95% of request', target: '80%' }] }),
      }),
      growth,
    ),
  ),
  found('hpa-at-maximum-no-room', 'At its maximum, and no node has a GPU left', () =>
    busy(
      writes({
        ...quietCpu(),
        nodeUse: [1, 2].map((number) => nodeUse(number)),
        autoscaler: scaler({ max: 6, metrics: [{ name: 'cpu', current: '95% of request', target: '80%' }] }),
      }),
      growth,
    ),
  ),
  found('hpa-at-maximum-traffic-unknown', 'At its maximum; the metrics of the service are away', () =>
    busy(
      {
        ...quietCpu(),
        autoscaler: scaler({ max: 6, metrics: [{ name: 'cpu', current: '95% of request', target: '80%' }] }),
      },
      {
        cores: from(1, 1.9),
        away: {
          requests: { is: 'target is down', because: 'model-server does not answer its scrapes: connection refused' },
        },
      },
    ),
  ),
  found('keda-at-maximum', "Twice the requests, and KEDA's ScaledObject allows no more pods", () =>
    busy(
      writes({
        ...quietCpu(),
        autoscaler: scaler({
          name: 'keda-hpa-model-server',
          scaledObject: 'model-server',
          max: 6,
          metrics: [{ name: 'cpu', current: '95% of request', target: '70%' }],
        }),
        custom: {
          ScaledObject: [
            {
              namespace: 'ml-platform',
              name: 'model-server',
              uid: 'so-1',
              labels: {},
              spec: JSON.stringify({
                scaleTargetRef: { name: 'model-server' },
                minReplicaCount: 6,
                maxReplicaCount: 6,
              }),
            },
          ],
        },
      }),
      growth,
    ),
  ),
  found('growth', 'Twice the requests, and no autoscaler', () => busy(writes(quietCpu()), growth)),
  found('growth-limited', 'Twice the requests against a limit that was enough before', () =>
    busy(writes(quietCpu(limited('1500m', '1'))), {
      requests: from(14, 28),
      cores: from(0.9, 1.5),
      throttled: from(0.01, 0.4),
    }),
  ),
  found('growth-followed', 'Twice the requests, and the autoscaler is adding pods', () =>
    busy(
      writes({
        ...quietCpu(),
        autoscaler: scaler({ desired: 8, metrics: [{ name: 'cpu', current: '95% of request', target: '80%' }] }),
      }),
      growth,
    ),
  ),
  found('growth-autoscaler-unknown', 'Twice the requests; autoscalers may not be read', () => {
    const world = writes(quietCpu());
    return busy(
      { ...world, fails: { autoscaler: new Failure('forbidden', 'horizontalpodautoscalers may not be listed') } },
      growth,
    );
  }),
];

const aroundScenarios: readonly Scenario[] = [
  found('node-steal', 'The hypervisor takes a third of one node', () =>
    busy(quietCpu(), { steal: (name, minutes) => (name === 'gpu-2' && minutes <= began ? 0.34 : 0.001) }),
  ),
  found('node-steal-credits', 'CPU credits of a small node are used up', () => {
    const world = quietCpu();
    const nodes = world.nodes.map((one) => ({
      ...one,
      labels: { ...one.labels, 'node.kubernetes.io/instance-type': 't3.2xlarge' },
    }));
    return busy({ ...world, nodes: [...nodes, node(3)] }, { steal: () => 0.22 });
  }),
  found('node-steal-cordoned', 'The robbed node takes no new pods any more', () => {
    const world = quietCpu();
    const nodes = world.nodes.map((one) => (one.name === 'gpu-2' ? { ...one, unschedulable: true } : one));
    return busy({ ...world, nodes }, { steal: (name) => (name === 'gpu-2' ? 0.34 : 0.001) });
  }),
  found('node-steal-not-measured', 'The node exporter does not tell steal', () => busy(quietCpu(), { steal: null })),
  found('node-busy', 'A neighbour fills one node; the pods there use what they may', () =>
    busy(quietCpu(), { busy: (name) => (name === 'gpu-1' ? 0.97 : 0.2) }),
  ),
  found('high-without-cause', 'CPU rose, and nothing else that can be seen', () =>
    busy(quietCpu(), { cores: from(1.45, 1.9) }),
  ),
  found('request-too-low', 'CPU is far above the request every day', () =>
    busy(quietCpu(withImage('v2.4.0', { requests: { cpu: '500m', memory: '8Gi', 'nvidia.com/gpu': '1' } })), {}),
  ),
  found('all-young', 'All pods were made eleven minutes ago, and are hot', () => {
    const world = quietCpu();
    const [current] = world.revisions;
    if (current === undefined) throw new Error('no such world');
    return busy(
      { ...world, pods: world.pods.map((_one, index) => readyPod(current, index, ago(11))) },
      { cores: () => 2.2 },
    );
  }),
  found('metrics-away', 'The metrics store does not answer; kubectl top does', () => {
    const world = quietCpu();
    const podUse = world.pods.map((one, index) => ({
      pod: one.row.name,
      at: ago(1),
      windowS: 30,
      containers: [{ name: 'server', cores: 1.7 + index / 20, memoryBytes: 9e9 }],
    }));
    const gone = (): never => {
      throw new Failure('timeout', 'no answer within 5 s');
    };
    return { ...world, podUse, measured: { ...world.measured, series: gone } };
  }),
  found('no-such-deployment', 'There is no such deployment', () => ({
    ...quietCpu(),
    deployment: null,
    revisions: [],
    pods: [],
  })),
  found('forbidden', 'Nothing may be read', () => {
    const world = dark();
    const series = (): never => {
      throw new Failure('forbidden', 'the metrics store refuses this token');
    };
    return { ...world, measured: { ...world.measured, series } };
  }),
];

export const cpuScenarios: readonly Scenario[] = [...podScenarios, ...loadScenarios, ...aroundScenarios];
