import type { z } from 'zod';
import type { AdviceText, NewestChange } from './contract-words.ts';
import type { Chart } from './chart.ts';
import type { Json } from './json.ts';
import type { ActOn, Kind, Read } from './ports/platform.ts';
import type { Words } from './words.ts';

/** The contract between a playbook and the engine, as types. `about` in playbook.ts builds values of them; `docs/writing-a-playbook.md` walks through one. */

export type { Advice, AdviceText, NewestChange, Remark } from './contract-words.ts';
export type Outcome<V> = { readonly known: true; readonly value: V } | { readonly known: false; readonly why: string };
export type PerRegion<V> = Readonly<Record<string, Outcome<V>>>;
export type Severity = 'critical' | 'warning';
export type Risk = 'low' | 'medium' | 'high';
export type Scope = 'region' | 'platform';
/** The built-in finding that remedies and advice may answer: users are hurt, and no check says why. */
export type Unexplained = 'users-hurt';
export interface Moment {
  readonly at: string; // ISO 8601, UTC
  readonly runId: string;
}
/** Readings' values by id, after their types are gone. */
export type Bag = Readonly<Record<string, unknown>>;

/** A check's bad news. Only `found` and `short` are asked for; the rest says more where there is more to say. */
export interface Found {
  /** One sentence or two, with numbers and since when: "the registry has no image `x`. 6 of 6 new pods cannot pull it". */
  readonly found: Words;
  /** For titles and the lock screen, without markup: "image v2.4.1 not found". */
  readonly short: string;
  /** When it began, from the objects' own times (ISO 8601). */
  readonly since?: string;
  /** The words of the system itself: a kubelet's message, last log lines. Already redacted by the reading. */
  readonly quotes?: readonly string[];
  /** What would explain it and could not be seen: "why the tag is missing here. I cannot read the registry". */
  readonly notKnown?: Words;
  /** This finding's own command (which names the pod that it is about); it wins over the reading's. */
  readonly byHand?: string;
  /** What must not be done until this is over, and why; the named remedies are refused meanwhile. `endsPods`: and every change that may take a ready pod away or restart it. */
  readonly refuse?: { readonly remedies: readonly string[]; readonly endsPods?: true; readonly because: Words };
  /** There is no such thing: whoever asked gets that as the answer, and no incident is made of it. */
  readonly mistaken?: true;
  /** It is being overcome by itself: said, but nobody is called for it. */
  readonly passing?: true;
  /** It rests on numbers over a window alone, which show the harm of before for a while after a fix: until then it is *could not tell*. */
  readonly byNumbers?: true;
  /** Words of other checks (`rulesOut`) that this is a part of: not ruled out, though those checks are clear. */
  readonly keepsOpen?: readonly string[];
  /** Another playbook knows more about this. `target` is in that playbook's own shape, without the region. */
  readonly handOver?: { readonly playbook: string; readonly target: Json };
  /** Of many troubles at once: those that are none of this one. Each gets a thread of its own. Targets in their playbook's shape, without the region. */
  readonly apart?: readonly Apart[];
}
export interface Apart {
  readonly playbook: string;
  readonly target: Json;
  /** "api-gateway: image not found". */
  readonly short: string;
}
export type Answer = 'clear' | Found | { readonly unsure: string };

/** Why nothing is proposed. `moot`: not a question here, as of an autoscaler where there is none; said only to who asks for it. */
export interface NoPlan {
  readonly no: string;
  readonly moot?: true;
}

/** A yes may have something to say: by which numbers, or what it cannot tell. */
export type Verdict =
  | { readonly is: 'yes'; readonly note?: string }
  | { readonly is: 'no' | 'not yet' | 'worse'; readonly because: string };

