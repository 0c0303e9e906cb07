import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openSqlite } from '../../src/adapters/store/index.ts';
import type { SlackOptions } from '../../src/adapters/slack/app.ts';
import type { Desired, Message, Placement } from '../../src/core/message.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { say } from '../../src/core/words.ts';
import type { Parts } from '../../src/engine/parts.ts';
import { Publisher } from '../../src/engine/publisher.ts';
import { ids } from '../../src/sandbox/slack/seed.ts';
import { auditKey, step } from '../conformance/store/fixture.ts';
import { removeFolder, temporaryFolder } from '../peers/process.ts';
import { startBot } from './bot.ts';
import type { Bot } from './bot.ts';

/**
 * The publisher on a real store and through the real adapter, against a local Slack: the rest of the engine is left out. The clock is the
 * machine's, put ahead by what a test does not want to wait for.
 */
export interface Publishing extends Bot {
  readonly store: Store;
  readonly publisher: Publisher;
  /** What the log held, as one text. */
  readonly log: () => string;
  readonly wants: (...messages: readonly Desired[]) => Promise<unknown>;
  readonly ahead: (ms: number) => void;
  /** Publishes, a quarter of a second apart, until this is so. */
  readonly until: (what: string, done: () => boolean | Promise<boolean>, limitMs?: number) => Promise<void>;
  /** Publishes for so long. */
  readonly pass: (ms: number) => Promise<void>;
  readonly now: () => number;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export async function publishing(
  options: {
    readonly fallbacks?: readonly string[];
    readonly limitScale?: number;
    readonly limitsMs?: SlackOptions['limitsMs'];
  } = {},
): Promise<Publishing> {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const logged: string[] = [];
  const log = (level: string, message: string, fields: unknown): void =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const bot = await startBot('http', {
    local: {
      ...(options.limitScale === undefined ? {} : { limitScale: options.limitScale }),
      clock: {
        nowMs: now,
        after: (ms, then) => {
          const timer = setTimeout(then, ms);
          return () => clearTimeout(timer);
        },
      },
    },
    bot: { log, ...(options.limitsMs === undefined ? {} : { limitsMs: options.limitsMs }) },
  });
  const folder = temporaryFolder('publishing');
  const store = await openSqlite({ file: join(folder, 'bot.sqlite'), auditKey, now });
  closers.push(async () => {
    await store.close();
    await removeFolder(folder);
  });
  const nothing = (): void => undefined;
  const parts: Pick<Parts, 'store' | 'chat' | 'clock' | 'log' | 'owner' | 'point' | 'fallbacks' | 'metrics'> = {
    store,
    chat: bot.slack.chat,
    clock: { now, wait: async () => new Promise((resolve) => void setTimeout(resolve, 5)) },
    log,
    owner: 'publisher of the test',
    point: nothing,
    fallbacks: options.fallbacks ?? [],
    metrics: { looked: nothing, acted: nothing, decided: nothing, judged: nothing, published: nothing },
  };
  const publisher = new Publisher(parts as Parts);
  const until = async (what: string, done: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> => {
    for (const end = now() + limitMs; ; ahead += 250) {
      await publisher.once();
      if (await done()) return;
      if (now() > end) throw new Error(`not within ${limitMs} ms: ${what}\n${logged.slice(-15).join('\n')}`);
    }
  };
  return {
    ...bot,
    store,
    publisher,
    log: () => logged.join('\n'),
    wants: (...messages) => step(store, 'incident/1', { messages }),
    ahead: (ms) => {
      ahead += ms;
    },
    until,
    pass: async (ms) => {
      const end = now() + ms;
      await until('the end', () => now() >= end, ms + 1_000);
    },
    now,
  };
}

export const text = (words: string): Message => ({ lock: words, blocks: [{ is: 'lines', lines: [say`${words}`] }] });
export function wanted(key: string, words: string, more: Partial<Desired> & { readonly under?: string } = {}): Desired {
  const { under = null, ...rest } = more;
  const placement: Placement = { is: 'kept', under };
  return { key, channel: ids.channels.platform, placement, message: text(words), priority: 1, ...rest };
}
export function saidIn(under: string, key: string, words: string, more: Partial<Desired> = {}): Desired {
  return { ...wanted(key, words, more), placement: { is: 'said', under } };
}
