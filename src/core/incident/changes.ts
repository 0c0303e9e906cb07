import type { Json } from '../json.ts';
import type { Approvers, Event } from './events.ts';
import type { Incident, Part, Proposal } from './state.ts';

/** A change that a person asked for by command: in one region after the other, each planned anew, approved, done and verified before the next. */
export interface Asked {
  readonly id: string;
  /** Who asked. */
  readonly by: string;
  /** Whose remedies: not the playbook that the thread is about, where it is about something else. */
  readonly playbook: string;
  /** The first that can be planned is proposed: which autoscaler owns the number is only seen on the spot. */
  readonly remedies: readonly string[];
  readonly details: Json;
  /** "scale model-server to 14". */
  readonly title: string;
  /** Without the region. */
  readonly target: Json;
  /** In this order. */
  readonly regions: readonly string[];
}

export interface Change extends Asked {
  readonly at: string;
  /** Which of the regions is its turn. */
  readonly step: number;
  /** Plans for this region and those after it, in order, until all are there. Absent: none yet. */
  readonly parts?: readonly Planned[];
  /** Plans that were made for this region and overtaken by what changed there. */
  readonly tries: number;
  readonly stage: 'planning' | 'proposed' | 'over';
  readonly ended: {
    readonly how: 'done' | 'refused' | 'not done';
    readonly because: string;
    readonly at: string;
  } | null;
}

/** A plan with who may approve it. */
export interface Planned {
  readonly part: Part;
  readonly may: Approvers;
}

const MOST_TRIES = 3;

/** The fold beside the fold: called with the state that the event led to. */
export function changed(state: Incident, event: Event, at: string): Incident {
  switch (event.is) {
    case 'change-asked':
      return {
        ...state,
        changes: [...state.changes, { ...event.change, at, step: 0, tries: 0, stage: 'planning', ended: null }],
      };
    case 'change-over':
      return put(state, event.change, (one) => over(one, event.how, event.because, at));
    case 'part-planned':
      return put(state, event.change, (one) => ({
        ...one,
        parts: [...(one.parts ?? []), { part: event.part, may: event.may }],
      }));
    case 'proposed':
      return event.change === undefined
        ? state
        : put(state, event.change, (one) => ({ ...one, stage: 'proposed', parts: [] }));
    case 'ended': {
      const proposal = state.proposals.find((one) => one.id === event.proposal);
      if (proposal === undefined || proposal.change === null) return state;
      return put(state, proposal.change, (one) => after(one, event, at));
    }
    default:
      return state;
  }
}

function put(state: Incident, id: string, change: (one: Change) => Change): Incident {
  return { ...state, changes: state.changes.map((one) => (one.id === id && one.stage !== 'over' ? change(one) : one)) };
}

function over(one: Change, how: NonNullable<Change['ended']>['how'], because: string, at: string): Change {
  return { ...one, stage: 'over', ended: { how, because, at } };
}

/** Verified: the next region. Overtaken by what changed there: a new plan. Anything else ends it, and cancels the regions that are left. */
function after(one: Change, { how, because }: Extract<Event, { is: 'ended' }>, at: string): Change {
  if (how === 'verified') {
    const next = one.step + 1;
    return next < one.regions.length
      ? { ...one, step: next, tries: 0, stage: 'planning' }
      : over(one, 'done', because, at);
  }
  if (how === 'superseded' && one.tries + 1 < MOST_TRIES)
    return { ...one, tries: one.tries + 1, stage: 'planning', parts: [] };
  return over(one, 'not done', `${how}: ${because}`, at);
}

/** Those that are not at their end. */
export function liveChanges({ changes }: Pick<Incident, 'changes'>): readonly Change[] {
  return changes.filter((one) => one.stage !== 'over');
}

/** The next whose plan is not there yet. */
export function regionToPlan(change: Pick<Change, 'regions' | 'step' | 'parts'>): string {
  return change.regions[change.step + (change.parts ?? []).length] ?? '';
}

/** Whose turn it is. */
export function regionOf(change: Pick<Change, 'regions' | 'step'>): string {
  return change.regions[change.step] ?? '';
}

/** The thread is about a change that was asked for, and about no fault (yet): which change it is. Null: it is an incident like any other. */
export function changeOfThread(incident: Pick<Incident, 'changes' | 'subject' | 'alerts'>): Change | null {
  const last = incident.changes.at(-1);
  if (last === undefined || last.playbook !== incident.subject.playbook) return null;
  return Object.keys(incident.alerts).length === 0 ? last : null;
}

/** The live proposal that the summary is about: what is under way before what waits, the older first. Null: nothing is proposed. */
export function leadOf({ proposals, blind }: Pick<Incident, 'proposals' | 'blind'>): Proposal | null {
  const at = (...stages: readonly Proposal['stage'][]): readonly Proposal[] =>
    proposals.filter((one) => stages.includes(one.stage));
  const open = at('open');
  const seen = open.find((one) => blind[one.region] === undefined);
  return at('watching')[0] ?? at('acting')[0] ?? at('granted')[0] ?? seen ?? open[0] ?? null;
}

/** Of several that were asked for in a thread about changes, the one that its summary names: that of the leading proposal, else the newest. */
export function changeShown(
  incident: Pick<Incident, 'changes' | 'subject' | 'alerts' | 'proposals' | 'blind'>,
): Change | null {
  const newest = changeOfThread(incident);
  const lead = newest === null ? null : leadOf(incident);
  const act = incident.proposals.find((one) => one.id === lead?.undoOf) ?? lead;
  return incident.changes.find((one) => one.id === act?.change) ?? newest;
}

/** Nothing was ever shown: no plan could be made, and nothing is wrong that anybody must know. */
export function neverShown(incident: Pick<Incident, 'changes' | 'subject' | 'alerts' | 'proposals'>): boolean {
  return changeOfThread(incident) !== null && incident.proposals.length === 0;
}
