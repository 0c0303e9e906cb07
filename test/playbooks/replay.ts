import type { Opened, Outcome, Playbook } from '../../src/core/contract.ts';
import { diagnoseRegion } from '../../src/core/diagnose.ts';
import type { Finding, Offer, RegionDiagnosis, RegionEvidence } from '../../src/core/diagnose.ts';
import { whyOf } from '../../src/core/failure.ts';
import type { Json } from '../../src/core/json.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { plain } from '../../src/core/words.ts';

/** A recorded case: one region's evidence, as any past run can be exported. */
export interface Recorded {
  readonly about: string;
  readonly target: Json;
  readonly at: string;
  /** A change that a person asked for. */
  readonly asked?: { readonly remedy: string; readonly details: Json };
  readonly readings: Readonly<Record<string, Outcome<unknown>>>;
}

/** Looks as the engine does, but one after the other. */
export async function look(opened: Opened, read: Read): Promise<Recorded['readings']> {
  const seen: Record<string, Outcome<unknown>> = {};
  for (const reading of opened.look) {
    const lacking = reading.after.find((id) => seen[id]?.known !== true);
    const first = lacking === undefined ? undefined : seen[lacking];
    if (first !== undefined || lacking !== undefined) {
      seen[reading.id] = { known: false, why: first?.known === false ? first.why : `${lacking} was not read` };
      continue;
    }
    const values = Object.fromEntries(reading.after.map((id) => [id, (seen[id] as { value: unknown }).value]));
    try {
      seen[reading.id] = {
        known: true,
        value: JSON.parse(JSON.stringify(await reading.read(read, values))) as unknown,
      };
    } catch (error) {
      seen[reading.id] = { known: false, why: whyOf(error) };
    }
  }
  return seen;
}

export function replay(playbook: Playbook, recorded: Recorded): RegionDiagnosis {
  const opened = playbook.open(recorded.target);
  const evidence: RegionEvidence = Object.fromEntries(
    Object.entries(recorded.readings).map(([id, outcome]) => {
      const byHand = opened.look.find((reading) => reading.id === id)?.byHand ?? '';
      return [id, { ...outcome, at: recorded.at, tookMs: 0, byHand }];
    }),
  );
  const { region } = recorded.target as { region: string };
  return diagnoseRegion({
    opened,
    region,
    focus: null,
    fixedAt: null,
    drainMs: 600_000,
    evidence,
    health: null,
    at: recorded.at,
    runId: 'case',
    ...(recorded.asked === undefined ? {} : { asked: recorded.asked }),
  });
}

/** What the bot says to a case, as plain text: the expectation beside it. */
export function told(about: string, diagnosis: RegionDiagnosis): string {
  const lines = [about, ''];
  if (diagnosis.findings.length === 0) lines.push('Nothing found.');
  for (const finding of diagnosis.findings) lines.push(...findingLines(finding));
  for (const { label, words } of diagnosis.remarks) lines.push(`${label}: ${plain(words)}`);
  if (diagnosis.unsure.length > 0) lines.push('', 'Could not tell:');
  for (const { check, why } of diagnosis.unsure) lines.push(`  ${check}: ${why}`);
  for (const offer of diagnosis.offers) lines.push('', ...offerLines(offer));
  if (diagnosis.notOffered.length > 0) lines.push('');
  for (const { remedy, because } of diagnosis.notOffered) lines.push(`Not offered: ${remedy}: ${because}`);
  for (const { fix, steps } of diagnosis.advice)
    lines.push('', `Advice: ${plain(fix)}`, ...steps.map((step) => `  $ ${step}`));
  lines.push('', `Ruled out: ${diagnosis.ruledOut.join(' · ')}`);
  return `${lines.join('\n')}\n`;
}

function findingLines(finding: Finding): readonly string[] {
  const { check, severity, found, short, since, quotes, notKnown, byHand, refuse, handOver } = finding;
  const lines = [
    `Found ${check} (${severity}): ${plain(found)}${since === null ? '' : `, since ${since.slice(0, 16)}Z`}`,
  ];
  lines.push(`  short: ${short}`, ...quotes.map((quote) => `  > ${quote}`));
  if (notKnown !== null) lines.push(`  Not known: ${plain(notKnown)}`);
  lines.push(`  By hand: ${byHand}`);
  if (refuse !== null) lines.push(`  Refuses ${refuse.remedies.join(', ')}: ${plain(refuse.because)}`);
  if (handOver !== null) lines.push(`  Hands over to ${handOver.playbook}: ${JSON.stringify(handOver.target)}`);
  return lines;
}

function offerLines(offer: Offer): readonly string[] {
  const { remedy, risk, says, after, preview, knownGood, undo } = offer;
  const lines = [`Offer ${remedy} (risk ${risk}${knownGood ? ', known good' : ''}): ${plain(says)}`];
  if (after !== null) lines.push(`  After: ${plain(after)}`);
  lines.push(...preview.map((line) => `  | ${line}`));
  if ('impossible' in undo) lines.push(`  Undo impossible: ${undo.impossible}`);
  else lines.push('  Undo:', ...undo.preview.map((line) => `  | ${line}`));
  return lines;
}

const width = 120;

/** As the formatter would have it: on one line what fits. */
export function jsonText(value: unknown, indent = '', lead = 0): string {
  const flat = flatText(value);
  if (indent.length + lead + flat.length < width || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((one) => `${inner}${jsonText(one, inner)}`).join(',\n')}\n${indent}]`;
  const parts = Object.entries(value).map(([key, one]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${inner}${name}${jsonText(one, inner, name.length)}`;
  });
  return `{\n${parts.join(',\n')}\n${indent}}`;
}

function flatText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${flatText(one)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
