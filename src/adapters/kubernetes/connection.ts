import { setTimeout as sleep } from 'node:timers/promises';
import { fetch } from 'undici';
import type { ZodType } from 'zod';
import { Failure } from '../../core/failure.ts';
import { Credentials, type Source } from './credentials.ts';
import { failureOf, isLostConnection, unanswered, whatOf, type Answer, type Asked } from './failures.ts';

export interface Request extends Omit<Asked, 'region' | 'writes'> {
  /** `/apis/apps/v1/namespaces/…`; names are encoded by `path`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** A patch. */
  readonly send?: { readonly type: string; readonly body: string; readonly retry: boolean; readonly limitMs?: number };
}

export interface ConnectionOptions {
  readonly region: string;
  readonly source: Source;
  /** For each call, its retries included. Milliseconds. */
  readonly limitMs: number;
}

const maxTries = 4;
const firstWaitMs = 200;

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
    return parsed(schema, this.#asked(request), await this.text(request));
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

  close(): Promise<void> {
    return this.#credentials.close();
  }

  #asked({ verb, resource, namespace, name, send }: Request): Asked {
    const writes = send !== undefined && !send.retry;
    const where = { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
    return { verb, resource, ...where, region: this.region, writes };
  }

  async #once(request: Request, asked: Asked, signal: AbortSignal, limitMs: number): Promise<string | Missed> {
    let sent = false;
    try {
      const access = await aborting(this.#credentials.get(), signal);
      const url = new URL(access.server + request.path);
      for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
      signal.throwIfAborted();
      sent = true;
      const response = await fetch(url, {
        method: request.send === undefined ? 'GET' : 'PATCH',
        headers: {
          ...access.headers,
          accept: request.accept ?? 'application/json',
          'user-agent': 'mlp-bot',
          ...(request.send === undefined ? {} : { 'content-type': request.send.type }),
        },
        body: request.send?.body ?? null,
        dispatcher: access.dispatcher,
        redirect: 'error', // a redirect would carry the token elsewhere
        signal,
      });
      const body = await response.text();
      if (response.ok) return body;
      if (response.status === 401) this.#credentials.forgetHeaders();
      const answer = { status: response.status, body, retryAfterMs: retryAfter(response.headers.get('retry-after')) };
      return { failure: failureOf(asked, answer), answer, lost: false };
    } catch (error) {
      if (error instanceof Failure) return { failure: error, answer: null, lost: false };
      const givenUp = request.signal.aborted ? 'by the caller' : signal.aborted ? 'by us' : 'no';
      const failure = unanswered(asked, error, { limitMs, sent, givenUp });
      if (givenUp === 'by us') this.#credentials.forgetConnection();
      return { failure, answer: null, lost: isLostConnection(error) };
    }
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

/** Getting credentials may run a plugin; the caller's limit holds for that too. */
function aborting<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
