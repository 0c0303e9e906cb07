import { channelFor } from './methods-chat.ts';
import { page, SlackError } from './methods.ts';
import type { Args, Method, MethodContext } from './methods.ts';
import type { Json, Message } from './model.ts';
import { wireChannel, wireMessage, wireUser } from './wire.ts';

const paging = { limit: 'int', cursor: 'string' } as const;
const reading = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];
const history = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];

function within(messages: readonly Message[], args: Args): Message[] {
  const oldest = args.maybe('oldest') ?? '0';
  const latest = args.maybe('latest') ?? '9999999999.999999';
  const inclusive = args.bool('inclusive');
  return messages.filter((one) =>
    inclusive ? one.ts >= oldest && one.ts <= latest : one.ts > oldest && one.ts < latest,
  );
}

function readable(args: Args, context: MethodContext): ReturnType<typeof channelFor> {
  const channel = channelFor(args.str('channel'), context);
  if (!channel.members.includes(context.ws.seed.app.botUser)) throw new SlackError('not_in_channel');
  return channel;
}

const conversations: Readonly<Record<string, Method>> = {
  'conversations.history': {
    tier: 't3',
    scopes: history,
    args: {
      channel: 'string',
      oldest: 'string',
      latest: 'string',
      inclusive: 'bool',
      include_all_metadata: 'bool',
      ...paging,
    },
    required: ['channel'],
    run(args, context) {
      const { ws } = context;
      const channel = readable(args, context);
      const roots = ws
        .messagesOf(channel.id)
        .filter((one) => one.onlyFor === null && (one.threadTs === null || one.broadcast));
      const chosen = page(within(roots, args).reverse(), args, 999);
      const metadata = args.bool('include_all_metadata');
      const more = chosen.response_metadata.next_cursor !== '';
      return {
        messages: chosen.items.map((one) => wireMessage(ws, one, { metadata })),
        has_more: more,
        pin_count: 0,
        ...(more ? { response_metadata: chosen.response_metadata } : {}),
      };
    },
  },
  'conversations.replies': {
    tier: 't3',
    scopes: history,
    args: {
      channel: 'string',
      ts: 'string',
      oldest: 'string',
      latest: 'string',
      inclusive: 'bool',
      include_all_metadata: 'bool',
      ...paging,
    },
    required: ['channel', 'ts'],
    run(args, context) {
      const { ws } = context;
      const channel = readable(args, context);
      const named = ws.find(channel.id, args.str('ts'));
      const root = named?.threadTs === null || named === undefined ? named : ws.find(channel.id, named.threadTs);
      if (root === undefined) throw new SlackError('thread_not_found');
      const chosen = page(within(ws.replies(channel.id, root.ts), args), args, 999);
      const metadata = args.bool('include_all_metadata');
      const more = chosen.response_metadata.next_cursor !== '';
      const messages = [root, ...chosen.items].map((one) => wireMessage(ws, one, { metadata }));
      return { messages, has_more: more, ...(more ? { response_metadata: chosen.response_metadata } : {}) };
    },
  },
  'conversations.info': {
    tier: 't3',
    scopes: reading,
    args: { channel: 'string', include_locale: 'bool', include_num_members: 'bool' },
    required: ['channel'],
    run: (args, context) => ({
      channel: wireChannel(context.ws, channelFor(args.str('channel'), context), args.bool('include_num_members')),
    }),
  },
  'conversations.list': {
    tier: 't2',
    scopes: reading,
    args: { types: 'string', exclude_archived: 'bool', ...paging },
    run(args, { ws }) {
      const types = new Set((args.maybe('types') ?? 'public_channel').split(',').map((one) => one.trim()));
      const kinds: Record<string, string> = { channel: 'public_channel', private: 'private_channel', dm: 'im' };
      const all = [...ws.channels.values()].filter(
        (one) =>
          types.has(kinds[one.kind] ?? '') &&
          (one.kind === 'channel' || one.members.includes(ws.seed.app.botUser)) &&
          !(one.archived && args.bool('exclude_archived')),
      );
      const chosen = page(all, args, 999);
      return {
        channels: chosen.items.map((one) => wireChannel(ws, one, true)),
        response_metadata: chosen.response_metadata,
      };
    },
  },
  'conversations.open': {
    tier: 't3',
    scopes: ['im:write', 'mpim:write'],
    args: { users: 'string', channel: 'string', return_im: 'bool', prevent_creation: 'bool' },
    run(args, context) {
      const users = (args.maybe('users') ?? '').split(',').filter((one) => one !== '');
      if (users.length > 1) throw new SlackError('method_not_supported_for_channel_type');
      const id = users[0] ?? args.maybe('channel');
      if (id === undefined) throw new SlackError('users_list_not_supplied');
      if (users[0] !== undefined && !context.ws.people.has(users[0])) throw new SlackError('user_not_found');
      const channel = channelFor(id, context);
      return { channel: args.bool('return_im') ? wireChannel(context.ws, channel) : { id: channel.id } };
    },
  },
  'conversations.members': {
    tier: 't4',
    scopes: reading,
    args: { channel: 'string', ...paging },
    required: ['channel'],
    run(args, context) {
      const chosen = page(channelFor(args.str('channel'), context).members, args, 999);
      return { members: chosen.items, response_metadata: chosen.response_metadata };
    },
  },
  'conversations.join': {
    tier: 't3',
    scopes: ['channels:join'],
    args: { channel: 'string' },
    required: ['channel'],
    run(args, context) {
      const { ws } = context;
      const channel = channelFor(args.str('channel'), context);
      if (channel.kind !== 'channel') throw new SlackError('method_not_supported_for_channel_type');
      if (channel.archived) throw new SlackError('is_archived');
      const bot = ws.seed.app.botUser;
      if (channel.members.includes(bot))
        return {
          channel: wireChannel(ws, channel),
          warning: 'already_in_channel',
          response_metadata: { warnings: ['already_in_channel'] },
        };
      channel.members.push(bot);
      ws.tell({ kind: 'joined', channel: channel.id, user: bot });
      return { channel: wireChannel(ws, channel) };
    },
  },
};

