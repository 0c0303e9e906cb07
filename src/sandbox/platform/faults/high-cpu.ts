import type { Cluster } from '../state.ts';
import { container, merged, withContainer } from '../template.ts';
import { theModel, type Fault } from './fault.ts';
import {
  edits,
  image,
  gpuNode,
  limitsPods,
  releases,
  scalesTo,
  servingPods,
  setsEnv,
  strained,
  type Strained,
} from './strained.ts';

/** CPU: one fault for each cause that playbook high-cpu tells apart, and traps. */
const fault = (of: Omit<Strained, 'playbook' | 'alert'> & { readonly alert?: Strained['alert'] }): Fault =>
  strained({ playbook: 'high-cpu', alert: 'HighCPUUsage', ...of });

/** So many times its usual demand, until model-server needs most of its CPU in every region. */
const growth = (cluster: Cluster, perPod: number): number => {
  const service = cluster.services.find((one) => one.workload === 'model-server');
  return (perPod * 12) / (service?.requestsPerSecond ?? 28);
};

/** `kubectl set resources deployment/model-server`, by a person. The API server takes no request above its limit. */
const sets =
  (requests: Readonly<Record<string, string | null>>, limits: Readonly<Record<string, string | null>>) =>
  (cluster: Cluster, at: number): void =>
    edits(
      (of) =>
        withContainer(of, 'model-server', (one) => ({
          ...one,
          requests: merged(one.requests, requests),
          limits: merged(one.limits, limits),
        })),
      'kubectl-set',
    )(cluster, at);

function deletesAutoscaler(cluster: Cluster): void {
  const index = cluster.autoscalers.findIndex((one) => one.workload === 'model-server');
  if (index >= 0) cluster.autoscalers.splice(index, 1);
}

function blinds(cluster: Cluster, at: number): void {
  for (const one of cluster.autoscalers) {
    if (one.workload !== 'model-server') continue;
    one.blindSince = at;
    one.blind =
      'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API';
  }
}

const podFaults: readonly Fault[] = [
  fault({
    id: 'runaway-process',
    title: 'One pod is hot: a runaway process',
    about: 'One of twelve pods uses 5 cores; top shows a tokenizer worker that spins',
    cause: 'one-hot-pod',
    cures: ['replace-pod', 'restart'],
    effects: (cluster) => [
      {
        effect: { is: 'extra cpu', cores: 3.4, process: 'tokenizer-worker' },
        where: {
          uids: servingPods(cluster)
            .slice(0, 1)
            .map((pod) => pod.uid),
        },
      },
    ],
  }),
  fault({
    id: 'sidecar-hot',
    title: 'The sidecar is hot, not the model',
    about: 'A log shipper was added beside the model: it uses 1.8 cores per pod',
    cause: 'sidecar',
    cures: ['rollback'],
    change: (cluster, at) => {
      const shipper = `111122223333.dkr.ecr.${cluster.region}.amazonaws.com/log-shipper:v3.2.0`;
      const first = cluster.images.get(image(cluster));
      if (first !== undefined)
        cluster.images.set(shipper, { ...first, program: { ...first.program, warmSeconds: 1, needs: [] } });
      const sidecar = container('log-shipper', shipper, {
        requests: { cpu: '200m', memory: '128Mi' },
        limits: { memory: '256Mi' },
      });
      edits((of) => ({ ...of, containers: [...of.containers, sidecar] }), 'argocd-controller')(cluster, at);
    },
    effects: () => [
      { effect: { is: 'sidecar cpu', container: 'log-shipper', cores: 1.8 }, where: { container: 'log-shipper' } },
    ],
  }),
  fault({
    id: 'cpu-per-request',
    title: 'Each request costs more CPU',
    about: 'Since a release a request costs 2.4 times the CPU (JSON and logging); traffic is the same',
    cause: 'cost-per-request',
    cures: ['rollback'],
    change: (cluster, at) => {
      releases(cluster, at);
      limitsPods(cluster, 'model-server', 12);
    },
    effects: (cluster) => [{ effect: { is: 'cpu per request', factor: 2.4 }, where: { image: image(cluster) } }],
    repair: { title: 'Release a repaired version', run: (cluster) => limitsPods(cluster, 'model-server', 24) },
  }),
  fault({
    id: 'threads-cpu',
    title: 'Threads = cores of the node',
    about: 'Somebody took OMP_NUM_THREADS away: each pod runs 47 threads on four cores, and they spin',
    cause: 'threads',
    cures: ['set-env', 'rollback'],
    change: (cluster, at) => {
      setsEnv('OMP_NUM_THREADS', null)(cluster, at);
      limitsPods(cluster, 'model-server', 12);
    },
    effects: () => [
      { effect: { is: 'threads', count: 47 }, where: { variable: { name: 'OMP_NUM_THREADS', value: null } } },
      {
        effect: { is: 'extra cpu', cores: 1.6, process: 'serve' },
        where: { variable: { name: 'OMP_NUM_THREADS', value: null } },
        alert: null,
      },
    ],
    repair: {
      title: 'Set OMP_NUM_THREADS=4 again',
      run: (cluster, at) => {
        setsEnv('OMP_NUM_THREADS', '4')(cluster, at);
        limitsPods(cluster, 'model-server', 24);
      },
    },
  }),
  fault({
    id: 'cpu-at-limit',
    title: 'Held back by its CPU limit',
    about: 'Somebody set CPU request and limit to 1.5: the pods use all of it and are throttled',
    cause: 'throttled',
    cures: ['set-resources', 'rollback'],
    change: (cluster, at) => {
      sets({ cpu: '1500m' }, { cpu: '1500m' })(cluster, at);
      limitsPods(cluster, 'model-server', 12);
    },
    repair: {
      title: 'Take the limit away',
      run: (cluster, at) => {
        sets({ cpu: '4' }, { cpu: null })(cluster, at);
        limitsPods(cluster, 'model-server', 24);
      },
    },
    effects: () => [{ effect: { is: 'by itself' }, where: { cpuLimit: '1500m' } }],
  }),
];

