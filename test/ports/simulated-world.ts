import { simulatedPlatform } from '../../src/adapters/simulated/client.ts';
import type { EnvFrom } from '../../src/core/ports/kubernetes.ts';
import { addWorkload } from '../../src/sandbox/platform/seed.ts';
import { startPlatform } from '../../src/sandbox/platform/server.ts';
import type { Cluster, Template, Workload } from '../../src/sandbox/platform/state.ts';
import { container, probe, program, template, withContainer } from '../../src/sandbox/platform/template.ts';
import { setBounds } from '../../src/sandbox/platform/around/bounding.ts';
import { addNode, removeNode, setSchedulable } from '../../src/sandbox/platform/node-life.ts';
import { deployTemplate, putObject, scaleTo, workloadOf } from '../../src/sandbox/platform/write.ts';
import { simulatedAround } from './simulated-around.ts';
import type { Change } from './simulated-around.ts';
import type { Wanted, World } from './world.ts';

const namespace = 'ports';
const region = 'eu-west-1';
const images = {
  v1: 'registry.test/app:v1',
  v2: 'registry.test/app:v2',
  missing: 'registry.test/app:missing',
  crashing: 'registry.test/app:crashing',
};

/** The simulation behind its own server and client, its clock moved by hand. */
export async function simulatedWorld(): Promise<World> {
  const running = await startPlatform({ port: 0, clock: { nowMs: () => Date.now() }, seed: 'ports' });
  const { platform } = running;
  const change = (what: string, run: (cluster: Cluster, at: number) => void): Promise<void> => {
    platform.region(region).do({ at: platform.now(), kind: 'write', what, run });
    return Promise.resolve();
  };
  const onWorkload = (name: string, run: (workload: Workload, cluster: Cluster, at: number) => void): Promise<void> =>
    change(name, (cluster, at) => {
      const found = workloadOf(cluster, { namespace, name });
      if (found === null) throw new Error(`there is no deployment ${name}`);
      run(found, cluster, at);
      cluster.resourceVersion += 1;
      found.resourceVersion = cluster.resourceVersion;
    });
  const put = (kind: string, name: string, keys: readonly string[]): Promise<void> =>
    change(kind, (cluster, at) => putObject(cluster, `${kind}/${namespace}/${name}`, keys, at));
  await change('images', (cluster) => {
    const runs = program({ warmSeconds: 1 });
    const ends = { afterSeconds: 1, exitCode: 3, signal: 0, reason: 'Error' };
    cluster.images.set(images.v1, { pull: 'ok', pullSeconds: 1, program: runs });
    cluster.images.set(images.v2, { pull: 'ok', pullSeconds: 1, program: runs });
    cluster.images.set(images.crashing, {
      pull: 'ok',
      pullSeconds: 1,
      program: { ...runs, ends, lines: ['boom: cannot start'] },
    });
  });
  return {
    platform: simulatedPlatform({ url: running.url, regions: platform.regions }),
    region,
    namespace,
    images,
    deploy: (name, wanted) => change(name, (cluster, at) => deploy(cluster, name, wanted, at)),
    setImage: (name, image) =>
      onWorkload(name, (workload, cluster, at) => {
        const next = withContainer(workload.template, 'main', (one) => ({ ...one, image }));
        deployTemplate(cluster, workload, next, { manager: 'kubectl-set', cause: null }, at);
      }),
    setMemory: (name, memory, manager) =>
      onWorkload(name, (workload, cluster, at) => {
        const next = withContainer(workload.template, 'main', (one) => ({ ...one, limits: { ...one.limits, memory } }));
        deployTemplate(cluster, workload, next, { manager, cause: null }, at);
      }),
    pause: (name) => onWorkload(name, (workload) => pause(workload)),
    scale: (name, replicas) => onWorkload(name, (workload) => scale(workload, replicas)),
    ...writing(change, onWorkload),
    configMap: (name, keys) => put('ConfigMap', name, keys),
    secret: (name, keys) => put('Secret', name, keys),
    serviceAccount: (name) => put('ServiceAccount', name, []),
    quota: (name, hard) => change('quota', (cluster) => void cluster.quotas.push({ name, namespace, hard })),
    removeQuota: (name) =>
      change('quota', (cluster) => void (cluster.quotas = cluster.quotas.filter((one) => one.name !== name))),
    limitRange: (name, max) =>
      change('limit range', (cluster) => {
        cluster.limitRanges.push({ name, namespace, limits: [{ type: 'Container', min: {}, max, default: max }] });
      }),
    removeLimitRange: (name) =>
      change(
        'limit range',
        (cluster) => void (cluster.limitRanges = cluster.limitRanges.filter((one) => one.name !== name)),
      ),
    autoscale: (name, workload, min, max) =>
      change(
        'autoscaler',
        (cluster, at) => void cluster.autoscalers.push({ namespace, name, workload, min, max, madeAt: at }),
      ),
    denyUpdates: (name, message) =>
      change(
        'webhook',
        (cluster) => void cluster.webhooks.push({ on: 'deployments', namespace, name, message, sideEffects: false }),
      ),
    ...simulatedAround(change, namespace, images.v1),
    beforeNextWrite: (run) => platform.beforeNextWrite(run),
    pass: () => {
      platform.advance(1000);
      return Promise.resolve();
    },
    close: () => running.close(),
  };
}

