import type { JSX } from 'preact';
import { Fence } from './fence.tsx';
import { parseInline } from './mrkdwn.ts';
import { Inlines } from './text.tsx';

/** The `markdown` block: headings, lists, quotes, code, emphasis and links; what is more stays as text. */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {text
        .split(/^```.*$/m)
        .map((part, index) => (index % 2 === 1 ? <Fence text={part.trim()} /> : <Prose text={part} />))}
    </>
  );
}

function Prose({ text }: { readonly text: string }): JSX.Element {
  const groups = text
    .split('\n')
    .map(lineOf)
    .reduce<{ readonly kind: Line['kind']; readonly lines: string[] }[]>((out, line) => {
      const last = out.at(-1);
      if (last !== undefined && last.kind === line.kind && line.kind !== 'heading') last.lines.push(line.text);
      else out.push({ kind: line.kind, lines: [line.text] });
      return out;
    }, []);
  return (
    <>
      {groups.map((group) => (
        <Group kind={group.kind} lines={group.lines} />
      ))}
    </>
  );
}

interface Line {
  readonly kind: 'heading' | 'bullet' | 'number' | 'quote' | 'rule' | 'text';
  readonly text: string;
}

function lineOf(line: string): Line {
  const match = /^\s*(#{1,6} |[-*+] |\d+[.)] |> ?|---+\s*$)?(.*)$/.exec(line);
  const mark = match?.[1] ?? '';
  const text = match?.[2] ?? line;
  if (mark.startsWith('#')) return { kind: 'heading', text };
  if (mark.startsWith('---')) return { kind: 'rule', text: '' };
  if (mark.startsWith('>')) return { kind: 'quote', text };
  if (/^\d/.test(mark)) return { kind: 'number', text };
  return mark === '' ? { kind: 'text', text: line } : { kind: 'bullet', text };
}

function Group({ kind, lines }: { readonly kind: Line['kind']; readonly lines: readonly string[] }): JSX.Element {
  const spans = (text: string): JSX.Element => <Inlines inner={parseInline(asMrkdwn(text))} />;
  if (kind === 'heading') return <h4>{spans(lines.join(' '))}</h4>;
  if (kind === 'rule') return <hr />;
  if (kind === 'bullet')
    return (
      <ul class="list">
        {lines.map((line) => (
          <li>{spans(line)}</li>
        ))}
      </ul>
    );
  if (kind === 'number')
    return (
      <ol class="list">
        {lines.map((line) => (
          <li>{spans(line)}</li>
        ))}
      </ol>
    );
  if (kind === 'quote') return <blockquote>{spans(lines.join('\n'))}</blockquote>;
  return <div class="lines">{spans(lines.join('\n').trim())}</div>;
}

/** Markdown's emphasis and links in Slack's marks. */
function asMrkdwn(text: string): string {
  return text
    .replaceAll(/(?<![*\w])\*(?!\*)([^*\n]+)\*(?!\*)/g, '_$1_')
    .replaceAll(/\*\*([^*\n]+)\*\*/g, '*$1*')
    .replaceAll(/~~([^~\n]+)~~/g, '~$1~')
    .replaceAll(/\[([^\]\n]+)\]\((https?:[^)\s]+)\)/g, '<$2|$1>');
}
