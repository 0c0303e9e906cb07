import type { NodeMeasure, Series } from '../../../core/ports/metrics.ts';
import { amount } from '../quantity.ts';
import type { Cluster } from '../state.ts';
import { holds, type Effect } from './effects.ts';
import { coresAt, noise } from './load.ts';

/** Effects on a node as such. */
export function nodeEffects(cluster: Cluster, node: string, at: number): readonly Effect[] {
  return cluster.effects.filter((one) => one.where.node === node && holds(one, at)).map((one) => one.effect);
}

/** Cores in use, by node. */
export function nodeCores(cluster: Cluster, at: number): ReadonlyMap<string, number> {
  const cores = coresAt(cluster, at);
  const out = new Map<string, number>(cluster.nodes.map((node) => [node.name, 0.02 * coresOf(node.allocatable)]));
  for (const one of [...cluster.pods, ...cluster.gone]) {
    const used = cores.get(one.uid);
    if (used !== undefined && out.has(one.node)) out.set(one.node, (out.get(one.node) ?? 0) + used);
  }
  return out;
}

const coresOf = (allocatable: Readonly<Record<string, string>>): number => amount(allocatable['cpu'] ?? '1') + 1;

export function nodeSeries(cluster: Cluster, ask: NodeMeasure, times: readonly number[]): readonly Series[] {
  const points = new Map<string, (readonly [number, number | null])[]>(cluster.nodes.map((node) => [node.name, []]));
  for (const at of times) {
    const used = ask === 'node cpu' ? nodeCores(cluster, at) : null;
    for (const node of cluster.nodes) {
      // A silent node is not scraped: a gap, not a zero.
      if (node.silentSince !== null && at >= node.silentSince) continue;
      const about = noise(cluster, `${node.name} ${ask}`, at);
      points.get(node.name)?.push([at / 1000, Math.min(1, valueOf() * about)]);
      function valueOf(): number {
        const effects = nodeEffects(cluster, node.name, at);
        const neighbour = effects.find((one) => one.is === 'noisy neighbour');
        const steal = neighbour?.is === 'noisy neighbour' ? neighbour.steal : 0.001;
        switch (ask) {
          case 'node cpu':
            return (used?.get(node.name) ?? 0) / coresOf(node.allocatable) + (neighbour === undefined ? 0 : steal);
          case 'node steal':
            return steal;
          case 'node disk':
            return effects.some((one) => one.is === 'slow disk') ? 0.97 : 0.07;
        }
      }
    }
  }
  return cluster.nodes
    .map((node) => ({ labels: { node: node.name }, points: points.get(node.name) ?? [] }))
    .filter((one) => one.points.length > 0);
}
