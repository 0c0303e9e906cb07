import { blockDefects, withIds } from './blocks.ts';
import type { Interactivity, ResponseTarget } from './interactivity.ts';
import { budgets, refuseAttachments } from './limits.ts';
import type { Json } from './model.ts';
import { isObject, lengthOf } from './shape.ts';
import type { Workspace } from './workspace.ts';

export interface ResponseAnswer {
  readonly status: number;
  readonly body: Json | 'ok';
}

const known = new Set([
  'text',
  'blocks',
  'attachments',
  'response_type',
  'replace_original',
  'delete_original',
  'thread_ts',
  'mrkdwn',
  'unfurl_links',
  'unfurl_media',
  'metadata',
  'parse',
  'link_names',
]);

function refusal(error: string, more: Json = {}): ResponseAnswer {
  return { status: 400, body: { ok: false, error, ...more } };
}

function check(body: Json): ResponseAnswer | null {
  for (const key of Object.keys(body))
    if (!known.has(key)) return refusal('invalid_arguments', { errors: [`invalid additional property: ${key}`] });
  for (const key of ['replace_original', 'delete_original']) {
    if (body[key] !== undefined && typeof body[key] !== 'boolean')
      return refusal('invalid_arguments', { errors: [`must be a boolean [json-pointer:/${key}]`] });
  }
  const type = body['response_type'];
  if (type !== undefined && type !== 'ephemeral' && type !== 'in_channel')
    return refusal('invalid_arguments', {
      errors: ['must be one of: ephemeral, in_channel [json-pointer:/response_type]'],
    });
  if (body['delete_original'] === true) return null;
  const text = body['text'];
  if (typeof text === 'string' && lengthOf(text) > budgets.truncateAt) return refusal('msg_too_long');
  // The budget behind msg_blocks_too_long is not applied here: the same blocks passed through a response_url (bolt-js 2509).
  const defects = body['blocks'] === undefined ? [] : blockDefects(body['blocks'], 'message', '/blocks');
  if (defects.length > 0) {
    const errors = defects.map((one) => `${one.message} [json-pointer:${one.pointer}]`);
    return refusal('invalid_blocks', {
      errors,
      response_metadata: { messages: errors.map((one) => `[ERROR] ${one}`) },
    });
  }
  if (body['attachments'] !== undefined && refuseAttachments(body['attachments']) !== null)
    return refusal('invalid_attachments');
  const empty =
    (typeof text !== 'string' || text.trim() === '') &&
    body['blocks'] === undefined &&
    body['attachments'] === undefined;
  return empty ? refusal('no_text') : null;
}

/** Carries out what was posted to a response_url, or given in the acknowledgement of a command. */
export function respond(ws: Workspace, target: ResponseTarget, body: Json): ResponseAnswer {
  const refused = check(body);
  if (refused !== null) return refused;
  const { message } = target;
  if (body['delete_original'] === true) {
    if (message !== null) ws.remove(message);
    return { status: 200, body: 'ok' };
  }
  const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
  const content = {
    text: typeof body['text'] === 'string' ? body['text'] : '',
    blocks: withIds(objects(body['blocks']), () => ws.newId('').slice(0, 5)),
    attachments: objects(body['attachments']),
  };
  // A command has no original: replace_original posts anew (bolt-js 2287).
  if (body['replace_original'] === true && message !== null && ws.findAny(message.channel, message.ts) !== undefined) {
    ws.edit(message, content);
    return { status: 200, body: 'ok' };
  }
  const threadTs = typeof body['thread_ts'] === 'string' ? body['thread_ts'] : null;
  const onlyFor = body['response_type'] === 'in_channel' ? null : target.user;
  ws.post({
    ...content,
    channel: target.channel,
    user: ws.seed.app.botUser,
    botId: ws.seed.app.botId,
    threadTs,
    onlyFor,
  });
  return { status: 200, body: 'ok' };
}

/** One POST to a response_url. */
export function respondTo(ws: Workspace, interactivity: Interactivity, path: string, body: unknown): ResponseAnswer {
  const target = interactivity.takeResponse(path);
  if ('error' in target) return { status: target.status, body: { ok: false, error: target.error } };
  return isObject(body) ? respond(ws, target, body) : refusal('invalid_payload');
}
