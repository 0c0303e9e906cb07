import { OPEN_BESIDE } from '../builtin.ts';
import type { Finding, RegionDiagnosis } from '../diagnosis.ts';
import { impactWords } from '../impact.ts';
import { newsOf } from '../incident/belonging.ts';
import { beforeFix } from '../incident/record.ts';
import { fitted, may, must } from './budget.ts';
import type { Line } from './budget.ts';
import { askedLines, closedLines } from './closed.ts';
import { doneLines, isTold } from './done.ts';
import { fixLines } from './fix-lines.ts';
import { stoppedLines } from './stopped.ts';
import { lastSeenLine } from './seen-before.ts';
import { suspectLines } from './suspect.ts';
import { changedAgain, followed, followedLines, stale, watchingLines } from './verifying.ts';
import { bold, clock, code, join, plain, say, since } from '../words.ts';
import type { Words } from '../words.ts';
import {
  lastFix,
  mainDiagnosis,
  mainFinding,
  mistakenFinding,
  mainRegion,
  darkRegions,
  severalRegions,
} from './phase.ts';
import type { Phase, View } from './phase.ts';
import { darkLines } from './dark.ts';
import { elsewhereLines, isWell, itsThread, missed, wellWords } from './others.ts';
import { unreadText, unsureReasons, unsureText } from './unread.ts';
import { capital, cut, duration, list } from './small.ts';
import { plural } from '../plural.ts';

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
  const after = otherRegions(view).map((words) => may(words, 1));
  if (change !== null) return fitted([...followedLines(view, change).map(must), ...fixLines(view, phase), ...after]);
  const lines: Line[] = [must(users)];
  if (finding !== null && diagnosis.findings.length > 0) {
    lines.push(must(say`${bold(`Cause${place}:`)} ${finding.found}${sinceWords(finding)}`));
    const others = diagnosis.findings.slice(1).map((one) => one.short);
    if (others.length > 0) lines.push(may(say`${bold(`Also${place}:`)} ${list(others)}`, 1));
  }
  // The rest of the remarks is in the thread: this message has twelve lines.
  const done = doneLines(incident, diagnosis.region);
  lines.push(...done.map(must));
  if (finding?.check === 'users-hurt')
    lines.push(
      ...[
        ...foundBefore(view, diagnosis),
        ...suspectLines(view, diagnosis).filter((words) => !isTold(words, done)),
      ].map(must),
    );
  else
    for (const one of diagnosis.remarks)
      if (isForRoot(one.label) && !isTold(one.words, done))
        lines.push(may(say`${bold(`${one.label}${place}:`)} ${one.words}`, 1));
  const unknown = notKnown(view);
  if (unknown !== null) lines.push(may(unknown, 2));
  const before = lastSeenLine(incident);
  if (before !== null) lines.push(may(before, 2));
  lines.push(...askedLines(incident).map((words) => may(words, 1)));
  if (phase === 'watching') lines.push(...watchingLines(view).map(must));
  return fitted([...lines, ...fixLines(view, phase), ...after]);
}

/** What a fix was for stays told, though it is not found any more: it may be why users are still hurt. */
function foundBefore({ incident }: View, { region }: RegionDiagnosis): readonly Words[] {
  const cause = beforeFix(incident, region) === null ? undefined : incident.record[region]?.causes[0];
  return cause === undefined ? [] : [say`*Found before the fix:* ${cause.found}`];
}

/** Unless what was found says that time itself. */
function sinceWords({ found, since: at }: Finding): Words | null {
  const told = found.some((span) => span.is === 'time' && span.at.slice(0, 16) === at?.slice(0, 16));
  return at === null || told ? null : say`. Since ${since(at)}`;
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
      say`${diagnosis.unsure.length === 1 ? 'whether it is another cause that I look for' : `whether it is one of ${diagnosis.unsure.length} other causes that I look for`}: ${unsureReasons(diagnosis)}`,
    );
  }
  return parts.length === 0 ? null : say`*Not known:* ${join(parts, ' · ')}`;
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
      .map((d) => say`${d.region}: ${newsOf(incident, d)}${itsThread(incident, d.region)}`),
    ...well.flatMap((d) =>
      missed(d) === 0
        ? []
        : [
            say`${d.region}: nothing wrong found in what could be read; ${missed(d)} of ${plural(d.asked, 'reading')} had no answer`,
          ],
    ),
    ...uneasy.map((d) => say`${d.region}: ${impactWords(d.impact)}${itsThread(incident, d.region)}`),
    ...rest.filter((d) => d.dark).map((d) => say`${d.region}: I cannot see it`),
    ...wellWords(clear, besideThem(incident, main)),
    ...awaiting.map((region) => say`${region}: no answer yet`),
  ];
  return [say`*Other regions:* ${join(parts, ' · ')}`];
}

/** What the other regions are compared with; null: what was seen there is of before a change that was written since. */
function besideThem({ diagnoses, proposals }: View['incident'], main: string | null): RegionDiagnosis | null {
  const seen = main === null ? undefined : diagnoses[main];
  const past = proposals.some((one) => one.region === main && one.actedAt !== null && one.actedAt >= (seen?.at ?? ''));
  return seen === undefined || past ? null : seen;
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
  lines.push(...askedLines(incident), ...otherRegions(view));
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
  const lines: Line[] = [must(users), ...askedLines(incident).map(must)];
  for (const remark of diagnosis?.remarks ?? [])
    if (remark.label === OPEN_BESIDE) lines.push(must(say`${bold(`${OPEN_BESIDE}:`)} ${remark.words}`));
    else if (remark.label !== NOT_LOOKED) lines.push(may(say`${bold(`${remark.label}:`)} ${remark.words}`, 2));
  return fitted([...lines, ...otherRegions(view).map((words) => may(words, 1)), ...blindSpots(view).map(must)]);
}

/** Nobody named a region and none has bad news: each says for itself how its users fare. */
function nothingAnywhere(view: View): readonly Words[] {
  const all = Object.values(view.incident.diagnoses);
  const users = all.map((d) => say`${bold(`${d.region}:`)} users: ${impactWords(d.impact)}`);
  const open = all.flatMap((d) => {
    const beside = d.remarks.find((one) => one.label === OPEN_BESIDE);
    return beside === undefined ? [] : [say`${bold(`${OPEN_BESIDE} in ${d.region}:`)} ${beside.words}`];
  });
  return [...users, ...open, ...blindSpots(view)];
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
  const main = mainDiagnosis(incident);
  // A question that stays open though everything was read, as of pods too young to show a trend: that is not "nothing".
  const open = main?.unsure.filter(({ why }) => main.unread.every((one) => !why.startsWith(one.reading))) ?? [];
  if (main !== null && open.length > 0)
    lines.push(say`*Could not tell:* ${cut(unsureText({ ...main, unsure: open }), 400)}`);
  const more = main?.remarks.find((one) => one.label === NOT_LOOKED)?.words ?? null;
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
