import { afterAll, beforeAll, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { startKubelet, type Fault, type Kubelet } from './kubelet.ts';
import { deployment, listOf, type DeploymentOptions } from './manifests.ts';
import { need } from './need.ts';
import { until } from './until.ts';

const httpGet = { path: '/ready', port: 8080 };
const missingSecret = { env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'hub', key: 'token' } } }] };
const missingKey = { env: [{ name: 'SIZE', valueFrom: { configMapKeyRef: { name: 'half', key: 'size' } } }] };
const volume = { volumes: [{ name: 'settings', configMap: { name: 'absent' } }] };

/** Each way to fail: what `kubectl get pods` must show, and what must stand in the pod's description or events. */
const ways: readonly {
  readonly name: string;
  readonly fault?: Fault;
  readonly with?: Partial<DeploymentOptions>;
  readonly shows: RegExp;
  readonly says: RegExp;
}[] = [
  { name: 'not-found', fault: { kind: 'image-not-found' }, shows: /ImagePull/, says: /not-found:1: not found/ },
  { name: 'forbidden', fault: { kind: 'image-forbidden' }, shows: /ImagePull/, says: /403 Forbidden/ },
  { name: 'either', fault: { kind: 'image-not-found-or-private' }, shows: /ImagePull/, says: /pull access denied/ },
  {
    name: 'architecture',
    fault: { kind: 'image-wrong-architecture', runtime: 'docker' },
    shows: /ImagePull/,
    says: /no matching manifest for linux\/amd64/,
  },
  { name: 'exec-format', fault: { kind: 'exec-format' }, shows: /CrashLoop|Error/, says: /Exit Code: +255/ },
  {
    name: 'crash',
    fault: { kind: 'exits', code: 1, logs: 'Traceback\nKeyError: "MODEL_NAME"\n' },
    shows: /CrashLoopBackOff/,
    says: /Exit Code: +1\n[^]*Back-off restarting failed container serve in pod crash-/,
  },
  { name: 'oom', fault: { kind: 'oom' }, shows: /CrashLoopBackOff|OOMKilled/, says: /OOMKilled\s+Exit Code: +137/ },
  {
    name: 'command',
    fault: { kind: 'command-not-found', command: 'serve-model' },
    shows: /CrashLoopBackOff|RunContainerError/,
    says: /StartError[^]*"serve-model": executable file not found in \$PATH\s+Exit Code: +128/,
  },
  {
    name: 'readiness',
    fault: { kind: 'probe-fails', probe: 'Readiness', gets: 503 },
    with: { container: { readinessProbe: { httpGet } } },
    shows: /0\/1 +Running/,
    says: /Readiness probe failed: HTTP probe failed with statuscode: 503/,
  },
  {
    name: 'liveness',
    fault: { kind: 'probe-fails', probe: 'Liveness', gets: 'timeout' },
    with: { container: { livenessProbe: { httpGet } } },
    shows: /\b[1-9]\d* \(/,
    says: /serve failed liveness probe, will be restarted[^]*Liveness probe failed: Get "http:\/\/10.244/,
  },
  {
    name: 'startup',
    fault: { kind: 'loads', ms: 60_000 },
    with: { container: { startupProbe: { httpGet, periodSeconds: 2 } } },
    shows: /0\/1/,
    says: /Container serve failed startup probe, will be restarted/,
  },
  {
    name: 'no-secret',
    with: { container: missingSecret },
    shows: /CreateContainerConfigError/,
    says: /Error: secret "hub" not found/,
  },
  {
    name: 'no-key',
    with: { container: missingKey },
    shows: /CreateContainerConfigError/,
    says: /couldn't find key size in ConfigMap default\/half/,
  },
  {
    name: 'no-volume',
    with: { pod: volume },
    shows: /ContainerCreating/,
    says: /MountVolume.SetUp failed for volume "settings" : configmap "absent" not found/,
  },
  {
    name: 'init',
    with: { image: 'init:ok', pod: { initContainers: [{ name: 'fetch', image: 'crash:1' }] } },
    shows: /Init:CrashLoopBackOff/,
    says: /ContainersNotInitialized|Initialized +False/,
  },
  {
    name: 'sandbox',
    fault: { kind: 'no-sandbox' },
    shows: /ContainerCreating/,
    says: /failed to assign an IP address/,
  },
];

need('control-plane')('the played kubelet', { timeout: 40_000 }, () => {
  let plane: ControlPlane;
  let kubelet: Kubelet;
  const image = (name: string): string => `${name}:1`;

  beforeAll(async () => {
    plane = await startControlPlane({ regions: ['eu-west-1'], nodeGraceSeconds: 4 });
    kubelet = await startKubelet(plane.region('eu-west-1'), {
      nodes: [{ name: 'node-1' }, { name: 'node-2' }],
      speed: 40,
      faults: Object.fromEntries(ways.flatMap(({ name, fault }) => (fault ? [[image(name), fault]] : []))),
    });
    await plane.kubectl(['create', 'configmap', 'half', '--from-literal=other=1']);
    const items = ways.map((way) => deployment({ name: way.name, image: image(way.name), replicas: 1, ...way.with }));
    await plane.kubectl(['apply', '-f', '-'], { stdin: listOf(items) });
  }, 60_000);

  afterAll(async () => {
    await kubelet?.stop();
    await plane?.stop();
  });

  const kubectl = async (...args: readonly string[]): Promise<string> => (await plane.kubectl(args)).stdout;
  const refusal = async (...args: readonly string[]): Promise<string> =>
    (await plane.kubectl(args, { mayFail: true })).stderr;

  it.each(ways)('$name looks as it does on a real node', async ({ name, shows, says }) => {
    const selector = `-l=app=${name}`;
    await until(
      `${name} as ${shows}`,
      async () => {
        const listed = (await kubectl('get', 'pods', selector)).split('\n').slice(1).join('\n');
        return shows.test(listed) && says.test(await kubectl('describe', 'pod', selector)) ? true : undefined;
      },
      { everyMs: 200, explain: () => kubectl('describe', 'pod', selector) },
    );
    expect(await kubectl('describe', 'pod', selector)).toMatch(says);
  });

  it('serves logs, the previous run too, and refuses in the words of a kubelet', async () => {
    await until('a second run', async () => {
      const restarts = await kubectl('get', 'pods', '-l=app=crash', '-o=jsonpath={..restartCount}');
      return Number(restarts) > 0 ? true : undefined;
    });
    expect(await kubectl('logs', 'deployment/crash', '--previous', '--tail=1')).toBe('KeyError: "MODEL_NAME"\n');
    expect(await kubectl('logs', 'deployment/crash', '--limit-bytes=9')).toBe('Traceback');
    expect(await kubectl('logs', 'deployment/crash', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z Traceback\n/);
    expect(await refusal('logs', 'deployment/readiness', '--previous')).toMatch(
      /BadRequest\): previous terminated container "serve" in pod "readiness-\S+" not found/,
    );
    expect(await refusal('logs', 'deployment/not-found')).toMatch(/is waiting to start: .*pull/);
    expect(await refusal('logs', 'deployment/no-secret')).toContain('is waiting to start: CreateContainerConfigError');
  });

  it('notices what is repaired: a healed image, a created secret', async () => {
    kubelet.heal(image('not-found'));
    kubelet.heal(image('readiness'));
    await kubectl('create', 'secret', 'generic', 'hub', '--from-literal=token=x');
    for (const name of ['not-found', 'readiness', 'no-secret']) {
      const { stdout } = await plane.kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=20s']);
      expect(stdout).toContain('successfully rolled out');
    }
  });

  it('plays sidecars, jobs, readiness gates and evictions', async () => {
    kubelet.fault('job:1', { kind: 'exits', code: 0, afterMs: 50 });
    const sidecar = { initContainers: [{ name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' }] };
    const gate = { readinessGates: [{ conditionType: 'target-health.example/ready' }] };
    const job = { restartPolicy: 'Never', containers: [{ name: 'once', image: 'job:1' }] };
    await plane.kubectl(['apply', '-f', '-'], {
      stdin: listOf([
        deployment({ name: 'sidecar', image: 'sidecar:1', replicas: 1, pod: sidecar }),
        deployment({ name: 'gated', image: 'gated:1', replicas: 1, pod: gate }),
        { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec: { template: { spec: job } } },
      ]),
    });
    await kubectl('wait', 'job/job', '--for=condition=Complete', '--timeout=15s');
    await kubectl('rollout', 'status', 'deployment/sidecar', '--timeout=15s');
    expect(await kubectl('get', 'pods', '-l=app=sidecar')).toMatch(/2\/2 +Running/);
    const gated = await until('a running gated pod', async () => {
      const text = await kubectl('get', 'pods', '-l=app=gated', '-o=yaml');
      return text.includes('phase: Running') ? text : undefined;
    });
    expect(gated).toContain('reason: ReadinessGatesNotReady');

    const evicted = (await kubectl('get', 'pods', '-l=app=sidecar', '-o=jsonpath={.items[0].metadata.name}')).trim();
    await kubelet.evict('default', evicted);
    expect(await kubectl('get', 'pod', evicted, '-o=jsonpath={.status.phase}/{.status.reason}')).toBe('Failed/Evicted');
    await until('the pod in its place', async () =>
      (await kubectl('get', 'pods', '-l=app=sidecar')).includes('2/2') ? true : undefined,
    );
  });

  it('takes pods down when they are deleted, slowly where they are slow', async () => {
    kubelet.fault('slow:1', { kind: 'ends-slowly', ms: 1500 });
    await plane.kubectl(['apply', '-f', '-'], { stdin: deployment({ name: 'slow', image: 'slow:1', replicas: 1 }) });
    await kubectl('rollout', 'status', 'deployment/slow', '--timeout=20s');
    const began = performance.now();
    await kubectl('delete', 'deployment', 'slow', '--cascade=foreground', '--wait=false');
    await until('Terminating', async () =>
      (await kubectl('get', 'pods', '-l=app=slow')).includes('Terminating') ? true : undefined,
    );
    await until('gone', async () =>
      (await kubectl('get', 'pods', '-l=app=slow', '-o=name')) === '' ? true : undefined,
    );
    expect(performance.now() - began).toBeGreaterThan(1500);
  });

  it('is called lost when it falls silent, and comes back', async () => {
    const ready = (): Promise<string> =>
      kubectl('get', 'node', 'node-2', '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}');
    expect(await ready()).toBe('True');
    kubelet.loseNode('node-2');
    await until('Unknown', async () => ((await ready()) === 'Unknown' ? true : undefined));
    kubelet.returnNode('node-2');
    await until('True', async () => ((await ready()) === 'True' ? true : undefined));
  });
});
