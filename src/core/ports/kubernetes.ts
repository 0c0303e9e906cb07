/** What a Kubernetes cluster can be asked and told. Types only. One value is bound to one region by the engine, so no method takes a region. */
import type {
  Allowed,
  Claim,
  ConfigObject,
  CustomKind,
  CustomObject,
  DisruptionBudget,
  Endpoint,
  Fetched,
  Namespace,
  NetworkPolicy,
  NodeUsage,
  PodOnNode,
  PodSecurity,
  PodUse,
  Ran,
  Right,
  Service,
  StorageClass,
  Workload,
} from './kubernetes-around.ts';
import type {
  Autoscaler,
  Deployment,
  Event,
  EventKind,
  LimitRange,
  Log,
  Node,
  NodeUse,
  ObjectName,
  Pod,
  PodRow,
  Presence,
  Quota,
  Referenced,
  Revision,
} from './kubernetes-objects.ts';

export type * from './kubernetes-objects.ts';
export type * from './kubernetes-around.ts';

/** Read-only by type and by credentials. Each method throws a Failure: "not found" is `null` only where it says so. */
export interface KubernetesRead {
  /** Null when there is none. */
  deployment(of: ObjectName): Promise<Deployment | null>;
  deployments(namespace: string): Promise<
    readonly (ObjectName & {
      readonly wanted: number;
      readonly ready: number;
      readonly updated: number;
      readonly available: number;
    })[]
  >;
  /** ReplicaSets controlled by this Deployment, oldest number first. */
  revisions(of: ObjectName): Promise<readonly Revision[]>;
  /** By label selector text; in pages. */
  pods(namespace: string, selector: string): Promise<readonly PodRow[]>;
  /** Null when there is none. */
  pod(of: ObjectName): Promise<Pod | null>;
  /** All of the namespace's events about objects of these kinds, oldest first, in pages. They live about an hour. */
  events(namespace: string, kinds: readonly EventKind[]): Promise<readonly Event[]>;
  log(
    of: ObjectName,
    options: {
      readonly container: string;
      readonly previous: boolean;
      readonly tail: number;
      /** Only lines younger than this, in seconds. */
      readonly sinceS?: number;
    },
  ): Promise<Log>;
  quotas(namespace: string): Promise<readonly Quota[]>;
  limitRanges(namespace: string): Promise<readonly LimitRange[]>;
  nodes(): Promise<readonly Node[]>;
  /** Needs the right to list pods in all namespaces. */
  nodeUse(): Promise<readonly NodeUse[]>;
  /** By name. Secrets need the *look inside* right: forbidden without it. */
  presence(kind: Referenced, of: ObjectName): Promise<Presence>;
  /** The autoscaler that targets this Deployment; null when none does. */
  autoscaler(of: ObjectName): Promise<Autoscaler | null>;
  /** `kubectl top pods`: one sample. Failure *not found* "there is no metrics server" where the cluster has none. */
  podUse(namespace: string, selector: string): Promise<readonly PodUse[]>;
  nodeUsage(): Promise<readonly NodeUsage[]>;
  /**
   * Plain values of these environment variables of a Deployment's container; null for one that is not set or comes from elsewhere. Only for names
   * that the config lists: values may be secrets. `replicaSet`: as this ReplicaSet (by name) has them, which says what they were before a change.
   */
  variables(
    of: ObjectName,
    container: string,
    names: readonly string[],
    replicaSet?: string,
  ): Promise<Readonly<Record<string, string | null>>>;
  services(namespace: string): Promise<readonly Service[]>;
  endpoints(of: ObjectName): Promise<readonly Endpoint[]>;
  disruptionBudgets(namespace: string): Promise<readonly DisruptionBudget[]>;
  networkPolicies(namespace: string): Promise<readonly NetworkPolicy[]>;
  claims(namespace: string): Promise<readonly Claim[]>;
  storageClasses(): Promise<readonly StorageClass[]>;
  /** Null when there is none. */
  namespace(name: string): Promise<Namespace | null>;
  /** What the standard that the namespace enforces says to the pods of this Deployment's templates; null: it enforces none, or `privileged`. */
  podSecurity(of: ObjectName): Promise<PodSecurity | null>;
  /** Needs the right to list pods in all namespaces. Pods that have ended are left out. */
  podsOn(node: string): Promise<readonly PodOnNode[]>;
  workloads(namespace: string, kind: Workload['kind']): Promise<readonly Workload[]>;
  /** Null when there is none. */
  configMap(of: ObjectName): Promise<ConfigObject | null>;
  /** Null when the cluster does not know this kind. */
  custom(kind: CustomKind, namespace: string): Promise<readonly CustomObject[] | null>;
  /** `kubectl auth can-i`; `as`: of somebody else (needs the right to create subjectaccessreviews, which only ask). */
  mayI(right: Right, as?: string): Promise<Allowed>;
  /** Needs *look inside*. Refused (`invalid`) when the vector is not on the allow-list. */
  exec(of: ObjectName, program: { readonly container: string; readonly argv: readonly string[] }): Promise<Ran>;
  /** One GET through the service proxy: needs *look inside*. */
  fetch(of: ObjectName, at: { readonly port: string; readonly path: string }): Promise<Fetched>;
}

