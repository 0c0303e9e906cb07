import { hours, mean, measure, minutes, valuesOf } from './measures.ts';
import type { Measured } from './measures.ts';
import type { Reading } from '../../src/core/contract.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';
import { onDeployment } from './on.ts';
import { podRows } from './pod-rows.ts';
import type { Row } from './pod-rows.ts';
import { nodes } from './room.ts';

/** Is it one pod, or one node, that is unlike the others? Said only when the others are well and both have enough requests to compare. */

export const requestsByPod = measure(
  'requests by pod',
  (t) => ({ ask: 'requests', of: { namespace: t.namespace, name: t.name }, by: 'pod' }),
  { forMs: hours(1), stepMs: minutes(1) },
);
export const errorsByPod = measure(
  'errors by pod',
  (t) => ({ ask: 'errors', of: { namespace: t.namespace, name: t.name }, by: 'pod' }),
  { forMs: hours(1), stepMs: minutes(1) },
  'is an answer',
);

/** Which pod, or node, is unlike the others. */
export interface Spot {
  readonly pod: string;
  readonly nodeName: string;
  /** Its node is the cause: all its pods on it are odd, and there are at least two, or its GPUs report errors. */
  readonly node: boolean;
  readonly cordoned: boolean;
}
export interface Odd extends Spot {
  /** Share of its requests that fail, and of all others'. */
  readonly ratio: number;
  readonly others: number;
}

/** The numbers of five minutes; fewer requests of one pod say nothing. */
const window = 5;
const minPodRequests = 20;
const bad = 0.05;
const timesWorse = 5;

export const oddPod = onDeployment.reading('odd pod', {
  after: [podRows, requestsByPod, errorsByPod, nodes],
  byHand: (t) =>
    `promtool query instant <PROMETHEUS_URL> 'sum by (pod) (rate(http_requests_total{namespace="${t.namespace}",code=~"5.."}[5m]))'`,
  read: (_read, _t, seen): Promise<Odd | null> =>
    Promise.resolve(oddOf(seen['pod rows'].rows, seen['requests by pod'], seen['errors by pod'], seen.nodes)),
});

export function oddOf(
  rows: readonly Row[],
  requests: Measured,
  errors: Measured,
  all: readonly { readonly name: string; readonly unschedulable: boolean }[],
): Odd | null {
  const ratios = ratiosOf(requests, errors);
  const known = rows.flatMap((row) => {
    const found = ratios.get(row.name);
    return found === undefined || found.requests < minPodRequests ? [] : [{ row, ...found }];
  });
  const worst = known.toSorted((a, b) => b.ratio - a.ratio)[0];
  if (worst === undefined || known.length < 2 || worst.ratio < bad) return null;
  const onNode = known.filter(({ row }) => row.node === worst.row.node);
  const isNode = onNode.length >= 2 && onNode.every(({ ratio }) => ratio >= bad);
  const rest = known.filter(({ row }) => (isNode ? row.node !== worst.row.node : row !== worst.row));
  const others = mean(rest.map(({ ratio }) => ratio));
  // Several that are bad and have no node in common: what they have in common is something else, such as their version.
  if (others === null || others * timesWorse > worst.ratio || rest.some(({ ratio }) => ratio >= bad)) return null;
  return {
    pod: isNode ? firstOf(onNode) : worst.row.name,
    nodeName: worst.row.node,
    node: isNode,
    cordoned: all.find((one) => one.name === worst.row.node)?.unschedulable ?? false,
    ratio: worst.ratio,
    others,
  };
}

/** Of pods that are all bad it is the same one at every look, whichever happens to be the worst. */
export function firstOf(bad: readonly { readonly row: Row }[]): string {
  return bad.map(({ row }) => row.name).toSorted()[0] ?? '';
}

/** Of the last minutes: failed by all, and how many requests that is. */
export function ratiosOf(
  requests: Measured,
  errors: Measured,
): ReadonlyMap<string, { readonly ratio: number; readonly requests: number }> {
  const last = Math.max(0, ...requests.series.map((one) => one.points.at(-1)?.[0] ?? 0));
  // A line that has ended says nothing about now.
  const within = { at: new Date(last * 1000).toISOString(), minutes: window };
  const failed = new Map<string, number>();
  for (const one of errors.series) {
    const pod = one.labels['pod'] ?? '';
    failed.set(pod, (failed.get(pod) ?? 0) + (mean(valuesOf(one, within)) ?? 0));
  }
  return new Map(
    requests.series.flatMap((one) => {
      const pod = one.labels['pod'] ?? '';
      const rate = mean(valuesOf(one, within));
      if (rate === null || rate === 0) return [];
      return [[pod, { ratio: Math.min(1, (failed.get(pod) ?? 0) / rate), requests: Math.round(rate * window * 60) }]];
    }),
  );
}

/** A playbook may find it by what it looks at itself: by failures (`oddPod`), or by latency. */
export type SpotReading = Reading<DeploymentTarget, 'odd pod', Spot | null>;
