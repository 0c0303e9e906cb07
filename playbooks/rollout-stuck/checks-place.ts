import type { Node } from '../../src/core/ports/kubernetes.ts';
import { say } from '../../src/core/words.ts';
import { isGpu, placingOf } from '../readings/placing.ts';
import type { Hindrance } from '../readings/placing.ts';
import { noneMayMiss, selects } from '../readings/quantity.ts';
import { waitingText } from '../readings/volumes.ts';
import { listed, plural } from '../readings/wording.ts';
import { heldByTerminating, isSurgeDeadlock, noRoomWord, placeCheck, roomOf, useOf } from './place.ts';
import type { Also, Seen, Waits } from './place.ts';

export const surgeDeadlock = placeCheck('surge-deadlock', {
  ask: 'Can the rollout make room for its own extra pod?',
  rulesOut: noRoomWord,
  mine: (seen, waits) => isSurgeDeadlock(seen, waits),
  found: (seen, waits, also) => {
    const { maxUnavailable, surgePods } = seen.deployment.strategy;
    const resource = waits.hindrance?.is === 'room' ? waits.hindrance.resource : '';
    return {
      what: say`the rollout holds itself up. It may take none of the ${seen.pods.old.ready} old pods away (${noneMayMiss(maxUnavailable, seen.deployment.replicas.wanted)}) before ${plural(surgePods, 'extra pod')} runs, and there is no ${resource} for that. ${roomOf(seen, also, resource)}`,
      short: `surge pod has no room (${resource}), maxUnavailable is 0`,
    };
  },
});

export const gpusTerminating = placeCheck('gpus-held-by-terminating-pods', {
  ask: 'Do pods that are on their way out still hold the GPUs?',
  rulesOut: noRoomWord,
  mine: (seen, waits, also) =>
    !isSurgeDeadlock(seen, waits) && useOf(also) !== null && heldByTerminating(seen, waits, useOf(also) ?? []) > 0,
  found: (seen, waits, also) => {
    const held = heldByTerminating(seen, waits, useOf(also) ?? []);
    return {
      what: say`${plural(held, 'GPU')} still belong to pods that are terminating${seen.pods.terminating.length === 0 ? '' : ` (${listed(seen.pods.terminating.slice(0, 3))})`}. They are free when those have ended`,
      short: 'GPUs held by terminating pods',
    };
  },
});

