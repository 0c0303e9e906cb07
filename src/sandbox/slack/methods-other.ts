import { channelFor, readContent } from './methods-chat.ts';
import { Args, SlackError } from './methods.ts';
import type { Method, MethodContext } from './methods.ts';
import type { Message, StoredFile } from './model.ts';
import { isObject, lengthOf } from './shape.ts';
import { wireFile, wireMessage } from './wire.ts';

function messageFor(args: Args, context: MethodContext): Message {
  const channel = channelFor(args.str('channel'), context);
  const message = context.ws.find(channel.id, args.str('timestamp'));
  if (message === undefined) throw new SlackError('message_not_found');
  return message;
}

function reactionName(args: Args): string {
  const name = args.str('name').replaceAll(':', '');
  if (!/^[a-z0-9_+'-]+$/.test(name)) throw new SlackError('invalid_name');
  return name;
}

/** Adds or removes one; false when there was nothing to do. */
export function react(
  context: Pick<MethodContext, 'ws'>,
  message: Message,
  user: string,
  name: string,
  added: boolean,
): boolean {
  const entry = message.reactions.find((one) => one.name === name);
  if ((entry?.users.includes(user) ?? false) === added) return false;
  if (!added && entry !== undefined) {
    entry.users = entry.users.filter((one) => one !== user);
    message.reactions = message.reactions.filter((one) => one.users.length > 0);
  } else if (entry === undefined) message.reactions.push({ name, users: [user] });
  else entry.users.push(user);
  context.ws.tell({ kind: 'reacted', message, user, name, added });
  return true;
}

const target = { channel: 'string', timestamp: 'string', name: 'string' } as const;

const reactions: Readonly<Record<string, Method>> = {
  'reactions.add': {
    tier: 't3',
    scopes: ['reactions:write'],
    args: target,
    required: ['channel', 'timestamp', 'name'],
    run(args, context) {
      if (!react(context, messageFor(args, context), context.ws.seed.app.botUser, reactionName(args), true))
        throw new SlackError('already_reacted');
      return {};
    },
  },
  'reactions.remove': {
    tier: 't2',
    scopes: ['reactions:write'],
    args: target,
    required: ['channel', 'timestamp', 'name'],
    run(args, context) {
      if (!react(context, messageFor(args, context), context.ws.seed.app.botUser, reactionName(args), false))
        throw new SlackError('no_reaction');
      return {};
    },
  },
  'reactions.get': {
    tier: 't3',
    scopes: ['reactions:read'],
    args: { channel: 'string', timestamp: 'string', full: 'bool' },
    required: ['channel', 'timestamp'],
    run(args, context) {
      const message = messageFor(args, context);
      return { type: 'message', channel: message.channel, message: wireMessage(context.ws, message) };
    },
  },
};

function own(context: MethodContext, id: unknown): StoredFile {
  const file = typeof id === 'string' ? context.ws.files.get(id) : undefined;
  if (file === undefined) throw new SlackError('file_not_found');
  return file;
}

const byExtension: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  log: 'text/plain',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  md: 'text/markdown',
  csv: 'text/csv',
  diff: 'text/plain',
  yaml: 'text/yaml',
};

const files: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': {
    tier: 't4',
    scopes: ['files:write'],
    args: { filename: 'string', length: 'int', alt_txt: 'string', alt_text: 'string', snippet_type: 'string' },
    required: ['filename', 'length'],
    run(args, context) {
      const { ws } = context;
      const length = args.int('length', 0);
      if (length <= 0) throw new SlackError('missing_argument');
      if (lengthOf(args.maybe('alt_txt') ?? '') > 1000) throw new SlackError('alt_txt_too_large');
      if (args.has('snippet_type') && length > 1_000_000) throw new SlackError('snippet_too_large');
      const id = ws.newId('F');
      ws.files.set(id, {
        id,
        name: args.str('filename'),
        title: args.str('filename'),
        altText: args.maybe('alt_txt') ?? '',
        length,
        user: ws.seed.app.botUser,
        createdMs: ws.clock.nowMs(),
        mimetype: '',
        bytes: null,
        completed: false,
        shares: [],
      });
      return { upload_url: `${context.baseUrl}/upload/v1/${id}`, file_id: id };
    },
  },
  'files.completeUploadExternal': {
    tier: 't4',
    scopes: ['files:write'],
    args: {
      files: 'json',
      channel_id: 'string',
      channels: 'string',
      thread_ts: 'string',
      initial_comment: 'string',
      blocks: 'json',
      highlight_type: 'string',
    },
    required: ['files'],
    run: (args, context) => completeUpload(args, context),
  },
  'files.info': {
    tier: 't4',
    scopes: ['files:read'],
    args: { file: 'string', count: 'int', limit: 'int', cursor: 'string', page: 'int' },
    required: ['file'],
    run: (args, context) => ({ file: wireFile(context.ws, own(context, args.json('file'))), comments: [] }),
  },
};

