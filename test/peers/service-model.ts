/** What services do, as their exporters would tell it: one model for the hours before a test and for the time while it runs. */

/** One pod that serves or served. */
export interface Subject {
  readonly deployment: string;
  readonly pod: string;
  /** Of its ReplicaSet. */
  readonly hash: string;
  readonly node: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** Cores; null: no limit. */
  readonly cpuLimit: number | null;
  /** Unix seconds; `untilS` Infinity while it is there. */
  readonly fromS: number;
  readonly untilS: number;
  /** Its place among the pods of its Deployment by age and name, from 0. */
  readonly index: number;
}

export interface Moment {
  /** Before the test began; 0 while it runs. */
  readonly minutesAgo: number;
  /** Of this pod. */
  readonly ageMinutes: number;
  /** Pods of its Deployment that serve at this moment. */
  readonly ready: number;
}

/** What is left out is not exported. */
export interface Levels {
  /** Cores. */
  readonly cpu?: number;
  /** Share of its CFS periods. */
  readonly throttled?: number;
  /** Bytes. */
  readonly rss?: number;
  /** Per second. */
  readonly requests?: number;
  /** Of all requests, by status code: 0 to 1. */
  readonly failed?: Readonly<Record<string, number>>;
  /** Seconds that each request takes. */
  readonly latency?: number;
  readonly queue?: number;
  readonly inFlight?: number;
  /** 0 to 1. */
  readonly gpuBusy?: number;
  readonly xid?: number;
}

/** A service: what its pods do, and what a pod writes for a failed request. */
export interface Model {
  readonly levels: (of: Subject, at: Moment) => Levels;
  readonly failure?: (of: Subject) => string;
  /** How far back its history goes; 3 by default. */
  readonly hours?: number;
}

/** One sample: a counter's is its growth per second, a gauge's its value. */
export interface Measured {
  readonly name: string;
  readonly labels: string;
  readonly kind: 'counter' | 'gauge';
  readonly value: number;
  /** Read over a whole day: kept as long as the history goes. */
  readonly allDay: boolean;
}

export const buckets = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5];

/** The exporters' series of one pod at one moment. */
export function measuredOf(namespace: string, of: Subject, levels: Levels): readonly Measured[] {
  const pod = `namespace="${namespace}",pod="${of.pod}"`;
  const container = `${pod},container="serve",id="/${of.pod}"`;
  const out: Measured[] = [];
  const add = (
    kind: Measured['kind'],
    name: string,
    labels: string,
    value: number | undefined,
    allDay = false,
  ): void => {
    if (value !== undefined) out.push({ kind, name, labels, value, allDay });
  };
  add('counter', 'container_cpu_usage_seconds_total', container, levels.cpu);
  if (levels.throttled !== undefined) {
    add('counter', 'container_cpu_cfs_periods_total', container, 10);
    add('counter', 'container_cpu_cfs_throttled_periods_total', container, 10 * levels.throttled);
  }
  add('gauge', 'container_memory_rss', container, levels.rss, true);
  add(
    'gauge',
    'container_memory_working_set_bytes',
    container,
    levels.rss === undefined ? undefined : levels.rss * 1.05,
    true,
  );
  add('gauge', 'http_requests_queued', pod, levels.queue);
  add('gauge', 'http_requests_in_flight', pod, levels.inFlight);
  add(
    'gauge',
    'DCGM_FI_DEV_GPU_UTIL',
    `${pod},gpu="0"`,
    levels.gpuBusy === undefined ? undefined : levels.gpuBusy * 100,
  );
  add('gauge', 'DCGM_FI_DEV_XID_ERRORS', `${pod},gpu="0"`, levels.xid);
  const { requests, failed = {}, latency } = levels;
  if (requests === undefined) return out;
  const shares = Object.entries(failed);
  const good = 1 - shares.reduce((sum, [, share]) => sum + share, 0);
  add('counter', 'http_requests_total', `${pod},code="200"`, requests * good, true);
  for (const [code, share] of shares) add('counter', 'http_requests_total', `${pod},code="${code}"`, requests * share);
  if (latency === undefined) return out;
  for (const le of [...buckets, Infinity]) {
    const labels = `${pod},le="${le === Infinity ? '+Inf' : le}"`;
    add('counter', 'http_request_duration_seconds_bucket', labels, latency <= le ? requests : 0);
  }
  return out;
}
