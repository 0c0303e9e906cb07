import type { FailureKind } from '../failure.ts';

/**
 * Reaching people (PagerDuty). Types only. No method throws or rejects: each outcome says what is known and why. Every call has its own
 * time limit and repeats by itself what may pass (with the same key); `signal` ends it earlier. All moments are ISO 8601 UTC.
 */
export interface Paging {
  /** The configured ways to people, by name, in the config's order; empty: paging is not configured. */
  readonly routes: readonly PagingRoute[];
  /** Opens an incident there, or adds to the open one of that key. Repeating it with the same key is safe. */
  trigger(page: Page, signal?: AbortSignal): Promise<Sent>;
  /** Of the open incident with that key; without one it is accepted and does nothing. */
  acknowledge(page: PageKey, signal?: AbortSignal): Promise<Sent>;
  resolve(page: PageKey, signal?: AbortSignal): Promise<Sent>;
  /** The newest incident of that key on that route; null: there is none (yet). */
  incident(page: PageKey, signal?: AbortSignal): Promise<Answer<PagedIncident | null>>;
  /** An accepted event is not a page: whom it has reached, or why nobody. Takes a few requests; ask again while it is *not yet*. */
  reached(page: PageKey, signal?: AbortSignal): Promise<Answer<Reached>>;
  /**
   * The dedup keys in an incident, for one that is known by id only: their webhooks leave the key out once an incident holds alerts, and
   * their own grouping may put several into one.
   */
  keysOf(incidentId: string, signal?: AbortSignal): Promise<Answer<readonly string[]>>;
  /** Adds a note to an incident, unless one with this very text is there already: repeating it is safe. At most 25,000 characters. */
  note(incidentId: string, text: string, signal?: AbortSignal): Promise<Sent>;
  /** Who is on call now on these routes (empty: all), the lowest level first. A route without a policy in the config has nobody. */
  onCall(routes: readonly string[], signal?: AbortSignal): Promise<Answer<readonly OnCall[]>>;
  /** A person by PagerDuty's id, to find the same one in chat (webhooks name people without their address). */
  person(id: string, signal?: AbortSignal): Promise<Answer<PagedPerson>>;
  /** For `doctor` and health: that the token is accepted and each route's policy and service exist. A sentence for each trouble. */
  check(signal?: AbortSignal): Promise<Answer<readonly string[]>>;
}

export interface PagingRoute {
  readonly name: string;
  /** The route to take when this one fails; null: none. */
  readonly fallback: string | null;
}

export interface PageKey {
  /** Name of a configured route. */
  readonly to: string;
  /** The dedup key, at most 255 characters: one fault, one key, one page. */
  readonly key: string;
}

export interface Page extends PageKey {
  /** One line, for a lock screen. Cut at 1,024 characters. */
  readonly summary: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  /** What is broken: `eu-west-1/ml-platform/model-server`. */
  readonly source: string;
  readonly component: string | null;
  /** https or http addresses; others are left out. */
  readonly links: readonly { readonly href: string; readonly text: string }[];
  /** Shown as a table. What is larger than the sender's limit (512 kB in all) is cut. */
  readonly details: Readonly<Record<string, string>>;
}

/** What became of an event or a note. */
export type Sent =
  /** PagerDuty has it. For an event that is no page yet: see `reached`. */
  | { readonly is: 'accepted' }
  /** It will never take it like this: a wrong key, a malformed event, a route or token that is not configured. */
  | { readonly is: 'refused'; readonly kind: FailureKind; readonly because: string }
  /** Surely not taken, and may be tried again: no connection, too many requests. */
  | {
      readonly is: 'not sent';
      readonly kind: FailureKind;
      readonly because: string;
      readonly retryAfterMs: number | null;
    }
  /** No answer, or an error on their side: it may have been taken. Repeat it with the same key, or look with `incident`. */
  | {
      readonly is: 'unknown';
      readonly kind: FailureKind;
      readonly because: string;
      readonly retryAfterMs: number | null;
    };

export type Answer<T> =
  | { readonly is: 'read'; readonly value: T }
  | {
      readonly is: 'unknown';
      readonly kind: FailureKind;
      readonly because: string;
      readonly retryAfterMs: number | null;
    };

