import { approvedBy } from './glass.ts';
import { impactWords } from '../impact.ts';
import { leadOf, liveChanges, regionOf } from '../incident/changes.ts';
import type { Change } from '../incident/changes.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { highestRisk, membersOf } from '../incident/listed.ts';
import { undoable } from '../incident/undoing.ts';
import type { Proposal } from '../incident/state.ts';
import type { Block, Button, Message } from '../message.ts';
import { CHANGE } from '../routing.ts';
import { bold, clock, code, join, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { usersBeside } from './lock.ts';
import { leftBehind, sourcesToDo } from './left.ts';
import { openProposals, whoIs } from './phase.ts';
import type { View } from './phase.ts';
import { pastOf } from './past.ts';
import { barredNow } from './only-looking.ts';
import { mayLine } from './may.ts';
import { progressLine, undoLines } from './fix-lines.ts';
import { approveButton, button, capital, cut, duration, list, orderOf } from './small.ts';

/** The summary of a thread that is about a change which a person asked for: what, how its target fares now, who may approve, how it went. */

type Stand =
  | 'looking'
  | 'waiting for approval'
  | 'changing'
  | 'verifying'
  | 'undo asked'
  | 'done, watching'
  | 'done'
  | 'not done';

const EMOJI: Readonly<Record<Stand, string>> = {
  looking: ':mag:',
  'waiting for approval': ':large_orange_circle:',
  changing: ':arrows_counterclockwise:',
  verifying: ':hourglass_flowing_sand:',
  'undo asked': ':leftwards_arrow_with_hook:',
  'done, watching': ':large_blue_circle:',
  done: ':white_check_mark:',
  'not done': ':white_circle:',
};

/** Where it stands, in one word. */
export function standOf(incident: View['incident'], change: Change): Stand {
  const lead = leadOf(incident);
  if (lead?.stage === 'watching') return 'verifying';
  if (lead?.stage === 'granted' || lead?.stage === 'acting') return 'changing';
  if (lead !== null) return lead.undoOf === null ? 'waiting for approval' : 'undo asked';
  if (change.ended === null) return 'looking';
  if (change.ended.how !== 'done') return 'not done';
  return incident.closed === null ? 'done, watching' : 'done';
}

/** The leading proposal, where it waits for its approvals and its region can be seen. */
function openLead(incident: View['incident']): Proposal | null {
  const lead = leadOf(incident);
  return lead !== null && openProposals(incident).includes(lead) ? lead : null;
}

/** `change`: that of the leading proposal, so that title, body, buttons and state speak of the same. */
export function renderChange(view: View, change: Change): Message {
  const { incident } = view;
  const stand = standOf(incident, change);
  const blocks: Block[] = [
    { is: 'lines', lines: [titleLine(view, change, stand), ...bodyOf(view, change)].slice(0, 12) },
  ];
  const buttons = buttonsOf(view, change, stand);
  if (buttons.length > 0) blocks.push({ is: 'buttons', buttons: buttons.slice(0, 6) });
  if (stand === 'done, watching')
    blocks.push({
      is: 'note',
      words: say`Closes by itself once it was seen well for ${duration(view.rules.timing.quietMs)}`,
    });
  if (incident.closed !== null)
    blocks.push({
      is: 'note',
      words: say`Closed ${clock(incident.closed.at)}${incident.closed.audit === null ? '' : ` · audit ${incident.closed.audit}`}`,
    });
  return { lock: cut(lockOf(view, change, stand), 300), blocks };
}

function titleLine({ incident, killSwitch }: View, change: Change, stand: Stand): Words {
  const number = incident.number === null ? null : say` · INC-${incident.number}`;
  const stop = killSwitch === null ? null : say` · :octagonal_sign: everything is stopped`;
  const taken = undone(incident, change);
  const state = taken === null ? wordOf(incident, stand) : `${wordOf(incident, stand)}, taken back since`;
  return say`${EMOJI[stand]} ${bold(`${change.title} · ${list(change.regions)}`)}${number} · asked by ${user(change.by)} · ${state}${stop}`;
}

function wordOf(incident: View['incident'], stand: Stand): string {
  const lead = leadOf(incident);
  if (stand === 'changing' && lead?.stage === 'granted' && lead.waitsFor !== null)
    return 'approved, waits for another incident';
  return stand;
}

/** The act of this change that was taken back; null: none was. */
function undone({ proposals }: View['incident'], { id }: Change): Proposal | null {
  const acts = proposals.filter((one) => one.change === id);
  return acts.find((act) => proposals.some((one) => one.undoOf === act.id && one.ended?.how === 'verified')) ?? null;
}

function bodyOf(view: View, change: Change): readonly Words[] {
  const { incident } = view;
  const region = regionOf(change);
  const lines: Words[] = [];
  const diagnosis = incident.diagnoses[region];
  const lead = leadOf(incident);
  const under = lead === null || lead.stage === 'open' ? undefined : lead;
  const watch = under?.stage === 'watching' ? under.watch : null;
  if (diagnosis !== undefined) {
    const place = change.regions.length > 1 ? ` in ${region}` : '';
    // A node has no users of its own.
    if (change.playbook === CHANGE)
      lines.push(say`${bold(`Users${place}:`)} ${impactWords(watch?.impact ?? diagnosis.impact)}`);
    if (under === undefined) lines.push(say`${bold(`Now${place}:`)} ${healthWords(diagnosis)}`);
    for (const one of diagnosis.remarks)
      if (one.label === 'Change') lines.push(say`${bold(`${one.label}${place}:`)} ${one.words}`);
  }
  const open = openLead(incident);
  if (open !== null) lines.push(...(open.undoOf === null ? wanted(view, open) : undoLines(view, open)));
  if (under !== undefined) lines.push(progressLine(under, under.stage === 'watching' ? 'verifying' : 'changing'));
  if (change.regions.length > 1) lines.push(orderLine(incident, change));
  const others = liveChanges(incident).filter((one) => one.id !== change.id);
  if (others.length > 0) lines.push(say`*Also asked for:* ${join(others.map(otherWords), ' · ')}`);
  if (incident.onIt !== null) lines.push(say`*On it:* ${user(incident.onIt)}; what is open waits for them`);
  if (view.killSwitch !== null && openProposals(incident).length > 0)
    lines.push(
      say`*Stopped:* everything, by ${whoIs(view.killSwitch)}. Nothing can be approved until ${code('/mlp stop off')}`,
    );
  lines.push(...endLines(view, change));
  return lines;
}

/** What else was asked for in this thread: it has a message of its own below, with its own buttons. */
function otherWords({ title, by, stage }: Change): Words {
  return say`${title}, by ${user(by)}, ${stage === 'planning' ? 'being prepared' : 'shown below'}`;
}

/** Said, not hidden: whoever approves must know what he changes. */
function healthWords(diagnosis: RegionDiagnosis): Words {
  const { findings, remarks, unread } = diagnosis;
  const parts: Words[] = findings.map((one) => say`${one.found}`);
  const pods = remarks.find((one) => one.label === 'Pods' || one.label === 'Node');
  if (parts.length === 0 && unread.length === 0)
    return pods === undefined ? say`nothing wrong found` : say`${pods.words}; nothing wrong found`;
  if (unread.length > 0) parts.push(say`could not read ${list(unread.slice(0, 3).map((one) => one.reading))}`);
  return join(parts, '; ');
}

function wanted(view: View, one: Proposal): readonly Words[] {
  return [
    say`*Change:* ${one.offer.says}. Risk ${highestRisk(one)}`,
    ...(one.list ?? []).slice(0, 3).map((part) => say`${bold(`Then in ${part.region}:`)} ${part.offer.says}`),
    ...((one.list ?? []).length === 0 ? [] : [say`*One approval for all:* ${orderOf(one)}`]),
    ...(one.offer.after === null ? [] : [say`*After it:* ${one.offer.after}`]),
    mayLine(view, one),
  ];
}

/** "eu-west-1 done, us-east-1 now, ap-southeast-1 after that". */
function orderLine({ proposals }: View['incident'], change: Change): Words {
  const parts = change.regions.map((region, index) => {
    const verified = proposals.some(
      (one) => one.change === change.id && one.region === region && one.ended?.how === 'verified',
    );
    if (verified) return `${region} done`;
    if (change.stage === 'over') return `${region} not done`;
    return index === change.step ? `${region} now` : `${region} once that is verified`;
  });
  return say`*Order:* ${parts.join(' · ')}`;
}

function endLines({ incident }: View, change: Change): readonly Words[] {
  const lines: Words[] = [];
  for (const one of incident.proposals.filter((p) => p.change === change.id && p.ended?.how === 'verified')) {
    const place = change.regions.length > 1 ? ` in ${one.region}` : '';
    lines.push(
      say`${bold(`Done${place}:`)} ${pastOf(one)}, approved by ${approvedBy(one)}. Verified ${since(one.ended?.at ?? '')}: ${one.ended?.because ?? ''}`,
    );
  }
  if (change.ended !== null && change.ended.how !== 'done') lines.push(say`*Not done:* ${change.ended.because}`);
  const left = change.stage === 'over' ? leftBehind(incident) : null;
  if (left !== null) lines.push(left);
  const todo = change.stage === 'over' ? sourcesToDo(incident) : [];
  if (todo.length > 0) lines.push(say`*Left to do:* ${join(todo, ' · ')}`);
  return lines;
}

function buttonsOf(view: View, change: Change, stand: Stand): readonly Button[] {
  const { stream, incident, rules, at } = view;
  const first = openLead(incident);
  if (first !== null && view.killSwitch === null && incident.onIt === null && barredNow(view, first) === null) {
    const { id: proposal } = first;
    const { length } = membersOf(first);
    const where = length > 1 ? ` in ${length} regions` : change.regions.length > 1 ? ` in ${first.region}` : '';
    return [
      approveButton(stream, first, where),
      button(stream, 'show-diff', 'Show diff', 'Show exactly what would change', { proposal }),
      button(stream, 'not-now', 'Not now', 'Put this proposal aside', { proposal }),
      button(stream, 'again', 'Check again', 'Look at everything again now'),
    ];
  }
  if (stand === 'changing' || stand === 'verifying')
    return [
      button(stream, 'stop', 'Stop', 'Start nothing more here; what is under way is followed to its end', {
        style: 'danger',
      }),
    ];
  const last = incident.proposals.findLast((one) => one.change === change.id);
  if (last === undefined || liveChanges(incident).length > 0) return [];
  const late = last.actedAt !== null && Date.parse(at) - Date.parse(last.actedAt) >= rules.timing.undoMs;
  const undo =
    last.actedAt !== null && !late && undoable(incident, last.id) !== null
      ? [button(stream, 'undo', 'Undo', `Take back the ${last.offer.label}; needs an approval`, { proposal: last.id })]
      : [];
  const again =
    stand === 'not done'
      ? [button(stream, 'ask-again', 'Ask again', 'Look again and propose it anew', { proposal: last.id })]
      : [];
  return [...again, ...undo, button(stream, 'timeline', 'Timeline', 'Show what happened when')];
}

function lockOf(view: View, change: Change, stand: Stand): string {
  const open = openLead(view.incident);
  const what = `${capital(change.title)} in ${list(change.regions)}`;
  const users = change.playbook === CHANGE ? usersBeside(view) : '';
  const beside = users === '' ? '' : ` ${users}`;
  if (open !== null) return `Approval wanted by ${open.expiresAt.slice(11, 16)} UTC: ${what}.${beside}`;
  return `${what}: ${stand}.${beside}`;
}
