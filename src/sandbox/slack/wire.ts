import type { Channel, Json, Message, Person, StoredFile, ViewRecord } from './model.ts';
import type { Workspace } from './workspace.ts';

/** The workspace's things as Slack's Web API and events show them. */
export function wireMessage(
  ws: Workspace,
  message: Message,
  options: { readonly metadata: boolean } = { metadata: true },
): Json {
  const { app, team } = ws.seed;
  const replies = message.threadTs === null ? ws.replies(message.channel, message.ts) : [];
  const out: Record<string, unknown> = {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: team.id,
  };
  if (message.subtype !== null) out['subtype'] = message.subtype;
  if (message.botId !== null) {
    out['bot_id'] = message.botId;
    out['app_id'] = app.appId;
    out['bot_profile'] = {
      id: message.botId,
      app_id: app.appId,
      name: message.username ?? app.name,
      deleted: false,
      team_id: team.id,
    };
  }
  if (message.username !== null) out['username'] = message.username;
  if (message.blocks.length > 0) out['blocks'] = message.blocks;
  if (message.attachments.length > 0) out['attachments'] = message.attachments;
  if (message.metadata !== null && options.metadata) out['metadata'] = message.metadata;
  if (message.files.length > 0)
    out['files'] = message.files.flatMap((id) =>
      ws.files.has(id) ? [wireFile(ws, ws.files.get(id) as StoredFile)] : [],
    );
  if (message.threadTs !== null) out['thread_ts'] = message.threadTs;
  if (message.editedTs !== null) out['edited'] = { user: message.user, ts: message.editedTs };
  if (message.reactions.length > 0)
    out['reactions'] = message.reactions.map((one) => ({ name: one.name, users: one.users, count: one.users.length }));
  if (replies.length > 0) {
    const users = [...new Set(replies.map((one) => one.user))];
    Object.assign(out, {
      thread_ts: message.ts,
      reply_count: replies.length,
      reply_users_count: users.length,
      latest_reply: replies.at(-1)?.ts,
      reply_users: users.slice(0, 5),
      is_locked: false,
      subscribed: replies.some((one) => one.user === app.botUser) || message.user === app.botUser,
    });
  }
  return out;
}

export function wireChannel(ws: Workspace, channel: Channel, withMembers = false): Json {
  const isDm = channel.kind === 'dm';
  return {
    id: channel.id,
    ...(isDm
      ? { user: channel.members.find((one) => one !== ws.seed.app.botUser) ?? '' }
      : { name: channel.name, name_normalized: channel.name }),
    is_channel: channel.kind === 'channel',
    is_group: channel.kind === 'private',
    is_im: isDm,
    is_mpim: false,
    is_private: channel.kind !== 'channel',
    is_archived: channel.archived,
    is_general: channel.name === 'general',
    is_member: channel.members.includes(ws.seed.app.botUser),
    is_shared: false,
    is_ext_shared: false,
    created: Math.floor(channel.createdMs / 1000),
    context_team_id: ws.seed.team.id,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: channel.purpose, creator: '', last_set: 0 },
    ...(withMembers ? { num_members: channel.members.length } : {}),
  };
}

export function wireUser(ws: Workspace, person: Person, withEmail: boolean): Json {
  const isBot = person.kind === 'bot';
  const isGuest = person.kind === 'guest';
  const deleted = person.kind === 'deactivated';
  return {
    id: person.id,
    team_id: ws.seed.team.id,
    name: person.name,
    deleted,
    profile: {
      real_name: person.realName,
      display_name: person.name,
      real_name_normalized: person.realName,
      display_name_normalized: person.name,
      title: person.role,
      team: ws.seed.team.id,
      ...(withEmail && !isBot ? { email: person.email } : {}),
      ...(person.id === ws.seed.app.botUser ? { api_app_id: ws.seed.app.appId, bot_id: ws.seed.app.botId } : {}),
    },
    is_bot: isBot && person.id !== 'USLACKBOT',
    is_app_user: false,
    updated: 1_700_000_000,
    // Slack leaves these out for deactivated users.
    ...(deleted
      ? {}
      : {
          real_name: person.realName,
          tz: 'Etc/UTC',
          tz_label: 'UTC',
          tz_offset: 0,
          is_admin: false,
          is_owner: false,
          is_primary_owner: false,
          is_restricted: isGuest,
          is_ultra_restricted: false,
        }),
  };
}

export function wireFile(ws: Workspace, file: StoredFile): Json {
  const shares: { public: Record<string, Json[]>; private: Record<string, Json[]> } = { public: {}, private: {} };
  for (const one of file.shares) {
    const kind = ws.channels.get(one.channel)?.kind === 'channel' ? 'public' : 'private';
    const entry = {
      ts: one.ts,
      ...(one.threadTs === null ? {} : { thread_ts: one.threadTs }),
      channel_name: ws.channels.get(one.channel)?.name ?? '',
      team_id: ws.seed.team.id,
    };
    (shares[kind][one.channel] ??= []).push(entry);
  }
  return {
    id: file.id,
    created: Math.floor(file.createdMs / 1000),
    timestamp: Math.floor(file.createdMs / 1000),
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.mimetype === '' ? '' : (file.name.split('.').at(-1) ?? ''),
    user: file.user,
    size: file.length,
    mode: 'hosted',
    is_external: false,
    alt_txt: file.altText,
    channels: file.shares.map((one) => one.channel),
    shares:
      file.shares.length === 0
        ? {}
        : {
            ...(Object.keys(shares.public).length > 0 ? { public: shares.public } : {}),
            ...(Object.keys(shares.private).length > 0 ? { private: shares.private } : {}),
          },
  };
}

export function wireView(ws: Workspace, view: ViewRecord, values: Json = {}): Json {
  const { app, team } = ws.seed;
  const body = view.body;
  return {
    id: view.id,
    team_id: team.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: body['private_metadata'] ?? '',
    callback_id: body['callback_id'] ?? '',
    state: { values },
    hash: view.hash,
    title: body['title'] ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: body['clear_on_close'] ?? false,
    notify_on_close: body['notify_on_close'] ?? false,
    close: body['close'] ?? null,
    submit: body['submit'] ?? null,
    previous_view_id: view.previousId,
    root_view_id: view.rootId,
    app_id: app.appId,
    external_id: body['external_id'] ?? '',
    app_installed_team_id: team.id,
    bot_id: app.botId,
  };
}
