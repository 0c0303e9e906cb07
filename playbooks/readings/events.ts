import type { Event } from '../../src/core/ports/kubernetes.ts';
import { kubectl } from '../targets/deployment.ts';
import { revisions } from './deployment.ts';
import { onDeployment } from './on.ts';
import { inOrder } from './order.ts';

/** Events that say the same about pods of the same ReplicaSet, added up. */
export interface EventGroup {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** The newest one's words, at most 1,500 characters. */
  readonly message: string;
  readonly kind: string;
  /** Name of the ReplicaSet that it is about or whose pods it is about; '' for the deployment itself. */
  readonly replicaSet: string;
  /** What they are about, at most three names. */
  readonly names: readonly string[];
  readonly objects: number;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

const kept = 60;

/** Of the deployment, its ReplicaSets and its pods, the newest groups first. The API server keeps them about an hour. */
export const events = onDeployment.reading('events', {
  after: [revisions],
  withinMs: 8_000,
  byHand: (t) => `${kubectl(t)} get events --sort-by=.lastTimestamp`,
  read: async (read, t, seen): Promise<readonly EventGroup[]> => {
    const all = await read.kubernetes.events(t.namespace, ['Pod', 'ReplicaSet', 'Deployment']);
    const sets = new Set(seen.revisions.map((one) => one.name));
    const ours = all.flatMap((event) => {
      const replicaSet = replicaSetOf(event, t.name, sets);
      return replicaSet === null ? [] : [{ event, replicaSet }];
    });
    return grouped(ours);
  },
});

/** '' for the deployment itself; null for somebody else's. */
function replicaSetOf(event: Event, name: string, sets: ReadonlySet<string>): string | null {
  if (event.kind === 'Deployment') return event.name === name ? '' : null;
  if (event.kind === 'ReplicaSet') return sets.has(event.name) ? event.name : null;
  const owner = event.name.slice(0, event.name.lastIndexOf('-'));
  return sets.has(owner) ? owner : null;
}

export function grouped(all: readonly { readonly event: Event; readonly replicaSet: string }[]): readonly EventGroup[] {
  const groups = Map.groupBy(all, ({ event, replicaSet }) =>
    [event.kind, replicaSet, event.type, event.reason, shapeOf(event)].join('\n'),
  );
  return [...groups.values()]
    .map(groupOf)
    .toSorted((a, b) => b.lastAt.localeCompare(a.lastAt) || a.reason.localeCompare(b.reason))
    .slice(0, kept);
}

/** The message without what differs from pod to pod: names, ids, addresses, numbers. */
function shapeOf(event: Event): string {
  return event.message
    .replaceAll(event.name, '<name>')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}/g, '<id>')
    .replace(/\d+(\.\d+){3}(:\d+)?/g, '<address>')
    .replace(/(?<![:\w.-])\d+(\.\d+)?(?=(s|ms|m|h)?\b)/g, '<number>');
}

function groupOf(all: readonly { readonly event: Event; readonly replicaSet: string }[]): EventGroup {
  const byAge = all.toSorted((a, b) => inOrder(a.event.lastAt, b.event.lastAt));
  const newest = byAge[byAge.length - 1] as (typeof byAge)[number];
  const names = [...new Set(byAge.map(({ event }) => event.name))];
  const first = byAge.map(({ event }) => event.firstAt).toSorted()[0] ?? newest.event.firstAt;
  return {
    type: newest.event.type,
    reason: newest.event.reason,
    message: newest.event.message.slice(0, 1_500),
    kind: newest.event.kind,
    replicaSet: newest.replicaSet,
    names: names.slice(-3),
    objects: names.length,
    count: byAge.reduce((sum, { event }) => sum + Math.max(1, event.count), 0),
    firstAt: first,
    lastAt: newest.event.lastAt,
  };
}
