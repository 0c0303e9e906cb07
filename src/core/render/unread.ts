import type { RegionDiagnosis } from '../diagnosis.ts';
import { code, join, say } from '../words.ts';
import type { Words } from '../words.ts';
import { cut } from './small.ts';

/** What could not be read: once per region and reason, never reading by reading. */

/** A reading that waited for another says so; the reason is that of the first. */
export function reasonOf(why: string): string {
  const own = why.replace(/^(needs [^:]*: )+/, '');
  // Which object it was is nobody's business either: the rule to add is the same for all of its kind.
  return own.replace(/^forbidden: .*?: (the bot lacks the right ".*"; the rule to add: \{.*\})$/s, 'forbidden: $1');
}

/** Which reading it was is nobody's business: "pods: needs deployment: timeout" → "timeout". */
function without(why: string, { unread }: Pick<RegionDiagnosis, 'unread'>): string {
  const reading = unread.find((one) => why.startsWith(`${one.reading}: `))?.reading;
  return reasonOf(reading === undefined ? why : why.slice(reading.length + 2));
}

/** Why a remedy is not offered, in words for people. */
export function becauseText(because: string, diagnosis: Pick<RegionDiagnosis, 'unread'>): string {
  const [, rest] = /^could not read (.*)$/s.exec(because) ?? [];
  return rest === undefined ? because : `I could not read what it needs (${without(rest, diagnosis)})`;
}

/** "timeout: no answer within 5 s" with how often, the most frequent first. */
function reasons(whys: readonly string[]): readonly { readonly why: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const why of whys.map(reasonOf)) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].map(([why, count]) => ({ why, count })).toSorted((a, b) => b.count - a.count);
}

/** "no answer within 5 s (12) · forbidden: pods (2)"; the number is left out where one reason is told. */
export function reasonsText(whys: readonly string[], limit = 300, most = 3): string {
  const all = reasons(whys);
  // A rule to add is of use only as a whole.
  const [rules, others] = [all.filter(({ why }) => isRule(why)), all.filter(({ why }) => !isRule(why)).slice(0, most)];
  const text = ({ why, count }: { readonly why: string; readonly count: number }): string =>
    all.length === 1 || most === 1 ? why : `${why} (${count})`;
  const shown = rules.slice(0, mostRules).map(text);
  if (rules.length > mostRules) shown.push(`and ${rules.length - mostRules} more: \`npm run doctor\` names all rights`);
  const rest = others.map(text).join(' · ');
  return [...(rest === '' ? [] : [cut(rest, limit)]), ...shown].join(' · ');
}

const mostRules = 3;
const isRule = (why: string): boolean => /; the rule to add: \{.*\}$/s.test(why);

/** "9 of 16 looks had no answer: timeout …". Null: everything was read. */
export function unreadText({ unread, asked, dark }: RegionDiagnosis): string | null {
  if (unread.length === 0) return null;
  const how = dark ? 'none of my looks was answered' : `${unread.length} of ${asked} looks had no answer`;
  return `${how}: ${reasonsText(
    unread.map((one) => one.why),
    300,
    dark ? 1 : 3,
  )}`;
}

/** With the commands that a person would type for the same looks, since those are names that people know. */
export function unreadWords(diagnosis: RegionDiagnosis): Words | null {
  const text = unreadText(diagnosis);
  if (text === null) return null;
  const commands = [...new Set(diagnosis.unread.map((one) => one.byHand).filter((line) => line !== ''))].slice(0, 2);
  const byHand =
    commands.length === 0
      ? null
      : say`. By hand: ${join(
          commands.map((one) => [code(one)]),
          ' · ',
        )}`;
  return say`*Could not read:* ${text}${byHand}`;
}

/** The questions that stay open, each reason once. */
export function unsureText(diagnosis: RegionDiagnosis): string {
  const byWhy = new Map<string, string[]>();
  for (const { ask, why } of diagnosis.unsure) {
    const reason = without(why, diagnosis);
    byWhy.set(reason, [...(byWhy.get(reason) ?? []), ask]);
  }
  return [...byWhy]
    .map(([why, asks]) => {
      const more = asks.length > 4 ? ` · and ${asks.length - 4} more` : '';
      return `${asks.slice(0, 4).join(' · ')}${more} (${why})`;
    })
    .join(' · ');
}

/** Why questions stay open, without the questions. */
export function unsureReasons(diagnosis: RegionDiagnosis): string {
  return reasonsText(
    diagnosis.unsure.map((one) => without(one.why, diagnosis)),
    200,
  );
}
