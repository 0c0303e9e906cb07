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
import { askedFor, noneMayMiss, roomFor, roomText, selects } from '../readings/quantity.ts';
import { nodes, nodeUse } from '../readings/room.ts';
import { affected } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { brief, listed, minutesBetween, plural, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';

const { check } = onDeployment;
type Unplaced = Extract<Trouble, { is: 'not placed' }>;

interface Seen {
  readonly deployment: Deployment;
  readonly pods: Pods;
  readonly samples: readonly Sample[];
}
interface Also {
  readonly events: Outcome<readonly EventGroup[]>;
  readonly nodes: Outcome<readonly Node[]>;
  readonly 'node use': Outcome<readonly NodeUse[] | null>;
}
type Waits = Affected<Unplaced> & { readonly hindrance: Hindrance | null; readonly gated: boolean };

/** Pods that wait for a place long enough to speak of, and whom nobody is making room for. */
function waiting(seen: Seen, also: Also, at: string): Waits | null {
  const a = affected(seen.pods, seen.samples, (trouble): trouble is Unplaced => trouble.is === 'not placed');
  if (a === null || minutesBetween(a.trouble.since ?? a.oldestAt, at) < 1) return null;
  if (nodeIsComing(also.events, at)) return null;
  const placing = placingOf(a.trouble.message);
  return {
    ...a,
    hindrance: placing === null ? null : mainHindrance(placing),
    gated: a.trouble.reason === 'SchedulingGated',
  };
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
function heldByTerminating(seen: Seen, waits: Waits, use: readonly NodeUse[]): number {
  const { hindrance } = waits;
  if (hindrance?.is !== 'room' || !isGpu(hindrance.resource)) return 0;
  const asked = askedFor(seen.deployment.template, hindrance.resource);
  const enough = use.filter((one) => one.gpusTerminating >= asked && asked > 0);
  return enough.reduce((sum, one) => sum + one.gpusTerminating, 0);
}

function placeCheck<const I extends string>(
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
    also: [events, nodes, nodeUse],
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

export const surgeDeadlock = placeCheck('surge-deadlock', {
  ask: 'Can the rollout make room for its own extra pod?',
  rulesOut: 'surge deadlock',
  mine: (seen, waits) => isSurgeDeadlock(seen, waits),
  found: (seen, waits, also) => {
    const { maxUnavailable, surgePods } = seen.deployment.strategy;
    const resource = waits.hindrance?.is === 'room' ? waits.hindrance.resource : '';
    return {
      what: say`the rollout holds itself up. It may take none of the ${seen.pods.old.ready} old pods away (${noneMayMiss(maxUnavailable, seen.deployment.replicas.wanted)}) before ${plural(surgePods, 'extra pod')} runs, and there is no ${resource} for that. ${room(seen, also, resource)}`,
      short: `surge pod has no room (${resource}), maxUnavailable is 0`,
    };
  },
});

export const gpusTerminating = placeCheck('gpus-held-by-terminating-pods', {
  ask: 'Do pods that are on their way out still hold the GPUs?',
  rulesOut: 'GPUs held by terminating pods',
  mine: (seen, waits, also) =>
    !isSurgeDeadlock(seen, waits) && use(also) !== null && heldByTerminating(seen, waits, use(also) ?? []) > 0,
  found: (seen, waits, also) => {
    const held = heldByTerminating(seen, waits, use(also) ?? []);
    return {
      what: say`${plural(held, 'GPU')} still belong to pods that are terminating${seen.pods.terminating.length === 0 ? '' : ` (${listed(seen.pods.terminating.slice(0, 3))})`}. They are free when those have ended`,
      short: 'GPUs held by terminating pods',
    };
  },
});

function use(also: Also): readonly NodeUse[] | null {
  return also['node use'].known ? also['node use'].value : null;
}

/** Number asked against number there. */
function room(seen: Seen, also: Also, resource: string): string {
  if (!also.nodes.known)
    return `Each pod asks for ${askedFor(seen.deployment.template, resource)}; the nodes I could not see (${also.nodes.why})`;
  return roomText(roomFor(seen.deployment.template, resource, also.nodes.value, use(also)));
}

function noRoom<const I extends string>(id: I, what: string, is: (resource: string) => boolean) {
  return placeCheck(id, {
    ask: `Is there enough ${what} for the new pods?`,
    rulesOut: `lack of ${what}`,
    mine: (seen, waits, also) =>
      waits.hindrance?.is === 'room' &&
      is(waits.hindrance.resource) &&
      !isSurgeDeadlock(seen, waits) &&
      heldByTerminating(seen, waits, use(also) ?? []) === 0,
    found: (seen, waits, also) => {
      const resource = waits.hindrance?.is === 'room' ? waits.hindrance.resource : what;
      return { what: say`not enough ${resource}. ${room(seen, also, resource)}`, short: `not enough ${resource}` };
    },
  });
}

const hindered = (is: Hindrance['is']) => (_seen: Seen, waits: Waits) => waits.hindrance?.is === is && !waits.gated;

/** A selector that no node meets comes out as taints on the nodes that are tainted as well: the labels decide. */
function selectorIsCause(seen: Seen, waits: Waits, also: Also): boolean {
  const { hindrance } = waits;
  if (hindrance?.is !== 'selector') return false;
  if (!also.nodes.known || Object.keys(seen.deployment.template.nodeSelector).length === 0) return true;
  return !also.nodes.value.some((node) => selects(seen.deployment.template, node));
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
    rulesOut: 'max pods per node',
    mine: hindered('max pods'),
    found: (seen, _waits, also) => ({
      what: say`the nodes hold as many pods as they may. ${room(seen, also, 'pods')}`,
      short: 'nodes hold their maximum of pods',
    }),
  }),
  placeCheck('node-selector', {
    ask: 'Is there a node that the pods select?',
    rulesOut: 'node selector or affinity',
    mine: selectorIsCause,
    found: (seen, waits, also) => {
      const selector = Object.entries(seen.deployment.template.nodeSelector).map(([name, value]) => `${name}=${value}`);
      const all = also.nodes.known ? also.nodes.value.length : (waits.hindrance?.nodes ?? 0);
      return selector.length === 0
        ? { what: say`none of ${all} nodes meets their node affinity`, short: 'no node meets the node affinity' }
        : {
            what: say`none of ${all} nodes has ${{ is: 'code', text: selector.join(', ') }}`,
            short: `no node has ${selector.join(', ')}`,
          };
    },
  }),
  placeCheck('taints', {
    ask: 'Do the pods tolerate the nodes?',
    rulesOut: 'taints',
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
    rulesOut: 'nodes cordoned',
    mine: hindered('cordoned'),
    found: (_seen, waits) => ({
      what: say`${plural(waits.hindrance?.nodes ?? 0, 'node')} cordoned (kubectl cordon or a drain)`,
      short: 'nodes are cordoned',
    }),
  }),
  placeCheck('pod-affinity', {
    ask: 'Do the rules about pods beside each other leave a node?',
    rulesOut: 'pod affinity',
    mine: hindered('pod affinity'),
    found: (_seen, waits) => ({
      what: say`their affinity or anti-affinity to other pods rules out ${plural(waits.hindrance?.nodes ?? 0, 'node')}`,
      short: 'pod affinity leaves no node',
    }),
  }),
  placeCheck('spread', {
    ask: 'Does the spread over zones or nodes leave a place?',
    rulesOut: 'topology spread',
    mine: hindered('spread'),
    found: (seen, waits, also) => ({
      what: say`their topology spread rules out ${plural(waits.hindrance?.nodes ?? 0, 'node')}${also.nodes.known ? ` of ${also.nodes.value.length}` : ''}, for ${seen.deployment.replicas.wanted} wanted pods`,
      short: 'topology spread leaves no node',
    }),
  }),
  placeCheck('host-port', {
    ask: 'Is the host port free somewhere?',
    rulesOut: 'host port',
    mine: hindered('port'),
    found: (_seen, waits) => ({
      what: say`the host port is taken on ${plural(waits.hindrance?.nodes ?? 0, 'node')}: each node takes one such pod`,
      short: 'host port taken on all nodes',
    }),
  }),
  placeCheck('volume-placement', {
    ask: 'Can their volumes be used where there is a node?',
    rulesOut: 'volume placement',
    mine: hindered('volume'),
    found: (_seen, waits) => ({
      what: say`their volume: ${waits.hindrance?.is === 'volume' ? waits.hindrance.what : ''}`,
      short: 'volume cannot be placed',
    }),
  }),
  placeCheck('scheduling-gates', {
    ask: 'May the scheduler look at the pods?',
    rulesOut: 'scheduling gates',
    mine: (_seen, waits) => waits.gated,
    found: () => ({
      what: say`a scheduling gate holds them back; whoever set it must take it away`,
      short: 'held back by a scheduling gate',
    }),
  }),
  placeCheck('not-placed-untold', {
    ask: 'Are all pods placed?',
    rulesOut: 'placing',
    mine: (_seen, waits) => waits.hindrance === null && !waits.gated,
    found: () => ({ what: say`the scheduler's words tell no cause that I know`, short: 'pods cannot be placed' }),
  }),
] as const;
