import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Attachment } from '../../core/message.ts';
import type { Calls } from './client.ts';
import { bytesOf, uploads } from './upload.ts';
import type { Place } from './upload.ts';

/**
 * Files for a thread. Slack answers before the message with the file exists, and sometimes it never does: the file is asked about until it
 * is there, and sent once more when it is not. A name is used once in a thread: what has it already is kept.
 */
export interface Files {
  /** How large the file of this name in this thread is (bytes); null: there is none. Throws a Failure. */
  there(at: Place, name: string): Promise<number | null>;
  /** Throws a Failure when it is not there in the end. */
  share(at: Place, file: Attachment): Promise<void>;
}

export interface FilesOptions {
  readonly calls: Calls;
  /** The bot's own user id; null before it is known. */
  readonly self: () => string | null;
  /** Unit of the time between looks whether it is there. */
  readonly pauseMs: number;
}

const PAGES_MAX = 10;
const KNOWN_MAX = 2_000;

const thread = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      thread_ts: z.string().optional(),
      user: z.string().optional(),
      files: z
        .array(z.object({ name: z.string().nullish(), size: z.number().optional() }))
        .optional()
        .catch([]),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export function slackFiles({ calls, self, pauseMs }: FilesOptions): Files {
  const shared = uploads(calls, pauseMs);
  /** What was seen to be there; nobody takes a file out of a thread unseen, and then it is gone on purpose. */
  const known = new Map<string, number>();
  /** After a refusal (no scope, no uploads in this workspace) it is not asked each time again. */
  let refused: { readonly why: Failure; readonly untilMs: number } | null = null;
  const keyOf = ({ channel, ts }: Place, name: string): string => `${channel}/${ts}/${name}`;

  async function look(at: Place): Promise<string> {
    let found: string = at.ts;
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const more = cursor === undefined ? {} : { cursor };
      const args = { channel: at.channel, ts: at.ts, limit: 200, ...more };
      const got = await calls.call('bulk', 'conversations.replies', args, thread);
      found = got.messages[0]?.thread_ts ?? got.messages[0]?.ts ?? found;
      for (const { user, files = [] } of got.messages) {
        if (self() !== null && user !== self()) continue;
        for (const { name, size } of files)
          if (typeof name === 'string')
            for (const ts of new Set([at.ts, found])) remember(known, keyOf({ ...at, ts }, name), size ?? 0);
      }
      cursor = got.response_metadata?.next_cursor;
      if (cursor === undefined || cursor === '') break;
    }
    return found;
  }

  return {
    async there(at, name) {
      const key = keyOf(at, name);
      if (!known.has(key)) await look(at);
      return known.get(key) ?? null;
    },
    async share(at, file) {
      const key = keyOf(at, file.name);
      if (known.has(key)) return;
      if (refused !== null && Date.now() < refused.untilMs) throw refused.why;
      const root = { channel: at.channel, ts: await look(at) };
      if (known.has(key)) return;
      const bytes = bytesOf(file);
      try {
        await shared(root, file, bytes);
      } catch (error) {
        if (error instanceof Failure && (error.kind === 'forbidden' || error.kind === 'invalid'))
          refused = { why: error, untilMs: Date.now() + REFUSED_MS };
        throw error;
      }
      for (const ts of new Set([at.ts, root.ts])) remember(known, keyOf({ ...at, ts }, file.name), bytes.length);
    },
  };
}
const REFUSED_MS = 5 * 60_000;

/** The oldest goes first: what is forgotten is looked up again. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > KNOWN_MAX && oldest.done !== true) map.delete(oldest.value);
}
