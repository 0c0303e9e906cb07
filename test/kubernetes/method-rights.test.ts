import { afterAll, beforeAll, expect, test } from 'vitest';
import { methodRights } from '../../src/core/method-rights.ts';
import type { KubernetesRead, PodRow } from '../../src/core/ports/kubernetes.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
import { Cluster, limit, name as region, namespace } from './cluster.ts';

/** The rights that the catalogue names for each question are those of the requests that a real API server got for it. */

const rbac = '/apis/rbac.authorization.k8s.io/v1';
/** What everybody who is signed in may ask: which kinds there are, the version, what one may do. */
const FREE = /^(get apigroups|get version|create selfsubjectaccessreviews\.authorization\.k8s\.io|\w+ $)/;

need('control-plane')('the rights of each question', { timeout: 90_000 }, () => {
  let cluster: Cluster;
  let pod: PodRow;
  const of = { namespace, name: 'asked' };
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.region.admin.post(`${rbac}/clusterrolebindings`, {
      metadata: { name: 'fixer-may-all' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'fixer' }],
    });
    await cluster.deployed('asked');
    const [first] = await cluster.as('admin').read(limit()).pods(namespace, 'app=asked');
    if (first === undefined) throw new Error('no pod');
    pod = first;
  }, 120_000);
  afterAll(() => cluster.stop());

  /** Each once, as a reading would; null: not here (it needs what no machine without containers has). */
  const asked: Readonly<Record<keyof KubernetesRead, ((read: KubernetesRead) => Promise<unknown>) | null>> = {
    deployment: (read) => read.deployment(of),
    deployments: (read) => read.deployments(namespace),
    revisions: (read) => read.revisions(of),
    pods: (read) => read.pods(namespace, 'app=asked'),
    pod: (read) => read.pod({ namespace, name: pod.name }),
    events: (read) => read.events(namespace, ['Deployment', 'Pod']),
    log: (read) => read.log({ namespace, name: pod.name }, { container: 'serve', previous: false, tail: 5 }),
    quotas: (read) => read.quotas(namespace),
    limitRanges: (read) => read.limitRanges(namespace),
    nodes: (read) => read.nodes(),
    nodeUse: (read) => read.nodeUse(),
    presence: async (read) => {
      for (const kind of ['ConfigMap', 'Secret', 'ServiceAccount', 'PersistentVolumeClaim'] as const)
        await read.presence(kind, of);
    },
    autoscaler: (read) => read.autoscaler(of),
    podUse: (read) => read.podUse(namespace, 'app=asked'),
    nodeUsage: (read) => read.nodeUsage(),
    variables: (read) => read.variables(of, 'serve', ['MODEL_VERSION']),
    services: (read) => read.services(namespace),
    endpoints: (read) => read.endpoints(of),
    disruptionBudgets: (read) => read.disruptionBudgets(namespace),
    networkPolicies: (read) => read.networkPolicies(namespace),
    claims: (read) => read.claims(namespace),
    storageClasses: (read) => read.storageClasses(),
    namespace: (read) => read.namespace(namespace),
    podSecurity: (read) => read.podSecurity(of),
    podsOn: (read) => read.podsOn('node-1'),
    workloads: async (read) => {
      for (const kind of ['StatefulSet', 'DaemonSet', 'Job'] as const) await read.workloads(namespace, kind);
    },
    configMap: (read) => read.configMap(of),
    custom: (read) => read.custom('ServiceMonitor', namespace),
    mayI: (read) => read.mayI({ verb: 'list', resource: 'pods', namespace }),
    exec: null,
    fetch: null,
  };

  const here = Object.entries(asked).flatMap(([method, ask]) => (ask === null ? [] : [[method, ask] as const]));
  test.each(here)('%s', async (method, ask) => {
    const since = new Date();
    await ask(cluster.as('fixer').read(limit())).catch(() => null);
    // What was asked is written down a moment later; one more request says when.
    await cluster
      .as('fixer')
      .read(limit())
      .mayI({ verb: 'list', resource: `marker-of-${method.toLowerCase()}.test` });
    const used = await until('what was asked is written down', async () => {
      const all = cluster.plane.requests(region, { user: 'fixer', since }).map(rightOf);
      return all.some((one) => one.startsWith('create selfsubject')) ? all : undefined;
    });
    const named: readonly string[] = methodRights[method as keyof KubernetesRead];
    expect(used.filter((one) => !FREE.test(one) && !named.includes(one))).toEqual([]);
    if (process.env['SHOW'] !== undefined)
      process.stdout.write(`${method}: used ${[...new Set(used)].join(', ')} · named ${named.join(', ')}\n`);
  });
});

/** `get /apis/apps/v1/namespaces/ml-platform/deployments/served` → "get deployments.apps". */
function rightOf({ verb, uri }: { readonly verb: string; readonly uri: string }): string {
  const parts = new URL(uri, 'http://x').pathname.split('/').slice(1);
  const group = parts[0] === 'apis' ? (parts[1] ?? '') : '';
  if (parts.length <= 1) return `${verb} ${parts[0] === 'version' ? 'version' : 'apigroups'}`;
  const rest = parts.slice(parts[0] === 'apis' ? 3 : 2);
  const [resource = '', , subresource] = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}
