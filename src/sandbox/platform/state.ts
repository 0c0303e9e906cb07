import type {
  Condition,
  Container,
  ContainerState,
  Event,
  LimitRange,
  Owner,
  PodTemplate,
  Quota,
  TemplatePart,
} from '../../core/ports/kubernetes.ts';

import type { Around, Autoscaling, Gone } from './around/model.ts';
import type { Holder } from './holders.ts';
import type { SimNode } from './node-life.ts';
import type { PlacedEffect } from './telemetry/effects.ts';

export type { SimNode };

/** The model's state: plain data, changed only by the controllers of this folder. Times are Unix ms unless they are text. */

export interface Toleration {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What the port shows of a pod template, and what only the model needs of it. */
export interface Template extends Omit<PodTemplate, 'placement'> {
  readonly labels: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Required node affinity: label to value. */
  readonly affinity: Readonly<Record<string, string>>;
  /** A hard topology spread constraint over its own pods; null for none. */
  readonly spread: { readonly topologyKey: string; readonly maxSkew: number } | null;
  /** Plain environment variables, by container: the port tells their names only, and values of those that it is asked for. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly graceSeconds: number;
  readonly privileged: boolean;
}

/** What a program does once its container has started. */
export interface Program {
  /** Seconds until it answers its probes. */
  readonly warmSeconds: number;
  /** Set when it ends by itself, this many seconds after its start. */
  readonly ends: {
    readonly afterSeconds: number;
    readonly exitCode: number;
    readonly signal: number;
    readonly reason: string;
  } | null;
  /** Set when the runtime cannot even start it: the container never runs. */
  readonly cannotStart: { readonly exitCode: number; readonly message: string } | null;
  /** What its health page answers when warm. */
  readonly readyStatus: 200 | 503;
  /** Seconds after which it stops answering its liveness probe; null for never. */
  readonly hangsAfterSeconds: number | null;
  /** Keys that it cannot do without, even where the template calls them optional: it exits 1 with these lines. */
  readonly needs: readonly {
    readonly kind: 'ConfigMap' | 'Secret';
    readonly name: string;
    readonly key: string;
    readonly complains: readonly string[];
  }[];
  readonly lines: readonly string[];
  /** Share of the requests that it answers with an error, 0 to 1. */
  readonly errorRatio: number;
  /** Whether it goes on running after SIGTERM until the grace period is over. */
  readonly ignoresTerm: boolean;
}

export interface Image {
  readonly pull: 'ok' | 'missing' | 'denied' | 'either' | 'no platform';
  readonly pullSeconds: number;
  readonly program: Program;
}

export interface ReplicaSet {
  readonly uid: string;
  readonly name: string;
  number: number;
  readonly hash: string;
  readonly digest: string;
  readonly template: Template;
  readonly createdAt: number;
  wanted: number;
  total: number;
  ready: number;
  available: number;
  readonly conditions: Condition[];
  readonly changeCause: string | null;
  /** It got a new number when it was gone back to. */
  again: boolean;
  /** Pods made so far: the next one's number in the seeded names. */
  made: number;
  /** Refused creations in a row, and when the next try is. */
  refused: number;
  retryAt: number | null;
}

export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number;
  generation: number;
  observedGeneration: number;
  resourceVersion: number;
  replicas: number;
  paused: boolean;
  readonly selector: Readonly<Record<string, string>>;
  strategy: { type: 'RollingUpdate' | 'Recreate'; maxSurge: string; maxUnavailable: string };
  minReadySeconds: number;
  progressDeadlineSeconds: number;
  template: Template;
  owner: Owner;
  fence: string | null;
  changedBy: { readonly manager: string; readonly at: number } | null;
  /** Who holds which fields of its spec. */
  holders: readonly Holder[];
  /** Who holds which parts of the template: managed fields. */
  owners: { readonly manager: string; readonly at: number; readonly parts: readonly TemplatePart[] }[];
  changeCause: string | null;
  readonly conditions: Condition[];
  status: { total: number; updated: number; ready: number; available: number; unavailable: number };
  sets: ReplicaSet[];
  /** How many pods were wanted since when, oldest first. */
  scaled: { readonly at: number; readonly replicas: number }[];
}

export interface PodContainer {
  readonly spec: Container;
  readonly init: boolean;
  state: ContainerState;
  last: ContainerState | null;
  ready: boolean;
  started: boolean;
  restarts: number;
  /** Where its kubelet loop stands. */
  step: 'pull' | 'pulling' | 'pull failed' | 'create' | 'running' | 'ended' | 'done';
  /** When it is to be looked at again. */
  dueAt: number;
  pullTries: number;
  startedAt: number;
  failedProbes: number;
  /** Until when it was last held back in CrashLoopBackOff; 0 for never. */
  backedOffUntil: number;
  /** Restart back-off in seconds; it starts at 10, doubles to 300 and is forgotten after ten minutes of running. */
  backOffSeconds: number;
  log: readonly string[];
  previousLog: readonly string[] | null;
  /** Runs before this one, oldest first; the last twenty. */
  earlier: readonly { readonly startedAt: number; readonly endedAt: number }[];
  imageId: string;
  /** What the program complains about because its environment lacked something when it was created. */
  missed: readonly string[] | null;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly hash: string;
  readonly ownerUid: string;
  readonly workload: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly template: Template;
  readonly createdAt: number;
  node: string;
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  reason: string;
  message: string;
  deletedAt: number | null;
  /** When the kubelet is done ending it; null while it is not terminating or its node is silent. */
  goneAt: number | null;
  /** Ready to run containers: volumes are mounted and the sandbox is there. */
  prepared: boolean;
  prepareTries: number;
  prepareAt: number;
  nextScheduleAt: number;
  readySince: number | null;
  /** When it first was ready, and when it last ceased to be. */
  firstReadyAt: number | null;
  unreadyAt: number | null;
  readonly conditions: Condition[];
  readonly containers: PodContainer[];
}

/** A hook that refuses pods, or updates of one deployment. */
export interface Webhook {
  readonly on: 'pods' | 'deployments';
  readonly namespace: string;
  readonly name: string;
  readonly message: string;
  /** It has side effects, so the server rejects dry runs instead of calling it. */
  readonly sideEffects: boolean;
}

/** Demand on one service: what the traffic model starts from. */
export interface Service {
  readonly name: string;
  readonly workload: string;
  requestsPerSecond: number;
  /** What one ready pod can carry at full load. */
  readonly capacityPerPod: number;
  readonly baseLatencySeconds: number;
  /** CPU seconds that one request costs, and cores that a pod uses without any; what the request of the pod suggests where left out. */
  readonly cpuSecondsPerRequest?: number;
  readonly idleCores?: number;
}

export interface TrafficPoint {
  readonly at: number;
  readonly requestsPerSecond: number;
  readonly errorRatio: number;
  readonly latencySeconds: number;
}

/** A config map, secret, service account or claim: the names of its keys, and when it was made and last written. */
export interface KeptObject {
  readonly keys: readonly string[];
  readonly createdAt: number;
  readonly changedAt: number;
}

/** An event with the namespace it lies in. */
export interface Kept extends Event {
  readonly namespace: string;
}

export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly expression: string;
  readonly since: number;
  readonly forMs: number;
}

