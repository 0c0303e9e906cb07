import type { Parsed } from './command.ts';
import { unclear } from './target-words.ts';

/** `/mlp silence INC-7 2h reason`, `/mlp silence end INC-7` or `/mlp unsilence INC-7`: in Alertmanager, for everybody who hears of its alerts. Pure. */

export type SilenceWanted =
  | {
      readonly is: 'silence';
      readonly incident: number | null;
      readonly ms: number;
      readonly reason: string;
      /** Of the preview that this confirms; null: it is to be shown first. */
      readonly confirms: string | null;
    }
  | { readonly is: 'unsilence'; readonly incident: number | null };

const NUMBER = /^#?(?:inc-?)?(\d{1,9})$/i;
const ENDS = /^(end|off|over|stop)$/i;
const FOR = /^(\d{1,4})(m|min|h|d)$/i;
const CONFIRMS = /^confirm:([0-9a-f]{12}\.[0-9a-z]{1,10})$/;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
/** What is to be quiet for longer is a rule to be changed. */
const MOST_MS = 7 * 86_400_000;
const LEAST_MS = 5 * 60_000;
const MOST_REASON = 200;
const USAGE = 'Write which, for how long and why: `/mlp silence INC-214 2h node pool is replaced`.';

/** Null: no duration. */
export function durationAt(word: string | undefined): number | 'out of range' | null {
  const [, amount = '', unit = ''] = FOR.exec(word ?? '') ?? [];
  if (amount === '') return null;
  const ms = Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 0);
  return ms < LEAST_MS || ms > MOST_MS ? 'out of range' : ms;
}

export function silence(rest: readonly string[]): Parsed {
  if (ENDS.test(rest[0] ?? '')) return unsilence(rest.slice(1));
  if (ENDS.test(rest[1] ?? '') && rest.length === 2) return unsilence(rest.slice(0, 1));
  const words = [...rest];
  const incident = numberAtFront(words);
  const ms = durationAt(words.shift());
  if (ms === null) return unclear(USAGE);
  if (ms === 'out of range') return unclear('For 5 minutes to 7 days: `30m`, `2h`, `1d`.');
  const confirms = CONFIRMS.exec(words[0] ?? '')?.[1] ?? null;
  if (confirms !== null) words.shift();
  const reason = words.join(' ').replaceAll('`', "'").slice(0, MOST_REASON);
  if (reason === '') return unclear(`A silence needs a reason: who finds it wonders why nobody heard. ${USAGE}`);
  return { is: 'silence', incident, ms, reason, confirms };
}

export function unsilence(rest: readonly string[]): Parsed {
  const words = [...rest];
  const incident = numberAtFront(words);
  return words.length === 0 ? { is: 'unsilence', incident } : unclear('Write `/mlp silence end INC-214`.');
}

function numberAtFront(words: string[]): number | null {
  const found = NUMBER.exec(words[0] ?? '')?.[1];
  if (found === undefined) return null;
  words.shift();
  return Number(found);
}
