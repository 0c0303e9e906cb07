import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insideRights, partsOf, remedyRights, ruleFor } from '../../src/core/rights.ts';
import type { KubernetesRead, Pod } from '../../src/core/ports/kubernetes.ts';
import { need } from '../peers/need.ts';
import { startMetricsApi, type MetricsApi } from '../peers/metrics-api.ts';
import { until } from '../peers/until.ts';
import { rightsIn } from '../ports/deploy-roles.ts';
import { customKind } from '../ports/real-around.ts';
import { Cluster, limit, namespace, of } from './cluster.ts';

/** Least privilege, proven: each right of *read* and *look inside* is taken away in turn. */

type Look = (read: KubernetesRead) => Promise<unknown>;

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const kinds = [
  ['monitoring.coreos.com', 'v1', 'ServiceMonitor'],
  ['monitoring.coreos.com', 'v1', 'PrometheusRule'],
  ['keda.sh', 'v1alpha1', 'ScaledObject'],
  ['argoproj.io', 'v1alpha1', 'Application'],
  ['kustomize.toolkit.fluxcd.io', 'v1', 'Kustomization'],
  ['helm.toolkit.fluxcd.io', 'v2', 'HelmRelease'],
] as const;

/** What only adds detail, so that its absence is told in the value, or is needed only to act. */
const quiet: Readonly<Record<string, string>> = {
  'list persistentvolumes': 'the zones of a claim are then empty, which means not known',
  'list canaries.flagger.app': 'the owner is then what else is known',
  'get applications.argoproj.io': 'what the owner will do is then "not known"',
  'get kustomizations.kustomize.toolkit.fluxcd.io': 'as above',
  'get helmreleases.helm.toolkit.fluxcd.io': 'as above',
  'get nodes': 'looked at before a node is changed',
  'get horizontalpodautoscalers.autoscaling': 'looked at before its bounds are changed',
  'get scaledobjects.keda.sh': 'looked at before its bounds are changed',
};

function looksOf(pod: () => Pod): Readonly<Record<string, Look>> {
  const here = of('looked-at');
  const it = (): { namespace: string; name: string } => of(pod().name);
  return {
    'get pods': (read) => read.pod(it()),
    'list pods': (read) => read.pods(namespace, 'app=looked-at'),
    'get persistentvolumeclaims': (read) => read.presence('PersistentVolumeClaim', of('x')),
    'list persistentvolumeclaims': (read) => read.claims(namespace),
    'list events': (read) => read.events(namespace, ['Pod']),
    'list resourcequotas': (read) => read.quotas(namespace),
    'list limitranges': (read) => read.limitRanges(namespace),
    'list services': (read) => read.services(namespace),
    'get pods/log': (read) => read.log(it(), { container: 'serve', previous: false, tail: 1 }),
    'get configmaps': (read) => read.configMap(of('kube-root-ca.crt')),
    'get serviceaccounts': (read) => read.presence('ServiceAccount', of('default')),
    'get deployments.apps': (read) => read.deployment(here),
    'list deployments.apps': (read) => read.deployments(namespace),
    'list replicasets.apps': (read) => read.revisions(here),
    'list statefulsets.apps': (read) => read.workloads(namespace, 'StatefulSet'),
    'list daemonsets.apps': (read) => read.workloads(namespace, 'DaemonSet'),
    'list jobs.batch': (read) => read.workloads(namespace, 'Job'),
    'list horizontalpodautoscalers.autoscaling': (read) => read.autoscaler(here),
    'list endpointslices.discovery.k8s.io': (read) => read.endpoints(here),
    'list poddisruptionbudgets.policy': (read) => read.disruptionBudgets(namespace),
    'list networkpolicies.networking.k8s.io': (read) => read.networkPolicies(namespace),
    'list pods.metrics.k8s.io': (read) => read.podUse(namespace, 'app=looked-at'),
    'list nodes': (read) => read.nodes(),
    'get namespaces': (read) => read.namespace(namespace),
    'list storageclasses.storage.k8s.io': (read) => read.storageClasses(),
    'list nodes.metrics.k8s.io': (read) => read.nodeUsage(),
    ...Object.fromEntries(
      kinds.map(([group, , kind]) => [
        `list ${kind.toLowerCase()}s.${group}`,
        (read: KubernetesRead) => read.custom(kind, namespace),
      ]),
    ),
  };
}

function ruleOfRight(right: string): { apiGroups: string[]; resources: string[]; verbs: string[] } {
  const [verb = '', whole = ''] = right.split(' ', 2);
  const { resource, group, subresource } = partsOf(whole);
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  return { apiGroups: [group], resources: [name], verbs: [verb] };
}

