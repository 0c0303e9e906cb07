import type { Answer, Outcome } from '../../src/core/contract.ts';
import type { Deployment, Node, NodeUse } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment } from '../readings/deployment.ts';
import { events } from '../readings/events.ts';
import type { EventGroup } from '../readings/events.ts';
import { onDeployment } from '../readings/on.ts';
import { isGpu, mainHindrance, placingOf } from '../readings/placing.ts';
import type { Hindrance } from '../readings/placing.ts';
import { pods, samples } from '../readings/pods.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { askedFor, roomFor, roomText } from '../readings/quantity.ts';
import { nodes, nodeUse } from '../readings/room.ts';
import { affected } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { volumes } from '../readings/volumes.ts';
import type { Waiting } from '../readings/volumes.ts';
import { brief, minutesBetween, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';

/** What the checks about placing have in common. */

const { check } = onDeployment;
/** One word for all of them: a pod that is placed has met none. */
export const noRoomWord = 'no room (pods are placed)';

type Unplaced = Extract<Trouble, { is: 'not placed' }>;

export interface Seen {
  readonly deployment: Deployment;
  readonly pods: Pods;
  readonly samples: readonly Sample[];
}
export interface Also {
  readonly events: Outcome<readonly EventGroup[]>;
  readonly nodes: Outcome<readonly Node[]>;
  readonly 'node use': Outcome<readonly NodeUse[] | null>;
  readonly volumes: Outcome<readonly Waiting[]>;
}
export type Waits = Affected<Unplaced> & { readonly hindrance: Hindrance | null; readonly gated: boolean };

/** Pods that wait for a place long enough to speak of, and whom nobody is making room for. */
function waiting(seen: Seen, also: Also, at: string): Waits | null {
  const a = affected(seen.pods, seen.samples, (trouble): trouble is Unplaced => trouble.is === 'not placed');
  if (a === null || minutesBetween(a.trouble.since ?? a.oldestAt, at) < 1) return null;
  if (nodeIsComing(also.events, at) || nodeIsLost(seen, also.nodes)) return null;
  const placing = placingOf(a.trouble.message);
  return {
    ...a,
    hindrance: placing === null ? null : mainHindrance(placing),
    gated: a.trouble.reason === 'SchedulingGated',
  };
}

/** What held the pods fell silent: that they find no other place is its consequence. */
function nodeIsLost(seen: Seen, all: Outcome<readonly Node[]>): boolean {
  if (!all.known) return false;
  return all.value.some((node) => node.ready !== 'True' && seen.pods.nodes.some((one) => one.node === node.name));
}

const scaleUpMinutes = 15;

/** cluster-autoscaler says TriggeredScaleUp, Karpenter Nominated: a machine takes minutes. */
function nodeIsComing(told: Outcome<readonly EventGroup[]>, at: string): boolean {
  if (!told.known) return false;
  return told.value.some(
    ({ reason, lastAt }) =>
      (reason === 'TriggeredScaleUp' || reason === 'Nominated') && minutesBetween(lastAt, at) < scaleUpMinutes,
  );
}

/** The strategy lets no pod be missing, so the old ones keep what the new one waits for. */
export function isSurgeDeadlock(seen: Seen, waits: Waits): boolean {
  const { strategy } = seen.deployment;
  return (
    strategy.type === 'RollingUpdate' &&
    strategy.unavailablePods === 0 &&
    seen.pods.old.ready > 0 &&
    seen.pods.fresh.total - seen.pods.fresh.ready <= strategy.surgePods &&
    waits.hindrance?.is === 'room'
  );
}

/** GPUs of pods that are on their way out, when they are what is missing. */
export function heldByTerminating(seen: Seen, waits: Waits, use: readonly NodeUse[]): number {
  const { hindrance } = waits;
  if (hindrance?.is !== 'room' || !isGpu(hindrance.resource)) return 0;
  const asked = askedFor(seen.deployment.template, hindrance.resource);
  const enough = use.filter((one) => one.gpusTerminating >= asked && asked > 0);
  return enough.reduce((sum, one) => sum + one.gpusTerminating, 0);
}

export function placeCheck<const I extends string>(
  id: I,
  c: {
    readonly ask: string;
    readonly rulesOut: string;
    readonly mine: (seen: Seen, waits: Waits, also: Also) => boolean;
    readonly found: (
      seen: Seen,
      waits: Waits,
      also: Also,
    ) => { readonly what: Words; readonly short: string; readonly notKnown?: Words };
  },
) {
  return check(id, {
    severity: 'critical',
    ask: c.ask,
    rulesOut: c.rulesOut,
    needs: [deployment, pods, samples],
    also: [events, nodes, nodeUse, volumes],
    find: (seen, also, { t, at }): Answer => {
      const waits = waiting(seen, also, at);
      if (waits === null || !c.mine(seen, waits, also)) return 'clear';
      const { what, short, notKnown } = c.found(seen, waits, also);
      const refusedNode = also.events.known
        ? also.events.value.find((event) => event.reason === 'NotTriggerScaleUp')
        : undefined;
      return {
        found: say`${podsOf(waits, seen.pods)} cannot be placed: ${what}`,
        short,
        since: waits.trouble.since ?? waits.oldestAt,
        quotes: [brief(waits.trouble.message, 400), ...(refusedNode === undefined ? [] : [brief(refusedNode.message)])],
        byHand: `${kubectl(t)} describe pod ${waits.pod.name}`,
        ...(notKnown === undefined ? {} : { notKnown }),
      };
    },
  });
}

export function useOf(also: Also): readonly NodeUse[] | null {
  return also['node use'].known ? also['node use'].value : null;
}

/** Number asked against number there. */
export function roomOf(seen: Seen, also: Also, resource: string): string {
  if (!also.nodes.known)
    return `Each pod asks for ${askedFor(seen.deployment.template, resource)}; the nodes I could not see (${also.nodes.why})`;
  return roomText(roomFor(seen.deployment.template, resource, also.nodes.value, useOf(also)));
}
