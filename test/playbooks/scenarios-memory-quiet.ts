import { ago, event, readyPod } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { byDay, lookedInside } from './scenarios-memory.ts';
import type { World } from './world.ts';
import { afterRelease, ended, evicted, four, goneAt, life, remembers } from './world-memory.ts';
import type { OneLife } from './world-memory.ts';

/** What only looks like a leak: nothing is found, nothing is offered. */

const quiet = (name: string, about: string, world: () => World): Scenario => ({
  name: `quiet-${name}`,
  about,
  playbook: 'memory-leak',
  world,
});
const each = (world: World, over: Partial<OneLife>): readonly OneLife[] =>
  world.pods.map((one) => life(one.row.name, over));

export const quietMemoryScenarios: readonly Scenario[] = [
  quiet('flat', 'Flat for a day', () => remembers(four(), {})),
  quiet('page-cache', 'The working set grows because files are read; resident memory is flat', () => {
    const world = four();
    const files = (hoursAgo: number): number => Math.min(6.5, (24 - hoursAgo) * 0.6);
    return remembers(world, { lives: each(world, { files }) });
  }),
  quiet('mapped-weights', 'Weights that are mapped count as page cache', () => {
    const world = four();
    const grown = remembers(world, { lives: each(world, { files: () => 7 }) });
    return lookedInside(grown, { anon: 7.2, file: 7.3, shmem: 0.1, mapped: 6.4 });
  }),
  quiet('cache-levels-off', 'A cache filled within three hours and is full since', () => {
    const world = four();
    const gib = (hoursAgo: number): number => 7.2 + 4 * (1 - 0.5 ** (Math.max(0, 14 - hoursAgo) / 0.7));
    return remembers(world, { lives: each(world, { gib }) });
  }),
  quiet('arenas', 'Allocator arenas after the first big requests: two rises, then a plateau', () => {
    const world = four();
    const gib = (hoursAgo: number): number => 7.2 + (hoursAgo < 19 ? 1.4 : 0) + (hoursAgo < 16 ? 1.1 : 0);
    return remembers(world, { lives: each(world, { gib }) });
  }),
  quiet('gc-sawtooth', 'A garbage collector’s teeth, all day', () => {
    const world = four();
    const gib = (hoursAgo: number): number => 6 + ((hoursAgo * 100) % 170) / 60;
    return remembers(world, { lives: each(world, { gib }) });
  }),
  quiet('daily-cycle', 'Memory follows the requests of the day, far from the limit', () => {
    const world = four();
    return remembers(world, { lives: each(world, { gib: (hoursAgo) => 3 + 0.25 * byDay(hoursAgo) }), requests: byDay });
  }),
  quiet('daily-cycle-young', 'The same, seen for fourteen hours: it fell with the requests and rose with them', () => {
    const world = four();
    const shifted = (hoursAgo: number): number => byDay(hoursAgo + 5);
    return remembers(world, {
      lives: each(world, { from: 14, gib: (hoursAgo) => 3 + 0.25 * shifted(hoursAgo) }),
      requests: shifted,
    });
  }),
  quiet('step', 'A second model was loaded ten hours ago: one step, flat since', () => {
    const world = four();
    return remembers(world, { lives: each(world, { gib: (hoursAgo) => (hoursAgo > 10 ? 7.2 : 9.7) }) });
  }),
  quiet('young-siblings', 'A quarter of the pods is younger and still fills its caches', () => {
    const world = four();
    const lives = world.pods.map((one, index) =>
      life(one.row.name, index === 0 ? { from: 1.2, gib: (_ago, ran) => 7.2 + 1.5 * (1 - 0.5 ** (ran * 2)) } : {}),
    );
    return remembers(world, { lives });
  }),
  quiet('warm-up', 'Released eight hours ago: each pod rose for an hour and is flat since', () => {
    const world = afterRelease(8);
    const lives = each(world, { from: 8, gib: (_ago, ran) => 8.4 - 2.4 * Math.exp(-ran * 2.5) });
    return remembers(world, { lives: [...goneAt(8), ...lives] });
  }),
  quiet('after-rollback', 'Just rolled back: what grew is gone, and the version that runs was flat before', () => {
    const world = afterRelease();
    const [old, fresh] = world.revisions;
    if (old === undefined || fresh === undefined || world.deployment === null) throw new Error('no such world');
    const back = { ...old, number: 18, replicas: fresh.replicas };
    const pods = [4, 5, 6, 7].map((index) => readyPod(back, index, ago(3)));
    const grown = each(world, { from: 9, gib: (_ago, ran) => 7.2 + 0.62 * ran });
    const lives = pods.map((one) => life(one.row.name, { from: 0.05 }));
    const { template, templateDigest } = old;
    return remembers(
      {
        ...world,
        deployment: { ...world.deployment, template, templateDigest, revision: 18 },
        revisions: [{ ...fresh, replicas: old.replicas }, back],
        pods,
        logs: Object.fromEntries(pods.map((one) => [`${one.row.name}/server`, []])),
      },
      { lives: [...goneAt(9), ...grown, ...lives] },
    );
  }),
  quiet('falls', 'Memory goes down', () => {
    const world = four();
    return remembers(world, { lives: each(world, { gib: (hoursAgo) => 6 + hoursAgo * 0.15 }) });
  }),
  quiet('old-oom-kill', 'An OOM kill three days ago is history', () =>
    remembers(
      ended(four(), 'OOMKilled', 1, (index) => (index === 1 ? 60 * 24 * 3 : null)),
      {},
    ),
  ),
  quiet('liveness-kill', '137 by a liveness probe is no matter of memory', () => {
    const world = ended(four(), 'Error', 1, (index) => (index === 0 ? 25 : null));
    const pod = world.pods[0]?.row.name ?? '';
    const told = {
      reason: 'Killing',
      message: 'Container server failed liveness probe, will be restarted',
      lastAt: ago(25),
    };
    return remembers({ ...world, events: [event({ name: pod, ...told })] }, {});
  }),
  quiet('evicted-for-disk', 'Evicted for ephemeral storage, not for memory', () => {
    const message = 'The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 4Gi. ';
    return remembers(evicted(four(), 0, message, 30), { lives: four().pods.map((one) => life(one.row.name)) });
  }),
  quiet('old-evictions', 'Leftovers of an eviction two days ago', () => {
    const message = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi. ';
    return remembers(evicted(four(), 0, message, 60 * 48), { lives: four().pods.map((one) => life(one.row.name)) });
  }),
];
