import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { formatDate, freshForMs, fullTime } from './dates.ts';
import { emojiPicture, emojiWords } from './emoji.ts';
import { Fence, InlineCode } from './fence.tsx';
import { useNow } from './live.ts';
import { drawnEmoji } from './pictures.tsx';
import { parseInline, parseMrkdwn, type Inline } from './mrkdwn.ts';
import { useDirectory } from './session.ts';

/** Slack mrkdwn. Everything ends up as text nodes: nothing that a message holds is ever read as HTML. */
export function Mrkdwn({ text }: { readonly text: string }): JSX.Element {
  const parsed = useMemo(() => parseMrkdwn(text), [text]);
  return (
    <>
      {parsed.map((part) => {
        if (part.is === 'code') return <Fence text={part.text} />;
        if (part.is === 'quote')
          return (
            <blockquote>
              <Inlines inner={part.inner} />
            </blockquote>
          );
        return (
          <div class="lines">
            <Inlines inner={part.inner} />
          </div>
        );
      })}
    </>
  );
}

/** Plain text with emoji short codes. */
export function Plain({ text, emoji = true }: { readonly text: string; readonly emoji?: boolean }): JSX.Element {
  if (!emoji) return <>{text}</>;
  const parts = text.split(/(:[a-z0-9_+'-]+:)/);
  return <>{parts.map((part, index) => (index % 2 === 1 ? <Emoji name={part.slice(1, -1)} /> : part))}</>;
}

export function Inlines({ inner }: { readonly inner: readonly Inline[] }): JSX.Element {
  return (
    <>
      {inner.map((one) => (
        <One node={one} />
      ))}
    </>
  );
}

function One({ node }: { readonly node: Inline }): JSX.Element {
  switch (node.is) {
    case 'text':
      return <>{node.text}</>;
    case 'code':
      return <InlineCode text={node.text} />;
    case 'bold':
      return (
        <strong>
          <Inlines inner={node.inner} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Inlines inner={node.inner} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Inlines inner={node.inner} />
        </s>
      );
    case 'link':
      return (
        <Link url={node.url}>
          <Inlines inner={node.inner} />
        </Link>
      );
    case 'user':
      return <Person id={node.id} />;
    case 'group':
      return <Group id={node.id} />;
    case 'channel':
      return <Channel id={node.id} label={node.label} />;
    case 'everyone':
      return <span class="mention mention-me">@{node.word}</span>;
    case 'date':
      return <When atMs={node.atMs} format={node.format} url={node.url} />;
    case 'emoji':
      return <Emoji name={node.name} />;
  }
}

export function Link({ url, children }: { readonly url: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <a href={url} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

export function Person({ id }: { readonly id: string }): JSX.Element {
  const { users, me } = useDirectory();
  const user = users.find((one) => one.id === id);
  return (
    <span
      class={id === me.id ? 'mention mention-me' : 'mention'}
      title={user === undefined ? id : `${user.realName}, ${user.role}`}
    >
      @{user?.realName ?? id}
    </span>
  );
}

export function Group({ id }: { readonly id: string }): JSX.Element {
  const { groups, users, me } = useDirectory();
  const group = groups.find((one) => one.id === id);
  const names = group?.users.map((member) => users.find((one) => one.id === member)?.realName ?? member).join(', ');
  return (
    <span class={group?.users.includes(me.id) === true ? 'mention mention-me' : 'mention'} title={names ?? id}>
      @{group?.handle ?? id}
    </span>
  );
}

export function Channel({ id, label }: { readonly id: string; readonly label: string | null }): JSX.Element {
  const { channelNames } = useDirectory();
  return <span class="mention">#{channelNames[id] ?? label ?? 'private channel'}</span>;
}

export function Emoji({ name }: { readonly name: string }): JSX.Element {
  const label = emojiWords(name);
  const picture = drawnEmoji(name);
  if (picture !== null) {
    return (
      <svg class="emoji" viewBox="0 0 20 20" role="img" aria-label={label}>
        <title>{`:${name}:`}</title>
        {picture}
      </svg>
    );
  }
  const character = emojiPicture(name);
  if (character === null) return <>:{name}:</>;
  return (
    <span class="emoji" role="img" aria-label={label} title={`:${name}:`}>
      {character}
    </span>
  );
}

/** `<!date^…>`: in the viewer's time zone; with {ago} it keeps counting. */
export function When({
  atMs,
  format,
  url,
}: {
  readonly atMs: number;
  readonly format: string;
  readonly url: string | null;
}): JSX.Element {
  const now = useNow(format.includes('{ago}') ? freshForMs(atMs, Date.now()) : 60_000);
  const time = (
    <time dateTime={new Date(atMs).toISOString()} title={fullTime(atMs)}>
      {formatDate(atMs, format, now)}
    </time>
  );
  return url === null ? time : <Link url={url}>{time}</Link>;
}

/** A text object: `mrkdwn` or `plain_text`. */
export function TextObject({ value }: { readonly value: unknown }): JSX.Element | null {
  if (typeof value === 'string') return <Plain text={value} />;
  if (typeof value !== 'object' || value === null) return null;
  const object = value as { readonly type?: unknown; readonly text?: unknown; readonly emoji?: unknown };
  if (typeof object.text !== 'string') return null;
  if (object.type === 'mrkdwn') return <Mrkdwn text={object.text} />;
  return <Plain text={object.text} emoji={object.emoji !== false} />;
}

export function plainOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = (value as { readonly text?: unknown } | null | undefined)?.text;
  return typeof text === 'string' ? text : '';
}

/** One line for labels and titles, without marks. */
export function oneLine(text: string): string {
  const flat = (nodes: readonly Inline[]): string =>
    nodes
      .map((node) =>
        'inner' in node
          ? flat(node.inner)
          : node.is === 'text' || node.is === 'code'
            ? node.text
            : node.is === 'emoji'
              ? ''
              : '…',
      )
      .join('');
  return flat(parseInline(text)).replaceAll(/\s+/g, ' ').trim();
}
