import type { RegionDiagnosis } from '../diagnosis.ts';
import { isOwn } from '../incident/belonging.ts';
import type { Unclear } from '../command/command.ts';
import type { Playbook } from '../contract.ts';
import { changeName, endWord } from '../incident/proposal.ts';
import type { Incident } from '../incident/state.ts';
import type { Block, Message } from '../message.ts';
import type { StreamInfo } from '../ports/store.ts';
import { inWordsOf } from '../reading-name.ts';
import { isChanging } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import { bold, code, plain, say, seconds, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import type { View } from './phase.ts';
import { andWhy } from './denied.ts';
import { diffOf } from './diff.ts';
import { nameOf, openProposals, whoIs } from './phase.ts';
import { renderRoot } from './root.ts';
import { capital, cut } from './small.ts';

/** Answers that only the asker sees: help, lists, details. Their words come from playbooks and config. */

/** A sentence of our own; `` `code` `` in it is ours too. */
export function sentence(text: string): Message {
  return lines([marked(text)]);
}

function marked(text: string): Words {
  const parts = text.split('`').map((part, index) => ({ part, mono: index % 2 === 1 }));
  return parts
    .filter(({ part }) => part !== '')
    .map(({ part, mono }) => (mono ? code(part) : { is: 'text', text: part }));
}

function lines(all: readonly Words[], more: readonly Block[] = []): Message {
  return {
    lock: cut(plain(all[0] ?? []), 200),
    blocks: [...(all.length === 0 ? [] : [{ is: 'lines', lines: all } as const]), ...more],
  };
}

export function playbooksMessage(catalogue: Catalogue): Message {
  return lines(
    catalogue.playbooks.map((one) => {
      const none = isChanging(one.id) ? 'none: it begins with a command' : 'everything that no other playbook owns';
      const alerts = one.alerts.length === 0 ? none : one.alerts.join(', ');
      return say`${bold(one.id)}: ${one.about} _Alerts:_ ${alerts}`;
    }),
  );
}

/** Choices are buttons that stand for a command. */
export function unclearMessage(parsed: Unclear): Message {
  if (parsed.choices.length === 0) return sentence(parsed.because);
  const buttons = parsed.choices.slice(0, 5).map((choice, index) => ({
    id: `choose:${index}`,
    label: cut(choice.label, 60),
    style: 'plain' as const,
    describe: cut(`Run /mlp ${choice.command}`, 70),
    press: { does: 'choose' as const, thread: '', command: choice.command },
  }));
  return lines([marked(parsed.because)], [{ is: 'buttons', buttons }]);
}

export function listMessage(all: readonly StreamInfo[], title: string, none: string): Message {
  if (all.length === 0) return sentence(none);
  const rows = all.map(
    ({ summary }) =>
      say`${summary.number === null ? 'question' : `INC-${summary.number}`} · ${summary.title}${summary.regions.length === 0 ? '' : ` · ${summary.regions.join(', ')}`} · ${summary.state} · ${since(summary.updatedAt)}`,
  );
  return lines([say`${bold(title)}`, ...rows]);
}

export function showMessage(view: View): Message {
  const root = renderRoot(view);
  return { lock: root.lock, blocks: root.blocks.filter((block) => block.is !== 'buttons') };
}

/** What other regions have is another thread's to say; all, while none is this one's. */
function itsOwn(incident: Incident): readonly RegionDiagnosis[] {
  const all = Object.values(incident.diagnoses);
  const own = all.filter(({ region }) => isOwn(incident, region) || region === incident.subject.focus);
  return own.length === 0 ? all : own;
}

/** What a command is called is not always what its remedies are. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  bounds: ['autoscaler-bounds', 'scaled-object-bounds'],
  replace: ['replace-pod'],
  set: ['set-cpu', 'set-memory', 'set-gpu', 'set-model-version', 'set-batch-size', 'set-threads'],
};

export function whyNotMessage(incident: Incident, remedy: string, playbooks: readonly Playbook[]): Message {
  const known = playbooks.flatMap((one) => one.remedies.map((r) => r.id));
  const ids = COMMANDS[remedy] ?? [remedy];
  if (!ids.some((one) => known.includes(one)))
    return sentence(`I know no remedy \`${cut(remedy, 60)}\`. There are: ${[...new Set(known)].join(', ')}.`);
  const playbook = playbooks.find((one) => one.id === incident.subject.playbook);
  const when = playbook?.remedies.filter((r) => ids.includes(r.id)).flatMap((r) => r.when) ?? [];
  const otherwise =
    when.length === 0
      ? `I offer no ${inWordsOf(remedy)} by myself for this kind of incident`
      : `I offer it only where I find one of these, and found none of them: ${causesIn(playbook, when)}`;
  const out: Words[] = [];
  // Every region that this is about has its answer, the ones that are in its own words first.
  for (const region of regionsAsked(incident)) {
    const said = ids.flatMap((one) => saidOf(incident, region, one));
    if (said.length > 0) out.push(...said.map((one) => say`${region}: ${one}`));
    else if (incident.diagnoses[region]?.findings.length === 0)
      out.push(say`${region}: nothing was found that it would fix`);
    else out.push(say`${region}: ${otherwise}`);
  }
  const name = incident.number === null ? nameOf(incident) : `INC-${incident.number}, ${nameOf(incident)}`;
  const head = say`${bold(`Why not ${inWordsOf(remedy)}?`)} (${name})`;
  return lines([head, ...(out.length > 0 ? out : [say`${capital(otherwise)}`])]);
}

/** In the words that people know from "Ruled out", each once. */
function causesIn(playbook: Playbook | undefined, when: readonly string[]): string {
  const words = when.map((id) => playbook?.checks.find((one) => one.id === id)?.rulesOut ?? inWordsOf(id));
  return [...new Set(words)].join(', ');
}

function regionsAsked(incident: Incident): readonly string[] {
  const named = [...incident.notOffered, ...incident.proposals].map((one) => one.region);
  return [...new Set([...itsOwn(incident).map((one) => one.region), ...named])];
}

/** What is known of this remedy there: offered, not offered and why, how it ended. */
function saidOf(incident: Incident, region: string, remedy: string): readonly Words[] {
  const isIt = (one: { readonly region: string; readonly offer: { readonly remedy: string } }): boolean =>
    one.region === region && one.offer.remedy === remedy;
  const nos = [
    ...(incident.diagnoses[region]?.notOffered ?? []),
    ...incident.notOffered.filter((no) => no.region === region),
  ];
  return [
    ...openProposals(incident)
      .filter(isIt)
      .map(() => say`it *is* offered`),
    ...[...new Set(nos.filter((no) => no.remedy === remedy).map((no) => no.because))].map((because) => say`${because}`),
    ...incident.proposals
      .filter(isIt)
      .flatMap((one) => (one.ended === null ? [] : [say`it was ${endWord(one.ended)}${andWhy(one.ended)}`])),
  ];
}

export function diffMessage(incident: Incident, proposal: string): Message {
  const one = incident.proposals.find((p) => p.id === proposal);
  if (one === undefined) return sentence('This proposal is not known any more.');
  return lines([say`${bold(capital(changeName(one)))}`], [{ is: 'verbatim', text: diffOf(one).join('\n') }]);
}

export function stepsMessage(incident: Incident): Message {
  const all = itsOwn(incident)
    .flatMap((d) => d.advice.map((a) => ({ region: d.region, ...a })))
    .filter((a) => a.steps.length > 0);
  if (all.length === 0) return sentence('There are no steps for a person now.');
  const blocks = all.flatMap((a): Block[] => [
    { is: 'lines', lines: [say`${bold(a.region)}: ${a.fix}`] },
    { is: 'verbatim', text: a.steps.join('\n') },
  ]);
  return { lock: 'Steps for a person.', blocks };
}

export interface TimelineRow {
  readonly at: string;
  readonly words: Words;
}

/** What happened, the oldest first. */
export function timelineRows(incident: Incident): readonly TimelineRow[] {
  const rows: TimelineRow[] = incident.timeline.map((one) => ({
    at: one.at,
    words: say`${one.who === 'mlp-bot' ? 'I' : user(one.who)}: ${one.what}`,
  }));
  if (incident.openedAt !== null) rows.push({ at: incident.openedAt, words: say`opened` });
  for (const name of new Set(Object.values(incident.alerts).map((alert) => alert.name))) {
    const same = Object.values(incident.alerts).filter((alert) => alert.name === name);
    const resolved = same.every((alert) => alert.status === 'resolved') ? ' (resolved since)' : '';
    const at = same.map((alert) => alert.startsAt).toSorted()[0] ?? '';
    rows.push({
      at,
      words: say`${name} began to fire${same.length === 1 ? '' : ` (${same.length} alerts)`}${resolved}`,
    });
  }
  for (const one of incident.proposals) {
    const name = changeName(one);
    rows.push({ at: one.proposedAt, words: say`${name} proposed` });
    for (const vote of one.votes)
      rows.push({
        at: vote.at,
        words: say`${whoIs(vote.by)} ${vote.reason === null || vote.by === 'mlp-bot' ? 'approved' : `broke the glass (${vote.reason}) for`} the ${name}`,
      });
    if (one.actedAt !== null) rows.push({ at: one.actedAt, words: say`${name} written` });
    if (one.ended !== null)
      rows.push({
        at: one.ended.at,
        words: say`${name} ${endWord(one.ended)}${one.ended.by === null ? null : say` by ${user(one.ended.by)}`}${andWhy(one.ended)}`,
      });
  }
  if (incident.closed !== null) rows.push({ at: incident.closed.at, words: say`closed: ${incident.closed.how}` });
  return rows.toSorted((a, b) => a.at.localeCompare(b.at));
}

export function timelineMessage(incident: Incident): Message {
  return lines(
    timelineRows(incident)
      .slice(-40)
      .map((one) => say`${seconds(one.at)} ${one.words}`),
  );
}
