import type { Finding, RegionDiagnosis } from '../diagnosis.ts';
import { badness, windowMs } from '../harm.ts';
import type { Impact } from '../impact.ts';
import type { Words } from '../words.ts';
import type { Event } from './events.ts';
import type { Proposal } from './proposal.ts';
import type { Incident } from './state.ts';

/** What an incident was, when it is over: kept from its first look on, since the newest look only says how it is now. */
export interface RegionRecord {
  /** When bad news was seen here first; null: none so far. */
  readonly noticedAt: string | null;
  /** Firm causes, each once, in the order in which they were seen. */
  readonly causes: readonly Finding[];
  /** What was found first, where no firm cause ever was. */
  readonly first: Finding | null;
  /** The look that was worst for users. */
  readonly worst: { readonly at: string; readonly impact: Impact } | null;
  /** The fewest pods that were ready at any look. */
  readonly fewest: { readonly at: string; readonly ready: number; readonly wanted: number } | null;
  /** Over a limit in every look since; null: not now. */
  readonly hurtSince: string | null;
  /** The last look that found a firm cause, and what users felt at the newest look since that finds none. Null: no look found one. */
  readonly causeSeen: CauseSeen | null;
  /** The last look that found users within all limits. */
  readonly calmAt: string | null;
  /** What had changed when bad news was seen first: a change that comes later is somebody's repair. */
  readonly change: Words | null;
  /** What a person was told to do when the cause was first known: a fix of the bot may leave that open. */
  readonly advice: RegionDiagnosis['advice'];
  /** The same for causes that came later, by what they are called in short. */
  readonly later: Readonly<Record<string, RegionDiagnosis['advice']>>;
}

export interface CauseSeen {
  readonly at: string;
  readonly after: Impact | null;
}

const NEW: RegionRecord = {
  noticedAt: null,
  causes: [],
  first: null,
  worst: null,
  fewest: null,
  hurtSince: null,
  causeSeen: null,
  calmAt: null,
  change: null,
  advice: [],
  later: {},
};

/** What is only seen from outside, or handed on to somebody who knows more, is no cause yet. */
const NO_CAUSE = new Set(['users-hurt', 'region-visible', 'unexplained']);
export function isFirm({ check, mistaken, handOver }: Finding): boolean {
  return mistaken !== true && handOver === null && !NO_CAUSE.has(check);
}

/** The fold beside the fold: called with the state that the event led to. */
export function recorded(state: Incident, event: Event, at: string): Incident {
  switch (event.is) {
    case 'looked':
      return compared(
        noteCause(noteLook(state, event.diagnosis, at), event.diagnosis.region, event.diagnosis.impact, at),
        event.diagnosis.region,
        event.diagnosis.impact,
        at,
      );
    case 'looked-same':
      // A region that was never looked at has nothing that could be the same.
      if (!Object.hasOwn(state.diagnoses, event.region)) return state;
      return compared(
        noteCause(noteUsers(state, event.region, event.impact, at), event.region, event.impact, at),
        event.region,
        event.impact,
        at,
      );
    case 'observed': {
      const one = state.proposals.find((p) => p.id === event.proposal);
      return one === undefined
        ? state
        : compared(noteUsers(state, one.region, event.impact, at), one.region, event.impact, at);
    }
    // The same alert days later is a trouble of its own: its beginning and its worst are not those of the last one.
    case 'reopened':
      return event.because.endsWith('fires again') ? { ...state, record: {} } : state;
    default:
      return state;
  }
}

function put(state: Incident, region: string, change: Partial<RegionRecord>): Incident {
  const known = state.record[region] ?? NEW;
  return { ...state, record: { ...state.record, [region]: { ...known, ...change } } };
}

function noteLook(state: Incident, diagnosis: RegionDiagnosis, at: string): Incident {
  const { region, findings } = diagnosis;
  const noted = noteUsers(state, region, diagnosis.impact, at);
  const bad = findings.filter((one) => one.mistaken !== true || state.by.is === 'alert');
  if (bad.length === 0) return noted;
  const { noticedAt, causes, first, advice, later, change } = noted.record[region] ?? NEW;
  // The first of a look is its cause; the others stand beside it.
  const cause = bad[0] !== undefined && isFirm(bad[0]) ? bad[0] : null;
  const isNew = cause !== null && !causes.some((one) => one.check === cause.check);
  return put(noted, region, {
    noticedAt: noticedAt ?? at,
    first: first ?? bad[0] ?? null,
    change: noticedAt === null ? changeOf(diagnosis) : change,
    causes: isNew ? [...causes, cause] : causes,
    advice: causes.length === 0 && cause !== null ? diagnosis.advice : advice,
    later: causes.length > 0 && isNew ? { ...later, [cause.short]: diagnosis.advice } : later,
  });
}

/** By the newest look, which the state holds. */
function noteCause(state: Incident, region: string, after: Impact, at: string): Incident {
  const seen = state.diagnoses[region]?.findings.some(isFirm) === true;
  const known = state.record[region]?.causeSeen ?? null;
  if (!seen && known === null) return state;
  return put(state, region, { causeSeen: seen || known === null ? { at, after: null } : { ...known, after } });
}

/** A rollout that goes on, or a release of the last day. */
export function changeOf({ remarks }: RegionDiagnosis): Words | null {
  return remarks.find((one) => one.label === 'Change' || one.label === 'Release')?.words ?? null;
}

function noteUsers(state: Incident, region: string, impact: Impact, at: string): Incident {
  const { worst, fewest, hurtSince, calmAt } = state.record[region] ?? NEW;
  const { readiness, level } = impact;
  const fewer =
    readiness !== null &&
    readiness.ready < readiness.wanted &&
    (fewest === null || readiness.ready / readiness.wanted < fewest.ready / fewest.wanted);
  return put(state, region, {
    worst: worst === null || badness(impact) > badness(worst.impact) ? { at, impact } : worst,
    fewest: fewer ? { at, ...readiness } : fewest,
    hurtSince: level === 'hurt' ? (hurtSince ?? at) : level === 'none' ? null : hurtSince,
    calmAt: level === 'none' ? at : calmAt,
  });
}

/** What was verified here last, a fix or its undo; null: nothing was. */
export function verifiedLast({ proposals }: Incident, region: string): Proposal | null {
  return proposals.findLast((one) => one.region === region && one.ended?.how === 'verified') ?? null;
}

/** How users fared when the last fix here was written; null: there is none, or it was taken back. */
export function beforeFix(state: Incident, region: string): Impact | null {
  const last = verifiedLast(state, region);
  return last === null || last.undoOf !== null || last.change !== null ? null : (last.attempt?.before.impact ?? null);
}

/** From when on a window holds nothing of before the change: earlier, before and after are partly the same requests. */
export function comparableFrom(proposal: Proposal): string | null {
  const { actedAt, attempt } = proposal;
  if (actedAt === null || attempt === null) return null;
  return new Date(Date.parse(actedAt) + windowMs(attempt.before.impact.window)).toISOString();
}

/** The first look after that is what the change is measured by, and stays it. */
function compared(state: Incident, region: string, impact: Impact, at: string): Incident {
  return {
    ...state,
    proposals: state.proposals.map((one) => {
      const from = comparableFrom(one);
      if (one.region !== region || one.after !== null || from === null || at < from) return one;
      return { ...one, after: { at, impact } };
    }),
  };
}
