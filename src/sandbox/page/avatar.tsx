import type { JSX } from 'preact';
import type { PageUser } from '../slack/page-api.ts';

export function Avatar({
  user,
  small = false,
}: {
  readonly user: PageUser | undefined;
  readonly small?: boolean;
}): JSX.Element {
  const name = user?.realName ?? '?';
  const initials = name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase();
  return (
    <span
      class={`avatar${small ? ' avatar-small' : ''}${user?.kind === 'bot' ? ' avatar-bot' : ''}`}
      style={{ backgroundColor: user?.colour ?? '#666' }}
      aria-hidden="true"
    >
      {user?.kind === 'bot' ? user.name.slice(0, 3) : initials}
    </span>
  );
}
