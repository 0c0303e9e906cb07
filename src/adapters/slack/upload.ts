import { z } from 'zod';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Attachment } from '../../core/message.ts';
import type { Calls } from './client.ts';
import { pause } from './limit.ts';

/** The bytes of one file into one thread: an address, the bytes, a share, and looks until it is seen there. */

/** In units of `pauseMs`: up to six seconds and a half where that is 300. */
const LOOKS = [1, 1, 2, 2, 3, 3, 5, 5] as const;
const TRIES = 2;
const UPLOAD_MS = 10_000;
const ALT_MAX = 1_000;
/** Slack shows a text in the thread up to here; more is only to download, and nobody reads it in a chat. */
export const BYTES_MAX = 1_000_000;

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

/** Throws a Failure when it is not there in the end. */
export interface Place {
  readonly channel: string;
  /** ts of the thread's root, or of any message in it. */
  readonly ts: string;
}

export type Upload = (root: Place, file: Attachment, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;

export function uploads(calls: Calls, pauseMs: number): Upload {
  async function send(root: Place, file: Attachment, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const alt = file.altText === '' ? {} : { alt_txt: file.altText.slice(0, ALT_MAX).toWellFormed() };
    const announce = { filename: file.name, length: bytes.length, ...alt };
    const { upload_url: url, file_id: id } = await calls.call(
      'bulk',
      'files.getUploadURLExternal',
      announce,
      announced,
    );
    await put(url, bytes);
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

  return async (root, file, bytes) => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const id = await send(root, file, bytes);
      if (await landed(root.channel, id)) return;
    }
    throw new Failure('timeout', `Slack took the file and does not show it (${file.name})`, { maybeDone: true });
  };
}

async function put(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    const answer = await fetch(url, {
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
