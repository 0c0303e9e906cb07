import { Failure } from '../../src/core/failure.ts';
import type {
  Claim,
  ConfigObject,
  CustomKind,
  CustomObject,
  DisruptionBudget,
  Endpoint,
  Fetched,
  KubernetesRead,
  Namespace,
  NetworkPolicy,
  NodeUsage,
  PodOnNode,
  PodSecurity,
  PodUse,
  Ran,
  Service,
  StorageClass,
  Workload,
} from '../../src/core/ports/kubernetes.ts';
import type {
  Answered,
  AlertRule,
  FiringAlert,
  MetricsRead,
  Question,
  Sample,
  ScrapeTarget,
  Window,
} from '../../src/core/ports/metrics.ts';
import type { ServiceFacts } from '../../src/core/ports/platform.ts';

/** What stands around a scenario's deployment, and what its metrics store answers: plain and mutable, as the rest of its world. */

export interface AroundWorld {
  /** Null: the cluster has no metrics server. */
  podUse: PodUse[] | null;
  nodeUsage: NodeUsage[] | null;
  /** Values of the container's plain variables. */
  variables: Record<string, string>;
  /** As older ReplicaSets (by name) have them; the others have the present ones. */
  oldVariables: Record<string, Record<string, string>>;
  services: Service[];
  /** By the service's name. */
  endpoints: Record<string, readonly Endpoint[]>;
  budgets: DisruptionBudget[];
  policies: NetworkPolicy[];
  claims: Claim[];
  storageClasses: StorageClass[];
  namespace: Namespace | null;
  podSecurity: PodSecurity | null;
  /** By node. */
  podsOn: Record<string, readonly PodOnNode[]>;
  workloads: Workload[];
  configMaps: Record<string, ConfigObject>;
  /** Kinds that are left out are not known to the cluster. */
  custom: Partial<Record<CustomKind, readonly CustomObject[]>>;
  /** What may not be done, as "verb resource" ("patch deployments.apps"). */
  forbidden: Set<string>;
  /** By "pod/container argv joined by blanks"; what is not here is forbidden, as without *look inside*. */
  programs: Record<string, Ran>;
  /** By "service:port/path"; what is not here is forbidden. */
  pages: Record<string, Fetched>;
}

export function nothingAround(): AroundWorld {
  return {
    podUse: null,
    nodeUsage: null,
    variables: {},
    oldVariables: {},
    services: [],
    endpoints: {},
    budgets: [],
    policies: [],
    claims: [],
    storageClasses: [{ name: 'gp3', provisioner: 'ebs.csi.aws.com', binds: 'when first used', isDefault: true }],
    namespace: { name: 'ml-platform', phase: 'Active', terminatingSince: null, waitsFor: [], podSecurity: null },
    podSecurity: null,
    podsOn: {},
    workloads: [],
    configMaps: {},
    custom: {},
    forbidden: new Set(),
    programs: {},
    pages: {},
  };
}

export type Guard = <A extends readonly unknown[], V>(
  method: keyof KubernetesRead,
  get: (...args: A) => V,
) => (...args: A) => Promise<V>;

type AroundMethod =
  | 'podUse'
  | 'nodeUsage'
  | 'variables'
  | 'services'
  | 'endpoints'
  | 'disruptionBudgets'
  | 'networkPolicies'
  | 'claims'
  | 'storageClasses'
  | 'namespace'
  | 'podSecurity'
  | 'podsOn'
  | 'workloads'
  | 'configMap'
  | 'custom'
  | 'mayI'
  | 'exec'
  | 'fetch';

const noServer = (): Failure => new Failure('not found', 'there is no metrics server');

export function aroundOf(world: AroundWorld, guard: Guard): Pick<KubernetesRead, AroundMethod> {
  const there = <V>(value: V | null): V => {
    if (value === null) throw noServer();
    return value;
  };
  return {
    podUse: guard('podUse', () => there(world.podUse)),
    nodeUsage: guard('nodeUsage', () => there(world.nodeUsage)),
    variables: guard('variables', (_of: unknown, _container: string, names: readonly string[], replicaSet?: string) => {
      const values = (replicaSet === undefined ? undefined : world.oldVariables[replicaSet]) ?? world.variables;
      return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
    }),
    services: guard('services', () => world.services),
    endpoints: guard('endpoints', (of: { readonly name: string }) => world.endpoints[of.name] ?? []),
    disruptionBudgets: guard('disruptionBudgets', () => world.budgets),
    networkPolicies: guard('networkPolicies', () => world.policies),
    claims: guard('claims', () => world.claims),
    storageClasses: guard('storageClasses', () => world.storageClasses),
    namespace: guard('namespace', () => world.namespace),
    podSecurity: guard('podSecurity', () => world.podSecurity),
    podsOn: guard('podsOn', (node: string) => world.podsOn[node] ?? []),
    workloads: guard('workloads', (_namespace: string, kind: Workload['kind']) =>
      world.workloads.filter((one) => one.kind === kind),
    ),
    configMap: guard('configMap', (of: { readonly name: string }) => world.configMaps[of.name] ?? null),
    custom: guard('custom', (kind: CustomKind) => world.custom[kind] ?? null),
    mayI: guard('mayI', ({ verb, resource }: { readonly verb: string; readonly resource: string }) => ({
      allowed: !world.forbidden.has(`${verb} ${resource}`),
      because: '',
    })),
    exec: guard(
      'exec',
      (
        of: { readonly name: string },
        { container, argv }: { readonly container: string; readonly argv: readonly string[] },
      ) => {
        const ran = world.programs[`${of.name}/${container} ${argv.join(' ')}`];
        if (ran === undefined) throw new Failure('forbidden', 'pods/exec is not allowed for mlp-bot');
        return ran;
      },
    ),
    fetch: guard(
      'fetch',
      (of: { readonly name: string }, { port, path }: { readonly port: string; readonly path: string }) => {
        const page = world.pages[`${of.name}:${port}${path}`];
        if (page === undefined) throw new Failure('forbidden', 'services/proxy is not allowed for mlp-bot');
        return page;
      },
    ),
  };
}

export interface Measured {
  /** By query. */
  instant: Record<string, readonly Sample[]>;
  /** What is asked about time. */
  series: (question: Question, over: Window) => Answered;
  targets: ScrapeTarget[];
  rules: AlertRule[];
  alerts: FiringAlert[];
  service: ServiceFacts;
}

/** A metrics store that has never heard of anything. */
export function unmeasured(): Measured {
  return {
    instant: {},
    series: () => ({ is: 'no data', because: 'nothing was recorded' }),
    targets: [],
    rules: [],
    alerts: [],
    service: {
      shards: false,
      variables: { modelVersion: 'MODEL_VERSION', batchSize: 'BATCH_SIZE', threads: 'OMP_NUM_THREADS' },
      limits: null,
      minRequests: 100,
    },
  };
}

export function metricsOf(measured: Measured): MetricsRead {
  return {
    instant: (query) => Promise.resolve(measured.instant[query] ?? []),
    series: (question, over) => Promise.resolve().then(() => measured.series(question, over)),
    targets: () => Promise.resolve(measured.targets),
    rules: () => Promise.resolve(measured.rules),
    alerts: () => Promise.resolve(measured.alerts),
    about: () => Promise.resolve([]),
    version: () => Promise.resolve('3.16.0'),
  };
}
