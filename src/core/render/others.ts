import type { RegionDiagnosis } from '../diagnosis.ts';
import { impactWords } from '../impact.ts';
import { bad, isOwn, namedBy, newsOf } from '../incident/belonging.ts';
import type { Elsewhere } from '../incident/events.ts';
import type { Incident } from '../incident/state.ts';
import type { Message } from '../message.ts';
import { bold, join, link, say } from '../words.ts';
import type { Words } from '../words.ts';
import { list } from './small.ts';

/** What this thread saw and another incident answers for: pointed at, never offered twice. */

/** "INC-7", as a link where one is known. */
function nameOf({ number, link: url }: Elsewhere): Words {
  const name = number === null ? 'another incident' : `INC-${number}`;
  return url === null ? say`${name}` : [link(url, name)];
}

function names(incident: Incident): Words {
  const all = new Map(Object.values(incident.elsewhere).map((one) => [one.stream, one]));
  return join([...all.values()].map(nameOf), ', ');
}

export function elsewhereTitle(incident: Incident): Words {
  return say`handled in ${names(incident)}`;
}

/** For phones and lists: "Handled in INC-7, INC-9." */
export function elsewhereShort({ elsewhere }: Incident): string {
  const all = new Set(
    Object.values(elsewhere).map(({ number }) => (number === null ? 'another incident' : `INC-${number}`)),
  );
  return `Handled in ${[...all].join(', ')}.`;
}

/** Each region with what was seen there and who answers for it: what that incident knows by now is its own to say. */
export function elsewhereLines(incident: Incident): readonly Words[] {
  const seen = Object.entries(incident.elsewhere).flatMap(([region, other]) => {
    const diagnosis = incident.diagnoses[region];
    if (diagnosis === undefined) return [];
    const finding = diagnosis.findings[0];
    const what =
      finding === undefined
        ? null
        : finding.check === 'users-hurt'
          ? causeThere(other)
          : say` · found: ${finding.found}`;
    return [say`${bold(`${region}:`)} users: ${impactWords(diagnosis.impact)}${what} · ${nameOf(other)}`];
  });
  return [...seen.slice(0, 6), say`*Cause, fix and approvals:* in ${names(incident)}. Nothing is to be approved here`];
}

/** This look saw only that users are hurt. */
function causeThere(other: Elsewhere): Words {
  const cause = namedBy(other);
  return cause === null ? say` · I found no cause in this look` : say` · cause, as found there: ${cause}`;
}

/** One cause in a title only where all have it. */
export function sameElsewhere(incident: Incident): boolean {
  return new Set(newsElsewhere(incident)).size <= 1;
}

function newsElsewhere({ elsewhere, diagnoses }: Incident): readonly string[] {
  return Object.keys(elsewhere).map((region) => {
    const seen = diagnoses[region];
    return seen === undefined ? '' : newsOf({ elsewhere }, seen);
  });
}

/** What the incident that answers for it names as the cause, where this look has none; null: it has, or that one has none either. */
export function namedElsewhere(incident: Incident): string | null {
  const [region] = Object.keys(incident.elsewhere);
  if (region === undefined || incident.diagnoses[region]?.findings[0]?.check !== 'users-hurt') return null;
  return namedBy(incident.elsewhere[region]) === null ? null : (newsElsewhere(incident)[0] ?? null);
}

/** " (INC-7)", or that it has a thread; null: it is this thread's own. */
export function itsThread(incident: Incident, region: string): Words | null {
  const other = incident.elsewhere[region];
  if (other !== undefined) return say` (${nameOf(other)})`;
  return isOwn(incident, region) || !incident.branched.includes(region) ? null : say` (in a thread of its own)`;
}

/** Its bad news is not this thread's. */
export function isStranger(incident: Incident, diagnosis: RegionDiagnosis): boolean {
  return bad(incident, diagnosis) && !diagnosis.dark && !isOwn(incident, diagnosis.region);
}

export function renderOther(incident: Incident, diagnosis: RegionDiagnosis): Message {
  const { region, impact } = diagnosis;
  const short = newsOf(incident, diagnosis);
  const line = say`${bold(region)} · ${impactWords(impact)} · found: ${short}${itsThread(incident, region)}`;
  return { lock: `${region}: ${short}. Not handled here.`, blocks: [{ is: 'lines', lines: [line] }] };
}

/** Nothing found, all pods ready, users not hurt: only then is it well. */
export function isWell({ findings, dark, impact }: RegionDiagnosis): boolean {
  const { readiness, level } = impact;
  return (
    findings.length === 0 && !dark && level !== 'hurt' && (readiness === null || readiness.ready >= readiness.wanted)
  );
}

/** "on v2.4.1 too, memory flat over 24 h": what a playbook lets regions be compared by. */
function besideOf({ remarks }: RegionDiagnosis, main: RegionDiagnosis | null): readonly string[] {
  return remarks.flatMap(({ label, beside }) => {
    if (beside === undefined) return [];
    const here = main?.remarks.find((one) => one.label === label)?.beside;
    return [beside === here ? `${beside} too` : beside];
  });
}

/** Where the same version serves well, the version alone is not the cause; said where a version is suspected, or something else differs. */
function acquits({ remarks }: RegionDiagnosis, main: RegionDiagnosis | null): boolean {
  const theirs = remarks.filter((one) => one.beside !== undefined);
  const here = (label: string): string | undefined => main?.remarks.find((one) => one.label === label)?.beside;
  const [version, rest] = [
    theirs.find((one) => one.label === 'Rollout'),
    theirs.filter((one) => one.label !== 'Rollout'),
  ];
  if (version === undefined || version.beside !== here('Rollout')) return false;
  const isNew = main?.remarks.some((one) => one.label === 'Release') === true;
  return isNew || rest.some((one) => here(one.label) !== undefined && here(one.label) !== one.beside);
}

/** "us-east-1 and ap-southeast-1: on v2.4.0, memory flat over 24 h, nothing wrong found". */
export function wellWords(well: readonly RegionDiagnosis[], main: RegionDiagnosis | null): readonly Words[] {
  const groups = Map.groupBy(well, (one) => besideOf(one, main).join(', '));
  return [...groups].map(([beside, all]) => {
    const names = list(all.map((one) => one.region));
    if (beside === '') return say`${names} checked, nothing wrong found`;
    const so = main !== null && main.findings.length > 0 && all.every((one) => acquits(one, main));
    return say`${names}: ${beside}, nothing wrong found${so ? ', so the version alone is not the cause' : ''}`;
  });
}

/** For lines about one region alone: " · on v2.4.1, memory flat over 24 h". */
export function besideWords(diagnosis: RegionDiagnosis): string {
  const all = besideOf(diagnosis, null);
  return all.length === 0 ? '' : ` · ${all.join(', ')}`;
}

/** Readings that should have been there: what the bot has no right to is said by the doctor, not in each thread. */
export function missed({ unread }: RegionDiagnosis): number {
  return unread.filter(({ why }) => !/^(needs [^:]*: )?forbidden/.test(why)).length;
}
