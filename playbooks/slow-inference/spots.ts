import type { ServiceFacts } from '../../src/core/ports/platform.ts';
import { median, newest } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { firstOf } from '../readings/odd-pod.ts';
import type { Spot } from '../readings/odd-pod.ts';
import type { Row } from '../readings/pod-rows.ts';
import { limitOf } from './judge.ts';

/** Each pod with enough requests to have a p95 of its own. */
export interface Spread {
  readonly row: Row;
  readonly p95: number;
  /** In five minutes. */
  readonly requests: number;
  readonly slow: boolean;
}

const minPodRequests = 20;

export function spreadOf(
  rows: readonly Row[],
  p95: Measured,
  requests: Measured,
  config: ServiceFacts,
): readonly Spread[] {
  const rates = new Map(requests.series.map((one) => [one.labels['pod'] ?? '', Math.round((newest(one) ?? 0) * 300)]));
  return p95.series.flatMap((one) => {
    const row = rows.find((each) => each.name === one.labels['pod']);
    const [value, count] = [newest(one), rates.get(one.labels['pod'] ?? '') ?? 0];
    if (row === undefined || value === null || count < minPodRequests) return [];
    return [{ row, p95: value, requests: count, slow: value > limitOf(config) }];
  });
}

export interface SlowSpot extends Spot {
  /** Seconds: of the slowest, and the middle of all others. */
  readonly p95: number;
  readonly othersP95: number;
  /** Of the slowest pod, in five minutes. */
  readonly requests: number;
  /** Slow pods on that node, and all other pods. */
  readonly pods: number;
  readonly others: number;
}

const timesSlower = 1.7;

/** Said only while all others are as fast as they should be. Null: none, or too many to be one. */
export function slowSpotOf(
  all: readonly Spread[],
  nodes: readonly { readonly name: string; readonly unschedulable: boolean }[],
): SlowSpot | null {
  const worst = all.toSorted((a, b) => b.p95 - a.p95)[0];
  if (worst === undefined || !worst.slow || all.length < 2) return null;
  const onNode = all.filter((one) => one.row.node === worst.row.node);
  const isNode = onNode.length >= 2 && onNode.every((one) => one.slow);
  const rest = all.filter((one) => (isNode ? one.row.node !== worst.row.node : one !== worst));
  const othersP95 = median(rest.map((one) => one.p95));
  if (othersP95 === null || rest.some((one) => one.slow) || worst.p95 < othersP95 * timesSlower) return null;
  return {
    pod: isNode ? firstOf(onNode) : worst.row.name,
    nodeName: worst.row.node,
    node: isNode,
    cordoned: nodes.find((one) => one.name === worst.row.node)?.unschedulable ?? false,
    p95: worst.p95,
    othersP95,
    requests: worst.requests,
    pods: onNode.length,
    others: rest.length,
  };
}
