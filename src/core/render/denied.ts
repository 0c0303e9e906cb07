import type { Incident, Proposal } from '../incident/state.ts';
import { PUT_ASIDE, endWord } from '../incident/proposal.ts';
import { nextRoundAt } from '../incident/looking.ts';
import { clock, say, user } from '../words.ts';
import type { Words } from '../words.ts';
import { justSuperseded } from './phase.ts';
import type { View } from './phase.ts';

/** A no stays known, also when the same is proposed again. */

/** "too early" of "denied: too early". */
export function whyDenied({ how, because }: NonNullable<Proposal['ended']>): string {
  return how === 'denied' && because.startsWith('denied: ') ? because.slice('denied: '.length) : because;
}

/** ": too early"; empty where the reason says no more than how it ended. */
export function andWhy(end: NonNullable<Proposal['ended']>): string {
  const why = whyDenied(end);
  return why === '' || why === end.how || why === endWord(end) ? '' : `: ${why}`;
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
  return say`*Denied before* by ${user(end.by)}, ${clock(end.at)}${andWhy(end)}`;
}

/** Somebody said no to the same before: whoever decides now should know. */
export function deniedLines({ incident }: View, open: readonly Proposal[]): readonly Words[] {
  const said = open[0] === undefined ? null : deniedBefore(incident, open[0]);
  return said === null ? [] : [said];
}

/** A plan that fell at the click: why, and that nobody is called before the next look. */
export function outdatedLine({ incident, rules }: View): readonly Words[] {
  const end = incident.proposals.at(-1)?.ended;
  if (!justSuperseded(incident, rules) || end === null || end === undefined) return [];
  const at = nextRoundAt(incident, rules);
  return [
    say`*Fix:* none open: ${end.because}. I look once more${at === null ? '' : say` at ${clock(at)}`} before I call anybody`,
  ];
}
