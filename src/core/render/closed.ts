import { badness, harmWords } from '../harm.ts';
import { impactWords, numbersText, readinessText } from '../impact.ts';
import type { RegionRecord } from '../incident/record.ts';
import { endWord } from '../incident/proposal.ts';
import type { Proposal } from '../incident/state.ts';
import type { Button } from '../message.ts';
import { bold, clock, join, plain, say, user } from '../words.ts';
import type { Span, Words } from '../words.ts';
import { fixedWord } from './fixes.ts';
import { askedOf, fixesOf, lastFix, lastUndone, whoIs } from './phase.ts';
import type { View } from './phase.ts';
import { leftBehind, sourcesToDo } from './left.ts';
import { pastOf } from './past.ts';
import { button, duration, list } from './small.ts';
import { plural } from '../plural.ts';

/** What a closed incident was: how users fared at worst and that it is over, the cause, when what happened, what is left. */

type Incident = View['incident'];
type InRegion = RegionRecord & { readonly region: string };

/** Regions that had bad news, the one that was worst for users first. A storm's region had, whoever answers for what was found there. */
export function hadTrouble({ record, worst, storm }: Incident): readonly InRegion[] {
  return Object.entries(record)
    .map(([region, one]) => ({ region, ...one }))
    .filter((one) => one.region === storm?.region || (one.noticedAt !== null && worst[one.region] !== undefined))
    .toSorted((a, b) => worstOf(b) - worstOf(a));
}

function worstOf({ worst }: RegionRecord): number {
  return worst === null ? -3 : badness(worst.impact);
}

export function closedLines({ incident }: View): readonly Words[] {
  const lines: Words[] = [usersLine(incident), ...causeLines(incident), timesLine(incident)];
  lines.push(...askedLines(incident));
  const left = [...leftToDo(incident), ...sourcesToDo(incident)];
  if (left.length > 0) lines.push(say`*Left to do:* ${join(left, ' · ')}`);
  const leftOver = leftBehind(incident);
  if (leftOver !== null) lines.push(leftOver);
  const after = lastFix(incident)?.offer.after ?? null;
  if (after !== null) lines.push(say`*After it:* ${after}`);
  for (const one of incident.judged) {
    const said = one.said === undefined ? null : say`: ${one.said}`;
    if (!one.right) lines.push(say`*Wrong cause*, says ${user(one.who)}${said}`);
  }
  return lines;
}

/** What people asked for and was done: no fix, whatever ended after it. */
export function askedLines(incident: Incident): readonly Words[] {
  const asked = askedOf(incident).map((one) => {
    const ended = one.amid !== undefined && lastFix(incident) === null && incident.quiet.since !== null;
    return say`${pastOf(one)}${askedBy(one)}${ended ? `; ${one.amid ?? 'the fault'} ended after it` : ''}`;
  });
  if (asked.length === 0) return [];
  return [say`${bold(lastFix(incident) === null ? 'Changed:' : 'Also changed:')} ${join(asked, ' · ')}`];
}

/** ", asked for by ‹a›": beside the fault, and no part of the fix. */
function askedBy({ requester }: Proposal): Words {
  return requester === null ? say`, asked for by command` : say`, asked for by ${whoIs(requester)}`;
}

export function usersLine(incident: Incident): Words {
  const regions = hadTrouble(incident);
  const one = regions[0];
  if (one === undefined || one.worst === null) return say`*Users:* not known, start to end`;
  const { at, impact } = one.worst;
  const where = Object.keys(incident.diagnoses).length > 1 && regions.length > 1 ? ` in ${one.region}` : '';
  const numbers = numbersText(impact);
  const measured = say`${numbers === '' ? '' : `: ${numbers}`}${numbers === '' ? null : say`, ${clock(at)}`}${where}`;
  const fewest = fewestPods(incident, one);
  switch (impact.level) {
    case 'hurt':
      return say`*Users:* ${harmWords(impact).replace('get', 'got').replace('are', 'were')} at worst${measured}${fewest}. ${nowWords(incident, one.region)}`;
    case 'none': {
      const gaps = unseenWords(incident);
      const looks = gaps === null ? 'any look' : 'the looks that were answered';
      return say`*Users:* no effect seen in ${looks}. At worst${measured}${fewest}${gaps}`;
    }
    case 'too little traffic':
      return say`*Users:* too little traffic to tell, start to end${measured}${fewest}`;
    case 'not known':
      return say`*Users:* ${impactWords({ ...impact, readiness: null, unknown: [] })}, start to end${fewest}`;
  }
}

