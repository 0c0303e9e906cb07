import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Proposed } from '../../src/core/contract.ts';
import { plain } from '../../src/core/words.ts';
import { minutes } from '../../src/sandbox/platform/state.ts';
import { broken, execute, observe, region, rehearse, simulated } from '../playbooks/simulated.ts';
import type { Simulated } from '../playbooks/simulated.ts';
import { planned } from './remedies.ts';
import type { Wish } from './remedies.ts';

/** What remedies that change values do, on the simulated platform: done twice is done once, nothing else changes, it is verified, it can be taken back. */

interface Case extends Wish {
  readonly does: string;
  readonly fault?: string;
  /** Every field of the region that may change: path, from, to. */
  readonly changes: readonly string[];
  readonly says: string;
}

const model = 'deployments.model-server';
const cases: readonly Case[] = [
  {
    does: 'more pods',
    remedy: 'scale',
    fault: 'growth-no-hpa',
    details: { replicas: 14 },
    changes: [`${model}.replicas.wanted: 12 → 14`],
    says: 'scale from 12 to 14 replicas',
  },
  {
    does: 'fewer pods',
    remedy: 'scale',
    name: 'feature-store',
    details: { replicas: 1 },
    changes: ['deployments.feature-store.replicas.wanted: 2 → 1'],
    says: 'scale from 2 to 1 replica. Fewer pods serve then',
  },
  {
    does: "an autoscaler's maximum",
    remedy: 'autoscaler-bounds',
    fault: 'hpa-at-maximum',
    details: { max: 16 },
    changes: ['autoscalers.model-server.max: 12 → 16'],
    says: 'autoscaler model-server: 12 to 16 replicas instead of exactly 12',
  },
  {
    does: "an autoscaler's minimum",
    remedy: 'autoscaler-bounds',
    details: { min: 14 },
    changes: ['autoscalers.model-server.min: 12 → 14'],
    says: 'autoscaler model-server: at least 14 replicas instead of 12 (at most 24, as before)',
  },
  {
    does: 'bounds that KEDA owns',
    remedy: 'scaled-object-bounds',
    name: 'api-gateway',
    details: { min: 4, max: 6 },
    changes: [
      'autoscalers.keda-hpa-api-gateway.max: 9 → 6',
      'autoscalers.keda-hpa-api-gateway.min: 3 → 4',
      'scaledObjects.api-gateway.maxReplicaCount: 9 → 6',
      'scaledObjects.api-gateway.minReplicaCount: 3 → 4',
    ],
    says: 'ScaledObject api-gateway: 4 to 6 replicas instead of 3 to 9',
  },
  {
    does: 'a CPU limit where there was none',
    remedy: 'set-cpu',
    details: { limit: '6' },
    changes: [`${model}.containers.model-server.limits.cpu: none → 6`],
    says: 'set cpu limit from none to 6 of container model-server. Starts 12 pods anew, a few at a time',
  },
  {
    does: 'CPU request and limit together',
    remedy: 'set-cpu',
    fault: 'cpu-at-limit',
    details: { limit: '3', request: '2' },
    changes: [
      `${model}.containers.model-server.limits.cpu: 1500m → 3`,
      `${model}.containers.model-server.requests.cpu: 1500m → 2`,
    ],
    says: 'set cpu limit from 1500m to 3 and cpu request from 1500m to 2 of container model-server. Starts 12 pods anew, a few at a time',
  },
  {
    does: 'memory of one container, the other one left alone',
    remedy: 'set-memory',
    fault: 'sidecar-hot',
    details: { limit: '512Mi', container: 'log-shipper' },
    changes: [`${model}.containers.log-shipper.limits.memory: 256Mi → 512Mi`],
    says: 'set memory limit from 256Mi to 512Mi of container log-shipper. Starts 12 pods anew, a few at a time',
  },
  {
    does: 'a variable that was not set',
    remedy: 'set-threads',
    fault: 'threads-cpu',
    details: { value: '4' },
    changes: [`${model}.variables.OMP_NUM_THREADS: none → 4`],
    says: 'set OMP_NUM_THREADS to 4 (not set before) of container model-server. Starts 12 pods anew, a few at a time',
  },
  {
    does: 'a variable from one value to another',
    remedy: 'set-batch-size',
    details: { value: '4' },
    changes: [`${model}.variables.BATCH_SIZE: 8 → 4`],
    says: 'set BATCH_SIZE from 8 to 4 of container model-server. Starts 12 pods anew, a few at a time',
  },
];

let world: Simulated;
beforeAll(async () => {
  world = await simulated();
});
afterAll(async () => {
  await world.running.close();
});

const reader = () => world.platform.read(region, AbortSignal.timeout(10_000));
const now = (): string => new Date(world.running.platform.now()).toISOString();

async function plan(wish: Case): Promise<Proposed> {
  if (wish.fault === undefined) world.running.platform.reset();
  else broken(world, wish.fault);
  const made = await planned(reader(), wish, now());
  if ('no' in made) throw new Error(made.no);
  return made;
}

