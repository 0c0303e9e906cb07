import { describe, expect, test } from 'vitest';
import { catalogue, heal, inject } from './control.ts';
import { faults as all } from './faults/catalogue.ts';
import { theModel } from './faults/fault.ts';
import { firingAt } from './alerts.ts';
import { SimulatedPlatform } from './platform.ts';
import { methods } from './rpc.ts';
import { minutes, type Cluster } from './state.ts';
import { podRow } from './view.ts';
import { seen } from './write.ts';

/** Those that pods and events show; what telemetry shows is held by strained.test.ts. */
const faults = all.filter((one) => one.playbook === undefined);
const region = 'eu-west-1';
const of = { namespace: 'ml-platform', name: 'model-server' };

interface Shown {
  /** Status of pods that are not fine, each once. */
  readonly status: readonly string[];
  /** Something that must stand in events, conditions or logs. */
  readonly says: RegExp;
  /** Deployment: ready of wanted. */
  readonly ready: number;
  readonly alerts: readonly string[];
}

const rollout = ['KubeDeploymentReplicasMismatch', 'KubeDeploymentRolloutStuck'];
const pull = { status: ['ImagePullBackOff'], ready: 9, alerts: [...rollout, 'KubePodNotReady'] };
const crash = { status: ['CrashLoopBackOff'], ready: 9, alerts: [...rollout, 'KubePodCrashLooping'] };
const config = { status: ['CreateContainerConfigError'], ready: 9, alerts: [...rollout, 'KubePodNotReady'] };
const pending = { status: ['Pending'], ready: 9, alerts: [...rollout, 'KubePodNotReady'] };
const refused = { status: [], ready: 9, alerts: rollout };

