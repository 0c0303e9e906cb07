import { createHash } from 'node:crypto';
import { canonical } from '../../src/core/json.ts';
import type {
  Container,
  ContainerStatus,
  Deployment,
  Event,
  Node,
  NodeUse,
  Pod,
  PodRow,
  PodTemplate,
  Revision,
  TemplatePart,
} from '../../src/core/ports/kubernetes.ts';

/** Builders of a cluster's objects as the port tells them, for recorded cases. The moment of all of them is `at`. */

export const at = '2026-03-14T02:42:00.000Z';
export const namespace = 'ml-platform';
export const region = 'eu-west-1';
export const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** So many minutes before `at`. */
export function ago(minutes: number): string {
  return new Date(Date.parse(at) - minutes * 60_000).toISOString();
}

export function container(over: Partial<Container> = {}): Container {
  return {
    name: 'server',
    image: `${registry}/model-server:v2.4.0`,
    command: [],
    requests: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
    limits: { memory: '16Gi', 'nvidia.com/gpu': '1' },
    readiness: {
      asks: 'GET :8080/health',
      initialDelaySeconds: 5,
      periodSeconds: 10,
      timeoutSeconds: 1,
      failureThreshold: 3,
    },
    liveness: null,
    startup: null,
    env: [],
    sidecar: false,
    ...over,
  };
}

export function template(over: Partial<PodTemplate> = {}): PodTemplate {
  return {
    containers: [container()],
    initContainers: [],
    serviceAccount: 'default',
    pullSecrets: [],
    nodeSelector: {},
    volumes: [],
    placement: { tolerations: '', nodeAffinity: '', podAffinity: '', spread: '', hostPorts: '' },
    restartedAt: null,
    ...over,
  };
}

export const digestOf = (value: PodTemplate): string => createHash('sha256').update(canonical(value)).digest('hex');

const hashes: Readonly<Record<number, string>> = { 15: '6b8f9c7d5', 16: '7c9d8b6f5', 17: '5d8c7b9f4', 18: '84b6d7cf9' };

export function revision(number: number, of: PodTemplate, over: Partial<Revision> = {}): Revision {
  const hash = hashes[number] ?? `9f7c6d${number}b4`;
  return {
    uid: `rs-${number}`,
    name: `model-server-${hash}`,
    number,
    hash,
    templateDigest: digestOf(of),
    template: of,
    createdAt: ago(60 * 24 * 3),
    replicas: { wanted: 0, ready: 0, available: 0 },
    changeCause: null,
    conditions: [],
    ...over,
  };
}

export const everyPart: readonly TemplatePart[] = [
  'image',
  'command',
  'environment',
  'resources',
  'probes',
  'volumes',
  'placement',
  'service account',
  'other',
];

export function deployment(of: PodTemplate, over: Partial<Deployment> = {}): Deployment {
  return {
    uid: 'dep-1',
    createdAt: ago(60 * 24 * 200),
    generation: 40,
    observedGeneration: 40,
    revision: 16,
    paused: false,
    selector: 'app=model-server',
    replicas: { wanted: 12, total: 12, updated: 12, ready: 12, available: 12, unavailable: 0 },
    strategy: { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%', surgePods: 3, unavailablePods: 3 },
    minReadySeconds: 0,
    progressDeadlineSeconds: 600,
    conditions: [
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: 'ReplicaSet "model-server-7c9d8b6f5" has successfully progressed.',
        since: ago(60 * 24 * 3),
        updatedAt: ago(60 * 24 * 3),
      },
    ],
    template: of,
    podLabels: { app: 'model-server' },
    templateDigest: digestOf(of),
    owner: { kind: 'none', name: '', reverts: 'no' },
    fence: null,
    templateChangedBy: { manager: 'argocd-controller', at: ago(60 * 24 * 3) },
    templateOwners: [{ manager: 'argocd-controller', at: ago(60 * 24 * 3), parts: everyPart }],
    ...over,
  };
}

export function node(number: number, over: Partial<Node> = {}): Node {
  return {
    name: `gpu-${number}`,
    ready: 'True',
    readySince: ago(60 * 24 * 30),
    unschedulable: false,
    taints: [],
    labels: { 'topology.kubernetes.io/zone': `eu-west-1${'abc'[number % 3]}` },
    allocatable: { cpu: '32', memory: '128Gi', 'nvidia.com/gpu': '4', pods: '58', 'ephemeral-storage': '400Gi' },
    pressures: [],
    uid: `node-${number}`,
    ...over,
  };
}

export function nodeUse(number: number, over: Partial<NodeUse> = {}): NodeUse {
  return {
    node: `gpu-${number}`,
    pods: 9,
    requested: { cpu: '8', memory: '32Gi', 'nvidia.com/gpu': '4' },
    gpusTerminating: 0,
    ...over,
  };
}

export function event(over: Partial<Event> & Pick<Event, 'reason' | 'message' | 'name'>): Event {
  return {
    type: 'Warning',
    kind: 'Pod',
    uid: `uid-${over.name}`,
    count: 1,
    firstAt: ago(26),
    lastAt: ago(1),
    ...over,
  };
}

const suffixes = [
  'x2x7k',
  'b4lqz',
  'c6mrw',
  'd8nsv',
  'f2ptx',
  'g5qvz',
  'h7rwb',
  'j9sxc',
  'k2tzd',
  'l4vbf',
  'm6wcg',
  'n8xdh',
];

/** A pod and its printed row. */
export interface OnePod {
  readonly row: PodRow;
  readonly pod: Pod;
}

export function status(over: Partial<ContainerStatus> = {}): ContainerStatus {
  return {
    name: 'server',
    image: `${registry}/model-server:v2.4.0`,
    imageId: 'sha256:4f1c0de',
    ready: true,
    started: true,
    restarts: 0,
    state: { is: 'running', since: ago(25) },
    last: null,
    ...over,
  };
}

/** A ready pod of this revision. */
export function readyPod(of: Revision, index: number, createdAt: string): OnePod {
  const name = `${of.name}-${suffixes[index] ?? `z${1000 + index}`}`;
  const image = of.template.containers[0]?.image ?? '';
  const placedOn = `gpu-${(index % 2) + 1}`;
  // Its model takes a minute and a half to load.
  const warm = new Date(Date.parse(createdAt) + (90 + (index % 3)) * 1000).toISOString();
  return {
    row: {
      name,
      uid: `uid-${name}`,
      readyContainers: 1,
      containers: 1,
      status: 'Running',
      restarts: 0,
      createdAt,
      node: placedOn,
      hash: of.hash,
      ownerUid: of.uid,
      terminating: false,
    },
    pod: {
      name,
      uid: `uid-${name}`,
      node: placedOn,
      phase: 'Running',
      reason: '',
      message: '',
      createdAt,
      terminating: false,
      terminationGraceSeconds: 30,
      serviceAccount: 'default',
      conditions: [condition('PodScheduled', 'True', '', '', createdAt), condition('Ready', 'True', '', '', warm)],
      containers: [status({ image })],
      initContainers: [],
      gpus: 1,
    },
  };
}

export function condition(
  type: string,
  is: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  since: string | null,
): Pod['conditions'][number] {
  return { type, status: is, reason, message, since, updatedAt: null };
}
