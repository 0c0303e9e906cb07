import { inWordsOf } from '../reading-name.ts';
import { refusedNames } from '../refusing.ts';
import type { Proposal } from '../incident/state.ts';
import { PUT_ASIDE, endWord } from '../incident/proposal.ts';
import { bold, clock, code, plain, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { may, must } from './budget.ts';
import type { Line } from './budget.ts';
import { andWhy, deniedLines, outdatedLine } from './denied.ts';
import { takenBackWords } from './done.ts';
import { approvedBy } from './glass.ts';
import { mayLine } from './may.ts';
import { wouldOffer } from './only-looking.ts';
import { actName, actOf, decidedByPeople, mainDiagnosis, openProposals, severalRegions, whoIs } from './phase.ts';
import type { Phase, View } from './phase.ts';
import { capital, list } from './small.ts';
import { underWayLine } from './stopped.ts';
import { becauseText } from './unread.ts';
import { followed } from './verifying.ts';

/** What can be done about it, by whom, until when; what is under way. */

export function fixLines(view: View, phase: Phase): readonly Line[] {
  const { incident } = view;
  const diagnosis = mainDiagnosis(incident);
  const lines: Line[] = [];
  // What was found before a change that is followed calls for nothing any more.
  const isPast = phase === 'verifying' && followed(view) !== null;
  const advice = isPast ? [] : (diagnosis?.advice ?? []);
  const open = openProposals(incident);
  const refuse = isPast ? null : (diagnosis?.findings.find((one) => one.refuse !== null)?.refuse ?? null);
  const here = severalRegions(incident) && diagnosis !== null ? ` in ${diagnosis.region}` : '';
  if (refuse !== null)
    lines.push(must(say`${bold(`Refused${here} while this lasts`)} (${refusedNames(refuse)}): ${refuse.because}`));
  const [told, offered] = [shown(advice, open.length > 0), open.slice(0, 2)];
  const labels = labelled(view, told, offered);
  for (const [index, { fix }] of told.entries()) {
    const line = say`${bold(`${labels.advice[index] ?? ''}${here}:`)} ${fix}`;
    lines.push(open.length === 0 ? must(line) : may(line, 1));
  }
  if (!isPast) lines.push(...wouldOffer(view, diagnosis).map(must));
  lines.push(...openLines(view, offered, labels.open));
  const more = open.slice(2).map(actName);
  if (more.length > 0)
    lines.push(
      may(say`*Also offered:* ${list(more)}, on ${more.length === 1 ? 'its card' : 'their cards'} in the thread`, 4),
    );
  const under = incident.proposals.find((one) => ['granted', 'acting', 'watching'].includes(one.stage));
  if (under !== undefined) lines.push(must(progressLine(under, phase)), ...underWayLine(view).map(must));
  lines.push(...outdatedLine(view).map(must), ...deniedLines(view, open).map(must), ...heldLines(view, open));
  const refusedByPerson = decidedByPeople(incident);
  if (open.length === 0 && phase === 'needs a person' && (advice.length === 0 || refusedByPerson)) {
    lines.push(must(noFixLine(view)));
  }
  return lines;
}

type Advice = NonNullable<ReturnType<typeof mainDiagnosis>>['advice'];

/** Where no cause is known the advice is where to look; what comes before a fix mends nothing either. */
const mends = (view: View, one: Advice[number]): boolean =>
  one.first !== true && mainDiagnosis(view.incident)?.findings[0]?.check !== 'users-hurt';

/** Beside a fix that waits for approval one piece of advice is enough here: the thread has them all. */
function shown(advice: Advice, isOpen: boolean): Advice {
  const first = advice.filter((one) => one.first === true);
  const rest = advice.filter((one) => one.first !== true);
  return [...first, ...rest].slice(0, isOpen ? 1 : 2);
}

/** Letters where the reader has a choice. */
function labelled(view: View, advice: Advice, open: readonly Proposal[]): Record<'advice' | 'open', readonly string[]> {
  const fixes = open.filter((one) => one.undoOf === null);
  const several = advice.filter((one) => mends(view, one)).length + fixes.length > 1;
  let next = 0;
  const lettered = (word: string): string => {
    next += 1;
    return several ? `${word} ${'ABCD'.charAt(next - 1)}` : word;
  };
  const word = open.length === 0 ? 'Do' : 'Fix';
  return {
    advice: advice.map((one) => {
      if (one.first === true) return 'First';
      if (mends(view, one)) return lettered(word);
      return open.length === 0 ? 'Do' : 'Advice';
    }),
    open: open.map((one) => (one.undoOf === null ? lettered(one.change === null ? 'Fix' : 'Change') : '')),
  };
}

/** Each with its risk; what follows and who may approve once where it is the same. */
function openLines(view: View, open: readonly Proposal[], labels: readonly string[]): readonly Line[] {
  const { incident } = view;
  const lines: Line[] = [];
  const approvals = open.map((one) => mayLine(view, one));
  const same =
    approvals.length > 1 && new Set(approvals.map(plain)).size === 1 && open.every((one) => one.undoOf === null);
  for (const [index, one] of open.entries()) {
    if (one.undoOf !== null) {
      lines.push(...undoLines(view, one).map(must));
      continue;
    }
    const place = severalRegions(incident) ? ` in ${one.region}` : '';
    const name = `${labels[index] ?? ''}${place}`;
    // Said before it: what it does may take several sentences.
    const head =
      one.change === null || one.requester === null
        ? say`${bold(`${name}:`)}`
        : say`${bold(name)} asked for by ${user(one.requester)}:`;
    lines.push(must(say`${head} ${one.offer.says}. Risk ${one.offer.risk}${takenBackWords(incident, one)}`));
    // What follows from the second stands on its card.
    if (one.offer.after !== null) lines.push(may(say`*After it:* ${one.offer.after}`, index === 0 ? 2 : 5));
    if (!same) lines.push(must(approvals[index] ?? []));
  }
  if (same && approvals[0] !== undefined) lines.push(must(eitherOf(approvals[0])));
  return lines;
}

/** "*May approve:*" of one is "*May approve either:*" of two. */
function eitherOf([head, ...rest]: Words): Words {
  return head?.is === 'bold' && head.text === 'May approve:'
    ? [{ ...head, text: 'May approve either:' }, ...rest]
    : [...(head === undefined ? [] : [head]), ...rest];
}

function heldLines(view: View, open: readonly Proposal[]): readonly Line[] {
  const { onIt } = view.incident;
  const lines: Line[] = [];
  if (onIt !== null) {
    const card = say`What is open waits for ${user(onIt)}, with Approve on its card in the thread`;
    lines.push(
      must(
        say`*On it:* ${user(onIt)}. ${open.length === 0 ? say`I propose nothing meanwhile` : card}; I keep watching`,
      ),
    );
  }
  if (view.killSwitch !== null && open.length > 0)
    lines.push(
      must(
        say`*Stopped:* everything, by ${whoIs(view.killSwitch)}. Nothing can be approved until ${code('/mlp stop off')}`,
      ),
    );
  return lines;
}

/** What an undo would bring back, and who decides: nothing of what is said of a fix. */
export function undoLines(view: View, one: Proposal): readonly Words[] {
  const { incident } = view;
  const act = actOf(incident, one);
  const not = one.requester === null || one.may.need < 2 ? null : say`, not ${whoIs(one.requester)}, who asked for it`;
  return [
    say`*Undo:* takes back the ${act?.offer.label ?? 'change'}${act?.actedAt === null || act === null ? null : say` of ${clock(act.actedAt)}`}: ${backwards(one.offer.says)}. Risk ${one.offer.risk}`,
    ...(act?.cause === undefined || act.cause === null ? [] : [say`*It brings back:* ${act.cause}, as far as I know`]),
    mayLine(view, one, not),
  ];
}

/** The remedy speaks of its plan as a fix; going back to the newer version is no "roll back". */
function backwards(says: Words): Words {
  const [first, ...rest] = says;
  if (first?.is !== 'text') return says;
  return [{ is: 'text', text: first.text.replace(/^roll back to /, 'back to ') }, ...rest];
}

export function progressLine(one: View['incident']['proposals'][number], phase: Phase): Words {
  const who = approvedBy(one);
  if (phase === 'changing' && one.waitsFor !== null)
    return say`*Now:* approved by ${who}. Waits for ${one.waitsFor}, which changes the same target: one change at a time`;
  if (phase === 'changing') return say`*Now:* approved by ${who}. ${capital(actName(one))} begins`;
  const watch = one.watch;
  return say`*Now:* ${actName(one)} written ${one.actedAt === null ? '' : since(one.actedAt)}, approved by ${who}. Verifying${watch === null ? '' : `: ${watch.progress}`}`;
}

function noFixLine({ incident }: View): Words {
  const no = mainDiagnosis(incident)?.notOffered[0] ?? incident.notOffered[0];
  const last = incident.proposals.at(-1)?.ended;
  if (last !== null && last !== undefined)
    return last.because === PUT_ASIDE && last.by !== null
      ? say`*Fix:* none open. The last proposal was put aside by ${user(last.by)}: "Ask again" brings it back`
      : say`*Fix:* none open. The last proposal was ${endWord(last)}${last.by === null ? null : say` by ${user(last.by)}`}${andWhy(last)}`;
  return no === undefined
    ? say`*Fix:* I have no safe one; a person is needed`
    : say`*Fix:* none that I may offer: ${inWordsOf(no.remedy)}, because ${becauseText(no.because, mainDiagnosis(incident) ?? { unread: [] })}`;
}
