import { canonical } from '../../src/core/json.ts';
import type { PodTemplate } from '../../src/core/ports/kubernetes.ts';
import { mainHindrance, placingOf } from '../readings/placing.ts';
import type { Hindrance, Placing } from '../readings/placing.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { affected } from '../readings/trouble.ts';
import type { Trouble } from '../readings/trouble.ts';

/** Whether another revision's pods would meet what keeps the present ones from being placed. */

export function placingNow(pods: Pods, samples: readonly Sample[]): Placing | null {
  const waits = affected(
    pods,
    samples,
    (trouble): trouble is Extract<Trouble, { is: 'not placed' }> => trouble.is === 'not placed',
  );
  return waits === null ? null : placingOf(waits.trouble.message);
}

export function asksAsMuch(a: PodTemplate, b: PodTemplate): boolean {
  return wishes.resources(a) === wishes.resources(b);
}

const wishes = {
  resources: (of: PodTemplate) =>
    canonical([...of.containers, ...of.initContainers].map((one) => [one.requests, one.limits])),
  'node selector': (of: PodTemplate) => canonical(of.nodeSelector),
  'node affinity': (of: PodTemplate) => of.placement.nodeAffinity,
  tolerations: (of: PodTemplate) => of.placement.tolerations,
  'pod affinity': (of: PodTemplate) => of.placement.podAffinity,
  spread: (of: PodTemplate) => of.placement.spread,
  'host ports': (of: PodTemplate) => of.placement.hostPorts,
  volumes: (of: PodTemplate) => canonical(of.volumes),
} as const;
type Wish = keyof typeof wishes;

/** The part of a template that each hindrance refuses. Which nodes come into question at all is a part of every one. */
const refuses: Readonly<Record<Hindrance['is'], readonly Wish[]>> = {
  room: ['resources'],
  'max pods': [],
  port: ['host ports'],
  spread: ['spread'],
  'pod affinity': ['pod affinity'],
  volume: ['volumes'],
  cordoned: [],
  selector: [],
  taint: ['tolerations'],
};
const nodesAtAll: readonly Wish[] = ['node selector', 'node affinity', 'tolerations'];

const words: Readonly<Record<Hindrance['is'], string>> = {
  room: 'its pods ask for the same room',
  'max pods': 'its pods want the same full nodes',
  port: 'its pods want the same host port',
  spread: 'its pods want the same spread',
  'pod affinity': 'its pods have the same rules about other pods',
  volume: 'its pods need the same volume',
  cordoned: 'its pods want the same cordoned nodes',
  selector: 'its pods want the same nodes',
  taint: 'its pods tolerate the same taints',
};

/** Null: it differs in what refuses the present ones, so it may find a place. `ready`: whether some of the present pods run, whose room would get free. */
export function noPlaceEither(
  placing: Placing,
  to: PodTemplate,
  now: PodTemplate,
  ready: 'some' | 'none',
): string | null {
  const main = mainHindrance(placing);
  if (main === null) return null;
  if (ready === 'some' && (main.is === 'room' || main.is === 'max pods')) return null;
  const asked = new Set([...nodesAtAll, ...placing.hindrances.flatMap((one) => refuses[one.is])]);
  for (const wish of asked) if (wishes[wish](to) !== wishes[wish](now)) return null;
  // Nodes of another pool are kept out by design: then it is the taint that stands in the way.
  const isTaint = main.is === 'selector' && placing.hindrances.some((one) => one.is === 'taint');
  return `${words[isTaint ? 'taint' : main.is]} and could not be placed either`;
}
