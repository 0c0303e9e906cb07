import { neutral } from '../../core/neutral.ts';
import type { Span, Words } from '../../core/words.ts';

/**
 * Text for Slack's mrkdwn. Whatever is not ours is made harmless here: mrkdwn has no escape character, so a formatting
 * character that could format is replaced by one that looks alike, and `& < >` become entities.
 */

/** How a person is called. An id that is not known is shown as it is. */
export type Names = ReadonlyMap<string, string>;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', _: '＿', '~': '∼', '`': 'ˋ' };

export function escape(text: string): string {
  return text.replace(/[&<>]/g, (found) => ENTITIES[found] ?? found);
}

const INVISIBLE = '[\\u00ad\\u034f\\u200b-\\u200d\\u2060-\\u2064\\ufeff]*';
const LOUD = new RegExp(
  `@(?=${['channel', 'here', 'everyone', 'group'].map((word) => INVISIBLE + word.split('').join(INVISIBLE)).join('|')})`,
  'giu',
);

/**
 * Always well-formed, without what colours, hides or reorders the text around it (an approver must read what is there), and unable to
 * call a whole channel.
 */
function harmless(text: string): string {
  return neutral(text).replace(LOUD, '＠');
}

/** Several lines: newlines and tabs stay. */
export function manyLines(text: string): string {
  return harmless(text.replace(/\r\n?|[\u2028\u2029]/g, '\n')).replace(/(?![\n\t])\p{Cc}/gu, '\ufffd');
}

function oneLine(text: string): string {
  return manyLines(text).replace(/[\n\t]+/g, ' ');
}

/** Formatting characters at the edge of a word, where they would begin or end something, and every backtick. */
function unformatted(text: string): string {
  return text.replace(
    /(?<![\p{L}\p{N}])[*_~](?=\S)|(?<=\S)[*_~](?![\p{L}\p{N}])|`/gu,
    (found) => LOOKALIKES[found] ?? found,
  );
}

export function plainText(text: string): string {
  return escape(unformatted(oneLine(text)));
}

export function codeSpan(text: string): string {
  const inner = escape(oneLine(text).replaceAll('`', 'ˋ'));
  return inner.trim() === '' ? '` `' : `\`${inner}\``;
}

/** Inside a fence only the fence itself could end it: a run of three backticks is broken by an invisible character. */
export function fenced(text: string): string {
  return `\`\`\`\n${fenceText(text)}\n\`\`\``;
}
function fenceText(text: string): string {
  return escape(manyLines(text).replaceAll('``', '`\u200b`\u200b'));
}

export function quoted(text: string): string {
  return manyLines(text)
    .split('\n')
    .map((line) => `> ${escape(unformatted(line.replaceAll('\t', ' ')))}`)
    .join('\n');
}

/** One span as mrkdwn. */
export function span(it: Span, names: Names): string {
  switch (it.is) {
    case 'text':
      return plainText(it.text);
    case 'bold':
      return wrapped(it.text, '*');
    case 'italic':
      return wrapped(it.text, '_');
    case 'code':
      return codeSpan(it.text);
    case 'time':
      return time(it.at, it.as);
    case 'user':
      return plainText(names.get(it.id) ?? it.id);
    case 'mention':
      return /^[UW][A-Z0-9]{2,}$/.test(it.id) ? `<@${it.id}>` : plainText(names.get(it.id) ?? it.id);
    case 'group':
      return /^S[A-Z0-9]{2,}$/.test(it.id) ? `<!subteam^${it.id}>` : plainText(it.id);
    case 'link':
      return link(it.url, it.text);
  }
}

export function line(words: Words, names: Names): string {
  return lineStart(words.map((it) => span(it, names)).join(''));
}

/** A `>` at the start of a line would quote it. */
export function lineStart(text: string): string {
  return text.replace(/^(\s*)&gt;/, '$1›');
}

/** Slack formats only what begins and ends with a visible character: space at the edges stays outside. */
function wrapped(text: string, sign: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(oneLine(text)) ?? [];
  if (inner === '') return before + after;
  return before + sign + escape(unformatted(inner).replaceAll(sign, LOOKALIKES[sign] ?? '')) + sign + after;
}

const TOKENS = {
  clock: '{time}',
  seconds: '{time_secs}',
  ago: '{ago}',
  both: '{time} ({ago})',
  until: '{time} ({ago})',
  date: '{date_short_pretty}',
} as const;

/** Slack shows it in each reader's own zone; where it cannot, UTC. */
function time(at: string, as: keyof typeof TOKENS): string {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return plainText(at);
  const iso = new Date(ms).toISOString();
  const fallback = as === 'date' ? iso.slice(0, 10) : `${iso.slice(11, as === 'seconds' ? 19 : 16)} UTC`;
  return `<!date^${Math.floor(ms / 1000)}^${TOKENS[as]}|${fallback}>`;
}

function link(url: string, label: string): string {
  const shown = plainText(label).replaceAll('|', '¦');
  if (!/^https?:\/\/[^\s]+$/i.test(url)) return shown;
  const safe = url
    .toWellFormed()
    .replace(/[<>|"\p{Cc}]/gu, (found) => encodeURIComponent(found))
    .replaceAll('&', '&amp;');
  return shown.trim() === '' ? `<${safe}>` : `<${safe}|${shown}>`;
}

/** At most `max` UTF-16 units, never half a character; what was cut is marked. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The raw text in pieces whose encoded form is at most `max` long each; broken at line ends or spaces where there are any. */
export function pieces(raw: string, encode: (text: string) => string, max: number): readonly string[] {
  const whole = encode(raw);
  if (whole.length <= max || raw.length <= 1) return [whole];
  const at = breakPoint(raw);
  return [...pieces(raw.slice(0, at), encode, max), ...pieces(raw.slice(at), encode, max)];
}

function breakPoint(raw: string): number {
  const middle = Math.floor(raw.length / 2);
  for (const sign of ['\n', ' ']) {
    const before = raw.lastIndexOf(sign, middle);
    if (before > raw.length / 4) return before + 1;
    const after = raw.indexOf(sign, middle);
    if (after !== -1 && after < (raw.length * 3) / 4) return after + 1;
  }
  // Not between the two halves of a character.
  return /[\ud800-\udbff]/.test(raw[middle - 1] ?? '') ? middle + 1 : middle;
}

/** A phone's lock screen: one line, no markup; ids of people become their names. */
export function lockText(lock: string, names: Names): string {
  const named = cut(lock, 2 * LOCK_MAX).replace(/@([UW][A-Z0-9]{2,})/g, (all, id: string) => names.get(id) ?? all);
  const first = pieces(oneLine(named).trim(), (text) => escape(unformatted(text)), LOCK_MAX)[0] ?? '';
  return first === '' ? '…' : first;
}
/** Slack refuses more than 4,000 in an edit. */
const LOCK_MAX = 3_800;
