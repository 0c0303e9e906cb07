import type { Incident, Proposal } from '../incident/state.ts';
import { PUT_ASIDE } from '../incident/proposal.ts';
import { clock, say, user } from '../words.ts';
import type { Words } from '../words.ts';

/** A no stays known, also when the same is proposed again. */

/** "too early" of "denied: too early". */
export function whyDenied({ how, because }: NonNullable<Proposal['ended']>): string {
  return how === 'denied' && because.startsWith('denied: ') ? because.slice('denied: '.length) : because;
}

/** Who said no last to this remedy here, when and why; null: nobody did. */
export function deniedBefore({ proposals }: Incident, proposal: Proposal): Words | null {
  const { region, offer, undoOf, proposedAt } = proposal;
  const end = proposals.findLast(
    (one) =>
      one.region === region &&
      one.offer.remedy === offer.remedy &&
      one.undoOf === undoOf &&
      one.ended?.how === 'denied' &&
      one.ended.because !== PUT_ASIDE &&
      one.ended.at <= proposedAt,
  )?.ended;
  if (end === undefined || end === null || end.by === null) return null;
  const why = end.because === 'denied' ? null : say`: ${whyDenied(end)}`;
  return say`*Denied before* by ${user(end.by)}, ${clock(end.at)}${why}`;
}
