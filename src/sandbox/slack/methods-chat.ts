import { withIds } from './blocks.ts';
import { budgets, refuseAttachments, refuseBlocks, refuseMetadata } from './limits.ts';
import type { Refusal } from './limits.ts';
import { SlackError } from './methods.ts';
import type { Args, Method, MethodContext } from './methods.ts';
import type { Channel, Json, Message } from './model.ts';
import { isObject, lengthOf } from './shape.ts';
import { wireMessage } from './wire.ts';

const contentArgs = {
  channel: 'string',
  text: 'string',
  blocks: 'json',
  attachments: 'json',
  markdown_text: 'string',
  as_user: 'bool',
  parse: 'string',
  link_names: 'bool',
} as const;
const identity = { username: 'string', icon_emoji: 'string', icon_url: 'string' } as const;

function refuse(refusal: Refusal | null): void {
  if (refusal !== null)
    throw refusal.defects === undefined ? new SlackError(refusal.error) : SlackError.of(refusal.error, refusal.defects);
}

export interface Content {
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly attachments: readonly Json[];
  readonly truncated: boolean;
}

function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Text, blocks and attachments of a post, checked. Also used for `response_url` and for answers in acknowledgements. */
export function readContent(args: Args, context: MethodContext, most: 'truncate' | number): Content {
  const { ws } = context;
  const markdown = args.maybe('markdown_text');
  if (markdown !== undefined && (args.has('text') || args.has('blocks')))
    throw new SlackError('markdown_text_conflict');
  if (markdown !== undefined && lengthOf(markdown) > budgets.markdownChars) throw new SlackError('msg_too_long');
  let text = markdown ?? args.maybe('text') ?? '';
  const truncated = lengthOf(text) > budgets.truncateAt;
  if (most !== 'truncate' && lengthOf(text) > most) throw new SlackError('msg_too_long');
  if (truncated) text = Array.from(text).slice(0, budgets.truncateAt).join('');
  if (args.has('blocks')) refuse(refuseBlocks(args.json('blocks')));
  if (args.has('attachments')) refuse(refuseAttachments(args.json('attachments')));
  const blocks = objects(args.json('blocks'));
  const attachments = objects(args.json('attachments'));
  if (text.trim() === '' && blocks.length === 0 && attachments.length === 0) throw new SlackError('no_text');
  checkFiles(blocks, context);
  const fill = (list: readonly Json[]): readonly Json[] => withIds(list, () => ws.newId('').slice(0, 5));
  return {
    text,
    blocks: markdown === undefined ? fill(blocks) : [{ type: 'markdown', text: markdown }],
    attachments: attachments.map((one, i) => {
      const filled = one['blocks'] === undefined ? {} : { blocks: fill(objects(one['blocks'])) };
      return Object.assign({ id: i + 1 }, one, filled);
    }),
    truncated,
  };
}

/** An image block may only name a file that Slack has finished with. */
function checkFiles(blocks: readonly Json[], { ws }: MethodContext): void {
  for (const [i, block] of blocks.entries()) {
    const slackFile = block['slack_file'];
    if (!isObject(slackFile) || typeof slackFile['id'] !== 'string') continue;
    if ((ws.files.get(slackFile['id'])?.mimetype ?? '') === '')
      throw SlackError.of('invalid_blocks', [{ message: 'invalid slack file', pointer: `/blocks/${i}/slack_file` }]);
  }
}

/** A channel the bot can see, by id; a user id opens the direct message. */
export function channelFor(id: string, { ws }: MethodContext): Channel {
  const bot = ws.seed.app.botUser;
  const person = ws.people.get(id);
  if (person !== undefined && person.kind !== 'bot') {
    if (person.kind === 'deactivated') throw new SlackError('user_disabled');
    return ws.dm(bot, id);
  }
  const channel =
    ws.channels.get(id) ??
    [...ws.channels.values()].find((one) => one.kind === 'channel' && (one.name === id || `#${one.name}` === id));
  if (channel === undefined || (channel.kind !== 'channel' && !channel.members.includes(bot)))
    throw new SlackError('channel_not_found');
  return channel;
}

function postable(id: string, context: MethodContext): Channel {
  const channel = channelFor(id, context);
  if (channel.archived) throw new SlackError('is_archived');
  const joined = channel.members.includes(context.ws.seed.app.botUser);
  if (!joined && !(channel.kind === 'channel' && context.scopes.has('chat:write.public')))
    throw new SlackError('not_in_channel');
  return channel;
}

/** The root's ts: who names a reply as thread gets the reply's thread. A dead thread_ts has no documented error: the post becomes a root. */
function threadOf(channel: Channel, ts: string | undefined, { ws }: MethodContext): string | null {
  if (ts === undefined) return null;
  if (!/^\d{10}\.\d{6}$/.test(ts))
    throw new SlackError('invalid_arguments', {
      response_metadata: { messages: ['[ERROR] invalid `thread_ts` [json-pointer:/thread_ts]'] },
    });
  const root = ws.find(channel.id, ts);
  return root === undefined ? null : (root.threadTs ?? root.ts);
}

