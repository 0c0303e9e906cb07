import type { ObjectName } from './kubernetes-objects.ts';

/** What a metrics store (Prometheus) can be asked. Types only; bound to one region by the engine. */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  /** Null stands for NaN (no traffic to divide by); infinities are left out as text in `note`. */
  readonly value: number | null;
}

/** One line over time. */
export interface Series {
  readonly labels: Labels;
  /** Oldest first: Unix time in seconds, and the value; null stands for NaN. A missing step is a gap, not a zero. */
  readonly points: readonly (readonly [at: number, value: number | null])[];
}

/** A stretch of time that ends `agoMs` before now, or up to a step (at most five minutes) earlier: equal steps have equal moments, so that answers can be joined. */
export interface Window {
  readonly forMs: number;
  readonly stepMs: number;
  /** 0 where it is left out. */
  readonly agoMs?: number;
}

/** An answer says why it is empty: no data is neither zero nor healthy. */
export type Answered =
  | {
      readonly is: 'series';
      readonly series: readonly Series[];
      /** It may be partial: why. */ readonly note: string | null;
    }
  /** `no such metric`: nobody ever exported it; `target is down`: its exporter does not answer; `no data`: it exists, not for this. */
  | { readonly is: 'no such metric' | 'target is down' | 'no data'; readonly because: string };

/** Of the pods of one Deployment (or of all pods of a namespace: name ''). Series carry `pod`, and `container` where the measure has one. Rates are over five minutes unless the config says otherwise. */
export type PodMeasure =
  /** Cores used. */
  | 'cpu'
  /** Share of CFS periods in which the container was throttled, 0 to 1; only containers with a CPU limit have it. */
  | 'cpu throttled'
  /** Resident memory, bytes: anonymous memory, without page cache. Per container instance: series carry `id`, new after each restart. */
  | 'memory rss'
  /** Bytes; holds active page cache too. */
  | 'memory working set'
  /** Restarts so far. */
  | 'restarts'
  /** Share of time in which a kernel ran, 0 to 1: not saturation. GPU measures carry `gpu` too. */
  | 'gpu busy'
  /** Share of the GPU's memory, 0 to 1. */
  | 'gpu memory'
  /** The last XID error's number, 0 for none. */
  | 'gpu xid';

/** Of one Deployment as a whole. */
export type WorkloadMeasure = 'replicas wanted' | 'replicas ready';

/** Of one service's own metrics, by `pod`; or summed over all pods, which is the only way to a quantile of the whole. */
export type ServiceMeasure =
  /** Requests per second. */
  | 'requests'
  /** Failed requests (5xx) per second; series carry `code` too. */
  | 'errors'
  /** Answers 4xx per second; series carry `code` too. */
  | 'client errors'
  /** Seconds. A value in the top bucket means "at least". */
  | 'latency'
  /** Requests that wait for a worker. */
  | 'queue'
  /** Requests being worked on. */
  | 'in flight'
  /** Mean size of a request (tokens, bytes: the service's own unit). */
  | 'input size'
  /** Model loads per second: more than at start means swapping. */
  | 'model loads';

/** Of the nodes; series carry `node`. */
export type NodeMeasure =
  /** Busy share of all cores, 0 to 1. */
  | 'node cpu'
  /** Share of time stolen by the hypervisor, 0 to 1. */
  | 'node steal'
  /** Share of time in which the busiest disk had work, 0 to 1. */
  | 'node disk';

export type Question =
  | { readonly ask: PodMeasure | WorkloadMeasure; readonly of: ObjectName }
  | { readonly ask: Exclude<ServiceMeasure, 'latency'>; readonly of: ObjectName; readonly by: 'pod' | 'all' }
  | {
      readonly ask: 'latency';
      /** 0.5, 0.95, 0.99. */
      readonly quantile: number;
      readonly of: ObjectName;
      readonly by: 'pod' | 'all';
    }
  | { readonly ask: NodeMeasure };

export interface ScrapeTarget {
  readonly job: string;
  readonly instance: string;
  readonly up: boolean;
  /** Why the last scrape failed; '' when it did not. */
  readonly error: string;
  /** ISO 8601. */
  readonly lastScrapeAt: string | null;
  readonly labels: Labels;
}

export interface AlertRule {
  readonly group: string;
  readonly name: string;
  readonly query: string;
  readonly forS: number;
  readonly health: 'ok' | 'err' | 'unknown';
  /** Why it could not be evaluated; '' when it could. */
  readonly error: string;
  readonly state: 'firing' | 'pending' | 'inactive';
  readonly labels: Labels;
}

export interface FiringAlert {
  readonly name: string;
  readonly state: 'firing' | 'pending';
  readonly since: string;
  readonly labels: Labels;
}

/** What the exporters say of one metric: several may say different things. */
export interface MetricAbout {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset' | 'unknown';
  readonly help: string;
}

export interface MetricsRead {
  /** Instant query in PromQL: for what the config says in PromQL. An empty list is *no data*, which is neither zero nor healthy. Throws a Failure. */
  instant(query: string): Promise<readonly Sample[]>;
  /** A question in the exporters' terms, whose metric names the config may change. The newest point is at the window's end. Throws a Failure. */
  series(question: Question, over: Window): Promise<Answered>;
  targets(): Promise<readonly ScrapeTarget[]>;
  rules(): Promise<readonly AlertRule[]>;
  alerts(): Promise<readonly FiringAlert[]>;
  /** Of a metric as its exporter names it (a histogram without `_bucket`). Empty: no target that answers now exports it. */
  about(metric: string): Promise<readonly MetricAbout[]>;
  /** "3.16.0". */
  version(): Promise<string>;
  /** What rates are taken over; 0: they are of the moment. Left out: five minutes. */
  rateWindowMs?(): Promise<number>;
  /** How many series each of these metrics has now, and how many of them with all of its labels. Throws a Failure. Left out: it cannot tell. */
  present?(
    wanted: readonly { readonly metric: string; readonly labels: readonly string[] }[],
  ): Promise<readonly { readonly metric: string; readonly series: number; readonly labelled: number }[]>;
}
