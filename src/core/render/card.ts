import type { Blind } from '../incident/belonging.ts';
import { endWord } from '../incident/proposal.ts';
import { compareImpact, impactWords, milliseconds, percent } from '../impact.ts';
import type { Impact } from '../impact.ts';
import { changeShown } from '../incident/changes.ts';
import { undoable } from '../incident/undoing.ts';
import { pastOf } from './past.ts';
import { highestRisk, listDigest, membersOf } from '../incident/listed.ts';
import { comparableFrom } from '../incident/record.ts';
import { callsOf } from './callees.ts';
import { andWhy, deniedBefore, whyDenied } from './denied.ts';
import { takenBackWords } from './done.ts';
import { diffOf } from './diff.ts';
import { undoRisk, usersBeside } from './lock.ts';
import type { Proposal } from '../incident/state.ts';
import type { Block, Message } from '../message.ts';
import { namesOf } from '../policy.ts';
import { bold, clock, code, join, mention, say, seconds, until, user } from '../words.ts';
import type { Words } from '../words.ts';
import { CHANGE_NODE } from '../routing.ts';
import { barredNow } from './only-looking.ts';
import type { View } from './phase.ts';
import { actName, actOf, nameOf, openProposals, whoIs } from './phase.ts';
import { approveButton, button, capital, cut, duration, orderOf, placesOf } from './small.ts';

/** A proposal's card in the thread: exactly what is approved, who may, and each phase as it happens. Its first post mentions who may approve. */
export function renderCard(view: View, proposal: Proposal): Message {
  const blocks: Block[] = [{ is: 'lines', lines: [headLine(view, proposal)] }];
  blocks.push(
    { is: 'lines', lines: [say`${bold(previewHead(proposal))}${rehearsed(proposal)}`] },
    { is: 'verbatim', text: diffOf(proposal).join('\n') },
    ...listBlocks(proposal),
  );
  const lines = [...policyLines(view, proposal), ...phaseLines(proposal, view.incident.closed !== null)];
  if (lines.length > 0) blocks.push({ is: 'lines', lines });
  const buttons = cardButtons(view, proposal);
  if (buttons.length > 0) blocks.push({ is: 'buttons', buttons });
  return { lock: cut(lockOf(view, proposal), 300), blocks };
}

/** An undo is named by what it takes back: the undo of a resume pauses. */
function whatOf(view: View, proposal: Proposal): string {
  const { offer, undoOf } = proposal;
  const region = proposal.stage === 'open' ? placesOf(proposal) : proposal.region;
  const label =
    undoOf === null
      ? capital(offer.label)
      : `Undo of the ${actOf(view.incident, proposal)?.offer.label ?? offer.label}`;
  return `${label} of ${nameOf(view.incident)} in ${region}`;
}

function headLine(view: View, proposal: Proposal): Words {
  const what = whatOf(view, proposal);
  const blind = blindOf(view, proposal);
  if (blind !== undefined)
    return say`:hourglass: ${bold(what)} waits: I cannot see ${proposal.region} since ${clock(blind.since)}. It can be approved again after a fresh look`;
  if (proposal.stage === 'open') {
    const { onIt } = view.incident;
    const asker = proposal.requester === null ? null : say`, asked for by ${whoIs(proposal.requester)},`;
    if (onIt !== null && !proposal.votes.some((vote) => vote.by === onIt))
      return say`${bold(what)}${asker} waits for ${mention(onIt)}, who is on it, until ${until(proposal.expiresAt)}. Risk ${highestRisk(proposal)}`;
    if (view.killSwitch !== null)
      return say`${join(callsOf(view, proposal), ' ')} ${bold(what)}${asker} cannot be approved: everything is stopped by ${whoIs(view.killSwitch)}. It waits for ${code('/mlp stop off')}, by one of ${namesOf(view.rules.policy, 'high')}, until ${until(proposal.expiresAt)}`;
    const barred = barredNow(view, proposal);
    if (barred !== null)
      return say`:hourglass: ${bold(what)}${asker} cannot be approved: ${barred}. It is open until ${until(proposal.expiresAt)}. Risk ${highestRisk(proposal)}`;
    const calls = callsOf(view, proposal);
    const of = calls.length > 0 ? 'you' : namesOf(view.rules.policy, highestRisk(proposal));
    return say`${join(calls, ' ')}${calls.length > 0 ? ' ' : ''}${bold(what)}${asker} waits for ${proposal.may.need - proposal.votes.length} of ${of} until ${until(proposal.expiresAt)}. Risk ${highestRisk(proposal)}${takenBackWords(view.incident, proposal)}`;
  }
  if (proposal.stage === 'granted' && proposal.waitsFor !== null)
    return say`:hourglass: ${bold(what)}: approved, waits for ${proposal.waitsFor}, which changes the same target`;
  if (proposal.ended !== null) return say`${endEmoji(proposal)} ${bold(what)}: ${endText(proposal)}`;
  return say`${proposal.stage === 'watching' ? ':hourglass_flowing_sand:' : ':arrows_counterclockwise:'} ${bold(what)}: ${proposal.stage === 'watching' ? 'done, verifying' : 'under way'}`;
}

