import type { Temporary } from '../incident/ledger.ts';
import type { Json } from '../json.ts';
import type { Desired } from '../message.ts';
import type { Gates, MessageRef, OutboxRow, Undelivered } from './outbox.ts';

/** What the bot needs of a database. Types only; one conformance suite holds SQLite and PostgreSQL to it. All moments are ISO 8601 UTC. */

/** Something that happened outside and must not be lost: an alert, a command, a click. */
export interface Incoming {
  /** Unique for ever: a second row with the same id is a duplicate and changes nothing. */
  readonly id: string;
  readonly to: Route;
  readonly body: Json;
  /** The alert that this is news of (fingerprint and start): each is counted once. Left out: no alert. */
  readonly alert?: string;
}
export type Route =
  | { readonly is: 'stream'; readonly stream: string }
  /** The open stream that holds this key; none: `fresh` is created and takes the key. */
  | { readonly is: 'key'; readonly key: string; readonly fresh: string; readonly wider?: Wider };

/** Where nobody holds the key itself: the open stream that holds this one. `opens`: and where there is none, `fresh` takes this one. */
export interface Wider {
  readonly key: string;
  readonly opens: boolean;
}

export interface Accepted {
  readonly id: string;
  readonly stream: string;
  /** The id was known: nothing was stored. */
  readonly duplicate: boolean;
}

export interface InboxRow {
  /** Grows within the store: rows of one stream are taken in this order. */
  readonly position: number;
  readonly id: string;
  readonly body: Json;
  readonly at: string;
}

/** A lease on a stream or on a named job, fenced by its epoch. */
export interface Claim {
  readonly name: string;
  readonly owner: string;
  readonly epoch: number;
}

export interface StoredEvent {
  readonly seq: number;
  readonly at: string;
  readonly body: Json;
}

export interface Loaded {
  /** Number of the last event; 0 for a new stream. */
  readonly seq: number;
  readonly events: readonly StoredEvent[];
  readonly inbox: readonly InboxRow[];
}

/** One step of one stream: all of it or nothing. */
export interface Step {
  /** Positions of the inbox rows that this step answers. */
  readonly consumed: readonly number[];
  readonly events: readonly Json[];
  readonly evidence: readonly { readonly id: string; readonly body: Json }[];
  readonly messages: readonly Desired[];
  readonly audit: readonly AuditEntry[];
  /** When the stream wants to be driven again; null: only when something arrives. */
  readonly dueAt: string | null;
  /** Take the right to act on this target (`eu-west-1/ml-platform/model-server`); a prefix conflicts, and the empty target is the whole platform.
   * Kept until released by a later step, also by a stream that has closed. */
  readonly hold: string | null;
  readonly release: string | null;
  /** All keys that this stream answers to from now on, as far as no other open stream has them; those left out are free. Null: no change. */
  readonly keys: readonly string[] | null;
  /** For lists and look-ups; null: no change. */
  readonly summary: Summary | null;
  /** What is remembered of it from now on, in place of what was. Absent: no change. */
  readonly past?: readonly PastFault[];
}

/** A fault of a closed incident: what later ones of the same kind are told of it. */
export interface PastFault {
  /** Check, region and target: `pods-pull/eu-west-1/ml-platform/model-server`. */
  readonly key: string;
  readonly number: number;
  readonly closedAt: string;
  /** "model-server: image v2.4.1 not found". */
  readonly title: string;
  /** What ended it: "rolled back to v2.4.0". */
  readonly how: string;
  /** Who approved that; null: nobody had to. */
  readonly by: string | null;
  /** What people said of the cause that was named; null: nothing. */
  readonly judged: { readonly right: boolean; readonly said: string | null } | null;
}
export interface KnownPast extends PastFault {
  readonly stream: string;
}

