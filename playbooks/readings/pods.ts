import type { Pod, PodRow, Revision } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { currentRevision, deployment, revisions } from './deployment.ts';
import { onDeployment } from './on.ts';
import { inOrder } from './order.ts';

/** Rows that look alike. Kept instead of the rows, so that evidence does not grow with the number of pods. */
export interface PodGroup {
  /** As `kubectl get pods` prints it. */
  readonly status: string;
  /** All containers ready. */
  readonly ready: boolean;
  readonly pods: number;
  readonly restarts: number;
  /** At most five, the oldest first. */
  readonly names: readonly string[];
  readonly oldestAt: string;
  readonly youngestAt: string;
}
export interface PodSet {
  /** Live pods: without those that are terminating, and without leftovers. */
  readonly total: number;
  readonly ready: number;
  readonly terminating: number;
  /** Failed or completed pods that their controller has replaced: Evicted, Completed, OutOfpods … */
  readonly leftovers: number;
  readonly groups: readonly PodGroup[];
}
export interface Pods {
  /** Of the deployment's present template. */
  readonly fresh: PodSet;
  /** Of its older ReplicaSets. */
  readonly old: PodSet;
  /** Matched by the selector, owned by something else. */
  readonly other: PodSet;
  /** How many pods (fresh and old, terminating ones too) each node holds. */
  readonly nodes: readonly { readonly node: string; readonly pods: number }[];
  /** Names of pods that are terminating, at most five. */
  readonly terminating: readonly string[];
  /** Failed pods that were replaced, by why: "OutOfpods". At most five kinds. */
  readonly failed: readonly { readonly status: string; readonly pods: number; readonly names: readonly string[] }[];
}

/** Phase Failed or Succeeded as printed; a Deployment's pods restart in place otherwise. */
const over =
  /^(Evicted|Completed|Failed|Succeeded|ContainerStatusUnknown|NodeLost|NodeShutdown|NodeAffinity|Shutdown|Terminated|Preempting|UnexpectedAdmissionError|OutOf\S+|Topology\S+)$/;

export const pods = onDeployment.reading('pods', {
  after: [deployment, revisions],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get pods -o wide`,
  read: async (read, t, seen): Promise<Pods> =>
    podsOf(
      await read.kubernetes.pods(t.namespace, seen.deployment.selector),
      currentRevision(seen.deployment, seen.revisions)?.uid ?? null,
      seen.revisions,
    ),
});

function podsOf(rows: readonly PodRow[], current: string | null, all: readonly Revision[]): Pods {
  const owners = new Set(all.map((one) => one.uid));
  const fresh = rows.filter((row) => row.ownerUid === current && current !== null);
  const old = rows.filter((row) => owners.has(row.ownerUid) && row.ownerUid !== current);
  const ours = [...fresh, ...old];
  const nodes = Map.groupBy(
    ours.filter((row) => row.node !== '' && !over.test(row.status)),
    (row) => row.node,
  );
  const failed = Map.groupBy(
    ours.filter((row) => over.test(row.status)),
    (row) => row.status,
  );
  return {
    fresh: setOf(fresh),
    old: setOf(old),
    other: setOf(rows.filter((row) => !owners.has(row.ownerUid))),
    nodes: [...nodes].map(([node, held]) => ({ node, pods: held.length })),
    terminating: ours
      .filter((row) => row.terminating)
      .map((row) => row.name)
      .slice(0, 5),
    failed: [...failed]
      .slice(0, 5)
      .map(([status, group]) => ({ status, pods: group.length, names: group.slice(0, 3).map((row) => row.name) })),
  };
}

function isLive(row: PodRow): boolean {
  return !row.terminating && !over.test(row.status);
}

export function setOf(rows: readonly PodRow[]): PodSet {
  const live = rows.filter(isLive);
  const groups = Map.groupBy(live, (row) => `${row.status}|${isReady(row)}`);
  return {
    total: live.length,
    ready: live.filter(isReady).length,
    terminating: rows.filter((row) => row.terminating).length,
    leftovers: rows.filter((row) => !row.terminating && over.test(row.status)).length,
    groups: [...groups.values()].map(groupOf),
  };
}

function isReady(row: PodRow): boolean {
  return row.containers > 0 && row.readyContainers === row.containers;
}

function groupOf(rows: readonly PodRow[]): PodGroup {
  const byAge = rows.toSorted((a, b) => inOrder(a.createdAt, b.createdAt) || inOrder(a.name, b.name));
  const [oldest] = byAge;
  return {
    status: oldest?.status ?? '',
    ready: oldest !== undefined && isReady(oldest),
    pods: rows.length,
    restarts: rows.reduce((sum, row) => sum + row.restarts, 0),
    names: byAge.slice(0, 5).map((row) => row.name),
    oldestAt: oldest?.createdAt ?? '',
    youngestAt: byAge.at(-1)?.createdAt ?? '',
  };
}

export interface Sample {
  /** Index of its group in `pods.fresh.groups`. */
  readonly group: number;
  readonly pod: Pod;
}

const perGroup = 3;
const inAll = 9;

/** A few pods of the present template in full: at most three per status that is not fine, at most nine. */
export const samples = onDeployment.reading('samples', {
  after: [deployment, pods],
  withinMs: 8_000,
  // kubectl describe takes the beginning of a name as well.
  byHand: (t) => `${kubectl(t)} describe pod ${t.name}`,
  read: async (read, t, seen): Promise<readonly Sample[]> => {
    const { groups, ready } = seen.pods.fresh;
    // Containers may all be ready while the pod is not: readiness gates, a node that fell silent.
    const hidden = seen.deployment.replicas.ready < ready + seen.pods.old.ready;
    const wanted = groups.flatMap((group, index) =>
      group.ready && group.status === 'Running' && !hidden
        ? []
        : group.names.slice(0, perGroup).map((name, rank) => ({ group: index, name, rank })),
    );
    // One of each group before the second of any.
    const asked = wanted.toSorted((a, b) => a.rank - b.rank).slice(0, inAll);
    const found = await Promise.all(
      asked.map(async ({ group, name }) => ({
        group,
        pod: await read.kubernetes.pod({ namespace: t.namespace, name }),
      })),
    );
    // A pod that went away meanwhile is no longer of interest.
    return found.flatMap(({ group, pod }) => (pod === null ? [] : [{ group, pod }]));
  },
});
