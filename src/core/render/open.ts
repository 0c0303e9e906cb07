import type { Incident, Proposal } from '../incident/state.ts';

/** Proposals that wait for people. */

/** What can be approved now, what fits best first. */
export function openProposals(incident: Incident): readonly Proposal[] {
  return bestFirst(
    incident,
    incident.proposals.filter((one) => one.stage === 'open' && incident.blind[one.region] === undefined),
  );
}

/** What waits until its region can be seen again. */
export function waitingProposals(incident: Incident): readonly Proposal[] {
  return incident.proposals.filter((one) => one.stage === 'open' && incident.blind[one.region] !== undefined);
}

/** In their playbook's order, whichever was prepared sooner; what a person asked for before what is offered, regions in the order they came. */
export function bestFirst({ diagnoses }: Pick<Incident, 'diagnoses'>, open: readonly Proposal[]): readonly Proposal[] {
  const regions = [...new Set(open.map((one) => one.region))];
  const rank = ({ region, offer, change, undoOf }: Proposal): number => {
    if (change !== null || undoOf !== null) return -1;
    const at = diagnoses[region]?.offers.findIndex((one) => one.remedy === offer.remedy) ?? -1;
    return at < 0 ? Number.MAX_SAFE_INTEGER : at;
  };
  return open.toSorted((a, b) => regions.indexOf(a.region) - regions.indexOf(b.region) || rank(a) - rank(b));
}