export interface Summary {
  readonly number: number | null;
  readonly open: boolean;
  readonly title: string;
  readonly state: string;
  readonly regions: readonly string[];
  readonly channel: string;
  readonly updatedAt: string;
  /** What it has changed for a while and nobody has taken back: a stream with any is kept, also when it is closed. Absent: none. */
  readonly temporary?: readonly Temporary[];
  /** What is live and not so in its source. It keeps no stream: its source is nothing that is looked at. Absent: none. */
  readonly differs?: readonly Temporary[];
  /** Until when its alerts are silenced in Alertmanager (ISO 8601), also after its end. Absent: they are not. */
  readonly silenced?: string;
  /** Dedup keys of its calls that were taken: another incident of the same alert group has the same. Absent: none. */
  readonly pages?: readonly string[];
  /** While it is open: the groups of its alerts, as their sender's page has them for a key. It is not over for them. Absent: none. */
  readonly groups?: readonly string[];
  /** For lists. Absent: nothing was found, or it was written by an older version. */
  readonly glance?: Glance;
}
export interface Glance {
  readonly priority: string;
  readonly users: string;
  /** Who took it over; null: nobody. */
  readonly onIt: string | null;
  /** When the first of what waits for approval expires (ISO 8601); null: nothing waits. */
  readonly until: string | null;
  /** Nobody is called for it until then (ISO 8601). Absent: it is not put off. */
  readonly snoozed?: string;
  /** Until when its regions are in maintenance (ISO 8601). Absent: they are not. */
  readonly maintained?: string;
  /** It has no message of its own while that lasts. */
  readonly hushed?: true;
  /** What it is about: the deployment, or the namespace. Absent: written by an older version. */
  readonly name?: string;
}

export type Committed =
  | { readonly is: 'done'; readonly seq: number }
  /** Somebody appended: load and decide again. */
  | { readonly is: 'moved' }
  /** The lease is another's now: stop. */
  | { readonly is: 'lost' }
  /** The target is held by another stream; nothing was stored. */
  | { readonly is: 'held'; readonly by: string };

/** One decision. The store adds number, time, the previous row's MAC and its own. */
export interface AuditEntry {
  readonly stream: string;
  /** A person's id, or `mlp-bot`. */
  readonly who: string;
  readonly what: string;
  readonly digest: string | null;
  readonly why: string;
}
export interface AuditRow extends AuditEntry {
  readonly number: number;
  readonly at: string;
  /** HMAC-SHA256 (hex) over the canonical row and the previous MAC. */
  readonly mac: string;
}

export type * from './outbox.ts';

export interface StreamInfo {
  readonly stream: string;
  readonly summary: Summary;
}

/** Reads the audit log beside a running bot; cannot write. */
export interface AuditReader {
  /** Rows from this number on, in their order. */
  readonly rows: (fromNumber: number, limit: number) => Promise<readonly AuditRow[]>;
  readonly close: () => Promise<void>;
}

export interface Store {
  /** Durable when it resolves. Throws Failure `too many requests` when the inbox is full, `server error` when the disk is. */
  accept(rows: readonly Incoming[]): Promise<readonly Accepted[]>;

  /** Null while another owner's lease runs. By the store's clock. */
  claim(name: string, owner: string, ttlMs: number): Promise<Claim | null>;
  /** False: lost. */
  renew(claim: Claim, ttlMs: number): Promise<boolean>;
  release(claim: Claim): Promise<void>;

  load(stream: string): Promise<Loaded>;
  /** Unanswered rows only: what a live driver asks again and again. */
  inbox(stream: string): Promise<readonly InboxRow[]>;
  /**
   * A lease that ran out without a successor still commits. Closing (`summary.open` false) frees the keys; a row may arrive in that very
   * moment, so a closed stream can have unanswered rows: it is driven and must answer them.
   */
  commit(claim: Claim, seq: number, step: Step): Promise<Committed>;
  evidence(stream: string, id: string): Promise<Json | null>;
  /** The incident number of this stream: allotted once. */
  number(stream: string): Promise<number>;

  /** Streams that are due or have unanswered rows, and are nobody's. */
  due(limit: number): Promise<readonly string[]>;
  /**
   * Calls `drive` for streams that want it, until stopped: at once when something arrives, when it is due, and by a sweep
   * for whatever was missed. `stop` waits for nobody.
   */
  distribute(
    drive: (stream: string) => Promise<void>,
    concurrency: number,
  ): Promise<{ readonly stop: () => Promise<void> }>;
  /** Tells of rows accepted for a stream, here or by another replica (best effort; `inbox` is the truth). */
  onAccepted(listen: (stream: string) => void): () => void;

