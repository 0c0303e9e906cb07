import type { Outcome } from '../contract.ts';
import type { Message } from '../message.ts';
import type { Commits } from '../ports/commits.ts';
import type { Read } from '../ports/platform.ts';
import type { Pattern } from './pattern.ts';

/** `/mlp pods`, `logs` …: looks and shows, changes and stores nothing. One file in `src/views` says all there is to know of one. Types only. */

export const LOOKS = ['pods', 'events', 'top', 'describe', 'logs', 'changes', 'compare'] as const;
export type LookWord = (typeof LOOKS)[number];

export interface Help {
  readonly usage: string;
  readonly short: string;
  /** Each a line; with `<deployment>` and `<region>` for one of this installation's. */
  readonly more: readonly string[];
  readonly examples: readonly string[];
}

/** What a person wants to see. */
export interface Asked {
  readonly view: LookWord;
  readonly namespace: string;
  /** '' stands for the whole namespace. */
  readonly name: string;
  /** One pod that was named; null: none. */
  readonly pod: string | null;
  /** Those that were named; none: all. */
  readonly regions: readonly string[];
  /** Null: as far back as this view goes by itself. */
  readonly sinceMs: number | null;
  readonly grep: Pattern | null;
  /** Of the container's instance before the present one. */
  readonly previous: boolean;
  readonly container: string | null;
  /** `top nodes`. */
  readonly nodes: boolean;
  /** For everybody in the channel, not only for who asked. */
  readonly here: boolean;
  /** Where no name was given: each of these, the services of the config. Left out: what the view makes of no name. */
  readonly each?: readonly { readonly namespace: string; readonly name: string }[];
}
export type Option = 'since' | 'grep' | 'previous' | 'container' | 'nodes';

/** One region's own outcome: one that could not be looked at says so and hides no other. */
export interface Seen<S> {
  readonly region: string;
  readonly outcome: Outcome<S>;
}

/** What a view may ask beside the regions. */
export interface Beside {
  /** Null: no source is configured. */
  readonly commits: Commits | null;
  /** What the bot itself has changed since this moment (ISO 8601), by its own records. */
  readonly acts: (since: string) => Promise<readonly Act[]>;
}

export interface Act {
  readonly region: string;
  /** When it was written. */
  readonly at: string;
  /** Names of what it was done to: deployment, autoscaler, pod, node. */
  readonly of: readonly string[];
  /** "autoscaler model-server: at most 30 replicas instead of 24". */
  readonly says: string;
  readonly undo: boolean;
  /** Who asked for it by command, and who approved it; null: nobody, the policy did. */
  readonly askedBy: string | null;
  readonly approvedBy: string | null;
  /** The incident's number, once it has one. */
  readonly number: number | null;
  /** It is left for a while, and not taken back so far. */
  readonly temporary: boolean;
}

export interface View {
  readonly word: LookWord;
  /** Other words for the same. */
  readonly also: readonly string[];
  readonly help: Help;
  readonly options: readonly Option[];
  /** Whether one deployment or pod must be named; `one or each`: without a name, those of the config. */
  readonly of: 'one' | 'one or all' | 'one or each';
  /** Time limit of one region, ms. */
  readonly withinMs: number;
  /** Looks at one region; a Failure becomes that region's *could not look*. `at`: now. */
  look(read: Read, asked: Asked, at: string): Promise<unknown>;
  /** What no region has. Left out: nothing. Fails by itself: the regions are shown all the same. */
  beside?(beside: Beside, asked: Asked, at: string): Promise<unknown>;
  /** Pure. `at`: when it was looked. */
  render(asked: Asked, all: readonly Seen<unknown>[], at: string, beside: Outcome<unknown> | null): Message;
}

/** What one file says of its view, with its own type of what is seen. */
export interface ViewSpec<S, B = never> extends Omit<View, 'look' | 'beside' | 'render'> {
  look(read: Read, asked: Asked, at: string): Promise<S>;
  beside?(beside: Beside, asked: Asked, at: string): Promise<B>;
  render(asked: Asked, all: readonly Seen<S>[], at: string, beside: Outcome<B> | null): Message;
}

export function viewOf<S, B = never>(spec: ViewSpec<S, B>): View {
  return spec;
}
