import { OPEN_BESIDE } from '../builtin.ts';
import type { Incident } from '../incident/state.ts';
import { FALLBACK } from '../routing.ts';
import { namedElsewhere, sameElsewhere } from './others.ts';
import { pastOf } from './past.ts';
import { askedOf, isBlind, mainDiagnosis, mainFinding, nameOf, unseenUsers } from './phase.ts';
import type { View } from './phase.ts';

/** What a thread is called: by what was found; where nothing was, by that, and by what somebody wanted all the same. */

/** "model-server rollout stuck" where a change explains it; what was found where none does: a secret that went missing is no rollout. */
export function subjectTitle(view: Pick<View, 'incident' | 'playbooks'>): string {
  const { incident } = view;
  const finding = mainFinding(incident);
  const wanted = finding === null ? wantedTitle(incident) : null;
  if (wanted !== null) return wanted;
  // Users are hurt and nothing says why: a rollout beside it is not stuck for that.
  if (finding?.check === 'users-hurt') return `${nameOf(incident)}: ${finding.short}`;
  const changed = mainDiagnosis(incident)?.remarks.some((one) => one.label === 'Change') ?? false;
  if (finding !== null && !changed && incident.subject.playbook !== FALLBACK)
    return `${nameOf(incident)}: ${finding.short}`;
  const playbook = view.playbooks.find((one) => one.id === incident.subject.playbook);
  return `${nameOf(incident)} ${playbook?.title ?? incident.subject.playbook}`;
}

/** Of a thread that only points at others: one cause where all have it, and the one that they name. */
export function elsewhereSubject(view: Pick<View, 'incident' | 'playbooks'>): string {
  const { incident } = view;
  if (!sameElsewhere(incident)) return nameOf(incident);
  const named = namedElsewhere(incident);
  return named === null ? subjectTitle(view) : `${nameOf(incident)}: ${named}`;
}

/** What somebody asked for where nothing wrong was found: what an alert suspected is not what this is about then. Null: nothing is wanted. */
function wantedTitle(incident: Incident): string | null {
  const live = incident.proposals.findLast((one) => one.stage !== 'over' && one.change !== null);
  const change = incident.changes.find((one) => one.id === live?.change);
  if (change === undefined || Object.keys(incident.diagnoses).length === 0) return null;
  return `${change.title}, as asked; ${nothingWords(incident)}`;
}

/** "nothing wrong found; restarted all 12 pods, as asked". */
export function nothingTitle(incident: Incident): string {
  const asked = askedOf(incident).at(-1);
  return asked === undefined ? nothingWords(incident) : `${nothingWords(incident)}; ${pastOf(asked)}, as asked`;
}

/** Pods that are well say nothing of users who were not measured. */
function nothingWords(incident: Incident): string {
  if (isBlind(incident)) return 'I could not see enough to tell';
  const known = Object.values(incident.diagnoses).some((one) => one.remarks.some((each) => each.label === OPEN_BESIDE));
  if (known) return 'nothing found beyond the incidents that are open';
  const but = unseenUsers(incident);
  return but === null ? 'nothing wrong found' : `nothing wrong found, but ${but}`;
}
