import type { z } from 'zod';
import type { Node, NodeUse } from '../../core/ports/kubernetes.ts';
import type { node as nodeSchema } from './objects.ts';
import { specWriters } from './owners-of-parts.ts';
import type { PlacedPod } from './pod-objects.ts';

const pressures = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']);
const gpu = 'nvidia.com/gpu';

export function nodeOf({ metadata, spec, status }: z.output<typeof nodeSchema>): Node {
  const ready = status.conditions.find((one) => one.type === 'Ready');
  return {
    name: metadata.name,
    uid: metadata.uid,
    ready: ready?.status ?? 'Unknown',
    readySince: ready?.lastTransitionTime ?? null,
    unschedulable: spec.unschedulable,
    taints: spec.taints,
    labels: metadata.labels,
    allocatable: status.allocatable,
    pressures: status.conditions
      .filter((one) => pressures.has(one.type) && one.status === 'True')
      .map((one) => one.type),
    createdAt: metadata.creationTimestamp,
    // Of a node's spec people write only this; controllers write the rest, in thousands of nodes.
    specWriters: spec.unschedulable
      ? specWriters(metadata).filter(({ fields }) => fields.includes('unschedulable'))
      : [],
  };
}

/** What one pod takes of its node. */
export interface Place {
  readonly node: string;
  readonly asked: Amounts;
  readonly terminating: boolean;
}

export function placeOf(pod: PlacedPod): Place {
  return { node: pod.spec.nodeName, asked: requestsOf(pod), terminating: pod.metadata.deletionTimestamp !== null };
}

/** By node: what the scheduler counts as taken, as it counts it. */
export function useOf(places: readonly Place[]): readonly NodeUse[] {
  const nodes = new Map<string, { pods: number; sums: Map<string, number>; gpusTerminating: number }>();
  for (const { node, asked, terminating } of places) {
    if (node === '') continue;
    const at = nodes.get(node) ?? { pods: 0, sums: new Map<string, number>(), gpusTerminating: 0 };
    nodes.set(node, at);
    at.pods += 1;
    for (const [name, amount] of asked) at.sums.set(name, (at.sums.get(name) ?? 0) + amount);
    if (terminating) at.gpusTerminating += asked.get(gpu) ?? 0;
  }
  return [...nodes].map(([node, { pods: count, sums, gpusTerminating }]) => ({
    node,
    pods: count,
    requested: Object.fromEntries([...sums].map(([name, amount]) => [name, quantityText(name, amount)])),
    gpusTerminating,
  }));
}

export type Amounts = Map<string, number>;

/** Containers and sidecars together, or the greatest moment while the init containers run, whichever is more; plus the runtime's overhead. */
function requestsOf({ spec }: PlacedPod): Amounts {
  const running: Amounts = new Map();
  const starting: Amounts = new Map();
  for (const { restartPolicy, resources } of spec.initContainers) {
    const own = amountsOf(resources.requests);
    if (restartPolicy === 'Always') add(running, own);
    const moment = new Map(running);
    if (restartPolicy !== 'Always') add(moment, own);
    for (const [name, amount] of moment) starting.set(name, Math.max(amount, starting.get(name) ?? 0));
  }
  for (const { resources } of spec.containers) add(running, amountsOf(resources.requests));
  for (const [name, amount] of starting) running.set(name, Math.max(amount, running.get(name) ?? 0));
  for (const [name, amount] of amountsOf(spec.resources.requests)) running.set(name, amount); // pod-level requests take the place of the sum
  add(running, amountsOf(spec.overhead));
  return running;
}

function add(to: Amounts, more: Amounts): void {
  for (const [name, amount] of more) to.set(name, (to.get(name) ?? 0) + amount);
}

function amountsOf(quantities: Readonly<Record<string, string>>): Amounts {
  return new Map(Object.entries(quantities).map(([name, text]) => [name, amountOf(text)]));
}

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}; // prettier-ignore

/** A Kubernetes quantity as a number (cores, bytes, pieces); 0 for what is none. */
export function amountOf(text: string): number {
  const found = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(text);
  return found === null ? 0 : Number(found[1]) * (suffixes[found[2] ?? ''] ?? 1);
}

function quantityText(name: string, amount: number): string {
  if (name !== 'cpu') return String(Math.ceil(amount - 1e-6));
  const millis = Math.round(amount * 1000);
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}
