import { redact } from '../redact.ts';
import { refusePerson } from '../policy.ts';
import type { Priority } from '../render/priority.ts';
import { say } from '../words.ts';
import { NOTHING, both, events, whisper } from './commands.ts';
import type { Decision, Facts, Outside, Rules } from './commands.ts';
import type { Event } from './events.ts';
import { beginRound, busy } from './opening.ts';
import { decideCalled } from './paging.ts';
import type { Incident } from './state.ts';

/** What people decide about an incident as such: how grave it is, who leads, when they want to hear of it again, and that it is over. */

export type Handling =
  | { readonly does: 'severity'; readonly to: Priority }
  | { readonly does: 'snooze'; readonly until: string | null }
  | { readonly does: 'assign'; readonly who: string }
  | { readonly does: 'status'; readonly text: string }
  | { readonly does: 'resolve'; readonly why: string }
  | { readonly does: 'reopen'; readonly why: string }
  | { readonly does: 'call'; readonly why: string };

/** Any member may: each is said in the thread with a name, and can be taken back. */
export function decideHandling(
  state: Incident,
  { by, what }: Extract<Outside, { is: 'handle' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  if (state.openedAt === null) return NOTHING;
  const stranger = refusePerson(facts.who ?? { known: false, why: 'not looked up' });
  if (what.does === 'call') return decideCalled(state, by, what.why, facts, rules);
  if (stranger !== null) return whisper(by, say`${stranger}.`);
  const noted = (text: string): Event => ({ is: 'noted', who: by, what: text });
  switch (what.does) {
    case 'severity':
      return audited(
        by,
        `severity ${what.to}`,
        events({ is: 'severity-set', to: what.to, by }, noted(`set the severity to ${what.to}`)),
      );
    case 'snooze':
      return what.until === null
        ? events({ is: 'snoozed', until: null, by }, noted('ended the snooze'))
        : events(
            { is: 'snoozed', until: what.until, by },
            noted(
              `snoozed it until ${what.until.slice(11, 16)} UTC: nobody is called for it until then, I keep looking`,
            ),
          );
    case 'assign':
      return audited(
        by,
        `assigned to ${what.who}`,
        events({ is: 'on-it', who: what.who }, noted(`gave it to <@${what.who}>`)),
      );
    case 'status': {
      const text = redact(what.text).slice(0, 1_000);
      return events({ is: 'status-said', text, by }, noted(`status: ${text}`));
    }
    case 'resolve':
      return resolved(state, by, redact(what.why).slice(0, 500), facts);
    case 'reopen':
      if (state.closed === null) return whisper(by, say`It is open already.`);
      return both(
        events(
          { is: 'reopened', because: `asked for by a person${what.why === '' ? '' : `: ${what.why}`}` },
          noted('opened it again'),
        ),
        beginRound({ ...state, closed: null }, 'asked'),
      );
  }
}

/** A person says that it is over; what the bot still sees is said with it, so that nobody takes the word for a look. */
function resolved(state: Incident, by: string, why: string, facts: Facts): Decision {
  if (state.closed !== null) return whisper(by, say`It is closed already.`);
  if (busy(state)) return whisper(by, say`A change is under way: it is followed to its end first. Nothing was closed.`);
  const still = Object.values(state.diagnoses).flatMap((one) =>
    state.worst[one.region] === undefined ? [] : one.findings.slice(0, 1).map((f) => `${one.region}: ${f.short}`),
  );
  const firing = Object.values(state.alerts).filter((one) => one.status === 'firing').length;
  const seen = [...still, ...(firing === 0 ? [] : [`${firing} alert${firing === 1 ? '' : 's'} firing`])];
  const beside = seen.length === 0 ? '' : ` I still saw: ${seen.join('; ')}`;
  const open = state.proposals
    .filter((one) => one.stage === 'open')
    .map((one): Event => ({
      is: 'ended',
      proposal: one.id,
      how: 'withdrawn',
      because: 'the incident was closed by hand',
      by,
    }));
  const word: Event = { is: 'noted', who: by, what: `closed it by hand${why === '' ? '' : `: ${why}`}.${beside}` };
  return audited(
    by,
    'closed by hand',
    events(word, ...open, { is: 'closed', how: 'closed by hand', audit: facts.auditHead }),
    why,
  );
}

function audited(who: string, what: string, decision: Decision, why = ''): Decision {
  return { ...decision, audit: [...decision.audit, { who, what, digest: null, why }] };
}
