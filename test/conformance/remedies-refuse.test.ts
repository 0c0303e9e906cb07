import { expect, test } from 'vitest';
import { plain } from '../../src/core/words.ts';
import { at, container, nodeUse, template } from '../playbooks/objects.ts';
import { scaler } from '../playbooks/world-cpu.ts';
import { healthy, readerOf } from '../playbooks/world.ts';
import type { World } from '../playbooks/world.ts';
import { planned } from './remedies.ts';
import type { Wish } from './remedies.ts';

/** What remedies that change values refuse before anybody is asked, and of what they warn. */

const room = (cpu: string, gpu: string): World['nodeUse'] =>
  [1, 2].map((number) => nodeUse(number, { requested: { cpu, memory: '32Gi', 'nvidia.com/gpu': gpu } }));
const roomy = (): World => ({ ...healthy(), nodeUse: room('8', '2') });
const full = (): World => ({ ...healthy(), nodeUse: room('31', '4') });
const deploymentOf = (world: World): NonNullable<World['deployment']> => {
  if (world.deployment === null) throw new Error('no such world');
  return world.deployment;
};
const paused = (): World => {
  const world = roomy();
  return { ...world, deployment: { ...deploymentOf(world), paused: true } };
};
const noneMayMiss = (): World => {
  const world = full();
  const { strategy } = deploymentOf(world);
  const tight = { ...strategy, maxUnavailable: '0', unavailablePods: 0, surgePods: 1 };
  return { ...world, deployment: { ...deploymentOf(world), strategy: tight } };
};
const limited = (): World => {
  const world = roomy();
  const of = template({
    containers: [
      container({
        requests: { cpu: '2', memory: '16Gi', 'nvidia.com/gpu': '1' },
        limits: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' },
      }),
    ],
  });
  return { ...world, deployment: { ...deploymentOf(world), template: of } };
};
const quota = (key: string, hard: string, used: string): World => ({
  ...roomy(),
  quotas: [{ name: 'team', hard: { [key]: hard }, used: { [key]: used } }],
});
const byKeda = (): World => ({
  ...roomy(),
  autoscaler: scaler({ name: 'keda-hpa-model-server', scaledObject: 'model-server', min: 6, max: 12 }),
});
const byHpa = (): World => ({ ...roomy(), autoscaler: scaler({ min: 6, max: 12 }) });