function completeUpload(
  args: Args,
  context: MethodContext,
): { readonly files: readonly { readonly id: string; readonly title: string }[] } {
  const { ws, faults } = context;
  const entries = args.json('files');
  if (!Array.isArray(entries) || entries.length === 0 || !entries.every(isObject))
    throw new SlackError('invalid_arguments');
  const chosen = entries.map((entry) => own(context, entry['id']));
  for (const [i, file] of chosen.entries()) {
    if (file.bytes === null) throw new SlackError('file_not_found');
    const title = entries[i]?.['title'];
    if (typeof title === 'string') file.title = title;
    file.completed = true;
  }
  const channelId = args.maybe('channel_id') ?? args.maybe('channels');
  const channel = channelId === undefined ? undefined : channelFor(channelId, context);
  if (channel !== undefined && !channel.members.includes(ws.seed.app.botUser)) throw new SlackError('not_in_channel');
  const comment = args.maybe('initial_comment') ?? '';
  const content = args.has('blocks')
    ? readContent(new Args({ text: comment, blocks: args.json('blocks') }), context, 'truncate')
    : null;
  const lost = faults.takeLostShare();
  // Slack answers before the file is processed and its message exists.
  ws.clock.after(context.fileShareDelayMs, () => {
    for (const file of chosen)
      file.mimetype = byExtension[file.name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    if (channel === undefined || lost) return;
    const threadTs = args.maybe('thread_ts') ?? null;
    const message = ws.post({
      channel: channel.id,
      user: ws.seed.app.botUser,
      botId: ws.seed.app.botId,
      text: comment,
      blocks: content?.blocks ?? [],
      files: chosen.map((one) => one.id),
      threadTs,
    });
    for (const file of chosen) {
      file.shares.push({ channel: channel.id, ts: message.ts, threadTs });
      ws.tell({ kind: 'file-shared', file: file.id, channel: channel.id, user: ws.seed.app.botUser });
    }
  });
  return { files: chosen.map((one) => ({ id: one.id, title: one.title })) };
}

const about: Readonly<Record<string, Method>> = {
  'auth.test': {
    tier: 'special',
    args: {},
    run: (_, { ws, baseUrl }) => ({
      url: `${baseUrl}/`,
      team: ws.seed.team.name,
      user: ws.person(ws.seed.app.botUser).name,
      team_id: ws.seed.team.id,
      user_id: ws.seed.app.botUser,
      bot_id: ws.seed.app.botId,
      is_enterprise_install: false,
    }),
  },
  'api.test': { tier: 't4', args: { error: 'string', foo: 'string' }, run: (args) => ({ args: args.all }) },
  'apps.connections.open': { tier: 't3', token: 'app', args: {}, run: (_, { openSocket }) => ({ url: openSocket() }) },
  'team.info': {
    tier: 't3',
    scopes: ['team:read'],
    args: { team: 'string', domain: 'string' },
    run(args, { ws }) {
      if (args.has('team') && args.maybe('team') !== ws.seed.team.id) throw new SlackError('team_not_found');
      return {
        team: { id: ws.seed.team.id, name: ws.seed.team.name, domain: ws.seed.team.domain, email_domain: '', icon: {} },
      };
    },
  },
  'bots.info': {
    tier: 't3',
    scopes: ['users:read'],
    args: { bot: 'string' },
    run(args, { ws }) {
      const { app } = ws.seed;
      if (args.maybe('bot') !== app.botId) throw new SlackError('bot_not_found');
      return {
        bot: {
          id: app.botId,
          deleted: false,
          name: app.name,
          updated: 1_700_000_000,
          app_id: app.appId,
          user_id: app.botUser,
          icons: {},
        },
      };
    },
  },
};

export const otherMethods: Readonly<Record<string, Method>> = { ...reactions, ...files, ...about };
