import { Failure } from '../../src/core/failure.ts';
import type { ContainerState, ContainerStatus, EnvFrom, PodTemplate } from '../../src/core/ports/kubernetes.ts';
import { ago, container, deployment, event, registry, revision, status, template } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { breakPods, freshNames, healthy, isFresh, rollingOut } from './world.ts';
import type { World } from './world.ts';

type Ended = Extract<ContainerState, { is: 'terminated' }>;

export function ended(exitCode: number, over: Partial<Ended> & { readonly livedSeconds?: number } = {}): Ended {
  const { livedSeconds = 2, ...rest } = over;
  const finishedAt = ago(3);
  return {
    is: 'terminated',
    exitCode,
    signal: 0,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    message: '',
    startedAt: new Date(Date.parse(finishedAt) - livedSeconds * 1000).toISOString(),
    finishedAt,
    ...rest,
  };
}

const image = `${registry}/model-server:v2.4.1`;
const server = (over: Parameters<typeof container>[0] = {}): Partial<PodTemplate> => ({
  containers: [container({ image, ...over })],
});

/** All new pods crash so, with these last words. */
export function crashing(last: Ended, lines: readonly string[], of: Partial<PodTemplate> = {}, restarts = 7): World {
  const state: ContainerState = {
    is: 'waiting',
    reason: 'CrashLoopBackOff',
    message: 'back-off 5m0s restarting failed container=server',
  };
  const world = breakPods(rollingOut({ ...server(), ...of }), 'CrashLoopBackOff', { image, state, last, restarts });
  for (const name of freshNames(world)) world.logs[`${name}/server/previous`] = lines;
  world.events = freshNames(world).map((name) =>
    event({
      name,
      reason: 'BackOff',
      message: `Back-off restarting failed container server in pod ${name}`,
      count: 40,
    }),
  );
  return world;
}

const crash = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'rollout-stuck',
  world,
});

function killed(world: World, probe: 'liveness' | 'startup', failure: string): World {
  const Probe = probe === 'liveness' ? 'Liveness' : 'Startup';
  const events = freshNames(world).flatMap((name) => [
    event({ name, reason: 'Unhealthy', message: `${Probe} probe failed: ${failure}`, count: 21 }),
    event({
      name,
      reason: 'Killing',
      type: 'Normal',
      message: `Container server failed ${probe} probe, will be restarted`,
      count: 7,
    }),
  ]);
  return { ...world, events: [...world.events, ...events] };
}

/** Pods wait in this state for something that is not there. */
export function waits(reason: string, message: string, of: Partial<PodTemplate> = {}): World {
  return breakPods(rollingOut({ ...server(), ...of }), reason, { image, state: { is: 'waiting', reason, message } });
}

const secretEnv = (optional: boolean): EnvFrom => ({
  is: 'secret',
  variable: 'FEATURE_STORE_PASSWORD',
  name: 'feature-store-credentials',
  key: 'password',
  optional,
});

/** Mock-up D: nothing deployed for three days, three pods were moved and do not start again. */
export function moved(optional: boolean, seesSecrets: boolean): World {
  const of = template({ containers: [container({ env: [secretEnv(optional)] })] });
  const before = template({
    containers: [container({ image: `${registry}/model-server:v2.3.9`, env: [secretEnv(optional)] })],
  });
  const base = healthy();
  const current = revision(16, of, { replicas: { wanted: 12, ready: 9, available: 9 } });
  const replicas = { wanted: 12, total: 12, updated: 12, ready: 9, available: 9, unavailable: 3 };
  const world: World = {
    ...base,
    deployment: deployment(of, { replicas }),
    revisions: [revision(15, before), current],
    seesSecrets,
    missing: new Set(['Secret/feature-store-credentials']),
    pods: base.pods
      .toReversed()
      .map((one, index) =>
        index < 3 ? { row: { ...one.row, createdAt: ago(25) }, pod: { ...one.pod, createdAt: ago(25) } } : one,
      ),
  };
  const last = ended(1);
  const broken = breakPods(
    world,
    'CrashLoopBackOff',
    { state: { is: 'waiting', reason: 'CrashLoopBackOff', message: 'back-off 5m0s' }, last, restarts: 7 },
    3,
  );
  for (const name of freshNames(broken)) {
    broken.logs[`${name}/server/previous`] = [
      'Traceback (most recent call last):',
      '  File "/app/serve.py", line 12, in <module>',
      "KeyError: 'FEATURE_STORE_PASSWORD'",
    ];
  }
  return broken;
}

