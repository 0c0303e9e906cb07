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
    const { text, cut } = await read(request, options.maxBytes);
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
    count(parsed.note === null ? 'stored' : 'stored in part');
    return answer(200, `stored ${parsed.alerts.length} alerts`);
  };
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });
}

/** At most `maxBytes`; what comes after is not kept in memory. */
async function read(request: Request, maxBytes: number): Promise<{ readonly text: string; readonly cut: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  if (request.body !== null) {
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      if (size + chunk.length > maxBytes) {
        chunks.push(chunk.subarray(0, maxBytes - size));
        cut = true;
        break;
      }
      chunks.push(chunk);
      size += chunk.length;
    }
  }
  return { text: new TextDecoder('utf-8').decode(Buffer.concat(chunks)), cut };
}
