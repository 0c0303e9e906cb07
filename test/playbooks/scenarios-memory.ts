import { ago, container, digestOf, template } from './objects.ts';
import type { Scenario } from './scenario.ts';
import { dark } from './world.ts';
import type { World } from './world.ts';
import { afterRelease, blind, ended, evicted, four, goneAt, life, remembers } from './world-memory.ts';
import type { OneLife } from './world-memory.ts';

/** Memory over a day: one scenario for each cause, and for what cannot be told. What is no fault stands in scenarios-memory-quiet.ts. */

const memory = (name: string, about: string, world: () => World): Scenario => ({
  name,
  about,
  playbook: 'memory-leak',
  world,
});

/** Each pod that is there grows from its start by so many GiB an hour. */
const grows = (world: World, perHour: number, from = 9): readonly OneLife[] =>
  world.pods.map((one) => life(one.row.name, { from, gib: (_ago, ran) => 7.2 + perHour * ran }));

/** Grows to the limit in three hours, is killed, begins anew. */
function killedLives(world: World): readonly OneLife[] {
  return world.pods.flatMap((one, index) =>
    [9.4, 6.3, 3.2].map((from, number) =>
      life(one.row.name, {
        from: from - index * 0.1,
        to: number === 2 ? 0 : from - index * 0.1 - 2.9,
        gib: (_ago, ran) => 7 + 2.8 * ran,
      }),
    ),
  );
}

/** Requests of a day: fewest twelve hours ago. */
export const byDay = (hoursAgo: number): number => 28 * (1 - 0.25 * (1 - Math.cos((2 * Math.PI * hoursAgo) / 24)));

export const withLimit = (world: World, limit: string | null): World => {
  const next = template({
    containers: [
      container({ limits: limit === null ? { 'nvidia.com/gpu': '1' } : { memory: limit, 'nvidia.com/gpu': '1' } }),
    ],
  });
  return {
    ...world,
    deployment: world.deployment && { ...world.deployment, template: next, templateDigest: digestOf(next) },
    revisions: world.revisions.map((one) => ({ ...one, template: next, templateDigest: digestOf(next) })),
  };
};

const low =
  'The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi. Container server was using 9Gi, request is 8Gi, has larger consumption of memory. ';
const pressed = (world: World): World => ({
  ...world,
  nodes: world.nodes.map((one) => (one.name === 'gpu-1' ? { ...one, pressures: ['MemoryPressure'] } : one)),
});

const killLines = [47, 41, 3].map(
  (minutes) => `${ago(minutes)} [ERROR] Worker (pid:${400 + minutes}) was sent SIGKILL! Perhaps out of memory?`,
);
const saysKilled = (world: World, pods: number): World => ({
  ...world,
  logs: Object.fromEntries(
    Object.entries(world.logs)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, lines], index) => [name, index < pods ? [...killLines, ...lines] : lines]),
  ),
});
/** What looking inside shows of a pod: GiB. */
export function lookedInside(
  world: World,
  of: {
    readonly anon: number;
    readonly file: number;
    readonly shmem: number;
    readonly mapped: number;
    readonly killed?: number;
  },
): World {
  const bytes = (value: number): number => Math.round(value * 2 ** 30);
  const out = [
    `anon ${bytes(of.anon)}`,
    `file ${bytes(of.file)}`,
    `shmem ${bytes(of.shmem)}`,
    `file_mapped ${bytes(of.mapped)}`,
  ];
  const ran = (lines: readonly string[]) => ({ exitCode: 0, out: lines, err: [], cut: false });
  const killed = of.killed ?? 0;
  const events = ['low 0', 'high 0', 'max 212', `oom ${killed}`, `oom_kill ${killed}`];
  const programs = world.pods.flatMap((one) => [
    [`${one.row.name}/server cat /sys/fs/cgroup/memory.stat`, ran(out)] as const,
    [`${one.row.name}/server cat /sys/fs/cgroup/memory.events`, ran(events)] as const,
  ]);
  return { ...world, programs: Object.fromEntries(programs) };
}

