import type { ActionsBlock, Button as SlackButton, KnownBlock } from '@slack/types';
import type { Block, Button, Message } from '../../core/message.ts';
import type { Words } from '../../core/words.ts';
import { cut, escape, fenced, line, lineStart, pieces, plainText, quoted, span } from './mrkdwn.ts';
import type { Names } from './mrkdwn.ts';

/** A message's blocks, each within Slack's limits for one block; whether they fit together is `fit`'s concern. */

/** Slack's limit is 3,000 by a unit that it does not publish; ours are UTF-16 units, with a margin. */
export const SECTION_MAX = 2_850;
const BUTTONS_PER_ROW = 5;
const VALUE_MAX = 2_000;

export interface Piece {
  readonly block: KnownBlock;
  /** Buttons and the first lines: they stay in the message whatever else must leave it. */
  readonly essential: boolean;
}

export function piecesOf(message: Message, names: Names): readonly Piece[] {
  const out: Piece[] = [];
  for (const block of message.blocks) {
    for (const made of blocksOf(block, names)) {
      const first = !out.some((piece) => piece.block.type === 'section');
      out.push({ block: made, essential: made.type === 'actions' || (made.type === 'section' && first) });
    }
  }
  const last = out.at(-1);
  // The small print at the end says when this was looked at.
  if (last?.block.type === 'context') out[out.length - 1] = { ...last, essential: true };
  return out;
}

function blocksOf(block: Block, names: Names): readonly KnownBlock[] {
  switch (block.is) {
    case 'lines':
      return sections(block.lines.flatMap((words) => lineParts(words, names)));
    case 'verbatim':
      return bounded(block.text, (text) => pieces(text, fenced, SECTION_MAX));
    case 'quote':
      return bounded(block.text, (text) => pieces(text, quoted, SECTION_MAX));
    case 'buttons':
      return rows(block.buttons);
    case 'note':
      return lineParts(block.words, names)
        .filter((text) => text.trim() !== '')
        .map((text) => ({ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] }));
    case 'rule':
      return [{ type: 'divider' }];
  }
}

/** `verbatim`: Slack does not look for links, channels and mentions of its own accord. `expand`: no "see more". */
export function section(text: string): KnownBlock {
  return { type: 'section', expand: true, text: { type: 'mrkdwn', text, verbatim: true } };
}

/** More than a message and its thread could hold is not even formatted: ten megabytes of log would hold everything up. */
const RAW_MAX = 60_000;
function bounded(raw: string, split: (text: string) => readonly string[]): readonly KnownBlock[] {
  if (raw.length <= RAW_MAX) return split(raw).map(section);
  const left = `_And ${(raw.length - RAW_MAX).toLocaleString('en')} more characters_`;
  return [...split(cut(raw, RAW_MAX)), left].map(section);
}

function sections(lines: readonly string[]): readonly KnownBlock[] {
  const out: string[] = [];
  for (const text of lines) {
    const last = out.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= SECTION_MAX) out[out.length - 1] = `${last}\n${text}`;
    else out.push(text);
  }
  return out.filter((text) => text.trim() !== '').map(section);
}

/** One line, or several when it is too long for a section: broken between spans, or inside a long one before it is encoded. */
function lineParts(words: Words, names: Names): readonly string[] {
  const short = words.map((it) => ('text' in it ? { ...it, text: cut(it.text, RAW_MAX) } : it));
  const whole = line(short, names);
  if (whole.length <= SECTION_MAX) return [whole];
  const atoms = short.flatMap((it) =>
    it.is === 'text' || it.is === 'code' || it.is === 'bold' || it.is === 'italic'
      ? pieces(it.text, (text) => span({ is: it.is, text }, names), SECTION_MAX)
      : [cutAtom(span(it, names), it.is === 'link' ? it.text : '')],
  );
  const out: string[] = [];
  for (const atom of atoms) {
    const last = out.at(-1);
    if (last !== undefined && last.length + atom.length <= SECTION_MAX) out[out.length - 1] = last + atom;
    else out.push(atom);
  }
  return out.map(lineStart);
}

/** A link can be too long to be one. */
function cutAtom(encoded: string, label: string): string {
  if (encoded.length <= SECTION_MAX) return encoded;
  return pieces(label, plainText, SECTION_MAX)[0] ?? '';
}

function rows(buttons: readonly Button[]): readonly ActionsBlock[] {
  const elements: SlackButton[] = [];
  const taken = new Set<string>();
  for (const button of buttons) {
    const value = JSON.stringify(button.press);
    // A value that is cut would mean something else: the button is left out, and the tests of what makes buttons see it.
    if (value.length > VALUE_MAX) continue;
    elements.push(slackButton(button, value, taken));
  }
  const out: ActionsBlock[] = [];
  for (let at = 0; at < elements.length; at += BUTTONS_PER_ROW) {
    out.push({ type: 'actions', elements: elements.slice(at, at + BUTTONS_PER_ROW) });
  }
  return out;
}

function slackButton(button: Button, value: string, taken: Set<string>): SlackButton {
  let id = cut(`press:${button.id.toWellFormed()}`, 250);
  while (taken.has(id)) id += '+';
  taken.add(id);
  const label = cut(button.label.toWellFormed().trim(), 75);
  const describe = cut(button.describe.toWellFormed().trim(), 75);
  return {
    type: 'button',
    action_id: id,
    text: { type: 'plain_text', text: label === '' ? '…' : label, emoji: true },
    ...(button.url === undefined ? { value } : { url: button.url }),
    ...(button.style === 'plain' ? {} : { style: button.style }),
    ...(describe === '' ? {} : { accessibility_label: describe }),
  };
}

/** What a reader sees of a block, as mrkdwn. */
export function textOf(block: KnownBlock): string {
  switch (block.type) {
    case 'section':
      return block.text?.text ?? '';
    case 'context':
      return block.elements.map((element) => ('text' in element ? element.text : '')).join(' ');
    case 'actions':
      return block.elements
        .map((element) =>
          'text' in element && typeof element.text === 'object' ? `[${escape(element.text.text)}]` : '',
        )
        .join(' ');
    case 'divider':
      return '---';
    default:
      return '';
  }
}
