import { Fragment, type JSX, type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PageMessage } from '../slack/page-api.ts';
import { dayOf, tsMs } from './dates.ts';
import { Icon } from './icons.tsx';
import { moveByArrows } from './keys.ts';
import { useNow } from './live.ts';
import { Message } from './message.tsx';

interface LogProps {
  readonly label: string;
  readonly messages: readonly PageMessage[];
  /** What was read when this was opened: the "New" line stands after it. */
  readonly lastReadTs: string;
  readonly me: string;
  readonly inThread: boolean;
  /** The newest message is in view. */
  readonly onSeen: (ts: string) => void;
}

const joinedWithinMs = 5 * 60_000;
const bottomSlackPx = 60;

interface End {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly away: boolean;
  /** The newest message when one was last at the end. */
  readonly seenTs: string;
  readonly toEnd: () => void;
  readonly scrolled: () => void;
}

/** Stays at the end while one is at the end, and tells when its newest message is in view. */
function useEnd(messages: readonly PageMessage[], onSeen: (ts: string) => void): End {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const last = messages.at(-1)?.ts ?? '';
  const seenTs = useRef(last);
  if (atEnd.current) seenTs.current = last;
  const toEnd = (): void => box.current?.scrollTo({ top: box.current.scrollHeight });
  const seen = (): void => {
    if (last !== '' && atEnd.current && document.hasFocus()) onSeen(last);
  };
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
  }, [messages]);
  useEffect(() => {
    seen();
    addEventListener('focus', seen);
    return () => removeEventListener('focus', seen);
  }, [last]);
  useEffect(() => keepAtEnd(box.current, () => atEnd.current && toEnd()), []);
  const scrolled = (): void => {
    const element = box.current;
    if (element === null) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < bottomSlackPx;
    setAway(!atEnd.current);
    seen();
  };
  return { box, away, seenTs: seenTs.current, toEnd, scrolled };
}

/** A list of messages that stays at its end while one is at its end, and does not move under one's eyes otherwise. What is new is said by `Announcer`. */
export function Log({ label, messages, lastReadTs, me, inThread, onSeen }: LogProps): JSX.Element {
  const { box, away, seenTs, toEnd, scrolled } = useEnd(messages, onSeen);
  // What was unread when this was opened; what comes while one looks on is not "new".
  const [firstNew] = useState(() => firstUnread(messages, lastReadTs, me));
  const now = useNow(60_000);
  const keys = (event: KeyboardEvent): void => {
    const onMessage = event.target instanceof HTMLElement && event.target.matches('article');
    if (onMessage && box.current !== null) moveByArrows(event, box.current);
  };
  return (
    <div class="log-box">
      <div
        ref={box}
        class="log"
        role="log"
        aria-live="off"
        tabIndex={-1}
        aria-label={label}
        data-items
        onScroll={scrolled}
        onKeyDown={keys}
      >
        <div class="log-fill" />
        {messages.map((message, index) => {
          const before = messages[index - 1];
          const day = dayOf(tsMs(message.ts), now);
          const newDay = !inThread && (before === undefined || dayOf(tsMs(before.ts), now) !== day);
          const rule = message.ts === firstNew && index > 0;
          const joined = !newDay && !rule && isJoined(before, message);
          return (
            <Fragment key={message.ts}>
              {newDay && <Line kind="day" words={day} />}
              {rule && <Line kind="new-line" words="New" />}
              <Message message={message} joined={joined} inThread={inThread} current={index === messages.length - 1} />
            </Fragment>
          );
        })}
      </div>
      {away && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" /> {missed(messages.filter((one) => one.ts > seenTs && one.user !== me))}
        </button>
      )}
    </div>
  );
}

/** What came while one was reading further up; a refusal that only its reader sees must not go unseen. */
function missed(messages: readonly PageMessage[]): string {
  if (messages.some((one) => one.ephemeral)) return 'An answer to you, below';
  return messages.length === 0 ? 'Newest' : `${messages.length} new`;
}

function Line({ kind, words }: { readonly kind: 'day' | 'new-line'; readonly words: string }): JSX.Element {
  return (
    <div class={kind} role="separator">
      <span>{words}</span>
    </div>
  );
}

function firstUnread(messages: readonly PageMessage[], lastReadTs: string, me: string): string | null {
  if (lastReadTs === '' || lastReadTs === '0') return null;
  return messages.find((one) => one.ts > lastReadTs && one.user !== me && !one.ephemeral)?.ts ?? null;
}

function isJoined(before: PageMessage | undefined, message: PageMessage): boolean {
  if (
    before === undefined ||
    before.user !== message.user ||
    before.ephemeral ||
    message.ephemeral ||
    before.replyCount > 0
  )
    return false;
  return tsMs(message.ts) - tsMs(before.ts) < joinedWithinMs;
}

/** Pictures load and the window changes its size: the end stays the end. */
function keepAtEnd(element: HTMLElement | null, again: () => void): () => void {
  if (element === null) return () => undefined;
  const observer = new ResizeObserver(again);
  observer.observe(element);
  element.addEventListener('load', again, true);
  return () => {
    observer.disconnect();
    element.removeEventListener('load', again, true);
  };
}
