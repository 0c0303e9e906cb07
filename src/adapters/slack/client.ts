import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { Log } from '../../core/ports/log.ts';
import { failureOf } from './failures.ts';
import { sdkLogger } from './sdk-logger.ts';

/** Every method of Slack's Web API that the bot calls, with the bot scopes that it needs. manifest.yml asks for these and no more. */
export const METHODS = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'conversations.join': ['channels:join'],
  'conversations.info': ['channels:read', 'groups:read'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'files.info': ['files:read'],
  'users.info': ['users:read'],
  'users.lookupByEmail': ['users:read.email'],
  'usergroups.users.list': ['usergroups:read'],
  'views.open': [],
  'views.publish': [],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type Method = keyof typeof METHODS;

/**
 * Calls wait only for calls of their own kind: a click must not queue behind posts, nor a look-up of an approver behind both.
 * `click`: within Slack's three seconds.
 */
export type Lane = 'click' | 'people' | 'bulk';

export interface Calls {
  /** One try within the lane's time limit. Throws a Failure. `posts`: not to be repeated blindly. */
  call<S extends z.ZodType>(
    lane: Lane,
    method: Method,
    args: Readonly<Record<string, unknown>>,
    answer: S,
    options?: { readonly posts?: boolean },
  ): Promise<z.infer<S>>;
  /** How the last call ended; null before the first. */
  last(): { readonly at: number; readonly failure: Failure | null } | null;
}

export interface ClientOptions {
  readonly token: string;
  /** `https://slack.com/api/`, or a stand-in's. */
  readonly apiUrl: string;
  readonly log: Log;
  readonly limitsMs: Readonly<Record<Lane, number>>;
}
export const LIMITS_MS: Readonly<Record<Lane, number>> = { click: 2_500, people: 5_000, bulk: 5_000 };

export function connect(options: ClientOptions): Calls {
  const clients = { click: client(options, 'click'), people: client(options, 'people'), bulk: client(options, 'bulk') };
  let last: { at: number; failure: Failure | null } | null = null;
  return {
    last: () => last,
    async call(lane, method, args, answer, { posts = false } = {}) {
      try {
        const got = answer.safeParse(await clients[lane].apiCall(method, args));
        last = { at: Date.now(), failure: null };
        if (got.success) return got.data;
        throw new Failure('unreadable', `Slack's answer lacks what is expected (${method}: ${issues(got.error)})`, {
          maybeDone: posts,
        });
      } catch (error) {
        const failure = failureOf(error, method, posts);
        // An answer, even a refusal, shows that Slack is there.
        last = {
          at: Date.now(),
          failure: ['unreachable', 'timeout', 'server error', 'unauthorised'].includes(failure.kind) ? failure : null,
        };
        throw failure;
      }
    },
  };
}

function client({ token, apiUrl, log, limitsMs }: ClientOptions, lane: Lane): WebClient {
  return new WebClient(token, {
    slackApiUrl: apiUrl,
    // The SDK would repeat a post after a 5xx or a timeout, and stop a whole queue for one 429.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: limitsMs[lane],
    allowAbsoluteUrls: false,
    logger: sdkLogger(log),
  });
}

function issues(error: z.ZodError): string {
  return error.issues.map((issue) => issue.path.join('.')).join(', ');
}
