/**
 * What the sandbox's page and the local Slack say to each other: types only.
 *
 * | request                              | answer |
 * |---|---|
 * | `GET /page/state?user=U…`            | one `PageSnapshot` |
 * | `GET /page/events?user=U…`           | server-sent events: `event: snapshot`, `data: PageSnapshot`; first at once, then after each change (coalesced to one per 60 ms); `: ping` each 15 s |
 * | `POST /page/act`, JSON `PageActRequest` | `PageActResult`, status 200; it answers when the bot has acknowledged (at most 3 s, Slack's own limit) |
 * | `GET /page/files/<id>`               | the bytes of a file that was uploaded |
 *
 * Only the page itself may ask: `Host` must be a loopback name and `Origin`, where a browser sends one, the same origin;
 * else 403 with `{"error":"…"}`. POST needs `content-type: application/json`. A user id that is unknown gets 404.
 * `chat.getPermalink` answers `/archives/<channel>/p<ts without its dot>[?thread_ts=…&cid=…]` on this server: the page is
 * expected to open the message there.
 *
 * Snapshots are complete, so a page that reconnects has nothing to catch up with. All `ts` are Slack's strings
 * ("1718000000.000100"), unique in a channel and the key of a message; times in ms are Unix epoch.
 */

/** A block, element or composition object as the bot sent it; see Slack's Block Kit reference. Unknown types may occur: show the fallback text. */
export interface PageBlock {
  readonly type: string;
  readonly block_id?: string;
  readonly [key: string]: unknown;
}

export interface PageUser {
  readonly id: string;
  /** Slack handle, "sana". */
  readonly name: string;
  /** What people read, "Sana Okafor". */
  readonly realName: string;
  /** One line on who this is in the sandbox: "on call", "approver", … */
  readonly role: string;
  /** CSS colour for the avatar; its initials are made from `realName`. */
  readonly colour: string;
  readonly kind: 'person' | 'guest' | 'bot' | 'deactivated';
  /** May the page be this user? Bots and deactivated users not. */
  readonly playable: boolean;
  readonly groups: readonly string[];
}

export interface PageGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

export interface PageReaction {
  /** Emoji name without colons. */
  readonly name: string;
  readonly users: readonly string[];
}

export interface PageFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly size: number;
  /** Path on this server. */
  readonly url: string;
  readonly altText: string;
}

export interface PageMessage {
  readonly channel: string;
  readonly ts: string;
  /** User id of the author; the bot has one too. `USLACKBOT` speaks for Slack itself. */
  readonly user: string;
  /** Fallback text; what to show when `blocks` is empty. Slack mrkdwn. */
  readonly text: string;
  readonly blocks: readonly PageBlock[];
  readonly attachments: readonly {
    readonly color?: string;
    readonly text?: string;
    readonly blocks?: readonly PageBlock[];
    readonly [key: string]: unknown;
  }[];
  readonly files: readonly PageFile[];
  readonly threadTs: string | null;
  /** "Only visible to you". */
  readonly ephemeral: boolean;
  readonly edited: boolean;
  /** A reply also sent to the channel. */
  readonly broadcast: boolean;
  readonly reactions: readonly PageReaction[];
  /** Roots only: what the "3 replies" line needs. */
  readonly replyCount: number;
  readonly replyUsers: readonly string[];
  readonly latestReply: string | null;
  /** Replies newer than what this user has read, in threads that they follow. */
  readonly unreadReplies: number;
  /** Does it mention the viewing user (directly, by group, @here, @channel)? */
  readonly mentionsMe: boolean;
}

export interface PageChannel {
  readonly id: string;
  /** Without "#"; for a direct message the other person's real name. */
  readonly name: string;
  readonly kind: 'channel' | 'private' | 'dm';
  readonly topic: string;
  readonly members: readonly string[];
  /** For a dm. */
  readonly withUser: string | null;
  readonly unread: number;
  readonly mentions: number;
  readonly lastReadTs: string;
  /** Oldest first, at most the last 200 top-level messages, ephemerals of the viewer and broadcast replies in place. */
  readonly messages: readonly PageMessage[];
  /** By root ts: replies, oldest first, without the root. */
  readonly threads: Readonly<Record<string, readonly PageMessage[]>>;
}

/** An open modal. The last of `views` is on top; the others wait below it. */
export interface PageView {
  readonly id: string;
  readonly hash: string;
  readonly callbackId: string;
  readonly title: string;
  readonly submit: string | null;
  readonly close: string;
  readonly blocks: readonly PageBlock[];
  /** By block id: the text under an input, from the bot or the client's own "required" rule. Cleared by the next update. */
  readonly errors: Readonly<Record<string, string>>;
  /** The last submission got no answer: show "We had some trouble connecting. Try again?" */
  readonly trouble: boolean;
}

/** One line on the phone's lock screen. Only new posts make one; edits never do. */
export interface PageNotification {
  readonly id: string;
  readonly atMs: number;
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  readonly from: string;
  /** "#ml-platform" or the person. */
  readonly title: string;
  /** Plain text, mentions resolved: the message's `text`, never its blocks. */
  readonly body: string;
  readonly why: 'mention' | 'direct' | 'channel' | 'thread';
}