/** Nobody knows how users fared while nothing answered. */
function unseenWords({ unseen, worst, subject }: Incident): Words | null {
  const mine = unseen.filter(({ region }) => worst[region] !== undefined || region === subject.focus);
  if (mine.length === 0) return null;
  const times = mine.slice(0, 3).map(({ region, from, to }) => say`${region} ${clock(from)}–${clock(to)}`);
  return say`. Not known while I could not see it: ${join(times, ', ')}${mine.length > 3 ? `, and ${plural(mine.length - 3, 'time')} more` : ''}`;
}

function fewestPods({ diagnoses }: Incident, { region, fewest }: InRegion): Words | null {
  if (fewest === null) return null;
  const end = diagnoses[region]?.impact.readiness ?? null;
  const last = end === null ? '' : `, at the end ${end.ready} of ${end.wanted}`;
  return say`. Fewest pods: ${readinessText(fewest)}, ${clock(fewest.at)}${last}`;
}

function nowWords({ diagnoses }: Incident, region: string): Words {
  const now = diagnoses[region];
  if (now === undefined) return say`Over`;
  const { level } = now.impact;
  if (level !== 'none') return say`Seen over, ${clock(now.at)}: ${impactWords(now.impact)}`;
  return say`Over: ${numbersText(now.impact)}, ${clock(now.at)}`;
}

/** The first that was firm, not what was found last: later looks see what the fix or the harm left behind. */
function causeLines(incident: Incident): readonly Words[] {
  const regions = hadTrouble(incident);
  const causes = regions.flatMap((one) => one.causes.map((cause) => ({ region: one.region, cause })));
  const { focus } = incident.subject;
  // What was mended tells which of several it was; in the order in which it was.
  const mended = fixesOf(incident).flatMap((fix) => causes.filter((one) => isOf(fix, one)).slice(0, 1));
  const first = mended[0] ?? causes.find((one) => one.region === focus) ?? causes[0];
  if (first === undefined) {
    const seen = regions[0]?.first?.short;
    const suspect = regions[0]?.change ?? null;
    return [
      seen === undefined ? say`*Was:* not known` : say`*Was:* ${seen}; a cause was never found`,
      ...(suspect === null ? [] : [say`*Change:* ${suspect}. The suspect, not proven`]),
    ];
  }
  const then = mended
    .filter(({ cause }, index) => index === mended.findIndex((one) => one.cause.short === cause.short))
    .slice(1, 3);
  const told = new Set([first, ...then].map((one) => one.cause.short));
  const others = new Set(causes.map((one) => one.cause.short).filter((short) => !told.has(short)));
  return [
    say`*Was:* ${first.cause.found}`,
    ...then.map(({ cause }) => say`*Then:* ${cause.found}`),
    ...(others.size === 0 ? [] : [say`*Also found:* ${list([...others].slice(0, 4))}`]),
  ];
}

function isOf(
  { region, cause }: Proposal,
  one: { readonly region: string; readonly cause: { readonly short: string } },
): boolean {
  return one.region === region && one.cause.short === cause;
}

/** Where no cause was named, none can be right or wrong; a person may know it. */
export function causeButtons({ stream, incident }: View): readonly Button[] {
  const named = Object.values(incident.record).some((one) => one.causes.length > 0);
  if (!named) return [button(stream, 'wrong-cause', 'Say the cause', 'No cause was found: say what it was')];
  return [
    button(stream, 'right-cause', 'Right cause', 'The cause named here was right'),
    button(stream, 'wrong-cause', 'Wrong cause', 'The cause named here was wrong: say what it was'),
  ];
}

/** What ended it, for the title: the fix; what was taken back; what was changed and never verified; nothing of the bot. */
export function howOver(incident: Incident): string {
  const fix = lastFix(incident);
  if (fix !== null) return pastOf(fix);
  const undone = lastUndone(incident);
  if (undone !== null) return `${undone.offer.label} undone, over since`;
  const all = writtenIn(incident);
  const written = all.findLast((one) => one.change === null && one.undoOf === null);
  const asked = askedOf(incident).at(-1);
  if (written === undefined && asked !== undefined)
    return asked.amid === undefined
      ? `over by itself or by hand; ${pastOf(asked)}, as asked`
      : `${pastOf(asked)}, as asked; the fault ended after it`;
  return written === undefined ? 'over by itself or by hand' : `${pastOf(written)}, not verified, over since`;
}

/** Every change of this time, whatever came of it. */
function writtenIn({ proposals, record }: Incident): readonly Proposal[] {
  return proposals.filter((one) => one.actedAt !== null && (record[one.region]?.noticedAt ?? '') <= one.actedAt);
}

