import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { z } from 'zod';
import { Failure, type FailureKind } from '../../core/failure.ts';
import type { MetricsRead, Sample } from '../../core/ports/metrics.ts';
import { redact } from '../../core/redact.ts';

export interface PrometheusOptions {
  /** In messages: whose metrics these are. */
  readonly region: string;
  /** `https://prometheus.example/prefix`; `/api/v1/query` is added. */
  readonly url: string;
  readonly auth?:
    | { readonly is: 'bearer'; readonly token: string }
    | { readonly is: 'basic'; readonly user: string; readonly password: string };
  /** PEM of the authority that signed the server's certificate, where the system does not know it. */
  readonly ca?: string;
  /** For each query, retries included; 10,000 where it is left out. Milliseconds. */
  readonly limitMs?: number;
}

export interface Prometheus {
  read(signal: AbortSignal): MetricsRead;
  close(): Promise<void>;
}

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('vector'),
        // A native histogram has no `value`: it is no number.
        result: z.array(z.object({ metric: labels, value: point.optional() })),
      }),
      z.object({ resultType: z.literal('scalar'), result: point }),
      z.object({ resultType: z.literal('matrix'), result: z.array(z.unknown()) }),
      z.object({ resultType: z.literal('string'), result: z.unknown() }),
    ]),
    /** Prometheus 2.24 on: the answer may be partial (a store that could not be asked). */
    warnings: z.array(z.string()).optional(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);
type Data = Extract<z.output<typeof answer>, { status: 'success' }>['data'];

const defaultLimitMs = 10_000;
const maxTries = 3;
const firstWaitMs = 200;
const maxMessage = 400;

/** A Prometheus (2 or 3, or what speaks its API). Nothing is connected before the first query. */
export function prometheus(options: PrometheusOptions): Prometheus {
  const dispatcher = new Agent(options.ca === undefined ? {} : { connect: { ca: options.ca } });
  return {
    read: (signal) => ({ instant: (query) => instant(options, dispatcher, query, signal) }),
    close: () => dispatcher.destroy(),
  };
}

async function instant(
  options: PrometheusOptions,
  dispatcher: Agent,
  query: string,
  caller: AbortSignal,
): Promise<readonly Sample[]> {
  const limitMs = options.limitMs ?? defaultLimitMs;
  const deadline = performance.now() + limitMs;
  const signal = AbortSignal.any([caller, AbortSignal.timeout(limitMs)]);
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(options, dispatcher, query, signal, limitMs);
    } catch (error) {
      const failure = error instanceof Failure ? error : unanswered(options, error, caller, signal, limitMs);
      const isPassing = failure.kind === 'too many requests' || failure.kind === 'server error';
      const waitMs = failure.retryAfterMs ?? firstWaitMs * 2 ** (tries - 1);
      if (!isPassing || tries >= maxTries || performance.now() + waitMs >= deadline || signal.aborted) throw failure;
      await sleep(waitMs, undefined, { signal }).catch(() => {
        throw failure;
      });
    }
  }
}

async function once(
  options: PrometheusOptions,
  dispatcher: Agent,
  query: string,
  signal: AbortSignal,
  limitMs: number,
): Promise<readonly Sample[]> {
  signal.throwIfAborted();
  // POST, since a query may be longer than a URL; the server's own limit keeps a query that we gave up from going on.
  const response = await fetch(`${options.url.replace(/\/+$/, '')}/api/v1/query`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'mlp-bot',
      ...authorization(options),
    },
    body: new URLSearchParams({ query, timeout: `${Math.ceil(limitMs / 1000)}s` }).toString(),
    dispatcher,
    redirect: 'error', // a redirect would carry the credentials elsewhere
    signal,
  });
  const body = await response.text();
  const read = answer.safeParse(json(body));
  if (!response.ok)
    throw refused(
      options,
      response.status,
      response.headers.get('retry-after'),
      read.success && read.data.status === 'error' ? read.data : null,
    );
  if (!read.success) throw new Failure('unreadable', `${nameOf(options)}: the answer is not one of its API`);
  if (read.data.status === 'error') throw refused(options, response.status, null, read.data);
  const { data } = read.data;
  // Prometheus 2.48 to 2.53 puts its style hints ("might not be a counter") there too; later ones have `infos`.
  const warnings = (read.data.warnings ?? []).filter((one) => !one.startsWith('PromQL info'));
  if (warnings.length > 0) {
    throw new Failure('unreadable', `${nameOf(options)}: the answer may be incomplete: ${short(warnings.join('; '))}`);
  }
  return samplesOf(options, data);
}

function samplesOf(options: PrometheusOptions, data: Data): readonly Sample[] {
  switch (data.resultType) {
    case 'scalar':
      return [{ labels: {}, value: numberOf(data.result[1]) }];
    case 'vector':
      return data.result.map(({ metric, value }) => {
        if (value === undefined)
          throw new Failure('invalid', `${nameOf(options)}: the query gives histograms, not numbers`);
        return { labels: metric, value: numberOf(value[1]) };
      });
    case 'matrix':
    case 'string':
      throw new Failure(
        'invalid',
        `${nameOf(options)}: the query gives a ${data.resultType}, not samples of one moment`,
      );
  }
}

/** NaN (nothing to divide by) is null, and so are infinities: JSON has neither, and neither is an amount. */
function numberOf(text: string): number | null {
  const value = Number(text.replace('Inf', 'Infinity'));
  return Number.isFinite(value) ? value : null;
}

function authorization({ auth }: PrometheusOptions): Record<string, string> {
  if (auth === undefined) return {};
  if (auth.is === 'bearer') return { authorization: `Bearer ${auth.token}` };
  return { authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}` };
}

function refused(
  options: PrometheusOptions,
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
  if (status === 401) return 'unauthorised';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not found';
  if (status === 429) return 'too many requests';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 500 ? 'server error' : 'invalid';
}

function unanswered(
  options: PrometheusOptions,
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

const nameOf = ({ region }: PrometheusOptions): string => `Prometheus of ${region}`;
const short = (text: string): string => redact(text).replace(/\s+/g, ' ').slice(0, maxMessage);
