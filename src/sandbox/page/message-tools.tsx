import type { JSX } from 'preact';
import type { PageMessage } from '../slack/page-api.ts';
import { Icon } from './icons.tsx';
import { Menu, type MenuItem } from './menu.tsx';
import { emojiWords } from './emoji.ts';
import { offered } from './pictures.tsx';
import { formatPlace } from './place.ts';
import { useDirectory, useSession, type Directory } from './session.ts';
import { usePending } from './surface.ts';
import { Emoji } from './text.tsx';

/** What one can do with a message: react, answer in its thread, and the shortcuts of the app. */
export function MessageTools({
  message,
  inThread,
}: {
  readonly message: PageMessage;
  readonly inThread: boolean;
}): JSX.Element {
  const session = useSession();
  const { shortcuts, me } = useDirectory();
  const [pending, run] = usePending();
  const { channel, ts } = message;
  const more = moreItems(shortcuts);
  const pick = (id: string): void => {
    if (id === 'thread') session.go({ pane: 'thread', channel, thread: message.threadTs ?? ts });
    else if (id.startsWith('react:')) void session.act({ kind: 'react', channel, ts, name: id.slice(6) });
    else if (id === 'link')
      void navigator.clipboard.writeText(linkTo(me.id, channel, message.threadTs ?? ts)).then(
        () => session.toast('Link copied.'),
        () => session.toast('The browser does not allow copying.'),
      );
    else
      run(async () =>
        tell(await session.act({ kind: 'shortcut', callbackId: id.slice('shortcut:'.length), channel, ts })),
      );
  };
  const tell = (result: Awaited<ReturnType<typeof session.act>>): void => {
    if (!result.ok && result.kind === 'bot') session.toast(result.error);
  };
  return (
    <div class={pending ? 'tools pending' : 'tools'}>
      <Menu
        class="tool"
        kind="menu"
        label="Add a reaction"
        data={{ 'data-react': '' }}
        items={offered.map((name) => ({
          id: name,
          label: (
            <>
              <Emoji name={name} /> {emojiWords(name)}
            </>
          ),
          words: emojiWords(name),
        }))}
        onPick={(name) => void session.act({ kind: 'react', channel, ts, name })}
      >
        <Icon name="smile" />
      </Menu>
      {!inThread && (
        <button type="button" class="tool" aria-label="Reply in thread" onClick={() => pick('thread')}>
          <Icon name="thread" />
        </button>
      )}
      <Menu class="tool" kind="menu" label="More about this message" items={more} onPick={pick} busy={pending}>
        <Icon name="more" />
      </Menu>
    </div>
  );
}

/** On a touch screen some reactions stand in the menu: a message that follows on has no room for their button. */
const quickReactions = 4;

function reactionItem(name: string): MenuItem {
  const words = `React with ${emojiWords(name)}`;
  const label = (
    <>
      <Emoji name={name} /> {words}
    </>
  );
  return { id: `react:${name}`, label, words, group: 'React' };
}

/** The app's shortcuts, then what every message offers. */
function moreItems(shortcuts: Directory['shortcuts']): readonly MenuItem[] {
  return [
    ...shortcuts
      .filter((one) => one.kind === 'message')
      .map((one) => ({
        id: `shortcut:${one.callbackId}`,
        label: one.name,
        words: one.name,
        hint: one.description,
        group: 'mlp',
      })),
    { id: 'thread', label: 'Reply in thread', words: 'reply in thread', group: 'Message' },
    { id: 'link', label: 'Copy link', words: 'copy link', group: 'Message' },
    ...(matchMedia('(hover: none)').matches ? offered.slice(0, quickReactions).map(reactionItem) : []),
  ];
}

function linkTo(user: string, channel: string, thread: string): string {
  return `${location.origin}/${formatPlace({ user, at: { pane: 'thread', channel, thread } })}`;
}
