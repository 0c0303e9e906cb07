import type { Ask } from './asks.ts';
import type { Sights } from './belonging.ts';
import type { AlertSeen, Event } from './events.ts';
import { causeOf, nextStage } from './proposal.ts';
import type { Proposal, ProposalEvent } from './proposal.ts';
import { charted, type Charted } from './charts.ts';
import { changed } from './changes.ts';
import type { Change } from './changes.ts';
import { judgedBy, judgement } from './judging.ts';
import { EVENTFUL, eventful, takenOver } from './told.ts';
import type { Eventful } from './told.ts';
import { recorded } from './record.ts';
import type { RegionRecord } from './record.ts';
import { nextRound } from './rounds.ts';
import { NO_MEMORY, isMemoryEvent, nextMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import { UNHANDLED, closedAs, isHandledEvent, nextHandled, notedAs } from './handled.ts';
import type { Closed, Handled, Noted } from './handled.ts';
import { NOBODY_CALLED, isPageEvent, nextPages } from './pages.ts';
import type { Called } from './pages.ts';
import { isStormEvent, nextStorm, stormOf } from './storm.ts';
import { heard } from './news.ts';
import type { Grouped, Storm } from './storm.ts';

/** The state of a thread: the fold of its events. `next` is the only place where it changes. */

export type { Attempt, Part, Proposal, Watch } from './proposal.ts';

export interface Round {
  readonly number: number;
  readonly why: string;
  readonly at: string;
  /** Regions that have not answered yet. */
  readonly awaiting: readonly string[];
  readonly finishedAt: string | null;
}

export interface Incident extends Sights, Eventful, Called, Handled, Memory {
  readonly openedAt: string | null;
  readonly number: number | null;
  readonly key: string;
  readonly channel: string;
  /** A person asked and nothing was found so far. */
  readonly question: boolean;
  readonly alerts: Readonly<Record<string, AlertSeen>>;
  /** When each alert was last reported as over, by fingerprint. */
  readonly resolvedAt: Readonly<Record<string, string>>;
  /** When an alert last began to fire here; null: none did. */
  readonly heardAt: string | null;
  /** Many workloads of one region alert at once, and this thread has them; null: it is about one fault. */
  readonly storm: Storm | null;
  /** Another incident asked it to become part of it; null: none did. */
  readonly grouped: Grouped | null;
  readonly round: Round | null;
  /** The first look took so long that the thread said so. */
  readonly firstLookSlow: boolean;
  /** What it was over all looks, per region. */
  readonly record: Readonly<Record<string, RegionRecord>>;
  readonly evidence: Readonly<Record<string, string>>;
  /** Of each cause in each region, once. */
  readonly charts: readonly Charted[];
  readonly notOffered: readonly {
    readonly region: string;
    readonly remedy: string;
    readonly because: string;
    readonly round: number;
  }[];
  readonly proposals: readonly Proposal[];
  /** What people asked for by command, oldest first. */
  readonly changes: readonly Change[];
  /** Proposals whose undo was asked for and is not prepared yet. */
  readonly undoAsked: readonly string[];
  /** Acts that somebody else has taken back, or changed again: seen when their undo was asked for. */
  readonly gone: readonly string[];
  /** Acts whose undo a closed thread offers no more. */
  readonly undoOver: readonly string[];
  /** Temporary changes whose owner was reminded, and when. */
  readonly reminded: Readonly<Record<string, string>>;
  /** Who asked first for the undo of a proposal. */
  readonly undoBy: Readonly<Record<string, string>>;
  /** When somebody last asked to look again, or it began anew: what was answered before may be asked again. */
  readonly askedAt: string | null;
  /** Looks that somebody asked for, each with its outcome once every region has answered. */
  readonly asks: readonly Ask[];
  /** Playbooks that handed over already: none is asked twice. */
  readonly been: readonly string[];
  readonly onIt: string | null;
  readonly stopped: string | null;
  readonly quiet: { readonly since: string | null; readonly because: string };
  /** Rounds in a row that brought nothing new. */
  readonly unchanged: number;
  readonly closed: Closed | null;
  readonly judged: readonly { readonly who: string; readonly right: boolean; readonly said?: string }[];
  readonly timeline: readonly Noted[];
}

export const EMPTY: Incident = {
  ...EVENTFUL,
  ...NOBODY_CALLED,
  ...UNHANDLED,
  ...NO_MEMORY,
  openedAt: null,
  number: null,
  by: { is: 'alert', name: '' },
  key: '',
  channel: '',
  question: false,
  subject: { playbook: '', target: null, regions: [], focus: null },
  alerts: {},
  resolvedAt: {},
  heardAt: null,
  storm: null,
  grouped: null,
  round: null,
  firstLookSlow: false,
  diagnoses: {},
  worst: {},
  record: {},
  home: null,
  elsewhere: {},
  blind: {},
  pictures: {},
  branched: [],
  evidence: {},
  charts: [],
  notOffered: [],
  proposals: [],
  changes: [],
  undoAsked: [],
  gone: [],
  undoOver: [],
  reminded: {},
  undoBy: {},
  askedAt: null,
  asks: [],
  been: [],
  onIt: null,
  stopped: null,
  quiet: { since: null, because: '' },
  unchanged: 0,
  closed: null,
  judged: [],
  timeline: [],
};

export function next(state: Incident, event: Event, at: string): Incident {
  return eventful(
    state,
    changed(charted(recorded(step(state, event, at), event, at), event, at), event, at),
    event,
    at,
  );
}

function step(state: Incident, event: Event, at: string): Incident {
  if (isStormEvent(event)) return nextStorm(state, event, at);
  if (isPageEvent(event)) return nextPages(state, event, at);
  if (isHandledEvent(event)) return nextHandled(state, event, at);
  if (isMemoryEvent(event)) return nextMemory(state, event, at);
  switch (event.is) {
    case 'opened':
      return opened(state, event, at);
    case 'first-look-slow':
      return { ...state, firstLookSlow: true };
    case 'numbered':
      return { ...state, number: event.number };
    case 'alerted':
      return { ...state, ...heard(state, event.alert, at) };
    case 'asked':
      return askedFor(state, event, at);
    case 'noted':
      return { ...state, timeline: [...state.timeline, notedAs(event, at)] };
    case 'undo-asked':
      return undoAskedFor(state, event);
    // Folded beside: see told.ts and changes.ts.
    case 'worsened':
    case 'change-asked':
    case 'change-over':
    case 'part-planned':
      return state;
    case 'undo-over':
      return { ...state, undoOver: [...state.undoOver, event.proposal] };
    case 'reminded':
      return { ...state, reminded: { ...state.reminded, [event.proposal]: at } };
    case 'on-it':
      return { ...state, onIt: event.who, takeOvers: takenOver(state, event.who, at) };
    case 'stopped':
      return { ...state, stopped: event.who };
    case 'judged':
      return {
        ...state,
        judged: [...state.judged.filter((one) => one.who !== event.who), judgedBy(event)],
        timeline: [...state.timeline, { at, who: event.who, what: judgement(event) }],
      };
    case 'quiet':
      return { ...state, quiet: { since: event.since, because: event.because } };
    case 'closed':
      // Whoever was on it is done with it: an undo that is asked for later waits for nobody in particular.
      return { ...state, onIt: null, snooze: null, closed: closedAs(event, at) };
    case 'reopened':
      return {
        ...state,
        closed: null,
        grouped: null,
        quiet: { since: null, because: event.because },
        askedAt: at,
        been: [],
      };
    case 'round-began':
    case 'looked':
    case 'looked-same':
    case 'branched':
    case 'not-offered':
      return nextRound(state, event, at);
    default:
      return nextProposal(state, event, at);
  }
}

function opened(state: Incident, event: Extract<Event, { is: 'opened' }>, at: string): Incident {
  const { by, key, channel, question, subject, storm } = event;
  return {
    ...state,
    openedAt: at,
    by,
    key,
    channel,
    question,
    subject,
    storm: storm === undefined ? null : stormOf(storm, at),
  };
}

function undoAskedFor(state: Incident, { proposal, by }: Extract<Event, { is: 'undo-asked' }>): Incident {
  return { ...state, undoAsked: [...state.undoAsked, proposal], undoBy: { ...state.undoBy, [proposal]: by } };
}

function askedFor(state: Incident, event: Extract<Event, { is: 'asked' }>, at: string): Incident {
  return {
    ...state,
    askedAt: at,
    asks:
      event.round === undefined ? state.asks : [...state.asks, { who: event.who, at, round: event.round, done: null }],
    timeline: [...state.timeline, { at, who: event.who, what: 'asked to look again' }],
  };
}

function nextProposal(state: Incident, event: ProposalEvent, at: string): Incident {
  if (event.is === 'proposed') {
    const { is: _is, proposal: id, change = null, playbook = null, ...rest } = event;
    const asker = change === null ? null : (state.changes.find((one) => one.id === change)?.by ?? null);
    const fresh: Proposal = {
      ...rest,
      id,
      proposedAt: at,
      requester: event.undoOf === null ? asker : (state.undoBy[event.undoOf] ?? null),
      change,
      playbook,
      cause: causeOf(state.diagnoses, event),
      votes: [],
      stage: 'open',
      grantedAt: null,
      waitsFor: null,
      attempt: null,
      attempts: 0,
      actedAt: null,
      watch: null,
      after: null,
      ended: null,
    };
    return {
      ...state,
      undoAsked: state.undoAsked.filter((one) => one !== event.undoOf),
      proposals: [...state.proposals, fresh],
    };
  }
  return {
    ...state,
    proposals: state.proposals.map((one) =>
      one.id === event.proposal ? nextStage(one, event, at, state.diagnoses[one.region]) : one,
    ),
  };
}
