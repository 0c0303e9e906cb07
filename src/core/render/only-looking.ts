import type { RegionDiagnosis } from '../diagnosis.ts';
import { observed } from '../policy.ts';
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

/** Where the bot only looks: what it would offer, and why nobody is asked. */
export function wouldOffer({ incident, rules }: View, diagnosis: RegionDiagnosis | null): readonly Words[] {
  const offer = diagnosis?.offers[0];
  const of = diagnosis === null ? null : observed(rules.policy, diagnosis.region, incident.subject.target);
  return of === null || offer === undefined
    ? []
    : [
        say`*I would offer:* ${offer.says}. Risk ${offer.risk}. Nobody is asked: ${of} is in mode observe, I only look there`,
      ];
}
