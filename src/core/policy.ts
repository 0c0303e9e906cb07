import type { Outcome, Risk } from './contract.ts';
import { frozenAt } from './freezes.ts';
import type { Freeze } from './freezes.ts';
import type { Vote } from './incident/events.ts';
import type { Json } from './json.ts';
import { isOncall, oncallName } from './words.ts';
import { plural } from './plural.ts';

/** Who may approve which risk, where, when, in which mode. Pure; any doubt means no. */

/** The most careful first. */
export const MODES = ['observe', 'propose', 'act'] as const;
export type Mode = (typeof MODES)[number];

export interface ApproverRule {
  /** Ids of the chat system's user groups, and of single people. */
  readonly groups: readonly string[];
  readonly users: readonly string[];
  /** How many distinct people. */
  readonly need: number;
}

export interface Policy {
  readonly approvers: Readonly<Record<Risk, ApproverRule>>;
  /** May approve low and medium alone, and break the glass. */
  readonly oncall: Omit<ApproverRule, 'need'>;
  readonly modes: {
    /** Where nothing below names the region or the service; of those that do, the most careful counts. */
    readonly default: Mode;
    readonly byRegion: Readonly<Record<string, Mode>>;
    readonly byService: readonly ServiceMode[];
    /** Remedies that mode *act* runs without a click: only at low risk and towards what is known to have worked. */
    readonly preApproved: readonly string[];
  };
  readonly freezes: readonly Freeze[];
  /** Shown names of groups: `S0ML…` → `@ml-oncall`. */
  readonly groupNames: Readonly<Record<string, string>>;
}

export interface ServiceMode {
  readonly namespace: string;
  readonly name: string;
  /** Null: in all. */
  readonly region: string | null;
  readonly mode: Mode;
}

/** A person as of now. */
export interface Who {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly guest: boolean;
  readonly external: boolean;
  readonly bot: boolean;
  /** Those of the policy's groups that he is in. */
  readonly groups: readonly string[];
}

export interface Ask {
  readonly risk: Risk;
  readonly knownGood: boolean;
  readonly region: string;
  /** What the incident is about: `{ namespace, name }` where it is one workload. */
  readonly target: Json;
  /** Who asked for the change, if a person did: never one of two. */
  readonly requester: string | null;
  readonly votes: readonly Vote[];
  readonly at: string;
}

export type Judgement =
  | { readonly is: 'enough' }
  | { readonly is: 'counted'; readonly missing: number }
  | { readonly is: 'refused'; readonly because: string };

/** Would this person's approval count, and is it enough? */
export function judge(policy: Policy, ask: Ask, who: Outcome<Who>): Judgement {
  const stranger = refusePerson(who);
  if (stranger !== null) return { is: 'refused', because: stranger };
  if (!who.known) return { is: 'refused', because: 'I could not check who you are' };
  const person = who.value;
  const place = barred(policy, ask);
  if (place !== null) return { is: 'refused', because: place };
  if (ask.votes.some((vote) => vote.by === person.id)) {
    return { is: 'refused', because: 'your approval is counted already: another person is needed' };
  }
  const rule = policy.approvers[ask.risk];
  const need = needFor(policy, ask.risk);
  const oncallAlone = ask.risk !== 'high' && inRule(policy.oncall, person);
  if (!oncallAlone && !inRule(rule, person)) {
    return { is: 'refused', because: `you are not in ${namesOf(policy, ask.risk)}` };
  }
  if (need > 1 && ask.requester === person.id) {
    return { is: 'refused', because: `you asked for it: it needs ${need} other people` };
  }
  const missing = oncallAlone ? 0 : need - ask.votes.length - 1;
  return missing <= 0 ? { is: 'enough' } : { is: 'counted', missing };
}

/** High risk takes two distinct people whatever the config says. */
export function needFor(policy: Policy, risk: Risk): number {
  return risk === 'high' ? Math.max(2, policy.approvers.high.need) : policy.approvers[risk].need;
}

/** So many characters a reason has at least. */
export const GLASS_REASON = 10;

/** Break-glass: one on-call person, with a typed reason, where more are asked for. */
export function judgeBreakGlass(policy: Policy, ask: Ask, who: Outcome<Who>, reason: string): Judgement {
  const stranger = refusePerson(who);
  if (stranger !== null) return { is: 'refused', because: stranger };
  if (!who.known || !inRule(policy.oncall, who.value)) {
    return { is: 'refused', because: 'only the person on call may break the glass' };
  }
  const place = barred(policy, ask);
  if (place !== null) return { is: 'refused', because: place };
  if (reason.trim().length < GLASS_REASON)
    return { is: 'refused', because: `a reason is needed: at least ${GLASS_REASON} characters` };
  return { is: 'enough' };
}

/**
 * Right before the write: would the rules of this moment still let it be done, and these votes decide it? The mode, the freezes and the
 * approvers may have changed since the click. Null: yes. `voters`: who voted, as of now, in the order of the votes; null: approved just now.
 */
export function refuseNow(policy: Policy, ask: Ask, voters: readonly Outcome<Who>[] | null): string | null {
  const place = barred(policy, ask);
  if (place !== null || voters === null) return place;
  let judgement: Judgement = { is: 'counted', missing: needFor(policy, ask.risk) };
  for (const [index, vote] of ask.votes.entries()) {
    const who = voters[index] ?? { known: false, why: 'not looked up' };
    const before = { ...ask, votes: ask.votes.slice(0, index) };
    judgement = vote.reason === null ? judge(policy, before, who) : judgeBreakGlass(policy, before, who, vote.reason);
    if (!who.known) return `I could not check whether who approved it still may (${who.why})`;
    if (judgement.is === 'refused') return `${who.value.name}, who approved it, may not any more`;
  }
  return judgement.is === 'enough' ? null : 'it needs more approvals by now';
}

