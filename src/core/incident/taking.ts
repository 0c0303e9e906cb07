import { mayPutAside, mayTake } from '../policy.ts';
import { say, user } from '../words.ts';
import type { Words } from '../words.ts';
import { NOTHING, events, whisper } from './commands.ts';
import type { Command, Decision, Facts, Rules } from './commands.ts';
import { PUT_ASIDE, ended } from './proposal.ts';
import type { Incident, Proposal } from './state.ts';

/** Who holds an incident in his own hands, and who puts a proposal aside. */

type Pressed = Extract<Command, { is: 'press' }>;
const NOT_LOOKED_UP = { known: false, why: 'not looked up' } as const;

/** Whoever is on it may sleep again: a colleague who may take it may also free it. */
export function decideOnIt(state: Incident, command: Pressed, facts: Facts, rules: Rules): Decision {
  const { press, by } = command;
  const no = mayTake(rules.policy, facts.who ?? NOT_LOOKED_UP);
  if (no !== null && state.onIt !== by) return whisper(by, say`Not done: ${no}. My proposals would wait for you.`);
  if (press.does === 'mine') {
    if (state.onIt === by) return whisper(by, say`You are on it already.`);
    const what = state.onIt === null ? 'is on it' : 'took it over';
    return events({ is: 'on-it', who: by }, { is: 'noted', who: by, what });
  }
  if (state.onIt === null) return NOTHING;
  return events({ is: 'on-it', who: null }, { is: 'noted', who: by, what: 'handed it back to me' });
}

/** Null: this person decides. Where two are needed, the vote of who is on it lets the others follow. */
export function refuseOther(state: Incident, proposal: Proposal, by: string): Words | null {
  const { onIt } = state;
  if (onIt === null || onIt === by || proposal.votes.some((vote) => vote.by === onIt)) return null;
  return say`${user(onIt)} is on it, so my proposals wait. Ask, or press "Take over" or "Hand back to the bot" first.`;
}

/** *Deny* and *Not now* end a proposal for everybody: a bystander's no is no answer. */
export function decidePutAside(state: Incident, command: Pressed, facts: Facts, rules: Rules): Decision {
  const { press, by, reason } = command;
  const open = state.proposals.filter(
    (one) => one.stage === 'open' && (press.proposal === undefined || one.id === press.proposal),
  );
  if (open.length === 0) return whisper(by, say`There is no open proposal any more.`);
  for (const one of open) {
    const no = mayPutAside(rules.policy, one.offer.risk, facts.who ?? NOT_LOOKED_UP);
    if (no !== null && state.onIt !== by)
      return whisper(by, say`Not done: ${no}. Only who may approve it, or is on call, puts it aside.`);
    const other = refuseOther(state, one, by);
    if (other !== null) return whisper(by, say`Not done: ${other}`);
  }
  const because = press.does === 'deny' ? `denied${reason === null ? '' : `: ${reason}`}` : PUT_ASIDE;
  const what = press.does === 'deny' ? 'denied' : 'put aside';
  return {
    ...events(...open.map((one) => ended(one, 'denied', because, by))),
    audit: open.map((one) => ({ who: by, what: `${what} ${one.id}`, digest: one.digest, why: reason ?? because })),
  };
}
