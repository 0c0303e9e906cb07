import type {
  Claim,
  CustomKind,
  NetworkPolicy,
  Service,
  StorageClass,
  Workload as OtherView,
} from '../../../core/ports/kubernetes.ts';
import type { Holder } from '../holders.ts';
import type { Pod, Template } from '../state.ts';

/** What stands around the deployments of a region: plain data, as the rest of the model. */
export interface Around {
  readonly services: (Service & { readonly namespace: string })[];
  readonly budgets: Budget[];
  readonly policies: (NetworkPolicy & { readonly namespace: string })[];
  readonly claims: (Claim & { readonly namespace: string })[];
  readonly others: Other[];
  readonly storageClasses: StorageClass[];
  /** Namespaces that are being deleted: since when (Unix ms), and what keeps them. */
  readonly going: Map<string, { readonly since: number; readonly waitsFor: readonly string[] }>;
  /** Kinds that the cluster knows. */
  readonly custom: Map<CustomKind, CustomItem[]>;
  /** Values of config maps, by "<namespace>/<name>": the port tells their digest only. */
  readonly values: Map<string, Readonly<Record<string, string>>>;
  /** Rights that the bot does not have: "verb resource" ("patch deployments.apps", "create pods/exec"), or "* resource", or "list events in default". */
  readonly denied: Set<string>;
  metricsServer: boolean;
  /** When autoscalers last looked: they do so each 15 s. */
  scaledAt: number | null;
}

export interface Autoscaling {
  readonly namespace: string;
  readonly name: string;
  readonly workload: string;
  min: number;
  max: number;
  /** Share of the CPU request that it aims at, 0 to 1; left out: it only shows its bounds, and scales nothing. */
  readonly target?: number;
  /** The ScaledObject that makes it. */
  readonly scaledObject?: string;
  /** Who holds which fields of its spec; left out: whoever made it. */
  holders?: readonly Holder[];
  madeAt?: number;
  fence?: string | null;
  resourceVersion?: number;
  /** It cannot read its metrics: why. */
  blind?: string | null;
  /** Since when (Unix ms). */
  blindSince?: number;
  /** Share of the request used when it last looked, and what it wants. */
  used?: number;
  desired?: number;
  /** When it first wanted fewer; it waits five minutes before it takes pods away. */
  lowSince?: number | null;
}

export interface Budget {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** "75%" or a number of pods. */
  readonly minAvailable: string;
}

/** A StatefulSet, DaemonSet or Job with its pods. */
export interface Other {
  readonly kind: OtherView['kind'];
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number;
  /** Pods wanted; a DaemonSet has one on each node. */
  replicas: number;
  template: Template;
  readonly partition: number | null;
  /** Pods of a job that failed. */
  failed: number;
}

export interface CustomItem {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  spec: Record<string, unknown>;
  readonly madeAt?: number;
  holders?: readonly Holder[];
  fence: string | null;
  resourceVersion: number;
}

/** A pod that is no more, as far as its series need it. */
export interface Gone {
  readonly namespace: string;
  readonly workload: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly hash: string;
  readonly template: Template;
  readonly createdAt: number;
  readonly firstReadyAt: number | null;
  /** When it stopped serving. */
  readonly endedAt: number;
  readonly runs: readonly { readonly startedAt: number; readonly endedAt: number }[];
  readonly restarts: number;
}

export function goneOf(pod: Pod, at: number): Gone {
  const main = pod.containers.find((one) => !one.init);
  const { namespace, workload, name, uid, node, hash, template, createdAt, firstReadyAt } = pod;
  const endedAt = pod.deletedAt ?? at;
  const last = main === undefined ? [] : [{ startedAt: main.startedAt, endedAt }];
  const runs = [...(main?.earlier ?? []), ...last];
  const restarts = main?.restarts ?? 0;
  return { namespace, workload, name, uid, node, hash, template, createdAt, firstReadyAt, endedAt, runs, restarts };
}

export function nothingAround(): Around {
  return {
    services: [],
    budgets: [],
    policies: [],
    claims: [],
    others: [],
    storageClasses: [
      { name: 'gp3', provisioner: 'ebs.csi.aws.com', binds: 'when first used', isDefault: true },
      { name: 'shared', provisioner: 'efs.csi.aws.com', binds: 'at once', isDefault: false },
    ],
    going: new Map(),
    custom: new Map(),
    values: new Map(),
    denied: new Set(),
    metricsServer: true,
    scaledAt: null,
  };
}
