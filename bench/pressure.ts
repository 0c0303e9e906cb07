import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSlack } from '../src/adapters/slack/app.ts';
import { openSqlite } from '../src/adapters/store/index.ts';
import type { Desired } from '../src/core/message.ts';
import type { Store } from '../src/core/ports/store.ts';
import { say } from '../src/core/words.ts';
import type { Parts } from '../src/engine/parts.ts';
import { Publisher } from '../src/engine/publisher.ts';
import { ids } from '../src/sandbox/slack/seed.ts';
import { startLocalSlack } from '../src/sandbox/slack/server.ts';
import { removeFolder } from '../test/peers/process.ts';
import type { Curve } from './away-process.ts';
import { percentile, rounded, type Figures } from './figures.ts';

const incidents = 20;
/** As long as the default between looks at an open incident: each changes its root and the evidence below it. */
const lookMs = 60_000;
/** In the second part every root changes so often: more than Slack takes, so that only the newest state of each can be sent. */
const rushMs = 10_000;
/** A change is approved somewhere, and shown as asked for, approved, done. */
const approvalMs = 15_000;
const calmMs = 3 * 60_000;
const lastsMs = 7 * 60_000;
const tickMs = 125;
const away = { minutes: 60, mostMs: 20 * 60_000 } as const;
const { platform } = ids.channels;

/**
 * Slack at its own pace (one post a second in a channel, 50 edits a minute) and twenty open incidents in it that move: how old is what each
 * message shows, at its worst, and how long what a person waits for takes. For three minutes each is looked at once a minute; then every root
 * changes every ten seconds, 120 edits a minute: there evidence comes after what tells the state, and has a figure of its own. The publisher,
 * the store and the Slack adapter are the bot's own, over the real protocol; the minutes pass as fast as they can.
 */
export async function pressure(): Promise<Figures> {
  return { ...(await paced()), ...(await awayForAnHour()) };
}

interface Sight {
  readonly ages: number[];
  readonly approvals: number[];
  /** Evidence in the second part. */
  readonly details: number[];
}

async function paced(): Promise<Figures> {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const clock = { nowMs: now, after: later };
  const local = await startLocalSlack({ limitScale: 1, clock });
  // Not on a disk, whose waits would be taken for Slack's.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mlp-bench-pressure-'));
  const store = await openSqlite({ file: join(folder, 'bot.sqlite'), auditKey: 'bench', now });
  const nothing = (): void => undefined;
  const slack = startSlack({
    token: local.seed.app.botToken,
    mode: { is: 'http', signingSecret: local.seed.app.signingSecret },
    apiUrl: local.apiUrl,
    intake: { take: async () => ({ is: 'taken' }) },
    log: nothing,
  });
  await slack.ready();
  const parts: Pick<Parts, 'store' | 'chat' | 'clock' | 'log' | 'owner' | 'point' | 'metrics'> = {
    store,
    chat: slack.chat,
    clock: { now, wait: async () => new Promise((resolve) => void setTimeout(resolve, 1)) },
    log: nothing,
    owner: 'bench',
    point: nothing,
    metrics: { looked: nothing, acted: nothing, decided: nothing, judged: nothing, published: nothing },
  };
  const publisher = new Publisher(parts as Parts);
  const sight: Sight = { ages: [], approvals: [], details: [] };
  const shown = new Shown();
  try {
    const from = now();
    while (now() - from < lastsMs) {
      await shown.move(store, now(), from);
      await publisher.once();
      shown.look(local, now(), { ...sight, details: now() - from < calmMs ? sight.ages : sight.details });
      ahead += tickMs;
    }
    const limited = local.errors.filter((one) => one.error === 'ratelimited').length;
    return {
      slack_age_s: rounded(Math.max(...sight.ages) / 1_000, 1),
      slack_age_median_s: rounded(percentile(sight.ages, 0.5) / 1_000, 1),
      slack_detail_age_s: rounded(Math.max(...sight.details) / 1_000, 1),
      slack_approval_s: rounded(Math.max(...sight.approvals) / 1_000, 2),
      slack_refused: limited,
    };
  } finally {
    await slack.stop();
    await local.close();
    await store.close();
    await removeFolder(folder);
  }
}

/** What is wanted, and since when each message has shown something older. */
class Shown {
  /** By its first word: what is wanted now, and since when it is not what is shown (null: it is). */
  readonly #wanted = new Map<string, { readonly words: string; readonly to: keyof Sight; since: number | null }>();
  readonly #looked = new Map<number, number>();
  #approvals = 0;
  #rush = -1;

