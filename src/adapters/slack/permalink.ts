import { z } from 'zod';
import type { MessageRef } from '../../core/ports/store.ts';
import type { Calls } from './client.ts';

/** The address of a message, asked for once: it never changes. So many are kept. */
const KEPT = 500;
const answered = z.object({ permalink: z.url() });

export function permalinks(calls: Calls): (ref: MessageRef) => Promise<string> {
  const known = new Map<string, string>();
  return async ({ channel, ts }) => {
    const key = `${channel} ${ts}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const { permalink } = await calls.call('bulk', 'chat.getPermalink', { channel, message_ts: ts }, answered);
    const oldest = known.keys().next().value;
    if (known.size >= KEPT && oldest !== undefined) known.delete(oldest);
    known.set(key, permalink);
    return permalink;
  };
}
