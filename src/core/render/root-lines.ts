import { impactWords } from '../impact.ts';
import { inWordsOf } from '../reading-name.ts';
import { closedLines } from './closed.ts';
import { deniedLines, outdatedLine, andWhy } from './denied.ts';
import { stoppedLines, underWayLine } from './stopped.ts';
import { suspectLines } from './suspect.ts';
import { changedAgain, followed, followedLines, stale, watchingLines } from './verifying.ts';
import { bold, clock, code, join, plain, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import {
  actName,
  actOf,
  decidedByPeople,
  lastFix,
  mainDiagnosis,
  mainFinding,
  mistakenFinding,
  mainRegion,
  openProposals,
  darkRegions,
  severalRegions,
  whoIs,
} from './phase.ts';
import type { Phase, View } from './phase.ts';
import { darkLines } from './dark.ts';
import { approvedBy } from './glass.ts';
import { mayLine } from './may.ts';
import { wouldOffer } from './only-looking.ts';
import { elsewhereLines, isWell, itsThread, missed } from './others.ts';
import { becauseText, unreadText, unsureReasons } from './unread.ts';
import { PUT_ASIDE, endWord } from '../incident/proposal.ts';
import type { Proposal } from '../incident/state.ts';
import { capital, cut, duration, list } from './small.ts';

/** The lines of the root message below its title: users first, then cause, change, what is not known, fixes. */
export function bodyLines(view: View, phase: Phase): readonly Words[] {
  const { incident } = view;
  if (phase === 'looking') return lookingLines(view);
  if (phase === 'stopped') return [...stoppedLines(view), ...otherRegions(view)];
  const diagnosis = mainDiagnosis(incident);
  if (phase === 'cannot see') return [...darkLines(view), ...otherRegions(view, darkRegions(incident)[0])];
  if (diagnosis === null) return nothingAnywhere(view);
  // While a change is followed its own observations are the newest.
  const watched = incident.proposals.find((one) => one.stage === 'watching' && one.region === diagnosis.region)?.watch;
  const place = severalRegions(incident) ? ` in ${diagnosis.region}` : '';
  const users = say`${bold(`Users${place}:`)} ${impactWords(watched?.impact ?? diagnosis.impact)}`;
  if (phase === 'closed') return closedLines(view);
  if (phase === 'nothing found' || phase === 'closed, nothing found') {
    const mistaken = mistakenFinding(incident);
    if (mistaken !== null) return [say`${capital(plain(mistaken.found))}`, say`*By hand:* ${code(mistaken.byHand)}`];
    return nothingLines(view, users);
  }
  if (phase === 'elsewhere')
    return [...elsewhereLines(incident), ...otherRegions(view, null, Object.keys(incident.elsewhere))];
  const finding = mainFinding(incident);
  if (phase === 'fixed, waiting' || phase === 'over, waiting')
    return [say`${users}${stale(incident, diagnosis)}`, ...overLines(view)];
  const change = phase === 'verifying' ? followed(view) : null;
  if (change !== null) return [...followedLines(view, change), ...fixLines(view, phase), ...otherRegions(view)];
  const lines: Words[] = [users];
  if (finding !== null && diagnosis.findings.length > 0) {
    lines.push(
      say`${bold(`Cause${place}:`)} ${finding.found}${finding.since === null ? null : say`. Since ${since(finding.since)}`}`,
    );
    const others = diagnosis.findings.slice(1).map((one) => one.short);
    if (others.length > 0) lines.push(say`${bold(`Also${place}:`)} ${list(others)}`);
  }
  // The rest of the remarks is in the thread: this message has twelve lines.
  if (finding?.check === 'users-hurt') lines.push(...suspectLines(view, diagnosis));
  else
    for (const one of diagnosis.remarks)
      if (isForRoot(one.label)) lines.push(say`${bold(`${one.label}${place}:`)} ${one.words}`);
  const unknown = notKnown(view);
  if (unknown !== null) lines.push(unknown);
  if (phase === 'watching') lines.push(...watchingLines(view));
  lines.push(...fixLines(view, phase), ...otherRegions(view));
  return lines;
}

/** What the summary says; the rest of the remarks is evidence. */
export function isForRoot(label: string): boolean {
  return label === 'Change' || label === 'Why now';
}

function lookingLines({ incident }: View): readonly Words[] {
  const alert = Object.values(incident.alerts).find((one) => one.status === 'firing');
  const from =
    alert === undefined
      ? []
      : [
          say`*Alert:* ${alert.name}${alert.summary === '' ? '' : `: ${cut(alert.summary, 200)}`}, firing since ${since(alert.startsAt)}`,
        ];
  return [...from, say`Looking at ${list(incident.subject.regions)} …`];
}

function notKnown({ incident }: View): Words | null {
  const diagnosis = mainDiagnosis(incident);
  const finding = diagnosis?.findings[0];
  const parts: Words[] = [];
  if (finding?.notKnown !== null && finding !== undefined) parts.push(finding.notKnown);
  if (diagnosis !== null && diagnosis.findings.length === 0 && diagnosis.unsure.length > 0) {
    parts.push(
      say`whether it is one of ${diagnosis.unsure.length} causes that I look for (${unsureReasons(diagnosis)})`,
    );
  }
  return parts.length === 0 ? null : say`*Not known:* ${join(parts, ' · ')}`;
}

function fixLines(view: View, phase: Phase): readonly Words[] {
  const { incident } = view;
  const diagnosis = mainDiagnosis(incident);
  const lines: Words[] = [];
  const letters = ['A', 'B', 'C', 'D'];
  // What was found before a change that is followed calls for nothing any more.
  const isPast = phase === 'verifying' && followed(view) !== null;
  const advice = isPast ? [] : (diagnosis?.advice.slice(0, 2) ?? []);
  const open = openProposals(incident);
  // Where no cause is known the advice is where to look, which mends nothing.
  const isFix = diagnosis?.findings[0]?.check !== 'users-hurt';
  const alone = (isFix ? advice.length : 0) + open.length <= 1;
  const label = (word: string, place = ''): string =>
    alone ? `${word}${place}:` : `${word} ${letters.shift() ?? ''}${place}:`;
  const refuse = isPast ? null : (diagnosis?.findings.find((one) => one.refuse !== null)?.refuse ?? null);
  const here = severalRegions(incident) && diagnosis !== null ? ` in ${diagnosis.region}` : '';
  if (refuse !== null)
    lines.push(
      say`${bold(`Refused${here} while this lasts`)} (${refuse.remedies.map(inWordsOf).join(', ')}): ${refuse.because}`,
    );
  for (const one of advice) {
    const head = open.length === 0 ? label('Do', here) : isFix ? label('Fix', here) : `Advice${here}:`;
    lines.push(say`${bold(head)} ${one.fix}`);
  }
  if (!isPast) lines.push(...wouldOffer(view, diagnosis));
  for (const one of open.slice(0, 2)) {
    if (one.undoOf !== null) {
      lines.push(...undoLines(view, one));
      continue;
    }
    const place = severalRegions(incident) ? ` in ${one.region}` : '';
    const asked = one.change === null || one.requester === null ? null : say`, asked for by ${user(one.requester)}`;
    lines.push(
      say`${bold(label(one.change === null ? 'Fix' : 'Change', place))} ${one.offer.says}${asked}. Risk ${one.offer.risk}`,
    );
    if (one.offer.after !== null) lines.push(say`*After it:* ${one.offer.after}`);
    lines.push(mayLine(view, one));
  }
  const under = incident.proposals.find((one) => ['granted', 'acting', 'watching'].includes(one.stage));
  if (under !== undefined) lines.push(progressLine(under, phase), ...underWayLine(view));
  lines.push(...outdatedLine(view), ...deniedLines(view, open));
  const { onIt } = incident;
  if (onIt !== null) {
    const card = say`What is open waits for ${user(onIt)}, with Approve on its card in the thread`;
    lines.push(
      say`*On it:* ${user(onIt)}. ${open.length === 0 ? say`I propose nothing meanwhile` : card}; I keep watching`,
    );
  }
  if (view.killSwitch !== null && open.length > 0)
    lines.push(
      say`*Stopped:* everything, by ${whoIs(view.killSwitch)}. Nothing can be approved until ${code('/mlp stop off')}`,
    );
  const refusedByPerson = decidedByPeople(incident);
  if (open.length === 0 && phase === 'needs a person' && (advice.length === 0 || refusedByPerson)) {
    lines.push(noFixLine(view));
  }
  return lines;
}

/** What an undo would bring back, and who decides: nothing of what is said of a fix. */
export function undoLines(view: View, one: Proposal): readonly Words[] {
  const { incident } = view;
  const act = actOf(incident, one);
  const not = one.requester === null || one.may.need < 2 ? null : say`, not ${whoIs(one.requester)}, who asked for it`;
  return [
    say`*Undo:* takes back the ${act?.offer.label ?? 'change'}${act?.actedAt === null || act === null ? null : say` of ${clock(act.actedAt)}`}: ${backwards(one.offer.says)}. Risk ${one.offer.risk}`,
    ...(act?.cause === undefined || act.cause === null ? [] : [say`*It brings back:* ${act.cause}, as far as I know`]),
    mayLine(view, one, not),
  ];
}

/** The remedy speaks of its plan as a fix; going back to the newer version is no "roll back". */
function backwards(says: Words): Words {
  const [first, ...rest] = says;
  if (first?.is !== 'text') return says;
  return [{ is: 'text', text: first.text.replace(/^roll back to /, 'back to ') }, ...rest];
}

export function progressLine(one: View['incident']['proposals'][number], phase: Phase): Words {
  const who = approvedBy(one);
  if (phase === 'changing' && one.waitsFor !== null)
    return say`*Now:* approved by ${who}. Waits for ${one.waitsFor}, which changes the same target: one change at a time`;
  if (phase === 'changing') return say`*Now:* approved by ${who}. ${capital(actName(one))} begins`;
  const watch = one.watch;
  return say`*Now:* ${actName(one)} written ${one.actedAt === null ? '' : since(one.actedAt)}, approved by ${who}. Verifying${watch === null ? '' : `: ${watch.progress}`}`;
}

function noFixLine({ incident }: View): Words {
  const no = mainDiagnosis(incident)?.notOffered[0] ?? incident.notOffered[0];
  const last = incident.proposals.at(-1)?.ended;
  if (last !== null && last !== undefined)
    return last.because === PUT_ASIDE && last.by !== null
      ? say`*Fix:* none open. The last proposal was put aside by ${user(last.by)}: "Ask again" brings it back`
      : say`*Fix:* none open. The last proposal was ${endWord(last)}${last.by === null ? null : say` by ${user(last.by)}`}${andWhy(last)}`;
  return no === undefined
    ? say`*Fix:* I have no safe one; a person is needed`
    : say`*Fix:* none that I may offer: ${inWordsOf(no.remedy)}, because ${becauseText(no.because, mainDiagnosis(incident) ?? { unread: [] })}`;
}

function otherRegions(
  { incident }: View,
  main: string | null = mainRegion(incident),
  told: readonly string[] = [],
): readonly Words[] {
  const rest = Object.values(incident.diagnoses).filter((d) => d.region !== main && !told.includes(d.region));
  const awaiting = incident.round?.number === 1 ? incident.round.awaiting.filter((one) => one !== main) : [];
  if (rest.length === 0 && awaiting.length === 0) return [];
  const well = rest.filter((d) => isWell(d) && incident.elsewhere[d.region] === undefined);
  const clear = well.filter((d) => missed(d) === 0);
  const uneasy = rest.filter((d) => d.findings.length === 0 && !d.dark && !well.includes(d));
  const parts = [
    ...rest
      .filter((d) => d.findings.length > 0 && !d.dark)
      .map((d) => say`${d.region}: ${d.findings[0]?.short ?? ''}${itsThread(incident, d.region)}`),
    ...well.flatMap((d) =>
      missed(d) === 0
        ? []
        : [
            say`${d.region}: nothing wrong found in what could be read; ${missed(d)} of ${d.asked} readings had no answer`,
          ],
    ),
    ...uneasy.map((d) => say`${d.region}: ${impactWords(d.impact)}${itsThread(incident, d.region)}`),
    ...rest.filter((d) => d.dark).map((d) => say`${d.region}: I cannot see it`),
    ...(clear.length === 0 ? [] : [say`${list(clear.map((d) => d.region))} checked, nothing wrong found`]),
    ...awaiting.map((region) => say`${region}: no answer yet`),
  ];
  return [say`*Other regions:* ${join(parts, ' · ')}`];
}

function overLines(view: View): readonly Words[] {
  const { incident } = view;
  const fix = lastFix(incident);
  const lines: Words[] = [];
  if (fix?.ended !== undefined && fix?.ended !== null)
    lines.push(say`*Verified:* ${fix.ended.because}, ${clock(fix.ended.at)}`);
  const again = changedAgain(incident);
  if (again !== null) lines.push(say`*Changed again:* ${again}. What I verified is of before that`);
  if (fix?.offer.after !== undefined && fix?.offer.after !== null) lines.push(say`*After it:* ${fix.offer.after}`);
  lines.push(...otherRegions(view));
  if (incident.quiet.since !== null)
    lines.push(
      say`*Over* since ${since(incident.quiet.since)}, as far as I see. Closes after ${duration(view.rules.timing.quietMs)} without a break`,
    );
  else if (incident.quiet.because !== '') lines.push(say`*Waiting:* ${incident.quiet.because}`);
  return lines;
}

function nothingLines(view: View, users: Words): readonly Words[] {
  const { incident } = view;
  const diagnosis = mainDiagnosis(incident);
  const lines: Words[] = [users];
  for (const remark of diagnosis?.remarks ?? [])
    if (remark.label !== NOT_LOOKED) lines.push(say`${bold(`${remark.label}:`)} ${remark.words}`);
  lines.push(...otherRegions(view), ...blindSpots(view));
  return lines;
}

/** Nobody named a region and none has bad news: each says for itself how its users fare. */
function nothingAnywhere(view: View): readonly Words[] {
  const all = Object.values(view.incident.diagnoses);
  return [...all.map((d) => say`${bold(`${d.region}:`)} users: ${impactWords(d.impact)}`), ...blindSpots(view)];
}

const NOT_LOOKED = 'Not looked at';

function blindSpots(view: View): readonly Words[] {
  const { incident } = view;
  const lines: Words[] = [];
  const alerts = alertCounts(incident);
  if (alerts !== '') lines.push(say`*Alerts:* ${alerts}`);
  const all = Object.values(incident.diagnoses);
  const unread = all.reduce((sum, d) => sum + d.unread.length, 0);
  const asked = all.reduce((sum, d) => sum + d.asked, 0);
  const texts = all.flatMap((d) => (d.unread.length === 0 ? [] : [`${d.region}: ${unreadText(d) ?? ''}`]));
  if (unread > 0) lines.push(say`${bold(`Could not tell (${unread} of ${asked}):`)} ${cut(texts.join(' · '), 600)}`);
  const more = mainDiagnosis(incident)?.remarks.find((one) => one.label === NOT_LOOKED)?.words ?? null;
  const also = more === null ? null : say`${more}; `;
  lines.push(say`${bold(`${NOT_LOOKED}:`)} ${also}whether answers are right, the client's side, the CDN`);
  return lines;
}

/** "KubePodNotReady firing (6)": each name and status once. */
function alertCounts({ alerts }: View['incident']): string {
  const counts = new Map<string, number>();
  for (const { name, status } of Object.values(alerts))
    counts.set(`${name} ${status}`, (counts.get(`${name} ${status}`) ?? 0) + 1);
  const all = [...counts].map(([what, count]) => (count === 1 ? what : `${what} (${count})`));
  // A group may hold hundreds of names: the first few, and how many more.
  return list(all.length <= 6 ? all : [...all.slice(0, 5), `${all.length - 5} more`]);
}
