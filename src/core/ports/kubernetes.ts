/** What a Kubernetes cluster can be asked and told. Types only. One value is bound to one region by the engine, so no method takes a region. */
import type {
  Autoscaler,
  Deployment,
  Event,
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
  events(namespace: string, kinds: readonly ('Pod' | 'ReplicaSet' | 'Deployment')[]): Promise<readonly Event[]>;
  log(
    of: ObjectName,
    options: { readonly container: string; readonly previous: boolean; readonly tail: number },
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
}

/** What one write makes of a Deployment. Every field that is absent stays as it is. */
export interface DeploymentChange {
  /** Take the pod template of this ReplicaSet (by uid; its digest must still be this). */
  readonly template?: { readonly replicaSet: string; readonly digest: string };
  readonly paused?: boolean;
  /** `kubectl.kubernetes.io/restartedAt` of the pod template (ISO 8601). */
  readonly restartedAt?: string;
}

/** The state that a write is conditional on. */
export interface DeploymentExpectation {
  readonly uid: string;
  readonly templateDigest: string;
  readonly paused: boolean;
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
