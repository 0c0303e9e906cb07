import type { RegionDiagnosis } from '../diagnose.ts';
import { impactWords } from '../impact.ts';
import type { Block, Message } from '../message.ts';
import { bold, code, say } from '../words.ts';
import type { Words } from '../words.ts';
import { inWordsOf } from '../reading-name.ts';
import { firstSentence } from './closed.ts';
import { besideWords, isWell } from './others.ts';
import { isForRoot } from './root-lines.ts';
import { cut, list } from './small.ts';
import { becauseText, unreadWords, unsureText } from './unread.ts';
import { plural } from '../plural.ts';

/** One region's evidence in the thread: what was found and how it is known, what is ruled out, what could not be told. */
export function renderEvidence(
  diagnosis: RegionDiagnosis,
  {
    head = null,
    inRoot = false,
  }: {
    readonly head?: Words | null;
    /** The summary is about this region: what it says is not said again. */ readonly inRoot?: boolean;
  } = {},
): Message {
  const { region, findings, advice } = diagnosis;
  const remarks = diagnosis.remarks
    .filter((one) => !inRoot || !saidInRoot(diagnosis, one.label))
    .map((one) => say`${bold(`${one.label}:`)} ${one.words}`);
  const first = inRoot ? say`${bold(region)} · evidence` : say`${bold(region)} · ${impactWords(diagnosis.impact)}`;
  const blocks: Block[] = [
    ...(head === null ? [] : [{ is: 'lines', lines: [head] } as const]),
    { is: 'lines', lines: [first, ...remarks] },
  ];
  for (const [index, one] of findings.entries()) {
    // The summary has the first in full.
    const isTold = inRoot && index === 0;
    const found = isTold ? say`*Evidence of* ${one.short}:` : say`*Found:* ${one.found}`;
    // Without a word of the system itself there is nothing to show for it.
    const isEmpty = isTold && one.quotes.length === 0;
    if (!isEmpty && (one.check !== 'users-hurt' || !inRoot)) blocks.push({ is: 'lines', lines: [found] });
    for (const quote of one.quotes.slice(0, 3)) blocks.push({ is: 'quote', text: cut(quote, 700) });
    if (one.byHand !== '') blocks.push({ is: 'lines', lines: [say`By hand: ${code(one.byHand)}`] });
  }
  const rest: Words[] = [];
  if (diagnosis.ruledOut.length > 0) rest.push(say`*Ruled out:* ${few(diagnosis.ruledOut)}`);
  if (diagnosis.unsure.length > 0) rest.push(say`*Could not tell:* ${cut(unsureText(diagnosis), 900)}`);
  const unread = unreadWords(diagnosis);
  if (unread !== null) rest.push(unread);
  for (const one of diagnosis.notOffered)
    rest.push(say`*Not offered:* ${inWordsOf(one.remedy)}, because ${becauseText(one.because, diagnosis)}`);
  if (rest.length > 0) blocks.push({ is: 'lines', lines: rest });
  for (const one of advice) {
    if (one.steps.length === 0) continue;
    blocks.push(
      { is: 'lines', lines: [say`*By a person:* ${inRoot ? firstSentence(one.fix) : one.fix}`] },
      { is: 'verbatim', text: one.steps.join('\n') },
    );
  }
  return { lock: evidenceLock(diagnosis), blocks };
}

function saidInRoot({ findings }: RegionDiagnosis, label: string): boolean {
  // Where nothing was found the summary has them all.
  if (findings.length === 0 || isForRoot(label)) return true;
  return findings[0]?.check === 'users-hurt' && (label === 'Release' || label === 'Rollout');
}

/** Enough to see what was asked; a playbook may ask sixty questions. */
function few(all: readonly string[]): string {
  const shown = 14;
  return all.length <= shown ? all.join(' · ') : `${all.slice(0, shown).join(' · ')} · and ${all.length - shown} more`;
}

/** Pods that are missing, or users who fare badly, without a cause: that is not nothing. */
function nothingFound(diagnosis: RegionDiagnosis): string {
  return isWell(diagnosis) ? 'nothing wrong found' : 'no cause found';
}

function evidenceLock(diagnosis: RegionDiagnosis): string {
  const { region, findings, unread } = diagnosis;
  if (findings.length === 0 && unread.length > 0) {
    return `${region}: nothing wrong found in what could be read; ${plural(unread.length, 'reading')} had no answer.`;
  }
  return findings.length === 0
    ? `${region}: ${nothingFound(diagnosis)}.`
    : `${region}: ${list(findings.map((one) => one.short))}.`;
}

/** Regions where nothing was found and everything could be read share one message. */
export function renderClear(all: readonly RegionDiagnosis[]): Message {
  const lines = all.map(
    (one) =>
      say`${bold(one.region)} · ${impactWords(one.impact)}${besideWords(one)} · ${nothingFound(one)}, ${one.answered} of ${one.asked} readings answered`,
  );
  return {
    lock: `${list(all.map((one) => one.region))}: ${all.every(isWell) ? 'nothing wrong found' : 'no cause found'}.`,
    blocks: [{ is: 'lines', lines }],
  };
}

/** The commands that a person would type for the same looks. */
export function renderCommands(commands: readonly string[]): Message {
  return {
    lock: 'The commands for the same looks.',
    blocks: [
      { is: 'lines', lines: [say`*The same by hand:*`] },
      { is: 'verbatim', text: commands.join('\n') },
    ],
  };
}
