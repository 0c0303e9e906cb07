import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PageSnapshot } from '../slack/page-api.ts';
import { Dialog } from './dialog.tsx';
import type { Place } from './place.ts';
import { useSession } from './session.ts';

interface Target {
  readonly label: string;
  readonly hint: string;
  readonly open: () => void;
}

interface QuickProps {
  readonly snapshot: PageSnapshot;
  readonly onClose: () => void;
  readonly onSwitch: (user: string) => void;
}

/** Ctrl/Cmd+K: go to a channel, to a person, or become one. */
export function QuickSwitch({ snapshot, onClose, onSwitch }: QuickProps): JSX.Element {
  const targets = useTargets(snapshot, onSwitch);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = targets.filter((one) => one.label.toLowerCase().includes(typed.toLowerCase())).slice(0, 9);
  const take = (one: Target | undefined): void => {
    if (one === undefined) return;
    onClose();
    one.open();
  };
  const keys = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setAt((at + step + found.length) % found.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(found[at]);
    }
  };
  return (
    <Dialog label="Go to" class="quick" onClose={onClose}>
      <input
        class="field"
        type="text"
        autofocus
        role="combobox"
        aria-label="Channel or person"
        aria-expanded="true"
        aria-controls="quick-list"
        aria-activedescendant={`quick-${at}`}
        placeholder="Channel or person…"
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <div id="quick-list" role="listbox" aria-label="Places">
        {found.map((one, index) => (
          <div
            key={one.label}
            id={`quick-${index}`}
            role="option"
            class="item"
            aria-selected={index === at}
            onClick={() => take(one)}
          >
            <span>{one.label}</span>
            <small>{one.hint}</small>
          </div>
        ))}
        {found.length === 0 && <div class="popup-none">Nothing found</div>}
      </div>
    </Dialog>
  );
}

function useTargets(snapshot: PageSnapshot, onSwitch: (user: string) => void): readonly Target[] {
  const session = useSession();
  const go = (at: Place['at']) => (): void => session.go(at);
  const rooms = snapshot.channels
    .filter((one) => one.kind !== 'dm')
    .map((one) => ({
      label: `#${one.name}`,
      hint: one.unread > 0 ? `${one.unread} new` : 'channel',
      open: go({ pane: 'channel', channel: one.id }),
    }));
  const write = (user: string) => (): void => {
    void session
      .act({ kind: 'openDm', withUser: user })
      .then(
        (result) =>
          result.ok && result.channel !== undefined && session.go({ pane: 'channel', channel: result.channel }),
      );
  };
  const others = snapshot.users.filter((user) => user.playable && user.id !== snapshot.me.id);
  return [
    ...rooms,
    { label: 'Home of the bot', hint: 'app', open: go({ pane: 'home' }) },
    ...others.map((user) => ({ label: `Be ${user.realName}`, hint: user.role, open: () => onSwitch(user.id) })),
    ...others.map((user) => ({ label: `Write to ${user.realName}`, hint: 'direct message', open: write(user.id) })),
  ];
}
