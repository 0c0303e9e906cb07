import type { RegionDiagnosis } from '../diagnose.ts';
import { impactWords } from '../impact.ts';
import type { Block, Message } from '../message.ts';
import { bold, code, say } from '../words.ts';
import type { Words } from '../words.ts';
import { cut, list } from './small.ts';

/** One region's evidence in the thread: what was found and how it is known, what is ruled out, what could not be told. */
export function renderEvidence(diagnosis: RegionDiagnosis): Message {
  const { region, findings, advice } = diagnosis;
  const remarks = diagnosis.remarks.map((one) => say`${bold(`${one.label}:`)} ${one.words}`);
  const blocks: Block[] = [
    { is: 'lines', lines: [say`${bold(region)} · ${impactWords(diagnosis.impact)}`, ...remarks] },
  ];
  for (const one of findings) {
    blocks.push({ is: 'lines', lines: [say`*Found:* ${one.found}`] });
    for (const quote of one.quotes.slice(0, 3)) blocks.push({ is: 'quote', text: cut(quote, 700) });
    if (one.byHand !== '') blocks.push({ is: 'lines', lines: [say`By hand: ${code(one.byHand)}`] });
  }
  const rest: Words[] = [];
  if (diagnosis.ruledOut.length > 0) rest.push(say`*Ruled out:* ${few(diagnosis.ruledOut)}`);
  if (diagnosis.unsure.length > 0)
    rest.push(say`*Could not tell:* ${cut(diagnosis.unsure.map((one) => `${one.ask} (${one.why})`).join(' · '), 900)}`);
  if (diagnosis.unread.length > 0)
    rest.push(say`*Not read:* ${cut(diagnosis.unread.map((one) => `${one.reading} (${one.why})`).join(' · '), 700)}`);
  for (const one of diagnosis.notOffered) rest.push(say`*Not offered:* ${one.remedy}, because ${one.because}`);
  if (rest.length > 0) blocks.push({ is: 'lines', lines: rest });
  for (const one of advice) {
    if (one.steps.length === 0) continue;
    blocks.push(
      { is: 'lines', lines: [say`*By a person:* ${one.fix}`] },
      { is: 'verbatim', text: one.steps.join('\n') },
    );
  }
  return { lock: evidenceLock(diagnosis), blocks };
}

/** Enough to see what was asked; a playbook may ask sixty questions. */
function few(all: readonly string[]): string {
  const shown = 14;
  return all.length <= shown ? all.join(' · ') : `${all.slice(0, shown).join(' · ')} · and ${all.length - shown} more`;
}

function evidenceLock({ region, findings, unread }: RegionDiagnosis): string {
  if (findings.length === 0 && unread.length > 0) {
    return `${region}: nothing wrong found in what could be read; ${unread.length} readings had no answer.`;
  }
  return findings.length === 0
    ? `${region}: nothing wrong found.`
    : `${region}: ${list(findings.map((one) => one.short))}.`;
}

/** Regions where nothing was found and everything could be read share one message. */
export function renderClear(all: readonly RegionDiagnosis[]): Message {
  const lines = all.map(
    (one) =>
      say`${bold(one.region)} · ${impactWords(one.impact)} · nothing wrong found, ${one.answered} of ${one.asked} readings answered`,
  );
  return { lock: `${list(all.map((one) => one.region))}: nothing wrong found.`, blocks: [{ is: 'lines', lines }] };
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
