import { z } from 'zod';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Message } from '../../core/message.ts';
import type { Chat, Destination, Mark } from '../../core/ports/chat.ts';
import type { Log } from '../../core/ports/log.ts';
import type { MessageRef } from '../../core/ports/store.ts';
import type { Calls, Method } from './client.ts';
import { slackCode } from './failures.ts';
import { besideIn } from './beside.ts';
import type { Files } from './files.ts';
import { fit, FULL, HALF, textOnly } from './format.ts';
import type { Fitted, Rest, SlackText } from './format.ts';
import { joining } from './joining.ts';
import { pause } from './limit.ts';
import type { NamedPeople } from './people.ts';
import { permalinks } from './permalink.ts';

/** Posts, edits and finds messages, each in one try; pace, order and repetition are the publisher's. */

const EVENT_TYPE = 'mlp_bot_message';

const posted = z.object({
  channel: z.string(),
  ts: z.string(),
  message: z.object({ thread_ts: z.string().optional() }).optional(),
});
const done = z.object({});
const updated = z.object({ ts: z.string() });
const whispered = z.object({ message_ts: z.string().optional() });
const page = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      user: z.string().optional(),
      // Somebody else's metadata may have any shape.
      metadata: z
        .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
        .optional()
        .catch(undefined),
    }),
  ),
  has_more: z.boolean().optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export interface ChatOptions {
  readonly calls: Calls;
  readonly people: NamedPeople;
  readonly files: Files;
  /** The bot's own user id; null before it is known. */
  readonly self: () => string | null;
  readonly log: Log;
  /** Between the posts of one message that did not fit. */
  readonly pauseMs: number;
}

export function slackChat(options: ChatOptions): Chat {
  const { calls, people, self, log } = options;
  const { overflow, attach } = besideIn(options);

  async function send<T>(
    message: Message,
    key: string,
    rest: Rest,
    call: (it: Fitted) => Promise<T>,
  ): Promise<Sent<T>> {
    const names = await people.names(message);
    const tries = [
      () => fit(message, names, rest, FULL),
      () => fit(message, names, rest, HALF),
      () => ({ ...textOnly(message, names), over: true, more: [] }),
    ];
    return smaller(tries, call, (why) => log('error', 'Slack took the message only made smaller', { key, why }));
  }

  async function post(to: Destination, message: Message, mark: Mark): Promise<MessageRef> {
    const { answer, sent } = await send(message, mark.key, 'in thread', (it) => {
      const args = { ...where(to), ...body(it), ...QUIET, metadata: metadata(mark) };
      return joining(options, to.channel, () => calls.call('bulk', 'chat.postMessage', args, posted, { posts: true }));
    });
    const ref = { channel: answer.channel, ts: answer.ts };
    // Slack has no error for a thread whose root was deleted: what should be a reply then stands alone in the channel.
    if (to.threadTs !== null && answer.message !== undefined && answer.message.thread_ts === undefined)
      throw await stray(ref, mark.key, options);
    const below = { channel: ref.channel, ts: to.threadTs ?? ref.ts };
    // The message itself stands; what it could not hold is told below it, as far as that goes.
    if (sent.over && (await overflow(below, message, mark.key)) === 'left out')
      await further({ channel: below.channel, threadTs: below.ts }, sent, mark, options);
    await attach(below, message);
    return ref;
  }

  async function update(ref: MessageRef, message: Message, mark: Mark): Promise<void> {
    const names = await people.names(message);
    const rest = fit(message, names, 'left out').over ? await overflow(ref, message, mark.key) : 'left out';
    // An empty list of blocks removes what an earlier revision had.
    await send(message, mark.key, rest, ({ text, blocks }) =>
      calls.call(
        'bulk',
        'chat.update',
        { channel: ref.channel, ts: ref.ts, text, blocks, metadata: metadata(mark) },
        updated,
      ),
    );
    await attach(ref, message);
  }

  async function whisper(to: Destination & { readonly user: string }, message: Message): Promise<void> {
    await send(message, 'whisper', 'left out', (it) => {
      const args = { ...where(to), user: to.user, ...body(it) };
      return joining(options, to.channel, () =>
        calls.call('click', 'chat.postEphemeral', args, whispered, { posts: true }),
      );
    });
  }

  return {
    post,
    update,
    whisper,
    find: (to, key, since) => find(calls, self(), to, key, since).catch(goneIsNone),
    link: permalinks(calls),
    channelName: (id) => channelName(id, options),
  };
}
/** It is taken away again; the failure says that the thread is gone. */
async function stray(ref: MessageRef, key: string, { calls, log }: ChatOptions): Promise<Failure> {
  try {
    await calls.call('bulk', 'chat.delete', { channel: ref.channel, ts: ref.ts }, done);
  } catch (error) {
    log('error', 'A reply stands alone in the channel, since its thread was deleted', { key, why: whyOf(error) });
  }
  return new Failure('not found', 'the thread is not there any more', { about: 'thread' });
}

