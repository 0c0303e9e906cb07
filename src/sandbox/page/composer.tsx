import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { complete, usageHint, type Completion, type Known } from './completion.ts';
import { Icon } from './icons.tsx';
import { useSession } from './session.ts';

interface ComposerProps {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly placeholder: string;
  readonly known: Known;
}

/** What was typed and not sent, by channel and thread, while the page is open. */
const drafts = new Map<string, string>();

interface Writing {
  readonly text: string;
  readonly found: readonly Completion[];
  /** The completion that is chosen; -1: none. */
  readonly at: number;
  readonly write: (text: string) => void;
  /** Handles a key that belongs to the completions; false: it does not. */
  readonly takesKey: (event: KeyboardEvent) => boolean;
}

/** The text in a composer, kept as a draft, with its completions. */
function useWriting(draft: string, known: Known): Writing {
  const [text, setText] = useState(drafts.get(draft) ?? '');
  const [moved, setMoved] = useState<number | null>(null);
  const [hidden, setHidden] = useState(false);
  const found = hidden ? [] : complete(text, known);
  // After a finished word nothing is chosen, so that Enter sends what stands there.
  const at = moved ?? (text.endsWith(' ') ? -1 : 0);
  const write = (to: string): void => {
    drafts.set(draft, to);
    setText(to);
    setMoved(null);
    setHidden(false);
  };
  const takesKey = (event: KeyboardEvent): boolean => {
    const step = completionKey(event, found.length, at);
    if (step === null) return false;
    event.preventDefault();
    event.stopPropagation();
    const chosen = found[Math.max(at, 0)];
    if (step === 'close') setHidden(true);
    else if (step !== 'take') setMoved(step);
    else if (chosen !== undefined) write(chosen.text);
    return true;
  };
  return { text, found, at, write, takesKey };
}

export function Composer({ channel, threadTs, placeholder, known }: ComposerProps): JSX.Element {
  const session = useSession();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = `${channel}/${threadTs ?? ''}`;
  const { text, found, at, write, takesKey } = useWriting(draft, known);
  const [sending, setSending] = useState(0);
  useEffect(() => fitHeight(area.current), [text]);
  const send = async (): Promise<void> => {
    const said = text.trim();
    if (said === '') return;
    write('');
    // Its button is disabled now, and a disabled button keeps no keys. On a touch screen the keyboard would open.
    if (!matchMedia('(hover: none)').matches) area.current?.focus();
    setSending((count) => count + 1);
    const where = threadTs === null ? { channel } : { channel, threadTs };
    const result = await session.act({ kind: 'say', text: said, ...where });
    setSending((count) => count - 1);
    // What could not be said is not lost, unless something else has been written since.
    if (!result.ok && result.kind === 'act' && (drafts.get(draft) ?? '') === '') write(said);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void send();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.isComposing || takesKey(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) submit(event);
  };
  const take = (one: Completion): void => {
    write(one.text);
    area.current?.focus();
  };
  return (
    <form class="composer" onSubmit={submit}>
      {found.length > 0 && <Completions id={`${id}-list`} found={found} at={at} onTake={take} />}
      <div class="composer-box">
        <textarea
          ref={area}
          rows={1}
          value={text}
          placeholder={placeholder}
          aria-label={placeholder}
          data-composer={threadTs === null ? 'channel' : 'thread'}
          aria-autocomplete="list"
          {...(found.length > 0 ? { 'aria-controls': `${id}-list` } : {})}
          {...(found.length > 0 && at >= 0 ? { 'aria-activedescendant': `${id}-list-${at}` } : {})}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={keys}
        />
        <button type="submit" class="send" aria-label="Send" disabled={text.trim() === ''}>
          <Icon name="send" />
        </button>
      </div>
      <div class="composer-hint" aria-live="polite">
        {sending > 0 ? 'Sending…' : (usageHint(text, known.commands) ?? '')}
      </div>
    </form>
  );
}

function fitHeight(area: HTMLTextAreaElement | null): void {
  // Newer browsers size it by style alone; a hidden one has no height to tell.
  if (area === null || CSS.supports('field-sizing', 'content') || area.scrollHeight === 0) return;
  area.style.height = 'auto';
  area.style.height = `${Math.min(area.scrollHeight + 2, 160)}px`;
}

/** What a key does while completions are open: a new place in the list, take, close, or null: nothing of theirs. `at` -1: none is chosen. */
function completionKey(event: KeyboardEvent, count: number, at: number): number | 'take' | 'close' | null {
  if (count === 0) return null;
  switch (event.key) {
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowUp':
      return (Math.max(at, 0) - 1 + count) % count;
    case 'Tab':
      return event.shiftKey ? null : 'take';
    case 'Enter':
      return event.shiftKey || at < 0 ? null : 'take';
    case 'Escape':
      return 'close';
    default:
      return null;
  }
}

interface CompletionsProps {
  readonly id: string;
  readonly found: readonly Completion[];
  readonly at: number;
  readonly onTake: (one: Completion) => void;
}

function Completions({ id, found, at, onTake }: CompletionsProps): JSX.Element {
  return (
    <div class="completions">
      <div role="listbox" id={id} aria-label="Completions">
        {found.map((one, index) => (
          <div
            key={one.label}
            id={`${id}-${index}`}
            role="option"
            class="item"
            aria-selected={index === at}
            onMouseDown={(event) => {
              event.preventDefault();
              onTake(one);
            }}
          >
            <span>{one.label}</span>
            <small>{one.hint}</small>
          </div>
        ))}
      </div>
      <div class="completions-keys" aria-hidden="true">
        ↑ ↓ choose · Enter or Tab take · Esc close
      </div>
    </div>
  );
}
