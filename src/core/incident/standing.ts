import { preApproved, refuseNow } from '../policy.ts';
import type { Ask } from '../policy.ts';
import type { Facts, Rules } from './commands.ts';
import { say, user } from '../words.ts';
import type { Words } from '../words.ts';
import { harmful } from './harmful.ts';
import { membersOf } from './listed.ts';
import { endWord } from './proposal.ts';
import type { Incident, Proposal } from './state.ts';
import { refuseOther } from './taking.ts';

/** Does an approval still stand? Asked at the click for the one who presses, and once more right before the write for all who pressed. */

/** An approval so old (ms) was given by somebody who may have left the group since. */
const STANDING_MS = 60_000;

export function askOf(state: Incident, proposal: Proposal, facts: Pick<Facts, 'at'>): Ask {
  const { risk, knownGood } = proposal.offer;
  // Who pressed Undo asked for it, whoever opened the incident.
  const asker = state.by.is === 'person' ? state.by.id : null;
  const requester = proposal.undoOf === null && proposal.change === null ? asker : proposal.requester;
  const { target } = state.subject;
  return { risk, knownGood, region: proposal.region, target, requester, votes: proposal.votes, at: facts.at };
}

/** People whose approval is to be looked at again before the write; none: it was given just now, or nobody in person gave it. */
export function votersToCheck(proposal: Proposal, at: string): readonly string[] {
  // Of a list that one approval binds, each but the first is granted long after it was given.
  const given = proposal.votes.at(-1)?.at ?? proposal.grantedAt;
  if (proposal.grantedAt === null || given === null || byPolicy(proposal) || byPair(proposal)) return [];
  // A clock that went back tells nothing: then it is looked at as well.
  const ageMs = Date.parse(at) - Date.parse(given);
  return ageMs >= 0 && ageMs < STANDING_MS ? [] : proposal.votes.map((vote) => vote.by);
}

/** Why the rules of this moment do not let it be done; null: they do. */
export function refusedByNow(state: Incident, proposal: Proposal, facts: Facts, rules: Rules): string | null {
  const harm = harmful(state, proposal);
  if (harm !== null) return harm;
  const ask = askOf(state, proposal, facts);
  if (byPolicy(proposal)) {
    const { region, offer } = proposal;
    if (state.maintenance.some((one) => one.region === region))
      return `${region} is in maintenance: what is written there needs a person`;
    const still = preApproved(rules.policy, { region, target: ask.target }, offer, facts.at);
    return still ? null : 'the policy does not approve this in advance any more';
  }
  // It was approved as a pair, and makes good what the bot did: no freeze holds it up.
  const pair = byPair(proposal);
  const voters = facts.voters === undefined || facts.voters?.length === 0 ? null : facts.voters;
  return refuseNow(rules.policy, { ...ask, knownGood: ask.knownGood || pair }, pair ? null : voters);
}

/** In mode *act*, without a click. */
function byPolicy({ votes, undoOf }: Proposal): boolean {
  return undoOf === null && votes.some((vote) => vote.by === 'mlp-bot');
}

/** On the votes of the change that it takes back. */
function byPair({ undoOf, votes, proposedAt }: Proposal): boolean {
  return undoOf !== null && votes.length > 0 && votes.every((vote) => vote.at < proposedAt);
}

/** Whoever presses: why this proposal cannot be approved now. Null: it can, by who may. */
export function standingOf(
  state: Incident,
  proposal: Proposal,
  { killSwitch, by }: { readonly killSwitch: string | null; readonly by: string },
): Words | null {
  const over = refuseStage(proposal);
  if (over !== null) return over;
  const harm = membersOf(proposal).flatMap((one) => harmful(state, one) ?? [])[0];
  if (harm !== undefined) return say`Not now: ${harm}.`;
  if (killSwitch !== null)
    return say`Everything is stopped (by ${user(killSwitch)}): nothing can be approved until it is lifted with ${'/mlp stop off'}.`;
  return refuseOther(state, proposal, by);
}

function refuseStage(proposal: Proposal): ReturnType<typeof say> | null {
  if (proposal.stage === 'open') return null;
  if (proposal.ended !== null)
    return say`Too late: this was ${endWord(proposal.ended)}${endedBy(proposal)} (${proposal.ended.because}). Nothing more was done.`;
  const voters = proposal.votes.map((vote) => vote.by);
  return say`Already approved${voters[0] === undefined ? '' : say` by ${user(voters[0])}`}: it is under way.`;
}

function endedBy({ ended: end }: Proposal): ReturnType<typeof say> | null {
  return end === null || end.by === null ? null : say` by ${user(end.by)}`;
}
