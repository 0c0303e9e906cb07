import type { Json } from './model.ts';
import type { Workspace } from './workspace.ts';

const tokens = /<(?:[@#!][^<>\s]*|https?:[^<>\s]*)>/g;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Escapes what is not already one of Slack's tokens. */
function escapeAround(text: string): string {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(tokens)) {
    out += escape(text.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return out + escape(text.slice(from));
}

function resolve(ws: Workspace, text: string, withNames: boolean): string {
  return text
    .replaceAll(/(?<![\w<])@([a-z][\w.-]*)/g, (whole, name: string) => {
      if (['here', 'channel', 'everyone'].includes(name)) return `<!${name}>`;
      const person = [...ws.people.values()].find((one) => one.name === name);
      if (person !== undefined) return withNames ? `<@${person.id}|${person.name}>` : `<@${person.id}>`;
      const group = [...ws.groups.values()].find((one) => one.handle === name);
      return group === undefined
        ? whole
        : withNames
          ? `<!subteam^${group.id}|@${group.handle}>`
          : `<!subteam^${group.id}>`;
    })
    .replaceAll(/(?<![\w<&])#([a-z][\w-]*)/g, (whole, name: string) => {
      const channel = [...ws.channels.values()].find((one) => one.kind === 'channel' && one.name === name);
      return channel === undefined ? whole : `<#${channel.id}|${channel.name}>`;
    });
}

/** What the client sends for typed words: `@name` and `#channel` become tokens, `& < >` are escaped. */
export function typedText(ws: Workspace, typed: string): string {
  return resolve(ws, escapeAround(typed), false);
}

/** The same for a slash command; mentions become tokens, with names, only where the app asked for it. */
export function commandText(ws: Workspace, typed: string, shouldEscape: boolean): string {
  const escaped = escapeAround(typed.trim());
  return shouldEscape ? resolve(ws, escaped, true) : escaped;
}

/** The block that the client sends along with plain words. */
export function typedBlocks(ws: Workspace, text: string): readonly Json[] {
  return [
    {
      type: 'rich_text',
      block_id: ws.newId('').slice(0, 5),
      elements: [{ type: 'rich_text_section', elements: richElements(text) }],
    },
  ];
}

function richElements(text: string): readonly Json[] {
  const out: Json[] = [];
  const plain = (part: string): void => {
    if (part !== '')
      out.push({ type: 'text', text: part.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&') });
  };
  let from = 0;
  for (const match of text.matchAll(/<([@#!])([^<>|]*)(?:\|[^<>]*)?>/g)) {
    plain(text.slice(from, match.index));
    const [, kind, id = ''] = match;
    if (kind === '@') out.push({ type: 'user', user_id: id });
    else if (kind === '#') out.push({ type: 'channel', channel_id: id });
    else if (id.startsWith('subteam^')) out.push({ type: 'usergroup', usergroup_id: id.slice('subteam^'.length) });
    else out.push({ type: 'broadcast', range: id });
    from = match.index + match[0].length;
  }
  plain(text.slice(from));
  return out;
}
