import type { Press } from '../message.ts';
import { plain } from '../words.ts';
import type { Command, Decision } from './commands.ts';
import { ended } from './proposal.ts';
import type { Event } from './events.ts';
import type { Proposal } from './state.ts';

/** What people press is in the audit log, also where it changed nothing; what ends by the clock is too. */

const DID: Partial<Readonly<Record<Press['does'], string>>> = {
  mine: 'is on it',
  'hand-back': 'handed it back',
  again: 'asked to look again',
  'ask-again': 'asked to look again',
  'right-cause': 'said that the cause was right',
  'wrong-cause': 'said that the cause was wrong',
};

/** A decision that says more of itself stays as it is; a press that did nothing and was answered nothing is none. */
export function audited({ press, by }: Extract<Command, { is: 'press' }>, decision: Decision): Decision {
  if (decision.audit.length > 0) return decision;
  const of = press.proposal === undefined ? '' : ` ${press.proposal}`;
  const said = decision.whispers.map((one) => plain(one.words)).join(' ');
  const digest = press.digest ?? null;
  if (decision.events.length > 0)
    return { ...decision, audit: [{ who: by, what: `${DID[press.does] ?? press.does}${of}`, digest, why: 'pressed' }] };
  if (said === '') return decision;
  return { ...decision, audit: [{ who: by, what: `refused: ${press.does}${of}`, digest, why: said }] };
}

/** Nobody decided in time. */
export function expire(all: readonly Proposal[]): {
  readonly events: readonly Event[];
  readonly audit: Decision['audit'];
} {
  const why = 'nobody decided in time';
  return {
    events: all.map((one) => ended(one, 'expired', why, null)),
    audit: all.map((one) => ({ who: 'mlp-bot', what: `expired: ${one.id}`, digest: one.digest, why })),
  };
}