export interface PageCommand {
  /** "/mlp". */
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  /** Completions below the command: "diagnose", … with a hint each. */
  readonly words: readonly { readonly word: string; readonly hint: string }[];
}

export interface PageShortcut {
  readonly callbackId: string;
  readonly name: string;
  readonly kind: 'message' | 'global';
  readonly description: string;
}

export interface PageSnapshot {
  /** Grows with every change; a lower one than the last seen means that the sandbox was restarted. */
  readonly revision: number;
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly me: PageUser;
  readonly users: readonly PageUser[];
  readonly groups: readonly PageGroup[];
  readonly channels: readonly PageChannel[];
  readonly views: readonly PageView[];
  readonly home: { readonly blocks: readonly PageBlock[] } | null;
  /** Newest first, at most 50. */
  readonly notifications: readonly PageNotification[];
  readonly commands: readonly PageCommand[];
  readonly shortcuts: readonly PageShortcut[];
  /** Is the bot reachable: sockets open in Socket Mode; in HTTP mode whether the last delivery was answered. */
  readonly bot: {
    readonly user: string;
    readonly mode: 'socket' | 'http';
    readonly connected: boolean;
    readonly connections: number;
  };
  /** Faults of Slack itself that are on, as sentences. */
  readonly faults: readonly string[];
  /** Protocol mistakes of the bot, newest first, at most 20. */
  readonly errors: readonly { readonly atMs: number; readonly what: string }[];
}

/** What a click on an element says. Give what fits the element's type; strings are values, not labels. */
export interface PageElementValue {
  readonly selectedOption?: string;
  readonly selectedOptions?: readonly string[];
  readonly selectedUser?: string;
  readonly selectedUsers?: readonly string[];
  readonly selectedConversation?: string;
  readonly selectedChannel?: string;
  readonly selectedDate?: string;
  readonly selectedTime?: string;
  readonly selectedDateTime?: number;
  readonly value?: string;
}

/** What stands in a modal's fields now, block id to action id. Fields left out keep their initial value. */
export type PageViewValues = Readonly<Record<string, Readonly<Record<string, PageElementValue>>>>;

export type PageAct =
  /** The text may start with "/" (then it is a command) or not. `threadTs` where the composer is a thread's. */
  | { readonly kind: 'say'; readonly channel: string; readonly text: string; readonly threadTs?: string }
  | { readonly kind: 'command'; readonly channel: string; readonly text: string; readonly threadTs?: string }
  /** Any interactive element of a message: button, select, overflow, … */
  | {
      readonly kind: 'press';
      readonly channel: string;
      readonly ts: string;
      readonly blockId: string;
      readonly actionId: string;
      readonly value?: PageElementValue;
    }
  /** The same in a modal or on the Home tab (`viewId: 'home'`). */
  | {
      readonly kind: 'pressInView';
      readonly viewId: string;
      readonly blockId: string;
      readonly actionId: string;
      readonly value?: PageElementValue;
      readonly values?: PageViewValues;
    }
  | { readonly kind: 'submit'; readonly viewId: string; readonly values: PageViewValues }
  /** `all`: the X of a stack closes every view; else only the top one ("Cancel", Escape). */
  | { readonly kind: 'close'; readonly viewId: string; readonly all?: boolean }
  | { readonly kind: 'shortcut'; readonly callbackId: string; readonly channel?: string; readonly ts?: string }
  | {
      readonly kind: 'react';
      readonly channel: string;
      readonly ts: string;
      readonly name: string;
      readonly remove?: boolean;
    }
  | { readonly kind: 'openHome' }
  | { readonly kind: 'openDm'; readonly withUser: string }
  /** `threadTs` marks a thread, else the channel up to `ts`. */
  | { readonly kind: 'markRead'; readonly channel: string; readonly ts: string; readonly threadTs?: string }
  | { readonly kind: 'dismissEphemeral'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'clearNotifications' }
  /** Options of an external select while typing. */
  | {
      readonly kind: 'suggest';
      readonly where: { readonly channel: string; readonly ts: string } | { readonly viewId: string };
      readonly blockId: string;
      readonly actionId: string;
      readonly typed: string;
    };

export interface PageActRequest {
  readonly user: string;
  readonly act: PageAct;
}

export interface PageOption {
  readonly label: string;
  readonly value: string;
}

export type PageActResult =
  /** Done. `ts` of what was said; `channel` of a dm that was opened; `options` of suggest. */
  | { readonly ok: true; readonly ts?: string; readonly channel?: string; readonly options?: readonly PageOption[] }
  /** A submission that the bot or the client refused: the fields' errors are in the snapshot's view too. */
  | { readonly ok: false; readonly kind: 'fields'; readonly errors: Readonly<Record<string, string>> }
  /** The bot did not acknowledge in time or could not be reached. The sentence that Slack shows; where it shows it as an ephemeral, it is in the snapshot too. */
  | { readonly ok: false; readonly kind: 'bot'; readonly error: string }
  /** The act itself was impossible (no such message, button, view), or the person may not do it. */
  | { readonly ok: false; readonly kind: 'act'; readonly error: string };