function writing(
  change: Change,
  onWorkload: (name: string, run: (workload: Workload, cluster: Cluster, at: number) => void) => Promise<void>,
): Pick<World, 'scaleBy' | 'boundBy' | 'addNode' | 'cordonBy' | 'removeNode' | 'withoutNodeEvents'> {
  return {
    scaleBy: (name, replicas, manager) =>
      onWorkload(name, (workload) => {
        scaleTo(workload, replicas, manager, null);
        workload.generation += 1;
      }),
    boundBy: (name, max, manager) =>
      change('bounds', (cluster) => {
        const found = cluster.autoscalers.find((one) => one.namespace === namespace && one.name === name);
        if (found !== undefined) setBounds(cluster, found, { min: found.min, max }, manager);
      }),
    addNode: (name) =>
      change('node', (cluster) => {
        const [like] = cluster.nodes;
        if (like === undefined) throw new Error('no node');
        addNode(cluster, { ...structuredClone(like), name, uid: name, madeAt: cluster.now, holders: [] });
      }),
    cordonBy: (name, manager) =>
      change('cordon', (cluster) => {
        const found = cluster.nodes.find((one) => one.name === name);
        if (found !== undefined) setSchedulable(cluster, found, false, manager);
      }),
    removeNode: (name) => change('node', (cluster) => removeNode(cluster, name)),
    withoutNodeEvents: async (run) => {
      await change('a right', ({ around }) => void around.denied.add('list events in default'));
      try {
        await run();
      } finally {
        await change('a right', ({ around }) => void around.denied.delete('list events in default'));
      }
    },
  };
}

function pause(workload: Workload): void {
  workload.paused = true;
  workload.generation += 1;
}

function scale(workload: Workload, replicas: number): void {
  workload.replicas = replicas;
  workload.generation += 1;
}

function deploy(cluster: Cluster, name: string, wanted: Wanted, at: number): void {
  const { maxSurge = '25%', maxUnavailable = '25%', minReadySeconds = 0, progressDeadlineSeconds = 600 } = wanted;
  const strategy = { type: 'RollingUpdate' as const, maxSurge, maxUnavailable };
  const owner = { kind: 'none' as const, name: '', reverts: 'no' as const };
  const of = {
    namespace,
    name,
    replicas: wanted.replicas,
    template: templateOf(name, wanted),
    owner,
    strategy,
    minReadySeconds,
    progressDeadlineSeconds,
  };
  addWorkload(cluster, of, 'kubectl-create', at);
}

function templateOf(name: string, wanted: Wanted): Template {
  const env: EnvFrom[] = Object.keys(wanted.env ?? {}).map((variable) => ({ is: 'value', variable }));
  if (wanted.envFromConfigMap !== undefined)
    env.push({ is: 'config map', ...wanted.envFromConfigMap, optional: false });
  if (wanted.envFromSecret !== undefined) env.push({ is: 'secret', ...wanted.envFromSecret });
  const readiness =
    wanted.readinessPath === undefined ? null : probe(`GET :8080${wanted.readinessPath}`, { periodSeconds: 1 });
  const { requests = {}, limits = {}, tolerations = [], nodeAffinity = {}, spread = null } = wanted;
  const main = container('main', wanted.image, { requests: { ...limits, ...requests }, limits, readiness, env });
  return template([main], {
    labels: { app: name },
    tolerations: tolerations.map(({ key, value = '', effect }) => ({ key, value, effect })),
    affinity: nodeAffinity,
    spread,
    values: { main: wanted.env ?? {} },
  });
}
