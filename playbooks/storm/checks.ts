import type { Answer, Apart } from '../../src/core/contract.ts';
import { clock, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { onNamespace } from '../readings/namespace.ts';
import { nodes } from '../readings/room.ts';
import { listed, minutesBetween, nodeName, plural } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import { explainedBy, needed } from './depends.ts';
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
function apartOf(seen: Placed, namespace: string, explained: ReadonlySet<string>): readonly Apart[] {
  return unlike(seen, explained).map((one) => ({
    playbook: 'rollout-stuck',
    target: { namespace, name: one.name },
    short: `${one.name}: ${troubleOf(one) ?? 'not ready'}`,
  }));
}

function few(names: readonly string[], most: number): string {
  return names.length <= most ? listed(names) : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
const namesOf = (hit: readonly Hit[]): string =>
  few(
    hit.map((one) => one.name),
    4,
  );

export const regionLost = check('region-lost', {
  severity: 'critical',
  ask: 'Do the nodes of the region report?',
  rulesOut: 'lost nodes',
  needs: [nodes],
  also: [placed, needed],
  find: (seen, also, { t, at }): Answer => {
    const lost = lostOf(seen.nodes);
    if (lost === null || lost.is !== 'all') return 'clear';
    const { zones, allZones } = lost;
    const where = allZones < 2 ? '' : zones.length === allZones ? ` in all ${allZones} zones` : ` in ${listed(zones)}`;
    const pods = also['pods and nodes'].known ? also['pods and nodes'].value : null;
    return {
      found: say`${lost.nodes.length} of ${plural(lost.of, 'node')}${where} stopped reporting${when(lost)}`,
      short: lost.nodes.length === lost.of ? 'lost all its nodes' : `lost ${lost.nodes.length} of ${lost.of} nodes`,
      ...(lost.from === null ? {} : { since: lost.from }),
      notKnown: say`why. ${allZones > 1 && zones.length > 1 ? 'Several zones at once point' : 'So many at once point'} to network, account or control plane rather than to hardware; I cannot read those`,
      byHand: `kubectl --context=${t.region} get nodes`,
      apart: pods === null ? [] : apartOf(pods, t.namespace, explainedBy(also.dependencies, pods, at)),
    };
  },
});

export const nodesLost = check('nodes-lost', {
  severity: 'critical',
  ask: 'Do single nodes or a zone not report?',
  rulesOut: 'lost nodes',
  needs: [nodes, placed],
  also: [needed],
  find: (seen, also, { t, at }): Answer => {
    const lost = lostOf(seen.nodes);
    if (lost === null || lost.is === 'all') return 'clear';
    const pods = seen['pods and nodes'];
    const there = pods.hit.filter((one) => one.onLost > 0);
    const names = few(
      lost.nodes.map((one) => nodeName(one.name)),
      3,
    );
    const zone = lost.is === 'zone' ? `all nodes of ${listed(lost.zones)}: ` : '';
    return {
      found: say`${zone}${lost.nodes.length} of ${plural(lost.of, 'node')} stopped reporting (${names})${when(lost)}. ${there.length === 0 ? 'No workload that I know' : plural(there.length, 'workload')} had pods there${there.length === 0 ? '' : `: ${namesOf(there)}`}`,
      short: lost.is === 'zone' ? `lost zone ${listed(lost.zones)}` : `lost ${plural(lost.nodes.length, 'node')}`,
      ...(lost.from === null ? {} : { since: lost.from }),
      byHand: `kubectl --context=${t.region} describe node ${lost.nodes[0]?.name ?? ''}`,
      apart: apartOf(pods, t.namespace, explainedBy(also.dependencies, pods, at)),
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
  also: [needed],
  find: (seen, also, { t, at }): Answer => {
    const pods = seen['pods and nodes'];
    const explained = explainedBy(also.dependencies, pods, at);
    const shared = sharedTrouble(pods, explained);
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
      byHand: `${kubectl(t)} get pods -o wide`,
      apart: apartOf(pods, t.namespace, explained),
    };
  },
});

/**
 * Fewer than three have the same: nothing is shared that can be seen, but it is there. Beside lost nodes or a dependency that is down, those
 * name it.
 */
export const ownFaults = check('own-faults', {
  severity: 'critical',
  ask: 'Are workloads in trouble of their own?',
  rulesOut: 'workloads in trouble',
  needs: [placed],
  also: [nodes, needed],
  find: (seen, also, { t, at }): Answer => {
    const pods = seen['pods and nodes'];
    const explained = explainedBy(also.dependencies, pods, at);
    const own = unlike(pods, explained);
    const isNamed = explained.size > 0 || (also.nodes.known && lostOf(also.nodes.value) !== null);
    const [first] = own;
    if (first === undefined || isNamed || sharedTrouble(pods, explained) !== null) return 'clear';
    const names = own.map((one) => `${one.name} (${troubleOf(one) ?? ''})`);
    return {
      found:
        own.length === 1
          ? say`only ${names[0] ?? ''} is in trouble; of ${plural(pods.workloads, 'workload')} no other`
          : say`${plural(own.length, 'workload')} of ${pods.workloads} in trouble with nothing in common that I can see: ${few(names, 4)}`,
      short: own.length === 1 ? `only ${first.name} in trouble` : `${own.length} workloads in trouble`,
      byHand: `${kubectl(t)} get pods -o wide`,
      apart: apartOf(pods, t.namespace, explained),
    };
  },
});
