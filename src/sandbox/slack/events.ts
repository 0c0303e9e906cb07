import { randomUUID } from 'node:crypto';
import type { Happening, Json, Message } from './model.ts';
import { wireMessage, wireView } from './wire.ts';
import type { Workspace } from './workspace.ts';

interface Subscribed {
  /** The name in the manifest's `bot_events`. */
  readonly name: string;
  readonly event: Json;
}

function channelType(ws: Workspace, channel: string): { readonly name: string; readonly type: string } {
  const kind = ws.channels.get(channel)?.kind ?? 'channel';
  if (kind === 'dm') return { name: 'message.im', type: 'im' };
  return kind === 'private' ? { name: 'message.groups', type: 'group' } : { name: 'message.channels', type: 'channel' };
}

export function mentionsUser(message: Message, user: string): boolean {
  return message.text.includes(`<@${user}>`) || message.text.includes(`<@${user}|`);
}

interface Link {
  readonly domain: string;
  readonly url: string;
}

function linksIn(text: string, domains: readonly string[]): readonly Link[] {
  const urls = [...text.matchAll(/https?:[^\s<>|]+/g)].map(([url]) => url).filter((url) => URL.canParse(url));
  return urls.flatMap((url) => {
    const { hostname } = new URL(url);
    const domain = domains.find((one) => hostname === one || hostname.endsWith(`.${one}`));
    return domain === undefined ? [] : [{ domain, url }];
  });
}

function linkShared(ws: Workspace, message: Message, links: readonly Link[]): Json {
  return {
    type: 'link_shared',
    user: message.user,
    channel: message.channel,
    message_ts: message.ts,
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    links,
    unfurl_id: `${message.channel}-${message.ts}`,
    source: 'conversations_history',
    is_bot_user_member: true,
    event_ts: ws.nextTs(),
  };
}

function posted(ws: Workspace, message: Message): readonly Subscribed[] {
  const { botUser } = ws.seed.app;
  if (message.onlyFor !== null || !(ws.channels.get(message.channel)?.members.includes(botUser) ?? false)) return [];
  const { name, type } = channelType(ws, message.channel);
  const { metadata: _, ...wire } = wireMessage(ws, message);
  const both = {
    ...wire,
    channel: message.channel,
    event_ts: message.ts,
    ...(message.botId === null ? { client_msg_id: randomUUID() } : {}),
  };
  const out: Subscribed[] = [{ name, event: { ...both, channel_type: type } }];
  // In direct messages there is no app_mention.
  if (message.user !== botUser && type !== 'im' && mentionsUser(message, botUser))
    out.push({ name: 'app_mention', event: { ...both, type: 'app_mention' } });
  const links = linksIn(message.text, ws.seed.app.unfurlDomains);
  if (message.user !== botUser && links.length > 0)
    out.push({ name: 'link_shared', event: linkShared(ws, message, links) });
  return out;
}

function changed(
  ws: Workspace,
  message: Message,
  subtype: 'message_changed' | 'message_deleted',
  before: Message,
): readonly Subscribed[] {
  if (message.onlyFor !== null || !(ws.channels.get(message.channel)?.members.includes(ws.seed.app.botUser) ?? false))
    return [];
  const { name, type } = channelType(ws, message.channel);
  const ts = ws.nextTs();
  const previous = wireMessage(ws, before);
  const what =
    subtype === 'message_changed'
      ? { message: wireMessage(ws, message), previous_message: previous }
      : { deleted_ts: message.ts, previous_message: previous };
  return [
    {
      name,
      event: {
        type: 'message',
        subtype,
        hidden: true,
        ...what,
        channel: message.channel,
        channel_type: type,
        ts,
        event_ts: ts,
      },
    },
  ];
}

function reacted(ws: Workspace, what: Extract<Happening, { kind: 'reacted' }>): readonly Subscribed[] {
  const { message, user, name, added } = what;
  if (message.onlyFor !== null) return [];
  const type = added ? 'reaction_added' : 'reaction_removed';
  const item = { type: 'message', channel: message.channel, ts: message.ts };
  return [{ name: type, event: { type, user, reaction: name, item, item_user: message.user, event_ts: ws.nextTs() } }];
}

function groupChanged(ws: Workspace, what: Extract<Happening, { kind: 'group-changed' }>): readonly Subscribed[] {
  const event = {
    type: 'subteam_members_changed',
    subteam_id: what.group,
    team_id: ws.seed.team.id,
    date_previous_update: 1_700_000_000,
    date_update: Math.floor(ws.clock.nowMs() / 1000),
    added_users: what.added,
    added_users_count: what.added.length,
    removed_users: what.removed,
    removed_users_count: what.removed.length,
    event_ts: ws.nextTs(),
  };
  return [{ name: 'subteam_members_changed', event }];
}

function simple(ws: Workspace, type: string, more: Json): readonly Subscribed[] {
  return [{ name: type, event: { type, ...more, event_ts: ws.nextTs() } }];
}

/** What an app that subscribed would hear of this. */
export function eventsOf(ws: Workspace, what: Happening): readonly Subscribed[] {
  switch (what.kind) {
    case 'posted':
      return posted(ws, what.message);
    case 'edited':
      return changed(ws, what.message, 'message_changed', what.before);
    case 'deleted':
      return changed(ws, what.message, 'message_deleted', what.message);
    case 'reacted':
      return reacted(ws, what);
    case 'group-changed':
      return groupChanged(ws, what);
    case 'joined': {
      const { user, channel } = what;
      return simple(ws, 'member_joined_channel', { user, channel, channel_type: 'C', team: ws.seed.team.id });
    }
    case 'file-shared': {
      const { file, channel, user } = what;
      return simple(ws, 'file_shared', { channel_id: channel, file_id: file, user_id: user, file: { id: file } });
    }
    case 'home-opened': {
      const home = ws.homes.get(what.user);
      const view = home === undefined ? {} : { view: wireView(ws, home) };
      return simple(ws, 'app_home_opened', { user: what.user, channel: what.channel, tab: 'home', ...view });
    }
    case 'other':
      return [];
  }
}

/** The envelope that every event comes in. */
export function eventEnvelope(ws: Workspace, event: Json): Json {
  const { app, team } = ws.seed;
  return {
    token: app.verificationToken,
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: app.appId,
    event,
    type: 'event_callback',
    event_id: ws.newId('Ev'),
    event_time: Math.floor(ws.clock.nowMs() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: app.botUser, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${ws.newId('')}`,
  };
}