export interface Cluster {
  readonly seed: string;
  readonly region: string;
  now: number;
  resourceVersion: number;
  readonly nodes: SimNode[];
  readonly workloads: Workload[];
  pods: Pod[];
  /** Oldest first, by when each was last seen. */
  events: Kept[];
  quotas: (Omit<Quota, 'used'> & { readonly namespace: string })[];
  limitRanges: (LimitRange & { readonly namespace: string })[];
  /** "Secret/ml-platform/feature-store-credentials" to what is kept of it. */
  readonly objects: Map<string, KeptObject>;
  readonly images: Map<string, Image>;
  readonly autoscalers: Autoscaling[];
  webhooks: Webhook[];
  /** Pod Security level "restricted"/"baseline" per namespace: it refuses privileged pods. */
  readonly podSecurity: Map<string, string>;
  /** Volume claims that live in one zone: name to zone. */
  readonly claimZones: Map<string, string>;
  controllerRuns: boolean;
  /** Counts what was recorded or written, so that a moment in which nothing happened can be told. */
  activity: number;
  /** The last look changed nothing; when (Unix ms). */
  idle: boolean;
  steppedAt: number;
  /** Something was written that controllers have not looked at yet. */
  dirty: boolean;
  /** Something that the scheduler cares about has changed: it tries its unplaced pods again. */
  placesChanged: boolean;
  readonly services: Service[];
  readonly traffic: Map<string, TrafficPoint[]>;
  metricsAnswer: boolean;
  /** Alert rules that are true, by their labels: since when. */
  readonly alerts: Map<string, ActiveAlert>;
  /** When the healthy platform was complete: what came before is history by formula. */
  seededAt: number;
  /** What faults do to pods and nodes beside what the controllers know: telemetry follows them. */
  effects: PlacedEffect[];
  /** Pods that are gone, for the history of their series; the newest last. */
  gone: Gone[];
  readonly around: Around;
}

/** Kubernetes writes whole seconds. */
export const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => count * 60_000;
