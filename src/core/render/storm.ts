import { impactWords, impactShort } from '../impact.ts';
import type { AlertKind } from '../incident/events.ts';
import type { Beside, Storm } from '../incident/storm.ts';
import { firing, stormFindings } from '../incident/storming.ts';
import type { Incident } from '../incident/state.ts';
import type { Block, Button, Message } from '../message.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { bold, clock, join, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { escalateButton, peopleLine } from './called.ts';
import { EMOJI } from './phase.ts';
import type { Phase, View } from './phase.ts';
import { handledLines, moreButton, priorityWords } from './handled.ts';
import { priorityOf } from './priority.ts';
import { button, cut, duration, list } from './small.ts';

/** One message for many alerts: users first, what they share, what breaks next, what is held back and what stays apart. */

/** Their words say when it began. */
const TELLS_WHEN: ReadonlySet<string> = new Set(['region-lost', 'nodes-lost']);

type Stormy = View & { readonly storm: Storm };

export function renderStorm(view: View, storm: Storm, phase: Phase): Message {
  const of: Stormy = { ...view, storm };
  const lines = [titleLine(of, phase), ...(phase === 'closed' ? closedLines(of) : bodyLines(of, phase))].slice(0, 12);
  const buttons = buttonsOf(of, phase);
  const blocks: Block[] = [{ is: 'lines', lines }];
  if (buttons.length > 0) blocks.push({ is: 'buttons', buttons });
  blocks.push({ is: 'note', words: noteOf(of, phase) });
  return { lock: cut(lockOf(of, phase), 300), blocks };
}

/** "eu-west-1 lost all its nodes". */
export function stormTitle(incident: Incident): string {
  const { storm, record, closed } = incident;
  if (storm === null) return '';
  const was = record[storm.region]?.causes.find((one) => one.check !== 'own-faults');
  const now = stormFindings(incident)[0];
  // What users still feel of it is no other storm.
  const finding =
    now?.check === 'users-hurt' && was !== undefined
      ? was
      : (now ?? (closed === null && firing(incident).length > 0 ? undefined : was));
  if (finding === undefined) return `${storm.region}: many workloads alert at once`;
  const reads = /^(lost|all|no) /.test(finding.short) ? ' ' : ': ';
  return `${storm.region}${reads}${finding.short}`;
}

function titleLine(view: Stormy, phase: Phase): Words {
  const { incident, storm, killSwitch } = view;
  const number = incident.number === null ? null : say` · INC-${incident.number}`;
  const stop = killSwitch === null ? null : say` · :octagonal_sign: everything is stopped`;
  const title = bold(stormTitle(incident));
  const count = alertsWord(storm.taken);
  if (phase === 'closed')
    return say`${EMOJI.closed} ${title}${number} · storm over, ${count}${lasted(incident)}${stop}`;
  const calm = phase === 'over, waiting' || phase === 'fixed, waiting';
  const emoji = calm ? EMOJI[phase] : phase === 'looking' ? EMOJI.looking : ':rotating_light:';
  const priority = phase === 'looking' ? null : say` · ${priorityWords(view)}`;
  return say`${emoji} ${title}${priority}${number} · ${count} held in this message${calm ? say` · seen over, waiting` : null}${stop}`;
}

function lasted({ openedAt, closed }: Incident): string {
  if (openedAt === null || closed === null) return '';
  return ` in ${duration(Date.parse(closed.at) - Date.parse(openedAt))}`;
}

export const alertsWord = (count: number): string => `${count.toLocaleString('en-GB')} alert${count === 1 ? '' : 's'}`;

