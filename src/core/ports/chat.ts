import type { Message } from '../message.ts';
import type { MessageRef } from './store.ts';

/** What the chat system (Slack) is told and asked. Types only. Every method throws a Failure; `retryAfterMs` on it is honoured by the caller. */
export interface Chat {
  /**
   * Posts once: no retry of its own. `mark` goes with the message as metadata, so that it can be found after an unknown outcome
   * (Failure with `maybeDone`).
   */
  post(to: Destination, message: Message, mark: Mark): Promise<MessageRef>;
  /** Replaces the message's whole content. `not found` when somebody deleted it. */
  update(ref: MessageRef, message: Message, mark: Mark): Promise<void>;
  /** The message with this key, posted at or after `since`; null when there is none. */
  find(to: Destination, key: string, since: string): Promise<MessageRef | null>;
  whisper(to: Destination & { readonly user: string }, message: Message): Promise<void>;
  /** The address of a message, for a link to it. Left out: this chat system has none. */
  link?(ref: MessageRef): Promise<string>;
  /** How people call a channel: `#ml-platform`. Left out: by its id. */
  channelName?(id: string): Promise<string>;
}
export interface Destination {
  readonly channel: string;
  /** ts of the thread's root; null: in the channel. */
  readonly threadTs: string | null;
}
export interface Mark {
  readonly key: string;
  readonly revision: number;
}

/** Who people are, as of now. A look-up that fails throws: no approval is ever counted on a guess. */
export interface People {
  person(id: string): Promise<Person>;
  /** User ids in this user group. */
  members(group: string): Promise<readonly string[]>;
  /** Who has this e-mail address here; null: nobody. May be as old as an hour. */
  byEmail(address: string): Promise<string | null>;
  /** Names of those in this group who have no account here that could be found. Left out: there are none. */
  strangers?(group: string): Promise<readonly string[]>;
}
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly team: string;
  readonly active: boolean;
  /** Single- or multi-channel guests, and members of other organisations. */
  readonly guest: boolean;
  readonly external: boolean;
  readonly bot: boolean;
}
