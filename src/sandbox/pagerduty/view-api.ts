/** The local PagerDuty as a page sees it. Types only: the page and the server share them. */

export interface PagerDutyView {
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly services: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly onCall: readonly { readonly level: number; readonly name: string }[];
  }[];
  /** Newest first, at most 20. */
  readonly incidents: readonly PagedView[];
  /** Events that were accepted and came to nothing, newest first, at most 10. */
  readonly dropped: readonly { readonly key: string; readonly why: string }[];
  readonly broken: boolean;
}
export interface PagedView {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly status: string;
  readonly urgency: string;
  readonly service: string;
  readonly assigned: readonly string[];
  readonly keys: readonly string[];
  readonly notes: readonly { readonly by: string; readonly text: string; readonly atMs: number }[];
  /** Oldest first: "Notified Sana Okafor by phone". */
  readonly log: readonly { readonly text: string; readonly atMs: number; readonly rang: boolean }[];
}

type PressedAct = 'acknowledge' | 'resolve' | 'reopen' | 'escalate';
export type PagerDutyAct =
  | { readonly kind: PressedAct; readonly incident: string; readonly by: string }
  | { readonly kind: 'note'; readonly incident: string; readonly by: string; readonly text: string }
  | { readonly kind: 'time out'; readonly incident: string }
  /** No new incidents for so long; 0 ends it. */
  | { readonly kind: 'maintenance'; readonly service: string; readonly minutes: number }
  /** Answers 503 to everything until it is mended. */
  | { readonly kind: 'break'; readonly broken: boolean };
