import type { Proposed } from './contract.ts';
import type { Question } from './diagnose.ts';
import type { Finding, Offer, RegionDiagnosis } from './diagnosis.ts';
import { whyOf } from './failure.ts';
import { canonical } from './json.ts';
import { holdsSecret } from './redact.ts';
import { harmText, refuses } from './refusing.ts';
import { besideFor, valuesOf } from './seen.ts';

/** Which remedies answer what was found, in which order, and why the others are not offered. */

export function offersFor(
  question: Question,
  findings: readonly Finding[],
  remarks: RegionDiagnosis['remarks'],
): Pick<RegionDiagnosis, 'offers' | 'notOffered'> {
  const offers: Made[] = [];
  const notOffered: { remedy: string; because: string }[] = [];
  const found = new Set(findings.map((finding) => finding.check));
  for (const remedy of question.opened.remedies) {
    const { asked } = question;
    const isMeant = asked === undefined ? remedy.when.some((check) => found.has(check)) : asked.remedy === remedy.id;
    // One that is listed for several causes, each judged in its own way, is offered for the first.
    if (!isMeant || offers.some(({ offer }) => offer.remedy === remedy.id)) continue;
    const refusal = findings.find(({ refuse }) => refuses(refuse, { remedy: remedy.id }));
    if (refusal !== undefined) {
      notOffered.push({ remedy: remedy.id, because: harmText(refusal) });
      continue;
    }
    const values = valuesOf(remedy.needs, question.evidence);
    if ('missing' in values) {
      notOffered.push({ remedy: remedy.id, because: `could not read ${values.missing}` });
      continue;
    }
    // A mistake in one remedy must not hide what was found.
    try {
      const proposed = remedy.propose(
        values.seen,
        { at: question.at, runId: question.runId },
        asked?.details ?? null,
        besideFor(remedy.also ?? [], question.evidence),
      );
      if ('no' in proposed && proposed.moot === true && asked === undefined) continue;
      const harm = 'no' in proposed ? undefined : findings.find(({ refuse }) => refuses(refuse, proposed));
      const innocent = 'no' in proposed ? null : noSuspect(question, proposed, remarks);
      if ('no' in proposed) notOffered.push({ remedy: remedy.id, because: proposed.no });
      else if (harm !== undefined) notOffered.push({ remedy: remedy.id, because: harmText(harm) });
      else if (innocent !== null) notOffered.push({ remedy: remedy.id, because: innocent });
      // Before it is stored with the diagnosis: what redaction would change could not be carried out as it was approved.
      else if (holdsSecret([canonical(proposed.plan), ...proposed.preview].join('\n')))
        notOffered.push({ remedy: remedy.id, because: 'the plan would hold a secret' });
      else
        offers.push({ offer: offerOf(proposed), changes: proposed.changes ?? [], rank: rankOf(remedy.when, findings) });
    } catch (error) {
      notOffered.push({ remedy: remedy.id, because: `the remedy itself failed: ${whyOf(error)}` });
    }
  }
  const single = asDoneBy(offers);
  notOffered.push(...single.doubled);
  const sorted = single.left.toSorted((a, b) => a.rank - b.rank || doubtOf(a.offer) - doubtOf(b.offer));
  return { offers: sorted.map((one) => one.offer), notOffered };
}

interface Made {
  readonly offer: Offer;
  readonly changes: readonly string[];
  readonly rank: number;
}

/** The same change twice is a choice that is none: what takes back the whole template gives way to what changes just that. */
function asDoneBy(offers: readonly Made[]): {
  readonly left: readonly Made[];
  readonly doubled: readonly { readonly remedy: string; readonly because: string }[];
} {
  const left: Made[] = [];
  const doubled: { remedy: string; because: string }[] = [];
  for (const one of offers) {
    const same = left.find((other) => one.changes.length > 0 && isSame(one.changes, other.changes));
    // In a freeze only what is known good may be done.
    if (same === undefined || one.offer.knownGood) left.push(one);
    else doubled.push({ remedy: one.offer.remedy, because: `${same.offer.label} changes the same, and nothing else` });
  }
  return { left, doubled };
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line) => b.includes(line));

/** The fixes of the cause come first, those of what is said beside it after them. */
function rankOf(when: readonly string[], findings: readonly Finding[]): number {
  const index = findings.findIndex((finding) => when.includes(finding.check));
  return index === -1 ? findings.length : index;
}

/** What mends exactly what was found, before what takes back something that is only suspected; else as the playbook lists them. */
const doubtOf = (offer: Offer): number => (offer.suspected === true ? 1 : 0);

/** Users were hurt before the change that would be taken back came: it may be the very repair, and its numbers still drain. */
function noSuspect(
  { hurtSince = null, asked }: Question,
  proposed: Proposed,
  remarks: RegionDiagnosis['remarks'],
): string | null {
  if (proposed.judgedBy !== 'users' || asked !== undefined || hurtSince === null) return null;
  const cameAt = changedAt(remarks);
  return cameAt === null || hurtSince >= cameAt
    ? null
    : `users were hurt at ${hurtSince.slice(11, 16)} UTC already, and this version came at ${cameAt.slice(11, 16)} UTC: it is not what hurts them`;
}

/** When the newest change came, as far as the remarks say. */
export function changedAt(remarks: RegionDiagnosis['remarks']): string | null {
  const change = remarks.find((one) => one.label === 'Change' || one.label === 'Release');
  return change?.words.find((span) => span.is === 'time')?.at ?? null;
}

export function offerOf(proposed: Proposed): Offer {
  const { remedy, plan, risk, label, says, after, preview, knownGood, settleMs, deadlineMs, undo } = proposed;
  return {
    remedy,
    plan,
    risk,
    label,
    says,
    after,
    preview,
    knownGood,
    settleMs,
    deadlineMs,
    ...(proposed.endsPods === undefined ? {} : { endsPods: proposed.endsPods }),
    ...(proposed.buys === undefined ? {} : { buys: proposed.buys }),
    ...(proposed.judgedBy === undefined ? {} : { judgedBy: proposed.judgedBy }),
    ...(proposed.temporary === null ? {} : { temporary: proposed.temporary }),
    ...(proposed.differs === undefined ? {} : { differs: proposed.differs }),
    ...(proposed.suspected === undefined ? {} : { suspected: proposed.suspected }),
    ...(proposed.same === undefined ? {} : { same: proposed.same }),
    undo: 'impossible' in undo ? { impossible: undo.impossible } : { preview: undo.preview },
  };
}
