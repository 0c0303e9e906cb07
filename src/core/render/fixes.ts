import type { Incident, Proposal } from '../incident/state.ts';

/** Which of the changes mended the fault, and which only a person wanted. */

/** The fix that was verified and not taken back since: what a person asked for beside it is never the fix. */
export function lastFix(incident: Incident): Proposal | null {
  return fixesOf(incident).at(-1) ?? null;
}

/** Every fix that was verified and not taken back since, oldest first. */
export function fixesOf(incident: Incident): readonly Proposal[] {
  return standingOf(incident).filter((one) => one.change === null);
}

/** What a person asked for by command, verified and not taken back since, oldest first. */
export function askedOf(incident: Incident): readonly Proposal[] {
  return standingOf(incident).filter((one) => one.change !== null);
}

/** What buys time is no fix: the fault comes back. */
export function fixedWord({ offer }: Proposal): 'fixed' | 'bought time' {
  return offer.buys === undefined ? 'fixed' : 'bought time';
}

function standingOf({ proposals, record }: Incident): readonly Proposal[] {
  // A fix of the last time, before it fired again, is none of this time.
  const current = (one: Proposal): boolean => (record[one.region]?.noticedAt ?? '') <= (one.actedAt ?? '');
  const back = (one: Proposal): boolean => proposals.some((p) => p.undoOf === one.id && p.ended?.how === 'verified');
  return proposals.filter((one) => one.undoOf === null && one.ended?.how === 'verified' && !back(one) && current(one));
}

/** The change that was taken back last, where nothing was fixed since. */
export function lastUndone(incident: Incident): Proposal | null {
  const ofFault = (one: Proposal): boolean => (actOf(incident, one) ?? one).change === null;
  const undo = incident.proposals.findLast((one) => one.ended?.how === 'verified' && ofFault(one));
  return undo === undefined || undo.undoOf === null ? null : actOf(incident, undo);
}

/** What an undo takes back. */
export function actOf(incident: Incident, undo: Proposal): Proposal | null {
  return incident.proposals.find((one) => one.id === undo.undoOf) ?? null;
}
