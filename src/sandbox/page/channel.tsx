import type { JSX } from 'preact';
import type { PageChannel, PageSnapshot } from '../slack/page-api.ts';
import type { Known } from './completion.ts';
import { Composer } from './composer.tsx';
import { Home } from './home.tsx';
import { Icon } from './icons.tsx';
import { Log } from './log.tsx';
import { useDirectory, useSession } from './session.ts';
import { Plain } from './text.tsx';

interface ChannelProps {
  readonly snapshot: PageSnapshot;
  readonly channel: PageChannel | undefined;
  readonly showsHome: boolean;
  readonly known: Known;
}

export function ChannelPane({ snapshot, channel, showsHome, known }: ChannelProps): JSX.Element {
  const session = useSession();
  const botDm = snapshot.channels.find((one) => one.withUser === snapshot.bot.user);
  const isBot = showsHome || (channel !== undefined && channel.withUser === snapshot.bot.user);
  const openMessages = (): void => {
    if (botDm !== undefined) session.go({ pane: 'channel', channel: botDm.id });
    else
      void session
        .act({ kind: 'openDm', withUser: snapshot.bot.user })
        .then(
          (result) =>
            result.ok && result.channel !== undefined && session.go({ pane: 'channel', channel: result.channel }),
        );
  };
  return (
    <main class="centre" aria-label="Messages">
      <header class="pane-head">
        <BackToList />
        {isBot ? <BotHead snapshot={snapshot} /> : channel !== undefined && <ChannelHead channel={channel} />}
        {isBot && (
          <nav class="pane-tabs" aria-label="Parts of the app">
            <button
              type="button"
              aria-current={showsHome ? 'page' : undefined}
              onClick={() => session.go({ pane: 'home' })}
            >
              Home
            </button>
            <button type="button" aria-current={showsHome ? undefined : 'page'} onClick={openMessages}>
              Messages
            </button>
          </nav>
        )}
      </header>
      {showsHome ? (
        <Home home={snapshot.home} />
      ) : channel === undefined ? (
        <p class="empty">Choose a channel.</p>
      ) : (
        <Messages key={channel.id} channel={channel} me={snapshot.me.id} known={known} />
      )}
    </main>
  );
}

function BackToList(): JSX.Element {
  const session = useSession();
  return (
    <button
      type="button"
      class="tool only-phone"
      aria-label="Back to the channels"
      onClick={() => session.go({ pane: 'list' })}
    >
      <Icon name="back" />
    </button>
  );
}

function ChannelHead({ channel }: { readonly channel: PageChannel }): JSX.Element {
  const { users } = useDirectory();
  const names = channel.members.map((id) => users.find((user) => user.id === id)?.realName ?? id).join(', ');
  return (
    <div class="pane-title">
      <h2>
        {channel.kind === 'dm' ? '' : <Icon name={channel.kind === 'private' ? 'lock' : 'hash'} />}
        {channel.name}
      </h2>
      <p title={names}>
        {channel.kind !== 'dm' && <span>{channel.members.length} members</span>}
        {channel.topic !== '' && (
          <span>
            {' '}
            · <Plain text={channel.topic} />
          </span>
        )}
      </p>
    </div>
  );
}

function BotHead({ snapshot }: { readonly snapshot: PageSnapshot }): JSX.Element {
  const { bot } = snapshot;
  const name = snapshot.users.find((user) => user.id === bot.user)?.realName ?? 'The bot';
  return (
    <div class="pane-title">
      <h2>
        {name} <span class="tag">app</span>
      </h2>
      <p>
        {bot.connected ? 'Connected' : 'Not connected'} ·{' '}
        {bot.mode === 'socket' ? `Socket Mode, ${bot.connections} open` : 'HTTP mode'}
      </p>
    </div>
  );
}

function Messages({
  channel,
  me,
  known,
}: {
  readonly channel: PageChannel;
  readonly me: string;
  readonly known: Known;
}): JSX.Element {
  const session = useSession();
  const name = channel.kind === 'dm' ? channel.name : `#${channel.name}`;
  const seen = (ts: string): void => {
    if (channel.unread > 0 || channel.lastReadTs < ts) void session.act({ kind: 'markRead', channel: channel.id, ts });
  };
  return (
    <>
      {channel.messages.length === 0 && (
        <div class="empty">
          <p>
            <strong>Nothing here yet.</strong>
          </p>
          <p>
            Inject a fault in the platform panel, or ask: <code>/mlp diagnose model-server eu-west-1</code>
          </p>
        </div>
      )}
      <Log
        label={`Messages in ${name}`}
        messages={channel.messages}
        lastReadTs={channel.lastReadTs}
        me={me}
        inThread={false}
        onSeen={seen}
      />
      <Composer channel={channel.id} threadTs={null} placeholder={`Message ${name}`} known={known} />
    </>
  );
}
