import { redact } from '../redact.ts';
import { refusePerson } from '../policy.ts';
import { priorityOf } from '../render/priority.ts';
import type { Priority } from '../render/priority.ts';
import { code, say, user } from '../words.ts';
import { NOTHING, both, events, whisper } from './commands.ts';
import type { Decision, Facts, Outside, Rules } from './commands.ts';
import type { Event } from './events.ts';
import { silenceGone } from './handled.ts';
import type { Silence } from './handled.ts';
import { beginRound, unsettled } from './opening.ts';
import { decideDraftAsked } from './memory.ts';
import { decideCalled } from './paging.ts';
import type { Incident } from './state.ts';
import { plural } from '../plural.ts';

/** What people decide about an incident as such: how grave it is, who leads, when they want to hear of it again, and that it is over. */

export type Handling =
  | { readonly does: 'severity'; readonly to: Priority }
  | { readonly does: 'snooze'; readonly until: string | null }
  | { readonly does: 'assign'; readonly who: string }
  | { readonly does: 'status'; readonly text: string }
  /** Done already in Alertmanager, as is its end: `left` could not be ended. */
  | { readonly does: 'silence'; readonly silence: Omit<Silence, 'by' | 'at'> }
  | { readonly does: 'unsilence'; readonly left: Silence['made'] }
  | { readonly does: 'resolve'; readonly why: string }
  | { readonly does: 'reopen'; readonly why: string }
  | { readonly does: 'call'; readonly why: string }
  | { readonly does: 'postmortem' };

