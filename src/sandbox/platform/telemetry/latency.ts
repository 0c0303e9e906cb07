import type { Share } from './load.ts';

/** The shape of a pod's latencies, from its p95: what quantiles, logs and their sample agree on. */

/** Quantile to share of the p95, between these the line is straight. */
const shape: readonly (readonly [number, number])[] = [
  [0, 0.18],
  [0.5, 0.48],
  [0.9, 0.83],
  [0.95, 1],
  [0.99, 1.55],
  [1, 2.4],
];

/** Seconds. */
export function quantileOf({ p95Seconds, strain }: Pick<Share, 'p95Seconds' | 'strain'>, quantile: number): number {
  const tail = strain.tail;
  if (tail !== null && quantile > 1 - tail.share) return tail.seconds + p95Seconds * 0.5;
  const q = Math.min(1, Math.max(0, quantile));
  for (const [index, [to, high]] of shape.entries()) {
    const [from, low] = shape[index - 1] ?? [0, 0.18];
    if (q <= to) return p95Seconds * (to === from ? high : low + ((high - low) * (q - from)) / (to - from));
  }
  return p95Seconds * 2.4;
}

/** The p95 of all pods' requests together: a slow twelfth of the requests shows in it. */
export function togetherP95(shares: readonly Share[], fallback: number): number {
  let weight = 0;
  let sum = 0;
  for (const one of shares) {
    weight += one.requestsPerSecond;
    sum += one.requestsPerSecond * quantileOf(one, 0.95) ** 8;
  }
  return weight === 0 ? fallback : (sum / weight) ** (1 / 8);
}
