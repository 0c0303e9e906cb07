import type { Proposal } from '../incident/state.ts';
import { canonical } from '../json.ts';
import { group, join, mention } from '../words.ts';
import type { Words } from '../words.ts';
import { barredNow } from './only-looking.ts';
import type { View } from './phase.ts';
import { askedTogether } from './together.ts';

/** Whom a post calls: it is the one place where people and groups are mentioned. */

type Called = Pick<View, 'incident' | 'rules'>;

/** Those who are asked first: who is on call where they may decide alone, else everybody who may. */
export function approversOf({ rules }: Pick<View, 'rules'>, { may }: Proposal): readonly Words[] {
  const oncall = rules.policy.oncall.groups.filter((one) => may.groups.includes(one));
  const groups = oncall.length > 0 && may.need === 1 ? oncall : may.groups;
  return [...groups.map((one) => [group(one)]), ...may.users.map((one) => [mention(one)])];
}

/** Those of them that no card of the same look calls already: of several fixes one calls. */
export function callsOf(view: View, proposal: Proposal): readonly Words[] {
  const { incident, rules } = view;
  const all = askedTogether(incident, proposal);
  const before = all
    .slice(0, all.indexOf(proposal))
    .filter((one) => incident.blind[one.region] === undefined && barredNow(view, one) === null);
  const called = new Set(before.flatMap((one) => approversOf({ rules }, one).map(canonical)));
  return approversOf({ rules }, proposal).filter((one) => !called.has(canonical(one)));
}

export function oncallOf({ rules }: Pick<View, 'rules'>): readonly Words[] {
  const { groups, users } = rules.policy.oncall;
  return [...groups.map((one) => [group(one)]), ...users.map((one) => [mention(one)])];
}

/** Whoever is on it; else who was asked to approve, else who is on call. */
export function calleesOf({ incident, rules }: Called, asked: Proposal | undefined): Words {
  if (incident.onIt !== null) return [mention(incident.onIt)];
  return join(asked === undefined ? oncallOf({ rules }) : approversOf({ rules }, asked), ' ');
}
