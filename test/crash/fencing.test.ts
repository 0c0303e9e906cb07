import { expect, test } from 'vitest';
import { World } from './harness.ts';
import { presses, users } from './people.ts';
import { endingOf, sound, tell } from './sweep.ts';
import { rollback } from './stories.ts';

/** Two replicas on one store. The first is frozen (SIGSTOP) somewhere, the second takes over, the first goes on as if nothing had been. */

const ENDING = /^p1 rollback verified votes:U0SANAOKAFOR; closed: fixed; written 1 times by (owner-\d)$/;

const UNFENCED = new Set(['publisher: before the send', 'chat.post: before', 'store.accept: before']);

interface Frozen {
  readonly at: number;
  /** When the first goes on: when the second has fenced the target, or when the story is over. */
  readonly until: 'fenced' | 'over';
  /** Its clock stood still with it, as a virtual machine's may: it does not know that its time for the write is over. */
  readonly clockStops?: boolean;
}

async function frozen({ at, until, clockStops = false }: Frozen): Promise<string> {
  let frozenAt = 0;
  let aloneUntil = Number.POSITIVE_INFINITY;
  const world = await World.start({
    breakAt: (life, number, name) => {
      if (life === 1) {
        if (number !== at) return null;
        frozenAt = world.clock.now();
        return 'pause';
      }
      if (until === 'over' || name !== 'settle: fenced') return null;
      // Its successor has fenced the target and is slow now: for five seconds the first one is alone.
      if (clockStops) world.lagMs = world.clock.now() - frozenAt;
      world.replicas[0]?.life.resume();
      aloneUntil = world.clock.now() + 5_000;
      return 'pause';
    },
  });
  try {
    const second = world.birth();
    world.scripts.push(() => {
      if (world.clock.now() >= aloneUntil) second.life.resume();
    });
    world.inject('image-missing');
    presses(world, users.sana, 'approve');
    await world.until('the end of the story', async () => (await world.incident()).closed !== null);
    world.replicas[0]?.life.resume();
    await world.pass(60_000);
    await sound(world);
    const by = world.writes.filter((one) => one.method === 'deployment.write').map((one) => one.owner);
    return `${await endingOf(world)} by ${by.join(' and ')}`;
  } finally {
    await world.close();
  }
}

async function everywhere(what: Omit<Frozen, 'at'>, from: RegExp, to: RegExp): Promise<readonly string[]> {
  const { met } = await tell(rollback);
  const first = met.findIndex((name) => from.test(name));
  const last = met.findIndex((name, index) => index > first && to.test(name));
  const wrong: string[] = [];
  for (let at = first + 1; at <= (last < 0 ? met.length : last); at += 1) {
    const name = met[at - 1] ?? '';
    // Slack has no fence: a post that is on its way when the process freezes arrives when it goes on. A webhook delivery likewise.
    if (UNFENCED.has(name)) continue;
    const ending = await frozen({ ...what, at }).catch((error: unknown) => String(error));
    // Who was frozen before its write was sent has not written at all; who was frozen after it is believed.
    const writer = at <= met.indexOf('deployment.write: before') + 1 && at > met.indexOf('before the commit') ? 2 : 1;
    const by = ENDING.exec(ending)?.[1];
    if (by === undefined || (what.until === 'fenced' && by !== `owner-${writer}`))
      wrong.push(`frozen at ${at} (${name}): ${ending}`);
  }
  return wrong;
}

test('frozen at any boundary until everything is over: it changes nothing any more', { timeout: 240_000 }, async () => {
  expect((await everywhere({ until: 'over' }, /./, /^$/)).slice(0, 3)).toEqual([]);
});

test(
  'frozen around its write until its successor has fenced the target: nothing is done twice',
  { timeout: 240_000 },
  async () => {
    expect((await everywhere({ until: 'fenced' }, /^effect act/, /^effect observe/)).slice(0, 3)).toEqual([]);
  },
);

test(
  'the same with a clock that stood still meanwhile: the fence alone holds it back',
  { timeout: 240_000 },
  async () => {
    const wrong = await everywhere({ until: 'fenced', clockStops: true }, /^effect act/, /^effect observe/);
    expect(wrong.slice(0, 3)).toEqual([]);
  },
);
