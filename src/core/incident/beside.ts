import type { RegionDiagnosis } from '../diagnose.ts';
import { plain } from '../words.ts';
import type { Event } from './events.ts';
import type { Incident } from './state.ts';

/** Changes that somebody made beside the bot, as far as two looks show them: noticed and put on the timeline. */
export function changedBeside(state: Incident, seen: RegionDiagnosis): readonly Event[] {
  const known = state.diagnoses[seen.region];
  const before = known === undefined ? null : changeOf(known);
  const now = changeOf(seen);
  if (known === undefined || before === null || now === null || before === now) return [];
  // Our own change looks the same from here.
  const ours = state.proposals.some(
    (one) => one.region === seen.region && one.attempt !== null && (one.actedAt ?? one.attempt.before.at) >= known.at,
  );
  return ours ? [] : [{ is: 'noted', who: 'mlp-bot', what: `${seen.region}: somebody changed it beside me: ${now}` }];
}

function changeOf(diagnosis: RegionDiagnosis): string | null {
  const remark = diagnosis.remarks.find((one) => one.label === 'Change');
  return remark === undefined ? null : plain(remark.words);
}
