import type { Risk } from '../contract.ts';
import { mayAskUndo } from '../policy.ts';
import { clock, say } from '../words.ts';
import { both, events, later, whisper } from './commands.ts';
import type { Command, Decision, Facts, Rules } from './commands.ts';
import { changeName } from './proposal.ts';
import type { Incident, Proposal } from './state.ts';

/** Taking a change back because somebody wants it: who may ask for it, and how risky it is. */

const NOT_LOOKED_UP = { known: false, why: 'not looked up' } as const;

export function decideUndo(
  state: Incident,
  { press, by }: Extract<Command, { is: 'press' }>,
  facts: Facts,
  rules: Rules,
): Decision {
  const one = undoable(state, press.proposal);
  if (one === null) return whisper(by, say`There is nothing to undo any more.`);
  const risk = undoRisk(one, one.offer.risk);
  const no = mayAskUndo(rules.policy, risk, facts.who ?? NOT_LOOKED_UP);
  const brings = one.cause === null || risk !== 'high' ? null : say`, since it brings back ${one.cause}`;
  if (no !== null) return whisper(by, say`Not done: ${no}. This undo is of ${risk} risk${brings}.`);
  const until = later(one.actedAt ?? facts.at, rules.timing.undoMs);
  // What was changed for a while is meant to be taken back, whenever that is.
  if (until <= facts.at && one.offer.temporary === undefined)
    return whisper(by, say`Too late: undo was offered until ${clock(until)}. Look again and decide anew.`);
  const note = say`I prepare the undo; it is shown in the thread and needs an approval like any other change.`;
  const asked = events(
    { is: 'undo-asked', proposal: one.id, by },
    { is: 'noted', who: by, what: `asked for the undo of the ${changeName(one)}` },
  );
  const audit = { who: by, what: `asked for the undo of ${one.id}`, digest: one.digest, why: 'pressed Undo' };
  return { ...both(asked, whisper(by, note)), audit: [audit] };
}

/** Of the acts whose undo a closed thread still offers, the one whose time is over first, and when (ISO 8601); null: none. */
export function offeredUndo(
  state: Incident,
  rules: Pick<Rules, 'timing'>,
): { readonly act: Proposal; readonly until: string } | null {
  if (state.closed === null) return null;
  const all = state.proposals.flatMap((one) => {
    const isOffered = undoable(state, one.id) !== null && !state.undoOver.includes(one.id);
    return one.actedAt === null || !isOffered ? [] : [{ act: one, until: later(one.actedAt, rules.timing.undoMs) }];
  });
  return all.toSorted((a, b) => a.until.localeCompare(b.until))[0] ?? null;
}

/** The act that an undo would take back; null when there is none, it cannot be, or it was asked for already. */
export function undoable(state: Incident, id: string | undefined): Proposal | null {
  const one = state.proposals.findLast(
    (p) => p.actedAt !== null && p.undoOf === null && (id === undefined || p.id === id),
  );
  if (one === undefined || 'impossible' in one.offer.undo) return null;
  const asked =
    state.undoAsked.includes(one.id) ||
    state.proposals.some((p) => p.undoOf === one.id && (p.stage !== 'over' || p.ended?.how === 'verified'));
  return asked ? null : one;
}

/** The last undo here of what this remedy did, before this time (ISO 8601; null: ever); null: none, or it has been done again since. */
export function takenBack(
  { proposals }: Pick<Incident, 'proposals'>,
  { region, remedy, at }: { readonly region: string; readonly remedy: string; readonly at: string | null },
): Proposal | null {
  const last = proposals.findLast(
    (one) =>
      one.region === region &&
      one.offer.remedy === remedy &&
      one.ended?.how === 'verified' &&
      (at === null || one.ended.at <= at),
  );
  return last === undefined || last.undoOf === null ? null : last;
}

/** What people took back is not as harmless as it looks. */
export function riskAgain(state: Pick<Incident, 'proposals'>, region: string, remedy: string, own: Risk): Risk {
  return own === 'low' && takenBack(state, { region, remedy, at: null }) !== null ? 'medium' : own;
}

/**
 * What was found before a change still holds for the version that its undo brings back: nobody has seen otherwise, so that is high risk
 * whatever the plan says of itself. After a change that made it worse, going back is the smaller evil; what was only meant for a while
 * is taken back when its time is over.
 */
export function undoRisk(act: Proposal, own: Risk): Risk {
  const isRisky = act.cause !== null && act.ended?.how !== 'made worse' && act.offer.temporary === undefined;
  return isRisky ? 'high' : own;
}
