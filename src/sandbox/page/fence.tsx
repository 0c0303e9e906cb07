import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { useSession } from './session.ts';

/** More lines than this are folded, with a button that says how many there are. */
const foldedFrom = 22;
const foldedTo = 14;

/**
 * Verbatim text. Lines wrap, so that nothing of a command or an image's tag is out of sight; what goes on from the line above is
 * indented, and what is copied is the text as it was sent.
 */
export function Fence({ text }: { readonly text: string }): JSX.Element {
  const [whole, setWhole] = useState(false);
  const lines = text.split('\n');
  const folds = lines.length >= foldedFrom;
  const shown = folds && !whole ? lines.slice(0, foldedTo) : lines;
  return (
    <div class="fence">
      <pre>
        <code>
          {shown.map((line) => (
            <span class="code-line">{line === '' ? '\n' : line}</span>
          ))}
        </code>
      </pre>
      <CopyButton text={text} />
      {folds && (
        <button type="button" class="link fence-more" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? `Show the first ${foldedTo} lines only` : `Show all ${lines.length} lines`}
        </button>
      )}
    </div>
  );
}

const commandFromLength = 20;

/** Code within a line; a whole command has a copy button behind it. */
export function InlineCode({ text }: { readonly text: string }): JSX.Element {
  const isCommand = text.length >= commandFromLength && /^[a-z/][\w./-]* \S/.test(text);
  if (!isCommand) return <code>{text}</code>;
  return (
    <>
      <code>{text}</code>
      <CopyButton text={text} inline />
    </>
  );
}

const namedBy = 40;
const doneShownMs = 2500;

export function CopyButton({
  text,
  inline = false,
}: {
  readonly text: string;
  readonly inline?: boolean;
}): JSX.Element {
  const session = useSession();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), doneShownMs);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      session.toast('Copied.');
    } catch {
      session.toast('The browser does not allow copying. Mark the text and press Ctrl+C.');
    }
  };
  const short = text.length > namedBy ? `${text.slice(0, namedBy)}…` : text;
  return (
    <button
      type="button"
      class={inline ? 'copy inline' : 'copy'}
      aria-label={`Copy: ${short.replaceAll(/\s+/g, ' ')}`}
      title="Copy"
      onClick={() => void copy()}
    >
      <Icon name={done ? 'check' : 'copy'} />
    </button>
  );
}