export interface Reading<T, I extends string, V> {
  readonly id: I;
  readonly after: readonly string[];
  readonly withinMs: number;
  readonly byHand: (t: T) => string;
  readonly read: (read: Read, t: T, seen: Bag) => Promise<V>;
}
export interface Check<I extends string, N extends string> {
  readonly id: I;
  readonly severity: Severity;
  readonly ask: string;
  /** What is ruled out when it is clear, in a word or three: "no permission". Checks of one family share theirs. */
  readonly rulesOut: string;
  readonly needs: readonly N[];
  readonly also: readonly N[];
  /** `at`: when the evidence was taken (ISO 8601, UTC); the only clock that a check has. */
  readonly find: (seen: Bag, also: Bag, at: string) => Answer;
}
/** A check before a run's target is known; a playbook with a wider target can use it too. */
export interface CheckOf<T, I extends string, N extends string> extends Omit<Check<I, N>, 'find'> {
  readonly find: (seen: Bag, also: Bag, on: Asked<T>) => Answer;
}
/** What a check is asked about. `at`: when the evidence was taken (ISO 8601, UTC); the only clock that a check has. */
export interface Asked<T> {
  readonly t: T;
  readonly at: string;
}

/** A remedy closed over one plan. The engine stores `plan` and calls the rest; the plan's type is gone. */
export interface Proposed {
  readonly remedy: string;
  readonly plan: Json;
  readonly kind: Kind;
  readonly target: ActOn[Kind]['target'];
  readonly risk: Risk;
  /** The button's words, imperative: "rollback", "resume". */
  readonly label: string;
  /** What it does, in a sentence: "roll back to v2.4.0. Removes 6 broken pods, starts 3". */
  readonly says: Words;
  /** What it leaves behind: who will revert it, what stays different. Null: nothing worth a line. */
  readonly after: Words | null;
  /** What somebody must take back later, as the ledger names it: "autoscaler x: maximum 20 instead of 12"; null: nothing. */
  readonly temporary: string | null;
  /** Where the live state differs from its source afterwards. Absent: it does not, or nothing is known to declare it. */
  readonly differs?: Differs;
  /** What it takes back is only suspected: what mends exactly what was found comes before it. Absent: no. */
  readonly suspected?: true;
  /** By what an offer is the same at the next look, where the plan takes something from the moment (the mark of a restart). Absent: by the plan. */
  readonly same?: Json;
  /** Exactly what is approved, line by line. */
  readonly preview: readonly string[];
  /** It may take pods away that serve, or restart them: refused where a cause says that none may go. Absent: it does not. */
  readonly endsPods?: true;
  /** It restores what is known to have worked: never blocked by a freeze. */
  readonly knownGood: boolean;
  /** What it changes in the pod template, line by line as a rollback says it: two offers of the same are one. Absent: not compared. */
  readonly changes?: readonly string[];
  /** It mends nothing: how long it helps. "12 to 16 h until the limit again". Absent: it is meant to mend. */
  readonly buys?: string;
  /** It is for the users' sake: `verify`'s yes counts only once they are no longer hurt. Absent: its pods show whether it worked. */
  readonly judgedBy?: 'users';
  /** How long the new state must hold before `verify`'s yes counts. */
  readonly settleMs: number;
  /** When to stop waiting for `verify`. */
  readonly deadlineMs: number;
  readonly observe: (read: Read) => Promise<Json>;
  /** The part of an observation that an approval is bound to. */
  readonly binds: (now: unknown) => Json;
  readonly fits: (now: unknown) => Verdict;
  readonly holds: (now: unknown) => boolean;
  readonly verify: (before: unknown, now: unknown) => Verdict;
  /** One line for the thread while it settles: "9 of 12 updated, 11 ready". */
  readonly progress: (now: unknown) => string;
  readonly rehearse: (
    rehearse: ActOn[Kind]['rehearse'],
    now: unknown,
  ) => ReturnType<ActOn[Kind]['rehearse']['rehearse']>;
  readonly execute: (act: ActOn[Kind]['act']) => Promise<void>;
  readonly undo: Proposed | { readonly impossible: string };
}
/** What is live after a change and is not so where it is declared: until it is taken back, or the source says the same. */
export interface Differs {
  /** Where it is declared, as far as its owner tells. */
  readonly source: 'Git' | 'the Helm chart' | 'its source';
  /** "deployment ml-platform/model-server: v2.4.0 instead of v2.4.1". */
  readonly what: string;
}

export interface Remedy<T, I extends string, N extends string, W extends string> {
  readonly id: I;
  readonly title: string;
  readonly when: readonly W[];
  readonly needs: readonly N[];
  /** Readings that only add detail; one that the playbook does not look at is not known. */
  readonly also: readonly string[];
  /** How its details are written in a command: "10" for scale; null: nothing to be asked for but itself. */
  readonly asks: string | null;
  /** `asked`: the details that a person gave, null: none. Details that are not understood are a no. */
  readonly propose: (t: T, seen: Bag, at: Moment, asked: Json | null, also: Bag) => Proposed | NoPlan;
  /** After a restart or an upgrade: the schema decides whether a stored plan is still understood. */
  readonly open: (plan: unknown) => Proposed;
}

