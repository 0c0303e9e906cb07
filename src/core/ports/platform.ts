import type {
  BoundsAct,
  BoundsRehearse,
  DeploymentAct,
  DeploymentRehearse,
  KubernetesRead,
  NodeAct,
  NodeRehearse,
  ObjectName,
  PodAct,
  PodRehearse,
} from './kubernetes.ts';
import type { MetricsRead } from './metrics.ts';
import type { ProbesRead } from './probe.ts';

/** Everything that a reading may look at. Read-only by type and by credentials, bound to one region. */
export interface Read {
  readonly kubernetes: KubernetesRead;
  readonly metrics: MetricsRead;
  /** Of public health pages. Left out: none is probed. */
  readonly probes?: ProbesRead;
  /** What the config says of a service: no outside system is asked. */
  readonly service: (of: ObjectName) => ServiceFacts;
}

/** A service's own words in the config, with their documented defaults. */
export interface ServiceFacts {
  /** Its model spreads over the GPUs that it is given: only then more of them cure a full one. */
  readonly shards: boolean;
  /** Names of the workloads of its namespace without which it fails; left out: none. */
  readonly dependsOn?: readonly string[];
  /** Environment variables whose values may be read and shown. */
  readonly variables: {
    readonly modelVersion: string;
    readonly batchSize: string;
    readonly threads: string;
  };
  /** Above these, users are hurt; null: not in the config. */
  readonly limits: { readonly errorRatio: number; readonly latencySeconds: number } | null;
  /** Fewer requests in five minutes say nothing. */
  readonly minRequests: number;
}

/** What can be changed, by kind: its target, what acts on it, what rehearses it. */
export interface ActOn {
  readonly deployment: {
    readonly target: ObjectName;
    readonly act: DeploymentAct;
    readonly rehearse: DeploymentRehearse;
  };
  /** A HorizontalPodAutoscaler by its own name. */
  readonly autoscaler: { readonly target: ObjectName; readonly act: BoundsAct; readonly rehearse: BoundsRehearse };
  /** A KEDA ScaledObject by its own name. */
  readonly 'scaled object': { readonly target: ObjectName; readonly act: BoundsAct; readonly rehearse: BoundsRehearse };
  readonly pod: { readonly target: ObjectName; readonly act: PodAct; readonly rehearse: PodRehearse };
  /** A node has no namespace: ''. */
  readonly node: { readonly target: ObjectName; readonly act: NodeAct; readonly rehearse: NodeRehearse };
}
export type Kind = keyof ActOn;

/** One try to do one act. */
export interface Attempt {
  /** The new value of the fence: unique per attempt. */
  readonly fence: string;
  /** ISO 8601: after this moment the adapter must not send the write. */
  readonly notAfter: string;
  /** The fence that the target carried when it was read for this attempt, null: none. Any other means that somebody has taken over: conflict. Left out: whatever the first look finds. */
  readonly expects?: string | null;
}

/** The adapters behind one door: the engine binds what it hands out. */
export interface Platform {
  readonly regions: readonly string[];
  read(region: string, signal: AbortSignal): Read;
  /** What the clock of the region's API server shows (ISO 8601, cut to the second). Throws a Failure. Left out: it has none. */
  serverClock?(region: string, signal: AbortSignal): Promise<string>;
  rehearse<K extends Kind>(
    kind: K,
    region: string,
    target: ActOn[K]['target'],
    signal: AbortSignal,
  ): ActOn[K]['rehearse'];
  act<K extends Kind>(
    kind: K,
    region: string,
    target: ActOn[K]['target'],
    attempt: Attempt,
    signal: AbortSignal,
  ): ActOn[K]['act'];
  /** The fence that the target carries; null: none, or no target. A pod has none: its uid is one. Throws a Failure. */
  fenceOf(kind: Kind, region: string, target: ActOn[Kind]['target'], signal: AbortSignal): Promise<string | null>;
  /** Gives the target's fence a new value, so that a paused predecessor's conditional write fails; of a pod: nothing to do. Throws a Failure. */
  fence(kind: Kind, region: string, target: ActOn[Kind]['target'], token: string, signal: AbortSignal): Promise<void>;
}
