import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ControlSnapshot } from '../control-api.ts';
import type { PageSnapshot } from '../slack/page-api.ts';
import { Announcer } from './announce.tsx';
import { ChannelPane } from './channel.tsx';
import type { Known } from './completion.ts';
import { keepFocus } from './focus-keeper.ts';
import { KeysHelp } from './keys-help.tsx';
import { useLive, useVisible } from './live.ts';
import { Modal } from './modal.tsx';
import { usePlace, type Place } from './place.ts';
import { PlatformPanel } from './platform.tsx';
import { QuickSwitch } from './quick-switch.tsx';
import { directoryOf, DirectoryContext, postJson, sendAct, SessionContext, type Session } from './session.ts';
import { keepEqual } from './share.ts';
import { goToPart, useShortcuts } from './shortcuts.ts';
import { Sidebar } from './sidebar.tsx';
import { Phone } from './phone.tsx';
import { PhoneTabs, Toasts, TopBar, Warnings, type Toast } from './frame.tsx';
import { ThreadPane } from './thread.tsx';

/** Whoever opens the page first is the engineer on call. The id stands in the local Slack's seed and never changes. */
const firstUser = 'U0SANAOKAFOR';
const toastShownMs = 8000;
const noPeople: ControlSnapshot['people'] = [];

export function App(): JSX.Element {
  const [place, go] = usePlace({ user: firstUser, at: { pane: 'list' } });
  const visible = useVisible();
  const slack = useLive<PageSnapshot>(`/page/events?user=${place.user}`, 'snapshot');
  const control = useLive<ControlSnapshot>(visible ? '/page/control/events' : null, 'control');
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  useEffect(() => {
    if (slack.refused && place.user !== firstUser) go({ user: firstUser, at: { pane: 'list' } });
  }, [slack.refused]);
  const toast = useCallback((sentence: string) => {
    const one = { id: Date.now() + Math.random(), sentence };
    setToasts((before) => [...before.slice(-2), one]);
    setTimeout(() => setToasts((before) => before.filter((other) => other.id !== one.id)), toastShownMs);
  }, []);
  const session = useMemo<Session>(
    () => ({
      toast,
      go: (at) => go({ user: place.user, at }),
      act: async (act) => {
        const result = await sendAct(place.user, act);
        if (!result.ok && result.kind === 'act') toast(result.error);
        return result;
      },
    }),
    [place.user, toast],
  );
  const snapshot = slack.value;
  if (snapshot === null)
    return (
      <div class="starting" role="status">
        {slack.online ? 'Opening the workspace…' : 'The sandbox does not answer. Trying again…'}
      </div>
    );
  return (
    <SessionContext.Provider value={session}>
      <Workspace
        snapshot={snapshot}
        control={control.value}
        controlOnline={control.online}
        online={slack.online}
        place={place}
        go={go}
        toast={toast}
      />
      <Toasts toasts={toasts} />
    </SessionContext.Provider>
  );
}

interface WorkspaceProps {
  readonly snapshot: PageSnapshot;
  readonly control: ControlSnapshot | null;
  readonly controlOnline: boolean;
  readonly online: boolean;
  readonly place: Place;
  readonly go: (to: Place) => void;
  readonly toast: (sentence: string) => void;
}

