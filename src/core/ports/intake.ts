import type { Message, Press } from '../message.ts';
import type { Words } from '../words.ts';

/**
 * Where a chat adapter hands over what people typed and pressed. `take` resolves when the input is durable: only then is it
 * acknowledged. It throws a Failure when nothing was stored. The same `id` may come again (chat systems deliver twice): the
 * second time changes nothing and is answered all the same.
 */
export interface Intake {
  take(input: Taken): Promise<Answer>;
}

/** What a person did. `by` is a user id, `team` the id of that person's workspace, `id` unique for ever. Text is untrusted. */
export type Taken =
  | {
      readonly is: 'command';
      readonly id: string;
      readonly text: string;
      readonly by: string;
      readonly channel: string;
      readonly team: string;
    }
  /** `@mlp …`: `threadTs` is the root of the thread it was said in. */
  | {
      readonly is: 'mention';
      readonly id: string;
      readonly text: string;
      readonly by: string;
      readonly channel: string;
      readonly threadTs: string | null;
      readonly ts: string;
      readonly team: string;
    }
  | {
      readonly is: 'pressed';
      readonly id: string;
      readonly press: Press;
      readonly by: string;
      readonly channel: string;
      readonly messageTs: string;
      readonly threadTs: string | null;
      /** What was typed into the modal that asked for it; null: no modal. */
      readonly reason: string | null;
      readonly team: string;
    }
  | {
      readonly is: 'shortcut';
      readonly id: string;
      readonly callback: 'diagnose' | 'handle';
      readonly by: string;
      readonly channel: string;
      readonly messageTs: string;
      readonly messageText: string;
      readonly threadTs: string | null;
      readonly team: string;
    }
  /** Somebody opened the bot's own page. Worth nothing when it is lost. */
  | { readonly is: 'home'; readonly id: string; readonly by: string; readonly team: string };

export type Answer =
  | { readonly is: 'taken' }
  /** Shown only to who asked. */
  | { readonly is: 'said'; readonly message: Message }
  /** It takes a moment, and nothing is stored: lost with the process, and asked again. `answer` never rejects. `to`: who sees it. */
  | { readonly is: 'looking'; readonly to: 'asker' | 'all'; readonly first: Message; readonly answer: Promise<Message> }
  /** More is wanted: a form. What is filled in comes back as `pressed` with its reason, or as `command`. Nothing was stored yet. */
  | { readonly is: 'ask'; readonly modal: Modal };

export interface Modal {
  /** At most 24 characters, as `submit`. */
  readonly title: string;
  readonly submit: string;
  readonly intro: Words;
  readonly fields: readonly Field[];
  /**
   * What the filled form stands for. A press gets the first text field as its reason; in a command `{id}` is replaced by the
   * field's value, as one word where the field has options.
   */
  readonly means: Press | { readonly command: string };
}

export interface Field {
  /** Unique in its modal: letters, digits, dashes. */
  readonly id: string;
  readonly label: string;
  readonly multiline: boolean;
  readonly required: boolean;
  /** So many characters at least: what is shorter stays in the form, with a sentence. */
  readonly least?: number;
  /** Given: one of these is chosen (at most 100) instead of typed. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}