const loadFaults: readonly Fault[] = [
  fault({
    id: 'retry-storm',
    title: 'Retry storm',
    about: 'Callers try again and again: twice the requests, the same ids, and errors that feed them',
    cause: 'retry-storm',
    change: (cluster) => limitsPods(cluster, 'model-server', 12),
    effects: (cluster) => [
      { effect: { is: 'requests', factor: growth(cluster, 5), why: 'retries' } },
      {
        effect: { is: 'errors', ratio: 0.14, code: '503', lines: ['overloaded: request rejected, retry later'] },
        alert: null,
      },
    ],
    repair: { title: 'Callers back off', run: (cluster) => limitsPods(cluster, 'model-server', 24) },
  }),
  fault({
    id: 'hpa-at-maximum',
    title: 'More traffic, HPA at its maximum',
    about: 'Real growth: every pod is hot, and the HPA may not add another (12 of 12)',
    cause: 'hpa-at-maximum',
    cures: ['bounds'],
    change: (cluster) => limitsPods(cluster, 'model-server', 12),
    effects: (cluster) => [
      { effect: { is: 'requests', factor: growth(cluster, 4.6), why: 'growth' }, where: { fewerThan: 14 } },
    ],
    repair: { title: 'Raise its maximum', run: (cluster) => limitsPods(cluster, 'model-server', 24) },
  }),
  fault({
    id: 'hpa-blind',
    title: 'More traffic, HPA blind',
    about: 'Real growth, and the HPA cannot read its metrics (ScalingActive False): it stays where it is',
    cause: 'hpa-blind',
    cures: ['bounds'],
    change: blinds,
    effects: (cluster) => [
      { effect: { is: 'requests', factor: growth(cluster, 4.6), why: 'growth' }, where: { fewerThan: 14 } },
    ],
    repair: {
      title: 'Repair the metrics API',
      run: (cluster) => {
        for (const one of cluster.autoscalers) one.blind = null;
      },
    },
  }),
  fault({
    id: 'keda-at-maximum',
    title: 'api-gateway: KEDA at its maximum',
    about: 'Real growth at api-gateway, whose ScaledObject allows three pods',
    cause: 'hpa-at-maximum',
    cures: ['bounds'],
    change: (cluster) => limitsPods(cluster, 'api-gateway', 3),
    effects: () => [
      {
        effect: { is: 'requests', factor: 3.1, why: 'growth' },
        where: { workload: 'api-gateway', fewerThan: 4 },
      },
    ],
    repair: { title: 'Raise the ScaledObject', run: (cluster) => limitsPods(cluster, 'api-gateway', 9) },
  }),
];

const aroundFaults: readonly Fault[] = [
  fault({
    id: 'growth-no-hpa',
    title: 'More traffic, and no HPA',
    about: 'Somebody deleted the HPA; then traffic grew, and nobody adds pods',
    cause: 'growth',
    cures: ['scale'],
    change: deletesAutoscaler,
    effects: (cluster) => [
      { effect: { is: 'requests', factor: growth(cluster, 4.6), why: 'growth' }, where: { fewerThan: 14 } },
    ],
    repair: {
      title: 'Make the HPA again',
      run: (cluster) => {
        deletesAutoscaler(cluster);
        cluster.autoscalers.push({
          namespace: theModel(cluster).namespace,
          name: 'model-server',
          workload: 'model-server',
          min: 12,
          max: 24,
          target: 0.8,
          madeAt: cluster.now,
        });
      },
    },
  }),
  fault({
    id: 'stolen-cpu',
    title: 'The hypervisor takes CPU time',
    about: 'A neighbour on the host of one GPU node: 32 % steal there; its pods get less than they seem to use',
    cause: 'node-steal',
    cures: ['replace-pod', 'cordon'],
    effects: (cluster) => [
      { effect: { is: 'noisy neighbour', steal: 0.32 }, where: { node: gpuNode(cluster, 1).name } },
    ],
  }),
];

const traps: readonly Fault[] = [
  fault({
    id: 'at-hpa-target',
    title: 'Trap: at the HPA’s target, by design',
    about: 'Every pod uses 80 % of what it asked for: that is what the HPA aims at',
    cause: null,
    trap: true,
    effects: (cluster) => [{ effect: { is: 'requests', factor: growth(cluster, 4.1), why: 'growth' } }],
  }),
  fault({
    id: 'warm-up-cpu',
    title: 'Trap: fresh pods compile',
    about: 'Scaled out from 12 to 14: the new pods compile their graphs for some minutes',
    cause: null,
    trap: true,
    minutesAgo: 8,
    change: scalesTo(14),
    repair: { title: 'Nothing to do: wait', run: scalesTo(12) },
    effects: (_cluster, at) => [
      {
        effect: { is: 'extra cpu', cores: 1.9, process: 'torch-compile' },
        where: { startedAfter: at, youngerThanS: 720 },
      },
    ],
  }),
  fault({
    id: 'batch-cpu',
    title: 'Trap: a batch job uses what is left',
    about: 'replication-service copies its nightly batch: CPU high, nobody waits for it',
    cause: null,
    trap: true,
    effects: () => [
      {
        effect: { is: 'extra cpu', cores: 0.5, process: 'nightly-copy' },
        where: { workload: 'replication-service' },
        forS: 5400,
      },
    ],
  }),
];

export const highCpuFaults: readonly Fault[] = [...podFaults, ...loadFaults, ...aroundFaults, ...traps];
