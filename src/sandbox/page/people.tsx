import type { JSX } from 'preact';
import type { PageSnapshot } from '../slack/page-api.ts';
import type { ControlSnapshot } from '../control-api.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { Menu } from './menu.tsx';

interface SwitchProps {
  readonly snapshot: PageSnapshot;
  readonly people: ControlSnapshot['people'];
  readonly onSwitch: (user: string) => void;
}

/** "You are now: …": every playable person, with what each has not read. */
export function PersonSwitch({ snapshot, people, onSwitch }: SwitchProps): JSX.Element {
  const { me } = snapshot;
  const counts = (id: string): JSX.Element | null => {
    const found = people.find((one) => one.user === id);
    if (found === undefined || found.unread === 0) return null;
    return (
      <span class={found.mentions > 0 ? 'badge' : 'badge quiet'}>
        {found.mentions > 0 ? `${found.mentions} for them` : `${found.unread} new`}
      </span>
    );
  };
  const items = snapshot.users
    .filter((user) => user.playable)
    .map((user) => ({
      id: user.id,
      words: `${user.realName} ${user.role}`,
      chosen: user.id === me.id,
      label: (
        <span class="person">
          <Avatar small user={user} />
          <span class="person-name">{user.realName}</span>
          {counts(user.id)}
        </span>
      ),
      hint: user.role,
    }));
  const others = people.filter((one) => one.user !== me.id && one.mentions > 0).length;
  return (
    <Menu
      class="you"
      kind="listbox"
      label={`You are now ${me.realName}, ${me.role}. Change person${others > 0 ? `. Others who are wanted: ${others}` : ''}`}
      items={items}
      onPick={onSwitch}
    >
      <Avatar small user={me} />
      <span class="you-words">
        <small>You are now</small>
        <strong>{me.realName}</strong>
        <small class="you-role">{me.role}</small>
      </span>
      {others > 0 && (
        <span class="badge" title="Other people who are wanted">
          {others}
        </span>
      )}
      <Icon name="chevron" />
    </Menu>
  );
}
