import type { Message, Notification } from './model.ts';
import { channelText, threadText } from './read.ts';
import { until } from './until.ts';
import type { Workspace } from './workspace.ts';

/** What tests ask of a workspace. */
export class Reader {
  readonly workspace: Workspace;

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /** A copy of a message as it is now; those of the other readers change when the bot edits. */
  seen(channel: string, ts: string): Message {
    const found = this.workspace.findAny(channel, ts);
    if (found === undefined) throw new Error(`no message ${ts} in ${channel}`);
    return structuredClone(found);
  }

  /** What is in a channel's history, oldest first; replies included. */
  messages(channel: string): readonly Message[] {
    return this.workspace.messagesOf(channel).filter((one) => one.onlyFor === null);
  }

  roots(channel: string): readonly Message[] {
    return this.messages(channel).filter((one) => one.threadTs === null);
  }

  replies(channel: string, ts: string): readonly Message[] {
    return this.workspace.replies(channel, ts);
  }

  ephemerals(user: string): readonly Message[] {
    return [...this.workspace.channels.keys()].flatMap((id) =>
      this.workspace.messagesOf(id).filter((one) => one.onlyFor === user),
    );
  }

  /** A thread as its readers see it; `viewer` adds what only they see. Messages are parted by `---`, buttons are `[Label]`. */
  thread(channel: string, ts: string, viewer?: string): string {
    return threadText(this.workspace, channel, ts, viewer);
  }

  channelText(channel: string, viewer?: string): string {
    return channelText(this.workspace, channel, viewer);
  }

  /** What a phone shows, oldest first. Edits ring none. */
  lockScreen(user: string): readonly Notification[] {
    return this.workspace.notifications.filter((one) => one.user === user);
  }

  /** Resolves when `check` gives something; else rejects after `limitMs`, naming `what`. */
  until<T>(check: () => T | undefined | null | false, what = 'it', limitMs = 5_000): Promise<T> {
    return until(this.workspace, check, what, limitMs);
  }
}
