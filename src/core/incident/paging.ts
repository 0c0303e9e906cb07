import { redact } from '../redact.ts';
import { refusePerson } from '../policy.ts';
import { phaseOf } from '../render/phase.ts';
import { priorityOf } from '../render/priority.ts';
import type { Priority } from '../render/priority.ts';
import { say } from '../words.ts';
import { NOTHING, both, events, later, whisper } from './commands.ts';
import type { Command, Decision, Facts, Outside, Rules } from './commands.ts';
import type { Escalation } from '../config/paging.ts';
import { coveredUntil } from './maintained.ts';
import { beginRound } from './opening.ts';
import { pagedWords } from './pages.ts';
import type { CalledPage } from './pages.ts';
import type { Event } from './events.ts';
import type { Incident } from './state.ts';

/** Whom an incident owes a call, and when: derived from its state alone, so that after a crash the same is owed. */

/** What the ids of pages begin with that a person asked for. */
const BY_HAND = 'asked/';

export interface OwedPage {
  readonly id: string;
  readonly route: string;
  readonly why: string;
  readonly severity: 'critical' | 'error' | 'warning';
  readonly priority: Priority;
  readonly dueAt: string;
}

/** What an alert says itself counts at once: the diagnosis may take longer than anybody should wait. */
export function urgency(state: Incident): Priority {
  const told = Object.values(state.alerts).some((one) => one.status === 'firing' && one.urgent === true);
  return told ? 'P0' : priorityOf(state);
}

/** Everything that is owed now or later; what was sent is owed no more. */
export function owedPages(state: Incident, at: string, rules: Rules): readonly OwedPage[] {
  const { escalation } = rules;
  if (escalation === undefined || state.openedAt === null || state.grouped?.joins === true) return [];
  const all = [
    ...asked(state, escalation),
    ...(state.closed === null && !isSpared(state, escalation) ? reasons(state, at, rules, escalation) : []),
  ];
  return all
    .filter((one) => !state.pages.some((page) => page.id === one.id))
    .map((one) =>
      one.priority === 'P0' || one.id.startsWith(BY_HAND) ? one : { ...one, dueAt: putOff(state, one, escalation) },
    );
}

/** Put off: whoever did that is to have his quiet, but for what is a region's end. */
function putOff(state: Incident, { id, priority, dueAt }: OwedPage, { duringMaintenance }: Escalation): string {
  const times = [dueAt, state.snooze?.until ?? dueAt];
  // What a change of the bot's own left behind is no part of anybody's maintenance.
  const own = id.startsWith('unknown/') || id.startsWith('verify/');
  if (!own && !duringMaintenance.includes(priority)) times.push(coveredUntil(state) ?? dueAt);
  return times.toSorted().at(-1) ?? dueAt;
}

const ASKS: ReadonlySet<string> = new Set(['waiting for approval', 'undo asked', 'needs a person', 'cannot see']);

/** Somebody is to answer in the chat, or was called and will read it there: while it takes no messages, nobody can. */
export function needsChat(state: Incident, at: string, rules: Rules): boolean {
  const { openedAt, closed, grouped, snooze, pages } = state;
  if (rules.escalation === undefined || openedAt === null || closed !== null || grouped?.joins === true) return false;
  if (isSpared(state, rules.escalation) || (snooze !== null && snooze.until > at)) return false;
  return ASKS.has(phaseOf(state, rules)) || pages.some((one) => one.outcome.is === 'accepted');
}

/** Nobody is ever called for these. */
function isSpared({ subject, worst }: Incident, { never }: Escalation): boolean {
  const { name = '' } = (typeof subject.target === 'object' && subject.target !== null ? subject.target : {}) as {
    name?: string;
  };
  const regions = Object.keys(worst).length > 0 ? Object.keys(worst) : subject.focus === null ? [] : [subject.focus];
  if (never.services.includes(name)) return true;
  return regions.length > 0 && regions.every((one) => never.regions.includes(one));
}

type PageFor = (id: string, why: string, dueAt: string, routes: readonly string[]) => readonly OwedPage[];

function pager(priority: Priority): PageFor {
  const severity = priority === 'P0' || priority === 'P1' ? 'critical' : priority === 'P2' ? 'error' : 'warning';
  return (id, why, dueAt, routes) =>
    routes.map((route) => ({ id: `${id}/${route}`, route, why, priority, severity, dueAt }));
}

