import type { PodRow } from '../core/ports/kubernetes.ts';

/** Which pods a person wants to see first. */

export type State = 'bad' | 'on its way' | 'restarted' | 'well' | 'over';

export function stateOf(row: PodRow): State {
  if (/^(Completed|Succeeded|Evicted)$/.test(row.status)) return 'over';
  if (row.terminating) return 'on its way';
  const ready = row.containers > 0 && row.readyContainers === row.containers;
  if (row.status === 'Running' && ready) return row.restarts > 0 ? 'restarted' : 'well';
  return /^(ContainerCreating|PodInitializing|Init:\d+\/\d+)$/.test(row.status) ? 'on its way' : 'bad';
}
const ORDER: readonly State[] = ['bad', 'on its way', 'restarted', 'well', 'over'];

export function worstFirst(rows: readonly PodRow[]): readonly PodRow[] {
  return rows.toSorted(
    (a, b) =>
      ORDER.indexOf(stateOf(a)) - ORDER.indexOf(stateOf(b)) ||
      b.restarts - a.restarts ||
      b.createdAt.localeCompare(a.createdAt) ||
      a.name.localeCompare(b.name),
  );
}