/** What a person sees of each fault, as long ago as it is injected by default. */
const shown: Readonly<Record<string, Shown>> = {
  'image-missing': { ...pull, says: /model-server:v2\.4\.1: not found/ },
  'image-not-authorised': { ...pull, says: /403 Forbidden/ },
  'image-either': { ...pull, says: /repository does not exist or may require authorization/ },
  'image-architecture': { ...pull, says: /no match for platform in manifest/ },
  'exec-format': { ...crash, says: /exec format error/ },
  'crash-loop': { ...crash, says: /tokenizer vocabulary/ },
  'oom-at-start': { ...crash, status: ['CrashLoopBackOff'], says: /"exitCode":137.*OOMKilled/ },
  'command-missing': { ...crash, says: /"serve-v2\\?": executable file not found in \$PATH/ },
  'command-not-found': { ...crash, says: /serve-v2: not found/ },
  'config-map-missing': { ...config, says: /configmap "model-limits" not found/ },
  'secret-missing': { ...config, says: /secret "vector-db" not found/ },
  'secret-missing-volume': {
    ...config,
    status: ['Init:0/1'],
    says: /MountVolume\.SetUp failed for volume "tls" : secret "serving-tls" not found/,
  },
  'key-missing': { ...config, says: /couldn't find key token in Secret ml-platform\/feature-store-credentials/ },
  'init-container-failing': {
    ...pull,
    status: ['Init:CrashLoopBackOff'],
    alerts: [...rollout, 'KubePodCrashLooping', 'KubePodNotReady'],
    says: /\(404\) when calling the HeadObject/,
  },
  'readiness-failing': {
    status: ['Running'],
    ready: 9,
    alerts: rollout,
    says: /Readiness probe failed: HTTP probe failed with statuscode: 503/,
  },
  'liveness-killing': { ...crash, says: /failed liveness probe, will be restarted/ },
  'hangs-after-release': {
    status: ['CrashLoopBackOff'],
    ready: 0,
    alerts: ['HighErrorRate', 'HighLatencyP95', 'KubeDeploymentReplicasMismatch', 'KubePodCrashLooping'],
    says: /failed liveness probe, will be restarted/,
  },
  'startup-too-slow': {
    status: ['Running'],
    ready: 9,
    alerts: rollout,
    says: /failed startup probe, will be restarted/,
  },
  'no-room-cpu': { ...pending, says: /Insufficient cpu/ },
  'no-room-memory': { ...pending, says: /Insufficient memory/ },
  'no-room-gpu': { ...pending, says: /Insufficient nvidia\.com\/gpu/ },
  taint: { ...pending, says: /4 node\(s\) had untolerated taint \{maintenance: gpu-driver\}/ },
  selector: { ...pending, says: /6 node\(s\) didn't match Pod's node affinity\/selector/ },
  affinity: { ...pending, says: /6 node\(s\) didn't match Pod's node affinity\/selector/ },
  spread: { ...pending, says: /didn't match pod topology spread constraints/ },
  'volume-zone': { ...pending, says: /volume node affinity conflict/ },
  'volume-missing': { ...pending, says: /persistentvolumeclaim "weights" not found/ },
  'gpu-surge-deadlock': {
    ...pending,
    ready: 12,
    alerts: ['KubeDeploymentRolloutStuck', 'KubePodNotReady'],
    says: /Insufficient nvidia\.com\/gpu/,
  },
  'gpus-terminating': { ...pending, status: ['Pending', 'Terminating'], says: /Insufficient nvidia\.com\/gpu/ },
  'quota-exceeded': {
    ...refused,
    says: /exceeded quota: gpu-quota, requested: requests\.nvidia\.com\/gpu=1, used: requests\.nvidia\.com\/gpu=9, limited: requests\.nvidia\.com\/gpu=9/,
  },
  'limit-range': { ...refused, says: /maximum memory usage per Container is 18Gi, but limit is 24Gi/ },
  'pod-security': { ...refused, says: /violates PodSecurity "baseline:latest"/ },
  'webhook-refuses': { ...refused, says: /failed calling webhook "images\.policy\.sandbox"/ },
  'service-account-missing': { ...refused, says: /serviceaccount "model-server-v2" not found/ },
  'sandbox-failing': {
    ...pull,
    status: ['Init:0/1'],
    says: /Failed to create pod sandbox: .*failed to assign an IP address/,
  },
  'node-gone': {
    status: ['Pending', 'Terminating'],
    ready: 8,
    alerts: ['KubeDeploymentReplicasMismatch', 'KubeNodeNotReady', 'KubePodNotReady'],
    says: /node\.kubernetes\.io\/unreachable/,
  },
  paused: { status: [], ready: 12, alerts: [], says: /DeploymentPaused/ },
  'controller-not-observing': {
    status: [],
    ready: 12,
    alerts: ['KubeDeploymentGenerationMismatch'],
    says: /"behind":1/,
  },
  'no-preview': { ...pull, says: /does not support dry run/ },
  'secret-deleted': {
    status: ['CrashLoopBackOff'],
    ready: 9,
    alerts: ['KubeDeploymentReplicasMismatch', 'KubePodCrashLooping'],
    says: /KeyError: 'FEATURE_STORE_PASSWORD'/,
  },
  'release-fails-requests': { status: [], ready: 12, alerts: ['HighErrorRate'], says: /NewReplicaSetAvailable/ },
  'changed-by-hand': { status: [], ready: 12, alerts: [], says: /kubectl-edit/ },
  'metrics-silent': { status: [], ready: 12, alerts: [], says: /NewReplicaSetAvailable/ },
  'little-traffic': { status: [], ready: 12, alerts: [], says: /NewReplicaSetAvailable/ },
  'still-progressing': { status: ['PodInitializing'], ready: 9, alerts: [], says: /ReplicaSetUpdated/ },
  healthy: { status: [], ready: 12, alerts: [], says: /NewReplicaSetAvailable/ },
};

function world(): { readonly platform: SimulatedPlatform; readonly cluster: () => Cluster } {
  const platform = new SimulatedPlatform({ clock: { nowMs: () => Date.parse('2026-03-14T02:42:00Z') }, seed: 'test' });
  return { platform, cluster: () => platform.region(region).at(platform.now()) };
}

/** Everything a person could read about it, as one text. */
function readable(cluster: Cluster): string {
  const model = theModel(cluster);
  return JSON.stringify([
    model.conditions,
    model.changedBy,
    { behind: model.generation - model.observedGeneration },
    cluster.events.map((event) => event.message),
    cluster.pods.flatMap((pod) => pod.containers.map((one) => [one.state, one.last, one.log, one.previousLog])),
    cluster.nodes.map((node) => node.taints),
    cluster.webhooks,
  ]).replaceAll('\\"', '"');
}

function troubles(cluster: Cluster): readonly string[] {
  const bad = cluster.pods.filter(
    (pod) => pod.workload === 'model-server' && (pod.readySince === null || pod.deletedAt !== null),
  );
  return [...new Set(bad.map((pod) => podRow(pod).status))].sort();
}

const alertsOf = (platform: SimulatedPlatform, cluster: Cluster): readonly string[] =>
  [...new Set(firingAt(cluster, platform.now()).map((alert) => alert.labels['alertname'] ?? ''))]
    .filter((one) => one !== 'Watchdog')
    .sort();

/** As the bot would: the newest other revision, conditionally. */
function rollBack(platform: SimulatedPlatform, cluster: Cluster): void {
  const model = theModel(cluster);
  const [target] = model.sets.filter((set) => set.template !== model.template).sort((a, b) => b.number - a.number);
  if (target === undefined) throw new Error('there is nothing to roll back to');
  const write = {
    of,
    to: { template: { replicaSet: target.uid, digest: target.digest } },
    fence: 'f',
    resourceVersion: seen(cluster, of).resourceVersion,
  };
  methods['deployment.write']?.run(platform.region(region), write, platform.now());
}

/** Slow repairs: a back-off of five minutes, then three rounds of a rollout. */
const settled = minutes(20);

function isWell(cluster: Cluster): boolean {
  const model = theModel(cluster);
  const { total, updated, available } = model.status;
  return total === 12 && updated === 12 && available === 12 && model.observedGeneration === model.generation;
}

test('every fault of the catalogue has its expectation here, and an id of its own', () => {
  expect(Object.keys(shown).sort()).toEqual(faults.map((one) => one.id).sort());
  expect(catalogue.map((one) => one.id)).toEqual([...new Set([...all.map((one) => one.id), 'region-unreachable'])]);
});

describe.each(faults)('$id', ({ id, rollback }) => {
  const expected = shown[id];

  test('looks as it would in a cluster', () => {
    const { platform, cluster } = world();
    inject(platform, id, region);
    const now = cluster();
    expect(troubles(now)).toEqual(expected?.status);
    expect(readable(now)).toMatch(expected?.says ?? /never/);
    expect(theModel(now).status.ready).toBe(expected?.ready);
    expect(alertsOf(platform, now)).toEqual([...(expected?.alerts ?? [])].sort());
  });

  test('healing by hand ends it', () => {
    const { platform, cluster } = world();
    inject(platform, id, region);
    cluster();
    heal(platform, id, region);
    platform.advance(settled);
    expect(troubles(cluster())).toEqual([]);
    expect(isWell(cluster())).toBe(true);
    expect(alertsOf(platform, cluster())).toEqual([]);
  });

  if (rollback === 'nothing to roll back') return;
  test(`a rollback ${rollback}`, () => {
    const { platform, cluster } = world();
    inject(platform, id, region);
    rollBack(platform, cluster());
    platform.advance(minutes(15));
    expect(isWell(cluster()) && troubles(cluster()).length === 0).toBe(rollback === 'helps');
  });
});
