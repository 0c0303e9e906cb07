import { judgeClock, noClock } from '../../core/doctor/clocks.ts';
import { bad, ok, unknown, warn } from '../../core/doctor/line.ts';
import type { Line } from '../../core/doctor/line.ts';
import { judgeScopes } from '../../core/doctor/scopes.ts';
import { Failure, whyOf } from '../../core/failure.ts';
import type { Probe } from './examine.ts';
import type { DoctorParts } from './parts.ts';

/** Slack: is the token good, what does it allow, is the bot where it posts, is there anybody who may approve. */

const LIMIT_MS = 8_000;

export function chatProbes({ chat, config, clock }: DoctorParts): readonly Probe[] {
  const each = <T>(all: readonly T[], ask: (one: T) => Promise<Line>): Promise<readonly Line[]> =>
    Promise.all(all.map(ask));
  return [
    { what: 'Slack', withinMs: LIMIT_MS + 1_000, ask: () => signIn(chat, config.skewMs, () => clock.now()) },
    {
      what: 'Slack: groups',
      withinMs: LIMIT_MS,
      ask: () => each(config.groups, ({ id, name }) => groupLine(name, () => chat.members(id))),
    },
    {
      what: 'Slack: channels',
      withinMs: LIMIT_MS,
      ask: () => each(config.channels, (id) => channelLine(id, () => chat.channel(id))),
    },
  ];
}

async function signIn(chat: DoctorParts['chat'], skewMs: number, now: () => number): Promise<readonly Line[]> {
  const askedAt = now();
  try {
    const { words, scopes, clock } = await chat.signIn(LIMIT_MS);
    const answeredAt = now();
    return [
      ok('Slack', `${words}, answers in ${Math.round(answeredAt - askedAt)} ms`),
      judgeScopes(chat.needs, scopes),
      clock === null
        ? noClock('Slack', 'it does not show one')
        : judgeClock(
            'Slack',
            { askedAt, answeredAt, shown: Date.parse(clock), grain: 1_000 },
            // Signatures of HTTP mode are good for five minutes; nothing else hangs on it.
            { skewMs, tooMuch: 'warn' },
          ),
    ];
  } catch (error) {
    const refused = error instanceof Failure && error.kind === 'unauthorised';
    return [
      refused
        ? bad('Slack', whyOf(error), 'check SLACK_BOT_TOKEN and that the app is installed (manifest.yml)')
        : unknown(
            'Slack',
            whyOf(error),
            'see whether Slack is reached from here (SLACK_API_URL, a proxy, status.slack.com)',
          ),
    ];
  }
}

async function channelLine(id: string, ask: () => ReturnType<DoctorParts['chat']['channel']>): Promise<Line> {
  const what = `channel ${id}`;
  try {
    const { name, member, archived } = await ask();
    if (archived)
      return bad(what, `#${name} is archived`, 'unarchive it, or write the id of another one into the config');
    return member
      ? ok(what, `#${name}: the bot is in it`)
      : bad(what, `the bot is not in #${name}`, 'type there: /invite @mlp');
  } catch (error) {
    const todo =
      'a private channel must have the bot invited first (/invite @mlp); else correct the id, or update the app from manifest.yml';
    return passing(error) ? unknown(what, whyOf(error), later(error)) : bad(what, whyOf(error), todo);
  }
}

async function groupLine(name: string, ask: () => Promise<readonly string[]>): Promise<Line> {
  const what = `group ${name}`;
  try {
    const { length } = await ask();
    if (length === 0)
      return bad(
        what,
        'nobody is in it: nobody could approve',
        'add people in Slack, or name another group in `approvals`',
      );
    return length === 1
      ? warn(what, 'one person', 'add a second one: where two are asked for, nothing could be approved')
      : ok(what, `${length} people`);
  } catch (error) {
    const todo = 'correct the group id in `approvals` (S…), and the scope usergroups:read';
    return passing(error) ? unknown(what, whyOf(error), later(error)) : bad(what, whyOf(error), todo);
  }
}

function later(error: unknown): string {
  return error instanceof Failure && error.kind === 'unauthorised' ? 'see what is said of Slack itself' : 'ask again';
}

function passing(error: unknown): boolean {
  return (
    error instanceof Failure &&
    ['unreachable', 'timeout', 'server error', 'too many requests', 'unauthorised'].includes(error.kind)
  );
}
