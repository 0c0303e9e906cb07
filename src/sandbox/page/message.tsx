import type { JSX } from 'preact';
import { memo } from './memo.ts';
import { useMemo, useState } from 'preact/hooks';
import type { PageMessage, PageReaction } from '../slack/page-api.ts';
import { watchMessage } from './announce.tsx';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks.tsx';
import { clockTime, fullTime, relative, tsMs } from './dates.ts';
import { emojiWords } from './emoji.ts';
import { File } from './file.tsx';
import { useNow } from './live.ts';
import { MessageTools } from './message-tools.tsx';
import { useDirectory, useSession } from './session.ts';
import { SurfaceContext, type Surface } from './surface.ts';
import { Emoji, Mrkdwn, oneLine } from './text.tsx';

interface MessageProps {
  readonly message: PageMessage;
  /** Follows one of the same author within minutes: without name and picture. */
  readonly joined: boolean;
  /** In a thread there is no line that leads to the thread. */
  readonly inThread: boolean;
  readonly current: boolean;
}

export const Message = memo(function Message({ message, joined, inThread, current }: MessageProps): JSX.Element {
  const { users } = useDirectory();
  const session = useSession();
  const author = users.find((user) => user.id === message.user);
  const name = author?.realName ?? message.user;
  const at = tsMs(message.ts);
  const openThread = (): void => {
    if (!inThread && !message.ephemeral)
      session.go({ pane: 'thread', channel: message.channel, thread: message.threadTs ?? message.ts });
  };
  const classes = [
    'message',
    joined ? 'joined' : '',
    message.ephemeral ? 'ephemeral' : '',
    message.mentionsMe ? 'mentions-me' : '',
  ].join(' ');
  return (
    <article
      class={classes}
      tabIndex={current ? 0 : -1}
      data-item
      data-ts={message.ts}
      aria-label={spoken(message, name, clockTime(at))}
      onKeyDown={(event) => messageKey(event, openThread)}
    >
      <div class="message-side">
        {joined ? (
          <time class="side-time" dateTime={new Date(at).toISOString()}>
            {clockTime(at)}
          </time>
        ) : (
          <Avatar user={author} />
        )}
      </div>
      <div class="message-main">
        {message.ephemeral && <OnlyYou message={message} />}
        {!joined && (
          <div class="message-head">
            <span class="author">{name}</span>
            {author?.kind === 'bot' && <span class="tag">app</span>}
            {author?.kind === 'guest' && <span class="tag">guest</span>}
            <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
              {clockTime(at)}
            </time>
            {message.edited && <span class="edited">edited</span>}
          </div>
        )}
        <Body message={message} />
        {message.edited && joined && <span class="edited">(edited)</span>}
        {message.files.map((file) => (
          <File key={file.id} file={file} />
        ))}
        {message.reactions.length > 0 && <Reactions message={message} />}
        {message.broadcast && <div class="broadcast">also sent to the channel</div>}
        {!inThread && message.replyCount > 0 && <ThreadLine message={message} onOpen={openThread} />}
      </div>
      {!message.ephemeral && <MessageTools message={message} inThread={inThread} />}
    </article>
  );
});

const mostSpoken = 240;

/** What a screen reader says of a message on which it lands. */
function spoken(message: PageMessage, name: string, time: string): string {
  const words = oneLine(message.text).slice(0, mostSpoken);
  const replies = message.replyCount === 0 ? '' : `. Replies: ${message.replyCount}`;
  return `${message.ephemeral ? 'Only visible to you. ' : ''}${name}, ${time}${words === '' ? '' : `: ${words}`}${replies}`;
}

/** T opens the thread, R the reactions, where the message itself has the focus. */
function messageKey(event: KeyboardEvent, openThread: () => void): void {
  const { currentTarget: article, target } = event;
  if (article !== target || !(article instanceof HTMLElement)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === 't') openThread();
  else if (key === 'r') article.querySelector<HTMLElement>('[data-react]')?.click();
  else return;
  event.preventDefault();
}