function reasons(state: Incident, at: string, rules: Rules, escalation: Escalation): readonly OwedPage[] {
  const priority = urgency(state);
  const page = pager(priority);
  const opened = state.openedAt ?? at;
  const out: OwedPage[] = [...failed(state, at, escalation, page)];
  // One that says itself that it is P0 waits for no look.
  const wanted = priority === 'P0' || calls(state, rules);
  if (!wanted) return out;
  const routes = escalation.byPriority[priority].filter((one) => !isAnswered(state, priority, one));
  out.push(...page(priority, priority === 'P0' ? 'P0: at once' : priority, opened, routes));
  const { unacknowledged, unapproved } = escalation;
  if (state.onIt === null && !isAcked(state) && unacknowledged.priorities.includes(priority)) {
    const since = lastWord(state, opened);
    const why = `${priority}, and nobody took it in ${spanOf(unacknowledged.afterMs)}`;
    out.push(...page('unacknowledged', why, later(since, unacknowledged.afterMs), unacknowledged.page));
  }
  if (unapproved.priorities.includes(priority))
    for (const one of state.proposals.filter((each) => each.stage === 'open' && each.undoOf === null)) {
      const since = one.votes.at(-1)?.at ?? one.proposedAt;
      const why = `the ${one.offer.label} waits for an approval since ${since.slice(11, 16)} UTC`;
      out.push(...page(`unapproved/${one.id}`, why, later(since, unapproved.afterMs), unapproved.page));
    }
  return out;
}

/** What falls from P0 to P1 calls nobody again who was called for more, while somebody has it. */
function isAnswered(state: Incident, priority: Priority, route: string): boolean {
  const calledForMore = state.pages.some(
    ({ id, outcome }) => outcome.is === 'accepted' && /^P\d\//.test(id) && id < priority && id.slice(3) === route,
  );
  const hasIt = state.onIt !== null || isAcked(state) || state.pages.some((one) => one.told === 'acknowledged');
  return calledForMore && hasIt;
}