const postMessage: Method = {
  tier: 'post',
  scopes: ['chat:write'],
  args: {
    ...contentArgs,
    ...identity,
    thread_ts: 'string',
    reply_broadcast: 'bool',
    metadata: 'json',
    unfurl_links: 'bool',
    unfurl_media: 'bool',
    mrkdwn: 'bool',
  },
  required: ['channel'],
  run(args, context) {
    const { ws, scopes } = context;
    const channel = postable(args.str('channel'), context);
    const content = readContent(args, context, 'truncate');
    if (args.has('metadata')) refuse(refuseMetadata(args.json('metadata')));
    if (['username', 'icon_emoji', 'icon_url'].some((one) => args.has(one)) && !scopes.has('chat:write.customize')) {
      throw new SlackError('missing_scope', { needed: 'chat:write.customize', provided: [...scopes].join(',') });
    }
    const metadata = args.json('metadata');
    const message = ws.post({
      channel: channel.id,
      user: ws.seed.app.botUser,
      botId: ws.seed.app.botId,
      text: content.text,
      blocks: content.blocks,
      attachments: content.attachments,
      metadata: isObject(metadata) && Object.keys(metadata).length > 0 ? metadata : null,
      threadTs: threadOf(channel, args.maybe('thread_ts'), context),
      broadcast: args.bool('reply_broadcast'),
      username: args.maybe('username') ?? null,
    });
    const warning =
      '[WARN] Your message was truncated but still posted. The `text` field accepts up to 40,000 characters.';
    const answer = { channel: channel.id, ts: message.ts, message: wireMessage(ws, message) };
    return content.truncated
      ? { ...answer, response_metadata: { warnings: ['message_truncated'], messages: [warning] } }
      : answer;
  },
};

function ownMessage(args: Args, context: MethodContext, refusal: string): Message {
  const channel = channelFor(args.str('channel'), context);
  const message = context.ws.find(channel.id, args.str('ts'));
  if (message === undefined) throw new SlackError('message_not_found');
  if (message.botId !== context.ws.seed.app.botId) throw new SlackError(refusal);
  return message;
}

const update: Method = {
  tier: 't3',
  scopes: ['chat:write'],
  args: { ...contentArgs, ts: 'string', metadata: 'json', file_ids: 'json', reply_broadcast: 'bool' },
  required: ['channel', 'ts'],
  run(args, context) {
    const { ws } = context;
    const message = ownMessage(args, context, 'cant_update_message');
    // "The message cannot be edited within a frozen, archived or deleted channel": docs.slack.dev, chat.update.
    if (ws.channels.get(message.channel)?.archived === true) throw new SlackError('is_inactive');
    const content = readContent(args, context, budgets.updateTextChars);
    if (args.has('metadata')) refuse(refuseMetadata(args.json('metadata')));
    const metadata = args.json('metadata');
    ws.edit(message, {
      // Blocks alone leave the text as it was; text alone removes the blocks; attachments and metadata stay when left out.
      text: args.has('text') || args.has('markdown_text') ? content.text : message.text,
      blocks: content.blocks,
      ...(args.has('attachments') ? { attachments: content.attachments } : {}),
      ...(isObject(metadata) ? { metadata: Object.keys(metadata).length > 0 ? metadata : null } : {}),
    });
    return { channel: message.channel, ts: message.ts, text: message.text, message: wireMessage(ws, message) };
  },
};

const remove: Method = {
  tier: 't3',
  scopes: ['chat:write'],
  args: { channel: 'string', ts: 'string', as_user: 'bool' },
  required: ['channel', 'ts'],
  run(args, context) {
    const message = ownMessage(args, context, 'cant_delete_message');
    context.ws.remove(message);
    return { channel: message.channel, ts: message.ts };
  },
};

const postEphemeral: Method = {
  tier: 't4',
  scopes: ['chat:write'],
  args: { ...contentArgs, ...identity, user: 'string', thread_ts: 'string' },
  required: ['channel', 'user'],
  run(args, context) {
    const { ws } = context;
    const channel = postable(args.str('channel'), context);
    const user = args.str('user');
    if (!channel.members.includes(user)) throw new SlackError('user_not_in_channel');
    const content = readContent(args, context, budgets.truncateAt);
    const threadTs = threadOf(channel, args.maybe('thread_ts'), context);
    const message = ws.post({
      channel: channel.id,
      user: ws.seed.app.botUser,
      botId: ws.seed.app.botId,
      text: content.text,
      blocks: content.blocks,
      attachments: content.attachments,
      threadTs,
      onlyFor: user,
    });
    return { message_ts: message.ts };
  },
};

const getPermalink: Method = {
  tier: 'special',
  args: { channel: 'string', message_ts: 'string' },
  required: ['channel', 'message_ts'],
  run(args, context) {
    const channel = channelFor(args.str('channel'), context);
    const message = context.ws.find(channel.id, args.str('message_ts'));
    if (message === undefined) throw new SlackError('message_not_found');
    const thread = message.threadTs === null ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
    return {
      channel: channel.id,
      permalink: `${context.baseUrl}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`,
    };
  },
};

const unfurl: Method = {
  tier: 't3',
  scopes: ['links:write'],
  args: { channel: 'string', ts: 'string', unfurls: 'json', unfurl_id: 'string', source: 'string', metadata: 'json' },
  run(args, context) {
    const [byId, tsById] = (args.maybe('unfurl_id') ?? '').split(/-(.*)/s);
    const channel = args.maybe('channel') ?? byId ?? '';
    const message = context.ws.find(channel, args.maybe('ts') ?? tsById ?? '');
    if (message === undefined) throw new SlackError('cannot_unfurl_message');
    const unfurls = args.json('unfurls');
    if (!isObject(unfurls)) throw new SlackError('missing_unfurls');
    const added: Json[] = [];
    for (const [url, one] of Object.entries(unfurls)) {
      if (!message.text.includes(url)) throw new SlackError('cannot_unfurl_url');
      if (isObject(one)) added.push({ from_url: url, ...one });
    }
    refuse(refuseAttachments(added));
    context.ws.edit(message, { attachments: [...message.attachments, ...added] });
    return {};
  },
};

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
  'chat.unfurl': unfurl,
};
