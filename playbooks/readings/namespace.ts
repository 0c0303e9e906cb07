import { about } from '../../src/core/playbook.ts';
import type { Event, PodRow } from '../../src/core/ports/kubernetes.ts';
import { grouped } from './events.ts';
import type { EventGroup } from './events.ts';
import { setOf } from './pods.ts';
import type { PodSet } from './pods.ts';
import { deploymentOfPod, kubectl } from '../targets/deployment.ts';
import { namespaceTarget } from '../targets/namespace.ts';

export const onNamespace = about('region', namespaceTarget);

export interface Workload {
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  readonly updated: number;
  readonly available: number;
}
export interface Workloads {
  readonly total: number;
  readonly ready: number;
  /** Those that are not ready, the worst first, at most twenty. */
  readonly unready: readonly Workload[];
  /** Names like the one that was asked for and is not there; empty when it is. */
  readonly alike: readonly string[];
  /** Those that are not ready first, at most twenty. */
  readonly names: readonly string[];
}

const kept = 20;

export const workloads = onNamespace.reading('deployments', {
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get deployments${t.name === '' ? '' : ` ${t.name}`}`,
  read: async (read, t): Promise<Workloads> => {
    const all = await read.kubernetes.deployments(t.namespace);
    const mine = t.name === '' ? all : all.filter((one) => one.name === t.name);
    const unready = mine.filter(
      (one) => one.ready < one.wanted || one.updated < one.wanted || one.available < one.wanted,
    );
    const share = (one: Workload): number => (one.wanted === 0 ? 1 : one.available / one.wanted);
    return {
      total: mine.length,
      ready: mine.length - unready.length,
      unready: unready
        .map(({ name, wanted, ready, updated, available }) => ({ name, wanted, ready, updated, available }))
        .toSorted((a, b) => share(a) - share(b) || a.name.localeCompare(b.name))
        .slice(0, kept),
      alike:
        mine.length > 0 || t.name === ''
          ? []
          : alike(
              t.name,
              all.map((one) => one.name),
            ),
      names: [...unready, ...mine.filter((one) => !unready.includes(one))].map((one) => one.name).slice(0, kept),
    };
  },
});

/** Names that share a beginning or a part with it, at most three. */
function alike(name: string, all: readonly string[]): readonly string[] {
  const parts = name.split('-').filter((part) => part.length > 2);
  return all.filter((one) => one.startsWith(name.slice(0, 4)) || parts.some((part) => one.includes(part))).slice(0, 3);
}

export interface Other {
  readonly kind: 'StatefulSet' | 'DaemonSet';
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  readonly updated: number;
  /** Ordinal from which on the new template applies; null: all. */
  readonly partition: number | null;
}
export interface Others {
  readonly total: number;
  readonly ready: number;
  /** Those that are not as wanted first, at most twenty. */
  readonly all: readonly Other[];
}

/** StatefulSets and DaemonSets: the bot knows no fix for them, but must not call well what it has not looked at. */
export const others = onNamespace.reading('other workloads', {
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get statefulsets,daemonsets`,
  read: async (read, t): Promise<Others> => {
    const kinds = await Promise.all(
      (['StatefulSet', 'DaemonSet'] as const).map(async (kind) =>
        (await read.kubernetes.workloads(t.namespace, kind)).map(
          ({ name, wanted, ready, updated, partition }): Other => ({ kind, name, wanted, ready, updated, partition }),
        ),
      ),
    );
    const mine = kinds.flat().filter((one) => t.name === '' || one.name === t.name);
    const behind = mine.filter(isBehind);
    return {
      total: mine.length,
      ready: mine.length - behind.length,
      all: [...behind, ...mine.filter((one) => !isBehind(one))].slice(0, kept),
    };
  },
});

/** Pods that are ready on an older template are a rollout that goes on, or a partition on purpose: no fault. */
export function isBehind(one: Other): boolean {
  return one.ready < one.wanted;
}

