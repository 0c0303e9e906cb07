import type { RegionDiagnosis } from '../diagnosis.ts';
import type { KnownPast } from '../ports/store.ts';
import { keyOf } from '../routing.ts';
import { NOTHING, events, later, whisper } from './commands.ts';
import type { Decision, Rules } from './commands.ts';
import { changeOfThread, neverShown } from './changes.ts';
import type { Event, Subject } from './events.ts';
import type { Incident } from './state.ts';
import { say } from '../words.ts';

/** What an incident knows of earlier ones with the same fault, and what it leaves for later: a draft of its post-mortem. */

export const REMEMBER_DAYS = 30;

/** One earlier time, with the way to its message. */
export interface EarlierTime extends Omit<KnownPast, 'key'> {
  /** Null: not known. */
  readonly link: string | null;
}
export interface Remembered {
  readonly region: string;
  readonly check: string;
  /** How often within the last thirty days, this one not counted. */
  readonly times: number;
  /** The newest first: the last few of them. */
  readonly earlier: readonly EarlierTime[];
}

export interface Memory {
  readonly remembered: readonly Remembered[];
  /** Closings, and each time that somebody asked for the draft anew. */
  readonly drafts: number;
  /** The newest draft that is stored outside; null: none is. */
  readonly filed: { readonly draft: number; readonly where: string; readonly at: string } | null;
  /** It could not be stored so far. */
  readonly draftTrouble: {
    readonly draft: number;
    readonly because: string;
    readonly at: string;
    readonly tries: number;
  } | null;
}
export const NO_MEMORY: Memory = { remembered: [], drafts: 0, filed: null, draftTrouble: null };

export type MemoryEvent =
  /** Incidents of the last thirty days had the same fault there. */
  | ({ readonly is: 'remembered' } & Remembered)
  /** It closed. Closings of before there were drafts have no such word, and get none. */
  | { readonly is: 'draft-owed' }
  | { readonly is: 'draft-asked'; readonly by: string }
  | { readonly is: 'draft-filed'; readonly draft: number; readonly where: string }
  /** It is tried again. */
  | { readonly is: 'draft-trouble'; readonly draft: number; readonly because: string };

const MEMORY_EVENTS: ReadonlySet<string> = new Set([
  'remembered',
  'draft-owed',
  'draft-asked',
  'draft-filed',
  'draft-trouble',
]);
export function isMemoryEvent(event: Event): event is MemoryEvent {
  return MEMORY_EVENTS.has(event.is);
}

export function nextMemory(state: Incident, event: MemoryEvent, at: string): Incident {
  switch (event.is) {
    case 'remembered': {
      const { region, check, times, earlier } = event;
      return { ...state, remembered: [...state.remembered, { region, check, times, earlier }] };
    }
    case 'draft-owed':
      return { ...state, drafts: state.drafts + 1 };
    case 'draft-asked': {
      const timeline = [...state.timeline, { at, who: event.by, what: 'asked for the post-mortem draft anew' }];
      return { ...state, drafts: state.drafts + 1, timeline };
    }
    case 'draft-filed':
      return { ...state, filed: { draft: event.draft, where: event.where, at } };
    case 'draft-trouble': {
      const { draft, because } = event;
      const known = state.draftTrouble?.draft === draft ? state.draftTrouble.tries : 0;
      return { ...state, draftTrouble: { draft, because, at, tries: known + 1 } };
    }
  }
}

/** By what the same fault is known again. */
export function faultKey(check: string, region: string, { target }: Pick<Subject, 'target'>): string {
  return `${check}/${keyOf(region, target)}`;
}

/** What to ask the store about after this look; null: nothing is found, or it was asked already. */
export function toRecall(
  { remembered, subject }: Pick<Incident, 'remembered' | 'subject'>,
  { region, findings }: RegionDiagnosis,
): { readonly check: string; readonly key: string } | null {
  const first = findings[0];
  if (first === undefined || first.mistaken === true || first.handOver !== null) return null;
  if (remembered.some((one) => one.region === region && one.check === first.check)) return null;
  return { check: first.check, key: faultKey(first.check, region, subject) };
}

/** Questions, changes that somebody asked for, and what a storm took in leave no draft of their own. */
export function isReal(state: Incident): boolean {
  if (state.number === null || state.question || neverShown(state) || changeOfThread(state) !== null) return false;
  if (state.grouped?.joins === true) return false;
  return state.storm !== null || Object.values(state.record).some((one) => one.noticedAt !== null);
}

const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 3_600_000;
/** About half a day. */
export const MOST_TRIES = 16;

/** When the newest draft is to be stored outside; null: it is, or is given up. */
export function draftDueAt(state: Incident, at: string, { postmortems }: Pick<Rules, 'postmortems'>): string | null {
  if (postmortems !== true || state.closed === null || !isReal(state)) return null;
  if ((state.filed?.draft ?? 0) >= state.drafts) return null;
  const trouble = state.draftTrouble?.draft === state.drafts ? state.draftTrouble : null;
  if (trouble === null) return at;
  if (trouble.tries >= MOST_TRIES) return null;
  return later(trouble.at, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (trouble.tries - 1)));
}

export function decideDraft(
  state: Incident,
  event: Extract<MemoryEvent, { is: 'draft-filed' | 'draft-trouble' }>,
): Decision {
  // A newer one was asked for meanwhile: that is stored next.
  return event.draft === state.drafts ? events(event) : NOTHING;
}

export function decideDraftAsked(state: Incident, by: string): Decision {
  if (state.closed === null) return whisper(by, say`It is open: its post-mortem is drafted when it closes.`);
  if (!isReal(state)) return whisper(by, say`Nothing was wrong here that a post-mortem could be about.`);
  return events({ is: 'draft-asked', by });
}

/** `INC-7-2026-11-24.md`: the same for every draft of one closing, so that a second write replaces the first. */
export function draftName({ number, closed }: Pick<Incident, 'number' | 'closed'>): string {
  return `INC-${number ?? 0}-${(closed?.at ?? '').slice(0, 10)}.md`;
}
