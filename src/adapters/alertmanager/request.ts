import { Agent, fetch } from 'undici';
import type { Response } from 'undici';
import type { z } from 'zod';
import { Failure, kindOfStatus } from '../../core/failure.ts';
import { redact } from '../../core/redact.ts';

/** One request to Alertmanager's API (v2): a time limit, a size limit, and each refusal as a typed Failure. Nothing is tried again here. */

export interface ServerOptions {
  /** "Alertmanager of eu-west-1": in messages. */
  readonly name: string;
  /** `https://alertmanager.example/prefix`; `/api/v2/…` is added. */
  readonly url: string;
  /** How it is signed in to, asked anew for each request. Left out: not at all. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  /** PEM of the authority that signed the server's certificate, where the system does not know it. */
  readonly ca?: string;
}

export interface Server {
  readonly options: ServerOptions;
  readonly dispatcher: Agent;
}

export function serverOf(options: ServerOptions): Server {
  return { options, dispatcher: new Agent(options.ca === undefined ? {} : { connect: { ca: options.ca } }) };
}

export interface Asking {
  /** Below `/api/v2/`, already encoded. */
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly limitMs: number;
}

/** Tens of thousands of alerts. What is larger would hold up everything else while it is read. */
const maxBytes = 32_000_000;
const maxMessage = 400;

/** The answer in this shape. Throws a Failure; `maybeDone` where a write may have been carried out. */
export async function ask<T>(server: Server, asking: Asking, shape: z.ZodType<T>): Promise<T> {
  const { name } = server.options;
  const text = await told(server, asking);
  const read = shape.safeParse(json(text));
  if (read.success) return read.data;
  const writes = asking.method !== 'GET';
  throw new Failure('unreadable', `${name}: the answer is not one of its API`, { maybeDone: writes });
}

/** The body of a 2xx. */
export async function told(server: Server, asking: Asking): Promise<string> {
  const { name } = server.options;
  const writes = asking.method !== 'GET';
  const signal = AbortSignal.timeout(Math.max(1, Math.ceil(asking.limitMs)));
  try {
    const response = await send(server, asking, signal);
    const text = await bodyOf(response, name);
    if (response.ok) return text;
    throw refused(name, response.status, text, writes);
  } catch (error) {
    throw error instanceof Failure ? error : unanswered(name, error, { signal, limitMs: asking.limitMs, writes });
  }
}

async function send({ options, dispatcher }: Server, asking: Asking, signal: AbortSignal): Promise<Response> {
  const headers = (await options.headers?.()) ?? {};
  signal.throwIfAborted();
  return fetch(`${options.url.replace(/\/+$/, '')}/api/v2/${asking.path}`, {
    method: asking.method,
    headers: {
      ...(asking.body === undefined ? {} : { 'content-type': 'application/json' }),
      accept: 'application/json',
      'user-agent': 'mlp-bot',
      ...headers,
    },
    ...(asking.body === undefined ? {} : { body: JSON.stringify(asking.body) }),
    dispatcher,
    redirect: 'error', // a redirect would carry the credentials elsewhere
    signal,
  });
}

async function bodyOf(response: Response, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.byteLength;
    if (bytes > maxBytes)
      throw new Failure('unreadable', `${name}: its answer is larger than ${maxBytes / 1_000_000} MB`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString();
}

function refused(name: string, status: number, body: string, writes: boolean): Failure {
  // It explains itself in a JSON string, or in plain text.
  const said = json(body);
  const why = typeof said === 'string' ? short(said) : `it answered ${status}`;
  return new Failure(kindOfStatus(status), `${name}: ${why}`, { maybeDone: writes && status >= 500 });
}

function unanswered(
  name: string,
  error: unknown,
  { signal, limitMs, writes }: { readonly signal: AbortSignal; readonly limitMs: number; readonly writes: boolean },
): Failure {
  if (signal.aborted)
    return new Failure('timeout', `${name}: no answer within ${Math.ceil(limitMs)} ms`, {
      cause: error,
      maybeDone: writes,
    });
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : '';
  const isRefused = code === 'ECONNREFUSED';
  const why = isRefused
    ? 'connection refused'
    : short(`${code} ${inner instanceof Error ? inner.message : String(inner)}`.trim());
  return new Failure('unreachable', `${name}: ${why}`, { cause: error, maybeDone: writes && !isRefused });
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const short = (text: string): string => redact(text).replace(/\s+/g, ' ').slice(0, maxMessage);
