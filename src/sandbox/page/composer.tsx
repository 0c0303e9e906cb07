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

export function Composer({ channel, threadTs, placeholder, known }: ComposerProps): JSX.Element {
  const session = useSession();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = `${channel}/${threadTs ?? ''}`;
  const [text, setText] = useState(drafts.get(draft) ?? '');
  const [moved, setMoved] = useState<number | null>(null);
  const [hidden, setHidden] = useState(false);
  const [sending, setSending] = useState(0);
  const found = hidden ? [] : complete(text, known);
  // After a finished word nothing is chosen, so that Enter sends what stands there.
  const at = moved ?? (text.endsWith(' ') ? -1 : 0);
  const hint = usageHint(text, known.commands);
  useEffect(() => {
    drafts.set(draft, text);
    if (area.current === null) return;
    area.current.style.height = 'auto';
    area.current.style.height = `${Math.min(area.current.scrollHeight + 2, 160)}px`;
  }, [text]);
  const write = (to: string): void => {
    setText(to);
    setMoved(null);
    setHidden(false);
  };
  const take = (one: Completion): void => {
    write(one.text);
    area.current?.focus();
  };
  const send = (): void => {
    const said = text.trim();
    if (said === '') return;
    write('');
    setSending((count) => count + 1);
    void session
      .act({ kind: 'say', channel, text: said, ...(threadTs === null ? {} : { threadTs }) })
      .then((result) => {
        setSending((count) => count - 1);
        if (result.ok || result.kind === 'fields') return;
        if (result.kind === 'act') setText((now) => (now === '' ? said : now));
      });
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const step = completionKey(event, found.length, at);
    if (step !== null) {
      event.preventDefault();
      event.stopPropagation();
      const chosen = found[Math.max(at, 0)];
      if (step === 'close') setHidden(true);
      else if (step !== 'take') setMoved(step);
      else if (chosen !== undefined) take(chosen);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
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
        {sending > 0 ? 'Sending…' : (hint ?? '')}
      </div>
    </form>
  );
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