function bodyLines(view: Stormy, phase: Phase): readonly Words[] {
  const { incident, storm } = view;
  const here = incident.diagnoses[storm.region];
  if (here === undefined) {
    const blind =
      phase === 'looking'
        ? say`Looking at ${storm.region} as a whole …`
        : say`*Users:* not known: nothing was seen of ${storm.region} yet`;
    return [blind, groupedLine(view)];
  }
  const lines: Words[] = [usersLine(incident, here)];
  const found = stormFindings(incident);
  const [finding] = found;
  if (finding !== undefined) {
    lines.push(
      say`*What:* ${finding.found}${finding.since === null || TELLS_WHEN.has(finding.check) ? null : say`. Since ${since(finding.since)}`}`,
    );
    if (finding.notKnown !== null) lines.push(say`*Not known:* ${finding.notKnown}`);
  } else {
    const ruled = here.ruledOut.slice(0, 4);
    lines.push(
      say`*What:* I found nothing that they share${ruled.length === 0 ? '' : `. Ruled out: ${list(ruled)}`}. A rule that is wrong everywhere looks like this as well`,
    );
  }
  const others = found.slice(1).map((one) => one.short);
  if (others.length > 0) lines.push(say`*Also:* ${list(others.slice(0, 4))}`);
  const change = here.remarks.find((one) => one.label === 'Change');
  if (change !== undefined) lines.push(say`*Change:* ${change.words}`);
  const next = nextToBreak(incident, storm);
  if (next !== null) lines.push(next);
  const advice = found.length === 0 ? undefined : here.advice[0];
  if (advice !== undefined) lines.push(say`*Do:* ${advice.fix}. I have no safe fix for this`);
  const doubt = doNotTrust(incident, here);
  if (doubt !== null) lines.push(doubt);
  lines.push(groupedLine(view));
  lines.push(...handledLines(view));
  const people = peopleLine(view);
  if (people !== null) lines.push(people);
  else if (incident.onIt !== null) lines.push(say`*People:* ${user(incident.onIt)} leads`);
  return lines;
}

function usersLine({ subject }: Incident, here: RegionDiagnosis): Words {
  const of = subject.users === undefined ? null : say` (${subject.users.name})`;
  return say`*Users:* ${impactWords(here.impact)}${of}`;
}

/** The load that leaves this region arrives in the others: how much more they get, and what is left there. */
function nextToBreak(incident: Incident, { region }: Storm): Words | null {
  const others = Object.values(incident.diagnoses).filter((one) => one.region !== region);
  const strained = others.filter((one) => one.findings.some((each) => each.check === 'takes-load'));
  const told = (strained.length > 0 ? strained : others).flatMap((one): readonly Words[] => {
    if (one.dark) return [say`${one.region}: not known, it gives no answer`];
    const load = one.remarks.find((each) => each.label === 'Load');
    return load === undefined ? [] : [say`${one.region}: ${load.words}`];
  });
  if (told.length === 0) return null;
  const lead = strained.length > 0 ? say`*Next to break:* ` : say`*Load elsewhere:* `;
  const own = strained.flatMap((one) => (incident.branched.includes(one.region) ? [one.region] : []));
  return say`${lead}${join(told, ' · ')}${own.length === 0 ? null : say`. It has a thread of its own`}`;
}

/** Alerts end also when whoever evaluates them falls silent. */
function doNotTrust({ alerts, resolvedAt }: Incident, here: RegionDiagnosis): Words | null {
  if (!here.dark) return null;
  const over = Object.values(alerts).filter((one) => one.status === 'resolved');
  const last = Object.values(resolvedAt).toSorted().at(-1);
  if (over.length === 0 || last === undefined) return null;
  return say`*Do not trust:* ${alertsWord(over.length)} went "resolved", the last at ${clock(last)}, while I cannot see the region. I keep them open`;
}

const KINDS: readonly AlertKind[] = ['pod', 'deployment', 'node', 'target', 'other'];

function groupedLine({ incident, storm }: Stormy): Words {
  const all = Object.values(incident.alerts);
  const counts = KINDS.flatMap((kind) => {
    const some = all.filter((one) => (one.about?.kind ?? 'other') === kind).length;
    return some === 0 ? [] : [`${some.toLocaleString('en-GB')} ${kind}`];
  });
  const still = firing(incident).length;
  const over = all.length - still;
  const state = over === 0 ? '' : ` (${still.toLocaleString('en-GB')} still firing)`;
  const apart = storm.apart.filter((one) => one.title !== '');
  const kept =
    apart.length === 0
      ? null
      : say` · *Kept apart:* ${join(apart.slice(0, 3).map(besideWords), ', ')}${apart.length > 3 ? ` and ${apart.length - 3} more` : ''}`;
  const by = dependencyOf(incident);
  const what = by === null ? `region ${storm.region}` : `region ${storm.region} and what depends on ${by}`;
  return say`${bold(`Grouped by ${what}:`)} ${counts.length === 0 ? 'no alert any more' : counts.join(', ')}${state}${kept}`;
}

/** What the members have in common beyond their region, where they need one thing that is down. */
function dependencyOf(incident: Incident): string | null {
  const found = stormFindings(incident).find((one) => one.check === 'dependency-down');
  return found?.short.split(' is down')[0] ?? null;
}

function besideWords({ number, title, why }: Beside): Words {
  const name = number === null ? '' : `INC-${number} `;
  return say`${name}${title}${why === '' || why.includes(title) ? '' : ` (${why})`}`;
}

