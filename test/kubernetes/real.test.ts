import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesRegions } from '../../src/adapters/kubernetes/regions.ts';
import type { Failure } from '../../src/core/failure.ts';
import { need } from '../peers/need.ts';
import { until } from '../peers/until.ts';
import { attempt, Cluster, deployments, failure, limit, name, namespace, of, seen } from './cluster.ts';

interface Raw {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly annotations?: Record<string, string> };
  readonly spec: { readonly template: object } & Readonly<Record<string, unknown>>;
}

need('control-plane')('the Kubernetes adapter on a real API server', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 120_000);
  afterAll(() => cluster.stop());

  describe('what the roles of deploy/ allow', () => {
    test('the read role is enough for every reading but the keys of secrets', async () => {
      await cluster.deployed('watched');
      await cluster.region.admin.post(`/api/v1/namespaces/${namespace}/secrets`, {
        metadata: { name: 'hidden' },
        stringData: { password: 'hunter2' },
      });
      const read = cluster.as('watcher').read(limit());
      const [pod] = await read.pods(namespace, 'app=watched');
      expect(await read.deployment(of('watched'))).not.toBeNull();
      expect(await read.deployments(namespace)).toContainEqual(expect.objectContaining({ name: 'watched', wanted: 1 }));
      expect(await read.revisions(of('watched'))).toHaveLength(1);
      expect(await read.pod(of(pod?.name ?? ''))).toMatchObject({ phase: 'Running' });
      expect((await read.events(namespace, ['Pod', 'Deployment'])).length).toBeGreaterThan(0);
      expect(await read.log(of(pod?.name ?? ''), { container: 'serve', previous: false, tail: 5 })).toEqual({
        lines: ['listening on :8080'],
        cut: false,
      });
      expect(await read.quotas(namespace)).toEqual([]);
      expect(await read.limitRanges(namespace)).toEqual([]);
      expect(await read.nodes()).toHaveLength(1);
      expect((await read.nodeUse())[0]?.pods).toBeGreaterThanOrEqual(1);
      expect(await read.autoscaler(of('watched'))).toBeNull();
      expect(await read.presence('ConfigMap', of('kube-root-ca.crt'))).toMatchObject({
        there: true,
        keys: ['ca.crt'],
      });
      expect(await read.presence('ServiceAccount', of('default'))).toMatchObject({ there: true });
      expect(await read.presence('PersistentVolumeClaim', of('none'))).toEqual({ there: false });
      const secret = await failure(read.presence('Secret', of('hidden')));
      expect(secret.kind).toBe('forbidden');
      expect(secret.message).toContain('the bot lacks the right "get secrets in namespace ml-platform"');
    });

    test('the read role is enough for no change', async () => {
      const now = await cluster.deployed('read-only');
      const change = await failure(
        cluster
          .as('watcher')
          .act('deployment', of('read-only'), attempt('t'), limit())
          .change({ paused: true }, seen(now)),
      );
      expect(change).toMatchObject({ kind: 'forbidden', maybeDone: false });
      expect(change.message).toContain('the bot lacks the right "patch deployments.apps in namespace ml-platform"');
      expect((await failure(cluster.as('watcher').fence('deployment', of('read-only'), 't', limit()))).kind).toBe(
        'forbidden',
      );
      expect(
        (
          await cluster
            .as('watcher')
            .rehearse('deployment', of('read-only'), limit())
            .rehearse({ paused: true }, seen(now))
        ).is,
      ).toBe('refused');
      const rules = await cluster.rulesOf('watcher', namespace);
      expect(rules.filter((rule) => !/^(?:get|list) /.test(rule))).toEqual([]);
      expect(rules.filter((rule) => /secrets|exec|proxy|portforward|attach|token|\*/.test(rule))).toEqual([]);
    });

    test('the rollback role allows its patch in its namespace, and nothing more', async () => {
      const reading = await cluster.rulesOf('watcher', namespace);
      const more = (rules: readonly string[]): readonly string[] => rules.filter((rule) => !reading.includes(rule));
      expect(more(await cluster.rulesOf('roller', namespace))).toEqual(['patch deployments.apps']);
      expect(more(await cluster.rulesOf('roller', 'elsewhere'))).toEqual([]);
    });

    test('no right at all, and a token that is not known', async () => {
      const nodes = await failure(cluster.as('nobody').read(limit()).nodes());
      expect(nodes).toMatchObject({ kind: 'forbidden' });
      expect(nodes.message).toContain('the bot lacks the right "list nodes in all namespaces"');
    });
  });

  describe('deploy/', () => {
    const folder = fileURLToPath(new URL('../../deploy/', import.meta.url));
    // Rules are for Prometheus: promtool looks at them (test/peers/heartbeat.test.ts).
    const others = new Set(['kustomization.yaml', 'alerts.yaml']);
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && !others.has(file));

    test.each(files)('%s is accepted as it is, without a warning, where pod security is strictest', async (file) => {
      await cluster.namespaceOnce('mlp-bot', { 'pod-security.kubernetes.io/enforce': 'restricted' });
      const path = join(folder, file);
      const said = await cluster.plane.kubectl(['apply', '--dry-run=server', '--warnings-as-errors', '-f', path]);
      expect(said.stdout).toMatch(/(?:created|configured|unchanged) \(server dry run\)/);
    });

    test('kustomization.yaml gives reading and nothing more, in the namespace that it names; every other tier is in it to be taken in', async () => {
      const { stdout } = await cluster.plane.kubectl(['kustomize', folder]);
      const objects = parseAllDocuments(stdout).map(
        (one) => one.toJS() as { kind: string; metadata: { name: string; namespace?: string } },
      );
      expect(
        objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`).sort(),
      ).toEqual([
        'ClusterRole /mlp-bot-node-events',
        'ClusterRole /mlp-bot-read',
        'ClusterRole /mlp-bot-read-cluster',
        'ClusterRoleBinding /mlp-bot-read-cluster',
        'Namespace /mlp-bot',
        'RoleBinding default/mlp-bot-node-events',
        'RoleBinding ml-platform/mlp-bot-read',
        'ServiceAccount mlp-bot/mlp-bot',
      ]);
      const text = readFileSync(join(folder, 'kustomization.yaml'), 'utf8');
      const named = [...text.matchAll(/^ +(?:# )?- (\S+\.yaml)$/gm)].map(([, file]) => file ?? '');
      expect(new Set(named)).toEqual(new Set(files.filter((file) => file !== 'bot.yaml')));
    });
  });

  describe('a change changes only what was approved', () => {
    test('rollback: the object differs in the template and the fence, and keeps annotations that kubectl would overwrite', async () => {
      const first = await cluster.deployed('exact', { env: [{ name: 'MODE', value: 'old' }] });
      await cluster.region.admin.merge(`${deployments}/exact`, {
        metadata: { annotations: { 'team/contact': 'ml', 'kubernetes.io/change-cause': 'first' } },
      });
      const template = {
        spec: {
          containers: [{ name: 'serve', image: 'registry.test/app:v2', env: [{ name: 'MODE', value: 'hunter2' }] }],
        },
      };
      await cluster.region.admin.strategic(`${deployments}/exact`, {
        metadata: { annotations: { 'kubernetes.io/change-cause': 'second' } },
        spec: { template },
      });
      const now = await cluster.settled('exact');
      const [old] = await cluster.as('roller').read(limit()).revisions(of('exact'));
      if (old === undefined) throw new Error('no revision');
      expect(old.templateDigest).toBe(first.templateDigest);
      const to = { template: { replicaSet: old.uid, digest: old.templateDigest } };

      const said = await cluster.as('roller').rehearse('deployment', of('exact'), limit()).rehearse(to, seen(now));
      expect(said).toEqual({
        is: 'diff',
        lines: [
          '- image: registry.test/app:v2',
          '+ image: registry.test/app:v1',
          '- env MODE: (value not shown)',
          '+ env MODE: (another value not shown)',
        ],
      });

      const before = await cluster.region.admin.get<Raw>(`${deployments}/exact`);
      await cluster.as('roller').act('deployment', of('exact'), attempt('try-1'), limit()).change(to, seen(now));
      const after = await cluster.region.admin.get<Raw>(`${deployments}/exact`);
      const {
        'mlp-bot/fence': fence,
        'deployment.kubernetes.io/revision': _,
        ...annotations
      } = after.metadata.annotations ?? {};
      const { 'deployment.kubernetes.io/revision': __, ...annotationsBefore } = before.metadata.annotations ?? {};
      expect(fence).toBe('try-1');
      expect(annotations).toEqual(annotationsBefore);
      expect(annotations).toMatchObject({ 'team/contact': 'ml', 'kubernetes.io/change-cause': 'second' });
      expect({ ...after.spec, template: null }).toEqual({ ...before.spec, template: null });
      const constant = ({
        uid,
        name: called,
        labels,
        creationTimestamp,
        ownerReferences,
        finalizers,
      }: Raw['metadata']): object => ({ uid, called, labels, creationTimestamp, ownerReferences, finalizers });
      expect(constant(after.metadata)).toEqual(constant(before.metadata));
      expect((await cluster.as('roller').read(limit()).deployment(of('exact')))?.templateChangedBy?.manager).toBe(
        'mlp-bot',
      );
    });

    test('two attempts at the same moment: one write, the other sees it done or is refused', async () => {
      const now = await cluster.deployed('raced');
      const outcomes = await Promise.allSettled(
        ['a', 'b'].map((fence) =>
          cluster
            .as('roller')
            .act('deployment', of('raced'), attempt(fence), limit())
            .change({ restartedAt: '2026-01-01T00:00:00Z' }, seen(now)),
        ),
      );
      expect(outcomes.some((one) => one.status === 'fulfilled')).toBe(true);
      const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as Failure] : []));
      expect(refused.filter((one) => one.kind !== 'conflict' || one.maybeDone)).toEqual([]);
      const after = await until('one restart', async () => {
        const then = await cluster.as('roller').read(limit()).deployment(of('raced'));
        return then?.revision === 2 ? then : undefined;
      });
      expect(['a', 'b']).toContain(after.fence);
    });
  });

  test('a log of 10 MB with everything in it: the newest lines, readable, without secrets, quickly', async () => {
    await cluster.deployed('noisy');
    const [pod] = await cluster.as('watcher').read(limit()).pods(namespace, 'app=noisy');
    const target = of(pod?.name ?? '');
    const line = `${'x'.repeat(2000)} \u001B[31merror\u001B[0m password=hunter2 key AKIAIOSFODNN7EXAMPLE\n`;
    cluster.kubelet.write(namespace, target.name, 'serve', Buffer.from(line.repeat(5000)));
    cluster.kubelet.write(namespace, target.name, 'serve', Buffer.from([0, 1, 2, 0xff, 0xfe, 10]));
    cluster.kubelet.write(
      namespace,
      target.name,
      'serve',
      ' 10%\r 50%\r100% done\n-----BEGIN PRIVATE KEY-----\nTUlJRXZRSUJBREFOQmdrcWhraUc5dzBC\n-----END PRIVATE KEY-----\nlast line\n',
    );
    const started = performance.now();
    const log = await cluster
      .as('watcher')
      .read(limit())
      .log(target, { container: 'serve', previous: false, tail: 500 });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(log.cut).toBe(true);
    const text = log.lines.join('\n');
    expect(text.length).toBeLessThanOrEqual(300 * 1024);
    expect(log.lines.slice(-3)).toEqual(['100% done', '[redacted: private key]', 'last line']);
    expect(text).toContain('error password=[redacted: password] key [redacted: access key]');
    expect(text).not.toMatch(/hunter2|AKIA|TUlJ|\uFFFD/);
    expect(text).not.toContain('\u001B');
    const previous = await failure(
      cluster.as('watcher').read(limit()).log(target, { container: 'serve', previous: true, tail: 5 }),
    );
    expect(previous.kind).toBe('not found');
    expect(previous.message).toMatch(/previous terminated container "serve" in pod "noisy-.*" not found/);
  });

  test('1,000 pods: the same requests as for 10, but for pages', async () => {
    const count = async (labelled: string): Promise<readonly string[]> => {
      const since = new Date();
      const read = cluster.as('watcher').read(limit());
      const found = await read.pods(namespace, `crowd=${labelled}`);
      expect(found).toHaveLength(labelled === 'few' ? 10 : 1000);
      await read.events(namespace, ['Pod']);
      await read.nodeUse();
      const requests = cluster.plane.requests(name, { user: 'watcher', since });
      return requests
        .filter((one) => !one.uri.includes('continue='))
        .map((one) => new URL(one.uri, 'http://x').pathname);
    };
    await crowd('few', 10);
    const few = await count('few');
    await crowd('many', 1000);
    const many = await count('many');
    expect(many).toEqual(few);
  });

  async function crowd(labelled: string, pods: number): Promise<void> {
    const bodies = Array.from({ length: pods }, (_, index) => ({
      metadata: { name: `${labelled}-${index}`, labels: { crowd: labelled } },
      spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'registry.test/app:v1' }] },
    }));
    while (bodies.length > 0) {
      await Promise.all(
        bodies.splice(0, 50).map((body) => cluster.region.admin.post(`/api/v1/namespaces/${namespace}/pods`, body)),
      );
    }
  }

  test('a server with a certificate that nobody signed is unreachable, and why is said', async () => {
    const server = createServer({ cert: cluster.region.serving.cert, key: cluster.region.serving.key }, (_, response) =>
      response.end('{}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'mlp-bot-tls-'));
    writeFileSync(
      `${folder}/kubeconfig`,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}` } }],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: [{ name, context: { cluster: 'c', user: 'u' } }],
      }),
    );
    const [untrusting] = kubernetesRegions({
      credentials: { kubeconfigPath: `${folder}/kubeconfig` },
      regions: [{ name }],
    }).values();
    const thrown = await failure(untrusting?.read(limit()).nodes() ?? Promise.resolve());
    expect(thrown).toMatchObject({ kind: 'unreachable' });
    expect(thrown.message).toMatch(/the TLS connection failed \((?:SELF_SIGNED|UNABLE_TO|DEPTH_ZERO)/);
    await untrusting?.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test('an API server that hangs: every call ends in time, and works again afterwards', async () => {
    const hasty = cluster.connect('watcher', 400);
    await hasty.read(limit()).nodes();
    cluster.region.pause();
    try {
      const started = performance.now();
      const all = await Promise.all(Array.from({ length: 5 }, () => failure(hasty.read(limit()).nodes())));
      expect(all.map((one) => one.kind)).toEqual(Array.from({ length: 5 }, () => 'timeout'));
      expect(performance.now() - started).toBeLessThan(2000);
    } finally {
      cluster.region.resume();
    }
    expect(await until('it answers again', () => hasty.read(limit()).nodes())).toHaveLength(1);
    await hasty.close();
  });
});
