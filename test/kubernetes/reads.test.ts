import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesRead } from '../../src/core/ports/kubernetes.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
import { grant } from '../ports/deploy-roles.ts';
import { Cluster, failure, limit, namespace, of } from './cluster.ts';

/** What the port suite cannot ask of both worlds. */

/** An API server proxies to no loopback address: an address of this machine that is none. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

need('control-plane')('reads on a real API server', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await grant(cluster.region, ['read.yaml', 'read-cluster.yaml', 'look-inside.yaml'], 'fixer', namespace);
  }, 120_000);
  afterAll(() => cluster.stop());
  const read = (): KubernetesRead => cluster.as('fixer').read(limit());
  const make = (path: string, object: object): Promise<unknown> => cluster.region.admin.post(path, object);

  describe('one GET through the service proxy', () => {
    let server: Server;
    let port = 0;
    beforeAll(async () => {
      server = createServer((request, response) => {
        const { authorization = 'none' } = request.headers;
        if (request.url === '/moved')
          return void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
        if (request.url === '/broken') return void response.writeHead(503).end('not now: password=hunter2');
        if (request.url === '/large') return void response.end('x'.repeat(100_000));
        if (request.url === '/silent') return;
        response.end(`ok ${request.method} ${request.url}, authorization: ${authorization}`);
      });
      await new Promise<void>((resolve) => server.listen(0, address, resolve));
      ({ port } = server.address() as AddressInfo);
      await make(`/api/v1/namespaces/${namespace}/services`, {
        metadata: { name: 'web' },
        spec: { ports: [{ name: 'http', port: 80, targetPort: port }] },
      });
      if (address === undefined) return;
      // The API server's own proxy goes by Endpoints, and only to what is a pod's address.
      const pod = `/api/v1/namespaces/${namespace}/pods`;
      await make(pod, {
        metadata: { name: 'web-1' },
        spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'registry.test/app:v1' }] },
      });
      const status = { podIP: address, podIPs: [{ ip: address }] };
      await cluster.region.admin.merge(`${pod}/web-1/status`, { status });
      const targetRef = { kind: 'Pod', namespace, name: 'web-1' };
      await make(`/api/v1/namespaces/${namespace}/endpoints`, {
        metadata: { name: 'web' },
        subsets: [{ addresses: [{ ip: address, targetRef }], ports: [{ name: 'http', port }] }],
      });
      await until('the API server knows the endpoint', () => read().fetch(of('web'), { port: 'http', path: '/' }));
    });
    afterAll(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });

    test('the answer, without our credentials having gone there', async (context) => {
      if (address === undefined) return context.skip('this machine has no address but loopback');
      const got = await read().fetch(of('web'), { port: 'http', path: '/health' });
      expect(got).toEqual({ status: 200, tookMs: expect.any(Number), body: 'ok GET /health, authorization: none' });
    });

    test('an error of the service is an answer too; what is large is cut; a redirect is not followed', async (context) => {
      if (address === undefined) return context.skip('this machine has no address but loopback');
      expect(await read().fetch(of('web'), { port: 'http', path: '/broken' })).toMatchObject({
        status: 503,
        body: 'not now: password=[redacted: password]',
      });
      expect((await read().fetch(of('web'), { port: 'http', path: '/large' })).body).toHaveLength(4096);
      expect((await read().fetch(of('web'), { port: 'http', path: '/moved' })).status).toBe(302);
    });

    test('a service that hangs ends with the limit; one without endpoints is the API server speaking', async (context) => {
      if (address === undefined) return context.skip('this machine has no address but loopback');
      const hasty = cluster.connect('fixer', 400);
      const thrown = await failure(hasty.read(limit()).fetch(of('web'), { port: 'http', path: '/silent' }));
      expect(thrown).toMatchObject({ kind: 'timeout', maybeDone: false });
      await hasty.close();
      await make(`/api/v1/namespaces/${namespace}/services`, {
        metadata: { name: 'empty' },
        spec: { selector: { app: 'nobody' }, ports: [{ name: 'http', port: 80 }] },
      });
      await make(`/api/v1/namespaces/${namespace}/endpoints`, { metadata: { name: 'empty' } });
      const nobody = await failure(read().fetch(of('empty'), { port: 'http', path: '/' }));
      expect(nobody).toMatchObject({ kind: 'server error', maybeDone: false });
      expect(nobody.message).toContain('no endpoints available for service');
    });

    test.each(['relative', '/a/../b', '/a?b=c', '/a b', '/%2e%2e', `/${'x'.repeat(300)}`])('not %s', async (path) => {
      expect((await failure(read().fetch(of('web'), { port: 'http', path }))).kind).toBe('invalid');
    });
    test.each(['', '80/../x', 'http:1'])('no port "%s"', async (where) => {
      expect((await failure(read().fetch(of('web'), { port: where, path: '/' }))).kind).toBe('invalid');
    });
  });

  test('a claim and the zone of its volume; not known to whoever may not list volumes', async () => {
    const terms = [
      {
        matchExpressions: [
          { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['eu-west-1b', 'eu-west-1a'] },
        ],
      },
    ];
    await make('/api/v1/persistentvolumes', {
      metadata: { name: 'models' },
      spec: {
        capacity: { storage: '10Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'gp3',
        csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' },
        claimRef: { namespace, name: 'models' },
        nodeAffinity: { required: { nodeSelectorTerms: terms } },
      },
    });
    await make(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`, {
      metadata: { name: 'models' },
      spec: {
        storageClassName: 'gp3',
        volumeName: 'models',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '5Gi' } },
      },
    });
    const claim = { name: 'models', storageClass: 'gp3', volume: 'models', modes: ['ReadWriteOnce'] };
    const zones = ['eu-west-1a', 'eu-west-1b'];
    expect(await read().claims(namespace)).toEqual([expect.objectContaining({ ...claim, zones })]);
    await grant(cluster.region, ['read.yaml'], 'sweeper', namespace);
    const narrow = await cluster.as('sweeper').read(limit()).claims(namespace);
    expect(narrow).toEqual([expect.objectContaining({ ...claim, zones: [] })]);
  });

  test('a DaemonSet and a Job, counted', async () => {
    const template = {
      metadata: { labels: { app: 'each' } },
      spec: { restartPolicy: 'Always', containers: [{ name: 'main', image: 'registry.test/app:v1' }] },
    };
    await make(`/apis/apps/v1/namespaces/${namespace}/daemonsets`, {
      metadata: { name: 'each' },
      spec: { selector: { matchLabels: { app: 'each' } }, updateStrategy: { type: 'OnDelete' }, template },
    });
    await make(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
      metadata: { name: 'once' },
      spec: { completions: 3, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
    });
    const [each] = await read().workloads(namespace, 'DaemonSet');
    expect(each).toMatchObject({ name: 'each', kind: 'DaemonSet', strategy: 'OnDelete', partition: null, failed: 0 });
    const [once] = await read().workloads(namespace, 'Job');
    expect(once).toMatchObject({ name: 'once', wanted: 3, ready: 0, failed: 0, partition: null, strategy: '' });
  });

  test('what another may do is asked of the authorizer, with the groups of a service account', async () => {
    const right = { verb: 'list', resource: 'pods', namespace };
    const denied = await failure(read().mayI(right, 'system:serviceaccount:mlp-bot:mlp-bot'));
    expect(denied.kind).toBe('forbidden');
    expect(denied.message).toContain(
      'the rule to add: {apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"]}',
    );
    const asAdmin = cluster.as('admin').read(limit());
    expect(await asAdmin.mayI(right, 'watcher')).toMatchObject({ allowed: true });
    expect(await asAdmin.mayI({ ...right, verb: 'delete' }, 'watcher')).toMatchObject({ allowed: false });
    expect(await asAdmin.mayI({ verb: 'create', resource: 'pods/exec', namespace }, 'watcher')).toMatchObject({
      allowed: false,
    });
    const kind = 'ClusterRole';
    await make(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
      metadata: { name: 'all-of-team' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: 'mlp-bot-read' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:serviceaccounts:team' }],
    });
    // The authorizer learns of a new binding a moment later.
    await expect
      .poll(() => asAdmin.mayI(right, 'system:serviceaccount:team:robot'), { timeout: 5_000 })
      .toMatchObject({ allowed: true });
  });

  test('a log since a moment ago, and lines of the last second alone', async () => {
    await cluster.deployed('talking');
    const [row] = await read().pods(namespace, 'app=talking');
    const it = of(row?.name ?? '');
    await new Promise((resolve) => setTimeout(resolve, 2100));
    cluster.kubelet.write(namespace, it.name, 'serve', 'just now\n');
    const options = { container: 'serve', previous: false, tail: 10 };
    expect((await read().log(it, options)).lines).toEqual(['listening on :8080', 'just now']);
    expect((await read().log(it, { ...options, sinceS: 1 })).lines).toEqual(['just now']);
  });
});