function closedLines(view: Stormy): readonly Words[] {
  const { incident, storm } = view;
  const worst = incident.record[storm.region]?.worst ?? null;
  const causes = incident.record[storm.region]?.causes ?? [];
  const left = storm.leaving.filter((one) => one.by === 'mlp-bot' && one.why.startsWith('the storm is over'));
  const still = left.reduce((sum, one) => sum + one.alerts.length, 0);
  const lines: Words[] = [
    worst === null
      ? say`*Users:* not known, start to end`
      : say`*Users at worst:* ${impactWords(worst.impact)}, ${clock(worst.at)}`,
    say`*What:* ${causes.length === 0 ? say`nothing that they share was found` : (causes[0]?.found ?? null)}`,
    say`*Alerts:* ${alertsWord(storm.taken)}, ${(storm.taken - still).toLocaleString('en-GB')} over and looked at by me${still === 0 ? '' : `; ${still} still true: in ${still === 1 ? 'a thread' : 'threads'} of their own`}`,
  ];
  if (storm.joined.length > 0)
    lines.push(say`*Was part of it:* ${join(storm.joined.slice(0, 6).map(besideWords), ', ')}`);
  if (storm.apart.length > 0) lines.push(say`*Kept apart:* ${join(storm.apart.slice(0, 6).map(besideWords), ', ')}`);
  return lines;
}

function buttonsOf(view: Stormy, phase: Phase): readonly Button[] {
  const { stream, incident, storm } = view;
  const listed = button(stream, 'list-alerts', 'List alerts', 'Show what is held in this message');
  if (phase === 'looking') return [listed];
  if (phase === 'closed')
    return [
      button(stream, 'right-cause', 'Right cause', 'The cause named here was right'),
      button(stream, 'wrong-cause', 'Wrong cause', 'The cause named here was wrong: say what it was'),
      listed,
      button(stream, 'timeline', 'Timeline', 'Show what happened when'),
    ];
  const mine =
    incident.onIt === null
      ? button(stream, 'mine', 'Take lead', 'You lead: everybody sees it')
      : button(stream, 'hand-back', 'Hand back', 'Somebody else may lead');
  const steps = Object.values(incident.diagnoses).some((d) => d.advice.some((one) => one.steps.length > 0));
  return [
    mine,
    listed,
    ...(Object.keys(storm.ways).length === 0
      ? []
      : [button(stream, 'split', 'Split…', 'Give one workload a thread of its own')]),
    button(stream, 'again', 'Check again', 'Look at everything again now'),
    ...escalateButton(view, 'needs a person'),
    ...(steps ? [button(stream, 'steps', 'Show steps', 'Show the commands for a person')] : []),
    ...moreButton(view, phase),
  ].slice(0, 6);
}

function noteOf({ incident, storm, at }: Stormy, phase: Phase): Words {
  if (phase === 'closed' && incident.closed !== null)
    return say`Looked again until ${clock(incident.closed.at)}: over. Closed${incident.closed.audit === null ? '' : ` · audit ${incident.closed.audit}`}`;
  const all = Object.values(incident.diagnoses);
  const asked = all.reduce((sum, d) => sum + d.asked, 0);
  const answered = all.reduce((sum, d) => sum + d.answered, 0);
  const last =
    all
      .map((d) => d.at)
      .toSorted()
      .at(-1) ?? at;
  const threads = new Set(Object.values(storm.ways).map((one) => one.key)).size;
  const saved = threads < 2 ? '' : ` · ${threads.toLocaleString('en-GB')} threads not opened`;
  return all.length === 0
    ? say`Taking alerts since ${clock(storm.at)}${saved}`
    : say`Checked ${clock(last)} · ${answered} of ${asked} readings answered${saved}`;
}

function lockOf({ incident, storm }: Stormy, phase: Phase): string {
  const title = stormTitle(incident);
  if (phase === 'closed') return `${title}: over. ${alertsWord(storm.taken)} in one message. Closed.`;
  const here = incident.diagnoses[storm.region];
  const next = Object.values(incident.diagnoses).find((one) =>
    one.findings.some((each) => each.check === 'takes-load'),
  );
  const priority = phase === 'looking' ? '' : `${priorityOf(incident)} `;
  const users = here === undefined ? 'Looking now.' : impactShort(here.impact);
  return `${priority}${title}. ${users}${next === undefined ? '' : ` ${next.region} near its limit.`} ${alertsWord(storm.taken)} held in one message.`;
}