function Workspace({ snapshot, control, controlOnline, online, place, go, toast }: WorkspaceProps): JSX.Element {
  const { at } = place;
  const [quick, setQuick] = useState(false);
  const [help, setHelp] = useState(false);
  const [platformShown, setPlatformShown] = useState(innerWidth >= 1200);
  const directory = useStable(directoryOf(snapshot));
  const known = useKnown(snapshot, control);
  const channel = useShownChannel(snapshot, at);
  const send = async (act: Parameters<Parameters<typeof PlatformPanel>[0]['send']>[0]): Promise<boolean> => {
    const answer = await postJson('/page/control', act);
    const result = answer.ok ? (answer.body as { readonly ok: boolean; readonly error?: string }) : answer;
    if (!result.ok) toast(result.error ?? 'That did not work.');
    return result.ok;
  };
  const become = (user: string): void =>
    go({ user, at: at.pane === 'thread' ? { pane: 'channel', channel: at.channel } : at });
  useShortcuts({
    quick: () => setQuick(true),
    help: () => setHelp(true),
    escape: () => at.pane === 'thread' && go({ user: place.user, at: { pane: 'channel', channel: at.channel } }),
  });
  useTitle(snapshot, channel?.name);
  useEffect(keepFocus, []);
  const view = snapshot.views.at(-1);
  return (
    <DirectoryContext.Provider value={directory}>
      <div
        class="app"
        data-pane={at.pane}
        data-platform={platformShown ? 'shown' : 'hidden'}
        data-thread={at.pane === 'thread' ? 'open' : 'closed'}
      >
        <SkipLinks thread={at.pane === 'thread'} />
        <TopBar
          snapshot={snapshot}
          people={control?.people ?? noPeople}
          onQuick={() => setQuick(true)}
          onSwitch={become}
          platformShown={platformShown}
          onPlatform={() => setPlatformShown(!platformShown)}
          onHelp={() => setHelp(true)}
        />
        <Warnings snapshot={snapshot} bot={control?.bot ?? null} online={online} />
        <div class="panes">
          <nav class="side" aria-label="Channels and people">
            <Sidebar snapshot={snapshot} at={at} shown={channel} />
            <Phone snapshot={snapshot} />
          </nav>
          <ChannelPane snapshot={snapshot} channel={channel} showsHome={at.pane === 'home'} known={known} />
          {at.pane === 'thread' && channel !== undefined && (
            <ThreadPane key={at.thread} channel={channel} ts={at.thread} me={snapshot.me.id} known={known} />
          )}
          <PlatformPanel control={control} online={controlOnline} send={send} onClose={() => setPlatformShown(false)} />
        </div>
        <PhoneTabs at={at} snapshot={snapshot} control={control} />
      </div>
      {view !== undefined && <Modal key={view.id} view={view} below={snapshot.views.length - 1} />}
      <Announcer channel={channel} thread={at.pane === 'thread' ? at.thread : null} />
      {help && <KeysHelp onClose={() => setHelp(false)} />}
      {quick && <QuickSwitch snapshot={snapshot} onClose={() => setQuick(false)} onSwitch={become} />}
    </DirectoryContext.Provider>
  );
}

/** For the keyboard: past the channels, straight to what one came for. Shown while they have the focus. */
function SkipLinks({ thread }: { readonly thread: boolean }): JSX.Element {
  const link = (part: string, words: string): JSX.Element => (
    <button type="button" class="skip" onClick={() => goToPart(part)}>
      {words}
    </button>
  );
  return (
    <div class="skips">
      {link('.centre', 'Skip to the messages')}
      {thread && link('.thread', 'Skip to the thread')}
      {link('.platform', 'Skip to the platform')}
    </div>
  );
}

/** The same object as long as nothing in it changes. */
function useStable<T>(value: T): T {
  const kept = useRef(value);
  kept.current = keepEqual(kept.current, value);
  return kept.current;
}

function useKnown(snapshot: PageSnapshot, control: ControlSnapshot | null): Known {
  return useStable({
    commands: snapshot.commands,
    users: snapshot.users,
    groups: snapshot.groups,
    services: [...new Set(control?.regions.flatMap((region) => region.deployments.map((one) => one.name)) ?? [])],
    regions: control?.regions.map((region) => region.region) ?? [],
  });
}

/** What the middle shows: the channel of the address, else the last one seen, else the first. */
function useShownChannel(snapshot: PageSnapshot, at: Place['at']): PageSnapshot['channels'][number] | undefined {
  const last = useRef<string | null>(null);
  if (at.pane === 'channel' || at.pane === 'thread') last.current = at.channel;
  return snapshot.channels.find((one) => one.id === last.current) ?? snapshot.channels[0];
}

function useTitle(snapshot: PageSnapshot, name: string | undefined): void {
  const mentions = snapshot.channels.reduce((sum, one) => sum + one.mentions, 0);
  const title = `${mentions > 0 ? `(${mentions}) ` : ''}${name ?? 'mlp-bot'} · ${snapshot.me.realName} · sandbox`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