function OnlyYou({ message }: { readonly message: PageMessage }): JSX.Element {
  const session = useSession();
  return (
    <div class="only-you">
      Only visible to you
      <button
        type="button"
        class="link"
        onClick={() => void session.act({ kind: 'dismissEphemeral', channel: message.channel, ts: message.ts })}
      >
        Dismiss
      </button>
    </div>
  );
}

const troubleShownMs = 12_000;

/** Blocks if there are any, else the text; below them what went wrong with a press. */
function Body({ message }: { readonly message: PageMessage }): JSX.Element {
  const session = useSession();
  const [trouble, setTrouble] = useState<string | null>(null);
  const { channel, ts } = message;
  const surface = useMemo<Surface>(
    () => ({
      form: null,
      press: async (blockId, actionId, value) => {
        setTrouble(null);
        watchMessage(ts);
        const result = await session.act({
          kind: 'press',
          channel,
          ts,
          blockId,
          actionId,
          ...(value === undefined ? {} : { value }),
        });
        if (!result.ok && result.kind !== 'fields') {
          setTrouble(result.error);
          setTimeout(() => setTrouble(null), troubleShownMs);
        }
        return result;
      },
      suggest: async (blockId, actionId, typed) => {
        const result = await session.act({ kind: 'suggest', where: { channel, ts }, blockId, actionId, typed });
        return result.ok ? (result.options ?? []) : [];
      },
    }),
    [session, channel, ts],
  );
  return (
    <SurfaceContext.Provider value={surface}>
      <div class="message-body">
        {message.blocks.length > 0 ? (
          <Blocks blocks={message.blocks} />
        ) : (
          message.text !== '' && <Mrkdwn text={message.text} />
        )}
        {message.attachments.map((attachment) => (
          <div class="attachment" style={{ borderInlineStartColor: barColour(attachment.color) }}>
            {attachment.blocks !== undefined ? (
              <Blocks blocks={attachment.blocks} />
            ) : (
              <Mrkdwn text={attachment.text ?? ''} />
            )}
          </div>
        ))}
      </div>
      {trouble !== null && (
        <div class="trouble" role="alert">
          ⚠ {trouble}
        </div>
      )}
    </SurfaceContext.Provider>
  );
}

function barColour(colour: string | undefined): string {
  const named: Readonly<Record<string, string>> = { good: '#2e8b57', warning: '#c98a00', danger: '#b3261e' };
  if (colour === undefined) return 'var(--line)';
  return named[colour] ?? (colour.startsWith('#') ? colour : `#${colour}`);
}

function Reactions({ message }: { readonly message: PageMessage }): JSX.Element {
  const { me, users } = useDirectory();
  const session = useSession();
  const names = (reaction: PageReaction): string =>
    reaction.users.map((id) => users.find((user) => user.id === id)?.realName ?? id).join(', ');
  return (
    <div class="reactions">
      {message.reactions.map((reaction) => {
        const mine = reaction.users.includes(me.id);
        return (
          <button
            key={reaction.name}
            type="button"
            class="reaction"
            aria-pressed={mine}
            aria-label={`${emojiWords(reaction.name)}, ${reaction.users.length}: ${names(reaction)}`}
            title={names(reaction)}
            onClick={() =>
              void session.act({
                kind: 'react',
                channel: message.channel,
                ts: message.ts,
                name: reaction.name,
                remove: mine,
              })
            }
          >
            <Emoji name={reaction.name} /> {reaction.users.length}
          </button>
        );
      })}
    </div>
  );
}

function ThreadLine({ message, onOpen }: { readonly message: PageMessage; readonly onOpen: () => void }): JSX.Element {
  const { users } = useDirectory();
  const now = useNow(10_000);
  const count = `${message.replyCount} ${message.replyCount === 1 ? 'reply' : 'replies'}`;
  return (
    <button type="button" class="thread-line" onClick={onOpen}>
      {message.replyUsers.slice(0, 3).map((id) => (
        <Avatar small user={users.find((user) => user.id === id)} />
      ))}
      <strong>{count}</strong>
      {message.unreadReplies > 0 && <span class="badge">{message.unreadReplies} new</span>}
      {message.latestReply !== null && <span class="dim">{relative(tsMs(message.latestReply), now)}</span>}
    </button>
  );
}
