import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PageChannel } from '../slack/page-api.ts';
import type { Known } from './completion.ts';
import { Composer } from './composer.tsx';
import { Icon } from './icons.tsx';
import { Log } from './log.tsx';
import { useSession } from './session.ts';

interface ThreadProps {
  readonly channel: PageChannel;
  readonly ts: string;
  readonly me: string;
  readonly known: Known;
}

const none: readonly never[] = [];

export function ThreadPane({ channel, ts, me, known }: ThreadProps): JSX.Element {
  const session = useSession();
  const root = channel.messages.find((message) => message.ts === ts);
  const replies = channel.threads[ts] ?? none;
  const messages = useMemo(() => (root === undefined ? replies : [root, ...replies]), [root, replies]);
  const unread = root?.unreadReplies ?? 0;
  const firstUnread = unread > 0 ? (replies.at(-unread - 1)?.ts ?? ts) : '';
  const marked = useRef('');
  const seen = (newest: string): void => {
    // Also where this person follows nothing: a group's mention may have brought them here.
    if (marked.current >= newest) return;
    marked.current = newest;
    void session.act({ kind: 'markRead', channel: channel.id, ts: newest, threadTs: ts });
  };
  const pane = useRef<HTMLElement>(null);
  useEffect(() => takeFocus(pane.current, ts), [ts]);
  const back = (): void => session.go({ pane: 'channel', channel: channel.id });
  return (
    <aside ref={pane} class="thread" aria-label="Thread">
      <header class="pane-head">
        <button type="button" class="tool only-phone" aria-label="Back to the channel" onClick={back}>
          <Icon name="back" />
        </button>
        <div class="pane-title">
          <h2>Thread</h2>
          <p>
            {channel.kind === 'dm' ? channel.name : `#${channel.name}`} · {replies.length}{' '}
            {replies.length === 1 ? 'reply' : 'replies'}
          </p>
        </div>
        <button type="button" class="tool not-phone" aria-label="Close the thread" onClick={back}>
          <Icon name="close" />
        </button>
      </header>
      {root === undefined && replies.length === 0 && <p class="empty">This message is not here any more.</p>}
      <Log key={ts} label="Thread" messages={messages} lastReadTs={firstUnread} me={me} inThread onSeen={seen} />
      <Composer key={`composer-${ts}`} channel={channel.id} threadTs={ts} placeholder="Reply in thread" known={known} />
    </aside>
  );
}

/** The keyboard goes into the thread with its reader, and back to the message when it is closed. (Not on a touch screen, where it would open the keyboard.) */
function takeFocus(pane: HTMLElement | null, ts: string): () => void {
  const touch = matchMedia('(hover: none)').matches;
  if (!touch) pane?.querySelector('textarea')?.focus();
  return () => {
    if (!touch && pane?.contains(document.activeElement) === true)
      document.querySelector<HTMLElement>(`.centre [data-ts="${ts}"]`)?.focus();
  };
}
