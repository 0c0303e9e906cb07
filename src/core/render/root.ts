import type { Proposal } from '../incident/state.ts';
import { changeShown } from '../incident/changes.ts';
import { undoable } from '../incident/undoing.ts';
import type { Block, Button, Message } from '../message.ts';
import { bold, clock, say, user } from '../words.ts';
import type { Words } from '../words.ts';
import {
  EMOJI,
  actName,
  actOf,
  decidedByPeople,
  isBlind,
  lastFix,
  mistakenFinding,
  nameOf,
  openProposals,
  openUndo,
  phaseOf,
  undoState,
  severalRegions,
  whereOf,
  whoIs,
} from './phase.ts';
import { fixedWord } from './fixes.ts';
import type { Phase, View } from './phase.ts';
import { darkTitle, retrying } from './dark.ts';
import { elsewhereTitle } from './others.ts';
import { causeButtons, closedIn, howOver } from './closed.ts';
import { doNot, lockOf } from './lock.ts';
import { elsewhereSubject, nothingTitle, subjectTitle } from './titles.ts';
import { pastOf } from './past.ts';
import { escalateButton, peopleLine } from './called.ts';
import { distrustLine } from './watchdogs.ts';
import { renderChange } from './change.ts';
import { barredNow } from './only-looking.ts';
import { isAskedFor, moreButton, priorityWords, renderByHand, withHandled } from './handled.ts';
import { bodyLines } from './root-lines.ts';
import { renderGrouped } from './grouped.ts';
import { renderStorm } from './storm.ts';
import { changedSince } from './stopped.ts';
import { changedAgain, followed } from './verifying.ts';
import { approveButton, button, cut } from './small.ts';

/** The root message: the incident's summary, at most twelve lines, with the buttons of its most urgent proposal. */
export function renderRoot(view: View): Message {
  const change = changeShown(view.incident);
  if (change !== null) return renderChange(view, change);
  const phase = phaseOf(view.incident, view.rules);
  const { storm } = view.incident;
  const byHand = renderByHand(view);
  if (byHand !== null) return byHand;
  const part = renderGrouped(view);
  if (part !== null) return part;
  if (storm !== null) return renderStorm(view, storm, phase);
  const people = peopleLine(view);
  const distrust = distrustLine(view.incident);
  const lines = [
    titleLine(view, phase),
    ...(distrust === null ? [] : [distrust]),
    ...withHandled(view, bodyLines(view, phase), people),
  ];
  const blocks: Block[] = [{ is: 'lines', lines }];
  const called = phase === 'nothing found' && isAskedFor(view.incident) ? 'needs a person' : phase;
  const buttons = [...buttonsOf(view, phase).slice(0, 5), ...escalateButton(view, called), ...moreButton(view, phase)];
  if (buttons.length > 0) blocks.push({ is: 'buttons', buttons: buttons.slice(0, 6) });
  const note = noteOf(view, phase);
  if (note !== null) blocks.push({ is: 'note', words: note });
  const silent = distrust === null ? '' : 'Alerts from there do not reach me. ';
  return { lock: cut(`${silent}${lockOf(view, phase)}`, 300), blocks };
}

/** What a phone shows of it, for whoever is called another way. */
export function lockText(view: View): string {
  return renderRoot(view).lock;
}

/** While what must not be done is said, a change that somebody asked for beside it mends nothing: a person is still needed. */
function looksLike(view: View, phase: Phase): Phase {
  const isAside = phase === 'waiting for approval' && openProposals(view.incident).every((one) => one.change !== null);
  return isAside && doNot(view) !== '' ? 'needs a person' : phase;
}

