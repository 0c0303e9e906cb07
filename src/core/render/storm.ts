import { windowMs } from '../harm.ts';
import { impactWords, impactShort } from '../impact.ts';
import type { AlertKind } from '../incident/events.ts';
import type { Beside, Storm } from '../incident/storm.ts';
import { firing, stormFindings } from '../incident/storming.ts';
import type { Incident } from '../incident/state.ts';
import type { Block, Button, Message } from '../message.ts';
import type { Finding, RegionDiagnosis } from '../diagnosis.ts';
import { bold, clock, join, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { escalateButton, peopleLine } from './called.ts';
import { causeButtons } from './closed.ts';
import { EMOJI } from './phase.ts';
import type { Phase, View } from './phase.ts';
import { handledLines, moreButton, priorityWords } from './handled.ts';
import { priorityOf } from './priority.ts';
import { button, cut, duration, list } from './small.ts';
import { isStrained, nextToBreak, usersElsewhere } from './storm-next.ts';

/** One message for many alerts: users first, what they share, what breaks next, what is held back and what stays apart. */

/** Their words say when it began. */
const TELLS_WHEN: ReadonlySet<string> = new Set(['region-lost', 'nodes-lost']);

/** The label of the playbook's remark. */
const DO_NOT_TRUST = 'Do not trust';

type Stormy = View & { readonly storm: Storm };

export function renderStorm(view: View, storm: Storm, phase: Phase): Message {
  const of: Stormy = { ...view, storm };
  const lines = [titleLine(of, phase), ...(phase === 'closed' ? closedLines(of) : bodyLines(of, phase))].slice(0, 12);
  const buttons = buttonsOf(of, phase);
  const blocks: Block[] = [{ is: 'lines', lines }];
  if (buttons.length > 0) blocks.push({ is: 'buttons', buttons });
  blocks.push({ is: 'note', words: noteOf(of, phase) });
  return { lock: cut(stormLock(view, storm, phase), 300), blocks };
}

/** "eu-west-1 lost all its nodes". */
export function stormTitle(incident: Incident): string {
  const { storm, closed } = incident;
  if (storm === null) return '';
  const was = causeOfBefore(incident, storm);
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

/** What it came from, by an earlier look; that users are hurt is no cause while there is another. */
function causeOfBefore({ record }: Incident, { region }: Storm): Finding | undefined {
  const all = record[region]?.causes.filter((one) => one.check !== 'own-faults') ?? [];
  return all.find((one) => one.check !== 'users-hurt') ?? all[0];
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
  const found = stormFindings(incident);
  const lines: Words[] = [usersLine(incident, here), ...whatLines(view, here)];
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

function usersLine(incident: Incident, here: RegionDiagnosis): Words {
  const { users } = incident.subject;
  const of = users === undefined ? null : say` (${users.name})`;
  const elsewhere = usersElsewhere(incident, here.region);
  const early = isEarly(incident, here)
    ? `. Too early to tell: the alerts are newer than these ${here.impact.window}`
    : '';
  return say`*Users:* ${impactWords(here.impact)}${of}${early}${elsewhere === null ? null : `. Elsewhere: ${elsewhere}`}`;
}

/** Numbers over a window still show what was before the alerts: they say nothing good yet. */
function isEarly(incident: Incident, { at, impact }: RegionDiagnosis): boolean {
  const { storm } = incident;
  if (storm === null || impact.level !== 'none' || firing(incident).length === 0) return false;
  return Date.parse(at) < Date.parse(storm.at) + windowMs(impact.window);
}

function whatLines({ incident, storm }: Stormy, here: RegionDiagnosis): readonly Words[] {
  const [finding] = stormFindings(incident);
  const was = causeOfBefore(incident, storm);
  if (was !== undefined && (finding === undefined || (finding.check === 'users-hurt' && was.check !== 'users-hurt'))) {
    const felt =
      finding === undefined ? null : say`. Users are still over a limit, as far as the last ${here.impact.window} tell`;
    return [say`*What:* ${stormTitle(incident)}: that is over, looked ${clock(here.at)}${felt}`];
  }
  if (finding === undefined) {
    const ruled = here.ruledOut.slice(0, 4);
    return [
      say`*What:* I found nothing that they share${ruled.length === 0 ? '' : `. Ruled out: ${list(ruled)}`}. A rule that is wrong everywhere looks like this as well`,
    ];
  }
  const from = finding.since === null || TELLS_WHEN.has(finding.check) ? null : say`. Since ${since(finding.since)}`;
  const what = say`*What:* ${finding.found}${from}`;
  return finding.notKnown === null ? [what] : [what, say`*Not known:* ${finding.notKnown}`];
}

/** What looks well and need not be: the last known state of pods; alerts, which end also when whoever evaluates them falls silent. */
function doNotTrust({ alerts, resolvedAt }: Incident, here: RegionDiagnosis): Words | null {
  const stale = here.remarks.find((one) => one.label === DO_NOT_TRUST);
  if (stale !== undefined) return say`*Do not trust:* ${stale.words}`;
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

function besideName({ number, title }: Beside): Words {
  return say`${number === null ? '' : `INC-${number} `}${title}`;
}

function besideWords(beside: Beside): Words {
  const { title, why } = beside;
  return say`${besideName(beside)}${why === '' || why.includes(title) ? '' : ` (${why})`}`;
}

function closedLines(view: Stormy): readonly Words[] {
  const { incident, storm } = view;
  const worst = incident.record[storm.region]?.worst ?? null;
  const causes = incident.record[storm.region]?.causes ?? [];
  const lines: Words[] = [
    worst === null
      ? say`*Users:* not known, start to end`
      : say`*Users at worst:* ${impactWords(worst.impact)}, ${clock(worst.at)}`,
    say`*What:* ${causes.length === 0 ? say`nothing that they share was found` : (causes[0]?.found ?? null)}`,
    say`*Alerts:* ${overWords(storm)}`,
  ];
  if (storm.joined.length > 0)
    lines.push(say`*Was part of it:* ${join(storm.joined.slice(0, 6).map(besideName), ', ')}`);
  if (storm.apart.length > 0) lines.push(say`*Kept apart:* ${join(storm.apart.slice(0, 6).map(besideWords), ', ')}`);
  return lines;
}

/** "42 alerts, 40 over and looked at by me; 2 still fire, in threads of their own". */
export function overWords({ leaving, taken }: Storm): string {
  const left = leaving.filter((one) => one.by === 'mlp-bot' && one.why.startsWith('the storm is over'));
  const still = left.reduce((sum, one) => sum + one.alerts.length, 0);
  const rest =
    still === 0
      ? ''
      : still === 1
        ? '; 1 still fires, in a thread of its own'
        : `; ${still} still fire, in threads of their own`;
  return `${alertsWord(taken)}, ${(taken - still).toLocaleString('en-GB')} over and looked at by me${rest}`;
}

function buttonsOf(view: Stormy, phase: Phase): readonly Button[] {
  const { stream, incident, storm } = view;
  const listed = button(stream, 'list-alerts', 'List alerts', 'Show what is held in this message');
  if (phase === 'looking') return [listed];
  if (phase === 'closed')
    return [...causeButtons(view), listed, button(stream, 'timeline', 'Timeline', 'Show what happened when')];
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
  // Those of before had theirs already.
  const threads = new Set(Object.values(storm.ways).map((one) => one.key)).size - storm.joined.length;
  const saved = threads < 2 ? '' : ` · ${threads.toLocaleString('en-GB')} threads not opened`;
  return all.length === 0
    ? say`Taking alerts since ${clock(storm.at)}${saved}`
    : say`Checked ${clock(last)} · ${answered} of ${asked} readings answered${saved}`;
}

/** Where, what, users: in what a phone shows. */
export function stormLock({ incident }: Pick<View, 'incident'>, storm: Storm, phase: Phase): string {
  const title = stormTitle(incident);
  if (phase === 'closed') return `${title}: over. ${alertsWord(storm.taken)} in one message. Closed.`;
  const here = incident.diagnoses[storm.region];
  const next = Object.values(incident.diagnoses).find((one) => one.region !== storm.region && isStrained(one));
  const priority = phase === 'looking' ? '' : `${priorityOf(incident)} `;
  const users =
    here === undefined
      ? 'Looking now.'
      : isEarly(incident, here)
        ? 'Users: too early to tell.'
        : impactShort(here.impact);
  return `${priority}${title}. ${users}${next === undefined ? '' : ` ${next.region} near its limit.`} ${alertsWord(storm.taken)} held in one message.`;
}
