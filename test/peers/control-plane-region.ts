import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backdate } from './backdate.ts';
import { KubeClient } from './kube-client.ts';
import { binary } from './need.ts';
import { answers, freePort, startPeer, type PeerProcess } from './process.ts';
import { until } from './until.ts';

/** One cluster: a real etcd, API server, controller manager and scheduler on loopback ports. */
export interface Region {
  readonly name: string;
  /** `https://127.0.0.1:<port>`; stays the same over `stop()` and `start()`. */
  readonly server: string;
  /** PEM of the API server's own certificate authority. */
  readonly ca: string;
  /** The API server's own certificate and key, which the played kubelet serves with too. */
  readonly serving: { readonly cert: string; readonly key: string };
  /** The harness's client, as administrator. */
  readonly admin: KubeClient;
  /** Stops the API server; its data stays. */
  stop(): Promise<void>;
  /** Starts the API server again on the same port. */
  start(): Promise<void>;
  /** Makes the API server hang: connections are taken and nothing answers. */
  pause(): void;
  resume(): void;
  /** Stops the clock of the controller manager: nothing is observed, rolled out, counted or collected until it is resumed. */
  pauseControllers(): void;
  resumeControllers(): void;
  /** Makes workloads of a namespace older, each by what `byMs` gives for its name, as `backdate.ts` says. */
  backdate(namespace: string, byMs: (name: string) => number): Promise<void>;
  /** Creates a namespace and waits until pods are admitted in it. */
  createNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** What API server, controller manager and scheduler wrote last: for a failing test's message. */
  output(): string;
}

export interface RegionOptions {
  readonly name: string;
  readonly folder: string;
  /** Lines of the API server's token file: token,user,uid,"groups". */
  readonly tokens: readonly string[];
  readonly adminToken: string;
  /** Where the API server writes one JSON line per request (at level Metadata; changes of deployments, autoscalers, nodes and pods with what was sent). */
  readonly auditLog?: string;
  /** After so long without a lease, the node controller calls a node lost. */
  readonly nodeGraceSeconds: number;
}

const changeable = [
  { group: 'apps', resources: ['deployments', 'deployments/scale'] },
  { group: 'autoscaling', resources: ['horizontalpodautoscalers'] },
  { group: '', resources: ['nodes', 'pods'] },
];

// Only the loops that the tests need; each one left out is memory and start-up time saved.
const controllers =
  `deployment replicaset statefulset daemonset job namespace serviceaccount root-ca-certificate-publisher
  resourcequota horizontal-pod-autoscaler disruption endpointslice garbage-collector node-lifecycle taint-eviction
  pod-garbage-collector persistentvolume-binder persistentvolumeclaim-protection`
    .split(/\s+/)
    .map((name) => `${name}-controller`);

// The garbage collector of Go trades memory for time; half of its default growth keeps three regions on a small machine.
const goEnvironment = { GOGC: '75' };

