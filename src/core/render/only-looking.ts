import type { RegionDiagnosis } from '../diagnosis.ts';
import { barredOffer } from '../incident/looking.ts';
import type { Proposal } from '../incident/state.ts';
import { barred, observed } from '../policy.ts';
import { say } from '../words.ts';
import type { Words } from '../words.ts';
import type { View } from './phase.ts';

/** Has it something to offer where it only looks? */
export function onlyLooking(
  { incident, rules }: Pick<View, 'incident' | 'rules'>,
  diagnosis: RegionDiagnosis | null,
): boolean {
  return (
    diagnosis !== null &&
    diagnosis.offers.length > 0 &&
    observed(rules.policy, diagnosis.region, incident.subject.target) !== null
  );
}

/** Has it something to offer that nobody may approve now? "changes are frozen in eu-west-1 until …"; null: no. */
export function frozenOffer(
  { incident, rules }: Pick<View, 'incident' | 'rules'>,
  diagnosis: RegionDiagnosis | null,
): string | null {
  const offer = diagnosis?.offers[0];
  return diagnosis === null || offer === undefined ? null : barredOffer(incident, rules, diagnosis.region, offer);
}

/** A proposal that is open, and that nobody may approve at this moment: why. Null: it can be approved. */
export function barredNow(
  { incident, rules, at }: Pick<View, 'incident' | 'rules' | 'at'>,
  { region, offer, stage }: Proposal,
): string | null {
  const { target } = incident.subject;
  return stage === 'open' ? barred(rules.policy, { region, target, knownGood: offer.knownGood, at }) : null;
}

/** Where the bot only looks: what it would offer, and why nobody is asked. */
export function wouldOffer(view: View, diagnosis: RegionDiagnosis | null): readonly Words[] {
  const offer = diagnosis?.offers[0];
  if (offer === undefined || view.incident.proposals.some((one) => one.stage !== 'over')) return [];
  const why = onlyLooking(view, diagnosis) ? observedWords(view, diagnosis) : frozenOffer(view, diagnosis);
  return why === null ? [] : [say`*I would offer:* ${offer.says}. Risk ${offer.risk}. Nobody is asked: ${why}`];
}

function observedWords({ incident, rules }: View, diagnosis: RegionDiagnosis | null): string | null {
  const of = diagnosis === null ? null : observed(rules.policy, diagnosis.region, incident.subject.target);
  return of === null ? null : `${of} is in mode observe, I only look there`;
}
