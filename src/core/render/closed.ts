import { badness, harmWords } from '../harm.ts';
import { impactWords, numbersText, readinessText } from '../impact.ts';
import type { RegionRecord } from '../incident/record.ts';
import type { Proposal } from '../incident/state.ts';
import { bold, clock, join, plain, say, user } from '../words.ts';
import type { Words } from '../words.ts';
import { fixesOf, lastFix, whoIs } from './phase.ts';
import type { View } from './phase.ts';
import { leftBehind } from './left.ts';
import { duration, list } from './small.ts';

/** What a closed incident was: how users fared at worst and that it is over, the cause, when what happened, what is left. */

type Incident = View['incident'];
type InRegion = RegionRecord & { readonly region: string };

/** Regions that had bad news, the one that was worst for users first. */
export function hadTrouble({ record, worst }: Incident): readonly InRegion[] {
  return Object.entries(record)
    .map(([region, one]) => ({ region, ...one }))
    .filter((one) => one.noticedAt !== null && worst[one.region] !== undefined)
    .toSorted((a, b) => worstOf(b) - worstOf(a));
}

function worstOf({ worst }: RegionRecord): number {
  return worst === null ? -3 : badness(worst.impact);
}

export function closedLines({ incident }: View): readonly Words[] {
  const lines: Words[] = [usersLine(incident), ...causeLines(incident), timesLine(incident)];
  const left = leftToDo(incident);
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

function usersLine(incident: Incident): Words {
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
  return say`. Not known while I could not see it: ${join(times, ', ')}${mine.length > 3 ? `, and ${mine.length - 3} times more` : ''}`;
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
  const first = causes.find((one) => one.region === focus) ?? causes[0];
  if (first === undefined) {
    const seen = regions[0]?.first?.short;
    const suspect = regions[0]?.change ?? null;
    return [
      seen === undefined ? say`*Was:* not known` : say`*Was:* ${seen}; a cause was never found`,
      ...(suspect === null ? [] : [say`*Change:* ${suspect}. The suspect, not proven`]),
    ];
  }
  const others = new Set(causes.map((one) => one.cause.short).filter((short) => short !== first.cause.short));
  return [
    say`*Was:* ${first.cause.found}`,
    ...(others.size === 0 ? [] : [say`*Also found:* ${list([...others].slice(0, 4))}`]),
  ];
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
  const fixed = lastFix(incident) !== null;
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
  const fixes = fixesOf(incident);
  const began = beganAt(incident);
  const noticed = noticedAt(incident);
  const { since } = incident.quiet;
  const parts: Words[] = [
    began === null ? say`began before I looked` : say`began ${clock(began)}`,
    ...(noticed === null ? [] : [say`noticed ${clock(noticed)}`]),
    ...fixes.flatMap((one) => fixTimes(one, fixes.length > 1 ? ` in ${one.region}` : '')),
    ...(fixes.length === 0 && since !== null ? [say`over ${clock(since)}, by hand or by itself`] : []),
    ...(incident.closed === null ? [] : [say`closed ${clock(incident.closed.at)}`]),
  ];
  return say`${bold('Times:')} ${join(parts, ' · ')}`;
}

function fixTimes({ votes, actedAt, ended }: Proposal, where: string): readonly Words[] {
  return [
    ...votes.map(
      (vote) =>
        say`${vote.reason === null || vote.by === 'mlp-bot' ? 'approved' : 'glass broken'} ${clock(vote.at)} by ${whoIs(vote.by)}`,
    ),
    ...(actedAt === null ? [] : [say`changed ${clock(actedAt)}`]),
    ...(ended === null ? [] : [say`fixed${where} ${clock(ended.at)}`]),
  ];
}

/** Going back leaves the new version broken; whatever else ended the trouble has done what was advised. */
function leftToDo(incident: Incident): readonly Words[] {
  const back = new Set(fixesOf(incident).flatMap((one) => (one.offer.knownGood ? [one.region] : [])));
  const all = [...back].flatMap((region) => (incident.record[region]?.advice ?? []).slice(0, 2));
  const said = new Map(all.map((one) => [plain(firstSentence(one.fix)), firstSentence(one.fix)]));
  return [...said.values()].slice(0, 2);
}

export function firstSentence(words: Words): Words {
  const text = plain(words);
  const end = text.search(/\. (?=[A-Z0-9])/);
  return end < 0 ? words : say`${text.slice(0, end)}`;
}
