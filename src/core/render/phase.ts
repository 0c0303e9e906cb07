import type { Playbook } from '../contract.ts';
import type { Finding, RegionDiagnosis } from '../diagnose.ts';
import { harmWords } from '../harm.ts';
import { impactShort } from '../impact.ts';
import type { Rules } from '../incident/commands.ts';
import { isOwn } from '../incident/belonging.ts';
import { unprepared } from '../incident/looking.ts';
import type { Incident, Proposal } from '../incident/state.ts';
import { user } from '../words.ts';
import type { Span } from '../words.ts';
import { actOf, fixedWord, lastFix } from './fixes.ts';
import { openProposals } from './open.ts';
import { list } from './small.ts';

export { openProposals, waitingProposals } from './open.ts';
export { actOf, askedOf, fixesOf, lastFix, lastUndone } from './fixes.ts';

/** Where a thread stands, in one word: what the emoji, the title and the buttons follow from. */

export interface View {
  readonly stream: string;
  readonly incident: Incident;
  readonly rules: Rules;
  /** Who set the kill switch; null: off. */
  readonly killSwitch: string | null;
  readonly playbooks: readonly Playbook[];
  readonly at: string;
}

export type Phase =
  | 'looking'
  | 'nothing found'
  | 'waiting for approval'
  | 'undo asked'
  | 'changing'
  | 'verifying'
  | 'needs a person'
  /** A region of its own gives no answer. */
  | 'cannot see'
  /** Another incident answers for what was found. */
  | 'elsewhere'
  | 'fixed, waiting'
  | 'over, waiting'
  | 'watching'
  | 'stopped'
  | 'closed'
  | 'closed, nothing found';

export function phaseOf(incident: Incident, rules: Rules): Phase {
  const busy = incident.proposals.some((one) => one.stage !== 'over');
  // An undo that was asked for after the end is decided like any other change.
  if (incident.closed !== null && !busy) {
    // A storm that is over was one, whoever answers for its cause and whether one was found.
    if (incident.storm !== null || Object.keys(incident.worst).length > 0) return 'closed';
    return othersOnly(incident) ? 'elsewhere' : 'closed, nothing found';
  }
  if (incident.proposals.some((one) => one.stage === 'watching')) return 'verifying';
  if (incident.proposals.some((one) => one.stage === 'granted' || one.stage === 'acting')) return 'changing';
  // Also of a closed or stopped incident: an undo is no fix, and must not read like one.
  if (openUndo(incident) !== null) return 'undo asked';
  if (incident.stopped !== null) return 'stopped';
  // One region that does not answer keeps nobody from approving what is known of another.
  if (openProposals(incident).length > 0) return 'waiting for approval';
  if (isFirstLook(incident)) return 'looking';
  // What is found may still get a proposal: nobody is called before that is known.
  if (unprepared(incident, rules).length > 0) return 'looking';
  if (othersOnly(incident)) return 'elsewhere';
  // A plan that somebody approved was out of date: the look that follows may see a change half done.
  if (justSuperseded(incident, rules)) return 'watching';
  // What is being overcome by itself is watched: nobody is called for it.
  if (foundHere(incident).some((d) => !d.dark && d.findings.some((one) => one.passing !== true)))
    return 'needs a person';
  if (darkRegions(incident).length > 0) return 'cannot see';
  if (lastFix(incident) !== null) return 'fixed, waiting';
  if (incident.quiet.since !== null) return 'over, waiting';
  if (Object.keys(incident.worst).length > 0) return 'watching';
  return 'nothing found';
}

export const EMOJI: Readonly<Record<Phase, string>> = {
  looking: ':mag:',
  'nothing found': ':white_circle:',
  'waiting for approval': ':large_orange_circle:',
  'undo asked': ':leftwards_arrow_with_hook:',
  changing: ':arrows_counterclockwise:',
  verifying: ':hourglass_flowing_sand:',
  'needs a person': ':red_circle:',
  'cannot see': ':large_orange_circle:',
  elsewhere: ':link:',
  'fixed, waiting': ':large_blue_circle:',
  'over, waiting': ':large_blue_circle:',
  watching: ':large_orange_circle:',
  stopped: ':octagonal_sign:',
  closed: ':white_check_mark:',
  'closed, nothing found': ':white_circle:',
};

