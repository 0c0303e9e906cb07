import type { Finding, RegionDiagnosis } from '../diagnosis.ts';
import { lasts } from '../harm.ts';
import { isOwn } from './belonging.ts';
import { later } from './commands.ts';
import type { Rules } from './commands.ts';
import type { Event, WorseStep } from './events.ts';
import { flapping } from './flapping.ts';
import { busy } from './opening.ts';
import { beforeFix } from './record.ts';
import type { Incident } from './state.ts';

/** A look that saw more than people were told of an incident that is open. */

/** The same is not told twice within this time. */
export const SAME_MS = 10 * 60_000;
/** The first looks of several playbooks name one fault in other words: so long after it was noticed a cause is no new one. */
const NAMING_MS = 30_000;

export function worsened(
  before: Incident,
  after: Incident,
  diagnosis: RegionDiagnosis,
  at: string,
  rules: Rules,
): readonly Event[] {
  const { region } = diagnosis;
  // What was never told of a region is told by the first post, or by the card of its fix.
  if (before.worst[region] === undefined || !isOwn(after, region) || busy(before) || after.round === null) return [];
  const found = pressing(diagnosis);
  const check = found?.check ?? null;
  const seen: WorseStep[] = [];
  if (found !== null && isBack(before, region, diagnosis) && flapping(before, at, rules) === null) seen.push('back');
  else if (found !== null && isOtherCause(before, after, region, at)) seen.push('cause');
  if (isHurtNow(before, after, region) && !drains(before, region, at, rules)) seen.push('users');
  const steps = seen.filter((step) => !toldLately(before, region, step, check, at));
  return steps.length === 0 ? [] : [{ is: 'worsened', round: after.round.number, region, steps, check }];
}

/** Bad news that a person has to deal with: not what passes by itself, nor what another playbook is about to look into. */
function pressing({ findings }: RegionDiagnosis): Finding | null {
  const [first] = findings;
  return first === undefined || first.passing === true || first.handOver !== null ? null : first;
}

/** It was fixed, or seen over, and is found again. */
function isBack(before: Incident, region: string, { findings, impact }: RegionDiagnosis): boolean {
  const was = findings[0]?.check === 'users-hurt' ? beforeFix(before, region) : null;
  // It never went: the fix was for something else.
  if (was !== null && lasts(was, impact)) return false;
  const known = before.diagnoses[region];
  if (known === undefined || known.dark || known.findings.length > 0) return false;
  const fixed = before.proposals.some(
    (one) => one.region === region && one.undoOf === null && one.ended?.how === 'verified',
  );
  // Without a record it was closed, and an alert opened it again.
  return fixed || before.quiet.since !== null || (before.record[region]?.noticedAt ?? null) === null;
}

function isOtherCause(before: Incident, after: Incident, region: string, at: string): boolean {
  const [was, is] = [before.record[region], after.record[region]];
  if (was === undefined || is === undefined || was.causes.length === 0 || was.noticedAt === null) return false;
  return is.causes.length > was.causes.length && later(was.noticedAt, NAMING_MS) <= at;
}

function isHurtNow(before: Incident, after: Incident, region: string): boolean {
  return (before.record[region]?.hurtSince ?? null) === null && (after.record[region]?.hurtSince ?? null) !== null;
}

/** Numbers over a window still show what was before the fix. */
function drains({ proposals }: Incident, region: string, at: string, { timing }: Rules): boolean {
  const fixed = proposals.findLast((one) => one.region === region && one.ended?.how === 'verified')?.ended ?? null;
  return fixed !== null && at < later(fixed.at, timing.drainMs);
}

function toldLately({ worse }: Incident, region: string, step: WorseStep, check: string | null, at: string): boolean {
  return worse.some(
    (one) =>
      one.region === region &&
      one.steps.includes(step) &&
      (step === 'users' || one.check === check) &&
      at < later(one.at, SAME_MS),
  );
}
