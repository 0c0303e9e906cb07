import type { Desired } from '../message.ts';

/** What waits to be sent, and what was refused: the store's side of the publisher. Types only. */

export interface OutboxRow {
  readonly desired: Desired;
  readonly revision: number;
  /** 0: never sent. */
  readonly sentRevision: number;
  /** Where it stands, once sent. */
  readonly ref: MessageRef | null;
  /** Where its parent stands; null when it has none or the parent is not sent yet. */
  readonly parent: MessageRef | null;
  /** True while a send was begun and its outcome is not known: look for it before sending again. */
  readonly unsure: boolean;
  readonly failures: number;
  readonly wantedAt: string;
  /** 0 goes first: its own priority, or that of what waits for it. */
  readonly urgency: number;
  /** Why it stands where it was not meant to stand, as a sentence; null: it stands where it was meant to. */
  readonly note: string | null;
  /** Posts below it that were left out because they were too late. */
  readonly folded: number;
}

/** What the chat system takes now: rows that would have to wait are not offered, so that they hold nobody up. */
export interface Gates {
  /** Channels in which nothing new can be posted now. */
  readonly closed: readonly string[];
  /** Channels in which only what a person waits for may be posted now. */
  readonly urgent: readonly string[];
  /** Edits share one limit over all channels. */
  readonly edits: 'open' | 'progress' | 'urgent' | 'closed';
}

/** A message that the chat system refused for good: kept until somebody tries it again or it changes. */
export interface DeadLetter {
  readonly key: string;
  readonly stream: string;
  readonly channel: string;
  /** Its one line. */
  readonly lock: string;
  readonly why: string;
  readonly wantedAt: string;
}
export interface Undelivered {
  /** How many wait to be sent, and since when the first of them does (null: none). */
  readonly waiting: number;
  readonly since: string | null;
  readonly dead: number;
  /** The newest first. */
  readonly letters: readonly DeadLetter[];
}

export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}
