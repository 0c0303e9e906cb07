/**
 * Text as data: what the bot says, before any chat system formats it. JSON, so that a finding can be stored.
 * The literal part of `say` is ours and may hold `*bold*`, `` `code` `` and `_italic_`; whatever is put in with `${}` is
 * untrusted and stays plain text, so that an alert's label can neither format nor mention anybody.
 */
export type Span =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'bold'; readonly text: string }
  | { readonly is: 'italic'; readonly text: string }
  | { readonly is: 'code'; readonly text: string }
  /** A moment (ISO 8601, UTC): shown absolute, relative, or both ("02:16 UTC (26 min ago)"). */
  | { readonly is: 'time'; readonly at: string; readonly as: 'clock' | 'seconds' | 'ago' | 'both' | 'until' | 'date' }
  | { readonly is: 'user'; readonly id: string }
  | { readonly is: 'mention'; readonly id: string }
  | { readonly is: 'group'; readonly id: string }
  | { readonly is: 'link'; readonly url: string; readonly text: string };

export type Words = readonly Span[];
type Part = string | number | Span | Words | null;

export const text = (value: string): Span => ({ is: 'text', text: value });
export const bold = (value: string): Span => ({ is: 'bold', text: value });
export const code = (value: string): Span => ({ is: 'code', text: value });
export const clock = (at: string): Span => ({ is: 'time', at, as: 'clock' });
/** To the second: where the order of events matters. */
export const seconds = (at: string): Span => ({ is: 'time', at, as: 'seconds' });
export const ago = (at: string): Span => ({ is: 'time', at, as: 'ago' });
export const since = (at: string): Span => ({ is: 'time', at, as: 'both' });
export const until = (at: string): Span => ({ is: 'time', at, as: 'until' });
/** Names a person without mentioning him: the chat adapter shows the name. */
export const user = (id: string): Span => ({ is: 'user', id });
/** Mentions a person: only for the one post that he must see. */
export const mention = (id: string): Span => ({ is: 'mention', id });
/** Mentions a group: only for the one post that asks it to act. */
export const group = (id: string): Span =>
  // Whoever is on call is a group of nobody's chat: where it is not known who that is, only words are left.
  isOncall(id) ? { is: 'text', text: oncallName(id) } : { is: 'group', id };
/** `pagerduty:lead`: whoever is on call on that route now. */
export const isOncall = (id: string): boolean => id.startsWith(ONCALL);
export const oncallName = (id: string): string => `PagerDuty's on-call (${id.slice(ONCALL.length)})`;
export const ONCALL = 'pagerduty:';
export const link = (url: string, label: string): Span => ({ is: 'link', url, text: label });

/** say`*Cause:* the registry has no image ${code(image)}` */
export function say(literals: TemplateStringsArray, ...parts: readonly Part[]): Words {
  const out: Span[] = [];
  for (const [index, literal] of literals.entries()) {
    out.push(...marked(literal));
    const part = parts[index];
    if (part !== undefined && part !== null) out.push(...spans(part));
  }
  return merged(out);
}

function spans(part: Exclude<Part, null>): Words {
  if (typeof part === 'string' || typeof part === 'number') return part === '' ? [] : [text(String(part))];
  return 'is' in part ? [part] : part;
}

/** Our own literals only: `*bold*`, `_italic_`, `` `code` ``, each within one literal part. */
function marked(literal: string): Words {
  const out: Span[] = [];
  let from = 0;
  for (const match of literal.matchAll(/\*([^*\n]+)\*|`([^`\n]+)`|(?<![A-Za-z0-9])_([^_\n]+)_(?![A-Za-z0-9])/g)) {
    if (match.index > from) out.push(text(literal.slice(from, match.index)));
    const [all, strong, mono, slant] = match;
    if (strong !== undefined) out.push(bold(strong));
    else if (mono !== undefined) out.push(code(mono));
    else out.push({ is: 'italic', text: slant ?? '' });
    from = match.index + all.length;
  }
  if (from < literal.length) out.push(text(literal.slice(from)));
  return out;
}

function merged(all: readonly Span[]): Words {
  const out: Span[] = [];
  for (const span of all) {
    const last = out.at(-1);
    if (span.is === 'text' && last?.is === 'text') out[out.length - 1] = text(last.text + span.text);
    else out.push(span);
  }
  return out;
}

/** Puts words together with a separator: `join([a, b], ' · ')`. */
export function join(all: readonly Words[], separator: string): Words {
  return merged(all.flatMap((words, index) => (index === 0 ? words : [text(separator), ...words])));
}

/** Plain text, for the lock screen, logs and tests: times as UTC clock; people as `@id`. */
export function plain(words: Words): string {
  return words.map(plainSpan).join('');
}

function plainSpan(span: Span): string {
  switch (span.is) {
    case 'code':
      return `\`${span.text}\``;
    case 'time':
      return span.as === 'date' ? span.at.slice(0, 10) : `${span.at.slice(11, span.as === 'seconds' ? 19 : 16)} UTC`;
    case 'user':
    case 'mention':
    case 'group':
      return `@${span.id}`;
    default:
      return span.text;
  }
}
