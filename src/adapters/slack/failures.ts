import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { Failure } from '../../core/failure.ts';
import type { FailureAbout, FailureKind } from '../../core/failure.ts';

/** Slack's errors as ours. Platform errors come with HTTP 200; only 429 and 5xx differ. */

/** `post`: could it have been carried out although it failed? Then a second try might say it twice. */
export function failureOf(error: unknown, method: string, post: boolean): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof WebAPIPlatformError) return platformFailure(error, method, post);
  if (error instanceof WebAPIRateLimitedError) {
    return new Failure('too many requests', `Slack asks to wait ${error.retryAfter} s (${method})`, {
      retryAfterMs: error.retryAfter * 1_000,
      cause: error,
    });
  }
  if (error instanceof WebAPIHTTPError) return httpFailure(error, method, post);
  return connectionFailure(error, method, post);
}

function httpFailure(error: WebAPIHTTPError, method: string, post: boolean): Failure {
  if (error.statusCode >= 500) {
    return new Failure('server error', `Slack answered ${error.statusCode} (${method})`, {
      maybeDone: post,
      cause: error,
    });
  }
  const kind: FailureKind =
    error.statusCode === 401 ? 'unauthorised' : error.statusCode === 403 ? 'forbidden' : 'unreadable';
  return new Failure(kind, `Slack answered HTTP ${error.statusCode} (${method})`, {
    maybeDone: post && kind === 'unreadable',
    cause: error,
  });
}

/** Not even begun: whoever was asked never got it. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
]);

function connectionFailure(error: unknown, method: string, post: boolean): Failure {
  const chain = [...causes(error)];
  if (chain.some((it) => it.name === 'TimeoutError' || it.name === 'AbortError')) {
    return new Failure('timeout', `Slack did not answer in time (${method})`, { maybeDone: post, cause: error });
  }
  // The SDK throws a plain Error for a 429 without a header.
  if (chain.some((it) => it.message.includes('Retry header did not contain a valid timeout'))) {
    return new Failure('too many requests', `Slack asks to wait, without saying how long (${method})`, {
      retryAfterMs: 30_000,
      cause: error,
    });
  }
  const code =
    chain
      .map((it) => ('code' in it && typeof it.code === 'string' ? it.code : ''))
      .find((it) => it !== '' && !it.startsWith('slack_')) ?? null;
  const never = code !== null && NEVER_SENT.has(code);
  if (chain.some((it) => it instanceof SyntaxError)) {
    return new Failure('unreadable', `Slack's answer is not JSON (${method})`, { maybeDone: post, cause: error });
  }
  return new Failure('unreachable', `no connection to Slack${code === null ? '' : `: ${code}`} (${method})`, {
    maybeDone: post && !never,
    cause: error,
  });
}

function* causes(error: unknown): Generator<Error> {
  let at: unknown = error;
  for (let depth = 0; depth < 6 && at instanceof Error; depth += 1) {
    yield at;
    if (at instanceof AggregateError && at.errors[0] instanceof Error) yield at.errors[0];
    at = at instanceof WebAPIRequestError ? at.original : at.cause;
  }
}

/** The third: what of Slack is concerned beside the one call. */
const KINDS: Readonly<Record<string, readonly [FailureKind, string, FailureAbout?]>> = {
  channel_not_found: [
    'forbidden',
    'the channel does not exist or the bot is not in it: type `/invite @mlp` there, or correct the channel in the config',
    'channel',
  ],
  not_in_channel: ['forbidden', 'the bot is not in this channel: type `/invite @mlp` there', 'channel'],
  is_archived: ['forbidden', 'the channel is archived: unarchive it, or give another one in the config', 'channel'],
  is_inactive: ['forbidden', 'the channel is frozen or archived: give another one in the config', 'channel'],
  user_not_in_channel: ['forbidden', 'this person is not in the channel, so nothing can be shown there only to them'],
  cannot_reply_to_message: ['forbidden', 'this message takes no replies'],
  cant_update_message: ['forbidden', "the message is not the bot's own"],
  edit_window_closed: ['forbidden', 'the workspace does not let messages be edited after this time'],
  message_not_found: ['not found', 'the message is not there any more'],
  thread_not_found: ['not found', 'the thread is not there any more', 'thread'],
  user_not_found: ['not found', 'there is no such person'],
  users_not_found: ['not found', 'there is no such person'],
  no_such_subteam: ['not found', 'there is no such user group: correct it in the config'],
  expired_trigger_id: ['gone', 'too late for a form: Slack allows three seconds'],
  exchanged_trigger_id: ['gone', 'the form was opened already'],
  invalid_trigger_id: ['gone', 'Slack does not know the click that the form is for'],
  invalid_auth: [
    'unauthorised',
    "Slack does not accept the bot's token: install the app again and set SLACK_BOT_TOKEN",
  ],
  not_authed: ['unauthorised', 'there is no token: set SLACK_BOT_TOKEN'],
  token_revoked: ['unauthorised', "the bot's token was revoked: install the app again and set SLACK_BOT_TOKEN"],
  token_expired: ['unauthorised', "the bot's token has expired: install the app again and set SLACK_BOT_TOKEN"],
  account_inactive: [
    'unauthorised',
    'the app was removed from the workspace: install it again and set SLACK_BOT_TOKEN',
  ],
  not_allowed_token_type: ['unauthorised', 'this is another kind of token: SLACK_BOT_TOKEN begins with xoxb-'],
  team_access_not_granted: ['forbidden', 'the app is not installed in this workspace'],
  ratelimited: ['too many requests', 'Slack asks to wait'],
  rate_limited: ['too many requests', 'Slack asks to wait'],
  message_limit_exceeded: ['too many requests', 'the workspace has posted too many messages'],
  internal_error: ['server error', 'Slack had an internal error'],
  fatal_error: ['server error', 'Slack had an internal error, and may have done part of it'],
  service_unavailable: ['server error', 'Slack is not available'],
  request_timeout: ['server error', 'Slack did not get the whole request'],
  hash_conflict: ['conflict', 'the view was changed in between'],
};
const WAIT_MS: Readonly<Record<string, number>> = {
  ratelimited: 5_000,
  rate_limited: 5_000,
  message_limit_exceeded: 60_000,
};
const MAYBE_DONE = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