const refusals: readonly (readonly [what: string, world: () => World, wish: Wish, because: string])[] = [
  ['as many as there are', roomy, { remedy: 'scale', details: { replicas: 12 } }, 'it has 12 replicas already'],
  [
    'an HPA owns the number',
    byHpa,
    { remedy: 'scale', details: { replicas: 14 } },
    'autoscaler model-server owns the number and would set it back: change its bounds instead (6 to 12)',
  ],
  [
    'KEDA owns the number',
    byKeda,
    { remedy: 'scale', details: { replicas: 14 } },
    'ScaledObject model-server (KEDA) owns the number and would set it back: change its bounds instead (6 to 12)',
  ],
  [
    'paused',
    paused,
    { remedy: 'scale', details: { replicas: 14 } },
    'it is paused: new pods would be made, but of which version is not decided',
  ],
  [
    'a quota',
    () => quota('requests.cpu', '25', '24'),
    { remedy: 'scale', details: { replicas: 14 } },
    'quota team would refuse them: requests.cpu 24 of 25 taken, 2 more pods ask for 4',
  ],
  [
    'no room',
    full,
    { remedy: 'scale', details: { replicas: 13 } },
    'no node has room for one more pod now: a pod asks for 2 cpu, 8 GiB memory and 1 nvidia.com/gpu; most free on one node 1 cpu, 96 GiB memory and 0 nvidia.com/gpu (2 nodes)',
  ],
  [
    'no autoscaler',
    roomy,
    { remedy: 'autoscaler-bounds', details: { max: 14 } },
    'no autoscaler scales it, so it has no bounds: `scale` changes how many replicas it has',
  ],
  [
    "KEDA's autoscaler",
    byKeda,
    { remedy: 'autoscaler-bounds', details: { max: 14 } },
    "KEDA's ScaledObject model-server makes this autoscaler and would set it back: see its bounds",
  ],
  [
    'no ScaledObject',
    byHpa,
    { remedy: 'scaled-object-bounds', details: { max: 14 } },
    'no ScaledObject of KEDA scales it',
  ],
  [
    'bounds the wrong way round',
    byHpa,
    { remedy: 'autoscaler-bounds', details: { min: 13 } },
    'the minimum (13) would be above the maximum (12)',
  ],
  [
    'bounds as they are',
    byHpa,
    { remedy: 'autoscaler-bounds', details: { max: 12 } },
    'its bounds are 6 to 12 already',
  ],
  [
    'a maximum that no node has room for',
    () => ({ ...full(), autoscaler: scaler({ min: 6, max: 12 }) }),
    { remedy: 'autoscaler-bounds', details: { max: 16 } },
    'no node has room for one more pod now: a pod asks for 2 cpu, 8 GiB memory and 1 nvidia.com/gpu; most free on one node 1 cpu, 96 GiB memory and 0 nvidia.com/gpu (2 nodes)',
  ],
  [
    'a request above the limit',
    limited,
    { remedy: 'set-cpu', details: { limit: '4', request: '5' } },
    'its request (5) would be above its limit (4)',
  ],
  [
    'a limit as it is',
    limited,
    { remedy: 'set-cpu', details: { limit: '4000m' } },
    'its limit of cpu is 4000m already',
  ],
  [
    'no such container',
    limited,
    { remedy: 'set-cpu', details: { limit: '6', container: 'proxy' } },
    'it has no container proxy: server',
  ],
  [
    'paused',
    paused,
    { remedy: 'set-cpu', details: { limit: '6' } },
    'it is paused: the change would wait until it is resumed',
  ],
  [
    'a limit range',
    () => ({
      ...roomy(),
      limitRanges: [{ name: 'caps', limits: [{ type: 'Container', min: {}, max: { cpu: '4' }, default: {} }] }],
    }),
    { remedy: 'set-cpu', details: { limit: '6' } },
    'limit range caps would refuse the pods: container server would have 6 cpu, at most 4 is allowed',
  ],
  [
    'a rollout that would hang',
    noneMayMiss,
    { remedy: 'set-memory', details: { limit: '20Gi' } },
    'it would hang: no pod may be missing meanwhile (maxUnavailable is 0), and its extra pod has no room: a pod asks for 2 cpu, 8 GiB memory and 1 nvidia.com/gpu; most free on one node 1 cpu, 96 GiB memory and 0 nvidia.com/gpu (2 nodes)',
  ],
  [
    'GPUs for a model that does not shard',
    roomy,
    { remedy: 'set-gpu', details: { limit: '2' } },
    'more GPUs only help a model that spreads over them: set `shards: true` for model-server in the config if it does',
  ],
];

test.each(refusals)('%s', async (_what, world, wish, because) => {
  expect(await planned(readerOf(world()), wish, at)).toEqual({ no: because });
});

const malformed: readonly Wish[] = [
  { remedy: 'scale', details: { replicas: -1 } },
  { remedy: 'scale', details: { replicas: 'many' } },
  { remedy: 'set-cpu', details: { limit: '4 cores' } },
  { remedy: 'set-memory', details: { limit: '8Gi; rm -rf /' } },
  { remedy: 'set-batch-size', details: { value: '8\n+ image: other' } },
];
test.each(malformed)('details that are not understood: $remedy $details', async (wish) => {
  expect(await planned(readerOf(roomy()), wish, at)).toHaveProperty('no');
});

test('what there is room for in part is refused, with how many fit', async () => {
  const world = { ...roomy(), nodeUse: room('8', '3') };
  expect(await planned(readerOf(world), { remedy: 'scale', details: { replicas: 16 } }, at)).toEqual({
    no: 'there is room for 2 of the 4 more pods now: 14 replicas would fit',
  });
});

test('scaling to none is a high risk; away from the autoscaler it is said what is temporary', async () => {
  const none = await planned(readerOf(roomy()), { remedy: 'scale', details: { replicas: 0 } }, at);
  if ('no' in none) throw new Error(none.no);
  expect([none.risk, plain(none.says)]).toEqual(['high', 'scale from 12 to 0 replicas. Fewer pods serve then']);
  const bounds = await planned(readerOf(byHpa()), { remedy: 'autoscaler-bounds', details: { max: 14 } }, at);
  if ('no' in bounds) throw new Error(bounds.no);
  expect(bounds.temporary).toBe('autoscaler ml-platform/model-server: 6 to 14 replicas instead of 6 to 12');
});
