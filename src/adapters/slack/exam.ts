import { z } from 'zod';
import { Failure } from '../../core/failure.ts';
import type { ChatExam } from '../../core/ports/exam.ts';
import type { Calls } from './client.ts';
import { METHODS } from './client.ts';

/** What each scope is for, in the words of who would miss it. manifest.yml asks for these and no more. */
export const SCOPES: Readonly<Record<string, string>> = {
  'app_mentions:read': '@mlp in threads',
  'channels:history': 'finding its own posts again',
  'channels:read': 'seeing whether it is in a channel',
  'chat:write': 'posting at all',
  commands: '/mlp',
  'files:read': 'seeing whether a file has arrived',
  'files:write': 'charts, and what is too long for a message',
  'groups:history': 'the same in private channels',
  'groups:read': 'seeing whether it is in a private channel',
  'usergroups:read': 'who may approve',
  'users:read': 'who is a guest, and names',
  'users:read.email': 'who in PagerDuty is who here',
};
/** Of scopes that code has come to need and nobody has described. */
const wanted = [...new Set([...Object.keys(SCOPES), ...Object.values(METHODS).flat()])].toSorted();

const Answer = z.union([
  z.object({ ok: z.literal(true), user: z.string().default(''), team: z.string().default('') }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);
const channelInfo = z.object({
  channel: z.object({
    name: z.string().optional(),
    is_member: z.boolean().default(false),
    is_archived: z.boolean().default(false),
  }),
});

/** The SDK shows no headers, and these hold what was granted and what Slack's clock shows: this one call is made without it. */
export function slackExam(
  { token, apiUrl }: { readonly token: string; readonly apiUrl: string },
  calls: Calls,
  members: (group: string) => Promise<readonly string[]>,
): ChatExam {
  return {
    needs: wanted.map((scope) => ({ scope, what: SCOPES[scope] ?? 'a part of what it does' })),
    members,
    async signIn(limitMs) {
      const { headers, body } = await authTest(token, apiUrl, limitMs);
      const answer = Answer.safeParse(body);
      if (!answer.success) throw new Failure('unreadable', "Slack's answer is not one of its API (auth.test)");
      // Whatever it refuses here is about the token: there is nothing else to it.
      if (!answer.data.ok) throw new Failure('unauthorised', `Slack refuses to sign the bot in (${answer.data.error})`);
      const { user, team } = answer.data;
      const granted = headers.get('x-oauth-scopes');
      const at = Date.parse(headers.get('date') ?? '');
      return {
        words: `${user} in ${team}`,
        scopes: granted === null ? null : granted.split(/\s*,\s*/).filter((one) => one !== ''),
        clock: Number.isNaN(at) ? null : new Date(at).toISOString(),
      };
    },
    async channel(id) {
      const { channel } = await calls.call('people', 'conversations.info', { channel: id }, channelInfo);
      return { name: channel.name ?? id, member: channel.is_member, archived: channel.is_archived };
    },
  };
}

async function authTest(
  token: string,
  apiUrl: string,
  limitMs: number,
): Promise<{ readonly headers: Headers; readonly body: unknown }> {
  try {
    const response = await fetch(`${apiUrl.replace(/\/*$/, '')}/auth.test`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
      redirect: 'error', // a redirect would carry the token elsewhere
      signal: AbortSignal.timeout(limitMs),
    });
    if (response.status === 429) throw new Failure('too many requests', 'Slack takes no more calls just now');
    if (response.status >= 500) throw new Failure('server error', `Slack answered ${response.status}`);
    return { headers: response.headers, body: await response.json() };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    throw new Failure(
      isLate ? 'timeout' : 'unreachable',
      isLate ? `Slack: no answer within ${limitMs} ms` : 'Slack cannot be reached',
      { cause: error },
    );
  }
}