/** When it began, as far as the objects or an alert tell; null: not known. */
export function beganAt(incident: Incident): string | null {
  const causes = hadTrouble(incident).flatMap((one) => [...one.causes, ...(one.first === null ? [] : [one.first])]);
  const since = causes.flatMap((one) => (one.since === null ? [] : [one.since]));
  const fired = Object.values(incident.alerts).map((one) => one.startsAt);
  return [...since, ...(since.length > 0 ? [] : fired)].toSorted()[0] ?? null;
}

/** When it was over: the fix was verified, or it was first seen to be over. */
export function overAt(incident: Incident): string | null {
  return lastFix(incident)?.ended?.at ?? incident.quiet.since ?? incident.closed?.at ?? null;
}

/** " · fixed in 36 min (02:16–02:52)"; by a person or by itself: "over after". */
export function closedIn(incident: Incident): Words | null {
  const began = beganAt(incident);
  const from = began ?? noticedAt(incident);
  const to = overAt(incident);
  if (incident.closed === null || from === null || to === null) return null;
  const took = duration(Math.max(0, Date.parse(to) - Date.parse(from)));
  const fix = lastFix(incident);
  const fixed = fix !== null && fixedWord(fix) === 'fixed';
  const how =
    began === null
      ? `${fixed ? 'fixed' : 'over'} ${took} after I noticed`
      : `${fixed ? 'fixed in' : 'over after'} ${took}`;
  return say` · ${how} (${clock(from)}–${clock(to)})`;
}

function noticedAt(incident: Incident): string | null {
  const all = hadTrouble(incident).flatMap((one) => (one.noticedAt === null ? [] : [one.noticedAt]));
  return all.toSorted()[0] ?? incident.openedAt;
}

function timesLine(incident: Incident): Words {
  const all = writtenIn(incident);
  const where = new Set(all.map((one) => one.region)).size > 1;
  const began = beganAt(incident);
  const noticed = noticedAt(incident);
  const { since } = incident.quiet;
  const parts: Words[] = [
    began === null ? say`began before I looked` : say`began ${clock(began)}`,
    ...(noticed === null ? [] : [say`noticed ${clock(noticed)}`]),
    ...all.slice(-8).flatMap((one) => changeTimes(one, all.length > 1, where ? ` in ${one.region}` : '')),
    ...(lastFix(incident) === null && since !== null
      ? [say`over ${clock(since)}${all.length === 0 ? ', by hand or by itself' : ''}`]
      : []),
    ...(incident.closed === null ? [] : [say`closed ${clock(incident.closed.at)}`]),
  ];
  return say`${bold('Times:')} ${join(parts, ' · ')}`;
}

function changeTimes(one: Proposal, several: boolean, where: string): readonly Words[] {
  const { votes, actedAt, ended, undoOf } = one;
  const done = undoOf !== null ? 'undone' : one.change === null ? fixedWord(one) : 'done as asked';
  const how = ended?.how === 'verified' ? done : ended === null ? '' : endWord(ended);
  return [
    ...votes.map(
      (vote) =>
        say`${vote.reason === null || vote.by === 'mlp-bot' ? 'approved' : 'glass broken'} ${clock(vote.at)} by ${whoIs(vote.by)}`,
    ),
    ...(actedAt === null ? [] : [say`${several ? pastName(one) : 'changed'} ${clock(actedAt)}`]),
    ...(ended === null ? [] : [say`${how}${where} ${clock(ended.at)}`]),
  ];
}

/** Of several changes each says which it was. */
function pastName(one: Proposal): string {
  return one.undoOf === null ? pastOf(one) : 'undo written';
}

/** Going back leaves the new version broken; whatever else ended the trouble has done what was advised. */
export function leftToDo(incident: Incident): readonly Words[] {
  const back = [...fixesOf(incident), ...askedOf(incident)].filter(
    ({ offer }) => offer.knownGood || offer.remedy.endsWith('rollback'),
  );
  const all = back.flatMap(({ region, cause }) => {
    const known = incident.record[region];
    return ((cause === null ? undefined : known?.later[cause]) ?? known?.advice ?? []).slice(0, 2);
  });
  const said = new Map(all.map((one) => [plain(firstSentence(one.fix)), firstSentence(one.fix)]));
  return [...said.values()].slice(0, 2);
}

export function firstSentence(words: Words): Words {
  const out: Span[] = [];
  for (const span of words) {
    const end = span.is === 'text' ? span.text.search(/\. (?=[A-Z0-9])/) : -1;
    if (span.is === 'text' && end >= 0) return [...out, { ...span, text: span.text.slice(0, end) }];
    out.push(span);
  }
  return out;
}
