import type { KnownBlock } from '@slack/types';
import type { Message } from '../../core/message.ts';
import { piecesOf, section, textOf } from './blocks.ts';
import type { Piece } from './blocks.ts';
import { lockText } from './mrkdwn.ts';
import type { Names } from './mrkdwn.ts';

/**
 * How much Slack takes in one message. The limit on all blocks together is undocumented; accepted were 9,597 characters of text
 * in 15,561 of JSON, refused 11,341 in 17,694 (bolt-js #2509, #2867).
 */
export interface Budget {
  readonly textChars: number;
  readonly jsonChars: number;
  readonly blocks: number;
}
export const FULL: Budget = { textChars: 9_500, jsonChars: 15_000, blocks: 48 };
export const HALF: Budget = { textChars: 4_700, jsonChars: 7_500, blocks: 24 };

export interface SlackText {
  /** What the lock screen shows. */
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}
export interface Fitted extends SlackText {
  /** Something did not fit. */
  readonly over: boolean;
  /** What did not fit, in order, as posts for the thread where no file can be; at most `MORE_MAX`, the last says what even these leave out. */
  readonly more: readonly SlackText[];
}
/** Where the rest is: the message says which. */
export type Rest = 'in thread' | 'in thread, as it was' | 'left out';

const MORE_MAX = 4;
/** Room for the sentence that says that something was left out. */
const SENTENCE_CHARS = 200;

export function fit(message: Message, names: Names, rest: Rest, budget: Budget = FULL): Fitted {
  const text = lockText(message.lock, names);
  const all = piecesOf(message, names);
  if (all.length === 0) return { text, blocks: [section(text)], over: false, more: [] };
  const { kept, left } = divide(all, budget);
  if (left.length === 0) return { text, blocks: kept, over: false, more: [] };
  const lines = left.reduce((sum, block) => sum + textOf(block).split('\n').length, 0);
  const blocks = withSentence(kept, SENTENCES[rest](lines));
  return { text, blocks, over: true, more: rest === 'in thread' ? further(left, budget) : [] };
}
const SENTENCES: Readonly<Record<Rest, (lines: number) => string>> = {
  'in thread': (lines) => `_The rest is below, in the thread (lines: ${lines})_`,
  'in thread, as it was': (lines) =>
    `_The rest (lines: ${lines}) is below, in the thread, as it was when that was posted_`,
  'left out': (lines) => `_More than Slack takes: left out (lines: ${lines})_`,
};

/** Keeps the essential ones and, in order, as many others as fit; from the first that does not, the others leave together. */
function divide(
  all: readonly Piece[],
  budget: Budget,
): { readonly kept: readonly KnownBlock[]; readonly left: readonly KnownBlock[] } {
  const whole = new Room(budget);
  if (all.every((piece) => whole.take(piece.block))) return { kept: all.map((piece) => piece.block), left: [] };
  const room = new Room(budget);
  room.reserve(SENTENCE_CHARS);
  const essential = new Set<Piece>();
  for (const piece of all) if (piece.essential && room.take(piece.block)) essential.add(piece);
  const kept: KnownBlock[] = [];
  const left: KnownBlock[] = [];
  for (const piece of all) {
    if (essential.has(piece) || (left.length === 0 && room.take(piece.block))) kept.push(piece.block);
    else left.push(piece.block);
  }
  // A rule with nothing below it divides nothing.
  return { kept, left: left.some((block) => block.type !== 'divider') ? left : [] };
}

class Room {
  private textChars: number;
  private jsonChars: number;
  private blocks: number;

  constructor(budget: Budget) {
    this.textChars = budget.textChars;
    // The brackets around them.
    this.jsonChars = budget.jsonChars - 2;
    this.blocks = budget.blocks;
  }

  take(block: KnownBlock): boolean {
    const textChars = textOf(block).length + BLOCK_OVERHEAD;
    const jsonChars = JSON.stringify(block).length + 1;
    if (textChars > this.textChars || jsonChars > this.jsonChars || this.blocks < 1) return false;
    this.textChars -= textChars;
    this.jsonChars -= jsonChars;
    this.blocks -= 1;
    return true;
  }

  reserve(chars: number): void {
    this.textChars -= chars;
    this.jsonChars -= chars;
    this.blocks -= 1;
  }
}
/** What a block seems to count beside its text. */
const BLOCK_OVERHEAD = 30;

/** Before the buttons, where the eye still is. */
function withSentence(kept: readonly KnownBlock[], sentence: string): readonly KnownBlock[] {
  const note: KnownBlock = { type: 'context', elements: [{ type: 'mrkdwn', text: sentence, verbatim: true }] };
  const at = kept.findIndex((block) => block.type === 'actions');
  return at === -1 ? [...kept, note] : [...kept.slice(0, at), note, ...kept.slice(at)];
}

function further(left: readonly KnownBlock[], budget: Budget): readonly SlackText[] {
  const posts: KnownBlock[][] = [];
  let room = new Room(budget);
  for (const [index, block] of left.entries()) {
    if (!room.take(block) || posts.length === 0) {
      if (posts.length === MORE_MAX) {
        const lines = left.slice(index).reduce((sum, it) => sum + textOf(it).split('\n').length, 0);
        posts.at(-1)?.push({
          type: 'context',
          elements: [{ type: 'mrkdwn', text: `_Left out here (lines: ${lines})_`, verbatim: true }],
        });
        break;
      }
      room = new Room(budget);
      room.reserve(SENTENCE_CHARS);
      room.take(block);
      posts.push([block]);
    } else {
      posts.at(-1)?.push(block);
    }
  }
  return posts.map((blocks, index) => ({ text: `Continued (${index + 1} of ${posts.length})`, blocks }));
}

/** Without blocks, for when Slack takes none of them: no buttons, shortened, but said. */
export function textOnly(message: Message, names: Names): SlackText {
  const parts: string[] = [];
  let size = 0;
  for (const { block } of piecesOf(message, names)) {
    if (block.type === 'actions') continue;
    const text = textOf(block);
    if (size + text.length + 1 > TEXT_ONLY_MAX) break;
    parts.push(text);
    size += text.length + 1;
  }
  const body = parts.length === 0 ? lockText(message.lock, names) : parts.join('\n');
  return { text: `${body}\n_Shortened and without buttons: Slack refused the whole message_`, blocks: [] };
}
const TEXT_ONLY_MAX = 3_800;