const trends: readonly Scenario[] = [
  memory('leak-since-release', 'Every pod grows since v2.4.1 came; the pods before were flat', () => {
    const world = afterRelease();
    return remembers(world, { lives: [...goneAt(9), ...grows(world, 0.62)] });
  }),
  memory('leak-with-oom-kills', 'It grows so fast that each pod is killed every three hours', () => {
    const world = ended(afterRelease(9.5), 'OOMKilled', 2, (index) => 196 - index * 6);
    return remembers(world, { lives: [...goneAt(9.5), ...killedLives(world)] });
  }),
  memory(
    'leak-in-rising-traffic',
    'It came with a release in the morning, while requests rose; before, as many did not move memory',
    () => {
      const world = afterRelease();
      return remembers(world, { lives: [...goneAt(9), ...grows(world, 0.62)], requests: byDay });
    },
  ),
  memory('leak-in-every-version', 'v2.4.1 grows, and v2.4.0 did as well: no release brought it', () => {
    const world = afterRelease();
    const before = goneAt(9, { from: 23, gib: (_ago, ran) => 7.2 + 0.55 * ran });
    return remembers(world, { lives: [...before, ...grows(world, 0.6)] });
  }),
  memory('leak-without-release', 'Pods that were flat began to grow eight hours ago; nothing was rolled out', () => {
    const world = four();
    const gib = (hoursAgo: number): number => 7.2 + Math.max(0, 8 - hoursAgo) * 0.7;
    return remembers(world, { lives: world.pods.map((one) => life(one.row.name, { gib })) });
  }),
  memory('leak-for-days', 'It has grown for as long as can be seen', () => {
    const world = four();
    return remembers(world, { lives: grows(world, 0.11, 72), requests: byDay });
  }),
  memory('leak-without-limit', 'It grows and has no memory limit', () => {
    const world = withLimit(four(), null);
    return remembers(world, { lives: grows(world, 0.3, 40) });
  }),
  memory('leak-under-teeth', 'A garbage collector’s teeth on a floor that rises', () => {
    const world = four();
    const gib = (hoursAgo: number, ran: number): number => 5 + 0.12 * ran + ((hoursAgo * 100) % 150) / 75;
    return remembers(world, { lives: world.pods.map((one) => life(one.row.name, { from: 60, gib })) });
  }),
  memory('slow-leak', 'It grows slowly: more than a week is left', () => {
    const world = four();
    return remembers(world, { lives: grows(world, 0.03, 72) });
  }),
  memory('one-pod-grows', 'One of four pods grows', () => {
    const world = four();
    const lives = world.pods.map((one, index) =>
      life(one.row.name, index === 2 ? { gib: (hoursAgo) => 7.2 + Math.max(0, 10 - hoursAgo) * 0.6 } : {}),
    );
    return remembers(world, { lives });
  }),
  memory('requests-pile-up', 'A queue without a bound fills, and memory with it', () => {
    const world = four();
    const grown = (hoursAgo: number): number => Math.max(0, 8 - hoursAgo) ** 1.2;
    const lives = world.pods.map((one) => life(one.row.name, { gib: (hoursAgo) => 7.2 + 0.4 * grown(hoursAgo) }));
    return remembers(world, { lives, queue: (hoursAgo) => 2 + 45 * grown(hoursAgo) });
  }),
  memory('follows-requests-near-limit', 'Memory follows the day’s requests, and the day is close to the limit', () => {
    const world = four();
    const gib = (hoursAgo: number): number => 2 + 0.5 * byDay(Math.min(hoursAgo, 14) + 4);
    const lives = world.pods.map((one) => life(one.row.name, { from: 14, gib }));
    return remembers(world, { lives, requests: (hoursAgo) => byDay(Math.min(hoursAgo, 14) + 4) });
  }),
  memory('near-limit', 'Flat, at 95 % of the limit', () => {
    const world = four();
    return remembers(world, { lives: world.pods.map((one) => life(one.row.name, { gib: () => 15.2 })) });
  }),
];

