import { Agent, request } from 'undici';
import type { Probe, ProbeAnswer } from '../../core/ports/probe.ts';
import { redact } from '../../core/redact.ts';

/**
 * GET of a public health page from where the bot runs. Connections of its own, none kept: each probe goes the whole way, through DNS and
 * TLS. At most a few redirects, only to the same host, never from https to http. Of the body nothing is used and little is read.
 */

const MOST_BYTES = 64_000;
const MOST_REDIRECTS = 3;

export interface ProbeOptions {
  /** Unix ms. */
  readonly now: () => number;
  /** Where an address is really asked: the sandbox stands in for all of them. Left out: there. */
  readonly at?: (url: string) => string;
}

export function probe({ now, at = (url) => url }: ProbeOptions): Probe & { close(): Promise<void> } {
  const dispatcher = new Agent({
    pipelining: 0,
    keepAliveTimeout: 1,
    connections: 4,
    maxResponseSize: MOST_BYTES * 16,
  });
  return {
    get: (url, limitMs) => get(dispatcher, at(url), limitMs, now),
    close: () => dispatcher.destroy(),
  };
}

async function get(dispatcher: Agent, url: string, limitMs: number, now: () => number): Promise<ProbeAnswer> {
  const at = new Date(now()).toISOString();
  const from = performance.now();
  const signal = AbortSignal.timeout(Math.max(1, Math.ceil(limitMs)));
  const took = (): number => Math.round(performance.now() - from);
  try {
    return { at, ...(await follow(dispatcher, url, signal, took)) };
  } catch (error) {
    const why = signal.aborted ? `no answer within ${Math.round(limitMs)} ms` : reasonOf(error);
    return { at, status: null, tookMs: took(), why };
  }
}

async function follow(
  dispatcher: Agent,
  url: string,
  signal: AbortSignal,
  took: () => number,
): Promise<Omit<ProbeAnswer, 'at'>> {
  let here = new URL(url);
  for (let turn = 0; ; turn += 1) {
    if (here.protocol !== 'https:' && here.protocol !== 'http:') throw new Error('only http and https are asked');
    const { statusCode, headers, body } = await request(here, {
      method: 'GET',
      dispatcher,
      signal,
      headers: { 'user-agent': 'mlp-bot probe', accept: '*/*', connection: 'close' },
    });
    const tookMs = took();
    // What comes after so much is not wanted: the connection ends with it. An answer that does not end is none.
    await body.dump({ limit: MOST_BYTES, signal });
    const location = headers['location'];
    if (statusCode < 300 || statusCode > 399 || typeof location !== 'string')
      return {
        status: statusCode,
        tookMs,
        why: statusCode >= 200 && statusCode < 300 ? null : `it answered ${statusCode}`,
      };
    const next = URL.parse(location, here);
    const elsewhere =
      next === null || next.host !== here.host || (here.protocol === 'https:' && next.protocol !== 'https:');
    if (elsewhere)
      return {
        status: statusCode,
        tookMs,
        why: `it answered ${statusCode} and points elsewhere, which is not followed`,
      };
    if (turn >= MOST_REDIRECTS) return { status: statusCode, tookMs, why: `it answered ${statusCode} again and again` };
    here = next;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed without an answer',
  ENOTFOUND: 'DNS knows no such name',
  EAI_AGAIN: 'DNS gives no answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody that I know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody that I know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const codeOf = inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : '';
  return (
    WORDS[codeOf] ?? redact(`${codeOf} ${inner instanceof Error ? inner.message : String(inner)}`.trim()).slice(0, 200)
  );
}
