import type { Message } from '../message.ts';
import { say, seconds } from '../words.ts';
import type { Words } from '../words.ts';
import { duration } from './small.ts';

/** What a message says of its own way to the channel: small print that is made when it is sent and is part of no state. */
export interface Way {
  /** When it should have been there (ISO 8601). */
  readonly wantedAt: string;
  readonly lagMs: number;
  /** Who was late: the chat system takes no more, or the bot was not running. */
  readonly because: 'slack' | 'bot';
  /** Why it stands where it was not meant to stand, as a sentence; null: it stands where it was meant to. */
  readonly note: string | null;
  /** Posts below it that were left out because they came too late. */
  readonly folded: number;
}

/** Below this nobody would have seen a difference. */
const LATE_MS = 5_000;

export function withWay(message: Message, way: Way): Message {
  const notes = [...noteWords(way), ...lateWords(way), ...foldedWords(way)];
  if (notes.length === 0) return message;
  return { ...message, blocks: [...message.blocks, ...notes.map((words) => ({ is: 'note' as const, words }))] };
}

function noteWords({ note }: Way): readonly Words[] {
  return note === null ? [] : [say`${note}`];
}

function lateWords({ wantedAt, lagMs, because }: Way): readonly Words[] {
  if (lagMs <= LATE_MS) return [];
  if (because === 'bot') return [say`${duration(lagMs)} late, since I was not running: wanted at ${seconds(wantedAt)}`];
  return [say`Slack lag ${duration(lagMs)}: wanted at ${seconds(wantedAt)}`];
}

function foldedWords({ folded }: Way): readonly Words[] {
  if (folded === 0) return [];
  return [say`${folded === 1 ? 'One post' : `${folded} posts`} of meanwhile left out: what counts now is here`];
}

/** Sentences for why something stands where it was not meant to stand. */
export const DELETED = 'The message before this one was deleted in Slack: this one goes on from here.';
export const UNEDITABLE = 'The message before this one cannot be edited any more: this one goes on from here.';
export function moved(channel: string, why: string): string {
  return `Meant for ${channel}, where I cannot post: ${why}.`;
}