const kills: readonly Scenario[] = [
  memory('node-pressure', 'A neighbour filled a node: two pods were evicted', () => {
    const world = evicted(evicted(pressed(four()), 0, low, 24), 2, low, 22);
    return remembers(world, { lives: four().pods.map((one) => life(one.row.name)) });
  }),
  memory(
    'node-kills',
    'The kernel of a node without memory killed a container; the kubelet does not say OOMKilled',
    () =>
      remembers(
        ended(pressed(four()), 'Error', 1, (index) => (index === 0 ? 17 : null)),
        {},
      ),
  ),
  memory('child-killed', 'Worker processes are killed at the limit, the containers live on', () => {
    const world = saysKilled(four(), 2);
    const full = remembers(world, { lives: world.pods.map((one) => life(one.row.name, { gib: () => 14.4 })) });
    return lookedInside(full, { anon: 14.4, file: 0.3, shmem: 0, mapped: 0.1, killed: 37 });
  }),
  memory('child-killed-by-whom', 'Workers end by signal 9, but memory is far from the limit', () =>
    remembers(saysKilled(four(), 1), {}),
  ),
  memory('files-in-memory', 'OOM-killed while most of it was files in memory', () => {
    const world = ended(four(), 'OOMKilled', 3, (index) => (index < 2 ? 90 + index * 35 : null));
    const lives = world.pods.flatMap((one, index) => {
      const files = (hoursAgo: number): number => ((hoursAgo + 20) % 8 < 1.6 ? 9.1 : 8.6);
      return index < 2
        ? [
            life(one.row.name, { to: 1.6 + index * 0.6, gib: () => 6.4, files }),
            life(one.row.name, { from: 1.4 + index * 0.6, gib: () => 6.4, files: () => 2 }),
          ]
        : [life(one.row.name, { gib: () => 6.4, files: () => 6 })];
    });
    return lookedInside(remembers(world, { lives }), { anon: 6.4, file: 6.2, shmem: 6, mapped: 0.1 });
  }),
  memory('oom-kills', 'Killed at the limit now and then, without a trend', () => {
    const world = ended(four(), 'OOMKilled', 2, (index) => (index < 3 ? 40 + index * 95 : null));
    return remembers(world, {});
  }),
];

const cannot: readonly Scenario[] = [
  memory('all-young', 'All pods are two hours old, and grow so far', () => {
    const world = afterRelease(2);
    return remembers(world, { lives: [...goneAt(2), ...grows(world, 0.6, 2)] });
  }),
  memory('half-of-a-day', 'Ten hours, in which memory and requests rose together', () => {
    const world = afterRelease(10);
    const morning = (hoursAgo: number): number => 14 + 1.4 * (10 - Math.min(hoursAgo, 10));
    const lives = world.pods.map((one) =>
      life(one.row.name, { from: 10, gib: (hoursAgo) => 3 + 0.25 * morning(hoursAgo) }),
    );
    return remembers(world, { lives, requests: morning });
  }),
  memory('grows-ever-more-slowly', 'A cache that may be about to level off', () => {
    const world = four();
    const gib = (_ago: number, ran: number): number => 7.2 + 6 * (1 - 0.5 ** (ran / 5));
    return remembers(world, { lives: world.pods.map((one) => life(one.row.name, { from: 11, gib })) });
  }),
  memory('only-one-pod', 'One pod grows, and there is no other', () => {
    const world = four();
    return remembers(
      { ...world, pods: world.pods.slice(0, 1) },
      { lives: grows({ ...world, pods: world.pods.slice(0, 1) }, 0.6) },
    );
  }),
  memory('without-requests', 'Memory grows for nine hours, and requests are not recorded', () => {
    const world = four();
    return remembers(world, { lives: grows(world, 0.6), requests: null });
  }),
  memory('without-queues', 'Memory grows, and what waits is not recorded', () => {
    const world = four();
    return remembers(world, { lives: grows(world, 0.6), queue: null, inFlight: null });
  }),
  memory('no-such-deployment', 'It is not there', () => ({
    ...remembers(four(), {}),
    deployment: null,
    revisions: [],
    pods: [],
  })),
  memory('without-metrics', 'The metrics store does not answer', () => blind(four())),
  memory('dark', 'Nothing may be read', () => blind(dark())),
];

export const memoryScenarios: readonly Scenario[] = [...trends, ...kills, ...cannot];
