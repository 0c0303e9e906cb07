/** What the systems that raise alerts can be asked, and for Alertmanager told. Types only; one suite holds the simulation and the real ones to it. */

/** Where alerts come from: asked what fires now, so that what was missed or is over can be told. */
export interface AlertSource {
  /** "Alertmanager of eu-west-1": in messages. */
  readonly name: string;
  readonly is: 'alertmanager' | 'cloudwatch';
  /** Whose alerts it holds. One of several regions says in an alert's labels whose it is. */
  readonly regions: readonly string[];
  /**
   * Everything that fires there now, silenced or not; what is not among it does not fire. Throws a Failure: then nothing is known, which
   * is not that nothing fires. The limit is for all of it, in milliseconds.
   */
  firing(limitMs: number): Promise<readonly Firing[]>;
}

export interface Firing {
  /** The same as in what the source sends to the webhook. */
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startsAt: string;
  /** `suppressed`: silenced, inhibited or muted; it fires all the same. */
  readonly status: 'active' | 'suppressed';
  /** Ids of the silences that hold it back; empty where it is held back by something else, or not at all. */
  readonly silencedBy: readonly string[];
}

/** One matcher of a silence, as `name="value"`, `name!=…`, `name=~…` or `name!~…`. */
export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  /** ISO 8601. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly state: 'active' | 'pending' | 'expired';
}

export interface NewSilence {
  readonly matchers: readonly Matcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
  /** Unique for ever: with it in the comment, a second try finds what the first has made. Letters, digits, `-`, `/`. */
  readonly mark: string;
}

export interface Silences {
  /** Those that are over too, for as long as Alertmanager keeps them. Throws a Failure. */
  all(limitMs: number): Promise<readonly Silence[]>;
  /** Once for each mark, however often it is called. Returns the id. Throws a Failure; `maybeDone`: call it again. */
  create(silence: NewSilence, limitMs: number): Promise<string>;
  /** Over already, or expired before: returns. `not found`: there was none. Throws a Failure. */
  expire(id: string, limitMs: number): Promise<void>;
}

export interface Alertmanager extends AlertSource {
  readonly is: 'alertmanager';
  readonly silences: Silences;
  status(limitMs: number): Promise<AlertmanagerStatus>;
}

export interface AlertmanagerStatus {
  readonly version: string;
  /** `ready`, `settling`, or `disabled` where it stands alone. */
  readonly cluster: string;
  readonly peers: number;
  /** Null: its configuration could not be understood, and why. */
  readonly config: AlertmanagerConfig | { readonly unreadable: string };
}

/** What its routes do, without secrets: it never shows them. */
export interface AlertmanagerConfig {
  readonly route: AlertRoute;
  readonly receivers: readonly AlertReceiver[];
}

/** Null: as its parent, or Alertmanager's default. */
export interface AlertRoute {
  readonly receiver: string | null;
  /** In Alertmanager's own order and spelling: they are part of a group's key. */
  readonly matchers: readonly string[];
  readonly groupBy: readonly string[] | null;
  readonly groupWaitMs: number | null;
  readonly groupIntervalMs: number | null;
  readonly repeatIntervalMs: number | null;
  readonly goesOn: boolean;
  readonly routes: readonly AlertRoute[];
}

export interface AlertReceiver {
  readonly name: string;
  /** Addresses are secrets to Alertmanager, so that none is here. `maxAlerts` 0: all. */
  readonly webhooks: readonly { readonly sendResolved: boolean; readonly maxAlerts: number }[];
  readonly pagerduty: readonly { readonly sendResolved: boolean }[];
}

/** CloudWatch: alarms by name too, for those that nobody has heard of for a while. */
export interface CloudWatch extends AlertSource {
  readonly is: 'cloudwatch';
  /** The state of these alarms, by name or ARN; one that is not there is left out. Throws a Failure. */
  states(alarms: readonly string[], limitMs: number): Promise<readonly AlarmState[]>;
}

export interface AlarmState {
  readonly fingerprint: string;
  readonly name: string;
  readonly arn: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** ISO 8601; when it came into this state. */
  readonly since: string;
  /** Its actions are on: otherwise it tells nobody. */
  readonly tells: boolean;
}
