import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigOf, startRegion, type Region } from './control-plane-region.ts';
import { binary } from './need.ts';
import { removeFolder, temporaryFolder } from './process.ts';

export type { Region } from './control-plane-region.ts';

export interface ControlPlaneOptions {
  /** One real cluster is started for each; their names are also the kubeconfig's contexts. */
  readonly regions: readonly string[];
  /** Users besides `admin` (cluster administrator) and `reader`; what they may do is up to the test's own role bindings. */
  readonly users?: readonly string[];
  /** Writes down every API request; `requests()` reads them. */
  readonly auditLog?: boolean;
  /** After so long without a lease, a node counts as lost; 10 by default (a real cluster: 50). */
  readonly nodeGraceSeconds?: number;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions {
  /** The first region if left out. */
  readonly region?: string;
  /** What it reads with `-f -`: text, or an object that is written as JSON. */
  readonly stdin?: string | object;
  /** Whose token; `admin` by default. */
  readonly user?: string;
  readonly timeoutMs?: number;
  /** Resolve with the exit code instead of throwing when it is not 0. */
  readonly mayFail?: boolean;
}

export interface ApiRequest {
  readonly at: Date;
  readonly user: string;
  readonly verb: string;
  /** Path and query. */
  readonly uri: string;
  readonly status: number;
  readonly userAgent: string;
  /** What was sent, for changes of deployments, autoscalers, nodes and pods; null for all others. */
  readonly body: unknown;
}

export interface ControlPlane {
  readonly regions: readonly Region[];
  region(name: string): Region;
  /**
   * Path of a kubeconfig with one context per region; `user` is `admin` by default. `servers` replaces the addresses of regions,
   * to go through a proxy on 127.0.0.1.
   */
  kubeconfig(user?: string, servers?: Readonly<Record<string, string>>): string;
  /** A user's bearer token, the same in every region. */
  token(user: string): string;
  /** Runs the real kubectl, without a shell. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** What the API server of a region was asked (with `auditLog: true`), oldest first; of one user if given. */
  requests(region: string, of?: { readonly user?: string; readonly since?: Date }): readonly ApiRequest[];
  stop(): Promise<void>;
}

/** The reader may see what a diagnosis looks at: no secrets, no exec, no proxy, no change. */
const readRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'test-reader' },
  rules: [
    {
      apiGroups: [''],
      resources:
        'pods pods/log events nodes namespaces services configmaps serviceaccounts resourcequotas limitranges persistentvolumeclaims persistentvolumes endpoints'.split(
          ' ',
        ),
      verbs: ['get', 'list', 'watch'],
    },
    {
      apiGroups: ['apps', 'batch', 'autoscaling', 'policy', 'events.k8s.io', 'metrics.k8s.io', 'coordination.k8s.io'],
      resources: ['*'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      apiGroups: ['discovery.k8s.io', 'scheduling.k8s.io', 'storage.k8s.io'],
      resources: ['*'],
      verbs: ['get', 'list', 'watch'],
    },
  ],
};

/**
 * Starts a real Kubernetes control plane per region, in seconds. There is no kubelet: `startKubelet` plays it.
 * Throws when a binary is missing (with the command that brings it) or a part does not start (with its last words).
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = temporaryFolder('control-plane');
  const users = ['admin', 'reader', ...(options.users ?? [])];
  const tokens = new Map(users.map((user) => [user, randomBytes(16).toString('hex')]));
  const tokenOf = (user: string): string => {
    const token = tokens.get(user);
    if (token === undefined) throw new Error(`no user ${user}; there are ${users.join(', ')}`);
    return token;
  };
  const lines = users.map(
    (user) => `${tokenOf(user)},${user},${user},"${user === 'admin' ? 'system:masters' : 'testers'}"`,
  );
  const auditPath = (region: string): string => join(folder, `${region}-audit.log`);
  const started = await Promise.allSettled(
    options.regions.map((name) =>
      startRegion({
        name,
        folder: join(folder, name),
        tokens: lines,
        adminToken: tokenOf('admin'),
        nodeGraceSeconds: options.nodeGraceSeconds ?? 10,
        ...(options.auditLog ? { auditLog: auditPath(name) } : {}),
      }),
    ),
  );
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((one) => one.end()));
    await removeFolder(folder);
  };
  const regions = running.map((one) => one.region);
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    await Promise.all(regions.map((region) => bindReader(region)));
  } catch (error) {
    await stop();
    throw error;
  }
  const kubeconfig = (user = 'admin', servers: Readonly<Record<string, string>> = {}): string => {
    const clusters = regions.map(({ name, server, ca }) => ({ name, server: servers[name] ?? server, ca }));
    const via = Object.keys(servers).length === 0 ? '' : `-${randomBytes(4).toString('hex')}`;
    const path = join(folder, `${user}${via}.kubeconfig`);
    // Never written again: another kubectl may be reading it.
    if (!existsSync(path)) writeFileSync(path, JSON.stringify(kubeconfigOf(clusters, tokenOf(user))), { mode: 0o600 });
    return path;
  };
  return {
    regions,
    region: (name) => {
      const found = regions.find((one) => one.name === name);
      if (!found) throw new Error(`no region ${name}; there are ${options.regions.join(', ')}`);
      return found;
    },
    kubeconfig,
    token: tokenOf,
    kubectl: (args, how = {}) => {
      const region = how.region ?? options.regions[0] ?? '';
      return kubectl([`--kubeconfig=${kubeconfig(how.user)}`, `--context=${region}`, ...args], folder, how);
    },
    requests: (region, of) => readRequests(auditPath(region), of ?? {}),
    stop,
  };
}

interface AuditLine {
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly stage: string;
  readonly requestObject?: unknown;
  readonly responseStatus?: { readonly code: number };
}

function readRequests(path: string, of: { readonly user?: string; readonly since?: Date }): readonly ApiRequest[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const requests = lines
    .map((line) => JSON.parse(line) as AuditLine)
    .filter((line) => line.stage === 'ResponseComplete' || line.stage === 'Panic')
    .map((line) => ({
      at: new Date(line.requestReceivedTimestamp),
      user: line.user.username,
      verb: line.verb,
      uri: line.requestURI,
      status: line.responseStatus?.code ?? 0,
      userAgent: line.userAgent ?? '',
      body: line.requestObject ?? null,
    }));
  return requests.filter((one) => (of.user ?? one.user) === one.user && one.at >= (of.since ?? one.at));
}

async function bindReader(region: Region): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1';
  await region.admin.post(`${path}/clusterroles`, readRole);
  await region.admin.post(`${path}/clusterrolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'test-reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'test-reader' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'reader' }],
  });
}

function kubectl(args: readonly string[], folder: string, options: KubectlOptions): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      binary('control-plane', 'kubectl'),
      args,
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECACHEDIR: join(folder, 'kubectl-cache') },
        timeout: options.timeoutMs ?? 30_000,
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        if (code === 0 || options.mayFail) resolve({ code, stdout, stderr });
        else
          reject(
            new Error(`kubectl ${args.slice(2).join(' ')} ended with ${code}: ${stderr.trim() || error?.message}`),
          );
      },
    );
    const { stdin } = options;
    child.stdin?.end(stdin === undefined ? undefined : typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
  });
}
