import { Failure, whyOf } from '../../core/failure.ts';
import type { Log } from '../../core/ports/log.ts';
import { authorised, parseAlertmanager } from './alertmanager.ts';
import type { WebhookOptions } from './alertmanager.ts';

/** `POST /webhooks/alertmanager`: durable before the 2xx. */
export function alertmanagerHandler(
  options: WebhookOptions & { readonly log: Log; readonly count: (outcome: string) => void },
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { count } = options;
    if (!authorised(request.headers.get('authorization'), options.token)) {
      count('unauthorised');
      return answer(
        401,
        options.token === null
          ? 'ALERTMANAGER_WEBHOOK_TOKEN is not set: this webhook is off'
          : 'wrong or missing bearer token',
      );
    }
    const body = unpacked(request);
    if (body === 'unknown encoding') {
      count('unreadable');
      return answer(415, 'this content-encoding is not understood: send it plain, or with gzip or deflate');
    }
    const { text, cut } = await read(body, options.maxBytes);
    const parsed = parseAlertmanager(text, cut);
    if (parsed === null) {
      count('unreadable');
      options.log('warn', 'a webhook body held no alert that could be read', { bytes: text.length });
      return answer(400, 'no alert in this body could be read');
    }
    try {
      await options.take(parsed.alerts, parsed.note);
    } catch (error) {
      count('refused');
      options.log('error', 'alerts could not be stored: the sender is asked to retry', { err: whyOf(error) });
      const waitS = error instanceof Failure && error.retryAfterMs !== null ? Math.ceil(error.retryAfterMs / 1000) : 5;
      return answer(503, 'could not be stored: retry', { 'retry-after': String(waitS) });
    }
    if (parsed.note !== null) options.log('warn', 'a delivery was read in part', { note: parsed.note });
    count(parsed.note === null ? 'stored' : 'stored in part');
    return answer(200, `stored ${parsed.alerts.length} alerts`);
  };
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });
}

/** What was packed is unpacked as it comes, so that the limit is one of what is kept in memory. */
function unpacked(request: Request): ReadableStream<Uint8Array> | null | 'unknown encoding' {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (request.body === null || encoding === 'identity') return request.body;
  if (encoding !== 'gzip' && encoding !== 'deflate') return 'unknown encoding';
  return request.body.pipeThrough(new DecompressionStream(encoding) as TransformStream<Uint8Array, Uint8Array>);
}

/** At most `maxBytes`; what comes after is not kept in memory. A body that breaks off is as good as one that was cut. */
async function read(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<{ readonly text: string; readonly cut: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      if (size + chunk.length > maxBytes) {
        chunks.push(chunk.subarray(0, maxBytes - size));
        cut = true;
        break;
      }
      chunks.push(chunk);
      size += chunk.length;
    }
  } catch {
    cut = true;
  }
  return { text: new TextDecoder('utf-8').decode(Buffer.concat(chunks)), cut };
}
