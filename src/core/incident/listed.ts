import type { Risk } from '../contract.ts';
import type { Judgement } from '../policy.ts';
import { later } from './commands.ts';
import type { Facts, Rules } from './commands.ts';
import type { Event } from './events.ts';
import { next } from './state.ts';
import type { Incident, Part, Proposal } from './state.ts';

/**
 * One approval for several regions: a proposal holds the plans for those after its own, in order. Each becomes a proposal of its own when the
 * one before is verified, granted on the votes of the list; right before its write its target is read again like that of any other. The first
 * that is not verified cancels the rest.
 */

/** Itself, and what the same approval lets follow it, each as a proposal. */
export function membersOf(proposal: Proposal): readonly Proposal[] {
  const { list = [] } = proposal;
  return [proposal, ...list.map((part) => ({ ...proposal, ...part, list: [] }))];
}

/** What an approval names: every plan of the list, in order. */
export function listDigest(proposal: Pick<Proposal, 'digest' | 'list'>): string {
  return [proposal.digest, ...(proposal.list ?? []).map((part) => part.digest)].join('+');
}

const RISKS: readonly Risk[] = ['low', 'medium', 'high'];

/** Who may approve a list is who may approve the riskiest of it. */
export function highestRisk(proposal: Pick<Proposal, 'offer' | 'list'>): Risk {
  const all = new Set([proposal.offer.risk, ...(proposal.list ?? []).map((part) => part.offer.risk)]);
  return RISKS.findLast((risk) => all.has(risk)) ?? 'high';
}

/** Of several judgements the one that asks for most. */
export function strictest(all: readonly Judgement[]): Judgement {
  const refused = all.find((one) => one.is === 'refused');
  if (refused !== undefined) return refused;
  const missing = Math.max(0, ...all.map((one) => (one.is === 'counted' ? one.missing : 0)));
  return missing > 0 ? { is: 'counted', missing } : { is: 'enough' };
}

/** After one of a list was verified: the next, on the same votes; none where it was stopped, or ended otherwise, meanwhile. */
export function follows(state: Incident, done: Proposal, facts: Facts, rules: Rules): readonly Event[] {
  const [part, ...list] = done.list ?? [];
  const change = state.changes.find((one) => one.id === done.change);
  if (part === undefined || change?.stage !== 'planning' || change.regions[change.step] !== part.region) return [];
  if (facts.killSwitch !== null || state.stopped !== null)
    return [{ is: 'change-over', change: change.id, how: 'not done', because: 'stopped before this region' }];
  const proposal = `p${state.proposals.length + 1}`;
  const proposed: Event = {
    is: 'proposed',
    proposal,
    ...part,
    ...(list.length === 0 ? {} : { list }),
    plannedAt: done.plannedAt ?? done.proposedAt,
    expiresAt: later(facts.at, rules.timing.approvalMs),
    undoOf: null,
    may: done.may,
    change: change.id,
    playbook: change.playbook,
  };
  return [proposed, ...done.votes.map((vote): Event => ({ is: 'voted', proposal, vote })), { is: 'granted', proposal }];
}

/** With what the events before led to. */
export function followsAfter(
  state: Incident,
  events: readonly Event[],
  done: Proposal,
  facts: Facts,
  rules: Rules,
): readonly Event[] {
  const after = events.reduce((s, event) => next(s, event, facts.at), state);
  return follows(after, done, facts, rules);
}

export type { Part };