/** What one write makes of a Deployment. Every field that is absent stays as it is. */
export interface DeploymentChange {
  /** Take the pod template of this ReplicaSet (by uid; its digest must still be this). */
  readonly template?: { readonly replicaSet: string; readonly digest: string };
  readonly paused?: boolean;
  /** `kubectl.kubernetes.io/restartedAt` of the pod template (ISO 8601). */
  readonly restartedAt?: string;
  readonly replicas?: number;
  /** Of one named container; a null takes the entry away. */
  readonly resources?: {
    readonly container: string;
    readonly requests: Readonly<Record<string, string | null>>;
    readonly limits: Readonly<Record<string, string | null>>;
  };
  /** Plain values of one named container's environment; a null takes the variable away. Never secrets. */
  readonly env?: { readonly container: string; readonly set: Readonly<Record<string, string | null>> };
}

/** The state that a write is conditional on. */
export interface DeploymentExpectation {
  readonly uid: string;
  /** Null: not known when planning, as for the way back from a change of values; `values` then says what must hold. */
  readonly templateDigest: string | null;
  readonly paused: boolean;
  /** Left out: any. */
  readonly replicas?: number;
  /** These must be so already; null: not set. Left out: any. */
  readonly values?: Pick<DeploymentChange, 'resources' | 'env'>;
}

/** Bound to one region, target, attempt and deadline. */
export interface DeploymentAct {
  /**
   * One conditional read-modify-write that also sets `mlp-bot/fence` to the attempt's token and nothing else.
   * Failure `conflict` when the expectation does not hold or somebody wrote in between; `timeout` with `maybeDone` when unknown.
   * Already in the wanted state: returns without writing.
   */
  change(to: DeploymentChange, when: DeploymentExpectation): Promise<void>;
}

/** What the server says to the same write as a dry run. It needs the patch verb, so it is not reading. */
export type Rehearsal =
  | {
      readonly is: 'diff';
      /** Lines "- image: a" / "+ image: b", without status and managed fields. */ readonly lines: readonly string[];
    }
  /** The server cannot rehearse (a webhook with side effects): it may still work. */
  | { readonly is: 'no preview'; readonly because: string }
  /** The server refuses: it would not work. */
  | { readonly is: 'refused'; readonly because: string };

export interface DeploymentRehearse {
  rehearse(to: DeploymentChange, when: DeploymentExpectation): Promise<Rehearsal>;
}

/** The bounds of whatever owns a Deployment's replica count: a HorizontalPodAutoscaler, or the ScaledObject that owns that. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}
export interface BoundsExpectation extends Bounds {
  readonly uid: string;
}
/** As `DeploymentAct`: one conditional write that also sets the fence. */
export interface BoundsAct {
  change(to: Bounds, when: BoundsExpectation): Promise<void>;
}
export interface BoundsRehearse {
  rehearse(to: Bounds, when: BoundsExpectation): Promise<Rehearsal>;
}

/** Taking one pod away, by uid, through the eviction API: a disruption budget is respected. Its controller makes another. */
export interface PodExpectation {
  readonly uid: string;
}
/** Identity is the fence here: a pod with this uid can be taken away once, by whoever comes first. Gone already: returns. */
export interface PodAct {
  /** Failure `refused` with the budget's name when a disruption budget forbids it now. */
  evict(when: PodExpectation): Promise<void>;
}
export interface PodRehearse {
  rehearse(when: PodExpectation): Promise<Rehearsal>;
}

export interface NodeExpectation {
  readonly uid: string;
  readonly unschedulable: boolean;
}
export interface NodeAct {
  /** Cordon or uncordon; sets the fence too. */
  schedulable(to: boolean, when: NodeExpectation): Promise<void>;
}
export interface NodeRehearse {
  rehearse(to: boolean, when: NodeExpectation): Promise<Rehearsal>;
}
