import type { Node, NodeUse, PodTemplate } from '../../src/core/ports/kubernetes.ts';

const units: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Kubernetes' quantity text as a number in the resource's base unit (cores, bytes, pieces). Null when it is none. */
export function quantity(text: string): number | null {
  const found = /^([0-9.]+)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(text.trim());
  const unit = units[found?.[2] ?? ''];
  const value = Number(found?.[1]);
  return found === null || unit === undefined || Number.isNaN(value) ? null : value * unit;
}

/** For people: memory in GiB, the rest as a plain number. */
export function amount(resource: string, value: number): string {
  if (resource === 'memory' || resource === 'ephemeral-storage') return `${rounded(value / 2 ** 30)} GiB`;
  return rounded(value);
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** What one pod of this template asks for: its containers and sidecars added up, or the largest init container if that is more. */
export function askedFor(template: PodTemplate, resource: string): number {
  if (resource === 'pods') return 1;
  const of = (one: PodTemplate['containers'][number]): number =>
    quantity(one.requests[resource] ?? one.limits[resource] ?? '0') ?? 0;
  const sidecars = template.initContainers.filter((one) => one.sidecar).reduce((sum, one) => sum + of(one), 0);
  const main = template.containers.reduce((sum, one) => sum + of(one), sidecars);
  return Math.max(main, ...template.initContainers.filter((one) => !one.sidecar).map((one) => of(one) + sidecars));
}

export interface Room {
  readonly resource: string;
  readonly asked: number;
  /** Free on the node that has most of it; null when what is used is not known. */
  readonly mostFree: number | null;
  readonly there: number;
  readonly used: number | null;
  readonly nodes: number;
}

/** Room for one resource on the nodes that take pods and have it at all. */
export function roomFor(
  template: PodTemplate,
  resource: string,
  nodes: readonly Node[],
  use: readonly NodeUse[] | null,
): Room {
  const fit = nodes.filter(
    (one) => one.ready === 'True' && !one.unschedulable && selects(template, one) && has(one, resource) > 0,
  );
  const there = fit.reduce((sum, one) => sum + has(one, resource), 0);
  const asked = askedFor(template, resource);
  if (use === null) return { resource, asked, mostFree: null, there, used: null, nodes: fit.length };
  const held = (node: Node): number => {
    const found = use.find((one) => one.node === node.name);
    return resource === 'pods' ? (found?.pods ?? 0) : (quantity(found?.requested[resource] ?? '0') ?? 0);
  };
  return {
    resource,
    asked,
    mostFree: Math.max(0, ...fit.map((one) => has(one, resource) - held(one))),
    there,
    used: fit.reduce((sum, one) => sum + held(one), 0),
    nodes: fit.length,
  };
}

function has(node: Node, resource: string): number {
  return quantity(node.allocatable[resource] ?? '0') ?? 0;
}

export function selects(template: PodTemplate, node: Node): boolean {
  return Object.entries(template.nodeSelector).every(([label, value]) => node.labels[label] === value);
}

/** "Each pod asks for 2; most free on one node 1 (8 on 2 nodes, 7 taken)". */
export function roomText(room: Room): string {
  const { resource, asked, mostFree, there, used, nodes } = room;
  const say = (value: number): string => amount(resource, value);
  const asks = resource === 'pods' ? 'Room for pods' : `Each pod asks for ${say(asked)}`;
  if (nodes === 0) return `${asks}; no node that takes these pods has any`;
  const count = `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  if (mostFree === null || used === null)
    return `${asks}; ${say(there)} there on ${count}, what is taken I could not see`;
  // The scheduler's words are those of its last try; a rollout may also have been counted on by itself.
  const fits =
    resource !== 'pods' && mostFree >= asked
      ? '. By my count one would fit there now: the scheduler may not have tried since, or counts what I do not see'
      : '';
  return `${asks}; most free on one node ${say(mostFree)} (${say(there)} on ${count}, ${say(used)} taken)${fits}`;
}

/** "maxUnavailable 25% of 3 rounds down to 0". */
export function noneMayMiss(maxUnavailable: string, wanted: number): string {
  return /^0%?$/.test(maxUnavailable)
    ? 'maxUnavailable is 0'
    : `maxUnavailable ${maxUnavailable} of ${wanted} rounds down to 0`;
}