function spanOf(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

function isAcked({ pages }: Incident): boolean {
  return pages.some((one) => one.ackedBy !== null);
}

/** When somebody last answered: a vote or a word is an answer. */
function lastWord({ proposals, timeline }: Incident, opened: string): string {
  const words = timeline.filter((one) => one.who !== 'mlp-bot' && one.who !== PAGERDUTY).map((one) => one.at);
  const votes = proposals.flatMap((one) => one.votes.map((vote) => vote.at));
  return [opened, ...words, ...votes].toSorted().at(-1) ?? opened;
}

/** What was written and is not known to have helped. */
function failed({ proposals }: Incident, at: string, escalation: Escalation, page: PageFor): readonly OwedPage[] {
  return proposals.flatMap((one): readonly OwedPage[] => {
    const how = one.ended?.how;
    const name = one.undoOf === null ? one.offer.label : 'undo';
    const { unknown, verifyFailed, undoFailed } = escalation;
    const isUndo = one.undoOf !== null;
    // What was refused was surely not made.
    if (how === 'failed' && one.attempt?.outcome?.is === 'failed')
      return page(
        `verify/${one.id}`,
        `the ${name} failed: ${one.ended?.because ?? ''}`,
        at,
        isUndo ? undoFailed : verifyFailed,
      );
    if (how === 'failed' && one.attempts > 0)
      return page(
        `unknown/${one.id}`,
        `whether the ${name} was done is not known: ${one.ended?.because ?? ''}`,
        at,
        isUndo ? undoFailed : unknown,
      );
    if ((how === 'not verified' && one.ended?.by === null) || how === 'made worse') {
      const why = how === 'made worse' ? `the ${name} made it worse` : `the ${name} did not bring it back`;
      return page(`verify/${one.id}`, why, at, isUndo ? undoFailed : verifyFailed);
    }
    return [];
  });
}

/** A person is wanted, and users are hurt or not known to be well: nobody is woken for a rollout that is merely slow. */
function calls(state: Incident, rules: Rules): boolean {
  const phase = phaseOf(state, rules);
  if (phase !== 'needs a person' && phase !== 'cannot see' && phase !== 'waiting for approval') return false;
  const own = Object.keys(state.worst).map((region) => state.diagnoses[region]);
  return own.some(
    (one) => one !== undefined && (one.dark || one.impact.level === 'hurt' || one.impact.level === 'not known'),
  );
}

function asked({ calls: all }: Incident, { byHand }: Escalation): readonly OwedPage[] {
  return all.flatMap(({ at, by, why }, index) =>
    pager('P1')(`${BY_HAND}${index + 1}`, why === '' ? `asked for by ${by}` : why, at, byHand),
  );
}

export type OwedWords =
  | { readonly is: 'acknowledge' | 'resolve' | 'read'; readonly page: CalledPage }
  | { readonly is: 'note'; readonly page: CalledPage; readonly text: string; readonly notes: number };

/**
 * One fault, one page: the dedup key of whoever pages for the same alert group (Alertmanager's own receiver has the SHA-256 of its group
 * key); of an incident without one its own. The group that opened it stays the key, whatever comes later. What a person asks for has a key
 * for itself: their side tells nobody again of what is open there.
 */
export function pageKey(state: Incident, id: string): string {
  const own = `mlp-bot/${state.key}/${state.openedAt ?? ''}`;
  if (id.startsWith(BY_HAND)) return `${own.slice(0, 240)}/${id.split('/').slice(0, 2).join('/')}`;
  const before = state.pages.filter((one) => !one.id.startsWith(BY_HAND));
  const sent = before.flatMap((one) => (one.outcome.is === 'accepted' ? [one.outcome.key] : []))[0];
  if (sent !== undefined) return sent;
  const first = Object.values(state.alerts).find((one) => one.group !== undefined);
  return first?.group ?? own.slice(0, 255);
}

/** What their side is owed: to know that somebody is on it, that it is over, and what people wrote. */
export function owedWords(state: Incident): readonly OwedWords[] {
  return state.pages.flatMap((page) => {
    if (page.outcome.is !== 'accepted') return [];
    const out: OwedWords[] = [];
    if (page.reached === null) out.push({ is: 'read', page });
    if (state.closed !== null && page.told !== 'resolved') out.push({ is: 'resolve', page });
    else if (state.onIt !== null && state.onIt !== page.led && page.ackedBy === null && page.told === 'nothing')
      out.push({ is: 'acknowledge', page });
    const fresh = state.timeline.slice(page.notes).filter((one) => one.who !== 'mlp-bot' && one.who !== PAGERDUTY);
    if (page.incident !== null && fresh.length > 0) {
      const text = fresh.map((one) => `${one.at.slice(11, 16)} UTC, from Slack: ${one.what}`).join('\n');
      out.push({ is: 'note', page, text: text.slice(0, 20_000), notes: state.timeline.length });
    }
    return out;
  });
}

/** Who stands behind a line of the timeline that came from there: it does not go back. */
export const PAGERDUTY = 'pagerduty';

/** What happened on their side. */
export function decidePagedEvent(state: Incident, { event }: Extract<Outside, { is: 'paged-event' }>): Decision {
  if (state.openedAt === null) return NOTHING;
  const { by, what } = event;
  const words = pagedWords(by, what);
  // What we told them ourselves comes back from a machine.
  if (words === null || (by.is === 'machine' && (what.does === 'acknowledged' || what.does === 'resolved')))
    return NOTHING;
  const noted: Event = { is: 'noted', who: PAGERDUTY, what: redact(words).slice(0, 1_000) };
  if (state.closed !== null) return events(noted);
  if (what.does === 'acknowledged' && by.is === 'person') {
    const { name, chatId } = by.who;
    const takes: readonly Event[] = state.onIt === null && chatId !== null ? [{ is: 'on-it', who: chatId }] : [];
    const { key, id: incident } = event.incident;
    const as = chatId === null ? {} : { as: chatId };
    const acked: Event = { is: 'page-acked', by: name, ...as, ...(key === null ? {} : { key }), incident };
    return events(noted, acked, ...takes);
  }
  if (what.does === 'resolved' && what.mergedInto === null) return both(events(noted), beginRound(state, 'asked'));
  return events(noted);
}

/** Somebody wants a person. Anybody in the workspace may ask for help. */
export function decideCalled(state: Incident, by: string, why: string, facts: Facts, rules: Rules): Decision {
  const stranger = facts.who?.known === true ? refusePerson(facts.who) : null;
  if (stranger !== null) return whisper(by, say`${stranger}.`);
  if (rules.escalation === undefined || rules.escalation.byHand.length === 0)
    return whisper(
      by,
      say`No way to call people is configured here (\`escalation.byHand\` in the config). Nobody was called: mention them.`,
    );
  const open = state.calls.findLastIndex((one) => one.at > later(facts.at, -60_000));
  if (open >= 0) return whisper(by, say`Somebody was asked for within the last minute: see the thread.`);
  const reason = redact(why).slice(0, 500);
  return {
    ...both(
      events({ is: 'called', by, why: reason }),
      whisper(by, say`I call somebody. The thread says who was reached.`),
    ),
    audit: [{ who: by, what: 'asked for a person', digest: null, why: reason }],
  };
}

export function decidePages(
  state: Incident,
  command: Extract<Command, { is: 'paged' | 'page-trouble' | 'page-reached' | 'page-told' | 'page-noted' }>,
): Decision {
  if (state.openedAt === null) return NOTHING;
  const known = state.pages.find((one) => one.id === command.page);
  switch (command.is) {
    case 'paged':
      if (known !== undefined) return NOTHING;
      return {
        ...events(command),
        audit: [
          { who: 'mlp-bot', what: `page ${command.page}: ${command.outcome.is}`, digest: null, why: command.why },
        ],
      };
    case 'page-trouble': {
      // The second is counted: then another way is taken. After that only news is.
      const before = state.pageTroubles[command.page];
      return before?.because === command.because && (before.tries ?? 1) > 1 ? NOTHING : events(command);
    }
    case 'page-reached':
      return known === undefined || known.reached !== null ? NOTHING : events(command);
    case 'page-told':
      return known === undefined || known.told === command.told ? NOTHING : events(command);
    case 'page-noted':
      return known === undefined || known.notes >= command.notes ? NOTHING : events(command);
  }
}
