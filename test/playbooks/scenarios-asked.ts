import type { Json } from '../../src/core/json.ts';
import type { Autoscaler } from '../../src/core/ports/kubernetes.ts';
import { Failure } from '../../src/core/failure.ts';
import { ago, container, namespace, node, nodeUse, registry, revision, template } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { dark, healthy, rollingOut } from './world.ts';
import type { World } from './world.ts';

/** Changes that a person asks for by command. */

const asked = (name: string, about: string, remedy: string, details: Json, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'change',
  asked: { remedy, details },
  world,
});

const hpa: Autoscaler = {
  name: 'model-server',
  uid: 'hpa-1',
  min: 12,
  max: 24,
  current: 12,
  desired: 12,
  metrics: [],
  conditions: [],
  scaledObject: null,
};

/** Room for more pods, and an older version to go back to. */
function roomy(): World {
  const world = healthy();
  const old = template({ containers: [container({ image: `${registry}/model-server:v2.3.0` })] });
  return {
    ...world,
    revisions: [revision(15, old, { createdAt: ago(60 * 24 * 30) }), ...world.revisions],
    nodes: [1, 2, 3, 4].map((number) => node(number)),
    nodeUse: [1, 2].map((number) => nodeUse(number)),
    variables: { MODEL_VERSION: 'v3', BATCH_SIZE: '8', OMP_NUM_THREADS: '4' },
  };
}

function scaledBy(scaler: Partial<Autoscaler>): World {
  const world = { ...roomy(), autoscaler: { ...hpa, ...scaler } };
  const spec = JSON.stringify({ minReplicaCount: 12, maxReplicaCount: 24 });
  return {
    ...world,
    custom: {
      ScaledObject: [{ namespace, name: 'model-server', uid: 'so-1', spec, labels: {} }],
    },
  };
}

function cpuLimited(): World {
  const world = roomy();
  const now = template({ containers: [container({ limits: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' } })] });
  const current = world.revisions.at(-1);
  if (world.deployment === null || current === undefined) throw new Error('no such world');
  return {
    ...world,
    deployment: { ...world.deployment, template: now },
    revisions: [...world.revisions.slice(0, -1), { ...current, template: now }],
  };
}

function sharded(): World {
  const world = roomy();
  return { ...world, measured: { ...world.measured, service: { ...world.measured.service, shards: true } } };
}

function behind(): World {
  const world = roomy();
  if (world.deployment === null) throw new Error('no such world');
  const replicas = { ...world.deployment.replicas, ready: 9, available: 9, unavailable: 3 };
  return { ...world, deployment: { ...world.deployment, replicas } };
}

const podIn = (world: World): string => world.pods[0]?.row.name ?? '';

const deploymentScenarios: readonly Scenario[] = [
  asked('scale', 'Two pods more, with room for them', 'scale', { replicas: 14 }, roomy),
  asked('scale-to-zero', 'No pod at all', 'scale', { replicas: 0 }, roomy),
  asked('scale-of-an-autoscaler', 'The number is an autoscaler’s', 'scale', { replicas: 14 }, () => scaledBy({})),
  asked('scale-not-understood', 'Details that say nothing', 'scale', { replicas: 'many' }, roomy),
  asked('bounds', 'More room at the top of an autoscaler', 'autoscaler-bounds', { max: 30 }, () => scaledBy({})),
  asked('bounds-of-keda', 'KEDA makes the autoscaler', 'scaled-object-bounds', { max: 30 }, () =>
    scaledBy({ scaledObject: 'model-server' }),
  ),
  asked('restart', 'All pods anew', 'restart', {}, roomy),
  asked('restart-in-a-rollout', 'All pods anew, in the middle of a rollout', 'restart', {}, rollingOut),
  asked('rollback', 'Back to the version before', 'rollback', {}, roomy),
  asked('rollback-to-a-revision', 'Back to a revision by its number', 'rollback', { to: 15 }, roomy),
  asked('rollback-to-nothing', 'A revision that is not kept', 'rollback', { to: 3 }, roomy),
  asked('set-cpu', 'Another CPU limit', 'set-cpu', { limit: '8', request: '4' }, cpuLimited),
  asked('set-memory', 'Another memory limit', 'set-memory', { limit: '20Gi' }, roomy),
  asked('set-gpu', 'Two GPUs, of a service that shards', 'set-gpu', { limit: '2' }, sharded),
  asked('set-model-version', 'Another model', 'set-model-version', { value: 'v4' }, roomy),
  asked('set-batch-size', 'Smaller batches', 'set-batch-size', { value: '4' }, roomy),
  asked('set-threads', 'Fewer threads', 'set-threads', { value: '2' }, roomy),
  asked('replace-pod', 'One pod anew', 'replace-pod', { pod: podIn(roomy()) }, roomy),
  asked('not-healthy', 'Asked for while it is not well', 'scale', { replicas: 14 }, behind),
  asked('no-such-deployment', 'A name that is not there', 'scale', { replicas: 14 }, () => ({
    ...healthy(),
    deployment: null,
    revisions: [],
    pods: [],
  })),
  asked('nothing-readable', 'Nothing may be read', 'restart', {}, dark),
];

const onNode = (name: string, about: string, of: string, remedy: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'change-node',
  target: { namespace: '', name: of },
  asked: { remedy, details: {} },
  world,
});
const first = (): string => healthy().nodes[0]?.name ?? '';

const nodeScenarios: readonly Scenario[] = [
  onNode('cordon', 'No new pod on one node', first(), 'cordon', healthy),
  onNode('uncordon', 'A cordoned node takes pods again', first(), 'uncordon', () => ({
    ...healthy(),
    nodes: healthy().nodes.map((one, index) => (index === 0 ? { ...one, unschedulable: true } : one)),
  })),
  onNode('cordon-twice', 'It is cordoned already', first(), 'cordon', () => ({
    ...healthy(),
    nodes: healthy().nodes.map((one, index) => (index === 0 ? { ...one, unschedulable: true } : one)),
  })),
  onNode('no-such-node', 'A name that is not there', 'node-9', 'cordon', healthy),
  onNode('nodes-not-readable', 'Nodes may not be listed', first(), 'cordon', () => ({
    ...healthy(),
    fails: { nodes: new Failure('forbidden', 'nodes may not be listed by mlp-bot') },
  })),
];

export const askedScenarios: readonly Scenario[] = [...deploymentScenarios, ...nodeScenarios];
