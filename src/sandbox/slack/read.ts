import type { Message } from './model.ts';
import { messageText } from './mrkdwn.ts';
import type { Workspace } from './workspace.ts';

function shown(ws: Workspace, message: Message): string {
  const author = ws.people.get(message.user)?.realName ?? message.user;
  const only =
    message.onlyFor === null ? '' : ` (only ${ws.people.get(message.onlyFor)?.realName ?? message.onlyFor} sees)`;
  return `${author}${only}: ${messageText(ws, message)}`;
}

function visible(message: Message, viewer: string | undefined): boolean {
  return message.onlyFor === null || message.onlyFor === viewer;
}

/** Messages are parted by `---`; buttons stand as `[Label]`. */
export function threadText(ws: Workspace, channel: string, ts: string, viewer?: string): string {
  const all = ws.messagesOf(channel).filter((one) => (one.ts === ts || one.threadTs === ts) && visible(one, viewer));
  return all.map((one) => shown(ws, one)).join('\n---\n');
}

export function channelText(ws: Workspace, channel: string, viewer?: string): string {
  const all = ws.messagesOf(channel).filter((one) => (one.threadTs === null || one.broadcast) && visible(one, viewer));
  return all
    .map((one) => {
      const count = ws.replies(channel, one.ts).length;
      return count === 0 ? shown(ws, one) : `${shown(ws, one)}\n(${count} ${count === 1 ? 'reply' : 'replies'})`;
    })
    .join('\n---\n');
}
