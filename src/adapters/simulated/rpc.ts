import { z } from 'zod';
import { Failure } from '../../core/failure.ts';

const failureKinds = [
  'unauthorised',
  'forbidden',
  'not found',
  'conflict',
  'gone',
  'invalid',
  'too many requests',
  'refused',
  'server error',
  'unreachable',
  'timeout',
  'unreadable',
] as const;

const envelope = z.union([
  z.object({ result: z.unknown() }),
  z.object({
    error: z.object({
      message: z.string(),
      data: z
        .object({
          kind: z.enum(failureKinds),
          message: z.string(),
          maybeDone: z.boolean(),
          retryAfterMs: z.number().nullable(),
        })
        .optional(),
    }),
  }),
]);

export interface Caller {
  /** Throws a Failure. A write that got no answer may have been carried out: `maybeDone`. */
  call(
    method: string,
    params: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    writes?: boolean,
  ): Promise<unknown>;
}

/** JSON-RPC 2.0 over HTTP: one POST per call, with a time limit of its own beside the caller's. */
export function caller(url: string, limitMs: number): Caller {
  let id = 0;
  return {
    async call(method, params, signal, writes = false) {
      id += 1;
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
      let text: string;
      try {
        const response = await fetch(`${url}/rpc`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
        });
        text = await response.text();
        if (response.status >= 500) throw new Failure('server error', `HTTP ${response.status}`, { maybeDone: writes });
      } catch (error) {
        throw failureOf(error, limitMs, writes);
      }
      return unwrap(text, writes);
    },
  };
}

function unwrap(text: string, writes: boolean): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Failure('unreadable', 'the answer is no JSON', { maybeDone: writes, cause: error });
  }
  const answer = envelope.safeParse(parsed);
  if (!answer.success) throw new Failure('unreadable', 'the answer is no JSON-RPC', { maybeDone: writes });
  if ('result' in answer.data) return answer.data.result;
  const { data, message } = answer.data.error;
  if (data === undefined) throw new Failure('invalid', message);
  const options = {
    maybeDone: data.maybeDone,
    ...(data.retryAfterMs === null ? {} : { retryAfterMs: data.retryAfterMs }),
  };
  throw new Failure(data.kind, data.message, options);
}

function failureOf(error: unknown, limitMs: number, writes: boolean): Failure {
  if (error instanceof Failure) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new Failure('timeout', `no answer within the limit (at most ${limitMs / 1000} s)`, {
      maybeDone: writes,
      cause: error,
    });
  }
  const refused = causeCode(error) === 'ECONNREFUSED';
  return new Failure('unreachable', refused ? 'connection refused' : 'the connection failed', {
    maybeDone: writes && !refused,
    cause: error,
  });
}

function causeCode(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}
