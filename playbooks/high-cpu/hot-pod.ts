import type { Outcome } from '../../src/core/contract.ts';
import type { Deployment } from '../../src/core/ports/kubernetes.ts';
import type { Read } from '../../src/core/ports/platform.ts';
import { Failure } from '../../src/core/failure.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { deployment } from '../readings/deployment.ts';
import { median, minutes, newest } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import type { Row } from '../readings/pod-rows.ts';
import type { Spot } from '../readings/odd-pod.ts';
import { jumpOf } from '../readings/trend.ts';
import { boundsOf, highOfRequest } from './picture.ts';
import { lately, stolenShare } from './node-load.ts';
import { cpu, of, over } from './use.ts';
import type { PodUse, Use } from './use.ts';

/** Requests per second of each pod now: median of ten minutes. */
export interface PodRequests {
  readonly pods: readonly { readonly pod: string; readonly perSecond: number }[];
}

export const requestsByPodNow = onDeployment.reading('requests of each pod now', {
  withinMs: 8_000,
  byHand: (t) => promqlByHand({ ask: 'requests', of: of(t), by: 'pod' }),
  read: async (read, t): Promise<PodRequests> => {
    const question = { ask: 'requests', of: of(t), by: 'pod' } as const;
    const answer = await read.metrics.series(question, { forMs: minutes(10), stepMs: minutes(2) });
    if (answer.is === 'target is down') throw new Failure('not found', `${answer.is}: ${answer.because}`);
    // It counts no requests: then no pod has more of them than another.
    if (answer.is !== 'series') return { pods: [] };
    const pods = answer.series.flatMap(({ labels, points }) => {
      const value = median(points.flatMap(([, one]) => (one === null ? [] : [one])));
      return value === null || newest({ labels, points }) === null
        ? []
        : [{ pod: labels['pod'] ?? '', perSecond: Number(value.toPrecision(4)) }];
    });
    return { pods: pods.toSorted((a, b) => b.perSecond - a.perSecond).slice(0, 200) };
  },
});

/** Few pods that work far harder than the many others. */
export interface Hot {
  readonly pods: readonly PodUse[];
  /** Cores: median of the hot ones, and of the others. */
  readonly value: number;
  readonly middle: number;
  readonly others: number;
  readonly since: string | null;
  /** Of the hottest against the median of the others; null: not measured. */
  readonly requests: { readonly ratio: number } | null;
  readonly sameNode: string | null;
}

/** It has more to do: what balances the load is the cause, not the pod. */
export const isUneven = ({ requests }: Pick<Hot, 'requests'>): boolean => (requests?.ratio ?? 1) >= 1.5;

const timesOthers = 1.7;
/** At most this share of the pods: else it is not a few. */
const few = 0.25;

export function hotPod(
  seen: {
    readonly cpu: Use;
    readonly deployment: Deployment;
    readonly 'pod rows': { readonly rows: readonly Row[] };
  },
  requests: Outcome<PodRequests>,
): Hot | null {
  const main = seen.deployment.template.containers[0]?.name ?? '';
  const { request, limit } = boundsOf(seen.deployment, main);
  // Of many pods only the hottest are kept one by one; how all of them stand is known all the same.
  const own = seen.cpu.pods.filter((one) => one.container === main && !one.young);
  const all = seen.cpu.containers.find((one) => one.container === main);
  if (all === undefined || all.pods < 3) return null;
  const middle = all.median;
  const line = Math.max(middle * timesOthers, middle + 0.2);
  const hot = own.filter((one) => one.value >= line && isHigh(one.value, request, limit));
  if (hot.length === 0 || hot.length > Math.max(1, Math.floor(all.pods * few))) return null;
  const others = own.filter((one) => !hot.includes(one));
  const nodes = new Set(hot.map(({ pod }) => seen['pod rows'].rows.find((row) => row.name === pod)?.node ?? ''));
  const [worst] = hot;
  const lineOf = seen.cpu.series.find(
    ({ labels }) => labels['pod'] === worst?.pod && labels['container'] === worst?.container,
  );
  const jump = lineOf === undefined ? null : jumpOf(lineOf);
  return {
    pods: hot,
    value: median(hot.map((one) => one.value)) ?? 0,
    middle: median(others.map((one) => one.value)) ?? 0,
    others: all.pods - hot.length,
    since: jump !== null && jump.after >= jump.before * 1.3 ? new Date(jump.at * 1000).toISOString() : null,
    requests: requestsOf(hot, others, requests),
    sameNode: hot.length > 1 && nodes.size === 1 ? ([...nodes][0] ?? null) : null,
  };
}

/** Half of what it asked for is idle: such a pod hurts nobody. */
const isHigh = (value: number, request: number | null, limit: number | null): boolean =>
  limit !== null && value >= limit * 0.8 ? true : request === null ? value >= 1 : value >= request * highOfRequest;

function requestsOf(
  hot: readonly PodUse[],
  others: readonly PodUse[],
  requests: Outcome<PodRequests>,
): Hot['requests'] {
  if (!requests.known) return null;
  const rates = (pods: readonly PodUse[]): number | null =>
    median(
      pods.flatMap(({ pod }) => {
        const found = requests.value.pods.find((one) => one.pod === pod);
        return found === undefined ? [] : [found.perSecond];
      }),
    );
  const [mine, theirs] = [rates(hot), rates(others)];
  return mine === null || theirs === null || theirs <= 0 ? null : { ratio: mine / theirs };
}

/**
 * For replacing it, or for leaving its node: a node whose CPU time is stolen comes first. No single pod where there are several, or where it
 * only gets more to do.
 */
export const oddByCpu = onDeployment.reading('odd pod', {
  after: [cpu, deployment, podRows, requestsByPodNow],
  byHand: (t) => promqlByHand({ ask: 'cpu', of: of(t) }),
  read: async (read, _t, seen): Promise<Spot | null> => {
    const { rows } = seen['pod rows'];
    const robbed = await robbedNode(read, rows);
    if (robbed !== null) return robbed;
    const hot = hotPod(seen, { known: true, value: seen['requests of each pod now'] });
    const [one] = hot?.pods ?? [];
    if (hot === null || one === undefined || hot.pods.length > 1 || isUneven(hot)) {
      return null;
    }
    const nodeName = rows.find((row) => row.name === one.pod)?.node ?? '';
    return { pod: one.pod, nodeName, node: false, cordoned: false };
  },
});

/** What cannot be read here is no reason not to replace a hot pod: the check about nodes says that it is not known. */
async function robbedNode(read: Read, rows: readonly Row[]): Promise<Spot | null> {
  const [steal, all] = await Promise.all([
    read.metrics.series({ ask: 'node steal' }, over).catch(() => null),
    read.kubernetes.nodes().catch(() => []),
  ]);
  if (steal?.is !== 'series') return null;
  const worst = steal.series
    .map((one) => ({ node: one.labels['node'] ?? '', steal: lately(one) ?? 0 }))
    .filter((one) => one.steal >= stolenShare && rows.some((row) => row.node === one.node))
    .toSorted((a, b) => b.steal - a.steal)[0];
  const here = rows.find((row) => row.node === worst?.node);
  const node = all.find((one) => one.name === worst?.node);
  if (worst === undefined || here === undefined || node === undefined) return null;
  return { pod: here.name, nodeName: worst.node, node: true, cordoned: node.unschedulable };
}