/** The undo that waits for its approvals, where nothing else does. */
export function openUndo(incident: Incident): { readonly undo: Proposal; readonly act: Proposal } | null {
  const open = openProposals(incident);
  const undo = open.every((one) => one.undoOf !== null) ? open[0] : undefined;
  const act = undo === undefined ? null : actOf(incident, undo);
  return undo === undefined || act === null ? null : { undo, act };
}

/** "fixed; undo requested": where the change stands that somebody wants back. */
export function undoState(act: Proposal): string {
  const how = act.ended?.how;
  const was =
    how === 'verified'
      ? act.change === null
        ? fixedWord(act)
        : 'done as asked'
      : how === 'made worse'
        ? 'made it worse'
        : 'not verified';
  return `${was}; undo requested`;
}

/** A person, or the bot itself. */
export function whoIs(id: string): Span {
  return id === 'mlp-bot' ? { is: 'text', text: 'me' } : user(id);
}

/** "rollback", or "undo" for whatever takes a change back: the undo of a resume pauses. */
export function actName({ offer, undoOf }: Proposal): string {
  return undoOf === null ? offer.label : 'undo';
}

/** "model-server": what the target is called. */
export function nameOf(incident: Incident): string {
  const { namespace, name } = incident.subject.target as { namespace?: string; name?: string };
  return name !== undefined && name !== '' ? name : (namespace ?? 'platform');
}

/** The region that the message is about: the one that was named if it has bad news, else the first that has. */
export function mainRegion(incident: Incident): string | null {
  const { focus } = incident.subject;
  const hurt = (one: RegionDiagnosis): boolean => one.impact.level === 'hurt';
  const found = foundHere(incident);
  const real = found.filter((d) => d.findings.some((one) => one.mistaken !== true));
  const bad = real.length > 0 ? real : found;
  if (focus !== null && bad.some((d) => d.region === focus)) return focus;
  const worst = bad.find(hurt) ?? bad.find((d) => !d.dark) ?? bad[0];
  return worst?.region ?? Object.keys(incident.worst)[0] ?? focus;
}

/** How users fare over all regions that have bad news: the worst of them, and where. */
export function usersShort(incident: Incident): string {
  const found = foundHere(incident);
  const main = mainDiagnosis(incident);
  const all = found.length > 0 ? found : main === null ? [] : [main];
  const of = (level: RegionDiagnosis['impact']['level']): readonly string[] =>
    all.filter((d) => d.impact.level === level).map((d) => d.region);
  if (all.length <= 1) return all[0] === undefined ? '' : impactShort(all[0].impact);
  const hurt = all.filter((d) => d.impact.level === 'hurt');
  if (hurt.length > 0) return `Users ${hurt.map((d) => `${harmWords(d.impact)} in ${d.region}`).join(', ')}.`;
  const unknown = [...of('not known'), ...of('too little traffic')];
  return unknown.length > 0 ? `Users in ${unknown.join(', ')}: not known.` : 'Users not affected.';
}

/** What is known now about the main region; after it was over, what it was about. */
export function mainDiagnosis(incident: Incident): RegionDiagnosis | null {
  const region = mainRegion(incident);
  if (region === null) return null;
  return incident.diagnoses[region] ?? null;
}

/** What is found now; when it is over, the first firm cause: later looks see what a repair leaves behind. */
export function mainFinding(incident: Incident): Finding | null {
  const region = mainRegion(incident);
  if (region === null) return null;
  return (
    beingMended(incident, region) ??
    incident.diagnoses[region]?.findings[0] ??
    incident.record[region]?.causes[0] ??
    incident.worst[region]?.findings[0] ??
    null
  );
}

/** A look amid a fix that is verified sees its cause half mended, and numbers of before it: it stays the one that the fix is for. */
function beingMended({ proposals, diagnoses, record, worst }: Incident, region: string): Finding | null {
  const fix = proposals.find(
    (one) => one.stage === 'watching' && one.region === region && one.undoOf === null && one.change === null,
  );
  const now = diagnoses[region]?.findings[0];
  if (fix === undefined || fix.cause === null || now === undefined || now.short === fix.cause) return null;
  const known = [...(record[region]?.causes ?? []), ...(worst[region]?.findings ?? [])];
  return known.find((one) => one.short === fix.cause && one.check !== 'users-hurt') ?? null;
}

