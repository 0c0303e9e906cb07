import diagnostics from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import { Failure } from '../../core/failure.ts';

/**
 * The only file that speaks to `@pagerduty/pdjs` (2.2.4). What it does on its own is turned off here: it waits 20 s after a 429 and repeats
 * blindly up to three times, ignores `Retry-After`, its `requestTimeout` only keeps a timer running, it reads HTML as JSON and so loses the
 * status, and it follows redirects with the key in hand. One call here is exactly one request.
 */

export interface Reply {
  readonly status: number;
  /** Undefined when the body is no JSON. */
  readonly body: unknown;
  /** From `Retry-After` or PagerDuty's `ratelimit-reset`; null: neither. */
  readonly retryAfterMs: number | null;
}

export interface Server {
  /** Host and port: pdjs writes `https://` before it. */
  readonly events: string;
  readonly api: string;
}

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** `/incidents`, without query. */
  readonly path: string;
  /** Names may end in `[]`. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: object;
  /** E-mail of the user in whose name it is written. */
  readonly from?: string;
}

/** Only the first use pays for loading it (and its fetch for old browsers). */
type Library = typeof import('@pagerduty/pdjs');
let loading: Promise<Library> | null = null;
const library = (): Promise<Library> =>
  (loading ??= import('@pagerduty/pdjs').then((loaded) => (loaded as { default?: Library }).default ?? loaded));

const header = 'x-mlp-request';
/** Longer than any limit: what pdjs would wait for before it repeats by itself. It never gets so far. */
const neverMs = 3_600_000;

type EventData = Parameters<Library['event']>[0]['data'];

/** One event to the Events API v2. Throws a Failure where there is no reply; any status is a reply. */
export async function sendEvent(server: Server, event: object, signal: AbortSignal): Promise<Reply> {
  const { event: send } = await library();
  return once(signal, async (options) => {
    const reply = await send({ server: server.events, data: event as EventData, ...options });
    return { status: reply.status, body: reply.data as unknown };
  });
}

/** One request to the REST API. Throws a Failure where there is no reply; any status is a reply. */
export async function askApi(server: Server, token: string, ask: Ask, signal: AbortSignal): Promise<Reply> {
  const { api } = await library();
  return once(signal, async ({ headers, ...options }) => {
    const reply = await api({
      server: server.api,
      token,
      method: ask.method,
      endpoint: ask.path,
      ...(ask.query === undefined ? {} : { queryParameters: queryOf(ask.query) }),
      ...(ask.body === undefined ? {} : { data: ask.body }),
      headers: ask.from === undefined ? headers : { ...headers, From: ask.from },
      ...options,
    });
    return { status: reply.status, body: reply.data as unknown };
  });
}

const queryOf = (query: NonNullable<Ask['query']>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );

interface Options {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
  readonly redirect: 'error';
  readonly requestTimeout: 0;
  readonly retryTimeout: number;
}

interface Seen {
  readonly status: number;
  readonly retryAfterMs: number | null;
}

/**
 * Node tells of every answer as its head arrives. That is where the status is, also of an answer that is no JSON, and `Retry-After`; and it
 * is the moment to end a 429 before pdjs repeats it.
 */
async function once(
  caller: AbortSignal,
  request: (options: Options) => Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<Reply> {
  const id = randomUUID();
  const own = new AbortController();
  let seen: Seen | null = null;
  const listen = (message: unknown): void => {
    const { request: asked, response } = message as {
      readonly request: ClientRequest;
      readonly response: IncomingMessage;
    };
    if (asked.getHeader(header)?.toString() !== id) return;
    seen = { status: response.statusCode ?? 0, retryAfterMs: waitOf(response.headers) };
    if (seen.status === 429) own.abort();
  };
  diagnostics.subscribe('http.client.response.finish', listen);
  try {
    const reply = await request({
      headers: { [header]: id },
      signal: AbortSignal.any([caller, own.signal]),
      redirect: 'error',
      requestTimeout: 0,
      retryTimeout: neverMs,
    });
    return { ...reply, retryAfterMs: answered(seen)?.retryAfterMs ?? null };
  } catch (error) {
    const head = answered(seen);
    // It has answered, and what follows the head is of no use: the status is what counts.
    if (head !== null && (head.status === 429 || !caller.aborted) && !isRedirect(head.status))
      return { status: head.status, body: undefined, retryAfterMs: head.retryAfterMs };
    throw failureOf(error, head);
  } finally {
    diagnostics.unsubscribe('http.client.response.finish', listen);
  }
}

/** TypeScript does not see that the listener assigns it. */
const answered = (seen: Seen | null): Seen | null => seen;
const isRedirect = (status: number): boolean => status >= 300 && status < 400;

function waitOf(headers: IncomingMessage['headers']): number | null {
  const after = headers['retry-after'];
  const reset = headers['ratelimit-reset'];
  for (const text of [after, typeof reset === 'string' ? reset : undefined]) {
    if (text === undefined) continue;
    if (/^\d{1,6}$/.test(text.trim())) return Number(text) * 1_000;
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return Math.max(0, at - Date.now());
  }
  return null;
}

/** Before a connection stood nothing was sent; these codes say so (Node's DNS, connect and TLS errors). */
const NOT_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;
const TLS = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|EPROTO|ERR_SSL/;

function failureOf(error: unknown, head: Seen | null): Failure {
  const { name = '', code = '', type = '' } = error as { name?: string; code?: string; type?: string };
  if (head !== null && isRedirect(head.status))
    return new Failure('unreadable', `it answered with a redirect (${head.status}), which is not followed`);
  if (name === 'AbortError' || type === 'aborted')
    return new Failure('timeout', 'no answer within the time limit', { maybeDone: true });
  if (NOT_SENT.test(code)) return new Failure('unreachable', `no connection (${code})`);
  if (TLS.test(code)) return new Failure('unreachable', `its certificate is not trusted, or TLS failed (${code})`);
  return new Failure('unreachable', `the connection broke off${code === '' ? '' : ` (${code})`}`, { maybeDone: true });
}
