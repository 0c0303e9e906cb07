/** What is known of a cluster's objects: plain facts without secrets' or environment variables' values. Types only. */

import type { PodTemplate, TemplateOwner } from './kubernetes-template.ts';

export type * from './kubernetes-template.ts';

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** `apps/v1` Deployment, as far as playbooks need it. Never the values of environment variables: they may be secrets. */
export interface Deployment {
  readonly uid: string;
  readonly createdAt: string;
  readonly generation: number;
  readonly observedGeneration: number;
  /** `deployment.kubernetes.io/revision`; null before the controller's first look. */
  readonly revision: number | null;
  readonly paused: boolean;
  /** Label selector in its text form, `app=model-server,tier in (gpu)`. */
  readonly selector: string;
  readonly replicas: {
    readonly wanted: number;
    readonly total: number;
    readonly updated: number;
    readonly ready: number;
    readonly available: number;
    readonly unavailable: number;
  };
  readonly strategy: {
    readonly type: 'RollingUpdate' | 'Recreate';
    /** As written ("25%"), and in pods for the wanted count (surge rounds up, unavailable rounds down). */
    readonly maxSurge: string;
    readonly maxUnavailable: string;
    readonly surgePods: number;
    readonly unavailablePods: number;
  };
  readonly minReadySeconds: number;
  /** Seconds; Kubernetes' default is 600. */
  readonly progressDeadlineSeconds: number;
  readonly conditions: readonly Condition[];
  readonly template: PodTemplate;
  /** The labels that its pods get: what services and budgets select them by. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** SHA-256 (hex) of the canonical pod template without `pod-template-hash`: what an approval is bound to. */
  readonly templateDigest: string;
  readonly owner: Owner;
  /** The value of `mlp-bot/fence`; null when the bot never changed this object. */
  readonly fence: string | null;
  /** Who last changed the pod template and when, from managed fields; null when not recorded. */
  readonly templateChangedBy: { readonly manager: string; readonly at: string } | null;
  /** Who holds which fields of its spec ("replicas", "template"): absent in what older versions stored. */
  readonly specWriters?: readonly SpecWriter[];
  /** Who holds which parts of the pod template, from managed fields: whoever wrote a part last holds it. `at`: that manager's last write of any part. */
  readonly templateOwners: readonly TemplateOwner[];
}

/**
 * One manager's hold on fields of an object's spec, from managed fields: whoever wrote a field last holds it, what it was before is kept nowhere.
 * `at`: that manager's last write of any field that it holds, so of these it is the time only where it holds nothing else. Null: not recorded, as
 * for whatever goes through the scale subresource (seen on a 1.3x API server: `kubectl scale` and autoscalers leave an entry without a time).
 */
export interface SpecWriter {
  readonly manager: string;
  readonly at: string | null;
  /** Names of top-level fields of the spec: "replicas", "minReplicas", "unschedulable". */
  readonly fields: readonly string[];
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** When it last changed; null when not recorded. */
  readonly since: string | null;
  /** When it was last refreshed (deployments: `lastUpdateTime`); null when not recorded. */
  readonly updatedAt: string | null;
}

/** Who will have a say about a live edit. `reverts` says what it does to a change made beside it. */
export interface Owner {
  readonly kind: 'none' | 'argo-cd' | 'flux-kustomization' | 'flux-helm' | 'helm' | 'flagger' | 'controller';
  /** The owning object's name: an Application, a HelmRelease, `InferenceService/model-server`; '' for none. */
  readonly name: string;
  /** Whether it undoes a live edit: Argo CD only with selfHeal; unknown when its object could not be read. */
  readonly reverts: 'at once' | 'at its next interval' | 'at its next deploy' | 'no' | 'not known';
}

/** One ReplicaSet of a Deployment. Revision numbers move at each rollback, so identity is `uid`; what it runs is `templateDigest`. */
export interface Revision {
  readonly uid: string;
  readonly name: string;
  readonly number: number;
  /** Label `pod-template-hash`: which pods are its. */
  readonly hash: string;
  readonly templateDigest: string;
  readonly template: PodTemplate;
  readonly createdAt: string;
  readonly replicas: { readonly wanted: number; readonly ready: number; readonly available: number };
  readonly changeCause: string | null;
  readonly conditions: readonly Condition[];
  /** It was gone back to: older than its number (annotation `deployment.kubernetes.io/revision-history`). Absent: no. */
  readonly again?: true;
}

