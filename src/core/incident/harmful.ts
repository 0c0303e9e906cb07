import { harmText, refuses, refusesUndo } from '../refusing.ts';
import type { Proposal } from './proposal.ts';
import type { Incident } from './state.ts';

/** Why what was found in this region says that it must not be done now; null: nothing does. What a closed thread found is old: its way back is looked at when it is prepared. */
export function harmful(
  { closed, diagnoses }: Pick<Incident, 'closed' | 'diagnoses'>,
  { region, offer, undoOf }: Pick<Proposal, 'region' | 'offer' | 'undoOf'>,
): string | null {
  const findings = closed === null ? (diagnoses[region]?.findings ?? []) : [];
  const found = findings.find(({ refuse }) => (undoOf === null ? refuses(refuse, offer) : refusesUndo(refuse, offer)));
  return found === undefined ? null : harmText(found);
}
