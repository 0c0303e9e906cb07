import type { Node } from '../../src/core/ports/kubernetes.ts';
import { onNamespace } from '../readings/namespace.ts';
import { nodes } from '../readings/room.ts';
import { deploymentOfPod, kubectl } from '../targets/deployment.ts';

/** One workload with pods that are not ready, or that stand on a node that does not report. */
export interface Hit {
  /** The deployment by the pods' names; the pod's own name where it is no deployment's. */
  readonly name: string;
  readonly isDeployment: boolean;
  readonly pods: number;
  readonly unready: number;
  /** Of all its pods: on nodes that do not report. */
  readonly onLost: number;
  /** Not ready, on nodes that do report (or on none): by what `kubectl get pods` prints, the most first. */
  readonly elsewhere: readonly { readonly status: string; readonly pods: number }[];
  /** When the oldest of those was made. */
  readonly since: string | null;
}
export interface Placed {
  readonly workloads: number;
  readonly pods: number;
  readonly ready: number;
  /** "Running" on nodes that do not report: the last known state. */
  readonly runningOnLost: number;
  /** The most pods hit first; at most sixty. */
  readonly hit: readonly Hit[];
  /** All of them. */
  readonly hits: number;
}

const kept = 60;
/** Failed or completed pods that their controller has replaced. */
const over = /^(Evicted|Completed|Failed|Succeeded|ContainerStatusUnknown|NodeShutdown|Shutdown|OutOf\S+)$/;

/** Between a node's making and its first report (ms). */
const joiningMs = 60_000;

/** One that reports and was never ready has not been lost: it joins. */
export function isLost({ ready, readySince, createdAt }: Node): boolean {
  if (ready === 'True') return false;
  const joins =
    ready === 'False' &&
    readySince !== null &&
    createdAt !== undefined &&
    Date.parse(readySince) - Date.parse(createdAt) < joiningMs;
  return !joins;
}

/** Every pod of the namespace, by workload, against the nodes. */
export const placed = onNamespace.reading('pods and nodes', {
  after: [nodes],
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} get pods -o wide`,
  read: async (read, t, seen): Promise<Placed> => {
    const lost = new Set(seen.nodes.filter(isLost).map((one) => one.name));
    const rows = (await read.kubernetes.pods(t.namespace, '')).filter(
      (row) => !over.test(row.status) && (!row.terminating || lost.has(row.node)),
    );
    const isReady = (row: (typeof rows)[number]): boolean => row.readyContainers === row.containers && !row.terminating;
    const byWorkload = Map.groupBy(rows, (row) => deploymentOfPod(row.name) ?? row.name);
    const hit = [...byWorkload].flatMap(([name, mine]): readonly Hit[] => {
      const unready = mine.filter((row) => !isReady(row));
      const onLost = mine.filter((row) => lost.has(row.node));
      if (unready.length === 0 && onLost.length === 0) return [];
      const elsewhere = unready.filter((row) => !lost.has(row.node));
      const statuses = Map.groupBy(elsewhere, (row) => row.status);
      return [
        {
          name,
          isDeployment: mine.some((row) => row.hash !== ''),
          pods: mine.length,
          unready: unready.length,
          onLost: onLost.length,
          elsewhere: [...statuses]
            .map(([status, some]) => ({ status, pods: some.length }))
            .toSorted((a, b) => b.pods - a.pods),
          since: elsewhere.map((row) => row.createdAt).toSorted()[0] ?? null,
        },
      ];
    });
    const worst = (one: Hit): number => Math.max(one.unready, one.onLost);
    return {
      workloads: byWorkload.size,
      pods: rows.length,
      ready: rows.filter((row) => isReady(row) && !lost.has(row.node)).length,
      runningOnLost: rows.filter((row) => lost.has(row.node) && row.status === 'Running').length,
      hit: hit.toSorted((a, b) => worst(b) - worst(a) || a.name.localeCompare(b.name)).slice(0, kept),
      hits: hit.length,
    };
  },
});
