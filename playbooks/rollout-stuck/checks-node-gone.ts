import type { Answer, Outcome } from '../../src/core/contract.ts';
import type { Node, NodeUse } from '../../src/core/ports/kubernetes.ts';
import { clock, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { deployment, isWell } from '../readings/deployment.ts';
import { onDeployment } from '../readings/on.ts';
import { mainHindrance, placingOf } from '../readings/placing.ts';
import { pods, samples } from '../readings/pods.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { roomFor, roomText } from '../readings/quantity.ts';
import { nodes, nodeUse } from '../readings/room.ts';
import { affected } from '../readings/trouble.ts';
import type { Trouble } from '../readings/trouble.ts';
import { brief, listed, nodeName, plural } from '../readings/wording.ts';
import { noRoomWord } from './place.ts';
import type { Seen } from './place.ts';

const { check } = onDeployment;
type Unplaced = Extract<Trouble, { is: 'not placed' }>;

interface Lost {
  readonly node: string;
  readonly pods: number;
  readonly readySince: string | null;
}

export const nodeGone = check('node-gone', {
  severity: 'critical',
  ask: 'Do the nodes report that hold the pods?',
  rulesOut: 'lost node',
  needs: [deployment, pods, nodes],
  also: [samples, nodeUse],
  find: (seen, also, { t, at }): Answer => {
    if (isWell(seen.deployment)) return 'clear';
    const lost = lostOf(seen.pods, seen.nodes);
    const [first] = lost;
    if (first === undefined) return 'clear';
    const count = lost.reduce((sum, one) => sum + one.pods, 0);
    const all = seen.nodes.length > 0 && seen.nodes.every(isSilent);
    const since = lost
      .map((one) => one.readySince)
      .filter((one) => one !== null)
      .toSorted()[0];
    const names = listed(lost.slice(0, 3).map((one) => one.node));
    const waits = waiting(seen.pods, also.samples);
    const next = all
      ? say`. Every node is silent: "Running" is only the last known state, and nothing is evicted`
      : (waits ?? replacing(seen.pods, since, at));
    const room = waits === null ? say`` : whetherRoom(seen, also, seen.nodes);
    return {
      found: say`${plural(lost.length, 'node')} of ${seen.nodes.length} ${lost.length === 1 ? 'does' : 'do'} not report (${names}${lost.length > 3 ? ', …' : ''}): ${plural(count, 'pod')} of this deployment ${count === 1 ? 'is' : 'are'} there${next}${room}`,
      short: all
        ? 'all nodes silent'
        : `${plural(lost.length, 'node')} lost (${listed(lost.slice(0, 3).map((one) => nodeName(one.node)))})`,
      ...(since === undefined ? {} : { since }),
      notKnown: say`whether the machines are down or only cut off from here`,
      byHand: `kubectl --context=${t.region} describe node ${first.node}`,
      ...(all ? { refuse: whileSilent } : {}),
      // A lost node is trouble of a node, and pods that find no place in its stead have no room.
      keepsOpen: ['node trouble', ...(waits === null ? [] : [noRoomWord])],
    };
  },
});

/** What runs on silent nodes may serve all the same, and nothing new finds a place. */
const whileSilent = {
  remedies: ['restart'],
  endsPods: true,
  because: say`Do not restart, scale or drain while no node reports: what runs there may still serve, and new pods find no place`,
} as const;

const isSilent = (one: Node): boolean => one.ready !== 'True';

/** A node that is not even listed any more took its pods with it. */
function lostOf(seen: Pods, all: readonly Node[]): readonly Lost[] {
  return seen.nodes.flatMap((held) => {
    const found = all.find((one) => one.name === held.node);
    return found === undefined || isSilent(found) ? [{ ...held, readySince: found?.readySince ?? null }] : [];
  });
}

function unplaced(seen: Pods, all: Outcome<readonly Sample[]>) {
  return all.known ? affected(seen, all.value, (trouble): trouble is Unplaced => trouble.is === 'not placed') : null;
}

/** Null: no pod waits for a place, as far as was looked. */
function waiting(seen: Pods, all: Outcome<readonly Sample[]>): Words | null {
  const a = unplaced(seen, all);
  if (a === null) return null;
  return say`. ${a.exact ? '' : 'At least '}${a.pods} of the pods in their stead ${a.pods === 1 ? 'finds' : 'find'} no place`;
}

/** Number asked against number there, on the nodes that report. */
function whetherRoom(
  seen: Pick<Seen, 'deployment' | 'pods'>,
  also: { readonly samples: Outcome<readonly Sample[]>; readonly 'node use': Outcome<readonly NodeUse[] | null> },
  all: readonly Node[],
): Words {
  const message = unplaced(seen.pods, also.samples)?.trouble.message ?? '';
  const placing = placingOf(message);
  const main = placing === null ? null : mainHindrance(placing);
  if (main?.is !== 'room') return say`: ${brief(message, 200)}`;
  const use = also['node use'].known ? also['node use'].value : null;
  return say`, for want of ${main.resource} on the nodes that are left. ${roomText(roomFor(seen.deployment.template, main.resource, all, use))}`;
}

/** Kubernetes' default: pods tolerate a silent node for 300 s (kubernetes.io, Taints and Tolerations). */
const toleratedMs = 300_000;

function replacing(seen: Pods, since: string | undefined, at: string): Words {
  const ending = seen.fresh.terminating + seen.old.terminating;
  if (ending > 0) return say`. The pods in their stead are placed`;
  if (since === undefined) return say``;
  const from = new Date(Date.parse(since) + toleratedMs).toISOString();
  return from > at
    ? say`. Unless it comes back, they are replaced from ${clock(from)} on`
    : say`. None is replaced yet`;
}
