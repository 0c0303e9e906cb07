import { unprepared } from '../incident/looking.ts';
import type { Worsening } from '../incident/told.ts';
import { SAME_MS } from '../incident/worse.ts';
import type { Incident } from '../incident/state.ts';
import { later } from '../incident/commands.ts';
import type { Message } from '../message.ts';
import { bold, join, say } from '../words.ts';
import { calleesOf, oncallOf } from './callees.ts';
import { doNot, lockOf, usersBeside } from './lock.ts';
import { frozenOffer, onlyLooking } from './only-looking.ts';
import {
  actName,
  decidedByPeople,
  mainDiagnosis,
  mainFinding,
  nameOf,
  openProposals,
  phaseOf,
  whereOf,
} from './phase.ts';
import type { View } from './phase.ts';
import { priorityOf } from './priority.ts';
import { capital, cut } from './small.ts';
import { stormLock, stormTitle } from './storm.ts';

/** The posts that call people where no card does, since edits notify nobody. */

/** When there is nothing to approve and a person must act: one post that mentions who is on call, once. */
export function needsPerson(view: View): Message | null {
  const { incident, rules } = view;
  if (phaseOf(incident, rules) !== 'needs a person' || incident.round?.finishedAt === null) return null;
  // Somebody decided, or is on it: calling again would be noise.
  if (decidedByPeople(incident) || incident.onIt !== null) return null;
  // Whoever was told that it got worse was called by that.
  if (worseCall(view) !== null || incident.worse.some((one) => isCall(incident, one))) return null;
  const what = `${whatOf(view)}. ${usersBeside(view)}`.trimEnd();
  return {
    lock: `${what} ${plea(view)}${doNot(view)}`,
    blocks: [{ is: 'lines', lines: [say`${join(oncallOf(view), ' ')} ${what} ${plea(view)}${doNot(view)}`] }],
  };
}

function whatOf(view: View): string {
  const { incident } = view;
  if (incident.storm !== null) return `${priorityOf(incident)} ${stormTitle(incident)}`;
  const finding = mainFinding(incident);
  return `${whereOf(view)}: ${nameOf(incident)}${finding === null ? '' : `: ${finding.short}`}`;
}

function plea({ incident, rules }: View): string {
  const frozen = frozenOffer({ incident, rules }, mainDiagnosis(incident));
  return onlyLooking({ incident, rules }, mainDiagnosis(incident))
    ? 'I only look there (mode observe), so nobody can approve what I would offer: a person is needed.'
    : frozen === null
      ? 'I have no safe fix to offer: a person is needed.'
      : `${capital(frozen)}, so nobody can approve what I would offer: a person is needed.`;
}

/** Once per look that saw it get worse. The card of a new fix calls by itself. Null: nothing to tell, or not yet. */
export function worseCall(view: View): { readonly key: string; readonly message: Message } | null {
  const { incident, rules, at } = view;
  const last = incident.worse.at(-1);
  if (last === undefined || incident.closed !== null || incident.stopped !== null) return null;
  if (incident.round?.finishedAt === null || at > later(last.at, SAME_MS)) return null;
  // What is found may still get a proposal.
  if (unprepared(incident, rules).length > 0) return null;
  const told = incident.worse.filter((one) => one.round === last.round && !hasCard(incident, one));
  if (told.length === 0) return null;
  const steps = new Set(told.flatMap((one) => one.steps));
  const head = [
    ...(steps.has('back') ? ['it is back'] : []),
    ...(steps.has('cause') ? ['another cause'] : []),
    ...(steps.has('users') ? ['users are hurt now'] : []),
  ].join(', ');
  const phase = phaseOf(incident, rules);
  const open = openProposals(incident)[0];
  const waits =
    open === undefined
      ? phase === 'needs a person'
        ? plea(view)
        : ''
      : `The ${actName(open)} waits for approval until ${open.expiresAt.slice(11, 16)} UTC.`;
  const rest = `${whatOf(view)}. ${usersBeside(view)} ${waits}${doNot(view)}`.replaceAll(/ {2,}/g, ' ').trimEnd();
  return {
    key: `worse/${last.round}`,
    message: {
      lock: cut(
        `Worse, ${head}. ${incident.storm === null ? lockOf(view, phase) : stormLock(view, incident.storm, phase)}`,
        300,
      ),
      blocks: [{ is: 'lines', lines: [say`${calleesOf(view, open)} ${bold(`Worse, ${head}:`)} ${rest}`] }],
    },
  };
}

/** A new fix was put to people since. */
function hasCard({ proposals }: Incident, { at, region }: Worsening): boolean {
  return proposals.some((one) => one.region === region && one.undoOf === null && one.proposedAt >= at);
}

/** It was told by a post of its own, and that said what is found. */
function isCall(incident: Incident, one: Worsening): boolean {
  return !hasCard(incident, one) && one.steps.some((step) => step !== 'users');
}