/** Any member may: each is said in the thread with a name, and can be taken back. */
export function decideHandling(
  state: Incident,
  { by, what }: Extract<Outside, { is: 'handle' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  if (state.openedAt === null) return NOTHING;
  if (what.does === 'call') return decideCalled(state, by, what.why, facts, rules);
  const stranger = refusePerson(facts.who ?? { known: false, why: 'not looked up' });
  if (stranger !== null) return whisper(by, say`${stranger}.`);
  if (what.does === 'postmortem') return decideDraftAsked(state, by);
  const noted = (text: string, whom?: string): Event => ({
    is: 'noted',
    who: by,
    what: text,
    said: true,
    ...(whom === undefined ? {} : { whom }),
  });
  if (what.does === 'resolve') return resolved(state, by, reason(what.why), facts);
  if (what.does === 'reopen') return reopened(state, by, reason(what.why), noted);
  if (what.does === 'silence') return silenced(by, what.silence, noted);
  if (what.does === 'unsilence') return unsilenced(state, by, what.left, noted);
  if (state.closed !== null)
    return whisper(by, say`It is closed: nothing was changed. "Reopen" or ${code('/mlp reopen')} opens it again.`);
  switch (what.does) {
    case 'severity':
      return severity(state, by, what.to, noted);
    case 'snooze':
      return snoozed(state, by, what.until, facts.at, noted);
    case 'assign':
      if (state.onIt === what.who) return whisper(by, say`${user(what.who)} leads already.`);
      return audited(by, `assigned to ${what.who}`, events({ is: 'on-it', who: what.who }, noted('gave it', what.who)));
    case 'status': {
      const text = redact(what.text).slice(0, 1_000);
      return audited(by, 'said its status', events({ is: 'status-said', text, by }, noted(`says: ${text}`)), text);
    }
  }
}

/** It is followed by words of ours: its full stop would be one too many. */
function reason(why: string): string {
  return redact(why).slice(0, 500).trim().replace(/\.+$/, '');
}

type Noted = (text: string, whom?: string) => Event;

function severity(state: Incident, by: string, to: Priority, noted: Noted): Decision {
  const was = priorityOf(state);
  if (state.severity?.is === to) return whisper(by, say`It is ${to} already, set by ${user(state.severity.by)}.`);
  const text = was === to ? `says that it is ${to}, as I see it` : `set the severity to ${to} (it was ${was})`;
  return audited(by, `severity ${to}`, events({ is: 'severity-set', to, by }, noted(text)));
}

function snoozed(state: Incident, by: string, until: string | null, at: string, noted: Noted): Decision {
  if (until === null) {
    if (state.snooze === null) return whisper(by, say`It is not snoozed.`);
    const ended = events({ is: 'snoozed', until: null, by }, noted('ended the snooze'));
    return audited(by, 'ended the snooze', ended);
  }
  if (until <= at) return whisper(by, say`That time is over already. Nothing was changed.`);
  const day = until.slice(0, 10) === at.slice(0, 10) ? '' : ` on ${until.slice(0, 10)}`;
  const text = `snoozed it until ${until.slice(11, 16)} UTC${day}: nobody is called before that, unless it becomes P0. I keep looking`;
  return audited(by, `snoozed until ${until}`, events({ is: 'snoozed', until, by }, noted(text)));
}

/** What is silent stays so however the incident stands: it is recorded of a closed one as well. */
function silenced(by: string, silence: Omit<Silence, 'by' | 'at'>, noted: Noted): Decision {
  const { until, reason, what, made } = silence;
  const ids = made.map((one) => `${one.source} ${one.id}`).join(', ');
  const text = `silenced its alerts in Alertmanager until ${until.slice(11, 16)} UTC on ${until.slice(0, 10)}: ${reason}`;
  return audited(
    by,
    `silenced ${what.join(' ')} until ${until} (${ids})`.slice(0, 1_000),
    events({ is: 'silenced', silence, by }, noted(text)),
    reason,
  );
}

function unsilenced(state: Incident, by: string, left: Silence['made'], noted: Noted): Decision {
  if (state.silence === null) return NOTHING;
  const { until, reason, what } = state.silence;
  const silence = left.length === 0 ? null : { until, reason, what, made: left };
  const text =
    left.length === 0
      ? 'ended the silence in Alertmanager: its alerts are heard again'
      : `ended part of the silence in Alertmanager: ${left.length} of ${state.silence.made.length} could not be ended`;
  return audited(by, 'ended its silence', events({ is: 'silenced', silence, by }, noted(text)), '/mlp silence end');
}

/** Somebody ended it there, or it ran out: the same is said, since who put it there waits for that. */
export function decideSilenceGone(state: Incident, ids: readonly string[]): Decision {
  if (state.silence === null) return NOTHING;
  const { by: _by, at: _at, ...silence } = state.silence;
  const made = silence.made.filter((one) => !ids.includes(one.id));
  if (made.length === silence.made.length) return NOTHING;
  if (made.length > 0) return events({ is: 'silenced', silence: { ...silence, made }, by: state.silence.by });
  return events(...silenceGone('The silence was ended in Alertmanager: its alerts are heard again'));
}

function reopened(state: Incident, by: string, why: string, noted: Noted): Decision {
  if (state.closed === null) return whisper(by, say`It is open already.`);
  const because = `asked for by a person${why === '' ? '' : `: ${why}`}`;
  return audited(
    by,
    'reopened',
    both(
      events({ is: 'reopened', because }, noted(`opened it again${why === '' ? '' : `: ${why}`}`)),
      beginRound({ ...state, closed: null }, 'asked'),
    ),
    why,
  );
}

/** A person says that it is over; what the bot still sees is said with it, so that nobody takes the word for a look. */
function resolved(state: Incident, by: string, why: string, facts: Facts): Decision {
  if (state.closed !== null) return whisper(by, say`It is closed already.`);
  if (unsettled(state))
    return whisper(by, say`A change is under way: it is followed to its end first. Nothing was closed.`);
  const still = Object.values(state.diagnoses).flatMap((one) =>
    state.worst[one.region] === undefined ? [] : one.findings.slice(0, 1).map((f) => `${one.region}: ${f.short}`),
  );
  const firing = Object.values(state.alerts).filter((one) => one.status === 'firing').length;
  const seen = [...still, ...(firing === 0 ? [] : [`${plural(firing, 'alert')} firing`])];
  const saw = seen.join('; ').slice(0, 400);
  const open = state.proposals
    .filter((one) => one.stage === 'open')
    .map((one): Event => ({
      is: 'ended',
      proposal: one.id,
      how: 'withdrawn',
      because: 'the incident was closed by hand',
      by,
    }));
  const beside = saw === '' ? '' : `. I still saw: ${saw}`;
  const word: Event = {
    is: 'noted',
    who: by,
    what: `closed it by hand${why === '' ? '' : `: ${why}`}${beside}`,
    said: true,
  };
  const closed: Event = { is: 'closed', how: 'closed by hand', audit: facts.auditHead, byHand: { by, why, saw } };
  return audited(by, 'closed by hand', events(word, ...open, closed), why);
}

function audited(who: string, what: string, decision: Decision, why = ''): Decision {
  return { ...decision, audit: [...decision.audit, { who, what, digest: null, why }] };
}