/** Starts one region; resolves when deployments can be created in its `default` namespace. */
export async function startRegion(options: RegionOptions): Promise<{ region: Region; end: () => Promise<void> }> {
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const processes: PeerProcess[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(processes.toReversed().map((one) => one.stop('SIGKILL')));
  };
  try {
    const etcd = await startEtcd(options);
    processes.push(etcd.process);
    writeSecrets(options);
    const port = await freePort();
    const server = `https://127.0.0.1:${port}`;
    const startApi = async (): Promise<PeerProcess> => startPeer(apiServer(options, port, etcd.url));
    let api = await startApi();
    processes.push(api);
    const ca = readFileSync(join(folder, 'certs', 'apiserver.crt'), 'utf8');
    const admin = new KubeClient({ server, token: options.adminToken, ca });
    const [manager, scheduler] = await startControllers(options, server, ca);
    processes.push(manager, scheduler);
    const output = (): string =>
      [api, manager, scheduler].map((one) => `--- ${one.name}\n${one.output().slice(-4000)}`).join('\n');
    try {
      await untilAdmitting(admin, 'default');
    } catch (error) {
      throw new Error(`${options.name} admits no pods\n${output()}`, { cause: error });
    }
    const region: Region = {
      name: options.name,
      server,
      ca,
      serving: { cert: ca, key: readFileSync(join(folder, 'certs', 'apiserver.key'), 'utf8') },
      admin,
      stop: () => api.stop(),
      start: async () => {
        api = await startApi();
        processes.push(api);
      },
      pause: () => api.pause(),
      resume: () => api.resume(),
      pauseControllers: () => manager.pause(),
      resumeControllers: () => manager.resume(),
      backdate: (namespace, byMs) => backdate(etcd.url, namespace, byMs),
      createNamespace: async (namespace, labels = {}) => {
        await admin.post('/api/v1/namespaces', { metadata: { name: namespace, labels } });
        await untilAdmitting(admin, namespace);
      },
      output,
    };
    return {
      region,
      end: async () => {
        await admin.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startEtcd(options: RegionOptions): Promise<{ process: PeerProcess; url: string }> {
  const [clients, peers] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${clients}`;
  const peerUrl = `http://127.0.0.1:${peers}`;
  const process = await startPeer({
    name: `etcd of ${options.name}`,
    command: binary('control-plane', 'etcd'),
    args: [
      '--name=default',
      `--data-dir=${join(options.folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=error',
    ],
    env: goEnvironment,
    isReady: () => answers(`${url}/health`),
  });
  return { process, url };
}

function writeSecrets(options: RegionOptions): void {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { folder } = options;
  writeFileSync(join(folder, 'sa.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'sa.pub'), publicKey);
  writeFileSync(join(folder, 'tokens.csv'), `${options.tokens.join('\n')}\n`, { mode: 0o600 });
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      // What was written into an object that the bot may change, and not only that it was.
      { level: 'Request', verbs: ['patch', 'update', 'delete'], resources: changeable },
      { level: 'Request', verbs: ['create'], resources: [{ group: '', resources: ['pods/eviction'] }] },
      { level: 'Metadata' },
    ],
  };
  writeFileSync(join(folder, 'audit.json'), JSON.stringify(policy));
}

function apiServer(options: RegionOptions, port: number, etcdUrl: string): Parameters<typeof startPeer>[0] {
  const { folder } = options;
  const audit = options.auditLog;
  const ca = { rejectUnauthorized: false };
  return {
    name: `kube-apiserver of ${options.name}`,
    command: binary('control-plane', 'kube-apiserver'),
    args: [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      `--cert-dir=${join(folder, 'certs')}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--anonymous-auth=true',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(folder, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--allow-privileged=true',
      '--kubelet-preferred-address-types=InternalIP',
      '--watch-cache=true',
      // What is stored can be read, and made older (`backdate`).
      '--storage-media-type=application/json',
      '--profiling=false',
      '--v=1',
      ...(audit === undefined
        ? []
        : [
            `--audit-policy-file=${join(folder, 'audit.json')}`,
            `--audit-log-path=${audit}`,
            '--audit-log-mode=blocking',
          ]),
    ],
    env: goEnvironment,
    isReady: () => readyz(port, ca),
    readyWithinMs: 40_000,
  };
}

async function readyz(port: number, tls: { rejectUnauthorized: boolean }): Promise<boolean> {
  // Its certificate is not known before it has made it, and this asks nothing but "are you there".
  const { request } = await import('node:https');
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/readyz', timeout: 1000, ...tls }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve(true);
      else reject(new Error(`/readyz says ${response.statusCode}`));
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('/readyz hangs')));
    asked.end();
  });
}

async function startControllers(
  options: RegionOptions,
  server: string,
  ca: string,
): Promise<readonly [manager: PeerProcess, scheduler: PeerProcess]> {
  const { folder, name } = options;
  const kubeconfig = join(folder, 'controllers.json');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf([{ name, server, ca }], options.adminToken)), { mode: 0o600 });
  const rootCa = join(folder, 'certs', 'apiserver.crt');
  const common = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0', '--profiling=false'];
  const isReady = async (): Promise<boolean> => true;
  const manager = startPeer({
    name: `kube-controller-manager of ${name}`,
    command: binary('control-plane', 'kube-controller-manager'),
    args: [
      ...common,
      `--controllers=${controllers.join(',')}`,
      `--service-account-private-key-file=${join(folder, 'sa.key')}`,
      `--root-ca-file=${rootCa}`,
      '--kube-api-qps=300',
      '--kube-api-burst=600',
      '--node-monitor-period=1s',
      `--node-monitor-grace-period=${options.nodeGraceSeconds}s`,
      '--resource-quota-sync-period=10s',
      '--horizontal-pod-autoscaler-sync-period=5s',
    ],
    env: goEnvironment,
    isReady,
  });
  const scheduler = startPeer({
    name: `kube-scheduler of ${name}`,
    command: binary('control-plane', 'kube-scheduler'),
    args: [...common, '--kube-api-qps=300', '--kube-api-burst=600'],
    env: goEnvironment,
    isReady,
  });
  return Promise.all([manager, scheduler]);
}

/** Waits for what the controller manager puts into each namespace: without it, pods are refused or cannot mount. */
async function untilAdmitting(admin: KubeClient, namespace: string): Promise<void> {
  for (const path of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']) {
    await until(`${path} in ${namespace}`, () => admin.get(`/api/v1/namespaces/${namespace}/${path}`), {
      withinMs: 30_000,
      everyMs: 50,
    });
  }
}

/** A kubeconfig as an object: one context per cluster, named like it, all with one token. */
export function kubeconfigOf(clusters: readonly { name: string; server: string; ca: string }[], token: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.name,
    clusters: clusters.map(({ name, server, ca }) => ({
      name,
      cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
    })),
    users: [{ name: 'user', user: { token } }],
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: 'user' } })),
  };
}
