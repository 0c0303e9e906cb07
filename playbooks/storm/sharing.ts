import type { Node } from '../../src/core/ports/kubernetes.ts';
import { isLost } from './readings.ts';
import type { Hit, Placed } from './readings.ts';

/** What the workloads of a storm share, from where their pods stand and what they wait for. Pure: the key by which they are grouped, in words. */

const zoneLabel = 'topology.kubernetes.io/zone';
/** From this share of the nodes on it is the region, not some nodes. */
const mostNodes = 0.8;
/** So many workloads with the same trouble have one cause, not as many. */
const alike = 3;
/** A start that is under way is no trouble. */
const starting = /^(Running|ContainerCreating|PodInitializing|Init:\d+\/\d+|Pending|Terminating)$/;

export interface Lost {
  readonly nodes: readonly Node[];
  readonly of: number;
  readonly is: 'all' | 'zone' | 'some';
  readonly zones: readonly string[];
  readonly allZones: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** Which nodes do not report, and what that makes it: the region, a zone of it, or some nodes. Null: all do. */
export function lostOf(all: readonly Node[]): Lost | null {
  const lost = all.filter(isLost);
  if (lost.length === 0) return null;
  const zones = zonesOf(lost);
  const whole = zones.filter((zone) => all.every((one) => one.labels[zoneLabel] !== zone || isLost(one)));
  const times = lost.flatMap((one) => (one.readySince === null ? [] : [one.readySince])).toSorted();
  const is =
    lost.length >= all.length * mostNodes ? 'all' : whole.length > 0 && whole.length === zones.length ? 'zone' : 'some';
  return {
    nodes: lost,
    of: all.length,
    is,
    zones,
    allZones: zonesOf(all).length,
    from: times[0] ?? null,
    to: times.at(-1) ?? null,
  };
}

function zonesOf(nodes: readonly Node[]): readonly string[] {
  return [...new Set(nodes.flatMap((one) => one.labels[zoneLabel] ?? []))].toSorted();
}

/** Workloads whose pods off the lost nodes all show the same trouble. */
export interface Alike {
  readonly status: string;
  readonly hit: readonly Hit[];
}

/** The trouble that most share; null: no three have the same. `explained`: names whose trouble has a cause already. */
export function sharedTrouble(placed: Placed, explained: ReadonlySet<string>): Alike | null {
  const byStatus = Map.groupBy(troubled(placed, explained), (one) => troubleOf(one) ?? '');
  const most = [...byStatus].toSorted(([, a], [, b]) => b.length - a.length)[0];
  return most === undefined || most[1].length < alike ? null : { status: most[0], hit: most[1] };
}

/** Those whose trouble neither the lost nodes nor the shared trouble explain. */
export function unlike(placed: Placed, explained: ReadonlySet<string>): readonly Hit[] {
  const shared = sharedTrouble(placed, explained);
  return troubled(placed, explained).filter((one) => one.isDeployment && troubleOf(one) !== shared?.status);
}

function troubled({ hit }: Placed, explained: ReadonlySet<string>): readonly Hit[] {
  return hit.filter((one) => troubleOf(one) !== null && !explained.has(one.name));
}

/** "ImagePullBackOff": what its pods off the lost nodes wait for, told from a start that is under way. */
export function troubleOf({ elsewhere }: Hit): string | null {
  const status = elsewhere.map((one) => one.status).find((one) => !starting.test(one));
  // One image that cannot be pulled is printed in two ways, in turns.
  return status === undefined ? null : status === 'ErrImagePull' ? 'ImagePullBackOff' : status;
}

/** Explained by nothing but the lost nodes. */
export function onlyNodes({ hit }: Placed): readonly Hit[] {
  return hit.filter((one) => one.onLost > 0 && troubleOf(one) === null);
}