describe.each(cases)('$remedy: $does', (wish) => {
  test('done twice is done once, and nothing else changes', async () => {
    const proposed = await plan(wish);
    expect(plain(proposed.says)).toBe(wish.says);
    const [before, was] = [await observe(world, proposed), await everything()];
    expect(proposed.fits(before)).toEqual({ is: 'yes' });
    expect(proposed.holds(before)).toBe(false);
    expect((await rehearse(world, proposed, before)).is).toBe('diff');
    expect(difference(was, await everything())).toEqual([]);

    await execute(world, proposed);
    expect(difference(was, await everything())).toEqual(wish.changes);
    const fence = await fenceOf(proposed);
    expect(fence).toMatch(/^try-/);
    expect(proposed.holds(await observe(world, proposed))).toBe(true);
    expect(proposed.fits(await observe(world, proposed))).toMatchObject({ is: 'no' });

    await execute(world, proposed);
    expect(difference(was, await everything())).toEqual(wish.changes);
    expect(await fenceOf(proposed)).toBe(fence);
  });

  test('is verified, and taken back', async () => {
    const proposed = await plan(wish);
    const [before, was] = [await observe(world, proposed), await everything()];
    await execute(world, proposed);
    expect(proposed.verify(before, await observe(world, proposed)).is).toBe('not yet');
    world.running.platform.advance(minutes(8));
    expect(proposed.verify(before, await observe(world, proposed))).toMatchObject({ is: 'yes' });

    const { undo } = proposed;
    if ('impossible' in undo) throw new Error(undo.impossible);
    const done = await observe(world, undo);
    expect(undo.fits(done)).toEqual({ is: 'yes' });
    await execute(world, undo);
    expect(undo.holds(await observe(world, undo))).toBe(true);
    expect(proposed.holds(await observe(world, proposed))).toBe(false);
    // The autoscaler has its own say about the number, and takes its time to take pods away.
    world.running.platform.advance(minutes(12));
    expect(difference(was, await everything())).toEqual([]);
    expect(undo.verify(done, await observe(world, undo))).toMatchObject({ is: 'yes' });
  });

  test('fits no more when somebody else has changed it meanwhile, and writes nothing then', async () => {
    const proposed = await plan(wish);
    const other = await planned(reader(), { ...wish, details: otherDetails(wish) }, now());
    if ('no' in other) throw new Error(other.no);
    await execute(world, other);
    const was = await everything();
    const seen = await observe(world, proposed);
    expect(proposed.fits(seen)).toMatchObject({
      is: 'no',
      because: expect.stringContaining('changed since') as string,
    });
    await expect(execute(world, proposed)).rejects.toMatchObject({ kind: 'conflict' });
    expect(difference(was, await everything())).toEqual([]);
    expect(proposed.verify(seen, await observe(world, proposed)).is).toBe('no');
  });
});

/** What another person might have wanted. */
function otherDetails({ remedy, details }: Case): Wish['details'] {
  switch (remedy) {
    case 'scale':
      return { replicas: 3 };
    case 'autoscaler-bounds':
    case 'scaled-object-bounds':
      return { max: 15 };
    case 'set-cpu':
      return { limit: '7' };
    case 'set-memory':
      return { ...(details as object), limit: '384Mi' };
    default:
      return { value: '2' };
  }
}

type Fields = Readonly<Record<string, string>>;

/** All that somebody has written down of the region: what controllers count and number is left out. */
async function everything(): Promise<Fields> {
  const { kubernetes } = reader();
  const namespace = 'ml-platform';
  const fields: Record<string, string> = {};
  const put = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, one] of Object.entries(value)) put(path === '' ? key : `${path}.${key}`, one);
    else fields[path] = String(value);
  };
  for (const { name } of await kubernetes.deployments(namespace)) {
    const found = await kubernetes.deployment({ namespace, name });
    if (found === null) continue;
    const { containers, initContainers, ...template } = found.template;
    const byName = Object.fromEntries(
      containers.map((one) => [one.name, { ...one, env: one.env.filter((env) => env.is !== 'value') }]),
    );
    const { uid, paused, selector, strategy, minReadySeconds, progressDeadlineSeconds, owner } = found;
    // A number that an autoscaler owns moves by itself.
    const owned = (await kubernetes.autoscaler({ namespace, name })) !== null;
    const { surgePods: _surge, unavailablePods: _unavailable, ...rest } = strategy;
    put(`deployments.${name}`, {
      uid,
      paused,
      selector,
      strategy: rest,
      minReadySeconds,
      progressDeadlineSeconds,
      owner,
      template,
      initContainers,
      containers: byName,
      ...(owned ? {} : { replicas: { wanted: found.replicas.wanted } }),
    });
    const names = ['OMP_NUM_THREADS', 'BATCH_SIZE', 'MODEL_VERSION', 'LOG_LEVEL'];
    const values = await kubernetes.variables({ namespace, name }, containers[0]?.name ?? '', names);
    for (const [variable, value] of Object.entries(values))
      if (value !== null) put(`deployments.${name}.variables.${variable}`, value);
    const scaler = await kubernetes.autoscaler({ namespace, name });
    if (scaler !== null) put(`autoscalers.${scaler.name}`, { min: scaler.min, max: scaler.max, uid: scaler.uid });
  }
  for (const one of (await kubernetes.custom('ScaledObject', namespace)) ?? []) {
    put(`scaledObjects.${one.name}`, JSON.parse(one.spec) as object);
  }
  for (const one of await kubernetes.nodes())
    put(`nodes.${one.name}`, { unschedulable: one.unschedulable, labels: one.labels });
  return fields;
}

function difference(was: Fields, is: Fields): readonly string[] {
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])].toSorted();
  return paths.flatMap((path) =>
    was[path] === is[path] ? [] : [`${path}: ${was[path] ?? 'none'} → ${is[path] ?? 'none'}`],
  );
}

const fenceOf = (proposed: Proposed): Promise<string | null> =>
  world.platform.fenceOf(proposed.kind, region, proposed.target, AbortSignal.timeout(10_000));
