import type { JSX } from 'preact';
import type { PageNotification, PageSnapshot } from '../slack/page-api.ts';
import { clockTime, shortRelative } from './dates.ts';
import { Icon } from './icons.tsx';
import { useNow } from './live.ts';
import { useSession } from './session.ts';

const whyWords = {
  mention: 'mentions you',
  direct: 'direct message',
  channel: 'new post',
  thread: 'in your thread',
} as const;

/** What this person's locked phone shows: new posts only, since edits notify nobody. */
export function Phone({ snapshot }: { readonly snapshot: PageSnapshot }): JSX.Element {
  const session = useSession();
  const now = useNow(10_000);
  const all = snapshot.notifications;
  const open = (one: PageNotification): void =>
    session.go(
      one.threadTs === null
        ? { pane: 'channel', channel: one.channel }
        : { pane: 'thread', channel: one.channel, thread: one.threadTs },
    );
  return (
    <section class="phone" aria-label={`Lock screen of ${snapshot.me.realName}`}>
      <header class="phone-head">
        <span class="phone-time">{clockTime(now)}</span>
        <h2 class="phone-of">{snapshot.me.realName.split(' ')[0]}’s lock screen</h2>
        {all.length > 0 && (
          <button type="button" class="link" onClick={() => void session.act({ kind: 'clearNotifications' })}>
            Clear
          </button>
        )}
      </header>
      <ol class="phone-list" tabIndex={-1} aria-label="Notifications">
        {all.length === 0 && <li class="phone-none">Quiet. This phone has nothing to say.</li>}
        {all.map((one) => (
          <li key={one.id}>
            <button type="button" class="note" onClick={() => open(one)}>
              <span class="note-head">
                <Icon name={one.why === 'mention' || one.why === 'direct' ? 'bolt' : 'chat'} />
                <strong>{one.title}</strong>
                <span class="note-when">{shortRelative(one.atMs, now)}</span>
              </span>
              <span class="note-body">
                <b>{snapshot.users.find((user) => user.id === one.from)?.realName ?? one.from}:</b>{' '}
                {one.body === '' ? 'sent a file' : one.body}
              </span>
              <span class="note-why">{whyWords[one.why]}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
