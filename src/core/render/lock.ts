import type { Finding } from '../diagnosis.ts';
import { harmWords } from '../harm.ts';
import { hadTrouble, howOver } from './closed.ts';
import { isAskedFor } from './handled.ts';
import { inWordsOf } from '../reading-name.ts';
import { isBounds } from '../refusing.ts';
import { darkLock } from './dark.ts';
import { elsewhereShort } from './others.ts';
import {
  mainDiagnosis,
  mainFinding,
  mistakenFinding,
  nameOf,
  openProposals,
  openUndo,
  undoState,
  usersShort,
  whereOf,
} from './phase.ts';
import type { Phase, View } from './phase.ts';
import type { Proposal } from '../incident/state.ts';
import { capital, cut, list } from './small.ts';
import { pastOf } from './past.ts';
import { elsewhereSubject, nothingTitle, subjectTitle } from './titles.ts';
import { plain } from '../words.ts';

/** What a phone shows at once. */
const SEEN = 150;

/** Where and what, users, what is wanted: in what a phone shows, whatever the cause's length. What must not be done comes after that. */
export function lockOf(view: View, phase: Phase): string {
  const { incident } = view;
  const where = whereOf(view);
  if (phase === 'looking' && incident.by.is === 'person') return `${where}: looking at ${nameOf(incident)}, asked for.`;
  if (phase === 'looking') return `${where}: ${subjectTitle(view)}? Looking now.`;
  if (phase === 'nothing found' || phase === 'closed, nothing found') return nothingLock(view, where);
  if (phase === 'cannot see') return darkLock(view);
  if (phase === 'closed') return closedLock(view, where);
  const finding = mainFinding(incident);
  // "eu-west-1: model-server users slower": one colon is enough.
  const others = phase === 'elsewhere';
  const title = (others ? elsewhereSubject(view) : subjectTitle(view)).replace(': ', ' ');
  const cause = others || finding === null || title.includes(finding.short) ? '' : `, ${finding.short}`;
  const users = usersBeside(view);
  const undo = openUndo(incident);
  const risk = undo === null ? '' : undoRisk(incident, undo.undo).trimStart();
  const rest = [risk, users, wantedOf(view, phase)].filter((part) => part !== '').join(' ');
  const about =
    undo === null
      ? `${where}: ${title}${cause}`
      : `${undo.act.region}: ${nameOf(incident)} ${pastOf(undo.act)}, ${undoState(undo.act)}`;
  const what = cut(about, Math.max(undo === null ? 40 : 80, SEEN - rest.length - 2));
  return `${what}. ${rest}${phase === 'needs a person' || phase === 'waiting for approval' ? doNot(view) : ''}`;
}

function wantedOf({ incident, killSwitch }: View, phase: Phase): string {
  const open = openProposals(incident)[0];
  if (open === undefined) return phase === 'elsewhere' ? elsewhereShort(incident) : `${capital(phase)}.`;
  if (killSwitch !== null) return 'Everything is stopped: nothing can be approved.';
  return `Approval wanted by ${open.expiresAt.slice(11, 16)} UTC.`;
}

/** " Risk high: it brings back image v2.4.1 not found." Empty: it is no undo. */
export function undoRisk(incident: View['incident'], { undoOf, offer }: Proposal): string {
  if (undoOf === null) return '';
  const cause = incident.proposals.find((one) => one.id === undoOf)?.cause ?? null;
  return ` Risk ${offer.risk}${cause === null ? '' : `: it brings back ${cause}`}.`;
}

/** How users fare, unless the finding says just that. */
export function usersBeside({ incident }: Pick<View, 'incident'>): string {
  return mainFinding(incident)?.check === 'users-hurt' ? '' : usersShort(incident);
}

export function doNot({ incident }: View): string {
  const refuse = mainDiagnosis(incident)?.findings.find((one) => one.refuse !== null)?.refuse ?? null;
  return refuse === null ? '' : ` Do NOT ${list(forbidden(refuse), 'or')}.`;
}

/** What the check says in so many words, and whatever it refuses beside that. */
function forbidden({ remedies, endsPods, because }: NonNullable<Finding['refuse']>): readonly string[] {
  const said = /\bDo not ([a-z, ]+? or [a-z]+|[a-z]+)\b/.exec(plain(because))?.[1]?.split(/, | or /) ?? [];
  const verbs = remedies.map((one) =>
    (isBounds(one) ? 'change bounds' : inWordsOf(one))
      .replace('resume and rollback', 'roll back')
      .replace('rollback', 'roll back'),
  );
  return [...new Set([...said, ...verbs, ...(endsPods === true ? ['end pods otherwise'] : [])])];
}

function nothingLock({ incident }: View, where: string): string {
  const mistaken = mistakenFinding(incident);
  if (mistaken !== null) return `${where}: ${mistaken.short}.`;
  const all = Object.values(incident.diagnoses);
  const unread = all.reduce((sum, d) => sum + d.unread.length, 0);
  const asked = all.reduce((sum, d) => sum + d.asked, 0);
  const first = isAskedFor(incident) ? 'P0, asked for by the alert. ' : '';
  const unknown = unread === 0 ? '' : ` ${unread} of ${asked} readings unknown.`;
  return `${first}${nameOf(incident)} ${where}: ${nothingTitle(incident)}.${unknown}`;
}

function closedLock({ incident }: View, where: string): string {
  const hurt = hadTrouble(incident).flatMap(({ worst }) =>
    worst?.impact.level === 'hurt' ? [harmWords(worst.impact)] : [],
  );
  const users =
    hurt[0] === undefined ? '' : ` At worst users ${hurt[0].startsWith('get') ? hurt[0] : `were ${hurt[0]}`}.`;
  return `${where}: ${nameOf(incident)} ${howOver(incident)}. Closed.${users.replace('users get', 'users got')}`;
}
