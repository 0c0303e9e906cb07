import type { Channel, Json, Message, Notification, Person, ViewRecord } from './model.ts';
import { follows, mentions } from './notifications.ts';
import type {
  PageBlock,
  PageChannel,
  PageFile,
  PageMessage,
  PageNotification,
  PageSnapshot,
  PageUser,
  PageView,
} from './page-api.ts';
import { asString, isObject } from './shape.ts';
import type { Workspace } from './workspace.ts';

const mostMessages = 200;

export interface SnapshotExtras {
  readonly bot: PageSnapshot['bot'];
  readonly faults: readonly string[];
  readonly errors: PageSnapshot['errors'];
}

function pageUser(ws: Workspace, person: Person): PageUser {
  const playable = person.kind === 'person' || person.kind === 'guest';
  const { id, name, realName, role, colour, kind } = person;
  return { id, name, realName, role, colour, kind, playable, groups: ws.groupsOf(id).map((one) => one.id) };
}

function blocks(list: readonly Json[]): readonly PageBlock[] {
  return list.map((one) => ({ ...one, type: String(one['type']) }));
}

function file(ws: Workspace, id: string): PageFile[] {
  const found = ws.files.get(id);
  if (found === undefined) return [];
  const { name, title, mimetype, length, altText } = found;
  return [{ id, name, title, mimetype, size: length, url: `/page/files/${id}`, altText }];
}

function pageMessage(ws: Workspace, message: Message, me: string): PageMessage {
  const isRoot = message.threadTs === null && message.onlyFor === null;
  const replies = isRoot ? ws.replies(message.channel, message.ts) : [];
  const read = ws.lastRead(me, message.channel, message.ts);
  const following = replies.length > 0 && follows(ws, message.channel, message.ts, me);
  return {
    channel: message.channel,
    ts: message.ts,
    user: message.user,
    text: message.text,
    blocks: blocks(message.blocks),
    attachments: message.attachments,
    files: message.files.flatMap((id) => file(ws, id)),
    threadTs: message.threadTs,
    ephemeral: message.onlyFor !== null,
    edited: message.editedTs !== null,
    broadcast: message.broadcast,
    reactions: message.reactions,
    replyCount: replies.length,
    replyUsers: [...new Set(replies.map((one) => one.user))].slice(0, 5),
    latestReply: replies.at(-1)?.ts ?? null,
    unreadReplies: following ? replies.filter((one) => one.ts > read && one.user !== me).length : 0,
    mentionsMe: mentions(ws, message, me),
  };
}

function pageChannel(ws: Workspace, channel: Channel, me: string): PageChannel {
  const mine = ws.messagesOf(channel.id).filter((one) => one.onlyFor === null || one.onlyFor === me);
  const top = mine.filter((one) => one.threadTs === null || one.broadcast).slice(-mostMessages);
  const shown = new Set(top.map((one) => one.ts));
  const threads: Record<string, PageMessage[]> = {};
  for (const one of mine)
    if (one.threadTs !== null && shown.has(one.threadTs)) (threads[one.threadTs] ??= []).push(pageMessage(ws, one, me));
  const read = ws.lastRead(me, channel.id, null);
  const unread = top.filter((one) => one.ts > read && one.user !== me && one.onlyFor === null);
  const other = channel.kind === 'dm' ? (channel.members.find((one) => one !== me) ?? null) : null;
  return {
    id: channel.id,
    name: other === null ? channel.name : ws.person(other).realName,
    kind: channel.kind,
    topic: channel.topic,
    members: channel.members,
    withUser: other,
    unread: unread.length,
    mentions: unread.filter((one) => channel.kind === 'dm' || mentions(ws, one, me)).length,
    lastReadTs: read,
    messages: top.map((one) => pageMessage(ws, one, me)),
    threads,
  };
}

function plain(value: unknown, otherwise: string): string {
  return isObject(value) && typeof value['text'] === 'string' ? value['text'] : otherwise;
}

function pageView(view: ViewRecord): PageView {
  return {
    id: view.id,
    hash: view.hash,
    callbackId: asString(view.body['callback_id']),
    title: plain(view.body['title'], ''),
    submit: view.body['submit'] === undefined ? null : plain(view.body['submit'], 'Submit'),
    close: plain(view.body['close'], 'Close'),
    blocks: blocks(view.blocks),
    errors: view.errors,
    trouble: view.trouble,
  };
}

function pageNotification(one: Notification): PageNotification {
  const { id, atMs, channel, ts, threadTs, from, title, body, why } = one;
  return { id, atMs, channel, ts, threadTs, from, title, body, why };
}

/** Everything one person sees. */
export function snapshotFor(ws: Workspace, me: string, extras: SnapshotExtras): PageSnapshot {
  const home = ws.homes.get(me);
  return {
    revision: ws.revision,
    team: ws.seed.team,
    me: pageUser(ws, ws.person(me)),
    users: [...ws.people.values()].map((one) => pageUser(ws, one)),
    groups: [...ws.groups.values()].map(({ id, handle, name, users }) => ({ id, handle, name, users })),
    channels: [...ws.channels.values()]
      .filter((one) => one.members.includes(me) && !one.archived)
      .map((one) => pageChannel(ws, one, me)),
    views: (ws.stacks.get(me) ?? []).flatMap((id) => ws.views.get(id) ?? []).map(pageView),
    home: home === undefined ? null : { blocks: blocks(home.blocks) },
    notifications: ws.notifications
      .filter((one) => one.user === me)
      .slice(-50)
      .toReversed()
      .map(pageNotification),
    commands: ws.seed.app.commands.map(({ command, description, usageHint, words }) => ({
      command,
      description,
      usageHint,
      words,
    })),
    shortcuts: ws.seed.app.shortcuts,
    ...extras,
  };
}
