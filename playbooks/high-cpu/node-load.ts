import { Failure } from '../../src/core/failure.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { promqlByHand } from '../../src/core/promql.ts';
import { median, valuesOf } from '../readings/measures.ts';
import { onDeployment } from '../readings/on.ts';
import { podRows } from '../readings/pod-rows.ts';
import { jumpOf } from '../readings/trend.ts';
import { nowMinutes, over } from './use.ts';

/** The nodes that hold pods of this deployment, the busiest first; at most `kept`. Shares are medians of the last ten minutes, 0 to 1. */
export interface NodeLoad {
  readonly nodes: readonly {
    readonly node: string;
    readonly pods: number;
    readonly busy: number;
    /** Taken by the hypervisor; null: not measured. */
    readonly steal: number | null;
    /** When steal jumped (ISO 8601); null: it did not in these two hours. */
    readonly stolenSince: string | null;
  }[];
  /** Nodes with its pods, and of how many of them the load is known. */
  readonly of: number;
  readonly known: number;
}

const kept = 20;
/** From this share on it is felt. */
export const stolenShare = 0.1;

export const nodeLoad = onDeployment.reading('node load', {
  after: [podRows],
  withinMs: 8_000,
  byHand: () => promqlByHand({ ask: 'node cpu' }),
  read: async (read, _t, seen): Promise<NodeLoad> => {
    const [busy, steal] = await Promise.all([
      read.metrics.series({ ask: 'node cpu' }, over),
      read.metrics.series({ ask: 'node steal' }, over).catch(() => null),
    ]);
    if (busy.is !== 'series') throw new Failure('not found', `${busy.is}: ${busy.because}`);
    const pods = new Map<string, number>();
    for (const { node } of seen['pod rows'].rows) if (node !== '') pods.set(node, (pods.get(node) ?? 0) + 1);
    const stolen = steal?.is === 'series' ? steal.series : [];
    const nodes = [...pods].flatMap(([node, count]) => {
      const now = lately(named(busy.series, node));
      const line = named(stolen, node);
      const taken = lately(line);
      const jump = line === undefined || taken === null || taken < 0.05 ? null : jumpOf(line);
      const since = jump === null || jump.after < jump.before * 2 ? null : new Date(jump.at * 1000).toISOString();
      return now === null ? [] : [{ node, pods: count, busy: now, steal: taken, stolenSince: since }];
    });
    if (nodes.length === 0 && pods.size > 0) {
      throw new Failure('not found', 'no data: the node metrics name none of the nodes that its pods are on');
    }
    const heavy = (one: (typeof nodes)[number]): number => Math.max(one.busy, (one.steal ?? 0) * 5);
    const sorted = nodes.toSorted((a, b) => heavy(b) - heavy(a));
    return { nodes: sorted.slice(0, kept), of: pods.size, known: nodes.length };
  },
});

const named = (all: readonly Series[], node: string): Series | undefined =>
  all.find((one) => one.labels['node'] === node);

export function lately(line: Series | undefined): number | null {
  const last = line?.points.at(-1)?.[0];
  if (line === undefined || last === undefined) return null;
  const value = median(valuesOf(line, { at: new Date(last * 1000).toISOString(), minutes: nowMinutes }));
  return value === null ? null : Number(value.toPrecision(4));
}
