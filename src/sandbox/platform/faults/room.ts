import { addWorkload, namespace } from '../seed.ts';
import { imageOf } from '../seed-templates.ts';
import type { Cluster, Template } from '../state.ts';
import { container, program, template } from '../template.ts';
import { workloadOf } from '../write.ts';
import { step } from '../loop.ts';
import { asking, release, repairedRelease, theModel, type Fault } from './fault.ts';
import { setSchedulable } from '../node-life.ts';

/** New pods that find no place. */
function placing(
  id: string,
  title: string,
  about: string,
  cause: string,
  change: (template: Template) => Template,
): Fault {
  return {
    id,
    title,
    group: 'Room',
    about,
    cause,
    rollback: 'helps',
    minutesAgo: 26,
    inject: (cluster, at) => release(cluster, at, { change }),
    heal: repairedRelease,
  };
}

/** Somebody else's work on the GPU pool: it takes the four GPUs that model-server leaves free. */
function takeFreeGpus(cluster: Cluster, at: number): void {
  const image = imageOf(cluster.region, 'batch-embedder', 'v0.7.2');
  cluster.images.set(image, { pull: 'ok', pullSeconds: 5, program: program({ warmSeconds: 1 }) });
  const gpu = { 'nvidia.com/gpu': '1' };
  const main = container('batch-embedder', image, { requests: { cpu: '2', memory: '4Gi', ...gpu }, limits: gpu });
  const of = template([main], {
    labels: { app: 'batch-embedder' },
    nodeSelector: { 'mlp/pool': 'gpu' },
    tolerations: [{ key: 'nvidia.com/gpu', value: '', effect: '' }],
  });
  const owner = { kind: 'none', name: '', reverts: 'no' } as const;
  addWorkload(cluster, { namespace, name: 'batch-embedder', replicas: 4, template: of, owner }, 'kubectl-create', at);
  // The batch job has its GPUs before anything else asks for them.
  step(cluster, at);
}

function stopBatch(cluster: Cluster): void {
  const batch = workloadOf(cluster, { namespace, name: 'batch-embedder' });
  if (batch === null || batch.replicas === 0) return;
  batch.replicas = 0;
  batch.generation += 1;
}

const spreadOverZones = (of: Template): Template => ({
  ...of,
  spread: { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1 },
});

/** The only GPU node of the third zone. */
const zoneNode = (cluster: Cluster): Cluster['nodes'][number] | undefined =>
  cluster.nodes.find((node) => node.labels['topology.kubernetes.io/zone'] === `${cluster.region}c`);

const stopped = { title: 'Scale the batch job to 0', run: stopBatch } as const;

