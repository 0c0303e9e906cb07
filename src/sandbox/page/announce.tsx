import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageChannel, PageMessage } from '../slack/page-api.ts';
import { useDirectory } from './session.ts';
import { oneLine } from './text.tsx';

const keptMs = 20_000;
const most = 3;
const mostCharacters = 300;
/** How long after a press the message's own changes are said too. */
const watchedMs = 120_000;

let pressed: { readonly ts: string; readonly untilMs: number } | null = null;

/** Edits notify nobody, but who has pressed a button of a message wants to hear what becomes of it. */
export function watchMessage(ts: string): void {
  pressed = { ts, untilMs: Date.now() + watchedMs };
}

interface Said {
  readonly key: string;
  readonly words: string;
}

interface AnnouncerProps {
  readonly channel: PageChannel | undefined;
  /** The thread that is open, if one is. */
  readonly thread: string | null;
}

/**
 * Says new posts to screen readers, in the channel that is shown and the thread that is open. The lists of messages are no live regions
 * themselves: their times keep counting, and each tick would be read out.
 */
export function Announcer({ channel, thread }: AnnouncerProps): JSX.Element {
  const { me, users } = useDirectory();
  const [said, setSaid] = useState<readonly Said[]>([]);
  const before = useRef<{ readonly place: string; readonly texts: ReadonlyMap<string, string> } | null>(null);
  const place = `${me.id}/${channel?.id ?? ''}/${thread ?? ''}`;
  const messages = [...(channel?.messages ?? []), ...(thread === null ? [] : (channel?.threads[thread] ?? []))];
  useEffect(() => {
    const last = before.current?.place === place ? before.current.texts : null;
    before.current = { place, texts: new Map(messages.map((one) => [one.ts, one.text])) };
    if (last === null) {
      // Somebody else, or elsewhere: what was said there is not for here.
      setSaid((earlier) => (earlier.length === 0 ? earlier : []));
      return;
    }
    const name = (one: PageMessage): string => users.find((user) => user.id === one.user)?.realName ?? 'Somebody';
    const news = messages
      .filter((one) => one.user !== me.id)
      .flatMap((one) => {
        const sentence = newsOf(one, last.get(one.ts), name(one));
        return sentence === null ? [] : [{ key: `${one.ts}/${sentence.length}/${Date.now()}`, words: sentence }];
      });
    if (news.length > 0) setSaid((earlier) => [...earlier, ...news].slice(-most));
  }, [place, channel]);
  useEffect(() => {
    if (said.length === 0) return undefined;
    const timer = setTimeout(() => setSaid([]), keptMs);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div class="sr" role="status" aria-live="polite" aria-label="New posts">
      {said.map((one) => (
        <div key={one.key}>{one.words}</div>
      ))}
    </div>
  );
}

/** What there is to say of this message; `before` is its text as it was, undefined for a new one. */
function newsOf(message: PageMessage, before: string | undefined, name: string): string | null {
  const files = message.files.map((file) => file.title || file.name).join(', ');
  const words = oneLine(message.text).slice(0, mostCharacters) || (files === '' ? 'a message' : `a file: ${files}`);
  if (before === undefined) return `${message.ephemeral ? 'Only visible to you. ' : ''}${name}: ${words}`;
  const watched = pressed !== null && pressed.ts === message.ts && Date.now() < pressed.untilMs;
  return watched && before !== message.text ? `Changed: ${words}` : null;
}
