import type { Json, Message } from './model.ts';
import { inputLabel, labelOf } from './find.ts';
import { asString, isObject } from './shape.ts';
import type { Workspace } from './workspace.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function ago(seconds: number): string {
  const past = seconds >= 0;
  const n = Math.abs(seconds);
  const [count, unit] =
    n < 60
      ? [Math.floor(n), 'second']
      : n < 3600
        ? [Math.floor(n / 60), 'minute']
        : n < 86_400
          ? [Math.floor(n / 3600), 'hour']
          : [Math.floor(n / 86_400), 'day'];
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return past ? `${words} ago` : `in ${words}`;
}

/** Slack's `<!date^…>` tokens, in UTC: a reader's own zone would make texts differ between machines. */
function date(unixSeconds: number, format: string, nowMs: number): string {
  const at = new Date(unixSeconds * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  const month = months[at.getUTCMonth()] ?? '';
  const short = `${month.slice(0, 3)} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  const day = (ms: number): number => Math.floor(ms / 86_400_000);
  const distance = day(at.getTime()) - day(nowMs);
  const pretty = (otherwise: string): string =>
    distance === 0 ? 'Today' : distance === -1 ? 'Yesterday' : distance === 1 ? 'Tomorrow' : otherwise;
  const full = `${month} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  const long = `${days[at.getUTCDay()] ?? ''}, ${full}`;
  const tokens: Readonly<Record<string, string>> = {
    date_num: at.toISOString().slice(0, 10),
    date: full,
    date_short: short,
    date_long: long,
    date_pretty: pretty(full),
    date_short_pretty: pretty(short),
    date_long_pretty: pretty(long),
    time,
    time_secs: `${time}:${two(at.getUTCSeconds())}`,
    ago: ago(nowMs / 1000 - unixSeconds),
  };
  return format.replaceAll(/\{(\w+)\}/g, (whole, name: string) => tokens[name] ?? whole);
}

/** What a person reads: mentions, dates and links resolved, entities unescaped; `*bold*` and code marks stay. */
export function readable(ws: Workspace, text: string): string {
  const resolved = text.replaceAll(/<([^<>]+)>/g, (whole, inside: string) => {
    const [target = '', label] = inside.split(/\|(.*)/s);
    if (target.startsWith('@')) return `@${ws.people.get(target.slice(1))?.realName ?? label ?? target.slice(1)}`;
    if (target.startsWith('#')) return `#${ws.channels.get(target.slice(1))?.name ?? label ?? target.slice(1)}`;
    if (target.startsWith('!subteam^'))
      return `@${ws.groups.get(target.slice('!subteam^'.length))?.handle ?? label ?? 'group'}`;
    if (target.startsWith('!date^')) {
      const [, unix = '', format = ''] = target.split('^');
      return Number.isFinite(Number(unix)) ? date(Number(unix), format, ws.clock.nowMs()) : (label ?? whole);
    }
    if (target.startsWith('!')) return `@${target.slice(1)}`;
    return label ?? target;
  });
  return resolved.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function textOf(ws: Workspace, value: unknown): string {
  if (!isObject(value)) return typeof value === 'string' ? readable(ws, value) : '';
  const text = asString(value['text']);
  return value['type'] === 'plain_text' ? text : readable(ws, text);
}

function elementText(ws: Workspace, element: unknown): string {
  if (!isObject(element)) return '';
  const type = String(element['type']);
  if (type === 'plain_text' || type === 'mrkdwn') return textOf(ws, element);
  if (type === 'image') return `(${asString(element['alt_text'], 'image')})`;
  if (type === 'overflow') return '[…]';
  if (type.includes('select')) return `[${labelOf(element)} ▾]`;
  return `[${labelOf(element)}]`;
}

function richText(ws: Workspace, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => richText(ws, one)).join('');
  if (!isObject(value)) return '';
  const inner = value['elements'];
  switch (value['type']) {
    case 'text':
      return asString(value['text']);
    case 'user':
      return readable(ws, `<@${String(value['user_id'])}>`);
    case 'usergroup':
      return readable(ws, `<!subteam^${String(value['usergroup_id'])}>`);
    case 'channel':
      return readable(ws, `<#${String(value['channel_id'])}>`);
    case 'broadcast':
      return `@${String(value['range'])}`;
    case 'emoji':
      return `:${String(value['name'])}:`;
    case 'link':
      return asString(value['text'] ?? value['url']);
    case 'rich_text_list':
      return Array.isArray(inner) ? inner.map((one) => `• ${richText(ws, one)}`).join('\n') : '';
    case 'rich_text_quote':
      return `> ${richText(ws, inner)}`;
    default:
      return richText(ws, inner);
  }
}

function blockText(ws: Workspace, block: Json): string {
  const elements = Array.isArray(block['elements']) ? block['elements'] : [];
  switch (block['type']) {
    case 'section': {
      const fields = Array.isArray(block['fields']) ? block['fields'].map((one) => textOf(ws, one)) : [];
      return [textOf(ws, block['text']), ...fields, elementText(ws, block['accessory'])]
        .filter((one) => one !== '')
        .join('\n');
    }
    case 'header':
    case 'markdown':
    case 'alert':
      return textOf(ws, block['text']);
    case 'context':
    case 'actions':
    case 'context_actions':
      return elements.map((one) => elementText(ws, one)).join(' ');
    case 'divider':
      return '———';
    case 'image':
      return `(image: ${String(block['alt_text'])})`;
    case 'input':
      return `${inputLabel(block)}: ${elementText(ws, block['element'])}`;
    case 'rich_text':
      return elements.map((one) => richText(ws, one)).join('\n');
    case 'table':
    case 'data_table':
      return Array.isArray(block['rows'])
        ? block['rows']
            .map((row) =>
              Array.isArray(row)
                ? row
                    .map((cell) =>
                      isObject(cell) && cell['type'] === 'rich_text'
                        ? richText(ws, cell)
                        : asString((cell as Json)['text'] ?? (cell as Json)['value']),
                    )
                    .join(' | ')
                : '',
            )
            .join('\n')
        : '';
    default: {
      const children = Array.isArray(block['child_blocks'])
        ? block['child_blocks'].filter(isObject).map((one) => blockText(ws, one))
        : [];
      return [textOf(ws, block['title']), textOf(ws, block['body']), ...children]
        .filter((one) => one !== '')
        .join('\n');
    }
  }
}

export function blocksText(ws: Workspace, blocks: readonly Json[]): string {
  return blocks.map((one) => blockText(ws, one)).join('\n');
}

/** A message as the person sees it: its blocks when it has some, else its text. */
export function messageText(ws: Workspace, message: Message): string {
  const body = message.blocks.length > 0 ? blocksText(ws, message.blocks) : readable(ws, message.text);
  const attached = message.attachments.map((one) =>
    Array.isArray(one['blocks'])
      ? blocksText(ws, one['blocks'].filter(isObject))
      : readable(ws, asString(one['text'] ?? one['fallback'])),
  );
  const files = message.files.map((id) => `(file: ${ws.files.get(id)?.title ?? id})`);
  const reactions =
    message.reactions.length === 0
      ? []
      : [message.reactions.map((one) => `:${one.name}: ${one.users.length}`).join(' ')];
  return [body, ...attached, ...files, ...reactions].filter((one) => one !== '').join('\n');
}
