import { z } from 'zod';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Calls } from './client.ts';
import { slackCode } from './failures.ts';

/** Somebody removed the bot from the channel: into a public one it may go back by itself, and does so once for each call. */
export async function joining<T>(
  { calls, log }: { readonly calls: Calls; readonly log: Log },
  channel: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Failure) || slackCode(error) !== 'not_in_channel') throw error;
    try {
      await calls.call('bulk', 'conversations.join', { channel }, z.object({}));
    } catch (refusal) {
      log('error', 'The bot is not in a channel and cannot join it', { channel, why: whyOf(refusal) });
      // What to do about it stands in the first.
      throw error;
    }
    log('warn', 'The bot had been removed from a channel and is in it again', { channel });
    return call();
  }
}