export interface PagedPerson {
  /** PagerDuty's, such as PXPGF42. */
  readonly id: string;
  readonly name: string;
  /** Null: their token or webhook does not tell. */
  readonly email: string | null;
  /** The chat system's user id where the config says so; null: look it up by e-mail. */
  readonly chatId: string | null;
}

export interface PagedIncident {
  readonly id: string;
  readonly number: number;
  /** For people. */
  readonly link: string;
  readonly title: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  readonly urgency: 'high' | 'low';
  /** "P1", as their account calls it; null: none. */
  readonly priority: string | null;
  readonly service: string;
  readonly createdAt: string;
  readonly assigned: readonly PagedPerson[];
  readonly acknowledgedBy: readonly PagedPerson[];
  /** When the last of them did (ISO 8601); null: nobody did, or it is not told. */
  readonly acknowledgedAt: string | null;
}

export interface Notification {
  readonly who: PagedPerson;
  /** "phone", "sms", "push", "email", or another word of theirs. */
  readonly how: string;
  readonly at: string;
}

export type Reached =
  /** At least one of them was told, oldest first. */
  | { readonly is: 'notified'; readonly incident: PagedIncident; readonly whom: readonly Notification[] }
  | {
      readonly is: 'nobody';
      readonly why: WhyNobody;
      /** A sentence for people. */
      readonly because: string;
      readonly incident: PagedIncident | null;
    }
  /** Nobody so far, and nothing that explains it: their queue takes seconds. `incident` null: it does not exist yet. */
  | { readonly is: 'not yet'; readonly because: string; readonly incident: PagedIncident | null };

export type WhyNobody =
  /** The service is in a maintenance window: events open no incident. */
  | 'maintenance window'
  /** The service is disabled on their side. */
  | 'service disabled'
  /** Low urgency on their side: no phone rings. */
  | 'low urgency'
  | 'nobody on call'
  /** Somebody had acknowledged that incident before: they know. */
  | 'acknowledged before'
  /** It was resolved before anybody was told. */
  | 'resolved before';

export interface OnCall {
  readonly route: string;
  readonly policy: string;
  /** 1 is who is told first. */
  readonly level: number;
  readonly who: PagedPerson;
  /** Name of the schedule; null: always. */
  readonly schedule: string | null;
  /** When their shift ends; null: it does not. */
  readonly until: string | null;
}

/** What happened to an incident on their side, from their webhook. A row of the inbox for each incident that called: `pagerduty:<id>:<stream>`. */
export interface PagedEvent {
  readonly is: 'paged-event';
  /** The same when they deliver it again (for 48 hours). */
  readonly id: string;
  readonly at: string;
  readonly incident: {
    readonly id: string;
    /** The dedup key; null: they did not tell, see `keysOf`. */
    readonly key: string | null;
    /** '' when they did not tell. */
    readonly title: string;
    readonly link: string | null;
  };
  readonly by: PagedBy;
  readonly what: PagedChange;
}

export type PagedBy =
  | { readonly is: 'person'; readonly who: PagedPerson }
  /** A service, an integration (also ours: what we acknowledge and resolve comes back like this), a workflow. */
  | { readonly is: 'machine'; readonly name: string }
  /** Nobody was named: a timeout of theirs, or not told. */
  | { readonly is: 'nobody named' };

export type PagedChange =
  | { readonly does: 'triggered'; readonly urgency: 'high' | 'low'; readonly assigned: readonly PagedPerson[] }
  | { readonly does: 'acknowledged' | 'unacknowledged' | 'reopened' }
  /** `mergedInto`: the id of the incident that it became part of; null: it was resolved for itself. */
  | { readonly does: 'resolved'; readonly mergedInto: string | null }
  | {
      readonly does: 'reassigned' | 'delegated' | 'escalated';
      readonly to: readonly PagedPerson[];
      /** Name of the escalation policy; '' when they did not tell. */
      readonly policy: string;
    }
  | { readonly does: 'priority updated'; readonly priority: string | null }
  | { readonly does: 'moved'; readonly service: string }
  /** `trimmed`: their webhook holds only the beginning. */
  | { readonly does: 'note added'; readonly note: string; readonly text: string; readonly trimmed: boolean }
  | { readonly does: 'status update'; readonly text: string; readonly trimmed: boolean }
  /** Somebody was asked to help. `whom`: a person's or a policy's name. */
  | {
      readonly does: 'responder';
      readonly whom: string;
      readonly state: 'asked' | 'accepted' | 'declined';
      readonly message: string;
    };
