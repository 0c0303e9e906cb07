import { setTimeout as sleep } from 'node:timers/promises';
import { fetch, WebSocket, type Response } from 'undici';
import type { ZodType } from 'zod';
import { Failure } from '../../core/failure.ts';
import { Credentials, type Source } from './credentials.ts';
import { failureOf, isLostConnection, unanswered, whatOf, type Answer, type Asked } from './failures.ts';
import { inTurn } from './turns.ts';

export interface Request extends Omit<Asked, 'region' | 'writes'> {
  /** `/apis/apps/v1/namespaces/…`; names are encoded by `path`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** What is sent: with PATCH, or with POST. `retry`: sending it twice is the same as once (or it only asks). */
  readonly send?: {
    readonly method?: 'PATCH' | 'POST';
    readonly type: string;
    readonly body: string;
    readonly retry: boolean;
    readonly limitMs?: number;
  };
}

/** Any answer, also one that is no success. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly isCut: boolean;
}

export interface ConnectionOptions {
  readonly region: string;
  readonly source: Source;
  /** For each call, its retries included. Milliseconds. */
  readonly limitMs: number;
}

const maxTries = 4;
const firstWaitMs = 200;
/** Characters from which on an answer takes long enough to be parsed for others to wait for it. */
const largeBody = 50_000;

/** One region's API server: one connection, a time limit for every call, and a typed Failure for everything that is no answer. */
export class Connection {
  readonly region: string;
  readonly #credentials: Credentials;
  readonly #limitMs: number;

  constructor(options: ConnectionOptions) {
    this.region = options.region;
    this.#credentials = new Credentials(options.source);
    this.#limitMs = options.limitMs;
  }

