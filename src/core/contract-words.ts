import type { Bag } from './contract.ts';
import type { Words } from './words.ts';

/** What a playbook says beside its findings: what only people can do, and lines about the target. */

/** What only people can do: exact steps with placeholders, never a secret's value. */
export interface Advice<T, W extends string, N extends string> {
  readonly when: readonly W[];
  readonly needs: readonly N[];
  readonly say: (t: T, seen: Bag) => AdviceText;
}
export interface AdviceText {
  /** "push or replicate the tag. Pods retry by themselves within 5 min". */
  readonly fix: Words;
  /** Commands with `<PLACEHOLDERS>`, in order. */
  readonly steps: readonly string[];
  /** To be done before any fix, and none itself: what a fix would destroy. */
  readonly first?: true;
}

/** A labelled line about the target whatever was found: "Change: v2.4.0 → v2.4.1 at 02:15 UTC by Argo CD". */
export interface Remark<T, N extends string> {
  readonly label: string;
  readonly needs: readonly N[];
  /** Null: nothing worth a line. `at`: when the evidence was taken (ISO 8601, UTC). */
  readonly say: (t: T, seen: Bag, at: string) => Words | null;
  /** Of a remark about changes: the newest one alone. Two looks with the same `mark` have seen the same change, however it is told. */
  readonly newest?: (t: T, seen: Bag) => NewestChange | null;
  /** The same in a few words, for one region beside another: "v2.4.1", "memory flat over 24 h". Null: nothing to compare. */
  readonly beside?: (t: T, seen: Bag) => string | null;
}
export interface NewestChange {
  readonly mark: string;
  readonly words: Words;
  /** Which parts of the template it changed: `image`, `environment`. Absent: not said, as in what older versions stored. */
  readonly parts?: readonly string[];
}
