import type { RegionDiagnosis } from '../diagnose.ts';
import { answeredAsk } from './asks.ts';
import { sighted } from './belonging.ts';
import type { Elsewhere, Event } from './events.ts';
import { changeName } from './proposal.ts';
import type { Incident } from './state.ts';

/** The part of the fold that is about looking: rounds, what each region answered, what could not be offered. */

export function nextRound(
  state: Incident,
  event: Extract<Event, { is: 'round-began' | 'looked' | 'looked-same' | 'branched' | 'not-offered' }>,
  at: string,
): Incident {
  switch (event.is) {
    case 'round-began':
      return {
        ...state,
        subject: event.subject,
        worst: event.subject.playbook === state.subject.playbook ? state.worst : kept(state.worst, event.subject.focus),
        been: event.subject.playbook === state.subject.playbook ? state.been : [...state.been, state.subject.playbook],
        stopped: null,
        unchanged: state.unchanged + 1,
        notOffered: [],
        round: { number: event.round, why: event.why, at, awaiting: event.subject.regions, finishedAt: null },
      };
    case 'not-offered': {
      const { region, remedy, because, round, undoOf } = event;
      // An undo that cannot be is said once and not asked for again by itself.
      if (undoOf !== null)
        return {
          ...state,
          gone: event.gone === true ? [...state.gone, undoOf] : state.gone,
          undoAsked: state.undoAsked.filter((one) => one !== undoOf),
          timeline: [
            ...state.timeline,
            { at, who: 'mlp-bot', what: `The ${nameOfAct(state, undoOf)} cannot be taken back: ${because}` },
          ],
        };
      return { ...state, notOffered: [...state.notOffered, { region, remedy, because, round }] };
    }
    case 'looked-same': {
      const known = Object.hasOwn(state.diagnoses, event.region) ? state.diagnoses[event.region] : undefined;
      if (known === undefined) return state;
      const diagnosis = { ...known, impact: event.impact, at };
      return answered(looked(state, diagnosis, event.elsewhere ?? null, at), event.region, at);
    }
    case 'branched':
      return { ...state, branched: [...state.branched, event.region] };
    case 'looked': {
      const { diagnosis, evidence } = event;
      const { region } = diagnosis;
      const after = looked(state, diagnosis, event.elsewhere ?? null, at);
      return answered({ ...after, unchanged: 0, evidence: { ...state.evidence, [region]: evidence } }, region, at);
    }
  }
}

/** Another playbook asks other questions: which regions have the same fault is seen anew. */
function kept(worst: Incident['worst'], focus: string | null): Incident['worst'] {
  return Object.fromEntries(Object.entries(worst).filter(([region]) => focus === null || region === focus));
}

function looked(state: Incident, diagnosis: RegionDiagnosis, elsewhere: Elsewhere | null, at: string): Incident {
  const after = { ...state, ...sighted(state, diagnosis, elsewhere, at) };
  return { ...after, question: state.question && Object.keys(after.worst).length === 0 };
}

function answered(state: Incident, region: string, at: string): Incident {
  if (state.round === null) return state;
  const awaiting = state.round.awaiting.filter((one) => one !== region);
  const after = { ...state, round: { ...state.round, awaiting, finishedAt: awaiting.length === 0 ? at : null } };
  return awaiting.length > 0
    ? after
    : { ...after, asks: state.asks.map((one) => answeredAsk(one, state.round?.number, after, at)) };
}

function nameOfAct({ proposals }: Incident, id: string): string {
  const act = proposals.find((one) => one.id === id);
  return act === undefined ? 'change' : changeName(act);
}