function initBreaks(state: ContainerState, last: ContainerState | null, shown: string, restarts: number): World {
  const of = { ...server(), initContainers: [container({ name: 'migrate', image })] };
  const world = breakPods(rollingOut(of), shown, {
    image,
    state: { is: 'waiting', reason: 'PodInitializing', message: '' },
  });
  const init: ContainerStatus = status({ name: 'migrate', image, ready: false, started: false, state, last, restarts });
  const pods = world.pods.map((one) =>
    isFresh(world, one)
      ? { row: { ...one.row, restarts }, pod: { ...one.pod, phase: 'Pending' as const, initContainers: [init] } }
      : one,
  );
  const logs = Object.fromEntries(
    freshNames(world).map((name) => [
      `${name}/migrate/previous`,
      ['migrating schema', 'FATAL: relation "features" does not exist'],
    ]),
  );
  return { ...world, pods, logs };
}

const slowLiveness = {
  asks: 'GET :8080/health',
  initialDelaySeconds: 30,
  periodSeconds: 10,
  timeoutSeconds: 1,
  failureThreshold: 3,
};
const backOff: ContainerState = {
  is: 'waiting',
  reason: 'CrashLoopBackOff',
  message: 'back-off 2m40s restarting failed container=migrate',
};

export const startScenarios: readonly Scenario[] = [
  crash('crash-loop', 'The new version ends with an error of its own', () =>
    crashing(ended(1), [
      'loading model',
      'Traceback (most recent call last):',
      "ModuleNotFoundError: No module named 'tokenizers'",
    ]),
  ),
  crash(
    'crash-loop-secrets-not-seen',
    'Going back needs a secret that may not be looked at: said with the offer',
    () => {
      const world = crashing(ended(1), ['boom']);
      const [old, fresh] = world.revisions;
      if (old === undefined || fresh === undefined) throw new Error('no such world');
      const needs = template({ containers: [container({ env: [secretEnv(false)] })] });
      return { ...world, revisions: [{ ...old, template: needs }, fresh] };
    },
  ),
  crash('crash-loop-log-forbidden', 'The same, but logs may not be read: it stays found', () => ({
    ...crashing(ended(1), []),
    logs: {},
    fails: { log: new Failure('forbidden', 'pods/log may not be read') },
  })),
  crash('crash-loop-exit-0', 'The server ends by itself without an error', () => crashing(ended(0), ['no work, bye'])),
  crash('crash-loop-segfault', 'A native library crashes', () => crashing(ended(139), ['loading libtorch_cuda.so'])),
  crash('crash-loop-137-events-unknown', 'Killed, and the events that would say by whom cannot be read', () => ({
    ...crashing(ended(137, { livedSeconds: 70 }), ['serving']),
    fails: { events: new Failure('forbidden', 'events may not be listed') },
  })),
  crash('oom', 'The new version needs more memory than its limit', () =>
    crashing(
      ended(137, { reason: 'OOMKilled', livedSeconds: 41 }),
      ['loading weights 7/9'],
      server({ limits: { memory: '16Gi', 'nvidia.com/gpu': '1' } }),
    ),
  ),
  crash('wrong-architecture', 'The program is built for another processor', () =>
    crashing(ended(255), ['exec /usr/bin/python3: exec format error']),
  ),
  crash('command', 'The command is not in the image', () => {
    const message =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown';
    return crashing(ended(128, { reason: 'StartError', message }), [], server({ command: ['serve'] }));
  }),
  crash('container-start', 'The driver of the node does not fit', () => {
    const message =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: nvidia-container-cli: initialization error: nvml error: driver/library version mismatch: unknown';
    return crashing(ended(128, { reason: 'StartError', message }), []);
  }),
  crash('init-container', 'An init container fails', () => initBreaks(backOff, ended(1), 'Init:CrashLoopBackOff', 6)),
  crash('init-container-hangs', 'An init container does not end', () =>
    initBreaks({ is: 'running', since: ago(26) }, null, 'Init:0/1', 0),
  ),
  crash('slow-start', 'The startup probe allows less than the model needs to load', () =>
    killed(
      crashing(
        ended(137, { livedSeconds: 62 }),
        ['loading shard 3 of 8'],
        server({ startup: { ...slowLiveness, initialDelaySeconds: 0, failureThreshold: 6 } }),
      ),
      'startup',
      'Get "http://10.0.3.7:8080/health": dial tcp 10.0.3.7:8080: connect: connection refused',
    ),
  ),
  crash('slow-start-liveness', 'Without a startup probe, the liveness probe kills the model that loads', () =>
    killed(
      crashing(ended(143, { livedSeconds: 66 }), ['loading shard 3 of 8'], server({ liveness: slowLiveness })),
      'liveness',
      'Get "http://10.0.3.7:8080/health": dial tcp 10.0.3.7:8080: connect: connection refused',
    ),
  ),
  crash('liveness', 'The liveness probe kills servers that ran for a while', () =>
    killed(
      crashing(ended(137, { livedSeconds: 420 }), ['batch 118 done'], server({ liveness: slowLiveness })),
      'liveness',
      'Get "http://10.0.3.7:8080/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    ),
  ),
  crash('secret-missing', 'A secret is not there (first shape: CreateContainerConfigError)', () =>
    waits(
      'CreateContainerConfigError',
      'secret "feature-store-credentials" not found',
      server({ env: [secretEnv(false)] }),
    ),
  ),
  crash('secret-key-missing', 'The secret is there, its key is not', () =>
    waits(
      'CreateContainerConfigError',
      "couldn't find key password in Secret ml-platform/feature-store-credentials",
      server({ env: [secretEnv(false)] }),
    ),
  ),
  crash('config-map-missing-volume', 'A config map is not there (second shape: FailedMount)', () => {
    const world = waits('ContainerCreating', '', {
      volumes: [{ name: 'settings', from: 'config map', source: 'model-settings', optional: false }],
    });
    const message = 'MountVolume.SetUp failed for volume "settings" : configmap "model-settings" not found';
    return {
      ...world,
      missing: new Set(['ConfigMap/model-settings']),
      events: freshNames(world).map((name) => event({ name, reason: 'FailedMount', message, count: 20 })),
    };
  }),
  crash(
    'secret-missing-optional',
    'Third shape and mock-up D: marked optional, so the containers crash; no revision can do without',
    () => moved(true, true),
  ),
  crash('secret-missing-optional-not-seen', 'The same, but secrets may not be looked at', () => moved(true, false)),
  crash('container-config', 'The image wants to run as root and may not', () =>
    waits(
      'CreateContainerConfigError',
      'container has runAsNonRoot and image will run as root (pod: "model-server_ml-platform(1)", container: server)',
    ),
  ),
  crash('volume-mount', 'A volume does not mount', () => {
    const world = waits('ContainerCreating', '');
    const message =
      'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = mount failed: exit status 32: wrong fs type';
    return {
      ...world,
      events: freshNames(world).map((name) => event({ name, reason: 'FailedMount', message, count: 9 })),
    };
  }),
  crash('volume-attach', 'The volume is still attached to another node', () => {
    const world = waits('ContainerCreating', '');
    const message =
      'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) model-server-7c9d8b6f5-x2x7k';
    return {
      ...world,
      events: freshNames(world).map((name) => event({ name, reason: 'FailedAttachVolume', message, count: 3 })),
    };
  }),
  crash('pod-network', 'The subnet is out of addresses', () => {
    const world = waits('ContainerCreating', '');
    const message =
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "4f1c": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container';
    return {
      ...world,
      events: freshNames(world).map((name) => event({ name, reason: 'FailedCreatePodSandBox', message, count: 31 })),
    };
  }),
];
