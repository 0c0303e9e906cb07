import { impactWords } from '../impact.ts';
import type { Impact } from '../impact.ts';
import { stillOn } from '../incident/over.ts';
import { comparableFrom } from '../incident/record.ts';
import type { Proposal } from '../incident/state.ts';
import { bold, clock, plain, say } from '../words.ts';
import type { Words } from '../words.ts';
import { changedAt } from '../offers.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { justSuperseded, lastFix, mainDiagnosis, mainFinding, severalRegions } from './phase.ts';
import type { View } from './phase.ts';

/** While a written change is followed: what was found before it is past, and the numbers say from when on they are those of after it. */

/** What was written after the last look at the region that the message is about; null: the look is newer, or nothing is followed. */
export function followed({ incident }: Pick<View, 'incident'>): Proposal | null {
  const diagnosis = mainDiagnosis(incident);
  if (diagnosis === null) return null;
  const { region, at } = diagnosis;
  // What the fix is for is what is followed.
  const isSame = (p: Proposal): boolean =>
    diagnosis.findings.length > 0 && p.cause !== null && p.cause === mainFinding(incident)?.short;
  return (
    incident.proposals.find(
      (p) => p.stage === 'watching' && p.region === region && ((p.actedAt ?? '') >= at || isSame(p)),
    ) ?? null
  );
}

/** Users as observed now, and what the last look had found. */
export function followedLines({ incident }: View, change: Proposal): readonly Words[] {
  const { region, watch, attempt } = change;
  const place = severalRegions(incident) ? ` in ${region}` : '';
  const diagnosis = incident.diagnoses[region];
  const seen = watch ?? (attempt === null ? null : { at: attempt.before.at, impact: attempt.before.impact });
  const finding = diagnosis === undefined || diagnosis.findings.length === 0 ? null : mainFinding(incident);
  return [
    ...(seen === null
      ? []
      : [say`${bold(`Users${place}:`)} ${impactWords(seen.impact)}, ${clock(seen.at)}${draining(change, seen)}`]),
    ...(finding === null || diagnosis === undefined
      ? []
      : [
          say`${bold(`Cause${place}, as found ${diagnosis.at <= (change.actedAt ?? '') ? `${diagnosis.at.slice(11, 16)} UTC, ` : ''}before the change:`)} ${finding.found}`,
        ]),
  ];
}

/** Numbers over a window hold what was before the change until the window has passed. */
function draining(change: Proposal, { at, impact }: { readonly at: string; readonly impact: Impact }): Words | null {
  const from = comparableFrom(change);
  if (from === null || at >= from || (impact.errorRatio === null && impact.latencySeconds === null)) return null;
  return say`. The ${impact.window} of these numbers begin before the change: they are those of after it from ${clock(from)} on`;
}

/** What was changed where the fix was, after it: the fix is not what runs any more. */
export function changedAgain(incident: View['incident']): Words | null {
  const fix = lastFix(incident);
  const diagnosis = fix === null ? undefined : incident.diagnoses[fix.region];
  const change = diagnosis?.remarks.find((one) => one.label === 'Change' || one.label === 'Release');
  const end = fix?.ended?.at ?? null;
  if (change === undefined || diagnosis === undefined || end === null || diagnosis.at < end) return null;
  const came = changedAt([change]);
  return came !== null && came > end && !/ by me\b/.test(plain(change.words)) ? change.words : null;
}

/** Nobody is called and nothing is offered: why, and what is waited for. */
export function watchingLines({ incident, rules }: View): readonly Words[] {
  const diagnosis = mainDiagnosis(incident);
  const finding = mainFinding(incident);
  if (diagnosis === null || justSuperseded(incident, rules)) return [];
  if (diagnosis.findings.length > 0)
    return [say`*Now:* it is being overcome by itself. I go on looking, and call somebody if it lasts`];
  const still = stillOn(incident);
  return [
    ...(finding === null ? [] : [say`*Found before:* ${finding.found}`]),
    say`*Now:* not found any more, ${clock(diagnosis.at)}${still === null ? '' : `. Not over yet: ${still}`}. I go on looking`,
  ];
}

/** Harm in numbers that begin before the fix is no news of after it. */
export function stale(incident: View['incident'], { region, impact, at }: RegionDiagnosis): string {
  const fix = lastFix(incident);
  const from = fix === null || fix.region !== region ? null : comparableFrom(fix);
  return impact.level === 'hurt' && from !== null && at < from
    ? `. The ${impact.window} of these numbers begin before the change`
    : '';
}