function endEmoji(proposal: Proposal): string {
  switch (proposal.ended?.how) {
    case 'verified':
      return ':white_check_mark:';
    case 'denied':
    case 'expired':
    case 'withdrawn':
    case 'superseded':
    case 'stopped':
      return ':white_circle:';
    default:
      return ':red_circle:';
  }
}

function endText(proposal: Proposal): Words {
  const { ended } = proposal;
  if (ended === null) return [];
  const by = ended.by === null ? null : say` by ${user(ended.by)}`;
  const why = andWhy(ended) === '' ? '' : `. ${capital(whyDenied(ended))}`;
  return say`${endWord(ended)}${by}, ${clock(ended.at)}${why}`;
}

/** What the same approval lets follow it, region by region. */
function listBlocks(proposal: Proposal): readonly Block[] {
  const [, ...others] = membersOf(proposal);
  if (others.length === 0 || proposal.stage !== 'open') return [];
  return [
    ...others.flatMap((one): readonly Block[] => [
      {
        is: 'lines',
        lines: [say`${bold(`Then in ${one.region}:`)} ${one.offer.says}. Risk ${one.offer.risk}${rehearsed(one)}`],
      },
      { is: 'verbatim', text: diffOf(one).join('\n') },
    ]),
    { is: 'lines', lines: [say`${bold('One approval for all:')} ${orderOf(proposal)}`] },
  ];
}

/** A preview is one only until it is decided. */
function previewHead({ actedAt, ended }: Proposal): string {
  if (actedAt !== null) return 'What was changed';
  return ended === null ? 'What would change' : 'What would have changed';
}

function rehearsed(proposal: Proposal): Words {
  if (proposal.noPreview !== null) return say` (no preview possible, because ${proposal.noPreview})`;
  return proposal.rehearsal.length === 0
    ? []
    : say` (server dry run accepted ${clock(proposal.plannedAt ?? proposal.proposedAt)}; nothing else changes)`;
}

function policyLines(view: View, proposal: Proposal): readonly Words[] {
  if (proposal.stage !== 'open') return [];
  const denied = deniedBefore(view.incident, proposal);
  return [...(denied === null ? [] : [denied]), ...pairLines(view, proposal)];
}

function pairLines(view: View, proposal: Proposal): readonly Words[] {
  if (proposal.undoOf !== null) return undoLines(view, proposal);
  const { undo, after } = proposal.offer;
  // What follows from a fix alone is in the summary, which has no room for that of several.
  const lines: Words[] = after === null || openProposals(view.incident).length < 2 ? [] : [say`*After it:* ${after}`];
  lines.push(
    'impossible' in undo
      ? say`*Cannot be taken back:* ${undo.impossible}`
      : say`*If users fare worse* within ${duration(view.rules.timing.undoAloneMs)} of it, I take it back by myself: your approval covers the pair`,
  );
  return lines;
}

