import { whyOf } from '../../src/core/failure.ts';
import type { ContainerState, Pod, PodRow } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { onDeployment } from './on.ts';
import { podRows } from './pod-rows.ts';

/** What was killed, how and when. 137 is only SIGKILL: who sent it stands in the reason, in the pod's message, in the log or in the container's own counter (domain fact 20). */

export interface Kill {
  readonly pod: string;
  readonly node: string;
  readonly container: string;
  /** `container limit`: the kubelet said OOMKilled; `signal`: killed by a signal without that word. */
  readonly how: 'container limit' | 'signal';
  /** ISO 8601; null: not told. */
  readonly at: string | null;
  readonly startedAt: string | null;
  /** Of this container so far; only the last end is kept by the API. */
  readonly restarts: number;
}
export interface Eviction {
  readonly pod: string;
  readonly node: string;
  readonly at: string | null;
  /** The kubelet's words. */
  readonly message: string;
  /** It names memory as what was short. */
  readonly memory: boolean;
}
export interface Kills {
  readonly kills: readonly Kill[];
  readonly evictions: readonly Eviction[];
  /** Pods that have restarted or were evicted, and how many of them were read in full. */
  readonly of: number;
  readonly read: number;
  readonly pods: number;
}

const most = 16;

export const kills = onDeployment.reading('kills', {
  after: [deployment],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} describe pod ${t.name}`,
  read: async (read, t, seen): Promise<Kills> => {
    const rows = await read.kubernetes.pods(t.namespace, seen.deployment.selector);
    const asked = rows.filter(isWorthALook).toSorted((a, b) => b.restarts - a.restarts || (a.name < b.name ? -1 : 1));
    const found = await Promise.all(
      asked.slice(0, most).map(({ name }) => read.kubernetes.pod({ namespace: t.namespace, name })),
    );
    const there = found.flatMap((pod) => pod ?? []);
    return {
      kills: there.flatMap(killsOf),
      evictions: there.filter((pod) => pod.reason === 'Evicted').map(evictionOf),
      of: asked.length,
      read: there.length,
      pods: rows.filter((row) => row.status !== 'Evicted' && !row.terminating).length,
    };
  },
});

function isWorthALook(row: PodRow): boolean {
  return row.restarts > 0 || row.status === 'Evicted' || row.status === 'OOMKilled';
}

function killsOf(pod: Pod): readonly Kill[] {
  if (pod.reason === 'Evicted') return [];
  return pod.containers.flatMap(({ name, state, last, restarts }): readonly Kill[] => {
    const end = [state, last].find(isKill);
    if (end === undefined) return [];
    const { reason, finishedAt, startedAt } = end;
    const how = reason === 'OOMKilled' ? ('container limit' as const) : ('signal' as const);
    return [{ pod: pod.name, node: pod.node, container: name, how, at: finishedAt, startedAt, restarts }];
  });
}

type Ended = Extract<ContainerState, { is: 'terminated' }>;
const isKill = (state: ContainerState | null): state is Ended =>
  state?.is === 'terminated' && (state.reason === 'OOMKilled' || state.exitCode === 137);

function evictionOf(pod: Pod): Eviction {
  const ends = pod.containers.flatMap(({ state, last }) =>
    [state, last].flatMap((one) => (one?.is === 'terminated' && one.finishedAt !== null ? [one.finishedAt] : [])),
  );
  const disruption = pod.conditions.find((one) => one.type === 'DisruptionTarget')?.since ?? null;
  return {
    pod: pod.name,
    node: pod.node,
    at: ends.toSorted().at(-1) ?? disruption,
    message: pod.message.slice(0, 400),
    memory: /low on resource: memory|memory usage|[Mm]emoryPressure/.test(pod.message),
  };
}

/** Lines that a server writes when one of its own processes was killed: gunicorn, torch's data loader, multiprocessing, the kernel's words. */
const killLine =
  /(signal 9|SIGKILL|killed by signal: Killed|Killed process \d+|[Oo]ut of memory: Kill|exitcode[ =:]+-9|perhaps out of memory)/;

export interface ChildKills {
  readonly pods: readonly {
    readonly pod: string;
    readonly container: string;
    readonly lines: number;
    /** ISO 8601, from the lines' own stamps; null: they have none. */
    readonly firstAt: string | null;
    readonly lastAt: string | null;
    readonly newest: string;
    /** Why its log could not be read; '' when it was. */
    readonly unread: string;
  }[];
  readonly of: number;
}

const fewPods = 3;
/** An hour is enough for what comes again and again; a longer log is cut at its size anyway. */
const sinceS = 3600;
const tail = 3_000;

/** A killed child leaves the container running: no restart, no OOMKilled, only the log says so. */
export const childKills = onDeployment.reading('killed children', {
  after: [deployment, podRows],
  withinMs: 10_000,
  byHand: (t) => `${kubectl(t)} logs deployment/${t.name} --since=1h --tail=${tail}`,
  read: async (read, t, seen): Promise<ChildKills> => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const running = seen['pod rows'].rows
      .filter((row) => row.status === 'Running')
      .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || (a.name < b.name ? -1 : 1));
    const pods = await Promise.all(
      running.slice(0, fewPods).map(async ({ name }) => {
        try {
          const options = { container, previous: false, tail, sinceS };
          const log = await read.kubernetes.log({ namespace: t.namespace, name }, options);
          return { pod: name, container, ...toldOf(log.lines), unread: '' };
        } catch (error) {
          return { pod: name, container, ...toldOf([]), unread: whyOf(error) };
        }
      }),
    );
    const all = seen['pod rows'];
    return { pods, of: all.of > all.rows.length ? all.of : running.length };
  },
});

function toldOf(lines: readonly string[]): Pick<ChildKills['pods'][number], 'lines' | 'firstAt' | 'lastAt' | 'newest'> {
  const told = lines.filter((line) => killLine.test(line));
  const stamps = told.flatMap((line) => /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?/.exec(line)?.[0] ?? []);
  const iso = (stamp: string | undefined): string | null =>
    stamp === undefined ? null : `${stamp.slice(0, 10)}T${stamp.slice(11, 19)}.000Z`;
  return {
    lines: told.length,
    firstAt: iso(stamps[0]),
    lastAt: iso(stamps.at(-1)),
    newest: (told.at(-1) ?? '').slice(0, 300),
  };
}