function groupJson(context: MethodContext, id: string, withUsers: boolean): Json {
  const group = context.ws.groups.get(id);
  if (group === undefined) throw new SlackError('no_such_subteam');
  const created = 1_700_000_000;
  return {
    id: group.id,
    team_id: context.ws.seed.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_create: created,
    date_update: created,
    date_delete: 0,
    auto_type: null,
    ...(withUsers ? { users: group.users } : {}),
    user_count: group.users.length,
  };
}

const people: Readonly<Record<string, Method>> = {
  'users.info': {
    tier: 't4',
    scopes: ['users:read'],
    args: { user: 'string', include_locale: 'bool' },
    required: ['user'],
    run(args, { ws, scopes }) {
      const person = ws.people.get(args.str('user'));
      if (person === undefined) throw new SlackError('user_not_found');
      return { user: wireUser(ws, person, scopes.has('users:read.email')) };
    },
  },
  'users.list': {
    tier: 't2',
    scopes: ['users:read'],
    args: { include_locale: 'bool', ...paging },
    run(args, { ws, scopes }) {
      const chosen = page([...ws.people.values()], args, 1000);
      return {
        members: chosen.items.map((one) => wireUser(ws, one, scopes.has('users:read.email'))),
        cache_ts: Math.floor(ws.clock.nowMs() / 1000),
        response_metadata: chosen.response_metadata,
      };
    },
  },
  'users.lookupByEmail': {
    tier: 't3',
    scopes: ['users:read.email'],
    args: { email: 'string' },
    required: ['email'],
    run(args, { ws }) {
      const person = [...ws.people.values()].find(
        (one) =>
          one.email.toLowerCase() === args.str('email').toLowerCase() &&
          one.kind !== 'bot' &&
          one.kind !== 'deactivated',
      );
      if (person === undefined) throw new SlackError('users_not_found');
      return { user: wireUser(ws, person, true) };
    },
  },
  'usergroups.list': {
    tier: 't2',
    scopes: ['usergroups:read'],
    args: { include_count: 'bool', include_disabled: 'bool', include_users: 'bool' },
    run: (args, context) => ({
      usergroups: [...context.ws.groups.keys()].map((one) => groupJson(context, one, args.bool('include_users'))),
    }),
  },
  'usergroups.users.list': {
    tier: 't2',
    scopes: ['usergroups:read'],
    args: { usergroup: 'string', include_disabled: 'bool' },
    required: ['usergroup'],
    run(args, { ws }) {
      const group = ws.groups.get(args.str('usergroup'));
      if (group === undefined) throw new SlackError('no_such_subteam');
      return { users: group.users };
    },
  },
};

export const lookupMethods: Readonly<Record<string, Method>> = { ...conversations, ...people };