export function regionsWithFindings(incident: Incident): readonly string[] {
  const found = foundHere(incident).filter((d) => d.findings.some((one) => one.mistaken !== true));
  return found.map((d) => d.region);
}

/** More than one region has bad news or waits for a decision: each line says which it speaks of. */
export function severalRegions(incident: Incident): boolean {
  const all = [...regionsWithFindings(incident), ...openProposals(incident).map((one) => one.region)];
  return new Set(all).size > 1;
}

/** The bad news that this thread is about: its own; where it has none, what it saw where it was told to look. */
export function foundHere(incident: Incident): readonly RegionDiagnosis[] {
  const { focus } = incident.subject;
  const found = Object.values(incident.diagnoses).filter((d) => d.findings.length > 0);
  if (Object.keys(incident.worst).length > 0) return found.filter((d) => isOwn(incident, d.region));
  return focus === null ? found : found.filter((d) => d.region === focus);
}

/** No playbook has seen everything yet: each so far has handed over to another. */
export function isFirstLook({ round, been }: Incident): boolean {
  return round !== null && round.finishedAt === null && round.number <= been.length + 1;
}

/** The last plan fell to a change of its target, and a look a little later has not been made yet: that one tells what stands. */
export function justSuperseded({ proposals, round, onIt }: Incident, { timing }: Rules): boolean {
  const end = proposals.at(-1)?.ended;
  if (onIt !== null || end?.how !== 'superseded' || round === null) return false;
  return Date.parse(round.at) - Date.parse(end.at) < timing.watchMs;
}

/** Nothing of what was found is this thread's. */
export function othersOnly(incident: Incident): boolean {
  const { focus } = incident.subject;
  const others = Object.keys(incident.elsewhere);
  return Object.keys(incident.worst).length === 0 && others.some((region) => focus === null || region === focus);
}

/** Regions of its own, or the one that was named, that give no answer now. */
export function darkRegions(incident: Incident): readonly string[] {
  const { focus } = incident.subject;
  return Object.keys(incident.blind).filter((region) => isOwn(incident, region) || region === focus);
}

/** Too little was seen to say that nothing is wrong: the region in question is dark, or half of the questions had no answer. */
export function isBlind(incident: Incident): boolean {
  const focus = mainRegion(incident);
  const asked =
    focus === null ? Object.values(incident.diagnoses) : [incident.diagnoses[focus]].filter((one) => one !== undefined);
  return asked.some(
    (one) => one.dark || one.checks === 0 || (one.unsure.length > 0 && one.unsure.length * 2 >= one.checks),
  );
}

/** The newest proposal ended because people said no, or said nothing: nobody has to be called for want of a fix. */
export function decidedByPeople(incident: Incident): boolean {
  const how = incident.proposals.at(-1)?.ended?.how;
  return how === 'denied' || how === 'expired' || how === 'stopped';
}

/** What a person named is not there, in any region that was looked at: the answer to the question. */
export function mistakenFinding(incident: Incident): Finding | null {
  if (regionsWithFindings(incident).length > 0) return null;
  const finding = mainFinding(incident);
  return finding?.mistaken === true ? finding : null;
}

/** What is not seen of users where it matters: nothing measures them or answered, or too little comes to tell. Null: they are seen. */
export function unseenUsers(incident: Incident): string | null {
  const focus = mainRegion(incident);
  const all =
    focus === null ? Object.values(incident.diagnoses) : [incident.diagnoses[focus]].filter((one) => one !== undefined);
  if (all.some(({ impact }) => impact.level === 'not known')) return 'users could not be measured';
  if (!all.some(({ impact }) => impact.level === 'too little traffic')) return null;
  return all.every(({ impact }) => impact.requests === 0) ? 'no requests arrive' : 'too few requests to tell';
}

/** The regions that it is about, in words. */
export function whereOf({ incident }: Pick<View, 'incident'>): string {
  const found = regionsWithFindings(incident);
  const all = found.length > 0 ? found : Object.keys(incident.worst);
  if (all.length > 0) return list(all);
  return (
    incident.subject.focus ??
    (incident.subject.regions.length > 1 ? 'all regions' : (incident.subject.regions[0] ?? ''))
  );
}
