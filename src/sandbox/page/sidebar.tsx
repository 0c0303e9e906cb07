import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { PageChannel, PageSnapshot } from '../slack/page-api.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { moveByArrows } from './keys.ts';
import type { Place } from './place.ts';
import { useSession } from './session.ts';

export function Sidebar({
  snapshot,
  at,
  shown,
}: {
  readonly snapshot: PageSnapshot;
  readonly at: Place['at'];
  readonly shown: PageChannel | undefined;
}): JSX.Element {
  const session = useSession();
  const box = useRef<HTMLDivElement>(null);
  const rooms = snapshot.channels.filter((channel) => channel.kind !== 'dm');
  const dms = snapshot.channels.filter((channel) => channel.kind === 'dm' && channel.withUser !== snapshot.bot.user);
  const botDm = snapshot.channels.find((channel) => channel.withUser === snapshot.bot.user);
  const bot = snapshot.users.find((user) => user.id === snapshot.bot.user);
  const isShown = (channel: PageChannel): boolean => at.pane !== 'home' && shown?.id === channel.id;
  const open = (channel: PageChannel) => (): void => session.go({ pane: 'channel', channel: channel.id });
  return (
    <div
      ref={box}
      class="rooms"
      data-items
      onKeyDown={(event) => box.current !== null && moveByArrows(event, box.current)}
    >
      <h2 class="rooms-title">Channels</h2>
      {rooms.map((channel) => (
        <Row key={channel.id} channel={channel} name={channel.name} current={isShown(channel)} onOpen={open(channel)}>
          <Icon name={channel.kind === 'private' ? 'lock' : 'hash'} />
        </Row>
      ))}
      <h2 class="rooms-title">App</h2>
      <Row
        channel={botDm}
        name={bot?.realName ?? 'Bot'}
        note={snapshot.bot.connected ? 'connected' : 'not connected'}
        current={at.pane === 'home' || (botDm !== undefined && isShown(botDm))}
        onOpen={() => session.go({ pane: 'home' })}
      >
        <Avatar small user={bot} />
      </Row>
      {dms.length > 0 && <h2 class="rooms-title">Direct messages</h2>}
      {dms.map((channel) => (
        <Row key={channel.id} channel={channel} name={channel.name} current={isShown(channel)} onOpen={open(channel)}>
          <Avatar small user={snapshot.users.find((user) => user.id === channel.withUser)} />
        </Row>
      ))}
    </div>
  );
}

interface RowProps {
  readonly channel: PageChannel | undefined;
  readonly name: string;
  readonly note?: string;
  readonly current: boolean;
  readonly onOpen: () => void;
  readonly children: JSX.Element;
}

function Row({ channel, name, note, current, onOpen, children }: RowProps): JSX.Element {
  const unread = channel?.unread ?? 0;
  const mentions = channel?.mentions ?? 0;
  return (
    <button
      type="button"
      data-item
      class={unread > 0 ? 'room unread' : 'room'}
      aria-current={current ? 'page' : undefined}
      onClick={onOpen}
    >
      {children}
      <span class="room-name">{name}</span>
      {note !== undefined && <small class="dim">{note}</small>}
      {mentions > 0 ? (
        <span class="badge" title={`${mentions} for you`}>
          <span class="sr">mentions: </span>
          {mentions}
        </span>
      ) : (
        unread > 0 && (
          <span class="badge quiet">
            <span class="sr">unread: </span>
            {unread}
          </span>
        )
      )}
    </button>
  );
}