/** One row as `kubectl get pods -o wide` shows it, plus labels' hash. Cheap for thousands. */
export interface PodRow {
  readonly name: string;
  readonly uid: string;
  /** "0/1": containers ready of all. */
  readonly readyContainers: number;
  readonly containers: number;
  /** The printed column: Running, Pending, ImagePullBackOff, CrashLoopBackOff, Init:0/1, ContainerCreating, Terminating, Completed, Evicted … */
  readonly status: string;
  readonly restarts: number;
  readonly createdAt: string;
  /** '' while not placed. */
  readonly node: string;
  /** Label `pod-template-hash`, '' when it has none. */
  readonly hash: string;
  /** uid of the controlling owner, '' when it has none. */
  readonly ownerUid: string;
  /** `metadata.deletionTimestamp` is set. */
  readonly terminating: boolean;
}

/** One pod in full, for the few that are looked at closely. */
export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** Evicted, NodeLost, UnexpectedAdmissionError …; '' when none. */
  readonly reason: string;
  readonly message: string;
  readonly createdAt: string;
  readonly terminating: boolean;
  readonly terminationGraceSeconds: number;
  readonly serviceAccount: string;
  readonly conditions: readonly Condition[];
  readonly containers: readonly ContainerStatus[];
  readonly initContainers: readonly ContainerStatus[];
  /** Summed limits of `nvidia.com/gpu`. */
  readonly gpus: number;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  /** The digest that really runs; '' before it runs. The same tag is not the same image. */
  readonly imageId: string;
  readonly ready: boolean;
  /** Null where no startup probe is awaited. */
  readonly started: boolean | null;
  readonly restarts: number;
  readonly state: ContainerState;
  readonly last: ContainerState | null;
}

export type ContainerState =
  | { readonly is: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly is: 'running'; readonly since: string }
  | {
      readonly is: 'terminated';
      readonly exitCode: number;
      /** Signal number, 0 when none is told. */
      readonly signal: number;
      readonly reason: string;
      readonly message: string;
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
    };

/** What events may be about; those of nodes are in the namespace `default`. */
export type EventKind =
  | 'Pod'
  | 'ReplicaSet'
  | 'Deployment'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'Job'
  | 'Node'
  | 'HorizontalPodAutoscaler'
  | 'PersistentVolumeClaim';

export interface Event {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Kind and name of what it is about. */
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** At most `tail` lines and 256 KiB, secrets already taken out, control characters removed. */
export interface Log {
  readonly lines: readonly string[];
  readonly cut: boolean;
}

export interface Quota {
  readonly name: string;
  readonly hard: Readonly<Record<string, string>>;
  readonly used: Readonly<Record<string, string>>;
}

export interface LimitRange {
  readonly name: string;
  readonly limits: readonly {
    readonly type: string;
    readonly min: Readonly<Record<string, string>>;
    readonly max: Readonly<Record<string, string>>;
    readonly default: Readonly<Record<string, string>>;
  }[];
}

export interface Node {
  readonly name: string;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** Since when `ready` has been so; null when not recorded. */
  readonly readySince: string | null;
  readonly unschedulable: boolean;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  /** Pressure and other bad conditions that are true: MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable. */
  readonly pressures: readonly string[];
  readonly uid: string;
  /** Absent in what older versions stored, as is who holds "unschedulable" (nobody: it was never cordoned). */
  readonly createdAt?: string;
  readonly specWriters?: readonly SpecWriter[];
}

/** Requests of the pods that hold a place on a node, terminating ones included, in Kubernetes' quantity text. */
export interface NodeUse {
  readonly node: string;
  readonly pods: number;
  readonly requested: Readonly<Record<string, string>>;
  /** `nvidia.com/gpu` held by pods that are terminating. */
  readonly gpusTerminating: number;
}

export interface Autoscaler {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly current: number;
  readonly desired: number;
  readonly conditions: readonly Condition[];
  readonly uid: string;
  /** Each measure that it goes by, as text: "cpu 92% of request, target 70%". */
  readonly metrics: readonly { readonly name: string; readonly current: string; readonly target: string }[];
  /** The ScaledObject (KEDA) that makes it; null: none. Bounds are then changed there. */
  readonly scaledObject: string | null;
  /** Absent in what older versions stored. */
  readonly createdAt?: string;
  readonly specWriters?: readonly SpecWriter[];
}

export type Referenced = 'ConfigMap' | 'Secret' | 'ServiceAccount' | 'PersistentVolumeClaim';
export type Presence =
  | {
      readonly there: true;
      /** Names of the keys; never values. */
      readonly keys: readonly string[];
      /** When it was made (ISO 8601): later than a failure for want of it means that it is back. */
      readonly createdAt: string;
      /** When somebody wrote it last, from managed fields; that of its making where nothing else is recorded. */
      readonly changedAt: string;
    }
  | { readonly there: false };
