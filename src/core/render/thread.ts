import type { Incident } from '../incident/state.ts';
import type { Rules } from '../incident/commands.ts';
import { changeOfThread, changeShown, neverShown } from '../incident/changes.ts';
import type { Desired, Message } from '../message.ts';
import { servedShort } from '../probed.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { clock, say, user } from '../words.ts';
import type { Words } from '../words.ts';
import { renderCard } from './card.ts';
import { expiredCall } from './expired.ts';
import { glassCall } from './glass.ts';
import { standOf } from './change.ts';
import { hushedMessage } from './handled.ts';
import { chartMessages } from './charts.ts';
import { reminderMessages } from './left.ts';
import { darkHead } from './dark.ts';
import { renderClear, renderEvidence } from './evidence.ts';
import { isStranger, renderOther } from './others.ts';
import { unreadWords } from './unread.ts';
import { foundHere, isFirstLook, mainFinding, mainRegion, nameOf, phaseOf } from './phase.ts';
import type { View } from './phase.ts';
import { draftMessages } from './postmortem.ts';
import { renderRoot } from './root.ts';
import { seenBeforeMessages } from './seen-before.ts';
import { noteMessages, saidOnce } from './said.ts';
import { memberTitle } from './grouped.ts';
import { stormTitle } from './storm.ts';
import { inOrderOfCards, waitsForOthers } from './together.ts';

/** Everything that should be in the channel for one thread, by key. The store drops what is the same as before. */
export function renderThread(view: View): readonly Desired[] {
  const { incident, stream } = view;
  if (incident.openedAt === null || neverShown(incident) || heldBack(view)) return [];
  const hushed = hushedMessage(view, titleOf(incident), stateOf(incident, view.rules));
  if (hushed !== null && incident.hush?.on === true) return [hushed];
  const change = changeOfThread(incident);
  const root = `${stream}/root`;
  const kept = (key: string, message: Message, under: string | null, priority: 0 | 1 | 2): Desired => ({
    key: `${stream}/${key}`,
    channel: incident.channel,
    placement: { is: 'kept', under },
    message,
    priority,
  });
  // What a person waits for is the card: who shows it hurries its root along.
  const out: Desired[] = [kept('root', renderRoot(view), null, 1)];
  for (const proposal of inOrderOfCards(incident)) {
    if (waitsForOthers(view, proposal)) continue;
    out.push(kept(`${proposal.id}/card`, renderCard(view, proposal), root, proposal.stage === 'watching' ? 1 : 0));
    for (const [name, message] of [
      ['glass', glassCall(view, proposal)],
      ['expired', expiredCall(view, proposal)],
    ] as const)
      if (message !== null)
        out.push({
          key: `${stream}/${proposal.id}/${name}`,
          channel: incident.channel,
          placement: { is: 'said', under: root },
          message,
          priority: 0,
        });
  }
  out.push(...saidOnce(view), ...noteMessages(view));
  for (const ask of incident.asks) out.push(kept(`asked/${ask.round}`, askedMessage(ask), root, 1));
  const all = Object.values(incident.diagnoses);
  // The evidence for what another incident answers for stands there.
  const other = all.filter((d) => isStranger(incident, d));
  const mine = all.filter((d) => !other.includes(d));
  const bad = mine.filter(
    (d) => d.findings.length > 0 || d.unread.length > 0 || incident.worst[d.region] !== undefined,
  );
  for (const diagnosis of bad) out.push(kept(`evidence/${diagnosis.region}`, evidenceOf(view, diagnosis), root, 2));
  if (incident.round?.finishedAt !== null)
    for (const one of other) out.push(kept(`evidence/${one.region}`, renderOther(incident, one), root, 2));
  out.push(...chartMessages(view), ...seenBeforeMessages(view));
  const clear = mine.filter((d) => !bad.includes(d));
  if (change === null && clear.length > 0 && incident.round?.finishedAt !== null)
    out.push(kept('evidence/clear', renderClear(clear), root, 2));
  const quietly = hushed === null ? [] : [hushed];
  return [
    ...out.map((one) => whenLate(one, root, incident)),
    ...quietly,
    ...reminderMessages(view),
    ...draftMessages(view),
  ];
}

