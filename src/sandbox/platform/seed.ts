import type { Owner } from '../../core/ports/kubernetes.ts';
import { nothingAround } from './around/model.ts';
import { seedAround } from './around/seed.ts';
import { uidOf } from './random.ts';
import { fetchingProgram, imageOf, modelServer, plainService, servingProgram } from './seed-templates.ts';
import { everyPart, program, withContainer } from './template.ts';
import { seconds, type Cluster, type SimNode, type Template, type Workload } from './state.ts';
import { deployTemplate, putObject } from './write.ts';

/** The healthy platform that every story starts from: three regions, all served, all rolled out. */
export const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-1'] as const;
export const namespace = 'ml-platform';

const day = 86_400_000;

interface Profile {
  /** Versions of model-server, oldest first; the last one runs. */
  readonly versions: readonly string[];
  readonly requestsPerSecond: number;
}

const profiles: Readonly<Record<string, Profile>> = {
  'us-east-1': { versions: ['v2.3.8', 'v2.3.9', 'v2.4.0', 'v2.4.1'], requestsPerSecond: 42 },
  'eu-west-1': { versions: ['v2.3.8', 'v2.3.9', 'v2.4.0'], requestsPerSecond: 28 },
  'ap-southeast-1': { versions: ['v2.3.8', 'v2.3.9', 'v2.4.0', 'v2.4.1'], requestsPerSecond: 24 },
};

export function emptyCluster(seed: string, region: string, at: number): Cluster {
  return {
    seed,
    region,
    now: at,
    resourceVersion: 184_000,
    nodes: [],
    workloads: [],
    pods: [],
    events: [],
    quotas: [],
    limitRanges: [],
    objects: new Map(),
    images: new Map(),
    autoscalers: [],
    webhooks: [],
    podSecurity: new Map(),
    claimZones: new Map(),
    controllerRuns: true,
    activity: 0,
    idle: false,
    steppedAt: 0,
    dirty: true,
    placesChanged: false,
    services: [],
    traffic: new Map(),
    metricsAnswer: true,
    alerts: new Map(),
    seededAt: at,
    effects: [],
    gone: [],
    around: nothingAround(),
  };
}

/** Nodes: four with four GPUs each (sixteen; model-server uses twelve, and a surge of three fits), two without. */
export function addNodes(cluster: Cluster): void {
  for (let index = 0; index < 6; index += 1) {
    const gpu = index < 4;
    const zone = `${cluster.region}${['a', 'b', 'c'][index % 3] ?? 'a'}`;
    const name = `ip-10-0-${16 + index * 16}-${40 + index * 7}.${cluster.region}.compute.internal`;
    const node: SimNode = {
      name,
      uid: uidOf(cluster.seed, 'node', name),
      ready: 'True',
      readySince: cluster.now - 30 * day,
      madeAt: cluster.now - 30 * day,
      holders: [],
      unschedulable: false,
      taints: gpu ? [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] : [],
      labels: {
        'topology.kubernetes.io/region': cluster.region,
        'topology.kubernetes.io/zone': zone,
        'node.kubernetes.io/instance-type': gpu ? 'g5.12xlarge' : 'm6i.2xlarge',
        'kubernetes.io/arch': 'amd64',
        'mlp/pool': gpu ? 'gpu' : 'general',
      },
      allocatable: gpu
        ? { cpu: '47', memory: '180Gi', pods: '234', 'nvidia.com/gpu': '4' }
        : { cpu: '7', memory: '29Gi', pods: '58' },
      pressures: [],
      reports: true,
      silentSince: null,
      sandboxFailure: null,
      fence: null,
      resourceVersion: cluster.resourceVersion,
    };
    cluster.nodes.push(node);
  }
}

export interface NewWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly template: Template;
  readonly owner: Owner;
  readonly strategy?: Workload['strategy'];
  readonly minReadySeconds?: number;
  readonly progressDeadlineSeconds?: number;
}

