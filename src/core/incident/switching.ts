import { harmsOf } from '../harm.ts';
import type { Harm } from '../harm.ts';
import { canonical } from '../json.ts';
import { FALLBACK, isChanging } from '../routing.ts';
import { isOwn } from './belonging.ts';
import type { Subject } from './events.ts';
import type { Incident } from './state.ts';

/** Which playbook a thread looks with: when somebody brings one that knows more, and when what users feel calls for another. */

/** Looked with when a deployment is named and nothing is said about what is wrong: as good as no choice. */
const USUAL = 'rollout-stuck';

const FOR_HARM: Readonly<Record<Harm, string>> = { errors: 'inference-errors', slower: 'slow-inference' };

/** The subject for the next look when an alert or a person brings one; the known one when that does not know more. */
export function better(state: Incident, fresh: Subject, from: 'alert' | 'resolved' | 'person'): Subject {
  const { subject: known } = state;
  if (!knowsMore(state, fresh, from)) return known;
  return { ...fresh, focus: known.focus ?? fresh.focus };
}

function knowsMore(state: Incident, fresh: Subject, from: 'alert' | 'resolved' | 'person'): boolean {
  const { subject: known, been } = state;
  if (from !== 'person' && isChanging(known.playbook)) return true;
  if (fresh.playbook === FALLBACK || fresh.playbook === known.playbook || isChanging(fresh.playbook)) return false;
  // A playbook that owns an alert knows more than triage, which takes whatever nobody owns.
  if (from !== 'person' && known.playbook === FALLBACK) return true;
  // Another question about the same thing, where the present one brought no answer. A change that is asked for is seen through first.
  if (from === 'resolved' || isChanging(known.playbook) || canonical(fresh.target) !== canonical(known.target))
    return false;
  if (from === 'person' ? fresh.playbook === USUAL && known.playbook !== FALLBACK : been.includes(fresh.playbook))
    return false;
  return hasLooked(state) && !hasCause(state);
}

/** What users feel, where it is all that is known, names the playbook that asks about it. Null: another cause, an offer or that playbook was there. */
export function forHarm(state: Incident, region: string): Subject | null {
  const { subject, been } = state;
  if (subject.playbook !== USUAL && subject.playbook !== FALLBACK) return null;
  const seen = state.diagnoses[region];
  const target = namesOne(subject) ? subject.target : subject.users;
  if (seen === undefined || !isOwn(state, region) || hasCause(state) || target === undefined) return null;
  if (seen.findings[0]?.check !== 'users-hurt' || seen.offers.length > 0) return null;
  // While pods are missing the question is why: that is asked here, and may be answered by the next look.
  const { readiness } = seen.impact;
  if (readiness !== null && readiness.ready < readiness.wanted) return null;
  const playbook = harmsOf(seen.impact)
    .map((harm) => FOR_HARM[harm])
    .find((one) => !been.includes(one));
  if (playbook === undefined) return null;
  const { users: _users, ...rest } = subject;
  return { ...rest, target, playbook, focus: subject.focus ?? region };
}

/** One workload, not a whole namespace. */
function namesOne({ target }: Subject): boolean {
  const { name } = (typeof target === 'object' && target !== null ? target : {}) as { readonly name?: unknown };
  return typeof name === 'string' && name !== '';
}

/** The region that it is about was answered for: before that nobody can say that no cause was found. */
function hasLooked({ subject: { focus }, diagnoses, home }: Incident): boolean {
  const region = focus ?? home;
  const seen = region === null ? Object.values(diagnoses) : [diagnoses[region]];
  return seen.some((one) => one?.dark === false);
}

function hasCause(state: Incident): boolean {
  const { focus } = state.subject;
  return Object.entries(state.record).some(
    ([region, { causes }]) => causes.length > 0 && (region === focus || isOwn(state, region)),
  );
}
