import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { z } from 'zod';
import { Failure, kindOfStatus, type FailureKind } from '../../core/failure.ts';
import { redact } from '../../core/redact.ts';
import { authorization } from './auth.ts';
import type { Auth } from './auth.ts';

/** One request to Prometheus' HTTP API: retries, limits, and each refusal as a typed Failure. */

export interface ServerOptions {
  /** In messages: whose metrics these are. */
  readonly region: string;
  /** `https://prometheus.example/prefix`; `/api/v1/query` is added. */
  readonly url: string;
  readonly auth?: Auth;
  /** PEM of the authority that signed the server's certificate, where the system does not know it. */
  readonly ca?: string;
  /** For each query, retries included; 10,000 where it is left out. Milliseconds. */
  readonly limitMs?: number;
}

export interface Asking {
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** A query may be longer than a URL: those are posted. The others are only there for GET. */
  readonly method: 'GET' | 'POST';
}

export interface Server {
  readonly options: ServerOptions;
  readonly dispatcher: Agent;
}

/** What it answered, and why that may be partial; null: nothing said so. */
export interface Told<T> {
  readonly data: T;
  readonly note: string | null;
}

const defaultLimitMs = 10_000;
const maxTries = 3;
const firstWaitMs = 200;
const maxMessage = 400;

const envelope = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.unknown(),
    /** Prometheus 2.24 on: the answer may be partial (a store that could not be asked). */
    warnings: z.array(z.string()).optional(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);

export async function ask<T>(
  server: Server,
  asking: Asking,
  shape: z.ZodType<T>,
  caller: AbortSignal,
): Promise<Told<T>> {
  const limitMs = server.options.limitMs ?? defaultLimitMs;
  const deadline = performance.now() + limitMs;
  const signal = AbortSignal.any([caller, AbortSignal.timeout(limitMs)]);
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(server, asking, shape, signal, limitMs);
    } catch (error) {
      const failure = error instanceof Failure ? error : unanswered(server.options, error, caller, signal, limitMs);
      const isPassing = failure.kind === 'too many requests' || failure.kind === 'server error';
      const waitMs = failure.retryAfterMs ?? firstWaitMs * 2 ** (tries - 1);
      if (!isPassing || tries >= maxTries || performance.now() + waitMs >= deadline || signal.aborted) throw failure;
      await sleep(waitMs, undefined, { signal }).catch(() => {
        throw failure;
      });
    }
  }
}

async function once<T>(
  { options, dispatcher }: Server,
  { path, params, method }: Asking,
  shape: z.ZodType<T>,
  signal: AbortSignal,
  limitMs: number,
): Promise<Told<T>> {
  signal.throwIfAborted();
  const base = `${options.url.replace(/\/+$/, '')}/api/v1/${path}`;
  // The server's own limit keeps a query that we gave up from going on.
  const form = new URLSearchParams(
    method === 'POST' ? { ...params, timeout: `${Math.ceil(limitMs / 1000)}s` } : params,
  );
  const response = await fetch(method === 'GET' && form.size > 0 ? `${base}?${form.toString()}` : base, {
    method,
    headers: {
      ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      accept: 'application/json',
      'user-agent': 'mlp-bot',
      ...(await authorization(options.auth)),
    },
    ...(method === 'POST' ? { body: form.toString() } : {}),
    dispatcher,
    redirect: 'error', // a redirect would carry the credentials elsewhere
    signal,
  });
  const body = await response.text();
  const read = envelope.safeParse(json(body));
  if (!response.ok)
    throw refused(
      options,
      response.status,
      response.headers.get('retry-after'),
      read.success && read.data.status === 'error' ? read.data : null,
    );
  if (!read.success) throw new Failure('unreadable', `${nameOf(options)}: the answer is not one of its API`);
  if (read.data.status === 'error') throw refused(options, response.status, null, read.data);
  const data = shape.safeParse(read.data.data);
  if (!data.success) throw new Failure('unreadable', `${nameOf(options)}: the answer is not one of its API`);
  // Prometheus 2.48 to 2.53 puts its style hints ("might not be a counter") there too; later ones have `infos`.
  const warnings = (read.data.warnings ?? []).filter((one) => !one.startsWith('PromQL info'));
  return { data: data.data, note: warnings.length === 0 ? null : short(warnings.join('; ')) };
}

function refused(
  options: ServerOptions,
  status: number,
  retryAfter: string | null,
  told: { readonly errorType: string; readonly error: string } | null,
): Failure {
  const said = told === null ? `it answered ${status}` : `${told.errorType}: ${short(told.error)}`;
  const seconds = Number(retryAfter);
  const wait = retryAfter !== null && Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {};
  return new Failure(kindOf(status, told?.errorType ?? ''), `${nameOf(options)}: ${said}`, wait);
}

function kindOf(status: number, errorType: string): FailureKind {
  if (errorType === 'timeout' || errorType === 'canceled') return 'timeout'; // Prometheus answers these with 503
  return kindOfStatus(status);
}

function unanswered(
  options: ServerOptions,
  error: unknown,
  caller: AbortSignal,
  signal: AbortSignal,
  limitMs: number,
): Failure {
  const name = nameOf(options);
  if (caller.aborted) return new Failure('timeout', `${name}: no answer before the caller's limit`, { cause: error });
  if (signal.aborted) return new Failure('timeout', `${name}: no answer within ${limitMs} ms`, { cause: error });
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : '';
  const why =
    code === 'ECONNREFUSED'
      ? 'connection refused'
      : short(`${code} ${inner instanceof Error ? inner.message : String(inner)}`.trim());
  return new Failure('unreachable', `${name}: ${why}`, { cause: error });
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

export const nameOf = ({ region }: ServerOptions): string => `Prometheus of ${region}`;
const short = (text: string): string => redact(text).replace(/\s+/g, ' ').slice(0, maxMessage);