  /**
   * A kept message with the same content gets no new revision; a said or whispered one never does: what was first wanted under its key
   * stands. A reply waits for its parent, and what is said in a thread for what was said there before, unless that is dead.
   *
   * Messages whose wanted revision is newer than the sent one and whose retry time has come: first what a person waits for, then by age,
   * where detail counts as two minutes younger than it is. A whisper past its `notAfter` is dropped. `gates` left out: all are open. */
  outbox(limit: number, gates?: Gates): Promise<readonly OutboxRow[]>;
  /** Before a send: from here on its outcome is unknown until `sent` or `notSent`. Guarded by the publisher's claim. */
  sending(claim: Claim, key: string, revision: number): Promise<boolean>;
  /** `note`: why it stands where it was not meant to; left out: as before. */
  sent(claim: Claim, key: string, revision: number, ref: MessageRef, note?: string): Promise<boolean>;
  /** The message is not there any more, or not to be used: it is to be posted anew, with what is kept below it, and says why. */
  lost(claim: Claim, key: string, note: string | null): Promise<boolean>;
  /**
   * Leaves out what was never sent and need not be said after so long: messages marked `late: 'fold'`, and those of a thread that its
   * newest state does not want any more. Returns how many. (A thread whose first message is `unseen` is left out by its step.)
   */
  fold(claim: Claim, olderThanMs: number): Promise<number>;
  /** What waits and what was refused for good. */
  undelivered(limit: number): Promise<Undelivered>;
  /** Dead letters are tried again: all, or those of one channel. Returns how many. */
  revive(channel: string | null): Promise<number>;
  /** `retryAt` null: never again (a dead letter, visible in the metrics). `unsure` keeps the look-up flag. */
  notSent(claim: Claim, key: string, why: string, retryAt: string | null, unsure: boolean): Promise<boolean>;
  messageAt(ref: MessageRef): Promise<{ readonly key: string; readonly stream: string } | null>;
  messageRef(key: string): Promise<MessageRef | null>;

  streams(options: { readonly open: boolean | null; readonly limit: number }): Promise<readonly StreamInfo[]>;
  /** Streams with temporary changes, or with what differs from its source; the longest unchanged first. */
  temporary(limit: number): Promise<readonly StreamInfo[]>;
  byNumber(number: number): Promise<StreamInfo | null>;
  /** Faults of incidents that closed at or after `since` (ISO 8601), the newest first; `key` null: all of them. */
  past(options: {
    readonly key: string | null;
    readonly since: string;
    readonly limit: number;
  }): Promise<readonly KnownPast[]>;
  /** Who answers to this key now, with its number if it has one; null: nobody. */
  owner(key: string): Promise<{ readonly stream: string; readonly number: number | null } | null>;

  /** Small cluster-wide facts: the kill switch, last cron times. */
  setting(name: string): Promise<Json | null>;
  /** With its audit entry, in one transaction. */
  setSetting(name: string, value: Json, audit: AuditEntry | null): Promise<void>;

  audit(fromNumber: number, limit: number): Promise<readonly AuditRow[]>;
  /** Number 0 with 64 zeros while the log is empty. */
  auditHead(): Promise<{ readonly number: number; readonly mac: string }>;

  /** Removes closed streams, their rows and the ids of inbox rows from before this moment (the audit log stays). Returns how many streams. */
  prune(before: string): Promise<number>;
  /** Throws a Failure in words when the store cannot be used. */
  check(): Promise<void>;
  stats(): Promise<{
    readonly inbox: number;
    readonly outbox: number;
    readonly dead: number;
    /** Incidents and questions: streams that said what they are. */
    readonly open: number;
    readonly overdue: number;
    /** Distinct alerts that were taken and are not pruned. */
    readonly alerts: number;
  }>;
  now(): Promise<string>;
  close(): Promise<void>;
}