/** What comes back with an undo. What is said of a fix (what follows, how it is taken back) is not true of it. */
function undoLines({ incident }: View, proposal: Proposal): readonly Words[] {
  const act = actOf(incident, proposal);
  if (act === null) return [];
  const when = act.actedAt === null ? null : say` of ${clock(act.actedAt)}`;
  const before = say`the state from before the ${act.offer.label}${when}`;
  if (act.cause === null) return [say`*It brings back* ${before}`];
  const risky =
    act.ended?.how === 'made worse' || proposal.offer.risk !== 'high'
      ? null
      : say`. I have not seen that repaired, so the risk is high`;
  return [say`*It brings back* ${before}, and with it what was found then: ${act.cause}${risky}`];
}

/** What happened, line by line, each with its time. */
function phaseLines(proposal: Proposal, closed: boolean): readonly Words[] {
  const lines: Words[] = proposal.votes.map(
    (vote) =>
      say`${seconds(vote.at)} ${user(vote.by)} ${vote.reason === null ? 'approved' : `broke the glass: ${vote.reason}`}`,
  );
  const { attempt, actedAt, watch, ended } = proposal;
  if (attempt !== null)
    lines.push(
      say`${seconds(attempt.before.at)} Read again: nothing changed since ${seconds(proposal.plannedAt ?? proposal.proposedAt)}. ${capital(actName(proposal))} begins${proposal.attempts > 1 ? `, attempt ${proposal.attempts}` : ''}`,
    );
  if (attempt !== null && attempt.outcome === null && proposal.stage === 'acting')
    lines.push(
      say`Waiting for the cluster's answer; without one by ${seconds(attempt.notAfter)} I look whether it happened`,
    );
  if (actedAt !== null)
    lines.push(
      say`${seconds(actedAt)} ${attempt?.outcome?.is === 'done' && attempt.outcome.how === 'found it done' ? 'Found it done (its answer was lost)' : 'Written'}`,
    );
  if (watch !== null) lines.push(say`${seconds(watch.at)} ${capital(watch.progress)}${doubt(watch)}`);
  // A node has no users of its own.
  const hasUsers = proposal.playbook !== CHANGE_NODE;
  if (hasUsers && ended?.how === 'verified' && attempt !== null && watch !== null)
    lines.push(verifiedLine(proposal, closed));
  return lines;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

/** What the verdict adds to the progress. */
function doubt({ verdict, progress }: NonNullable<Proposal['watch']>): string {
  if (verdict.is === 'yes') return verdict.note === undefined ? '' : `; ${verdict.note}`;
  if (verdict.is === 'not yet' && verdict.because === progress) return '';
  return verdict.is === 'not yet' ? `: ${verdict.because}` : `: ${verdict.is}, ${verdict.because}`;
}

/** Before and after are compared once the window of the numbers holds nothing of before. */
function verifiedLine(proposal: Proposal, closed: boolean): Words {
  const before = proposal.attempt?.before.impact;
  const now = proposal.watch?.impact;
  if (before === undefined || now === undefined) return [];
  const from = comparableFrom(proposal);
  if (proposal.after === null) {
    if (now.errorRatio === null && now.latencySeconds === null) return say`*Users:* ${impactWords(now)}`;
    const why = say`the ${now.window} of the numbers begin before the change`;
    return closed || from === null
      ? say`*Users before and after:* not compared: closed while ${why}`
      : say`*Users before and after:* too early to compare, from ${clock(from)}: ${why}`;
  }
  const after = proposal.after.impact;
  if (after.errorRatio === null && after.latencySeconds === null) return say`*Users:* ${impactWords(after)}`;
  const errors = `errors ${percent(before.errorRatio)} → ${percent(after.errorRatio)}`;
  const latency = `p95 ${milliseconds(before.latencySeconds)} → ${milliseconds(after.latencySeconds)}`;
  const samples =
    after.requests === null
      ? ''
      : ` (${before.requests === null ? 'not counted' : count(before.requests)} and ${count(after.requests)} requests, ${after.window} each)`;
  return say`*Users before and after:* ${errors}, ${latency}${samples}: ${comparison(before, after)}`;
}

function comparison(before: Impact, after: Impact): Words {
  if (after.level === 'too little traffic') return say`too little traffic to tell`;
  const is = compareImpact(before, after);
  return is.is === 'same' ? say`not worse` : is.is === 'worse' ? say`worse, ${is.because}` : say`cannot tell`;
}

function cardButtons(view: View, proposal: Proposal): Extract<Block, { is: 'buttons' }>['buttons'] {
  const { stream, incident } = view;
  const { id } = proposal;
  const digest = listDigest(proposal);
  const notNow = button(stream, 'not-now', 'Not now', 'Put this proposal aside', { proposal: id });
  // Nobody approves what cannot be looked at.
  if (blindOf(view, proposal) !== undefined) return [notNow];
  if (barredNow(view, proposal) !== null) return [notNow];
  if (proposal.stage === 'open' && view.killSwitch === null) {
    return [
      approveButton(
        stream,
        proposal,
        (proposal.list ?? []).length === 0 ? '' : ` in ${membersOf(proposal).length} regions`,
      ),
      button(stream, 'deny', 'Deny…', 'Say no, with a reason', { proposal: id }),
      notNow,
      ...(proposal.may.need > 1
        ? [
            button(stream, 'break-glass', 'Break glass…', 'One on-call person with a reason, where two are asked for', {
              proposal: id,
              digest,
            }),
          ]
        : []),
    ];
  }
  if (askedUndo(view, proposal)) {
    const what = cut(`Take back: ${pastOf(proposal)}; needs an approval`, 150);
    return [button(stream, 'undo', 'Undo', what, { proposal: id })];
  }
  if (proposal.ended?.how === 'expired' || proposal.ended?.how === 'denied') {
    return incident.closed === null
      ? [button(stream, 'ask-again', 'Ask again', 'Look again and propose anew', { proposal: id })]
      : [];
  }
  return [];
}

/** What a person asked for beside a fault is taken back from its own card: the summary offers to take back the fix. */
function askedUndo({ incident, rules, at }: View, { id, change, ended, actedAt }: Proposal): boolean {
  if (change === null || ended === null || actedAt === null || undoable(incident, id) === null) return false;
  const shown = changeShown(incident);
  // There the summary has the button, for the last of that change.
  if (shown !== null && incident.proposals.findLast((one) => one.change === shown.id)?.id === id) return false;
  return !incident.gone.includes(id) && Date.parse(at) - Date.parse(actedAt) < rules.timing.undoMs;
}

/** Its region gives no answer while it waits for approval. */
function blindOf({ incident }: View, { stage, region }: Proposal): Blind | undefined {
  return stage === 'open' ? incident.blind[region] : undefined;
}

function lockOf(view: View, proposal: Proposal): string {
  const what = whatOf(view, proposal);
  if (blindOf(view, proposal) !== undefined) return `${what} waits: I cannot see the region.`;
  const barred = barredNow(view, proposal);
  if (barred !== null) return `${what} cannot be approved: ${barred}.`;
  if (proposal.stage === 'open') {
    const finding = view.incident.diagnoses[proposal.region]?.findings[0] ?? null;
    const cause = finding === null || proposal.undoOf !== null ? '' : ` ${capital(finding.short)}.`;
    const users = proposal.playbook === CHANGE_NODE ? '' : usersBeside(view);
    const wanted =
      view.killSwitch === null
        ? `Approval wanted by ${proposal.expiresAt.slice(11, 16)} UTC: ${what}.`
        : `Everything is stopped, nothing can be approved: ${what} waits for /mlp stop off.`;
    return `${wanted}${undoRisk(view.incident, proposal)}${users === '' ? '' : ` ${users}`}${cause}`;
  }
  return `${what}: ${proposal.ended === null ? proposal.stage : endWord(proposal.ended)}.`;
}
