import type { Telling } from './names.ts';

export interface Place {
  /** Where the value starts, its quote included, and where its name does. */
  readonly at: number;
  readonly nameAt: number;
  readonly told: NonNullable<Telling>;
  readonly joint: 'equals' | 'colon';
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const maxValue = 8192;
const opening = /(?:[bruBRU]{1,2}(?=["']))?(\\{0,3}["'`])/y;
const block = /[|>][+-]?\d?[ \t]{0,8}\r?\n([ \t]{1,64})(?=\S)/y;
const doneMark = /\[redacted: [a-z ]{2,24}\]/y;
const nextName = /[&,;][ \t]?(?:[\w.-]{1,64}(?:=|:)|\\{0,3}["'][\w.-]{1,64}\\{0,3}["'][:=])/y;

/** What nobody hides: nothing, a placeholder, a reference to a variable or to a place in code. */
const benign =
  /^(?:null|none|nil|true|false|undefined|yes|no|\*+|x{3,}|\.{3}|…|redacted|hidden|masked|omitted|\[redacted: [a-z ]{2,24}\]|\$\{?[A-Za-z_][\w.:-]*\}?|\$\([\w.-]+\)|\$\{\{.*|\{\{.*|%\(?[\w]*\)?s|%[vqd]|\{\w*\}?|<[^<>]*>?|(?:os\.(?:environ|getenv)|process\.env|self\.|args\.|settings\.|config\.)[\w.[(]*)$/i;

/** How a sentence goes on after "password:", "token:", "secret:". */
const prose = new Set(
  `a an and are as at because been but by can cannot could couldn did do does doesn empty error errors exceeded expected expired expires fail failed failing failure field for
  forbidden found from got has have if in incorrect invalid is it key length malformed mismatch missing must name need needs no not null of on or permission please provided
  rejected required requires secret set should still string that the there this to too unauthorized unauthorised undefined unexpected unknown unset use user using value was
  were when wrong you your denied revoked refreshed loaded ok okay valid verified disabled enabled type string optional`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** The part of the text that has to go; null when the value is no secret. */
export function valueAt(text: string, place: Place): Span | null {
  opening.lastIndex = place.at;
  const quote = opening.exec(text);
  if (quote !== null) return quoted(text, place, opening.lastIndex, quote[1] ?? '"');
  block.lastIndex = place.at;
  if (place.joint === 'colon' || text.charCodeAt(place.at - 1) === 58) {
    const opened = block.exec(text);
    if (opened !== null) return blockOf(text, block.lastIndex, opened[1] ?? ' ');
  }
  return bare(text, place);
}

function quoted(text: string, place: Place, from: number, quote: string): Span | null {
  const limit = Math.min(text.length, from + maxValue);
  const isEscaped = quote.length > 1;
  let to = from;
  while (to < limit) {
    const code = text.charCodeAt(to);
    if (code === 10 || code === 13) break;
    if (text.startsWith(quote, to)) break;
    to += code === 92 && !isEscaped ? 2 : 1;
  }
  to = Math.min(to, limit);
  const value = text.slice(from, to);
  if (value.trim() === '' || benign.test(value.trim())) return null;
  if (place.told.weak && !looksSecret(value)) return null;
  if (place.told.kind === 'token' && /^\d{1,6}$/.test(value)) return null;
  if (
    place.joint === 'colon' &&
    /^[ \t]{1,4}(?:not|does|is|was|could|has|in|of|already|must)\b/.test(
      text.slice(to + quote.length, to + quote.length + 16),
    )
  )
    return null;
  return { from, to };
}

/** A YAML block scalar: all following lines that are indented at least as far. */
function blockOf(text: string, from: number, indent: string): Span | null {
  const limit = Math.min(text.length, from + maxValue);
  let to = from;
  for (;;) {
    while (to < limit && text.charCodeAt(to) !== 10) to += 1;
    if (to >= limit || !text.startsWith(indent, to + 1)) break;
    to += 1 + indent.length;
  }
  if (benign.test(text.slice(from, to).trim())) return null;
  return { from, to };
}

function bare(text: string, place: Place): Span | null {
  const from = place.at;
  const end = bareEnd(text, from, isQueryName(text, place.nameAt));
  let to = end;
  while (
    to > from &&
    ')]},;:.>'.includes(text.charAt(to - 1)) &&
    !endsWithMark(text.slice(Math.max(from, to - 40), to))
  )
    to -= 1;
  const value = text.slice(from, to);
  if (value === '' || benign.test(value) || (/^[{[<]/.test(value) && !value.startsWith('[redacted'))) return null;
  if (place.told.kind === 'token' && /^\d{1,6}$/.test(value)) return null;
  if (place.joint === 'equals') return place.told.weak && !looksSecret(value) ? null : { from, to };
  if (prose.has(value.toLowerCase())) return null;
  const isLast = /^[ \t]{0,8}(?:$|[\r\n,;)}\]#"'\\])/.test(text.slice(end, end + 16));
  if (isLast || to < end) return place.told.weak && !looksSecret(value) ? null : { from, to };
  if (place.told.kind === 'password' && startsLine(text, place.nameAt)) return { from, to: endOfLine(text, to) };
  return looksSecret(value) ? { from, to } : null;
}

const endsWithMark = (text: string): boolean => /\[redacted: [a-z ]{2,24}\]$/.test(text);

/** A value without quotes ends at white space, at a quote, and where a separator is followed by the next name. */
function bareEnd(text: string, from: number, isQuery: boolean): number {
  const limit = Math.min(text.length, from + maxValue);
  let to = from;
  while (to < limit) {
    const char = text.charAt(to);
    if (char === '[') {
      doneMark.lastIndex = to;
      if (doneMark.test(text)) {
        to = doneMark.lastIndex;
        continue;
      }
    }
    if (/[\s"'`<]/.test(char)) break;
    if (char === '\\' && /["'nrt\\]/.test(text.charAt(to + 1))) break;
    if (isQuery && (char === '&' || char === '#')) break;
    if (char === '&' || char === ',' || char === ';') {
      if (/\s|^$/.test(text.charAt(to + 1))) break;
      nextName.lastIndex = to;
      if (nextName.test(text)) break;
    }
    to += 1;
  }
  return to;
}

function isQueryName(text: string, nameAt: number): boolean {
  const before = text.charAt(nameAt - 1);
  return before === '?' || before === '&';
}

function endOfLine(text: string, from: number): number {
  const limit = Math.min(text.length, from + maxValue);
  let to = from;
  while (to < limit && text.charCodeAt(to) !== 10 && text.charCodeAt(to) !== 13) to += 1;
  return to;
}

function startsLine(text: string, nameAt: number): boolean {
  let at = nameAt;
  while (at > 0 && nameAt - at < 64 && ' \t-"\''.includes(text.charAt(at - 1))) at -= 1;
  return at === 0 || text.charCodeAt(at - 1) === 10;
}

/** Not a word, a name of an object or a path: it has a digit, mixed case inside, or a character that those do not have. */
function looksSecret(value: string): boolean {
  return value.length >= 5 && (/\d/.test(value) || /[a-z][A-Z]/.test(value) || /[^\w./:-]/.test(value));
}
