import { createHash } from 'node:crypto';
import type { Opened, Proposed } from '../core/contract.ts';
import { offerOf } from '../core/offers.ts';
import type { Offer } from '../core/diagnose.ts';
import { Failure } from '../core/failure.ts';
import type { Subject } from '../core/incident/events.ts';
import type { Proposal } from '../core/incident/state.ts';
import { canonical } from '../core/json.ts';
import type { Parts } from './parts.ts';

/** From what is stored back to what can act: playbook by id, target and plan by their schemas. */

export function openSubject(parts: Parts, subject: Subject, region: string): Opened {
  const playbook = parts.playbooks.find((one) => one.id === subject.playbook);
  if (playbook === undefined) throw new Failure('invalid', `playbook ${subject.playbook} is not there any more`);
  return playbook.open({ ...(subject.target as object), region });
}

/** The stored plan, parsed by the present schema. Throws when it is not understood any more. */
export function openOffer(
  parts: Parts,
  subject: Subject,
  region: string,
  offer: Pick<Offer, 'remedy' | 'plan'>,
): Proposed {
  const remedy = openSubject(parts, subject, region).remedies.find((one) => one.id === offer.remedy);
  if (remedy === undefined) throw new Failure('invalid', `remedy ${offer.remedy} is not there any more`);
  return remedy.open(offer.plan);
}

/** An undo is the act's own undo, not a plan of its own: it is opened through the act. */
export function openProposal(parts: Parts, subject: Subject, proposal: Proposal, all: readonly Proposal[]): Proposed {
  if (proposal.undoOf === null) return openOffer(parts, subjectOf(subject, proposal), proposal.region, proposal.offer);
  const act = all.find((one) => one.id === proposal.undoOf);
  if (act === undefined) throw new Failure('invalid', 'the change that this undoes is not known');
  const { undo } = openOffer(parts, subjectOf(subject, act), act.region, act.offer);
  if ('impossible' in undo) throw new Failure('invalid', undo.impossible);
  return undo;
}

/** A change that was asked for by command is of another playbook than what the thread is about. */
function subjectOf(subject: Subject, { playbook }: Proposal): Subject {
  return playbook === null ? subject : { ...subject, playbook };
}

export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** What an approval names: remedy, parsed plan, undo and preview. */
export function proposalDigest(proposed: Proposed): string {
  const { remedy, plan, preview, undo } = offerOf(proposed);
  return digest({ remedy, plan, preview, undo });
}