export function addWorkload(cluster: Cluster, of: NewWorkload, manager: string, at: number): Workload {
  cluster.resourceVersion += 1;
  const made: Workload = {
    namespace: of.namespace,
    name: of.name,
    uid: uidOf(cluster.seed, cluster.region, of.namespace, of.name),
    createdAt: at,
    generation: 1,
    observedGeneration: 0,
    resourceVersion: cluster.resourceVersion,
    replicas: of.replicas,
    paused: false,
    selector: { app: of.name },
    strategy: of.strategy ?? { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%' },
    minReadySeconds: of.minReadySeconds ?? 0,
    progressDeadlineSeconds: of.progressDeadlineSeconds ?? 600,
    template: of.template,
    owner: of.owner,
    fence: null,
    changedBy: { manager, at },
    holders: [{ manager, at, fields: ['replicas', 'selector', 'strategy', 'template'] }],
    owners: [{ manager, at, parts: everyPart }],
    changeCause: null,
    conditions: [],
    status: { total: 0, updated: 0, ready: 0, available: 0, unavailable: 0 },
    sets: [],
    scaled: [{ at, replicas: of.replicas }],
  };
  cluster.workloads.push(made);
  cluster.dirty = true;
  return made;
}

export const argoCd = (name: string, heals: boolean): Owner => ({
  kind: 'argo-cd',
  name,
  reverts: heals ? 'at once' : 'no',
});

/** Fills an empty cluster as of 40 days ago. `pass` lets the controllers work until all is still. */
export function seedRegion(cluster: Cluster, at: number, pass: (to: number) => void): void {
  const { region } = cluster;
  const profile = profiles[region] ?? { versions: ['v2.4.0'], requestsPerSecond: 20 };
  addNodes(cluster);
  addObjects(cluster, at - 40 * day);
  seedAround(cluster, namespace, at - 40 * day);
  for (const tag of profile.versions) {
    cluster.images.set(imageOf(region, 'model-server', tag), {
      pull: 'ok',
      pullSeconds: 20,
      program: servingProgram(),
    });
  }
  cluster.images.set(imageOf(region, 'model-fetcher', 'v1.8.0'), {
    pull: 'ok',
    pullSeconds: 3,
    program: fetchingProgram(),
  });
  const first = at - 40 * day;
  const owner = argoCd('model-server', false);
  const [oldest = 'v2.4.0', ...later] = profile.versions;
  const model = addWorkload(
    cluster,
    { namespace, name: 'model-server', replicas: 12, template: modelServer(region, oldest), owner },
    'argocd-controller',
    first,
  );
  const others: readonly (readonly [string, number, string])[] = [
    ['api-gateway', 3, 'v5.1.2'],
    ['replication-service', 2, 'v1.9.0'],
    ['feature-store', 2, 'v3.0.4'],
  ];
  for (const [name, replicas, tag] of others) {
    cluster.images.set(imageOf(region, name, tag), {
      pull: 'ok',
      pullSeconds: 4,
      program: program({ warmSeconds: 5 }),
    });
    addWorkload(
      cluster,
      {
        namespace,
        name,
        replicas,
        template: plainService(region, name, tag),
        owner: argoCd(name, name === 'api-gateway'),
      },
      'argocd-controller',
      first,
    );
  }
  cluster.services.push(
    {
      name: 'model-server',
      workload: 'model-server',
      requestsPerSecond: profile.requestsPerSecond,
      capacityPerPod: 5,
      baseLatencySeconds: 0.142,
      cpuSecondsPerRequest: 0.72,
      idleCores: 0.25,
    },
    {
      name: 'api-gateway',
      workload: 'api-gateway',
      requestsPerSecond: profile.requestsPerSecond * 1.1,
      capacityPerPod: 60,
      baseLatencySeconds: 0.019,
      cpuSecondsPerRequest: 0.013,
      idleCores: 0.03,
    },
  );
  pass(first + seconds(600));
  for (const [index, tag] of later.entries()) {
    const when = at - (later.length - index) * 9 * day + 6 * day;
    const image = imageOf(region, 'model-server', tag);
    const cause = `model-server ${tag}`;
    pass(when);
    const next = withContainer(model.template, 'model-server', (one) => ({ ...one, image }));
    deployTemplate(cluster, model, next, { manager: 'argocd-controller', cause }, when);
    cluster.dirty = true;
    pass(when + seconds(1200));
  }
  addAutoscalers(cluster);
  cluster.seededAt = at;
  pass(at);
}

/** model-server's own, and one that KEDA makes for api-gateway. */
function addAutoscalers(cluster: Cluster): void {
  cluster.autoscalers.push(
    { namespace, name: 'model-server', workload: 'model-server', min: 12, max: 24, target: 0.8 },
    {
      namespace,
      name: 'keda-hpa-api-gateway',
      workload: 'api-gateway',
      min: 3,
      max: 9,
      target: 0.7,
      scaledObject: 'api-gateway',
    },
  );
}

function addObjects(cluster: Cluster, at: number): void {
  const put = (kind: string, name: string, ...keys: readonly string[]): void => {
    putObject(cluster, `${kind}/${namespace}/${name}`, keys, at);
  };
  put('ConfigMap', 'model-server-config', 'model-name', 'batch-size', 'config.yaml');
  put('Secret', 'feature-store-credentials', 'username', 'password');
  put('ServiceAccount', 'default');
  put('ServiceAccount', 'model-server');
  put('PersistentVolumeClaim', 'model-cache');
}
