import { afterAll, beforeAll, expect, test } from 'vitest';
import { need } from '../peers/need.ts';
import { startPostgres } from '../peers/postgres.ts';
import type { Postgres } from '../peers/postgres.ts';
import { Processes, channel } from './processes.ts';
import type { Bot } from './bot-process.ts';
import { users } from './people.ts';

/** A lease lasts fifteen seconds, and nobody may wait for half a minute. */
const TAKE_OVER_MS = 30_000;

need('postgres')('two replicas on PostgreSQL', { timeout: 240_000 }, () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 30_000);
  afterAll(() => postgres.stop());

  interface Told {
    readonly tookMs: readonly number[];
    readonly changes: number;
    readonly roots: number;
    readonly cards: number;
  }

  /** Kills one after the other; `before` and `after` the proposal is approved. */
  async function story(before: readonly string[], after: readonly string[]): Promise<Told> {
    const world = await Processes.start({ databaseUrl: await postgres.createDatabase(), replicas: 2 });
    try {
      const tookMs: number[] = [];
      world.kill(before);
      world.inject('image-missing');
      for (const kind of before) tookMs.push(await killed(world, kind));
      await world.until('a proposal', () => /Approve rollback/.test(world.text()));
      world.kill(after);
      await world.press(users.sana, 'Approve rollback', () =>
        after.length === 0 ? /approved/i.test(world.text()) : world.left.length < after.length,
      );
      for (const kind of after) tookMs.push(await killed(world, kind));
      await world.until('written', () => world.changes === 1, 20_000);
      world.hurry();
      await world.until('closed', () => /Closed/.test(world.text()), 25_000);
      process.stdout.write(`killed at ${[...before, ...after].join(', ')}: taken over after ${tookMs.join(', ')} ms\n`);
      const cards = world.text().match(/^mlp: .*\*Rollback of model-server/gm)?.length ?? 0;
      return { tookMs, changes: world.changes, roots: world.slack.roots(channel).length, cards };
    } finally {
      await world.stop();
    }
  }

  const done = new Map<Processes, number>();
  async function killed(world: Processes, kind: string): Promise<number> {
    const nth = (done.get(world) ?? 0) + 1;
    done.set(world, nth);
    const dead = (): readonly Bot[] =>
      world.bots.filter((one) => one.endedAt !== null).toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    await world.until(`killed at ${kind}`, () => dead().length >= nth, 20_000);
    const one = dead()[nth - 1];
    if (one === undefined) throw new Error('nobody was killed');
    return world.takenOver(one, TAKE_OVER_MS);
  }

  test.concurrent('the owner is killed while it looks, the publisher between posting and recording', async () => {
    const told = await story(['effect look', 'publisher: sent, not recorded'], []);
    expect(told).toMatchObject({ changes: 1, roots: 1, cards: 1 });
    expect(Math.max(...told.tookMs)).toBeLessThan(TAKE_OVER_MS);
  });

  test.concurrent('the owner is killed between its intent and its write', async () => {
    const told = await story([], ['act: intent stored']);
    expect(told).toMatchObject({ changes: 1, roots: 1, cards: 1 });
    expect(Math.max(...told.tookMs)).toBeLessThan(TAKE_OVER_MS);
  });

  test.concurrent('the owner is killed between its write and the note of it', async () => {
    const told = await story([], ['act: written']);
    expect(told).toMatchObject({ changes: 1, roots: 1, cards: 1 });
    expect(Math.max(...told.tookMs)).toBeLessThan(TAKE_OVER_MS);
  });
});