function titleLine(view: View, phase: Phase): Words {
  const { incident } = view;
  const number = incident.number === null ? null : say` · INC-${incident.number}`;
  const where = whereOf(view);
  const stop = view.killSwitch === null ? null : say` · :octagonal_sign: everything is stopped`;
  if (phase === 'closed' || phase === 'fixed, waiting') {
    const what = howOver(incident);
    const fix = lastFix(incident);
    const done = fix === null ? 'over' : fixedWord(fix);
    const stands = changedAgain(incident) === null ? `${done}, waiting` : 'changed again since, watching';
    return say`${EMOJI[phase]} ${bold(`${nameOf(incident)} · ${where} · ${what}${phase === 'closed' ? '' : ` · ${stands}`}`)}${number}${phase === 'closed' ? closedIn(incident) : null}${stop}`;
  }
  if (phase === 'nothing found' || phase === 'closed, nothing found') {
    const asked =
      incident.by.is === 'person'
        ? say` · asked by ${user(incident.by.id)}, ${clock(incident.openedAt ?? view.at)}`
        : null;
    const none = incident.number === null ? say` · no incident opened` : number;
    const mistaken = mistakenFinding(incident);
    if (mistaken !== null) return say`:grey_question: ${bold(`${mistaken.short} · ${where}`)}${asked}${none}${stop}`;
    const urgent = isAskedFor(incident);
    const emoji = urgent ? EMOJI['needs a person'] : isBlind(incident) ? ':grey_question:' : EMOJI[phase];
    const priority = urgent ? say` · ${priorityWords(view)}` : null;
    return say`${emoji} ${bold(`${nameOf(incident)} · ${where}: ${nothingTitle(incident)}`)}${priority}${asked}${none}${stop}`;
  }
  if (phase === 'cannot see')
    return say`${EMOJI[phase]} ${bold(darkTitle(view))} · ${priorityWords(view)}${number} · ${retrying(view)}${stop}`;
  if (phase === 'elsewhere')
    return say`${EMOJI[phase]} ${bold(`${elsewhereSubject(view)} · ${where}`)}${number} · ${elsewhereTitle(incident)}${stop}`;
  const undo = openUndo(incident);
  if (phase === 'undo asked' && undo !== null) {
    const what = `${nameOf(incident)} · ${undo.act.region} · ${pastOf(undo.act)} · ${undoState(undo.act)}`;
    const by = undo.undo.requester === null ? null : say` by ${whoIs(undo.undo.requester)}`;
    return say`${EMOJI[phase]} ${bold(what)}${by}${number}${onItState(view) ?? say` · waiting for approval`}${stop}`;
  }
  const priority = Object.keys(incident.worst).length === 0 ? null : say` · ${priorityWords(view)}`;
  const back = phase === 'changing' || phase === 'verifying' ? undoUnderWay(incident) : null;
  if (back !== null)
    return say`${EMOJI[phase]} ${bold(`${nameOf(incident)} · ${back.region} · the ${back.offer.label} is taken back`)}${priority}${number} · ${stateWord(view, phase)}${stop}`;
  return say`${EMOJI[looksLike(view, phase)]} ${bold(`${subjectTitle(view)} · ${where}`)}${priority}${number}${onItState(view) ?? say` · ${stateWord(view, phase)}`}${stop}`;
}

/** The change that an undo under way takes back. */
function undoUnderWay(incident: View['incident']): Proposal | null {
  const under = incident.proposals.find((one) => one.stage === 'acting' || one.stage === 'watching');
  return under === undefined || under.undoOf === null ? null : actOf(incident, under);
}

/** Somebody took it over while a change waits. */
function onItState({ incident }: View): Words | null {
  const open = openProposals(incident);
  if (incident.onIt === null || open[0] === undefined) return null;
  const what = open.length === 1 ? `the ${actName(open[0])} waits` : 'the fixes wait';
  return say` · ${user(incident.onIt)} is on it · ${what}`;
}

function stateWord({ incident }: View, phase: Phase): Words {
  const stop = incident.stops.at(-1);
  if (phase === 'stopped' && stop !== undefined) return say`stopped by ${user(stop.who)}`;
  const waits = incident.proposals.some((one) => one.stage === 'granted' && one.waitsFor !== null);
  return say`${phase === 'changing' && waits ? 'approved, waits for another incident' : phase}`;
}