function noRoom<const I extends string>(id: I, what: string, is: (resource: string) => boolean) {
  return placeCheck(id, {
    ask: `Is there enough ${what} for the new pods?`,
    rulesOut: noRoomWord,
    mine: (seen, waits, also) =>
      waits.hindrance?.is === 'room' &&
      is(waits.hindrance.resource) &&
      !isSurgeDeadlock(seen, waits) &&
      heldByTerminating(seen, waits, useOf(also) ?? []) === 0,
    found: (seen, waits, also) => {
      const resource = waits.hindrance?.is === 'room' ? waits.hindrance.resource : what;
      return { what: say`not enough ${resource}. ${roomOf(seen, also, resource)}`, short: `not enough ${resource}` };
    },
  });
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const hindered = (is: Hindrance['is']) => (_seen: Seen, waits: Waits) => waits.hindrance?.is === is && !waits.gated;

/**
 * Nodes that are tainted are counted as tainted, the others by the selector: when some node has the selected labels and others are tainted,
 * it is the taint that stands in the way.
 */
function selectorIsCause(seen: Seen, waits: Waits, also: Also): boolean {
  const { hindrance } = waits;
  if (hindrance?.is !== 'selector') return false;
  if (!hasTaints(waits)) return true;
  return also.nodes.known && !someNodeSelected(seen, also.nodes.value);
}

function hasTaints(waits: Waits): boolean {
  return placingOf(waits.trouble.message)?.hindrances.some((one) => one.is === 'taint') === true;
}

function someNodeSelected(seen: Seen, all: readonly Node[]): boolean {
  return all.some((node) => selects(seen.deployment.template, node));
}

export const placeChecks = [
  surgeDeadlock,
  gpusTerminating,
  noRoom('no-gpu', 'GPU', isGpu),
  noRoom('no-cpu', 'CPU', (resource) => resource === 'cpu'),
  noRoom('no-memory', 'memory', (resource) => resource === 'memory'),
  noRoom(
    'no-other-resource',
    'other resource',
    (resource) => !isGpu(resource) && resource !== 'cpu' && resource !== 'memory',
  ),
  placeCheck('max-pods', {
    ask: 'Do the nodes take more pods?',
    rulesOut: noRoomWord,
    mine: hindered('max pods'),
    found: (seen, _waits, also) => ({
      what: say`the nodes hold as many pods as they may. ${roomOf(seen, also, 'pods')}`,
      short: 'nodes hold their maximum of pods',
    }),
  }),
  placeCheck('node-selector', {
    ask: 'Is there a node that the pods select?',
    rulesOut: noRoomWord,
    mine: selectorIsCause,
    found: (seen, waits, also) => {
      const selector = Object.entries(seen.deployment.template.nodeSelector).map(([name, value]) => `${name}=${value}`);
      const all = also.nodes.known ? also.nodes.value.length : (waits.hindrance?.nodes ?? 0);
      return selector.length === 0 || (also.nodes.known && someNodeSelected(seen, also.nodes.value))
        ? { what: say`none of ${all} nodes meets their node affinity`, short: 'no node meets the node affinity' }
        : {
            what: say`none of ${all} nodes has ${{ is: 'code', text: selector.join(', ') }}`,
            short: `no node has ${selector.join(', ')}`,
          };
    },
  }),
  placeCheck('taints', {
    ask: 'Do the pods tolerate the nodes?',
    rulesOut: noRoomWord,
    mine: (seen, waits, also) =>
      waits.hindrance?.is === 'taint' || (waits.hindrance?.is === 'selector' && !selectorIsCause(seen, waits, also)),
    found: (_seen, waits) => {
      const taints = (placingOf(waits.trouble.message)?.hindrances ?? []).filter((one) => one.is === 'taint');
      const [first] = taints;
      const count = taints.reduce((sum, one) => sum + one.nodes, 0);
      return {
        what: say`${plural(count, 'node')} ${count === 1 ? 'has' : 'have'} a taint that they do not tolerate: ${{ is: 'code', text: listed([...new Set(taints.map((one) => one.taint))]) }}`,
        short: `taint not tolerated: ${first?.taint ?? 'not known'}`,
      };
    },
  }),
  placeCheck('nodes-cordoned', {
    ask: 'Do the nodes take new pods?',
    rulesOut: noRoomWord,
    mine: hindered('cordoned'),
    found: (_seen, waits) => ({
      what: say`${plural(waits.hindrance?.nodes ?? 0, 'node')} cordoned (kubectl cordon or a drain)`,
      short: 'nodes are cordoned',
    }),
  }),
  placeCheck('pod-affinity', {
    ask: 'Do the rules about pods beside each other leave a node?',
    rulesOut: noRoomWord,
    mine: hindered('pod affinity'),
    found: (_seen, waits) => ({
      what: say`their affinity or anti-affinity to other pods rules out ${plural(waits.hindrance?.nodes ?? 0, 'node')}`,
      short: 'pod affinity leaves no node',
    }),
  }),
  placeCheck('spread', {
    ask: 'Does the spread over zones or nodes leave a place?',
    rulesOut: noRoomWord,
    mine: hindered('spread'),
    found: (seen, waits, also) => ({
      what: say`their topology spread rules out ${plural(waits.hindrance?.nodes ?? 0, 'node')}${also.nodes.known ? ` of ${also.nodes.value.length}` : ''}, for ${seen.deployment.replicas.wanted} wanted pods`,
      short: 'topology spread leaves no node',
    }),
  }),
  placeCheck('host-port', {
    ask: 'Is the host port free somewhere?',
    rulesOut: noRoomWord,
    mine: hindered('port'),
    found: (_seen, waits) => ({
      what: say`the host port is taken on ${plural(waits.hindrance?.nodes ?? 0, 'node')}: each node takes one such pod`,
      short: 'host port taken on all nodes',
    }),
  }),
  placeCheck('volume-placement', {
    ask: 'Can their volumes be used where there is a node?',
    rulesOut: noRoomWord,
    mine: hindered('volume'),
    found: (_seen, waits, also) => {
      const told = waits.hindrance?.is === 'volume' ? waits.hindrance.what : '';
      const waiting = also.volumes.known ? also.volumes.value : [];
      const lacks = waiting.find(({ because: { is } }) => is === 'no such class' || is === 'no default class');
      return {
        what: say`their volume: ${told}${waiting.map((one) => `. ${capital(waitingText(one))}`).join('')}`,
        short: lacks === undefined ? 'volume cannot be placed' : 'storage class does not exist',
        ...(also.volumes.known ? {} : { notKnown: say`what its claims wait for (${also.volumes.why})` }),
      };
    },
  }),
  placeCheck('scheduling-gates', {
    ask: 'May the scheduler look at the pods?',
    rulesOut: noRoomWord,
    mine: (_seen, waits) => waits.gated,
    found: () => ({
      what: say`a scheduling gate holds them back; whoever set it must take it away`,
      short: 'held back by a scheduling gate',
    }),
  }),
  placeCheck('not-placed-untold', {
    ask: 'Are all pods placed?',
    rulesOut: noRoomWord,
    mine: (_seen, waits) => waits.hindrance === null && !waits.gated,
    found: () => ({ what: say`the scheduler's words tell no cause that I know`, short: 'pods cannot be placed' }),
  }),
] as const;