async function channelName(id: string, { calls }: ChatOptions): Promise<string> {
  const { channel } = await calls.call('people', 'conversations.info', { channel: id }, named);
  return channel.name === undefined || channel.name === '' ? id : `#${channel.name}`;
}
const named = z.object({ channel: z.object({ name: z.string().optional() }) });

/** Where no file can be: a few posts more. */
async function further(to: Destination, sent: Fitted, mark: Mark, { calls, log, pauseMs }: ChatOptions): Promise<void> {
  for (const [index, it] of sent.more.entries()) {
    await pause(pauseMs);
    try {
      const part = metadata({ key: `${mark.key}/more/${index + 1}`, revision: mark.revision });
      await calls.call('bulk', 'chat.postMessage', { ...where(to), ...body(it), ...QUIET, metadata: part }, posted);
    } catch (error) {
      const of = sent.more.length;
      log('error', 'The rest of a long message could not be posted', {
        key: mark.key,
        part: index + 1,
        of,
        why: whyOf(error),
      });
      return;
    }
  }
}

interface Sent<T> {
  readonly answer: T;
  readonly sent: Fitted;
}

/**
 * Its limit on all blocks together is undocumented and may change: rather less of a message than none. What it calls wrong in any
 * other way is said once more as plain text, so that people get the words.
 */
async function smaller<T>(
  tries: readonly (() => Fitted)[],
  send: (it: Fitted) => Promise<T>,
  onSmaller: (why: string) => void,
): Promise<Sent<T>> {
  let why: Failure | null = null;
  for (let at = 0; at < tries.length; at += 1) {
    const sent = tries[at]?.();
    if (sent === undefined) break;
    try {
      return { answer: await send(sent), sent };
    } catch (error) {
      const code = error instanceof Failure ? (slackCode(error) ?? '') : '';
      if (!(error instanceof Failure) || !(TOO_LONG.has(code) || WRONG.has(code))) throw error;
      why = error;
      if (WRONG.has(code)) at = Math.max(at, tries.length - 2);
      if (at + 1 < tries.length) onSmaller(error.message);
    }
  }
  throw why ?? new Failure('invalid', 'there was nothing to send');
}
const TOO_LONG = new Set(['msg_blocks_too_long', 'msg_blocks_too_many', 'msg_too_long']);
const WRONG = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_attachments',
  'invalid_arguments',
  'block_mismatch',
]);

/** Pages of a look-up; a channel that has more within the time of one lost answer is not one that we can say no about. */
const PAGES_MAX = 10;
/** Slack's clock and ours. */
const SKEW_S = 120;

async function find(
  calls: Calls,
  self: string | null,
  to: Destination,
  key: string,
  since: string,
): Promise<MessageRef | null> {
  const method: Method = to.threadTs === null ? 'conversations.history' : 'conversations.replies';
  const oldest = String(Math.max(0, Math.floor(Date.parse(since) / 1000) - SKEW_S));
  const thread = to.threadTs === null ? {} : { ts: to.threadTs };
  let cursor: string | undefined;
  for (let at = 0; at < PAGES_MAX; at += 1) {
    const args = {
      channel: to.channel,
      ...thread,
      oldest,
      inclusive: true,
      include_all_metadata: true,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const got = await calls.call('bulk', method, args, page);
    // Metadata is everybody's to write: only the bot's own counts.
    const found = got.messages.find(
      (it) =>
        it.metadata?.event_type === EVENT_TYPE &&
        it.metadata.event_payload['key'] === key &&
        (self === null || it.user === self),
    );
    if (found !== undefined) return { channel: to.channel, ts: found.ts };
    cursor = got.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return null;
  }
  throw new Failure(
    'server error',
    `${PAGES_MAX} pages of messages since ${since} and more: whether this one is there is not known (${method})`,
  );
}

/** A thread that is not there any more holds nothing. */
function goneIsNone(error: unknown): null {
  if (error instanceof Failure && error.kind === 'not found') return null;
  throw error;
}

function where(to: Destination): Readonly<Record<string, unknown>> {
  return to.threadTs === null ? { channel: to.channel } : { channel: to.channel, thread_ts: to.threadTs };
}
function body(it: SlackText): Readonly<Record<string, unknown>> {
  return it.blocks.length === 0 ? { text: it.text } : { text: it.text, blocks: it.blocks };
}
const QUIET = { unfurl_links: false, unfurl_media: false } as const;
function metadata(mark: Mark): Readonly<Record<string, unknown>> {
  return { event_type: EVENT_TYPE, event_payload: { key: mark.key, revision: mark.revision } };
}