need('control-plane')('rights, one by one', { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let metrics: MetricsApi;
  let pod: Pod;
  beforeAll(async () => {
    cluster = await Cluster.start();
    metrics = await startMetricsApi(cluster.region, () => ({ serve: { cpu: '1', memory: '1Gi' } }));
    for (const [group, version, kind] of kinds) await customKind(cluster.region, group, version, kind);
    await cluster.deployed('looked-at');
    const read = cluster.as('admin').read(limit());
    const [row] = await read.pods(namespace, 'app=looked-at');
    const found = await read.pod(of(row?.name ?? ''));
    if (found === null) throw new Error('no pod');
    pod = found;
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'sweeper' }];
    await role([]);
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'swept' };
    await cluster.region.admin.post(`${rbac}/clusterrolebindings`, { metadata: { name: 'swept' }, roleRef, subjects });
  }, 120_000);
  afterAll(async () => {
    await metrics.stop();
    await cluster.stop();
  });

  let made = false;
  async function role(rights: readonly string[]): Promise<void> {
    const { admin } = cluster.region;
    const object = { metadata: { name: 'swept' }, rules: rights.map(ruleOfRight) };
    if (made) await admin.put(`${rbac}/clusterroles/swept`, object);
    else await admin.post(`${rbac}/clusterroles`, object);
    made = true;
  }

  const sweeper = (): KubernetesRead => cluster.as('sweeper').read(limit());

  test('each right of read is needed by a reading, which says exactly what is missing', async () => {
    const all = [...new Set([...rightsIn('read.yaml'), ...rightsIn('read-cluster.yaml')])];
    const looks = looksOf(() => pod);
    expect([...all].sort()).toEqual([...new Set([...Object.keys(looks), ...Object.keys(quiet)])].sort());
    const found: Record<string, string> = {};
    for (const [right, look] of Object.entries(looks)) {
      await role(all.filter((one) => one !== right));
      const thrown = await until(`without "${right}" it is refused`, async () => {
        const outcome = await look(sweeper()).then(
          () => undefined,
          (error: unknown) => error,
        );
        return outcome instanceof Error && 'kind' in outcome && outcome.kind === 'forbidden' ? outcome : undefined;
      });
      found[right] = thrown.message;
      const [verb = '', resource = ''] = right.split(' ', 2);
      expect(thrown.message).toContain(`the bot lacks the right "${right} in `);
      expect(thrown.message).toContain(`the rule to add: ${ruleFor({ verb, resource })}`);
    }
    expect(Object.keys(found)).toHaveLength(Object.keys(looks).length);
    // And with all of them, each reading works.
    await role(all);
    for (const [right, look] of Object.entries(looks))
      await until(`with "${right}" it works`, () => look(sweeper()).then(() => true));
  });

  test('no tier lists or watches secrets; read does not even get them', () => {
    const tiers = ['read.yaml', 'read-cluster.yaml', ...remedies.map((one) => `remedy-${one}.yaml`)];
    const every = [...tiers, 'look-inside.yaml'].flatMap(rightsIn);
    expect(every.filter((one) => /^(?:list|watch|\*) secrets|\*|^watch /.test(one))).toEqual([]);
    const outside = tiers.flatMap(rightsIn);
    expect(outside.filter((one) => /secrets|exec|proxy|attach|portforward|impersonate/.test(one))).toEqual([]);
    expect(rightsIn('look-inside.yaml')).toEqual([
      'get secrets',
      'get pods/exec',
      'create pods/exec',
      'get services/proxy',
    ]);
  });

  test('what the doctor asks for is what the files of deploy/ give', () => {
    for (const [remedy, { verb, resource }] of Object.entries(remedyRights))
      expect(rightsIn(`remedy-${remedy}.yaml`)).toEqual([`${verb} ${resource}`]);
    expect(rightsIn('look-inside.yaml')).toEqual(
      expect.arrayContaining(insideRights.map(({ verb, resource }) => `${verb} ${resource}`)),
    );
  });

  describe('look inside', () => {
    test.each([
      ['get secrets', (read: KubernetesRead) => read.presence('Secret', of('hidden'))],
      ['get pods/exec', (read: KubernetesRead) => read.exec(of(pod.name), { container: 'serve', argv: ['nproc'] })],
      ['create pods/exec', (read: KubernetesRead) => read.exec(of(pod.name), { container: 'serve', argv: ['nproc'] })],
      ['get services/proxy', (read: KubernetesRead) => read.fetch(of('x'), { port: 'http', path: '/' })],
    ] as const)('without "%s" it says so', async (right, look) => {
      const reading = [...rightsIn('read.yaml'), ...rightsIn('read-cluster.yaml')];
      await role([...reading, ...rightsIn('look-inside.yaml').filter((one) => one !== right)]);
      const message = await until(`without "${right}" it is refused`, async () => {
        const thrown = await look(sweeper()).then(
          () => undefined,
          (error: unknown) => error,
        );
        return thrown instanceof Error && thrown.message.includes('the bot lacks the right')
          ? thrown.message
          : undefined;
      });
      expect(message).toContain(`the bot lacks the right "${right} in namespace ${namespace}"`);
    });
  });
});

const remedies = Object.keys(remedyRights);
