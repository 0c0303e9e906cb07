import type { PodSecurityLevel } from '../pod-security.ts';
import type { ObjectName, SpecWriter } from './kubernetes-objects.ts';

/** What stands around a workload: use, traffic, budgets, other kinds. Plain facts without secrets' values. Types only. */

/** `metrics.k8s.io`: one sample over `windowS`. Absent in many clusters: the call then fails with *not found* and "there is no metrics server". */
export interface PodUse {
  readonly pod: string;
  readonly at: string;
  readonly windowS: number;
  readonly containers: readonly { readonly name: string; readonly cores: number; readonly memoryBytes: number }[];
}
export interface NodeUsage {
  readonly node: string;
  readonly at: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface Service {
  readonly name: string;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly headless: boolean;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly target: string }[];
  /** Host names and addresses of its load balancer; empty while it has none. */
  readonly ingress: readonly string[];
}

/** One address of a service's endpoint slices. */
export interface Endpoint {
  readonly address: string;
  /** '' when no pod stands behind it. */
  readonly pod: string;
  readonly node: string;
  readonly ready: boolean;
  readonly terminating: boolean;
}

/** What one GET through the API server's service proxy brought: needs *look inside*. */
export interface Fetched {
  readonly status: number;
  readonly tookMs: number;
  /** At most 4 KiB, secrets taken out. */
  readonly body: string;
}

export interface DisruptionBudget {
  readonly name: string;
  readonly selector: string;
  readonly allowed: number;
  readonly healthy: number;
  readonly wanted: number;
}

export interface NetworkPolicy {
  readonly name: string;
  readonly selector: string;
  readonly types: readonly ('Ingress' | 'Egress')[];
  /** In a line each: "from pods app=gateway to :8080". No line: nothing is let in (or out). */
  readonly ingress: readonly string[];
  readonly egress: readonly string[];
}

export interface Claim {
  readonly name: string;
  readonly phase: 'Pending' | 'Bound' | 'Lost';
  readonly storageClass: string;
  readonly volume: string;
  readonly size: string;
  readonly modes: readonly string[];
  /** Zones that its volume is bound to; empty: not known or any. */
  readonly zones: readonly string[];
}

export interface StorageClass {
  readonly name: string;
  /** `ebs.csi.aws.com`. */
  readonly provisioner: string;
  /** `when first used`: a claim of it stays Pending until a pod that uses it is placed, which is no fault. */
  readonly binds: 'at once' | 'when first used';
  /** Claims that name no class get it. */
  readonly isDefault: boolean;
}

export interface Namespace {
  readonly name: string;
  /** In one that is Terminating nothing new can be made. */
  readonly phase: 'Active' | 'Terminating';
  /** Since when it is Terminating; null: it is not. */
  readonly terminatingSince: string | null;
  /** What keeps it from going, in its own words; empty while nothing is said. */
  readonly waitsFor: readonly string[];
  /** From its labels `pod-security.kubernetes.io/enforce` and `enforce-version`. Null: none, so that the cluster's own default holds, which nobody can read (privileged unless it was changed). */
  readonly podSecurity: { readonly level: PodSecurityLevel; readonly version: string } | null;
}

/** What the Pod Security Standard of a namespace says to the templates of one Deployment. */
export interface PodSecurity {
  /** The standard is newer than those that are written down here: what is not refused by the newest known may be all the same. */
  readonly isNewer: boolean;
  /** By template digest: the Deployment's own, and those of its ReplicaSets. Why its pods would be refused, a line each; empty: they would not. */
  readonly refuses: Readonly<Record<string, readonly string[]>>;
}

/** A pod that holds a place on a node, whatever its namespace. */
export interface PodOnNode extends ObjectName {
  /** "ReplicaSet/model-server-7c9d8b6f5", '' when nothing controls it. */
  readonly owner: string;
  readonly gpus: number;
  readonly terminating: boolean;
}

/** A workload of another kind than Deployment, as far as honest triage needs it. */
export interface Workload extends ObjectName {
  readonly kind: 'StatefulSet' | 'DaemonSet' | 'Job';
  readonly uid: string;
  readonly selector: string;
  readonly wanted: number;
  /** Jobs: pods that succeeded. */
  readonly ready: number;
  readonly updated: number;
  /** Jobs: failed pods; others: 0. */
  readonly failed: number;
  /** StatefulSets: ordinal from which on the new template applies; null: all. */
  readonly partition: number | null;
  readonly strategy: string;
  readonly images: readonly string[];
}

export interface ConfigObject {
  /** Names of its keys; never values. */
  readonly keys: readonly string[];
  /** SHA-256 (hex) over keys and values: equal in two regions means equal config. */
  readonly digest: string;
  /** Who last changed it and when, from managed fields; null when not recorded. */
  readonly changedBy: { readonly manager: string; readonly at: string } | null;
}

/** A custom resource that the cluster may not have. */
export type CustomKind =
  | 'ServiceMonitor'
  | 'PrometheusRule'
  | 'ScaledObject'
  | 'Application'
  | 'Kustomization'
  | 'HelmRelease';
export interface CustomObject extends ObjectName {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The parts that playbooks read, as JSON text of `spec`; at most 16 KiB, secrets taken out. */
  readonly spec: string;
  /** Absent in what older versions stored. */
  readonly createdAt?: string;
  readonly specWriters?: readonly SpecWriter[];
}

/** One program run in a container: needs *look inside*. Argument vectors only, from the allow-list of `inside.ts`. */
export interface Ran {
  /** 126: the container's image does not have the program; `err` says so. */
  readonly exitCode: number;
  /** At most 64 KiB each, secrets taken out, control characters removed. */
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly cut: boolean;
}

/** One right, as `kubectl auth can-i` asks for it. */
export interface Right {
  readonly verb: string;
  /** "deployments.apps", "pods/exec". */
  readonly resource: string;
  /** Left out: cluster-wide. */
  readonly namespace?: string;
  readonly name?: string;
}
export interface Allowed {
  readonly allowed: boolean;
  /** The authorizer's own words; '' when it gives none. */
  readonly because: string;
}
