import type { Attachment, Block, Message } from '../../core/message.ts';
import { plain } from '../../core/words.ts';
import { manyLines } from './mrkdwn.ts';
import type { Names } from './mrkdwn.ts';

/** A message as a text file, for what Slack does not take in one message: all of it, so that nothing is cut in the middle. */
export function wholeOf(message: Message, key: string, names: Names): Attachment {
  const text = message.blocks
    .map((block) => textOf(block, names))
    .filter((part) => part !== '')
    .join('\n');
  return {
    name: `${key
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 120)}.txt`,
    title: `${message.lock.slice(0, 150).toWellFormed()} (all of it)`,
    mime: 'text/plain',
    content: { text: `${manyLines(text)}\n` },
    altText: '',
  };
}

function textOf(block: Block, names: Names): string {
  switch (block.is) {
    case 'lines':
      return block.lines.map((words) => named(plain(words), names)).join('\n');
    case 'note':
      return named(plain(block.words), names);
    case 'verbatim':
      return `\n${block.text}\n`;
    case 'quote':
      return block.text.replace(/^/gm, '> ');
    case 'rule':
      return '---';
    case 'buttons':
      // They stand in the message.
      return '';
    default:
      return '';
  }
}

function named(text: string, names: Names): string {
  return text.replace(/@([UW][A-Z0-9]{2,})/g, (all, id: string) => names.get(id) ?? all);
}
