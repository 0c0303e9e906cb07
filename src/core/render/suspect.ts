import { changedAt } from '../offers.ts';
import type { RegionDiagnosis } from '../diagnosis.ts';
import { harmsOf } from '../harm.ts';
import { bold, clock, plain, say, since } from '../words.ts';
import type { Words } from '../words.ts';
import type { View } from './phase.ts';
import { list } from './small.ts';

/** Users are hurt and no cause is known: what is known beside it. A change is a suspect, never a cause. */
export function suspectLines(view: View, diagnosis: RegionDiagnosis): readonly Words[] {
  const lines: Words[] = [];
  const change = diagnosis.remarks.find((one) => one.label === 'Change' || one.label === 'Release');
  // What I wrote myself came after the harm that it was for.
  const mine = change !== undefined && / by me\b/.test(plain(change.words));
  const cameAt = mine ? null : changedAt(diagnosis.remarks);
  const onset = onsetOf(view, diagnosis);
  if (mine) lines.push(say`*Change:* ${change.words}`);
  else if (change !== undefined) {
    const seenAt = onset.at ?? view.incident.record[diagnosis.region]?.hurtSince ?? null;
    const before = seenAt !== null && cameAt !== null && seenAt < cameAt;
    lines.push(
      say`*Change:* ${change.words}. ${before ? 'Not the suspect: users were hurt before it' : 'The suspect, not proven'}`,
    );
  }
  const rollout = diagnosis.remarks.find((one) => one.label === 'Rollout');
  if (change?.label === 'Change' && rollout !== undefined) lines.push(say`*Rollout:* ${rollout.words}`);
  lines.push(say`${bold('Since:')} ${onset.words}${order(onset.at, cameAt)}`);
  return lines;
}

/** When users began to be hurt, as far as it was seen. `at` is null where only the first look says so: it may have been long before. */
function onsetOf(
  { incident }: View,
  { region, impact }: RegionDiagnosis,
): { readonly at: string | null; readonly words: Words } {
  const what = list(harmsOf(impact).map((one) => (one === 'errors' ? 'errors' : 'p95')));
  const seen = incident.record[region];
  const alert = Object.values(incident.alerts)
    .filter((one) => one.status === 'firing' && (one.region === null || one.region === region))
    .toSorted((a, b) => a.startsAt.localeCompare(b.startsAt))[0];
  if (seen?.hurtSince !== null && seen?.hurtSince !== undefined && seen.calmAt !== null)
    return {
      at: seen.hurtSince,
      words: say`${what} began between my looks of ${clock(seen.calmAt)} (within the limit) and ${clock(seen.hurtSince)} (over it)`,
    };
  if (alert !== undefined)
    return { at: alert.startsAt, words: say`${alert.name} fires since ${since(alert.startsAt)}` };
  const first = seen?.hurtSince ?? null;
  return {
    at: null,
    words:
      first === null
        ? say`not known`
        : say`${what} over the limit at my first look, ${clock(first)}; when it began is not known`,
  };
}

function order(onset: string | null, changedAt: string | null): string {
  if (onset === null || changedAt === null) return '';
  return onset < changedAt ? ', before the change' : ', after the change';
}
