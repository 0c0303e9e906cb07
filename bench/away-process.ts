import type { AlertIn } from '../src/core/routing.ts';
import { World } from '../test/crash/harness.ts';

/**
 * Run by pressure.ts in a process of its own, with `--expose-gc`: the engine on a real store and a clock that passes as fast as it can, with
 * a chat system that cannot be reached. Prints what the process holds after each minute, and what came when the chat was back. Argument: minutes.
 */
export interface Curve {
  /** Before anything fired, measured like the others. */
  readonly startMb: number;
  /** Heap in use and what is outside of it, after a full collection, per minute (MB). */
  readonly heldMb: readonly number[];
  readonly rssMb: readonly number[];
  /** Messages that waited when the chat system came back. */
  readonly waiting: number;
  /** Posts and roots in the ten minutes after that. */
  readonly postsAfter: number;
  readonly rootsAfter: number;
}

const minutes = Number(process.argv[2] ?? '60');
const incidents = 20;
const storm = 60;
const minuteMs = 60_000;
const megabyte = 1_000_000;

// Each its own thread: the most that can move at once.
const apart = { workloads: 100_000, withinMs: minuteMs };
const world = await World.start({
  alerts: false,
  change: (config) => ({ ...config, alerts: { ...config.alerts, storm: apart } }),
});
const heldMb: number[] = [];
const rssMb: number[] = [];
const startMb = held().heldMb;
world.chat.down = true;
deliver(
  'storm',
  [...Array(storm).keys()].map((n) => alert(n, 'firing')),
);
for (let minute = 0; minute < minutes; minute += 1) {
  // They move: each fires again and is over again, every other minute.
  const status = minute % 2 === 0 ? 'firing' : 'resolved';
  deliver(
    `minute ${minute}`,
    [...Array(incidents).keys()].map((n) => alert(n, status)),
  );
  await world.pass(minuteMs);
  // What the harness itself remembers is not the bot's.
  world.logs.length = 0;
  world.writes.length = 0;
  for (const one of world.replicas) one.life.met.length = 0;
  const now = held();
  heldMb.push(now.heldMb);
  rssMb.push(now.rssMb);
}
const { waiting } = await world.store.undelivered(0);
world.chat.down = false;
await world.pass(10 * minuteMs);
const posts = world.chat.standing;
const rootsAfter = posts.filter((one) => one.to.threadTs === null).length;
process.stdout.write(
  JSON.stringify({ startMb, heldMb, rssMb, waiting, postsAfter: posts.length, rootsAfter } satisfies Curve),
);
await world.close();
process.exit(0);

function held(): { readonly heldMb: number; readonly rssMb: number } {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldMb: (heapUsed + external) / megabyte, rssMb: rss / megabyte };
}

function deliver(id: string, alerts: readonly AlertIn[]): void {
  world.deliver(id, (engine) => engine.intake.takeAlerts(alerts, null));
}

function alert(n: number, status: AlertIn['status']): AlertIn {
  const deployment = `service-${n}`;
  return {
    fingerprint: `f${n}`,
    status,
    labels: { alertname: 'KubeDeploymentRolloutStuck', region: 'eu-west-1', namespace: 'ml-platform', deployment },
    annotations: {},
    startsAt: new Date(world.clock.now()).toISOString(),
    link: '',
  };
}
