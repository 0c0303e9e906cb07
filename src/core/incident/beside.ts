import type { RegionDiagnosis } from '../diagnose.ts';
import { plain } from '../words.ts';
import { isOwn } from './belonging.ts';
import type { Event } from './events.ts';
import type { Incident } from './state.ts';

/** Changes that somebody made beside the bot, as far as two looks show them: noticed and put on the timeline. */
export function changedBeside(state: Incident, seen: RegionDiagnosis): readonly Event[] {
  const known = state.diagnoses[seen.region];
  const before = known === undefined ? null : changeOf(known);
  const now = changeOf(seen);
  if (known === undefined || before === null || now === null || isSame(before, now)) return [];
  // Our own change looks the same from here.
  const ours = state.proposals.some(
    (one) => one.region === seen.region && one.attempt !== null && (one.actedAt ?? one.attempt.before.at) >= known.at,
  );
  if (ours) return [];
  const note = (what: string): readonly Event[] => [
    { is: 'noted', who: 'mlp-bot', what: `${seen.region}: ${what}: ${now.newest}` },
  ];
  if (!/ by me\b/.test(now.newest)) return note('somebody changed it beside me');
  // What I do for another incident is said there; here where it concerns this one.
  return isOwn(state, seen.region) ? note('I changed it meanwhile, for another incident') : [];
}

interface Change {
  /** Null in what older versions stored: then only the words can be compared. */
  readonly mark: string | null;
  readonly newest: string;
  readonly all: string;
}

function isSame(a: Change, b: Change): boolean {
  return a.mark === null || b.mark === null ? a.all === b.all : a.mark === b.mark;
}

/** The newest change alone: which of several is blamed may differ from look to look without anybody changing anything. */
function changeOf(diagnosis: RegionDiagnosis): Change | null {
  // A repair leaves nothing to blame, so no change is told any more: what runs then is.
  const told = diagnosis.remarks.find((one) => one.label === 'Change');
  const remark = told ?? diagnosis.remarks.find((one) => one.label === 'Rollout' && one.newest !== undefined);
  if (remark === undefined) return null;
  const { words, newest } = remark;
  return { mark: newest?.mark ?? null, newest: plain(newest?.words ?? words), all: plain(words) };
}
