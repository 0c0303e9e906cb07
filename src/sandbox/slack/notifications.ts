import type { Message, Notification, Person } from './model.ts';
import { readable } from './mrkdwn.ts';
import type { Workspace } from './workspace.ts';

/** Is this person meant: by name, by a group, or by one of Slack's broadcasts? */
export function mentions(ws: Workspace, message: Message, user: string): boolean {
  const all = message.blocks.length === 0 ? message.text : `${message.text} ${JSON.stringify(message.blocks)}`;
  if (all.includes(`<@${user}>`) || all.includes(`<@${user}|`)) return true;
  if (/<!(here|channel|everyone)(\|[^>]*)?>/.test(all)) return true;
  return ws.groupsOf(user).some((group) => all.includes(`<!subteam^${group.id}`));
}

function mentionedByName(message: Message, user: string): boolean {
  const all = `${message.text} ${JSON.stringify(message.blocks)}`;
  return all.includes(`<@${user}>`) || all.includes(`<@${user}|`);
}

function threadKey(channel: string, threadTs: string): string {
  return `${channel}|${threadTs}`;
}

/** Who follows a thread: its author, who replied, who was named in it when it was posted. A group's mention makes no followers, an edit neither. */
export function follows(ws: Workspace, channel: string, threadTs: string, user: string): boolean {
  return ws.followers.get(threadKey(channel, threadTs))?.has(user) ?? false;
}

function followWith(ws: Workspace, message: Message): void {
  const key = threadKey(message.channel, message.threadTs ?? message.ts);
  const followers = ws.followers.get(key) ?? new Set<string>();
  followers.add(message.user);
  for (const id of ws.people.keys()) if (mentionedByName(message, id)) followers.add(id);
  ws.followers.set(key, followers);
}

function reason(ws: Workspace, message: Message, person: Person): Notification['why'] | null {
  if (ws.channels.get(message.channel)?.kind === 'dm') return 'direct';
  if (mentions(ws, message, person.id)) return 'mention';
  if (message.threadTs !== null) return follows(ws, message.channel, message.threadTs, person.id) ? 'thread' : null;
  return person.notify === 'first-posts' ? 'channel' : null;
}

const most = 500;

/** A new post rings the phones that it concerns. Edits, ephemerals and one's own words ring none. */
export function notify(ws: Workspace, message: Message): void {
  if (message.onlyFor !== null) return;
  followWith(ws, message);
  const channel = ws.channels.get(message.channel);
  for (const id of channel?.members ?? []) {
    const person = ws.people.get(id);
    if (person === undefined || id === message.user || person.kind === 'bot' || person.kind === 'deactivated') continue;
    const why = reason(ws, message, person);
    if (why === null) continue;
    const from = ws.person(message.user).realName;
    ws.notifications.push({
      id: ws.newId('N'),
      atMs: ws.clock.nowMs(),
      user: id,
      channel: message.channel,
      ts: message.ts,
      threadTs: message.threadTs,
      from: message.user,
      title: channel?.kind === 'dm' ? from : `#${channel?.name ?? ''}`,
      body: readable(ws, message.text),
      why,
    });
  }
  if (ws.notifications.length > most) ws.notifications.splice(0, ws.notifications.length - most);
}
