import { grouped } from '../../playbooks/readings/events.ts';
import type { EventGroup } from '../../playbooks/readings/events.ts';
import { viewOf } from '../core/looking/view.ts';
import type { Asked } from '../core/looking/view.ts';
import type { Event, EventKind } from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';
import { duration } from '../core/render/small.ts';
import { bold, say } from '../core/words.ts';
import { targetIn } from './found.ts';
import { age, counted, short, view } from './show.ts';
import type { Part } from './show.ts';

/** `kubectl get events`, those that say the same added up, warnings first. */

interface Groups {
  readonly groups: readonly EventGroup[];
  /** All that the API server still had about this, the oldest; null: none. */
  readonly oldestAt: string | null;
  readonly count: number;
}

const KINDS: readonly EventKind[] = [
  'Pod',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'HorizontalPodAutoscaler',
  'PersistentVolumeClaim',
];
const HOUR_MS = 3_600_000;
/** Groups that are shown in all regions together. */
const SHOWN = 24;

export const events = viewOf<Groups>({
  word: 'events',
  also: ['event', 'ev'],
  options: ['since'],
  of: 'one or all',
  withinMs: 8_000,
  help: {
    usage: 'events [deployment or pod] [region] [1h]',
    short: 'what Kubernetes reported, warnings first, the same added up',
    more: [
      'The API server keeps events for about an hour: what is older is not there any more, which is not the same as nothing.',
      'Only you see the answer; with `here` at the end, or in a thread, everybody does.',
    ],
    examples: [
      'events <deployment> <region>',
      'events <deployment> 15m',
      'kubectl get events -n ml-platform --context <region>',
    ],
  },
  async look(read, asked, at) {
    const [isMine, all] = await Promise.all([filterOf(read, asked), read.kubernetes.events(asked.namespace, KINDS)]);
    const mine = all.filter(isMine);
    const from = Date.parse(at) - (asked.sinceMs ?? HOUR_MS);
    const young = mine.filter((event) => Date.parse(event.lastAt) >= from);
    const oldestAt = mine.map((event) => event.firstAt).toSorted()[0] ?? null;
    const count = young.reduce((sum, event) => sum + Math.max(1, event.count), 0);
    return { groups: groupsOf(young), oldestAt, count };
  },
  render(asked, all, at) {
    const share = Math.max(6, Math.floor(SHOWN / Math.max(1, all.length)));
    return view(asked, all, at, {
      part: (value, region) => partOf(value, { region, at, share, asked }),
      notes: [say`Kubernetes keeps events for about an hour: none here does not mean that nothing happened before`],
    });
  },
});

/** Whose events: of the deployment, its ReplicaSets and their pods; of the pod; or all. */
async function filterOf(read: Read, asked: Asked): Promise<(event: Event) => boolean> {
  if (asked.pod !== null) return (event) => event.kind === 'Pod' && event.name === asked.pod;
  if (asked.name === '') return () => true;
  const target = await targetIn(read, asked);
  if (target.is === 'pod') return (event) => event.kind === 'Pod' && event.name === target.pod.name;
  if (target.is !== 'deployment')
    return (event) => event.name === asked.name || (event.kind === 'Pod' && event.name.startsWith(`${asked.name}-`));
  const of = { namespace: asked.namespace, name: asked.name };
  const [sets, scaler] = await Promise.all([
    read.kubernetes.revisions(of),
    read.kubernetes.autoscaler(of).catch(() => null),
  ]);
  const names = new Set(sets.map((one) => one.name));
  return ({ kind, name }) => {
    if (kind === 'Pod') return names.has(name.slice(0, name.lastIndexOf('-')));
    if (kind === 'ReplicaSet') return names.has(name);
    if (kind === 'HorizontalPodAutoscaler') return name === scaler?.name;
    return name === asked.name;
  };
}

/** Warnings by what they say; of the rest one of each reason is enough. */
function groupsOf(all: readonly Event[]): readonly EventGroup[] {
  const warnings = all.filter((event) => event.type === 'Warning');
  const rest = Map.groupBy(
    all.filter((event) => event.type !== 'Warning'),
    (event) => `${event.kind} ${event.reason}`,
  );
  const alike = (events: readonly Event[]): readonly EventGroup[] => {
    const [newest] = events.toSorted((a, b) => b.lastAt.localeCompare(a.lastAt));
    const message = newest?.message ?? '';
    return grouped(events.map((event) => ({ event: { ...event, message }, replicaSet: '' })));
  };
  const said = [...rest.values()].flatMap(alike).toSorted((a, b) => b.lastAt.localeCompare(a.lastAt));
  return [...grouped(warnings.map((event) => ({ event, replicaSet: '' }))), ...said];
}

function partOf(
  { groups, count, oldestAt }: Groups,
  {
    region,
    at,
    share,
    asked,
  }: { readonly region: string; readonly at: string; readonly share: number; readonly asked: Asked },
): Part {
  const back = duration(asked.sinceMs ?? HOUR_MS);
  if (groups.length === 0) {
    const older = oldestAt === null ? '' : '; there are older ones';
    return { line: say`${bold(region)}: no events in the last ${back}${older}` };
  }
  const warnings = groups.filter((one) => one.type === 'Warning');
  const rest = groups.filter((one) => one.type !== 'Warning');
  const shown = [...warnings, ...rest].slice(0, share);
  const left = groups.length - shown.length;
  const bad = warnings.reduce((sum, one) => sum + one.count, 0);
  return {
    line: say`${bold(region)}: ${bad === 0 ? 'no warnings' : counted(bad, 'warning')}, ${counted(count, 'event')} in the last ${back}`,
    text: shown.map((one) => rowOf(one, at)).join('\n'),
    more: left === 0 ? [] : [say`and ${counted(left, 'more kind')} of event`],
  };
}

/** "Warning  FailedScheduling ×12, 6 pods, last 2 min ago: 0/4 nodes are available". */
function rowOf(one: EventGroup, at: string): string {
  const what = one.objects === 1 ? `${one.kind} ${one.names[0] ?? ''}` : counted(one.objects, one.kind);
  const times = one.count === 1 ? '' : ` ×${one.count}`;
  return `${one.type === 'Warning' ? 'Warning' : 'Normal '}  ${one.reason}${times} · ${what} · ${age(one.lastAt, at)} ago: ${short(one.message, 260)}`;
}
