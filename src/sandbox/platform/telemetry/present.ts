import type { Cluster } from '../state.ts';
import { holds } from './effects.ts';

/** Who exports it, told by how it is called. */
const JOBS: readonly (readonly [RegExp, string])[] = [
  [/^kube_/, 'kube-state-metrics'],
  [/^container_/, 'cadvisor'],
  [/^node_/, 'node-exporter'],
  [/^DCGM_/, 'dcgm-exporter'],
];

/** Every metric that somebody exports is there with all of its labels. */
export function presentOf(
  cluster: Cluster,
  wanted: readonly { readonly metric: string }[],
  now: number,
): readonly { readonly metric: string; readonly series: number; readonly labelled: number }[] {
  return wanted.map(({ metric }) => {
    const job = JOBS.find(([name]) => name.test(metric))?.[1] ?? null;
    const isMissing =
      !cluster.metricsAnswer ||
      cluster.effects.some(
        ({ effect, ...one }) => effect.is === 'no exporter' && effect.job === job && holds({ effect, ...one }, now),
      );
    const series = isMissing ? 0 : cluster.pods.length;
    return { metric, series, labelled: series };
  });
}
