import type { Event, Node } from '../core/ports/kubernetes.ts';
import { near } from './change-scale.ts';
import type { Change } from './change-scale.ts';
import { short } from './show.ts';

/** Nodes: added, removed, cordoned, not ready. What is there tells itself; of what is gone only events know. Pure. */

/** Told by the nodes themselves, or by every node that starts. */
const USUAL =
  /^(Starting|RegisteredNode|NodeAllocatableEnforced|NodeHas|NodeReady|NodeNotReady|NodeSchedulable|NodeNotSchedulable|CIDRAssignment|Synced)/;
/** A node that was just made gets ready within. Milliseconds. */
const START_MS = 10 * 60_000;
/** One thing, told by its object and by an event. Milliseconds. */
const ABOUT_MS = 60_000;

/** Null: these could not be seen. */
export function nodeChanges(
  nodes: readonly Node[] | null,
  events: readonly Event[] | null,
  from: string,
): readonly Change[] {
  const own = (nodes ?? []).flatMap(ownChanges);
  const told = (events ?? []).flatMap((one) => toldChange(one, nodes, own));
  return [...own, ...told].filter((one) => one.at >= from);
}

function ownChanges({ name, ready, readySince, createdAt, unschedulable, specWriters = [] }: Node): readonly Change[] {
  const out: Change[] = [];
  if (createdAt !== undefined && createdAt !== '') out.push({ at: createdAt, what: `node ${name} added`, who: '' });
  const isStart =
    ready === 'True' && readySince !== null && createdAt !== undefined && near(readySince, createdAt, START_MS);
  if (readySince !== null && !isStart) out.push({ at: readySince, what: `node ${name} ${stateOf(ready)}`, who: '' });
  const by = unschedulable ? specWriters.findLast((one) => one.fields.includes('unschedulable')) : undefined;
  if (by !== undefined && by.at !== null) out.push({ at: by.at, what: `node ${name} cordoned`, who: by.manager });
  return out;
}

function stateOf(ready: Node['ready']): string {
  if (ready === 'True') return 'ready again';
  return ready === 'False' ? 'not ready' : 'not ready: its kubelet reports nothing';
}

/** Of a node that is there only what its own state does not say; of one that is gone everything. */
function toldChange(event: Event, nodes: readonly Node[] | null, own: readonly Change[]): readonly Change[] {
  const { name, reason, lastAt: at } = event;
  const node = nodes?.find((one) => one.name === name);
  const isGone = nodes !== null && node === undefined;
  const say = (what: string): readonly Change[] => [{ at, what: `node ${name} ${what}`, who: '' }];
  if (reason === 'RemovingNode') return say('removed');
  if (reason === 'DeletingNode') return isGone ? [] : say(`: ${reason}, ${short(event.message, 120)}`);
  // Every node is registered anew when the controller starts: of one that is there its own age says when it was added.
  if (reason === 'RegisteredNode') return isGone ? say('added') : [];
  const state = STATES[reason];
  const ms = reason === 'NodeReady' ? START_MS : ABOUT_MS;
  if (state !== undefined)
    return own.some((one) => one.what.startsWith(`node ${name} `) && near(one.at, at, ms)) ? [] : say(state);
  if (USUAL.test(reason)) return [];
  return say(`: ${reason}, ${short(event.message, 120)}`);
}

const STATES: Readonly<Record<string, string>> = {
  NodeNotReady: 'not ready',
  NodeReady: 'ready',
  NodeNotSchedulable: 'cordoned, by whom is not recorded',
  NodeSchedulable: 'uncordoned, by whom is not recorded',
};
