import { Failure } from '../../src/core/failure.ts';
import { hours, measure, minutes } from '../readings/measures.ts';
import { mib } from '../readings/memory.ts';
import { onDeployment } from '../readings/on.ts';
import type { Spot } from '../readings/odd-pod.ts';
import { kubectl } from '../targets/deployment.ts';
import { isThere, lookedAt, verdictOf } from './leak.ts';
import type { Looked } from './leak.ts';
import { podsOf } from './pods.ts';

/** A day at the steps of the memory's own lines, so that moments can be compared. */
const day = { forMs: hours(24), stepMs: minutes(15) };
const of = (t: { readonly namespace: string; readonly name: string }) => ({ namespace: t.namespace, name: t.name });

export const requests = measure('requests of the day', (t) => ({ ask: 'requests', of: of(t), by: 'all' }), day);
export const readyPods = measure('ready pods of the day', (t) => ({ ask: 'replicas ready', of: of(t) }), day);
export const queue = measure('queue of the day', (t) => ({ ask: 'queue', of: of(t), by: 'all' }), day);
export const inFlight = measure('in flight over the day', (t) => ({ ask: 'in flight', of: of(t), by: 'all' }), day);

/** The kernel's own account of one container: what kind of memory it is. MiB; null: this kernel does not say. */
export interface Inside {
  readonly pod: string;
  readonly anon: number | null;
  /** Files read or mapped: the kernel gives them back. */
  readonly cache: number | null;
  /** Files in memory: `/dev/shm`, an `emptyDir` of medium Memory. The kernel cannot give them back. */
  readonly shared: number | null;
  readonly mapped: number | null;
  /** Processes of the container that were OOM-killed since it began. */
  readonly killed: number | null;
}

/** Needs *look inside*: only ever adds detail. */
export const inside = onDeployment.reading('kinds of memory', {
  after: lookedAt,
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} exec deployment/${t.name} -- cat /sys/fs/cgroup/memory.stat`,
  read: async (read, t, seen): Promise<Inside> => {
    const container = seen.deployment.template.containers[0]?.name ?? '';
    const pod = fullest(seen, container);
    if (pod === null) throw new Failure('not found', 'no pod was seen in the metrics');
    const cat = async (file: string): Promise<ReadonlyMap<string, number>> => {
      const argv = ['cat', `/sys/fs/cgroup/${file}`];
      const { out, exitCode } = await read.kubernetes.exec({ namespace: t.namespace, name: pod }, { container, argv });
      if (exitCode !== 0) throw new Failure('not found', `${file} could not be read in ${pod} (exit code ${exitCode})`);
      return new Map(out.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])] as const));
    };
    const [stat, events] = await Promise.all([cat('memory.stat'), cat('memory.events')]);
    const sized = (name: string): number | null => {
      const bytes = stat.get(name);
      return bytes === undefined || Number.isNaN(bytes) ? null : Math.round(bytes / mib);
    };
    const [file, shared] = [sized('file'), sized('shmem')];
    return {
      pod,
      anon: sized('anon'),
      cache: file === null ? null : Math.max(0, file - (shared ?? 0)),
      shared,
      mapped: sized('file_mapped'),
      killed: events.get('oom_kill') ?? null,
    };
  },
});

/** The one that is nearest to its limit now. */
function fullest(seen: Looked, container: string): string | null {
  const there = podsOf(seen.memory).filter((one) => one.container === container && isThere(seen)(one));
  return there.toSorted((a, b) => (b.now ?? 0) - (a.now ?? 0))[0]?.pod ?? null;
}

/** The one pod that grows while the others do not. */
export const growingPod = onDeployment.reading('odd pod', {
  after: lookedAt,
  byHand: (t) => `${kubectl(t)} get pods -o wide`,
  read: (_read, _t, seen): Promise<Spot | null> => {
    const verdict = verdictOf(seen);
    const row =
      verdict.is === 'one pod' ? seen['pod rows'].rows.find((one) => one.name === verdict.pod.pod) : undefined;
    // Memory is no property of a node: another node would not help.
    return Promise.resolve(
      row === undefined ? null : { pod: row.name, nodeName: row.node, node: false, cordoned: false },
    );
  },
});
