import type { Answer, Apart } from '../../src/core/contract.ts';
import { clock, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { onNamespace } from '../readings/namespace.ts';
import { nodes } from '../readings/room.ts';
import { listed, minutesBetween, nodeName, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { placed } from './readings.ts';
import type { Hit, Placed } from './readings.ts';
import { lostOf, sharedTrouble, troubleOf, unlike } from './sharing.ts';
import type { Lost } from './sharing.ts';

const { check } = onNamespace;

/** Times of the first and the last of many that went together: what a common cause looks like. */
function when({ from, to }: Lost): Words {
  if (from === null || to === null) return say``;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return seconds < 1
    ? say` at ${clock(from)}`
    : say`, the first at ${clock(from)}, all within ${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}`;
}

/** What the lost nodes do not explain is somebody else's fault: a thread of its own. */
function apartOf(seen: Placed, namespace: string): readonly Apart[] {
  return unlike(seen).map((one) => ({
    playbook: 'rollout-stuck',
    target: { namespace, name: one.name },
    short: `${one.name}: ${troubleOf(one) ?? 'not ready'}`,
  }));
}

const namesOf = (hit: readonly Hit[]): string =>
  `${listed(hit.slice(0, 4).map((one) => one.name))}${hit.length > 4 ? ', …' : ''}`;

export const regionLost = check('region-lost', {
  severity: 'critical',
  ask: 'Do the nodes of the region report?',
  rulesOut: 'lost nodes',
  needs: [nodes],
  also: [placed],
  find: (seen, also, { t }): Answer => {
    const lost = lostOf(seen.nodes);
    if (lost === null || lost.is !== 'all') return 'clear';
    const { zones, allZones } = lost;
    const where = allZones < 2 ? '' : zones.length === allZones ? ` in all ${allZones} zones` : ` in ${listed(zones)}`;
    const pods = also['pods and nodes'].known ? also['pods and nodes'].value : null;
    const stale =
      pods === null || pods.runningOnLost === 0
        ? say``
        : say`. ${pods.runningOnLost} pods listed "Running" are the last known state: nothing is evicted while nearly all nodes are silent`;
    return {
      found: say`${lost.nodes.length} of ${plural(lost.of, 'node')}${where} stopped reporting${when(lost)}${stale}`,
      short: lost.nodes.length === lost.of ? 'lost all its nodes' : `lost ${lost.nodes.length} of ${lost.of} nodes`,
      ...(lost.from === null ? {} : { since: lost.from }),
      notKnown: say`why. ${allZones > 1 && zones.length > 1 ? 'Several zones at once point' : 'So many at once point'} to network, account or control plane rather than to hardware; I cannot read those`,
      byHand: `kubectl --context=${t.region} get nodes`,
      apart: pods === null ? [] : apartOf(pods, t.namespace),
    };
  },
});

export const nodesLost = check('nodes-lost', {
  severity: 'critical',
  ask: 'Do single nodes or a zone not report?',
  rulesOut: 'lost nodes',
  needs: [nodes, placed],
  find: (seen, _also, { t }): Answer => {
    const lost = lostOf(seen.nodes);
    if (lost === null || lost.is === 'all') return 'clear';
    const pods = seen['pods and nodes'];
    const there = pods.hit.filter((one) => one.onLost > 0);
    const names = listed(lost.nodes.slice(0, 3).map((one) => nodeName(one.name)));
    const zone = lost.is === 'zone' ? `all nodes of ${listed(lost.zones)}: ` : '';
    return {
      found: say`${zone}${lost.nodes.length} of ${plural(lost.of, 'node')} stopped reporting (${names}${lost.nodes.length > 3 ? ', …' : ''})${when(lost)}. ${plural(there.length, 'workload')} had pods there: ${there.length === 0 ? 'none that I know' : namesOf(there)}`,
      short: lost.is === 'zone' ? `lost zone ${listed(lost.zones)}` : `lost ${plural(lost.nodes.length, 'node')}`,
      ...(lost.from === null ? {} : { since: lost.from }),
      byHand: `kubectl --context=${t.region} describe node ${lost.nodes[0]?.name ?? ''}`,
      apart: apartOf(pods, t.namespace),
    };
  },
});

/** What each printed state points to, as far as it can be said without looking into one pod. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /^ImagePullBackOff$|^ErrImage/,
    'their images cannot be pulled: the registry, its DNS or its credentials are what they share',
  ],
  [
    /^CreateContainerConfigError$/,
    'something that they read at their start is missing: a secret or config map that they share',
  ],
  [
    /^CrashLoopBackOff$|^Error$|^OOMKilled$/,
    'their containers end right after their start: a dependency that they share, or a release of all of them',
  ],
  [/^Unknown$/, 'their nodes do not answer'],
];

export const sharedCause = check('shared-trouble', {
  severity: 'critical',
  ask: 'Do the workloads wait for the same thing?',
  rulesOut: 'a shared cause',
  needs: [placed],
  find: (seen, _also, { t, at }): Answer => {
    const pods = seen['pods and nodes'];
    const shared = sharedTrouble(pods);
    if (shared === null) return 'clear';
    const { status, hit } = shared;
    const count = hit.reduce((sum, one) => sum + one.elsewhere.reduce((all, each) => all + each.pods, 0), 0);
    const since = hit.flatMap((one) => (one.since === null ? [] : [one.since])).toSorted()[0];
    const meaning = meanings.find(([pattern]) => pattern.test(status))?.[1];
    return {
      found: say`${plural(count, 'pod')} of ${plural(hit.length, 'workload')} (${namesOf(hit)}) show ${status}${meaning === undefined ? '' : `. Together that points to one cause: ${meaning}`}`,
      short: `${hit.length} workloads ${status}`,
      ...(since === undefined || minutesBetween(since, at) > 24 * 60 ? {} : { since }),
      notKnown: say`which one. I have not looked into each workload: \`/mlp diagnose ${hit[0]?.name ?? ''} ${t.region}\` looks into one`,
      byHand: `${kubectl(t)} get pods -o wide | grep ${status}`,
      apart: apartOf(pods, t.namespace),
    };
  },
});

/** Fewer than three have the same: nothing is shared that can be seen, but it is there. */
export const ownFaults = check('own-faults', {
  severity: 'critical',
  ask: 'Are workloads in trouble of their own?',
  rulesOut: 'workloads in trouble',
  needs: [placed],
  find: (seen, _also, { t }): Answer => {
    const pods = seen['pods and nodes'];
    const own = unlike(pods);
    const [first] = own;
    if (first === undefined || sharedTrouble(pods) !== null) return 'clear';
    return {
      found: say`${plural(own.length, 'workload')} in trouble with nothing in common that I can see: ${listed(own.slice(0, 4).map((one) => `${one.name} (${troubleOf(one) ?? ''})`))}${own.length > 4 ? ', …' : ''}`,
      short: `${plural(own.length, 'workload')} in trouble`,
      byHand: `${kubectl(t)} get pods -o wide`,
      apart: apartOf(pods, t.namespace),
    };
  },
});