  /** The body of a 2xx. Reads, and writes that say so, are tried again after 429, 5xx and lost connections, within the limit. */
  async text(request: Request): Promise<string> {
    const asked = this.#asked(request);
    const limitMs = Math.max(0, Math.min(this.#limitMs, request.send?.limitMs ?? this.#limitMs));
    const deadline = performance.now() + limitMs;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(limitMs)]);
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.#once(request, asked, signal, limitMs);
      if (typeof outcome === 'string') return outcome;
      const waitMs = this.#waitMs(request, outcome, tries);
      if (waitMs === null || performance.now() + waitMs >= deadline || signal.aborted) throw outcome.failure;
      try {
        await sleep(waitMs, undefined, { signal });
      } catch {
        throw outcome.failure;
      }
    }
  }

  /** The parsed body of a 2xx; Failure `unreadable` when it is no JSON of this shape. */
  async json<T>(schema: ZodType<T>, request: Request): Promise<T> {
    const asked = this.#asked(request);
    const body = await this.text(request);
    return body.length < largeBody ? parsed(schema, asked, body) : inTurn(() => parsed(schema, asked, body));
  }

  /** As `json`, with null for "there is none". */
  async jsonOrNull<T>(schema: ZodType<T>, request: Request): Promise<T | null> {
    try {
      return await this.json(schema, request);
    } catch (error) {
      if (error instanceof Failure && error.kind === 'not found') return null;
      throw error;
    }
  }

  /** One GET whose every answer is one, whatever its status; of the body at most so many bytes. Never tried again. */
  async any(request: Request, maxBytes: number): Promise<Answered> {
    const asked = this.#asked(request);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(this.#limitMs)]);
    try {
      const response = await this.#fetch(request, signal, 'manual');
      if (response.status === 401) this.#credentials.forgetHeaders();
      const { text, isCut } = await firstOf(response.body, maxBytes);
      return { status: response.status, body: text, isCut };
    } catch (error) {
      throw this.#missed(request, asked, error, { signal, limitMs: this.#limitMs, sent: true }).failure;
    }
  }

  /** What the server's clock shows, of whatever answer it gives: an HTTP date, cut to the second. ISO 8601. */
  async clock(caller: AbortSignal): Promise<string> {
    const request: Request = { verb: 'get', resource: 'version', path: '/version', signal: caller };
    const signal = AbortSignal.any([caller, AbortSignal.timeout(this.#limitMs)]);
    try {
      const response = await this.#fetch(request, signal, 'manual');
      await response.body?.cancel();
      const at = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(at)) return new Date(at).toISOString();
      throw new Failure('unreadable', `the API server of ${this.region} does not say what time it is`);
    } catch (error) {
      const how = { signal, limitMs: this.#limitMs, sent: true };
      throw this.#missed(request, this.#asked(request), error, how).failure;
    }
  }

  /** A web socket to this path, as long as `signal` lets it. The caller handles its events. */
  async socket(request: Request, protocols: readonly string[]): Promise<WebSocket> {
    const access = await aborting(this.#credentials.get(), request.signal);
    const url = this.#url(access.server.replace(/^http/, 'ws'), request);
    return new WebSocket(url, {
      protocols: [...protocols],
      headers: { ...access.headers, 'user-agent': 'mlp-bot' },
      dispatcher: access.dispatcher,
    });
  }

  /** The failure for a request that got no answer before `signal` ended it. */
  overdue(request: Request): Failure {
    const how = {
      limitMs: this.#limitMs,
      sent: true,
      givenUp: request.signal.aborted ? 'by the caller' : 'by us',
    } as const;
    return unanswered(this.#asked(request), request.signal.reason, how);
  }

  get limitMs(): number {
    return this.#limitMs;
  }

  close(): Promise<void> {
    return this.#credentials.close();
  }

  #asked({ verb, resource, namespace, name, send }: Request): Asked {
    const writes = send !== undefined && !send.retry;
    const where = { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
    return { verb, resource, ...where, region: this.region, writes };
  }

  async #once(request: Request, asked: Asked, signal: AbortSignal, limitMs: number): Promise<string | Missed> {
    const how = { signal, limitMs, sent: false };
    try {
      await aborting(this.#credentials.get(), signal);
      signal.throwIfAborted();
      how.sent = true;
      const response = await this.#fetch(request, signal, 'error'); // a redirect would carry the token elsewhere
      const body = await response.text();
      if (response.ok) return body;
      if (response.status === 401) this.#credentials.forgetHeaders();
      const answer = { status: response.status, body, retryAfterMs: retryAfter(response.headers.get('retry-after')) };
      return { failure: failureOf(asked, answer), answer, lost: false };
    } catch (error) {
      return this.#missed(request, asked, error, how);
    }
  }

  async #fetch(request: Request, signal: AbortSignal, redirect: 'error' | 'manual'): Promise<Response> {
    const access = await aborting(this.#credentials.get(), signal);
    const { send } = request;
    return fetch(this.#url(access.server, request), {
      method: send === undefined ? 'GET' : (send.method ?? 'PATCH'),
      headers: {
        ...access.headers,
        accept: request.accept ?? 'application/json',
        'user-agent': 'mlp-bot',
        ...(send === undefined ? {} : { 'content-type': send.type }),
      },
      body: send?.body ?? null,
      dispatcher: access.dispatcher,
      redirect,
      signal,
    });
  }

  #url(server: string, request: Request): URL {
    const url = new URL(server + request.path);
    for (const [key, value] of Object.entries(request.query ?? {}))
      for (const one of typeof value === 'string' ? [value] : value) url.searchParams.append(key, one);
    return url;
  }

  #missed(
    request: Request,
    asked: Asked,
    error: unknown,
    { signal, limitMs, sent }: { readonly signal: AbortSignal; readonly limitMs: number; readonly sent: boolean },
  ): Missed {
    if (error instanceof Failure) return { failure: error, answer: null, lost: false };
    const givenUp = request.signal.aborted ? 'by the caller' : signal.aborted ? 'by us' : 'no';
    const failure = unanswered(asked, error, { limitMs, sent, givenUp });
    if (givenUp === 'by us') this.#credentials.forgetConnection();
    return { failure, answer: null, lost: isLostConnection(error) };
  }

  /** How long to wait before the next try; null for none. */
  #waitMs(request: Request, missed: Missed, tries: number): number | null {
    if (tries >= maxTries) return null;
    const status = missed.answer?.status ?? 0;
    // A 401 was not carried out; credentials may have been renewed since.
    if (status === 401) return tries === 1 ? 0 : null;
    if (request.send !== undefined && !request.send.retry) return null;
    if (missed.lost) return tries === 1 ? 0 : null;
    if (status !== 429 && status < 500) return null;
    const asked = missed.answer?.retryAfterMs ?? null;
    return asked ?? firstWaitMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2);
  }
}

interface Missed {
  readonly failure: Failure;
  readonly answer: Answer | null;
  readonly lost: boolean;
}

/** Joins a path out of its parts, each encoded. */
export function path(prefix: string, ...parts: readonly string[]): string {
  return [prefix, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

export function parsed<T>(schema: ZodType<T>, asked: Asked, body: string): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Failure('unreadable', `${whatOf(asked)}: the answer is no JSON`); // never the body: it may hold secrets
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const at = result.error.issues.map((issue) => issue.path.join('.')).slice(0, 3);
  throw new Failure('unreadable', `${whatOf(asked)}: the answer is not as expected at ${at.join(', ')}`);
}

/** Seconds or a date; milliseconds from now, null when it says nothing. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/** The beginning of a body; the rest is not waited for. */
async function firstOf(
  body: Response['body'],
  maxBytes: number,
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    const part = chunk as Uint8Array;
    chunks.push(part);
    bytes += part.byteLength;
    if (bytes > maxBytes) break; // leaving the loop cancels the body
  }
  const all = Buffer.concat(chunks);
  return { text: all.subarray(0, maxBytes).toString(), isCut: all.byteLength > maxBytes };
}

/** Getting credentials may run a plugin; the caller's limit holds for that too. */
function aborting<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
