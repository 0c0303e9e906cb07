import type { Incident, Proposal } from '../incident/state.ts';
import { takenBack } from '../incident/undoing.ts';
import { clock, say } from '../words.ts';
import type { Words } from '../words.ts';
import { approvedBy } from './glass.ts';
import { pastOf } from './past.ts';

/** So many are told in the summary, the newest; the thread has them all. */
const MOST = 2;

/** What was written here for a fault that goes on, when and on whose approval: "*Done:* cordoned node a, 09:04, approved by @sana". */
export function doneLines(incident: Incident, region: string): readonly Words[] {
  const noticedAt = incident.record[region]?.noticedAt ?? '';
  return incident.proposals
    .filter((one) => one.region === region && one.undoOf === null && one.change === null && one.stage === 'over')
    .flatMap((one) => (one.actedAt === null || one.actedAt < noticedAt ? [] : [doneLine(incident, one, one.actedAt)]))
    .slice(-MOST);
}

function doneLine({ proposals }: Incident, act: Proposal, actedAt: string): Words {
  const undo = proposals.find((one) => one.undoOf === act.id && one.ended?.how === 'verified');
  const back =
    undo === undefined || undo.actedAt === null
      ? null
      : say`. Taken back ${clock(undo.actedAt)}, approved by ${approvedBy(undo)}`;
  return say`*Done:* ${pastOf(act)}, ${clock(actedAt)}, approved by ${approvedBy(act)}${back}`;
}

/** ". The last rollback here was taken back 09:06, approved by @sana": beside an offer of the same. */
export function takenBackWords(incident: Incident, { region, offer, undoOf, proposedAt }: Proposal): Words | null {
  if (undoOf !== null) return null;
  const undo = takenBack(incident, { region, remedy: offer.remedy, at: proposedAt });
  if (undo === null || undo.actedAt === null) return null;
  return say`. The last ${offer.label} here was taken back ${clock(undo.actedAt)}, approved by ${approvedBy(undo)}`;
}

/** The newest change that the remarks tell of is one of these: it is told as done, by whom it was approved. */
export function isTold(words: Words, done: readonly Words[]): boolean {
  return done.length > 0 && words.some((span) => span.is === 'text' && /\bby me\b/.test(span.text));
}
