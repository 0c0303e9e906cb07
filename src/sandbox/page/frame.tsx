import type { JSX } from 'preact';
import type { ControlSnapshot } from '../control-api.ts';
import type { PageSnapshot } from '../slack/page-api.ts';
import { BotNotice } from './bot-notice.tsx';
import { stateOfRegion } from './glance.tsx';
import { Icon, type IconName } from './icons.tsx';
import { PersonSwitch } from './people.tsx';
import type { Place } from './place.ts';
import { useSession } from './session.ts';

const quickKeys = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K';

interface TopProps {
  readonly snapshot: PageSnapshot;
  readonly people: ControlSnapshot['people'];
  readonly onQuick: () => void;
  readonly onSwitch: (user: string) => void;
  readonly platformShown: boolean;
  readonly onPlatform: () => void;
  readonly onHelp: () => void;
}

export function TopBar({
  snapshot,
  people,
  onQuick,
  onSwitch,
  platformShown,
  onPlatform,
  onHelp,
}: TopProps): JSX.Element {
  return (
    <header class="top">
      <h1 class="brand">
        <span class="brand-mark" aria-hidden="true" />
        <span class="not-phone">{snapshot.team.name}</span>
        <span class="only-phone">
          <span class="sr">{snapshot.team.name}</span>
        </span>
        <small class="only-wide">a local chat for trying the bot</small>
      </h1>
      <button type="button" class="find not-phone" onClick={onQuick}>
        <Icon name="search" /> Go to a channel or person <kbd>{quickKeys}</kbd>
      </button>
      <PersonSwitch snapshot={snapshot} people={people} onSwitch={onSwitch} />
      <button
        type="button"
        class="tool not-phone"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={onHelp}
      >
        <Icon name="help" />
      </button>
      <button
        type="button"
        class="tool not-phone"
        aria-pressed={platformShown}
        aria-label="Show the simulated platform"
        title="Simulated platform"
        onClick={onPlatform}
      >
        <Icon name="globe" />
      </button>
    </header>
  );
}

const errorShownMs = 15_000;

export function Warnings({
  snapshot,
  bot,
  online,
}: {
  readonly snapshot: PageSnapshot;
  readonly bot: ControlSnapshot['bot'] | null;
  readonly online: boolean;
}): JSX.Element {
  const newest = snapshot.errors[0];
  const error = newest !== undefined && Date.now() - newest.atMs < errorShownMs ? newest : undefined;
  return (
    <div class="warnings" role="status">
      {!online && (
        <div class="warning lost">
          <span class="spinner" aria-hidden="true" /> Reconnecting… What you see may be old.
        </div>
      )}
      {online && <BotNotice bot={bot} connected={snapshot.bot.connected} />}
      {snapshot.faults.map((fault) => (
        <div class="warning" key={fault}>
          {fault}
        </div>
      ))}
      {error !== undefined && <div class="warning">The bot made a protocol mistake: {error.what}</div>}
    </div>
  );
}

export interface Toast {
  readonly id: number;
  readonly sentence: string;
}

export function Toasts({ toasts }: { readonly toasts: readonly Toast[] }): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map((one) => (
        <div class="toast" key={one.id}>
          {one.sentence}
        </div>
      ))}
    </div>
  );
}

/** At phone width one column at a time, and these to go between. */
export function PhoneTabs({
  at,
  snapshot,
  control,
}: {
  readonly at: Place['at'];
  readonly snapshot: PageSnapshot;
  readonly control: ControlSnapshot | null;
}): JSX.Element {
  const session = useSession();
  const chat = at.pane !== 'platform' && at.pane !== 'phone';
  const unread = snapshot.channels.reduce((sum, one) => sum + one.mentions, 0);
  const wrong = control?.regions.filter((one) => stateOfRegion(one).kind !== 'well').length ?? 0;
  const tab = (
    pane: 'list' | 'phone' | 'platform',
    label: string,
    icon: IconName,
    current: boolean,
    count: number,
    counted: string,
  ): JSX.Element => (
    <button type="button" aria-current={current ? 'page' : undefined} onClick={() => session.go({ pane })}>
      <Icon name={icon} />
      {label}
      {count > 0 && (
        <span class="badge">
          {count}
          <span class="sr"> {counted}</span>
        </span>
      )}
    </button>
  );
  return (
    <nav class="tabs only-phone" aria-label="Parts of the page">
      {tab('list', 'Chat', 'chat', chat, unread, 'for you')}
      {tab('phone', 'Lock screen', 'phone', at.pane === 'phone', snapshot.notifications.length, 'notifications')}
      {tab('platform', 'Platform', 'globe', at.pane === 'platform', wrong, 'regions not as they should be')}
    </nav>
  );
}
