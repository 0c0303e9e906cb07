import type { Chart } from './chart.ts';
import type { Apart, Differs, NewestChange, Outcome, Risk, Severity } from './contract.ts';
import type { Impact } from './impact.ts';
import type { Json } from './json.ts';
import type { Words } from './words.ts';

/** What a diagnosis is made of, as JSON: evidence in, findings and offers out. Types only; `diagnose.ts` makes them. */

/** One reading's outcome, with when and how it was seen. */
export type Recorded = Outcome<unknown> & { readonly at: string; readonly tookMs: number; readonly byHand: string };
/** One region's evidence, by reading id. */
export type RegionEvidence = Readonly<Record<string, Recorded>>;

export interface Finding {
  readonly check: string;
  readonly severity: Severity;
  readonly found: Words;
  readonly short: string;
  readonly since: string | null;
  readonly quotes: readonly string[];
  readonly notKnown: Words | null;
  readonly byHand: string;
  readonly refuse: {
    readonly remedies: readonly string[];
    /** And whatever may end a ready pod. Absent: only those. */
    readonly endsPods?: true;
    readonly because: Words;
  } | null;
  readonly handOver: { readonly playbook: string; readonly target: Json } | null;
  /** Troubles beside it that get threads of their own. Absent: none. */
  readonly apart?: readonly Apart[];
  /** The question names what is not there. Absent: no. */
  readonly mistaken?: true;
  /** It is being overcome by itself. Absent: no. */
  readonly passing?: true;
}

/** A remedy with its plan, before anyone was asked. JSON, so that it can be stored and opened again. */
export interface Offer {
  readonly remedy: string;
  readonly plan: Json;
  readonly risk: Risk;
  readonly label: string;
  readonly says: Words;
  readonly after: Words | null;
  /** What somebody must take back later. Absent: nothing. */
  readonly temporary?: string;
  /** Where the live state differs from its source afterwards. Absent: nowhere, or not known. */
  readonly differs?: Differs;
  /** Only suspected. Absent: no. */
  readonly suspected?: true;
  /** By what it is the same offer at the next look. Absent: by its plan. */
  readonly same?: Json;
  readonly preview: readonly string[];
  /** It may take pods away or restart them. Absent: it does not. */
  readonly endsPods?: true;
  readonly knownGood: boolean;
  /** It mends nothing: how long it helps. Absent: it is meant to mend. */
  readonly buys?: string;
  /** Absent: by its pods. */
  readonly judgedBy?: 'users';
  readonly settleMs: number;
  readonly deadlineMs: number;
  /** The preview of what would take it back; or why nothing can. */
  readonly undo: { readonly preview: readonly string[] } | { readonly impossible: string };
}

export interface RegionDiagnosis {
  readonly region: string;
  readonly at: string;
  readonly asked: number;
  readonly answered: number;
  /** How many questions the playbook has. */
  readonly checks: number;
  readonly impact: Impact;
  /** The first is the cause; the others are said beside it. */
  readonly findings: readonly Finding[];
  /** In words, each once. */
  readonly ruledOut: readonly string[];
  readonly unsure: readonly { readonly check: string; readonly ask: string; readonly why: string }[];
  readonly offers: readonly Offer[];
  readonly notOffered: readonly { readonly remedy: string; readonly because: string }[];
  readonly advice: readonly {
    readonly fix: Words;
    readonly steps: readonly string[];
    /** Before any fix. Absent: no. */
    readonly first?: true;
  }[];
  readonly remarks: readonly {
    readonly label: string;
    readonly words: Words;
    /** Of changes: the newest one alone. Absent where there is none, and in what older versions stored. */
    readonly newest?: NewestChange;
    /** For one region beside another. Absent: nothing to compare. */
    readonly beside?: string;
  }[];
  /** Thinned: small enough to be kept with the thread. Absent: none. */
  readonly charts?: readonly Chart[];
  readonly unread: readonly { readonly reading: string; readonly why: string; readonly byHand: string }[];
  /** Every reading failed for want of an answer: the region is dark, not healthy. */
  readonly dark: boolean;
}