  async move(store: Store, now: number, from: number): Promise<void> {
    for (let n = 0; n < incidents; n += 1) {
      // Not all at once: they began one after the other.
      const turn = Math.floor((now - from - (n * lookMs) / incidents) / lookMs);
      if (turn < 0 || this.#looked.get(n) === turn) continue;
      this.#looked.set(n, turn);
      await this.#want(store, n, now, ['root', 'evidence'], `look ${turn}`);
    }
    const rush = Math.floor((now - from - calmMs) / rushMs);
    if (rush > this.#rush) {
      this.#rush = rush;
      for (let n = 0; n < incidents; n += 1) await this.#want(store, n, now, ['root'], `progress ${rush}`);
    }
    const wanted = Math.floor((now - from - lookMs) / approvalMs);
    for (; this.#approvals < wanted; this.#approvals += 1) {
      const { [this.#approvals % 3]: step = '' } = ['asked', 'approved', 'done'];
      const card = Math.floor(this.#approvals / 3);
      await this.#want(store, card % incidents, now, [`card${card}`], step);
    }
  }

  async #want(store: Store, n: number, now: number, names: readonly string[], what: string): Promise<void> {
    const stream = `incident/${n}`;
    const messages = names.map((name): Desired => {
      const key = `${stream}/${name}`;
      const words = `${key} shows ${what} of ${new Date(now).toISOString()}`;
      const urgent = name.startsWith('card');
      const to = urgent ? 'approvals' : name === 'root' ? 'ages' : 'details';
      this.#wanted.set(key, { words, to, since: this.#wanted.get(key)?.since ?? now });
      return {
        key,
        channel: platform,
        placement: { is: 'kept', under: name === 'root' ? null : `${stream}/root` },
        message: { lock: key, blocks: [{ is: 'lines', lines: [say`${words}`] }] },
        priority: urgent ? 0 : name === 'root' ? 1 : 2,
      };
    });
    const claim = await store.claim(stream, 'bench', 60_000);
    if (claim === null) throw new Error(`${stream} is another's`);
    const { seq } = await store.load(stream);
    const step = { consumed: [], events: [], evidence: [], audit: [], dueAt: null, hold: null, release: null };
    const done = await store.commit(claim, seq, { ...step, messages, keys: null, summary: null });
    if (done.is !== 'done') throw new Error(`not stored: ${done.is}`);
    await store.release(claim);
  }

  look(local: Awaited<ReturnType<typeof startLocalSlack>>, now: number, sight: Sight): void {
    const text = local.messages(platform).map((one) => JSON.stringify(one.blocks));
    for (const one of this.#wanted.values()) {
      if (one.since === null) continue;
      const isThere = text.some((shown) => shown.includes(one.words));
      sight[one.to].push(now - one.since);
      if (isThere) one.since = null;
    }
  }
}

function later(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms).unref();
  return () => clearTimeout(timer);
}

/**
 * Slack away for an hour of the engine's clock while twenty incidents move and a storm begins: what the process holds, every minute, after a
 * full collection. `slack_away_growth_mb`: the second half hour above the first. `BENCH_AWAY_MINUTES` makes it shorter.
 */
async function awayForAnHour(): Promise<Figures> {
  const minutes = process.env['BENCH_AWAY_MINUTES'] ?? String(away.minutes);
  const file = join(import.meta.dirname, 'away-process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, minutes], {
    timeout: away.mostMs,
    maxBuffer: 10_000_000,
  });
  const curve = JSON.parse(stdout) as Curve;
  const half = Math.floor(curve.heldMb.length / 2);
  const first = Math.max(...curve.heldMb.slice(0, half));
  const second = Math.max(...curve.heldMb.slice(half));
  // The curve: after each five minutes of the engine's clock.
  const points = curve.heldMb.flatMap((held, at) => ((at + 1) % 5 === 0 ? [[at + 1, rounded(held, 1)] as const] : []));
  return {
    slack_away_growth_mb: rounded(second - first, 1),
    slack_away_total_growth_mb: rounded(Math.max(first, second) - curve.startMb, 1),
    slack_away_held_mb: rounded(second, 1),
    ...Object.fromEntries(
      points.map(([minute, held]) => [`slack_away_mb_${String(minute).padStart(2, '0')}_min`, held]),
    ),
    slack_away_rss_mb: rounded(Math.max(...curve.rssMb), 1),
    slack_away_waiting: curve.waiting,
    slack_away_posts_after: curve.postsAfter,
    slack_away_roots_after: curve.rootsAfter,
  };
}