/** What a person would rather look at than read: shown in the thread once a cause is found that it speaks of. */
export interface ChartOf<T, W extends string, N extends string> {
  /** Which findings it shows. */
  readonly when: readonly W[];
  readonly needs: readonly N[];
  /** Null: nothing worth a look. `at`: when the evidence was taken (ISO 8601, UTC). */
  readonly draw: (t: T, seen: Bag, at: string) => Chart | null;
}

export interface TargetKind<T> {
  /** Includes `region`. */
  readonly schema: z.ZodType<T>;
  /** From an alert's labels; says which label is missing. */
  readonly from: (labels: Readonly<Record<string, string>>) => { readonly target: Json } | { readonly missing: string };
  /** "model-server": in titles. */
  readonly name: (t: T) => string;
  /** Hierarchical, below the region: "ml-platform/model-server". */
  readonly key: (t: T) => string;
}

/** What the list of playbooks holds: no type parameter. `open` parses a target once and closes over it. */
export interface Playbook {
  readonly id: string;
  readonly title: string;
  readonly scope: Scope;
  /** Section of the troubleshooting guide that it makes executable. */
  readonly guide: string;
  /** One sentence for help and catalogue. */
  readonly about: string;
  /** Names of the alerts that it owns. Each name has one owner in the whole list. */
  readonly alerts: readonly string[];
  /** Words that people use for this symptom. */
  readonly symptoms: readonly string[];
  readonly target: { readonly from: TargetKind<never>['from'] };
  readonly remedies: readonly { readonly id: string; readonly title: string; readonly when: readonly string[] }[];
  readonly checks: readonly {
    readonly id: string;
    readonly ask: string;
    readonly severity: Severity;
    readonly rulesOut: string;
  }[];
  readonly open: (target: unknown) => Opened;
}
export interface Opened {
  readonly name: string;
  readonly key: string;
  readonly look: readonly OpenReading[];
  readonly checks: readonly Check<string, string>[];
  readonly remedies: readonly {
    readonly id: string;
    readonly when: readonly string[];
    readonly needs: readonly string[];
    /** Only detail. Absent: none. */
    readonly also?: readonly string[];
    readonly asks: string | null;
    readonly propose: (seen: Bag, at: Moment, asked: Json | null, also?: Bag) => Proposed | NoPlan;
    readonly open: (plan: unknown) => Proposed;
  }[];
  readonly advice: readonly {
    readonly when: readonly string[];
    readonly needs: readonly string[];
    readonly say: (seen: Bag) => AdviceText;
  }[];
  readonly remarks: readonly {
    readonly label: string;
    readonly needs: readonly string[];
    readonly say: (seen: Bag, at: string) => Words | null;
    readonly newest?: (seen: Bag) => NewestChange | null;
    readonly beside?: (seen: Bag) => string | null;
  }[];
  readonly charts: readonly {
    readonly when: readonly string[];
    readonly needs: readonly string[];
    readonly draw: (seen: Bag, at: string) => Chart | null;
  }[];
}
export interface OpenReading {
  readonly id: string;
  readonly after: readonly string[];
  readonly withinMs: number;
  readonly byHand: string;
  readonly read: (read: Read, seen: Bag) => Promise<unknown>;
}

export type Readings<T> = readonly Reading<T, string, unknown>[];
export type ValueOf<R> = R extends { read: (...args: never) => Promise<infer V> } ? V : never;
/** One region's values; or, for a platform playbook, every region's outcome: there a dark region is data. */
export type Seen<Rs extends Readings<never>, S extends Scope> = {
  readonly [R in Rs[number] as R['id']]: S extends 'region' ? ValueOf<R> : PerRegion<ValueOf<R>>;
};
export type Maybe<Rs extends Readings<never>, S extends Scope> = {
  readonly [R in Rs[number] as R['id']]: S extends 'region' ? Outcome<ValueOf<R>> : PerRegion<ValueOf<R>>;
};
