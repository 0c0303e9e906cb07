import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Right } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import { lacks } from '../../core/rights.ts';
import { z } from 'zod';

/** What a request is about, in the words of RBAC. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'patch' | 'create';
  /** With its group and sub-resource: `deployments.apps`, `pods/log`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly region: string;
  /** A write whose outcome is unknown must be looked up; a read never is. */
  readonly writes: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | null;
}

const maxMessage = 600;

/** "get deployments.apps model-server in ml-platform (eu-west-1)". */
export function whatOf({ verb, resource, namespace, name, region }: Asked): string {
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  return `${verb} ${resource}${name === undefined ? '' : ` ${name}`}${where} (${region})`;
}

/** The Failure for an answer that is no success. */
export function failureOf(asked: Asked, answer: Answer): Failure {
  const { status, retryAfterMs } = answer;
  const said = messageOf(answer.body);
  const kind = kindOf(status, said);
  const options = {
    // A 5xx may come from something in front of the API server after it has passed the write on.
    maybeDone: asked.writes && status >= 500 && !said.startsWith('Internal error occurred: failed calling webhook'),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
  return new Failure(kind, `${whatOf(asked)}: ${sentence(asked, status, kind, said)}`, options);
}

function sentence(asked: Asked, status: number, kind: FailureKind, said: string): string {
  const words = said === '' ? `the API server answered ${status}` : said;
  if (kind === 'unauthorised') return `the API server does not accept our credentials (401): ${words}`;
  if (kind === 'forbidden' && isMissingRight(said)) return lacks(refusedRight(said) ?? asked);
  if (kind === 'server error' || kind === 'timeout') return `the API server answered ${status}: ${words}`;
  return words;
}

/** RBAC's refusal, not that of an admission plugin; where two rights are needed, that of the second has no words (1.36: exec). */
function isMissingRight(said: string): boolean {
  return / cannot \w+ resource "/.test(said) || said === '' || / is forbidden:\s*$/.test(said);
}

/** What RBAC says that it refused: one request may need more than one right, and of another verb than its own. */
function refusedRight(said: string): Right | null {
  const found = /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/.exec(said);
  if (found === null) return null;
  const [, verb = '', name = '', group = '', namespace] = found;
  const [plural = '', subresource] = name.split('/', 2);
  const resource = `${plural}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return { verb, resource, ...(namespace === undefined ? {} : { namespace }) };
}

function kindOf(status: number, said: string): FailureKind {
  switch (status) {
    case 401:
      return 'unauthorised';
    case 403:
      return 'forbidden';
    case 404:
      return 'not found';
    case 409:
      return 'conflict';
    case 410:
      return 'gone';
    case 429:
      // pkg/registry/core/pod/storage/eviction.go; a server that has too much to do says something else
      return said.includes('disruption budget') ? 'refused' : 'too many requests';
    case 504:
    case 408:
      return 'timeout';
    default:
      if (status >= 500) return 'server error';
      return /^previous terminated container .* not found$/.test(said) ? 'not found' : 'invalid';
  }
}

/** The message of a `Status` object, or the body itself when it is plain text; without secrets, cut. */
export function messageOf(body: string): string {
  let said = body;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      said = 'message' in parsed && typeof parsed.message === 'string' ? parsed.message : '';
      said = [said, ...budgetsOf(parsed)].join(' ');
    }
  } catch {
    if (body.trimStart().startsWith('<')) said = ''; // the page of a proxy in between
  }
  const clean = redact(said.slice(0, 4 * maxMessage))
    .replace(/\s+/g, ' ')
    .trim();
  return clean.length > maxMessage ? `${clean.slice(0, maxMessage)}…` : clean;
}

const refusal = z.object({
  details: z.object({ causes: z.array(z.object({ reason: z.string(), message: z.string() })) }),
});

/** "The disruption budget model-server needs 2 healthy pods and has 2 currently": only the causes name it. */
function budgetsOf(status: unknown): readonly string[] {
  const read = refusal.safeParse(status);
  if (!read.success) return [];
  return read.data.details.causes.flatMap(({ reason, message }) => (reason === 'DisruptionBudget' ? [message] : []));
}

const tlsCodes =
  /^(?:ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED)/;

/** The Failure for a request that got no answer. `limitMs` is what it was given. */
export function unanswered(
  asked: Asked,
  error: unknown,
  how: { readonly limitMs: number; readonly sent: boolean; readonly givenUp: 'by the caller' | 'by us' | 'no' },
): Failure {
  const maybeDone = asked.writes && how.sent;
  const { code, message } = innermost(error);
  const what = whatOf(asked);
  if (how.givenUp === 'by the caller') {
    return new Failure('timeout', `${what}: no answer before the caller's limit`, { maybeDone, cause: error });
  }
  if (how.givenUp === 'by us' || /^UND_ERR_(?:HEADERS|BODY|CONNECT)_TIMEOUT$/.test(code)) {
    return new Failure('timeout', `${what}: no answer within ${how.limitMs} ms`, { maybeDone, cause: error });
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new Failure('unreachable', `${what}: the name of the API server cannot be resolved (${code})`, {
      cause: error,
    });
  }
  if (code === 'ECONNREFUSED') return new Failure('unreachable', `${what}: connection refused`, { cause: error });
  if (tlsCodes.test(code)) {
    return new Failure('unreachable', `${what}: the TLS connection failed (${code}: ${redact(message)})`, {
      cause: error,
    });
  }
  const told = code === '' ? redact(message) : `${code}: ${redact(message)}`;
  return new Failure(maybeDone ? 'timeout' : 'unreachable', `${what}: the connection was lost (${told})`, {
    maybeDone,
    cause: error,
  });
}

/** A request that broke off is worth one more try when it only reads; a refused or untrusted connection is not. */
export function isLostConnection(error: unknown): boolean {
  const { code } = innermost(error);
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}

/** undici wraps what happened in `cause`, and several addresses' errors in an AggregateError. */
function innermost(error: unknown): { readonly code: string; readonly message: string } {
  let now = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (now instanceof AggregateError && now.errors.length > 0) now = now.errors[0];
    else if (now instanceof Error && now.cause instanceof Error) now = now.cause;
    else break;
  }
  if (!(now instanceof Error)) return { code: '', message: String(now) };
  const code = 'code' in now && typeof now.code === 'string' ? now.code : '';
  return { code, message: now.message };
}
