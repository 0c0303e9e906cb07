import { z } from 'zod';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Attachment } from '../../core/message.ts';
import type { Calls } from './client.ts';
import { pause } from './limit.ts';

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
export interface Place {
  readonly channel: string;
  /** ts of the thread's root, or of any message in it. */
  readonly ts: string;
}

export interface FilesOptions {
  readonly calls: Calls;
  /** The bot's own user id; null before it is known. */
  readonly self: () => string | null;
  /** Unit of the time between looks whether it is there. */
  readonly pauseMs: number;
  readonly upload?: typeof fetch;
}

/** In units of `pauseMs`: up to six seconds and a half where that is 300. */
const LOOKS = [1, 1, 2, 2, 3, 3, 5, 5] as const;
const TRIES = 2;
const UPLOAD_MS = 10_000;
const ALT_MAX = 1_000;
/** Slack shows a text in the thread up to here; more is only to download, and nobody reads it in a chat. */
export const BYTES_MAX = 1_000_000;
const PAGES_MAX = 10;
const KNOWN_MAX = 2_000;

const announced = z.object({ upload_url: z.url(), file_id: z.string() });
const completed = z.object({});
const info = z.object({
  file: z.object({
    shares: z
      .record(z.string(), z.record(z.string(), z.array(z.object({ ts: z.string() }))))
      .optional()
      .catch({}),
  }),
});
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

export function slackFiles({ calls, self, pauseMs, upload = fetch }: FilesOptions): Files {
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

  async function send(root: Place, file: Attachment, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const alt = file.altText === '' ? {} : { alt_txt: file.altText.slice(0, ALT_MAX).toWellFormed() };
    const announce = { filename: file.name, length: bytes.length, ...alt };
    const { upload_url: url, file_id: id } = await calls.call(
      'bulk',
      'files.getUploadURLExternal',
      announce,
      announced,
    );
    await put(upload, url, bytes);
    const share = { files: [{ id, title: file.title }], channel_id: root.channel, thread_ts: root.ts };
    await calls.call('bulk', 'files.completeUploadExternal', share, completed, { posts: true });
    return id;
  }

  async function landed(channel: string, id: string): Promise<boolean> {
    for (const units of LOOKS) {
      await pause(units * pauseMs);
      const { file } = await calls.call('bulk', 'files.info', { file: id }, info);
      if (Object.values(file.shares ?? {}).some((places) => (places[channel] ?? []).length > 0)) return true;
    }
    return false;
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

  async function shared(root: Place, file: Attachment, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const id = await send(root, file, bytes);
      if (await landed(root.channel, id)) return;
    }
    throw new Failure('timeout', `Slack took the file and does not show it (${file.name})`, { maybeDone: true });
  }
}
const REFUSED_MS = 5 * 60_000;

async function put(upload: typeof fetch, url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    const answer = await upload(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
      redirect: 'error',
      signal: AbortSignal.timeout(UPLOAD_MS),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Failure('server error', `Slack answered ${answer.status} to the bytes of a file`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    // The address holds a key.
    throw new Failure('unreachable', `the bytes of a file did not reach Slack: ${whyOf(error).replaceAll(url, '…')}`);
  }
}

export function bytesOf({ content }: Attachment): Uint8Array<ArrayBuffer> {
  if ('base64' in content) return new Uint8Array(Buffer.from(content.base64, 'base64'));
  const bytes = Buffer.from(content.text === '' ? '\n' : content.text);
  if (bytes.length <= BYTES_MAX) return new Uint8Array(bytes);
  const sentence = `\n… and ${(bytes.length - BYTES_MAX).toLocaleString('en')} more bytes\n`;
  // Half a character at the cut is left out.
  const kept = bytes
    .subarray(0, BYTES_MAX)
    .toString('utf8')
    .replace(/\ufffd$/, '');
  return new Uint8Array(Buffer.from(`${kept}${sentence}`));
}

/** The oldest goes first: what is forgotten is looked up again. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > KNOWN_MAX && oldest.done !== true) map.delete(oldest.value);
}
