import type { Node, NodeUse, PodTemplate } from '../../src/core/ports/kubernetes.ts';
import { deployment } from './deployment.ts';
import { onDeployment } from './on.ts';
import { amount, askedFor, quantity, selects } from './quantity.ts';
import { listed, plural } from './wording.ts';

/** What is free now on each node that takes pods of this Deployment, in base units (cores, bytes, pieces). */
export interface FreeRoom {
  readonly nodes: readonly { readonly node: string; readonly free: Readonly<Record<string, number>> }[];
  /** Nodes that would take them but are cordoned or not ready. */
  readonly away: number;
}

export const freeRoom = onDeployment.reading('free room', {
  after: [deployment],
  withinMs: 10_000,
  byHand: (t) => `kubectl --context=${t.region} describe nodes`,
  read: async (read, t, seen): Promise<FreeRoom> => {
    const { kubernetes } = read;
    const [nodes, use, rows] = await Promise.all([
      kubernetes.nodes(),
      kubernetes.nodeUse(),
      kubernetes.pods(t.namespace, seen.deployment.selector),
    ]);
    return freeRoomOf(seen.deployment.template, nodes, use, new Set(rows.map((one) => one.node)));
  },
});

export function freeRoomOf(
  template: PodTemplate,
  nodes: readonly Node[],
  use: readonly NodeUse[],
  hosts: ReadonlySet<string>,
): FreeRoom {
  const keepsOut = (node: Node): string =>
    node.taints
      .filter((one) => one.effect !== 'PreferNoSchedule')
      .map((one) => `${one.key}=${one.value}:${one.effect}`)
      .sort()
      .join(',');
  // Taints that nodes with its pods have are tolerated, whatever the wording of the toleration.
  const tolerated = new Set(['', ...nodes.filter((one) => hosts.has(one.name)).map(keepsOut)]);
  const fit = nodes.filter((one) => selects(template, one) && tolerated.has(keepsOut(one)));
  const open = fit.filter((one) => one.ready === 'True' && !one.unschedulable);
  return {
    nodes: open.map((node) => ({
      node: node.name,
      free: freeOn(
        node,
        use.find((one) => one.node === node.name),
      ),
    })),
    away: fit.length - open.length,
  };
}

function freeOn(node: Node, use: NodeUse | undefined): Record<string, number> {
  const free = Object.entries(node.allocatable).map(([resource, there]) => {
    const taken = resource === 'pods' ? (use?.pods ?? 0) : (quantity(use?.requested[resource] ?? '0') ?? 0);
    return [resource, Math.max(0, (quantity(there) ?? 0) - taken)] as const;
  });
  return Object.fromEntries(free);
}

/** Resources that a pod of this template asks for, "pods" included. */
function asks(template: PodTemplate): readonly (readonly [string, number])[] {
  const names = new Set(
    [...template.containers, ...template.initContainers].flatMap((one) => [
      ...Object.keys(one.requests),
      ...Object.keys(one.limits),
    ]),
  );
  return [...names, 'pods'].map((one) => [one, askedFor(template, one)] as const).filter(([, value]) => value > 0);
}

/** How many more pods of this template can be placed now. */
export function placesFor(template: PodTemplate, room: FreeRoom): number {
  const wanted = asks(template);
  return room.nodes.reduce((sum, { free }) => {
    const here = Math.min(...wanted.map(([resource, value]) => Math.floor((free[resource] ?? 0) / value + 1e-9)));
    return sum + Math.max(0, here);
  }, 0);
}

/** "a pod asks for 2 nvidia.com/gpu, 8 cpu; most free on one node 1 nvidia.com/gpu, 20 cpu (3 nodes)". */
export function freeRoomText(template: PodTemplate, room: FreeRoom): string {
  const wanted = asks(template).filter(([resource]) => resource !== 'pods');
  const each = (of: (resource: string, value: number) => number): string =>
    listed(wanted.map(([resource, value]) => `${amount(resource, of(resource, value))} ${resource}`));
  const most = (resource: string): number => Math.max(0, ...room.nodes.map(({ free }) => free[resource] ?? 0));
  const away = room.away === 0 ? '' : `; ${plural(room.away, 'more node')} cordoned or not ready`;
  return `a pod asks for ${each((_resource, value) => value)}; most free on one node ${each(most)} (${plural(room.nodes.length, 'node')}${away})`;
}