export const roomFaults: readonly Fault[] = [
  placing(
    'no-room-cpu',
    'Not enough CPU',
    'New pods Pending: they ask for 40 CPUs each',
    'no-cpu',
    asking('cpu', '40'),
  ),
  placing(
    'no-room-memory',
    'Not enough memory',
    'New pods Pending: they ask for 160 GiB each',
    'no-memory',
    asking('memory', '160Gi'),
  ),
  placing(
    'no-room-gpu',
    'Not enough GPUs',
    'New pods Pending: they ask for 4 GPUs on one node',
    'no-gpu',
    asking('nvidia.com/gpu', '4'),
  ),
  {
    ...placing(
      'taint',
      'Taint not tolerated',
      'New pods Pending: the GPU nodes got a maintenance taint',
      'taints',
      (same) => same,
    ),
    rollback: 'does not help',
    inject(cluster, at) {
      for (const node of gpuNodes(cluster))
        node.taints.push({ key: 'maintenance', value: 'gpu-driver', effect: 'NoSchedule' });
      release(cluster, at);
    },
    heal: {
      title: 'Take the taint away',
      run(cluster) {
        for (const node of gpuNodes(cluster)) node.taints = node.taints.filter((one) => one.key !== 'maintenance');
      },
    },
  },
  placing(
    'selector',
    'Node selector matches nothing',
    'New pods Pending: no node has mlp/pool=gpu-a100',
    'node-selector',
    (of) => ({ ...of, nodeSelector: { 'mlp/pool': 'gpu-a100' } }),
  ),
  placing(
    'affinity',
    'Node affinity matches nothing',
    'New pods Pending: no node is a p5.48xlarge',
    'node-selector',
    (of) => ({ ...of, affinity: { 'node.kubernetes.io/instance-type': 'p5.48xlarge' } }),
  ),
  {
    ...placing(
      'spread',
      'Spread over zones impossible',
      'New pods Pending: they want to be spread over three zones, and the node of one is cordoned',
      'spread',
      spreadOverZones,
    ),
    // The first pods still find a place, so the deadline runs from a minute later.
    minutesAgo: 28,
    inject(cluster, at) {
      const node = zoneNode(cluster);
      if (node !== undefined) setSchedulable(cluster, node, false, 'kubectl');
      release(cluster, at, { change: spreadOverZones });
    },
    heal: {
      title: 'Uncordon the node',
      run(cluster) {
        const node = zoneNode(cluster);
        if (node !== undefined) setSchedulable(cluster, node, true, 'kubectl');
      },
    },
  },
  {
    ...placing(
      'volume-zone',
      'Volume in another zone',
      'New pods Pending: volume node affinity conflict',
      'volume-placement',
      (of) => ({
        ...of,
        volumes: [...of.volumes, { name: 'cache', from: 'claim', source: 'model-cache', optional: false }],
      }),
    ),
    inject(cluster, at) {
      cluster.claimZones.set(`${namespace}/model-cache`, `${cluster.region}d`);
      release(cluster, at, {
        change: (of) => ({
          ...of,
          volumes: [...of.volumes, { name: 'cache', from: 'claim', source: 'model-cache', optional: false }],
        }),
      });
    },
    heal: { title: 'Make the volume available in the nodes’ zones', run: (cluster) => cluster.claimZones.clear() },
  },
  placing(
    'volume-missing',
    'Volume claim missing',
    'New pods Pending: persistentvolumeclaim "weights" not found',
    'volume-placement',
    (of) => ({
      ...of,
      volumes: [...of.volumes, { name: 'weights', from: 'claim', source: 'weights', optional: false }],
    }),
  ),
  {
    id: 'gpu-surge-deadlock',
    title: 'Surge deadlock on GPUs',
    group: 'Room',
    about: 'One surge pod Pending, maxUnavailable 0: nothing may go, so nothing can come',
    cause: 'surge-deadlock',
    rollback: 'helps',
    minutesAgo: 26,
    inject(cluster, at) {
      takeFreeGpus(cluster, at);
      const model = theModel(cluster);
      model.strategy = { type: 'RollingUpdate', maxSurge: '1', maxUnavailable: '0' };
      model.generation += 1;
      release(cluster, at);
    },
    heal: stopped,
  },
  {
    id: 'gpus-terminating',
    title: 'Terminating pods hold GPUs',
    group: 'Room',
    about: 'Old pods ignore SIGTERM and keep their GPUs for half an hour; new pods Pending',
    cause: 'gpus-held-by-terminating-pods',
    rollback: 'does not help',
    minutesAgo: 26,
    inject(cluster, at) {
      takeFreeGpus(cluster, at);
      const image = theModel(cluster).template.containers[0]?.image ?? '';
      const before = cluster.images.get(image);
      if (before !== undefined)
        cluster.images.set(image, { ...before, program: { ...before.program, ignoresTerm: true } });
      release(cluster, at);
    },
    heal: {
      title: 'Make the server listen to SIGTERM, and force the terminating pods out',
      run(cluster, at) {
        for (const pod of cluster.pods) if (pod.deletedAt !== null) pod.goneAt = at;
        for (const [image, known] of cluster.images) {
          cluster.images.set(image, { ...known, program: { ...known.program, ignoresTerm: false } });
        }
      },
    },
  },
];

const gpuNodes = (cluster: Cluster): Cluster['nodes'] =>
  cluster.nodes.filter((node) => node.labels['mlp/pool'] === 'gpu');
