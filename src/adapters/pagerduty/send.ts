import type { FailureKind } from '../../core/failure.ts';
import type { Answer, Sent } from '../../core/ports/paging.ts';
import { redact } from '../../core/redact.ts';
import type { z } from 'zod';
import { ApiError, EventError, EventReply } from './replies.ts';
import type { Outcome } from './repeat.ts';

/** What the outcome of a call means for who asked. */

type Unknown = Extract<Answer<never>, { is: 'unknown' }>;

/** Of an event. 202 with their body is the only yes: a proxy's friendly page is none. */
export function sentEvent(outcome: Outcome, secret: string): Sent {
  if (outcome.is === 'none') return unsent(outcome);
  const { status, body } = outcome.reply;
  if (status >= 200 && status < 300) {
    const reply = EventReply.safeParse(body);
    if (reply.success && reply.data.status === 'success') return { is: 'accepted' };
    return unknown('unreadable', `an answer that is not PagerDuty's (${status})`);
  }
  const error = EventError.safeParse(body);
  const why = error.success ? [error.data.message, ...error.data.errors].filter((one) => one !== '').join('; ') : '';
  return { is: 'refused', kind: kindOf(status), because: because(status, why, secret) };
}

/** Of a request to REST that writes. */
export function sentNote(outcome: Outcome, secret: string): Sent {
  if (outcome.is === 'none') return unsent(outcome);
  const { status, body } = outcome.reply;
  if (status >= 200 && status < 300) return { is: 'accepted' };
  return { is: 'refused', kind: kindOf(status), because: because(status, apiWhy(body), secret) };
}

export function read<T>(outcome: Outcome, shape: z.ZodType<T>, secret: string): Answer<T> {
  if (outcome.is === 'none') return unknown(outcome.kind, outcome.because, outcome.retryAfterMs);
  const { status, body } = outcome.reply;
  if (status < 200 || status >= 300) return unknown(kindOf(status), because(status, apiWhy(body), secret));
  const parsed = shape.safeParse(body);
  if (parsed.success) return { is: 'read', value: parsed.data };
  const [first] = parsed.error.issues;
  return unknown(
    'unreadable',
    `an answer that I do not understand${first === undefined ? '' : ` (${first.path.join('.')})`}`,
  );
}

export const unknown = (kind: FailureKind, why: string, retryAfterMs: number | null = null): Unknown => ({
  is: 'unknown',
  kind,
  because: why,
  retryAfterMs,
});

function unsent({ kind, because: why, maybeDone, retryAfterMs }: Extract<Outcome, { is: 'none' }>): Sent {
  // Whoever sends elsewhere will do so again.
  if (kind === 'unreadable' && !maybeDone) return { is: 'refused', kind, because: why };
  return { is: maybeDone ? 'unknown' : 'not sent', kind, because: why, retryAfterMs };
}

function apiWhy(body: unknown): string {
  const error = ApiError.safeParse(body);
  if (!error.success) return '';
  const { message, errors } = error.data.error;
  return [message, ...errors].filter((one) => one !== '').join('; ');
}

/** Their words, should they ever repeat the key, without it. */
function because(status: number, why: string, secret: string): string {
  const said = redact(secret === '' ? why : why.replaceAll(secret, '[redacted: key]')).slice(0, 400);
  const known = WORDS[status] ?? `it answered ${status}`;
  return said === '' ? known : `${known}: ${said}`;
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'it does not accept the request (400)',
  401: 'it does not accept the token (401)',
  402: 'the account does not include it (402)',
  403: 'the token may not do this (403)',
  404: 'there is no such thing (404)',
  413: 'it was too large (413)',
};

function kindOf(status: number): FailureKind {
  switch (status) {
    case 401:
      return 'unauthorised';
    case 402:
    case 403:
      return 'forbidden';
    case 404:
      return 'not found';
    case 409:
      return 'conflict';
    default:
      return status < 400 ? 'unreadable' : 'invalid';
  }
}