/** Any member who is no guest may stop; lifting the kill switch takes who may approve high risk. */
export function mayLift(policy: Policy, who: Outcome<Who>): string | null {
  const stranger = refusePerson(who);
  if (stranger !== null) return stranger;
  return who.known && inRule(policy.approvers.high, who.value) ? null : `you are not in ${namesOf(policy, 'high')}`;
}

/** Taking an incident over makes proposals wait for everybody: only who is on call or may approve something takes it, or frees it. */
export function mayTake(policy: Policy, who: Outcome<Who>): string | null {
  const stranger = refusePerson(who);
  if (stranger !== null || !who.known) return stranger;
  const rules = [policy.oncall, ...Object.values(policy.approvers)];
  if (rules.some((rule) => inRule(rule, who.value))) return null;
  return `you are not in ${namesOf(policy, 'low')}`;
}

/** Putting a proposal aside ends it for everybody: only who may approve it does, or who is on call. */
export function mayPutAside(policy: Policy, risk: Risk, who: Outcome<Who>): string | null {
  const stranger = refusePerson(who);
  if (stranger !== null || !who.known) return stranger;
  const may = [policy.approvers[risk], policy.oncall].some((rule) => inRule(rule, who.value));
  return may ? null : `you are not in ${namesOf(policy, risk)}`;
}

/** An undo is asked for by who may approve it; the person on call may too, since he may break the glass for it. */
export const mayAskUndo = mayPutAside;

export function refusePerson(who: Outcome<Who>): string | null {
  if (!who.known) return `I could not check who you are (${who.why}); nothing was counted. Try again`;
  const person = who.value;
  if (person.bot) return 'apps cannot do this';
  if (!person.active) return 'your account is not active';
  if (person.external) return 'people from other organisations cannot do this';
  return person.guest ? 'guests cannot do this' : null;
}

/** Why nobody may change this here and now, whoever he is: the mode, or a freeze. Null: it may be asked for. */
export function barred(
  policy: Policy,
  ask: Pick<Ask, 'region' | 'target' | 'knownGood'> & { readonly at: string },
): string | null {
  const of = observed(policy, ask.region, ask.target);
  if (of !== null) return `${of} is in mode observe: I only look there`;
  const freeze = frozenAt(policy.freezes, ask.region, ask.at);
  // A freeze never blocks the way back to what is known to have worked.
  if (freeze !== null && !ask.knownGood)
    return `changes are frozen in ${ask.region} until ${freeze.until} (${freeze.name})`;
  return null;
}

/** What makes it one that is only looked at: "eu-west-1", "model-server in eu-west-1"; null: it is not. */
export function observed(policy: Policy, region: string, target: Json): string | null {
  const { mode, of } = modeAt(policy, region, target);
  return mode === 'observe' ? of : null;
}

export function modeOf(policy: Policy, region: string, target: Json): Mode {
  return modeAt(policy, region, target).mode;
}

/** The mode, and what it is the mode of: "eu-west-1", "model-server", "model-server in eu-west-1". */
function modeAt(policy: Policy, region: string, target: Json): { readonly mode: Mode; readonly of: string } {
  const { namespace, name } = (typeof target === 'object' && target !== null ? target : {}) as {
    readonly namespace?: Json;
    readonly name?: Json;
  };
  const named = policy.modes.byService
    .filter((one) => one.name === name && (namespace === undefined || one.namespace === namespace))
    .filter((one) => one.region === null || one.region === region)
    .map((one) => ({ mode: one.mode, of: one.region === null ? one.name : `${one.name} in ${one.region}` }));
  const here = policy.modes.byRegion[region];
  if (here !== undefined) named.unshift({ mode: here, of: region });
  for (const mode of MODES) {
    const found = named.find((one) => one.mode === mode);
    if (found !== undefined) return found;
  }
  return { mode: policy.modes.default, of: region };
}

/** Does the policy approve this in advance? Only in mode *act*, at low risk, back to what is known to have worked. */
export function preApproved(
  policy: Policy,
  where: { readonly region: string; readonly target: Json },
  offer: { readonly remedy: string; readonly risk: Risk; readonly knownGood: boolean },
  at: string,
): boolean {
  if (modeOf(policy, where.region, where.target) !== 'act' || !policy.modes.preApproved.includes(offer.remedy))
    return false;
  return offer.risk === 'low' && offer.knownGood && frozenAt(policy.freezes, where.region, at) === null;
}

function inRule(rule: Omit<ApproverRule, 'need'>, person: Who): boolean {
  return rule.users.includes(person.id) || rule.groups.some((group) => person.groups.includes(group));
}

/** "@ml-oncall or @ml-approvers". */
export function namesOf(policy: Policy, risk: Risk): string {
  const groups = new Set([...policy.approvers[risk].groups, ...(risk === 'high' ? [] : policy.oncall.groups)]);
  const names = [...groups].map((group) => policy.groupNames[group] ?? (isOncall(group) ? oncallName(group) : group));
  const people = policy.approvers[risk].users.length;
  return (
    [...names, ...(people === 0 ? [] : [plural(people, 'named person', 'named people')])].join(' or ') ||
    'any group that may approve this'
  );
}

/** Every group that a decision may ask about. */
export function groupsOf(policy: Policy): readonly string[] {
  return [...new Set([...policy.oncall.groups, ...Object.values(policy.approvers).flatMap((rule) => rule.groups)])];
}