function buttonsOf(view: View, phase: Phase): readonly Button[] {
  const { stream, incident } = view;
  const again = button(stream, 'again', 'Check again', 'Look at everything again now');
  if (phase === 'looking') return [];
  // Who was called for it can say that he has it.
  if (phase === 'nothing found' && isAskedFor(incident)) return [mineButton(view), again];
  if (phase === 'closed, nothing found' || phase === 'nothing found' || phase === 'elsewhere') return [again];
  const undo = fixUndo(view);
  if (phase === 'closed') {
    return [...causeButtons(view), ...undo, button(stream, 'timeline', 'Timeline', 'Show what happened when')];
  }
  const first = openProposals(incident)[0];
  const mine = mineButton(view);
  const held =
    incident.onIt === null ? [] : [button(stream, 'mine', 'Take over', 'You are on it from now on, in place of them')];
  if (first !== undefined && incident.onIt === null && view.killSwitch === null && barredNow(view, first) === null) {
    const { id: proposal } = first;
    return [
      approveButton(stream, first, severalRegions(incident) ? ` in ${first.region}` : ''),
      button(stream, 'show-diff', 'Show diff', 'Show exactly what would change', { proposal }),
      button(stream, 'not-now', 'Not now', 'Put this proposal aside', { proposal }),
      mine,
      again,
    ];
  }
  if (phase === 'stopped')
    return [
      button(stream, 'again', 'Go on', 'Look at everything again now, and offer what fits', { style: 'primary' }),
      ...(hasSteps(view) ? [button(stream, 'steps', 'Show steps', 'Show the commands for a person')] : []),
      ...undo,
    ];
  if ((phase === 'changing' || phase === 'verifying') && incident.stopped !== null) return [];
  if (phase === 'changing' || phase === 'verifying')
    return [
      button(stream, 'stop', 'Stop', 'Start nothing more here; what is under way is followed to its end', {
        style: 'danger',
      }),
    ];
  const askAgain = decidedByPeople(incident)
    ? [button(stream, 'ask-again', 'Ask again', 'Look again and propose anew')]
    : [];
  return [
    ...askAgain,
    ...(first === undefined
      ? []
      : [button(stream, 'show-diff', 'Show diff', 'Show exactly what would change', { proposal: first.id })]),
    ...held,
    mine,
    again,
    ...(hasSteps(view) ? [button(stream, 'steps', 'Show steps', 'Show the commands for a person')] : []),
    ...undo,
  ];
}

function mineButton({ stream, incident }: View): Button {
  return incident.onIt === null
    ? button(stream, 'mine', "I'm on it", 'You take over: proposals wait, watching goes on')
    : button(stream, 'hand-back', 'Hand back to the bot', 'The bot may propose again');
}

function hasSteps({ incident }: View): boolean {
  return Object.values(incident.diagnoses).some((d) => d.advice.some((a) => a.steps.length > 0));
}

function fixUndo({ stream, incident, rules, at }: View): readonly Button[] {
  const fix = lastFix(incident);
  if (fix?.actedAt === undefined || fix.actedAt === null || undoable(incident, fix.id) === null) return [];
  // What runs is not what it wrote any more: there is nothing of it to take back.
  if (changedAgain(incident) !== null || incident.gone.includes(fix.id)) return [];
  const open = Date.parse(at) - Date.parse(fix.actedAt) < rules.timing.undoMs;
  return open
    ? [button(stream, 'undo', 'Undo', `Take back the ${fix.offer.label}; needs an approval`, { proposal: fix.id })]
    : [];
}

function noteOf(view: View, phase: Phase): Words | null {
  const { incident } = view;
  if (phase === 'looking') return null;
  if (phase === 'closed' && incident.closed !== null)
    return say`Looked again until ${clock(incident.closed.at)}: over. Closed${incident.closed.audit === null ? '' : ` · audit ${incident.closed.audit}`}`;
  const all = Object.values(incident.diagnoses);
  const asked = all.reduce((sum, d) => sum + d.asked, 0);
  const answered = all.reduce((sum, d) => sum + d.answered, 0);
  const at =
    all
      .map((d) => d.at)
      .toSorted()
      .at(-1) ?? view.at;
  const change = phase === 'stopped' ? changedSince(view) : phase === 'verifying' ? followed(view) : null;
  if (change?.watch !== undefined && change.watch !== null)
    return say`Seen last ${clock(change.watch.at)}, after the ${change.undoOf === null ? 'change' : 'undo'} · evidence in thread`;
  return say`Checked ${clock(at)} · ${answered} of ${asked} readings answered · evidence in thread`;
}
