import type { Maybe } from '../../src/core/contract.ts';
import type { Deployment, PodTemplate, Revision } from '../../src/core/ports/kubernetes.ts';
import { variables } from '../readings/facts.ts';
import { freeRoom } from '../readings/free-room.ts';
import type { PodSet } from '../readings/pods.ts';
import { kindWord, needsOf } from '../readings/references.ts';
import { limitRanges, quotas } from '../readings/room.ts';
import { listed } from '../readings/wording.ts';
import { barred } from './barred.ts';
import { otherTemplate } from './preflight.ts';
import type { Preflight } from './preflight.ts';
import { around, replacing } from './reach.ts';

/** What taking a Deployment to another template is looked at with beside, as far as its playbook does. */
export const roomAlso = [...around, quotas, limitRanges, freeRoom] as const;
export const backAlso = [variables, ...roomAlso] as const;
export type RoomAlso = Maybe<typeof roomAlso, 'region'>;

/** A playbook that looks at nothing of it. */
export const nothingBeside: RoomAlso = (() => {
  const unknown = { known: false, why: 'was not looked at' } as const;
  return {
    users: unknown,
    'start-up': unknown,
    namespace: unknown,
    quotas: unknown,
    'limit ranges': unknown,
    'free room': unknown,
  };
})();

type To = Pick<Revision, 'template' | 'templateDigest'>;
export interface Moved {
  readonly caution: string;
  /** Extra pods that have room now. Absent: not looked at. */
  readonly extra?: number;
  readonly reach: ReturnType<typeof replacing>;
}

/** Why pods of this template would not be made or placed; else what it reaches. `start`: how many must be started. */
export function reachOf(
  on: {
    readonly namespace: string;
    readonly now: Deployment;
    readonly fresh: PodSet;
    readonly start: number;
    readonly deadlineMs: number;
  },
  to: To,
  beside: RoomAlso,
): Moved | { readonly no: string } {
  const { namespace, now, fresh, start, deadlineMs } = on;
  const no = start === 0 ? null : barred(beside, namespace, to.templateDigest);
  if (no !== null) return { no };
  const room: Preflight = start === 0 || !isWhole(now, fresh) ? { caution: '' } : roomFor(now, to, beside);
  if ('no' in room) return room;
  const verb = start < now.replicas.wanted ? 'starts' : 'replaces';
  const { extra } = room;
  return { ...room, reach: replacing(now, start, beside, deadlineMs, { verb, extra }) };
}

/** Whether `reachOf` looks for room at all, and can. */
export function looksForRoom(now: Deployment, fresh: PodSet, beside: RoomAlso): boolean {
  const { quotas: q, 'limit ranges': ranges, 'free room': free } = beside;
  return isWhole(now, fresh) && q.known && ranges.known && free.known;
}

/** Config maps and secrets are others' as well: a change of template changes which are read, never what is in them. */
export function readsThen(from: PodTemplate, to: PodTemplate): readonly string[] {
  const named = (of: PodTemplate): readonly string[] =>
    needsOf(of).flatMap(({ kind, name }) =>
      kind === 'ConfigMap' || kind === 'Secret' ? [`${kindWord[kind]} ${name}`] : [],
    );
  const before = new Set(named(from));
  const more = [...new Set(named(to))].filter((one) => !before.has(one));
  if (more.length === 0) return [];
  const it = more.length === 1 ? 'it' : 'them';
  return [`then reads ${listed(more)}: what is in ${it} stays as it is now, for whoever else uses ${it}, too`];
}

/** Pods that are not ready go first, and leave their room: only of a whole service is it to be found elsewhere. */
function isWhole(now: Deployment, fresh: PodSet): boolean {
  return fresh.ready === fresh.total && fresh.ready >= now.replicas.wanted;
}

function roomFor(now: Deployment, to: To, beside: RoomAlso): Preflight {
  const { quotas: q, 'limit ranges': ranges, 'free room': free } = beside;
  if (q.known && ranges.known && free.known) {
    return otherTemplate(now, to.template, { quotas: q.value, 'limit ranges': ranges.value, 'free room': free.value });
  }
  const needsExtra = now.strategy.type === 'RollingUpdate' && now.strategy.unavailablePods === 0;
  return { caution: needsExtra ? 'it needs room for an extra pod first, which could not be looked at' : '' };
}
