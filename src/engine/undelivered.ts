import type { Message } from '../core/message.ts';
import { retriedMessage, undeliveredMessage, withUndelivered } from '../core/render/undelivered.ts';
import { iso } from './parts.ts';
import type { Parts } from './parts.ts';

const SHOWN = 10;

export async function answerUndelivered({ store, clock }: Parts, retry: boolean): Promise<Message> {
  if (retry) return retriedMessage(await store.revive(null));
  return undeliveredMessage(await store.undelivered(SHOWN), iso(clock.now()));
}

export async function withLag({ store, clock }: Parts, message: Message): Promise<Message> {
  return withUndelivered(message, await store.undelivered(0), iso(clock.now()));
}
