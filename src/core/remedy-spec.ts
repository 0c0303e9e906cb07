import type { z } from 'zod';
import type { Differs, Maybe, Moment, NoPlan, Readings, Risk, Scope, Seen, Verdict } from './contract.ts';
import type { Json } from './json.ts';
import type { ActOn, Kind, Read } from './ports/platform.ts';
import type { Words } from './words.ts';

/** What a remedy's author writes. Keep `schema` first and `observe` before its users: inference runs top down. */
export interface RemedySpec<
  T,
  S extends Scope,
  N extends Readings<T>,
  W extends string,
  K extends Kind,
  P,
  O,
  A,
  L extends Readings<T> = [],
> {
  readonly title: string;
  readonly acts: K;
  readonly when: readonly W[];
  readonly needs: N;
  /** Only adds detail to the plan, and arrives as an outcome; one that the playbook does not look at is not known. */
  readonly also?: L;
  readonly schema: z.ZodType<P>;
  /** What a person may ask of it by command, with how it is written: "10", "to 17". */
  readonly asks?: { readonly schema: z.ZodType<A>; readonly usage: string };
  /** `asked`: null when nobody asked for details, so that it chooses by what was seen. */
  readonly plan: (
    t: T,
    seen: Seen<N, S>,
    at: Moment,
    asked: NoInfer<A> | null,
    also: Maybe<L, S>,
  ) => NoInfer<P> | NoPlan;
  readonly target: (plan: P) => ActOn[K]['target'];
  readonly label: string;
  readonly risk: (plan: P) => Risk;
  readonly says: (plan: P) => Words;
  readonly after: (plan: P) => Words | null;
  /** What somebody must take back later, for the ledger of temporary changes. Left out, or null: nothing. */
  readonly temporary?: (plan: P) => string | null;
  /** Where what it leaves differs from what declares it. Left out, or null: nowhere. */
  readonly differs?: (plan: P) => Differs | null;
  /** Nothing shows that what it takes back is at fault. Left out: it is for exactly what was found. */
  readonly suspected?: (plan: P) => boolean;
  readonly same?: (plan: P) => Json;
  /** Whether it may take pods away that serve, or restart them. Left out: it may. */
  readonly endsPods?: (plan: P) => boolean;
  readonly preview: (plan: P) => readonly string[];
  readonly knownGood: (plan: P) => boolean;
  /** Lines of the pod template that it changes, as a rollback says them. Left out, or none: not compared. */
  readonly changes?: (plan: P) => readonly string[];
  /** How long it helps where it mends nothing. Left out, or null: it is meant to mend. */
  readonly buys?: (plan: P) => string | null;
  /** Left out: by its pods. */
  readonly judgedBy?: (plan: P) => 'pods' | 'users';
  /** By the plan, where it was measured how long its pods take. */
  readonly settleMs: number | ((plan: P) => number);
  readonly deadlineMs: number | ((plan: P) => number);
  readonly observe: (read: Read, plan: P) => Promise<O>;
  /** The fields that the plan was made from (template, paused, owner), not those that move by themselves (counts, status). */
  readonly binds: (now: O) => Json;
  /** Is the plan still right? Asked at the click, and again before acting. */
  readonly fits: (plan: P, now: O) => Verdict;
  /** Did it happen? Asked after a crash. */
  readonly holds: (plan: P, now: O) => boolean;
  readonly rehearse: (rehearse: ActOn[K]['rehearse'], plan: P, now: O) => ReturnType<ActOn[K]['rehearse']['rehearse']>;
  /** Idempotent: the desired outcome by identity, never "one back" or "revision 17". */
  readonly execute: (act: ActOn[K]['act'], plan: P) => Promise<void>;
  readonly verify: (plan: P, before: O, now: O) => Verdict;
  readonly progress: (plan: P, now: O) => string;
  /** Another plan of the same remedy with its own `fits`, or why it cannot be taken back. */
  readonly undo: ((plan: P) => NoInfer<P> | { readonly impossible: string }) | { readonly impossible: string };
}