/** What need not be said ten minutes late: the root and its timeline say it. What is over calls nobody any more. */
function whenLate(desired: Desired, root: string, incident: Incident): Desired {
  const { closed } = incident;
  const isPassing = /\/(note|take-over|asked|chart)\//.test(desired.key);
  // Part of another before anybody saw it: a message of its own would only push that one away.
  if (desired.key === root) return memberTitle(incident) === null ? desired : { ...desired, late: 'unseen' };
  return isPassing || closed !== null ? { ...desired, late: 'fold' } : desired;
}

/** Said at once, and kept up to date: who asks sees that it looks, and what came of it. */
function askedMessage({ who, done }: Incident['asks'][number]): Message {
  if (done === null)
    return {
      lock: 'Looking again.',
      blocks: [{ is: 'lines', lines: [say`:mag: Looking again, asked by ${user(who)} …`] }],
    };
  const found = done.found ?? 'nothing wrong found';
  const line = say`Looked again ${clock(done.at)}, asked by ${user(who)}: ${found}`;
  return { lock: `Looked again: ${found}.`, blocks: [{ is: 'lines', lines: [line] }] };
}

/** What is known of a region: of one that gives no answer, what was seen last. */
function evidenceOf({ incident }: View, diagnosis: RegionDiagnosis): Message {
  const { region, findings } = diagnosis;
  // What one fix made possible was offered since.
  const isOffered = (remedy: string): boolean =>
    incident.proposals.some((one) => one.region === region && one.offer.remedy === remedy);
  const blind = incident.blind[region];
  if (blind === undefined) {
    const shown = findings.length > 0 ? diagnosis : (incident.worst[region] ?? diagnosis);
    const notOffered = shown.notOffered.filter(({ remedy }) => !isOffered(remedy));
    return renderEvidence({ ...shown, notOffered }, { inRoot: region === mainRegion(incident) });
  }
  const picture = incident.pictures[region];
  const head = darkHead(region, blind, picture);
  const lock = `${region}: I cannot see it since ${blind.since.slice(11, 16)} UTC. ${servedShort(diagnosis.impact.probed) ?? 'Users there: not known.'}`;
  if (picture !== undefined) return { ...renderEvidence(picture, { head }), lock };
  return { lock, blocks: [{ is: 'lines', lines: [head, ...known(unreadWords(diagnosis))] }] };
}

function known(words: Words | null): readonly Words[] {
  return words === null ? [] : [words];
}

/** Only a post notifies, an edit does not: the first post waits a moment for the first look, so that a phone shows the cause. */
function heldBack({ incident, rules }: View): boolean {
  // A change that is shown has its number in the same moment: the first post is to say it.
  if (changeOfThread(incident) !== null) return incident.number === null;
  const first = isFirstLook(incident) && !incident.firstLookSlow;
  // It became part of a storm before anybody saw it.
  if (incident.grouped?.joins === true && incident.closed !== null) return first;
  // One region that does not answer keeps nobody from reading what was found in the others.
  const found = incident.round?.awaiting.length === 1 && foundHere(incident).length > 0;
  return first && !found && phaseOf(incident, rules) === 'looking';
}

/** For lists: "model-server: image v2.4.1 not found". */
export function titleOf(incident: Incident): string {
  const change = changeShown(incident);
  if (change !== null) return change.title;
  if (incident.storm !== null) return stormTitle(incident);
  const member = memberTitle(incident);
  if (member !== null) return member;
  const finding = mainFinding(incident);
  return finding === null ? nameOf(incident) : `${nameOf(incident)}: ${finding.short}`;
}

export function stateOf(incident: Incident, rules: Rules): string {
  const change = changeShown(incident);
  return change === null ? phaseOf(incident, rules) : standOf(incident, change);
}