export interface Troubled {
  /** The deployment by the pods' names; the pod's own name where it is no deployment's. */
  readonly of: string;
  readonly isDeployment: boolean;
  readonly pods: PodSet;
}
export interface AllPods {
  readonly pods: PodSet;
  /** By workload, only those with pods that are not ready, at most twenty. */
  readonly troubled: readonly Troubled[];
}

/** Every pod of the namespace, added up by what it belongs to. */
export const allPods = onNamespace.reading('all pods', {
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} get pods -o wide`,
  read: async (read, t): Promise<AllPods> => {
    const rows = (await read.kubernetes.pods(t.namespace, '')).filter((row) => isOf(row.name, t.name));
    const byOwner = Map.groupBy(rows, (row) => deploymentOfPod(row.name) ?? row.name);
    const troubled = [...byOwner].flatMap(([of, mine]): readonly Troubled[] => {
      const pods = setOf(mine);
      return pods.ready === pods.total ? [] : [{ of, isDeployment: isDeployment(mine), pods }];
    });
    const all = setOf(rows);
    return {
      pods: { ...all, groups: all.groups.filter((one) => !one.ready) },
      troubled: troubled.toSorted((a, b) => b.pods.total - b.pods.ready - (a.pods.total - a.pods.ready)).slice(0, kept),
    };
  },
});

function isOf(pod: string, name: string): boolean {
  return name === '' || pod === name || deploymentOfPod(pod) === name || pod.startsWith(`${name}-`);
}

/** Only a ReplicaSet's pods carry the template's hash. */
function isDeployment(rows: readonly PodRow[]): boolean {
  return rows.some((row) => row.hash !== '');
}

/** Warnings about pods, ReplicaSets and deployments, added up. The newest first, at most twenty. */
export const warnings = onNamespace.reading('warnings', {
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get events --field-selector type=Warning --sort-by=.lastTimestamp`,
  read: async (read, t): Promise<readonly EventGroup[]> => {
    const all = await read.kubernetes.events(t.namespace, ['Pod', 'ReplicaSet', 'Deployment']);
    const mine = all.filter((event) => event.type === 'Warning' && isOf(event.name, t.name));
    return grouped(mine.map((event) => ({ event, replicaSet: ownerOf(event) }))).slice(0, kept);
  },
});

function ownerOf(event: Event): string {
  return event.kind === 'Pod' ? (deploymentOfPod(event.name) ?? event.name) : event.name;
}

export interface Change {
  readonly deployment: string;
  readonly at: string;
  readonly images: readonly string[];
}
export interface Changes {
  /** How many deployments' revisions were looked at, of how many. */
  readonly looked: number;
  readonly of: number;
  /** The newest revision of each, the newest first. */
  readonly newest: readonly Change[];
}

const lookedAt = 10;

/** The newest revision of the one asked for, or of the first ten deployments, those first that are not ready. */
export const changes = onNamespace.reading('changes', {
  after: [workloads],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get replicasets --sort-by=.metadata.creationTimestamp`,
  read: async (read, t, seen): Promise<Changes> => {
    const { total, names } = seen.deployments;
    const found = await Promise.all(
      names.slice(0, lookedAt).map(async (name): Promise<readonly Change[]> => {
        const of = { namespace: t.namespace, name };
        const [revisions, deployment] = await Promise.all([
          read.kubernetes.revisions(of),
          read.kubernetes.deployment(of),
        ]);
        const newest = revisions.at(-1);
        if (newest === undefined) return [];
        const images = newest.template.containers.map((one) => one.image);
        // Going back takes an older ReplicaSet again: its age says nothing of the change.
        const changedAt = deployment?.templateChangedBy?.at ?? newest.createdAt;
        return [{ deployment: name, at: changedAt > newest.createdAt ? changedAt : newest.createdAt, images }];
      }),
    );
    return {
      looked: Math.min(lookedAt, names.length),
      of: total,
      newest: found.flat().toSorted((a, b) => b.at.localeCompare(a.at)),
    };
  },
});
