import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Processes, channel } from './processes.ts';
import { users } from './people.ts';

let world: Processes;
afterEach(() => world.stop());

/** Seconds of killing; a minute or more with RANDOM_KILLER_SECONDS. */
const seconds = Number(process.env['RANDOM_KILLER_SECONDS'] ?? '20');

test(
  `killed at random moments for ${seconds} s: the story ends right all the same`,
  { timeout: (seconds + 40) * 1000 },
  async () => {
    world = await Processes.start();
    world.inject('image-missing');
    const end = Date.now() + seconds * 1000;
    let kills = 0;
    const killer = (async (): Promise<void> => {
      while (Date.now() < end) {
        // Some lives are long enough for a step or two, some end while they start.
        await sleep(200 + Math.random() * 2_800);
        if (world.alive[0]?.child.kill('SIGKILL') === true) kills += 1;
      }
    })();
    await world.press(users.sana, 'Approve rollback', () => /approved/i.test(world.text()), (seconds + 20) * 1000);
    await killer;
    world.hurry();
    await world.until('closed', () => /Closed/.test(world.text()), 30_000);
    expect(kills).toBeGreaterThan(seconds / 4);
    expect(world.changes).toBe(1);
    expect(world.slack.roots(channel)).toHaveLength(1);
    expect(world.text().match(/^mlp: .*\*Rollback of model-server/gm)).toHaveLength(1);
  },
);
