/** Slack's mrkdwn as a tree. Pure: what a mention or a date looks like is decided by whoever shows it. */
export type Inline =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'code'; readonly text: string }
  | { readonly is: 'bold' | 'italic' | 'strike'; readonly inner: readonly Inline[] }
  | { readonly is: 'link'; readonly url: string; readonly inner: readonly Inline[] }
  | { readonly is: 'user' | 'group' | 'channel'; readonly id: string; readonly label: string | null }
  | { readonly is: 'everyone'; readonly word: string }
  | {
      readonly is: 'date';
      readonly atMs: number;
      readonly format: string;
      readonly url: string | null;
      readonly fallback: string;
    }
  | { readonly is: 'emoji'; readonly name: string };

export type Paragraph =
  | { readonly is: 'lines'; readonly inner: readonly Inline[] }
  | { readonly is: 'quote'; readonly inner: readonly Inline[] }
  | { readonly is: 'code'; readonly text: string };

export function parseMrkdwn(source: string): readonly Paragraph[] {
  const out: Paragraph[] = [];
  for (const [index, part] of source.split('```').entries()) {
    const closed = index % 2 === 1;
    if (closed) out.push({ is: 'code', text: decode(part.replace(/^\n/, '').replace(/\n$/, '')) });
    else out.push(...paragraphs(out.length > 0 ? part.replace(/^\n/, '') : part));
  }
  return out;
}

function paragraphs(text: string): readonly Paragraph[] {
  if (text === '') return [];
  const out: Paragraph[] = [];
  let lines: string[] = [];
  let quoted = false;
  const flush = (): void => {
    if (lines.length > 0) out.push({ is: quoted ? 'quote' : 'lines', inner: parseInline(lines.join('\n')) });
    lines = [];
  };
  for (const line of text.split('\n')) {
    const quote = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if ((quote !== null) !== quoted) flush();
    quoted = quote !== null;
    lines.push(quote?.[1] ?? line);
  }
  flush();
  return out;
}

const marks = { '*': 'bold', _: 'italic', '~': 'strike' } as const;

export function parseInline(source: string): readonly Inline[] {
  const out: Inline[] = [];
  let plain = '';
  let at = 0;
  const flush = (): void => {
    if (plain !== '') out.push(...withLinks(decode(plain)));
    plain = '';
  };
  while (at < source.length) {
    const found = special(source, at);
    if (found === null) {
      plain += source[at] ?? '';
      at += 1;
      continue;
    }
    flush();
    out.push(found.node);
    at = found.end;
  }
  flush();
  return out;
}

interface Found {
  readonly node: Inline;
  readonly end: number;
}

function special(source: string, at: number): Found | null {
  const char = source[at];
  if (char === '<') return angled(source, at);
  if (char === '`') return codeSpan(source, at);
  if (char === ':') return emoji(source, at);
  if (char === '*' || char === '_' || char === '~') return marked(source, at, char);
  return null;
}

function angled(source: string, at: number): Found | null {
  const end = source.indexOf('>', at);
  if (end < 0) return null;
  const node = reference(source.slice(at + 1, end));
  return node === null ? null : { node, end: end + 1 };
}

function reference(body: string): Inline | null {
  const bar = body.indexOf('|');
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? null : decode(body.slice(bar + 1));
  if (/^@[UW]\w+$/.test(target)) return { is: 'user', id: target.slice(1), label };
  if (/^#[CDG]\w+$/.test(target)) return { is: 'channel', id: target.slice(1), label };
  if (/^!subteam\^\w+$/.test(target)) return { is: 'group', id: target.slice(9), label };
  if (/^!(here|channel|everyone)$/.test(target)) return { is: 'everyone', word: target.slice(1) };
  if (target.startsWith('!date^')) return date(target, label ?? '');
  const url = decode(target);
  if (!isSafeUrl(url)) return null;
  return { is: 'link', url, inner: label === null ? [{ is: 'text', text: url }] : parseInline(body.slice(bar + 1)) };
}

function date(target: string, fallback: string): Inline | null {
  const [, seconds = '', format = '', url] = target.split('^');
  const at = Number(seconds);
  if (seconds === '' || !Number.isFinite(at)) return null;
  return {
    is: 'date',
    atMs: at * 1000,
    format: decode(format),
    url: url !== undefined && isSafeUrl(url) ? url : null,
    fallback,
  };
}

function codeSpan(source: string, at: number): Found | null {
  const end = source.indexOf('`', at + 1);
  if (end <= at + 1) return null;
  const text = source.slice(at + 1, end);
  return text.includes('\n') ? null : { node: { is: 'code', text: decode(text) }, end: end + 1 };
}

function emoji(source: string, at: number): Found | null {
  const match = /^:([a-z0-9_+'-]+):/.exec(source.slice(at, at + 60));
  // "02:16:50" is a time, not an emoji called 16.
  if (match?.[1] === undefined || /^\d+$/.test(match[1])) return null;
  return { node: { is: 'emoji', name: match[1] }, end: at + match[0].length };
}

function marked(source: string, at: number, mark: keyof typeof marks): Found | null {
  const before = source[at - 1] ?? ' ';
  const next = source[at + 1] ?? ' ';
  if (/[\p{L}\p{N}]/u.test(before) || /\s/.test(next) || next === mark) return null;
  const end = closing(source, at, mark);
  if (end < 0) return null;
  return { node: { is: marks[mark], inner: parseInline(source.slice(at + 1, end)) }, end: end + 1 };
}

/** The closing mark on the same line, outside of code and of angle brackets. */
function closing(source: string, from: number, mark: string): number {
  let at = from + 1;
  while (at < source.length && source[at] !== '\n') {
    const char = source[at];
    const skipped = char === '`' ? codeSpan(source, at) : char === '<' ? angled(source, at) : null;
    if (skipped !== null) {
      at = skipped.end;
      continue;
    }
    const after = source[at + 1] ?? ' ';
    if (char === mark && at > from + 1 && !/\s/.test(source[at - 1] ?? ' ') && !/[\p{L}\p{N}]/u.test(after)) return at;
    at += 1;
  }
  return -1;
}

export function isSafeUrl(url: string): boolean {
  return /^(https?:\/\/|mailto:|tel:)/i.test(url);
}

function withLinks(text: string): readonly Inline[] {
  const out: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g)) {
    if (match.index > from) out.push({ is: 'text', text: text.slice(from, match.index) });
    out.push({ is: 'link', url: match[0], inner: [{ is: 'text', text: match[0] }] });
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ is: 'text', text: text.slice(from) });
  return out;
}

export function decode(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
