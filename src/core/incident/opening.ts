import { NOTHING, both, events, later, whisper } from './commands.ts';
import type { Decision, Facts, Outside, Rules } from './commands.ts';
import type { Offer } from '../diagnosis.ts';
import type { Event, Subject } from './events.ts';
import { canonical } from '../json.ts';
import { refusePerson } from '../policy.ts';
import { flapping } from './flapping.ts';
import { isNews } from './news.ts';
import { openStorm, wayOf } from './storming.ts';
import { better } from './switching.ts';
import { clock, link, say } from '../words.ts';
import type { Words } from '../words.ts';
import { next } from './state.ts';
import type { Incident } from './state.ts';

/** Alerts and questions: how a thread begins, and what makes it look again. */

/** Alerts that begin to fire make a thread look again, but not more often than this (ms). */
export const LOOK_AGAIN_MS = 10_000;

export function decideAlert(
  state: Incident,
  command: Extract<Outside, { is: 'alert' }>,
  at: string,
  rules: Rules,
): Decision {
  const { alert, subject, channel, key } = command;
  if (state.openedAt === null) {
    // A resolved alert that we never saw firing is no reason to start.
    if (alert.status === 'resolved') return NOTHING;
    if (command.storm !== undefined) return openStorm(command);
    return events(
      { is: 'opened', by: { is: 'alert', name: alert.name }, subject, channel, key, question: false },
      { is: 'alerted', alert },
      { is: 'round-began', round: 1, why: `alert ${alert.name}`, subject },
    );
  }
  const known = state.alerts[alert.fingerprint];
  if (!isNews(known, alert, state.resolvedAt[alert.fingerprint] ?? null, at)) return NOTHING;
  const seen: Event =
    state.storm === null ? { is: 'alerted', alert } : { is: 'held', alerts: [{ alert, way: wayOf(command) }] };
  if (state.closed !== null) {
    if (alert.status === 'resolved') return events(seen);
    return both(
      events(seen, { is: 'reopened', because: `${alert.name} fires again` }),
      roundFor({ ...state, closed: null }, fitting(state, subject, 'alert'), `alert ${alert.name}`),
    );
  }
  // It is looked at as any open incident is: one more turn of it says nothing new.
  if (flapping(next(state, seen, at), at, rules) !== null) return events(seen);
  const { status, name } = alert;
  const about = fitting(state, subject, status === 'firing' ? 'alert' : 'resolved');
  const why = status === 'resolved' ? `${name} resolved: looking again` : `alert ${name}`;
  return both(events(seen), status === 'firing' && answered(state, about, at) ? NOTHING : roundFor(state, about, why));
}

/** A fault's alerts come one after the other, and each would be answered the same: once for all of them, a little later, it is looked again. */
export function answered({ round, subject }: Incident, about: Subject, at: string): boolean {
  const last = round?.finishedAt ?? null;
  return last !== null && about.playbook === subject.playbook && later(last, LOOK_AGAIN_MS) > at;
}

export function decideAsk(state: Incident, command: Extract<Outside, { is: 'ask' }>, facts: Facts): Decision {
  const { by, subject, channel, key } = command;
  // What it finds may call the people on call. A look harms nothing, so a failed look-up of who asks keeps nobody from it.
  const stranger = facts.who?.known === true ? refusePerson(facts.who) : null;
  if (stranger !== null) return whisper(by, say`Not done: ${stranger}. What I find may call people: ask a member.`);
  if (state.openedAt === null) {
    return events(
      { is: 'opened', by: { is: 'person', id: by }, subject, channel, key, question: true },
      { is: 'round-began', round: 1, why: 'asked', subject },
    );
  }
  // A change under way is seen through with what it was found by.
  const asked = busy(state) ? state.subject : better(state, subject, 'person');
  const again = askAgain(state, by, asked);
  const how = asked.playbook === state.subject.playbook ? '' : `, with ${asked.playbook}`;
  return again.whispers.length > 0
    ? again
    : both(
        again,
        whisper(by, say`${itsName(state, facts)} is open for this already: I look again in its thread${how}.`),
      );
}

/** What one of a storm's alerts would be looked at with is no question of the storm. */
function fitting(state: Incident, subject: Subject, from: 'alert' | 'resolved'): Subject {
  return state.storm === null ? better(state, subject, from) : state.subject;
}

/** "INC-7", as a link where one is known. */
function itsName({ number }: Incident, { link: url = null }: Facts): Words {
  const name = number === null ? 'A thread' : `INC-${number}`;
  return url === null ? say`${name}` : [link(url, name)];
}

/** A fresh look that the thread says who asked for; who asks while one is under way is told so. */
export function askAgain(state: Incident, who: string, subject: Subject = state.subject): Decision {
  const reopened: Event[] = state.closed === null ? [] : [{ is: 'reopened', because: 'asked again' }];
  const fresh = subject === state.subject ? beginRound(state, 'asked') : roundFor(state, subject, 'asked');
  if (fresh.events.length > 0)
    return both(events(...reopened, { is: 'asked', who, round: (state.round?.number ?? 0) + 1 }), fresh);
  const from = state.round === null ? say`` : say`, since ${clock(state.round.at)}`;
  return both(
    events(...reopened, { is: 'asked', who }),
    whisper(who, say`I am looking already${from}: the answer appears in the thread.`),
  );
}

/** What another incident saw on its way is looked at by a thread of its own; one that is open knows it already. */
export function decideFound(state: Incident, command: Extract<Outside, { is: 'found' }>): Decision {
  const { by, subject, channel, key } = command;
  if (state.openedAt !== null) return NOTHING;
  const why = by === null ? 'seen by another incident' : `seen by INC-${by}`;
  return events(
    { is: 'opened', by: { is: 'incident', number: by }, subject, channel, key, question: true },
    { is: 'round-began', round: 1, why, subject },
  );
}

/** Why a round began: the target changed, so what was seen before that is no answer. */
export const OUT_OF_DATE = 'the plan was out of date';

/** A new round, unless one is under way or a change is: that one will tell. Another playbook does not wait for the round of this one. */
export function roundFor(state: Incident, subject: Subject, why: string): Decision {
  if (busy(state)) return NOTHING;
  const other = subject.playbook !== state.subject.playbook;
  return other ? events(began(state, subject, why)) : beginRound(state, why);
}

export function beginRound(state: Incident, why: string): Decision {
  // A round that was stopped will not finish.
  if (state.round !== null && state.round.finishedAt === null && state.stopped === null) return NOTHING;
  return events(began(state, state.subject, why));
}

function began(state: Incident, subject: Subject, why: string): Event {
  return { is: 'round-began', round: (state.round?.number ?? 0) + 1, why, subject };
}

/** A change is under way: granted, acting, or being verified. */
export function busy(state: Incident): boolean {
  return state.proposals.some((one) => one.stage === 'granted' || one.stage === 'acting' || one.stage === 'watching');
}

/** Nobody may close it now: a change is under way, or one is about to be taken back, which may need no click. */
export function unsettled(state: Incident): boolean {
  return busy(state) || state.undoAsked.length > 0;
}

/** The same offer, made at another look: its remedy says by what, where the whole plan takes something from the moment. */
export function sameOffer(a: Offer, b: Offer): boolean {
  return a.remedy === b.remedy && canonical(a.same ?? a.plan) === canonical(b.same ?? b.plan);
}
