import { join } from 'node:path';
import type { Config } from '../src/config.ts';
import { openSqlite } from '../src/adapters/store/index.ts';
import type { RegionDiagnosis } from '../src/core/diagnose.ts';
import type { Store } from '../src/core/ports/store.ts';
import { startLocalSlack, type LocalSlack } from '../src/sandbox/slack/server.ts';
import { whyNot } from '../test/peers/need.ts';
import { removeFolder, temporaryFolder } from '../test/peers/process.ts';
import { alert, configOf, startBot, streamOf } from './diagnosis.ts';
import { median, rounded, waitFor, type Figures } from './figures.ts';
import { regions, startFar, type Far } from './real.ts';

const rounds = 4;
const dark = regions[2];
const others = regions.filter((one) => one !== dark);

/**
 * A diagnosis of three regions, one of which takes connections and never answers: until the findings of the other two are posted, divided
 * by the same while all three answer; and until the third is said to be unknown.
 */
export async function hanging(): Promise<Figures> {
  const missing = whyNot('control-plane', 'prometheus', 'toxiproxy');
  if (missing !== undefined) {
    process.stderr.write(`hanging_ratio, hanging_unknown_ms ${missing}\n`);
    return {};
  }
  const far = await startFar('image');
  const slack = await startLocalSlack({ limitScale: Number.POSITIVE_INFINITY });
  const folder = temporaryFolder('bench-hanging');
  try {
    const config = configOf(folder, far);
    const owns: number[] = [];
    const besides: Times[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const own = await one(far, slack, config, join(folder, `${round}.sqlite`), false);
      await far.hang(dark);
      const beside = await one(far, slack, config, join(folder, `${round}-hanging.sqlite`), true);
      await far.answer(dark);
      if (round === 0) continue;
      owns.push(own.othersMs);
      besides.push(beside);
    }
    const [ownMs, othersMs] = [median(owns), median(besides.map((each) => each.othersMs))];
    return {
      hanging_ratio: rounded(othersMs / ownMs, 2),
      hanging_unknown_ms: rounded(Math.max(...besides.map((each) => each.darkMs))),
      hanging_own_ms: rounded(ownMs),
      hanging_others_ms: rounded(othersMs),
    };
  } finally {
    await slack.close();
    await removeFolder(folder);
    await far.stop();
  }
}

interface Times {
  /** Until the cause that was found in each of the others stood in the channel. */
  readonly othersMs: number;
  /** Until the hanging region's look is over. */
  readonly darkMs: number;
}

async function one(far: Far, slack: LocalSlack, config: Config, file: string, hangs: boolean): Promise<Times> {
  const store = await openSqlite({ file, auditKey: 'bench-audit-key-0123456789' });
  const bot = await startBot(far, slack, config, store);
  const { channel } = config.slack;
  const before = slack.roots(channel).length;
  try {
    await slack.until(() => slack.connections > 0, 'a socket', 10_000);
    const from = performance.now();
    await alert(bot.port);
    const text = (): string => slack.thread(channel, slack.roots(channel)[before]?.ts ?? '');
    const stream = await waitFor('an incident', async () => (await store.due(10))[0] ?? streamOf(store), 5_000);
    // What people can read: a message, the root or one below it, that has the cause or its evidence and names the region.
    const isPosted = (): boolean => {
      const told = text()
        .split('\n---\n')
        .filter((message) => /has no image|image .* not found|· evidence/.test(message));
      return others.every((region) => told.some((message) => message.includes(region)));
    };
    await slack.until(isPosted, 'the findings of the others', 30_000).catch((error: unknown) => {
      throw new Error(`${String(error)}:\n${text()}`);
    });
    const othersMs = performance.now() - from;
    const seen = await looked(store, stream);
    if (others.some((region) => (seen.get(region)?.findings.length ?? 0) === 0))
      throw new Error(`nothing found: ${text()}`);
    const last = await waitFor('the third region', async () => (await looked(store, stream)).get(dark), 40_000);
    const darkMs = performance.now() - from;
    if (hangs !== last.dark) throw new Error(`${dark} is ${last.dark ? 'said to be dark' : 'not said to be dark'}`);
    if (hangs)
      await slack.until(() => /none of my looks was answered|no answer/.test(text()), 'the word unknown', 5_000);
    return { othersMs, darkMs };
  } finally {
    await bot.stop();
  }
}

async function looked(store: Store, stream: string): Promise<ReadonlyMap<string, RegionDiagnosis>> {
  const { events } = await store.load(stream);
  return new Map(
    events
      .map((event) => event.body as unknown as { event: { is: string; diagnosis?: RegionDiagnosis } })
      .flatMap(({ event }) =>
        event.is === 'looked' && event.diagnosis !== undefined
          ? [[event.diagnosis.region, event.diagnosis] as const]
          : [],
      ),
  );
}