function platformFailure(error: WebAPIPlatformError, method: string, post: boolean): Failure {
  const code = error.data.error;
  const [kind, sentence, about] = KINDS[code] ?? unusual(code, error);
  const wait = WAIT_MS[code];
  return new Failure(kind, `${sentence} (${method}: ${code})`, {
    maybeDone: post && MAYBE_DONE.has(code),
    ...(about === undefined ? {} : { about }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    cause: error,
  });
}

function unusual(code: string, error: WebAPIPlatformError): readonly [FailureKind, string, FailureAbout?] {
  // Of a thread: a new root would be restricted as well.
  if (code === 'restricted_action_thread_locked' || code === 'restricted_action_non_threadable_channel')
    return ['invalid', 'this channel or thread takes no replies: allow them in its settings'];
  if (code.startsWith('restricted_action'))
    return ['forbidden', 'the channel lets only some people post: allow the bot in its settings', 'channel'];
  const detail = error.data as { readonly needed?: unknown };
  if (code === 'missing_scope') {
    const needed = typeof detail.needed === 'string' ? detail.needed : 'a scope';
    return ['forbidden', `the app lacks ${needed}: update it from manifest.yml and install it again`];
  }
  const said = (error.data.response_metadata?.messages ?? []).map((it) => it.replace(/^\[(?:ERROR|WARN)\]\s*/, ''));
  return [
    'invalid',
    said.length === 0 ? 'Slack refused the request' : `Slack refused the request: ${said.slice(0, 5).join('; ')}`,
  ];
}

/** Slack's own word for it, where it is one: `msg_blocks_too_long`. */
export function slackCode(failure: Failure): string | null {
  return failure.cause instanceof WebAPIPlatformError ? failure.cause.data.error : null;
}
