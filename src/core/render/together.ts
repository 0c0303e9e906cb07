import { later } from '../incident/commands.ts';
import { unprepared } from '../incident/looking.ts';
import type { Incident, Proposal } from '../incident/state.ts';
import type { View } from './phase.ts';
import { bestFirst } from './open.ts';

/** Fixes that one look offers are put to people together: they are posted best first, and only the first of them calls people. */

/** Longer than any preparation may take: what comes later is another offer, and calls anew. */
const TOGETHER_MS = 15_000;

/** What people are asked for beside this one, itself among them, best first. */
export function askedTogether(incident: Incident, proposal: Proposal): readonly Proposal[] {
  if (!isFix(proposal)) return [proposal];
  const all = incident.proposals.filter(isFix).toSorted((a, b) => a.proposedAt.localeCompare(b.proposedAt));
  const at = all.indexOf(proposal);
  const apart = (a: number, b: number): boolean =>
    (all[b]?.proposedAt ?? '') > later(all[a]?.proposedAt ?? proposal.proposedAt, TOGETHER_MS);
  let [first, last] = [at, at];
  while (first > 0 && !apart(first - 1, first)) first -= 1;
  while (last < all.length - 1 && !apart(last, last + 1)) last += 1;
  return bestFirst(incident, all.slice(first, last + 1));
}

/** In the order in which cards are posted: a phone shows the first. */
export function inOrderOfCards(incident: Incident): readonly Proposal[] {
  return incident.proposals
    .map((one, index) => {
      const all = askedTogether(incident, one);
      const begins = Math.min(...all.map((each) => incident.proposals.indexOf(each)));
      return { one, index, begins, rank: all.indexOf(one) };
    })
    .toSorted((a, b) => a.begins - b.begins || a.rank - b.rank || a.index - b.index)
    .map(({ one }) => one);
}

/** Others of the same look are still being prepared, one of which may fit better. */
export function waitsForOthers({ incident, rules, at }: View, proposal: Proposal): boolean {
  if (!isFix(proposal) || proposal.stage !== 'open' || proposal.votes.length > 0) return false;
  return at < later(proposal.proposedAt, TOGETHER_MS) && unprepared(incident, rules).length > 0;
}

function isFix({ undoOf, change }: Proposal): boolean {
  return undoOf === null && change === null;
}
