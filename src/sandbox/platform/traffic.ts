import { Failure } from '../../core/failure.ts';
import type { Sample } from '../../core/ports/metrics.ts';
import { chance } from './random.ts';
import { minutes, type Cluster, type Service, type TrafficPoint } from './state.ts';
import { togetherP95 } from './telemetry/latency.ts';
import { demandAt, sharesOf } from './telemetry/load.ts';

/**
 * Request metrics, as recording rules would keep them. Labels: `service`, `region`. Windows are five minutes.
 *
 * | series | unit |
 * |---|---|
 * | `service:requests:rate5m` | requests per second |
 * | `service:requests:count5m` | requests in the window |
 * | `service:errors:ratio5m` | failed requests by all, 0 to 1; NaN without requests |
 * | `service:latency_p95_seconds:5m` | seconds; NaN without requests |
 */
export const series = [
  'service:requests:rate5m',
  'service:requests:count5m',
  'service:errors:ratio5m',
  'service:latency_p95_seconds:5m',
] as const;
type Series = (typeof series)[number];

export const windowMs = minutes(5);
/** What all pods' shares come to. Nobody serves: all is shed, as late as can be. */
export function pointOf(cluster: Cluster, service: Service, at: number): TrafficPoint {
  const shares = sharesOf(cluster, service, at);
  const requestsPerSecond = demandAt(cluster, service, at);
  const served = shares.reduce((sum, one) => sum + one.requestsPerSecond, 0);
  const failed = shares.reduce((sum, one) => sum + one.requestsPerSecond * one.errorRatio, 0);
  const even = shares.reduce((sum, one) => sum + one.errorRatio, 0) / Math.max(1, shares.length);
  return {
    at,
    requestsPerSecond,
    errorRatio: shares.length === 0 ? 1 : served === 0 ? even : failed / served,
    latencySeconds: togetherP95(shares, lateness(service)),
  };
}

/** The latency of a service that has nothing left: what waits until it is given up. */
const lateness = ({ baseLatencySeconds }: Service): number =>
  baseLatencySeconds * (1 + (0.051 * 0.98 ** 1.57) / (1 - 0.98));

/** Keeps a point whenever something changed. */
export function noteTraffic(cluster: Cluster, at: number): void {
  for (const service of cluster.services) {
    const points = cluster.traffic.get(service.name) ?? [];
    const next = pointOf(cluster, service, at);
    if (isSame(points.at(-1), next)) continue;
    points.push(next);
    cluster.traffic.set(service.name, points);
  }
}

/** Whether the newest point no longer tells how this service fares. */
export function isTrafficStale(cluster: Cluster, service: Service): boolean {
  return !isSame(cluster.traffic.get(service.name)?.at(-1), pointOf(cluster, service, cluster.now));
}

function isSame(last: TrafficPoint | undefined, next: TrafficPoint): boolean {
  return (
    last?.errorRatio === next.errorRatio &&
    last.latencySeconds === next.latencySeconds &&
    last.requestsPerSecond === next.requestsPerSecond
  );
}

export interface Window {
  readonly rate: number;
  readonly count: number;
  /** Null without requests. */
  readonly errors: number | null;
  readonly p95Seconds: number | null;
}

/** The five minutes before `at`, weighted by the requests of each stretch; half a percent of noise, the same for the same half minute. */
export function windowOf(cluster: Cluster, service: string, at: number): Window {
  const points = cluster.traffic.get(service) ?? [];
  let requests = 0;
  let errors = 0;
  let latency = 0;
  for (const [index, point] of points.entries()) {
    const from = Math.max(at - windowMs, point.at);
    const to = Math.min(at, points[index + 1]?.at ?? at);
    if (to <= from) continue;
    const share = (point.requestsPerSecond * (to - from)) / 1000;
    requests += share;
    errors += share * point.errorRatio;
    latency += share * point.latencySeconds;
  }
  const noise = 1 + (chance(cluster.seed, cluster.region, service, Math.floor(at / 30_000)) - 0.5) * 0.01;
  const count = Math.round(requests * noise);
  if (count === 0) return { rate: 0, count: 0, errors: null, p95Seconds: null };
  return {
    rate: count / (windowMs / 1000),
    count,
    errors: errors / requests,
    p95Seconds: (latency / requests) * noise,
  };
}

export function instant(cluster: Cluster, query: string, at: number): readonly Sample[] {
  const { name, matchers } = parse(query);
  if (!cluster.metricsAnswer) return [];
  const out: Sample[] = [];
  for (const service of cluster.services) {
    const labels = { __name__: name, service: service.name, region: cluster.region };
    const fits = matchers.every(
      ({ label, operator, value }) => (labelOf(labels, label) === value) === (operator === '='),
    );
    if (fits) out.push({ labels, value: valueOf(name, windowOf(cluster, service.name, at)) });
  }
  return out;
}

function labelOf(labels: Readonly<Record<string, string>>, name: string): string {
  return labels[name] ?? '';
}

function valueOf(name: Series, window: Window): number | null {
  switch (name) {
    case 'service:requests:rate5m':
      return window.rate;
    case 'service:requests:count5m':
      return window.count;
    case 'service:errors:ratio5m':
      return window.errors;
    case 'service:latency_p95_seconds:5m':
      return window.p95Seconds;
  }
}

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

function parse(query: string): { readonly name: Series; readonly matchers: readonly Matcher[] } {
  const plain = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{([^{}]*)\})?\s*$/.exec(query);
  const name = series.find((one) => one === plain?.[1]);
  const refuse = (): Failure =>
    new Failure(
      'invalid',
      `the sandbox answers only plain selectors of ${series.join(', ')}; not: ${query.slice(0, 120)}`,
    );
  if (plain === null || name === undefined) throw refuse();
  const matchers: Matcher[] = [];
  for (const part of (plain[2] ?? '').split(',')) {
    if (part.trim() === '') continue;
    const match = /^\s*([a-zA-Z_]\w*)\s*(=|!=)\s*"([^"\\]*)"\s*$/.exec(part);
    if (match === null) throw refuse();
    matchers.push({ label: match[1] ?? '', operator: match[2] ?? '=', value: match[3] ?? '' });
  }
  return { name, matchers };
}
