import { quantity } from '../../playbooks/readings/quantity.ts';
import { viewOf } from '../core/looking/view.ts';
import type { Asked } from '../core/looking/view.ts';
import type { Node, NodeUsage, PodRow, PodTemplate, PodUse } from '../core/ports/kubernetes.ts';
import type { Read } from '../core/ports/platform.ts';
import { bold, say } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { ownerOf } from '../core/looking/parse.ts';
import { targetIn, tried } from './found.ts';
import { stateOf } from './order.ts';
import { counted, table, view } from './show.ts';
import type { Part } from './show.ts';

/** `kubectl top pods` and `top nodes`, against what was requested and what is the limit: a number alone says little. */

interface Row {
  readonly name: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Per pod; of a node what it can give as `limit`. */
  readonly cpu: Bounds;
  readonly memory: Bounds;
}
/** Null: none is set. */
interface Bounds {
  /** Left out: it is known. */
  readonly unknown?: true;
  readonly request: number | null;
  readonly limit: number | null;
}
interface Use {
  readonly rows: readonly Row[];
  readonly windowS: number | null;
  readonly is: 'pods' | 'pods without bounds' | 'nodes';
  /** What is there and has no sample, with its state: a number of the rest would hide it. Why, where that could not be seen. */
  readonly silent: readonly string[] | { readonly why: string };
}

const SHOWN = 24;
const UNKNOWN: Bounds = { unknown: true, request: null, limit: null };

export const top = viewOf<Use>({
  word: 'top',
  also: ['use', 'usage'],
  options: ['nodes'],
  of: 'one or all',
  withinMs: 8_000,
  help: {
    usage: 'top [deployment or pod | nodes] [region]',
    short: 'CPU and memory now, in % of request and limit',
    more: [
      'One sample of the metrics server, over its window; where a cluster has none I say so. For how it went: `/mlp diagnose`.',
      '`top nodes`: against what each node can give.',
      'Only you see the answer; with `here` at the end, or in a thread, everybody does.',
    ],
    examples: ['top <deployment> <region>', 'top nodes <region>', 'kubectl top pods --context <region>'],
  },
  look: (read, asked) => (asked.nodes ? nodeUse(read) : podUse(read, asked)),
  render(asked, all, at) {
    const share = Math.max(6, Math.floor(SHOWN / Math.max(1, all.length)));
    const windows = all.flatMap(({ outcome }) =>
      outcome.known && outcome.value.windowS !== null ? [outcome.value.windowS] : [],
    );
    const [windowS] = windows;
    return view(asked, all, at, {
      part: (value, region) => partOf(value, region, share),
      notes: [
        windowS === undefined
          ? say`One sample of the metrics server: a peak between two samples is not in it`
          : say`One sample of the metrics server, over ${windowS} s: a shorter peak is not in it`,
      ],
    });
  },
});

async function nodeUse({ kubernetes }: Read): Promise<Use> {
  const [nodes, use] = await Promise.all([kubernetes.nodes(), kubernetes.nodeUsage()]);
  const silent = nodes
    .filter((one) => !use.some(({ node }) => node === one.name))
    .map((one) => `${one.name}${one.ready === 'True' ? '' : ' (not ready)'}`);
  return { rows: use.map((one) => nodeRow(one, nodes)), windowS: null, is: 'nodes', silent };
}

function nodeRow({ node, cores, memoryBytes }: NodeUsage, nodes: readonly Node[]): Row {
  const there = nodes.find((one) => one.name === node)?.allocatable ?? {};
  const of = (resource: string): Bounds => ({ request: null, limit: quantity(there[resource] ?? '') });
  return { name: node, cores, memoryBytes, cpu: of('cpu'), memory: of('memory') };
}

async function podUse(read: Read, asked: Asked): Promise<Use> {
  const { kubernetes } = read;
  const owner = asked.pod === null ? asked.name : ownerOf(asked.pod);
  const target = await targetIn(read, asked.pod === null ? asked : { ...asked, name: owner, pod: null });
  const of = { namespace: asked.namespace, name: owner };
  const [use, sets, pods] = await Promise.all([
    kubernetes.podUse(asked.namespace, target.selector ?? ''),
    target.is === 'deployment' ? kubernetes.revisions(of) : [],
    tried(kubernetes.pods(asked.namespace, target.selector ?? '')),
  ]);
  const mine = asked.pod === null ? use : use.filter((one) => one.pod === asked.pod);
  const wanted = target.is === 'pod' ? mine.filter((one) => one.pod === target.pod.name) : mine;
  const isOne = asked.pod !== null || target.is === 'pod';
  const templates = new Map(sets.map((one) => [one.name, one.template]));
  return {
    rows: wanted.map((one) => podRow(one, templates.get(one.pod.slice(0, one.pod.lastIndexOf('-'))) ?? null)),
    windowS: use[0]?.windowS ?? null,
    is: target.is === 'deployment' ? 'pods' : 'pods without bounds',
    silent: !pods.known ? { why: pods.why } : isOne ? [] : silentIn(pods.value, use),
  };
}

/** "4 Pending": pods without a sample, by state. */
function silentIn(rows: readonly PodRow[], use: readonly PodUse[]): readonly string[] {
  const silent = rows.filter((row) => stateOf(row) !== 'over' && !use.some(({ pod }) => pod === row.name));
  const by = Map.groupBy(silent, (row) => (row.terminating ? 'Terminating' : row.status));
  return [...by].map(([status, of]) => `${of.length} ${status}`);
}

function podRow({ pod, containers }: PodUse, template: PodTemplate | null): Row {
  return {
    name: pod,
    cores: containers.reduce((sum, one) => sum + one.cores, 0),
    memoryBytes: containers.reduce((sum, one) => sum + one.memoryBytes, 0),
    cpu: template === null ? UNKNOWN : boundsOf(template, 'cpu'),
    memory: template === null ? UNKNOWN : boundsOf(template, 'memory'),
  };
}

/** Of all its containers together; a limit only where each has one. Init containers that have ended use nothing. */
function boundsOf(template: PodTemplate, resource: string): Bounds {
  const all = [...template.containers, ...template.initContainers.filter((one) => one.sidecar)];
  const requests = all.map((one) => quantity(one.requests[resource] ?? one.limits[resource] ?? ''));
  const limits = all.map((one) => quantity(one.limits[resource] ?? ''));
  const sum = (of: readonly (number | null)[]): number => of.reduce<number>((total, one) => total + (one ?? 0), 0);
  return {
    request: requests.every((one) => one === null) ? null : sum(requests),
    limit: limits.includes(null) ? null : sum(limits),
  };
}

function partOf({ rows, is, silent }: Use, region: string, share: number): Part {
  const without = silentWords(silent, is);
  if (rows.length === 0)
    return { line: say`${bold(region)}: the metrics server has no sample of any of them`, more: without };
  const sorted = rows.toSorted((a, b) => full(b) - full(a) || b.cores - a.cores || a.name.localeCompare(b.name));
  const shown = sorted.slice(0, share);
  const left = sorted.slice(share);
  const cpu = rows.reduce((sum, one) => sum + one.cores, 0);
  const memory = rows.reduce((sum, one) => sum + one.memoryBytes, 0);
  const what = is === 'nodes' ? 'node' : 'pod';
  return {
    line: say`${bold(region)}: ${counted(rows.length, what)}, ${cores(cpu)} and ${gib(memory)} together${fullest(sorted, is)}`,
    text: is === 'nodes' ? nodeTable(shown) : podTable(shown, is === 'pods'),
    more: [
      ...(left.length === 0 ? [] : [say`and ${counted(left.length, `more ${what}`)} below these`]),
      ...without,
      ...(is === 'pods without bounds' ? [say`Name a deployment to see it in % of request and limit`] : []),
    ],
  };
}

function silentWords(silent: Use['silent'], is: Use['is']): readonly Words[] {
  if ('why' in silent) return [say`*Could not see* whether pods are missing here: ${silent.why}`];
  if (silent.length === 0) return [];
  return [say`*Without a sample*, so not in these numbers: ${is === 'nodes' ? '' : 'pods '}${silent.join(', ')}`];
}

function podTable(rows: readonly Row[], isBounded: boolean): string {
  if (!isBounded)
    return table(
      ['POD', 'CPU', 'MEMORY'],
      rows.map((row) => [row.name, cores(row.cores), gib(row.memoryBytes)]),
    );
  return table(
    ['POD', 'CPU', 'OF REQUEST', 'OF LIMIT', 'MEMORY', 'OF REQUEST', 'OF LIMIT'],
    rows.map(({ name, cores: used, cpu, memoryBytes, memory }) => [
      name,
      cores(used),
      share(used, cpu, 'request'),
      share(used, cpu, 'limit'),
      gib(memoryBytes),
      share(memoryBytes, memory, 'request'),
      share(memoryBytes, memory, 'limit'),
    ]),
  );
}

function nodeTable(rows: readonly Row[]): string {
  return table(
    ['NODE', 'CPU', 'OF ALLOCATABLE', 'MEMORY', 'OF ALLOCATABLE'],
    rows.map((row) => [
      row.name,
      cores(row.cores),
      share(row.cores, row.cpu, 'limit'),
      gib(row.memoryBytes),
      share(row.memoryBytes, row.memory, 'limit'),
    ]),
  );
}

/** The bound that is nearest: of the limit, else of the request. */
function full({ cores: used, cpu, memoryBytes, memory }: Row): number {
  const of = (value: number, { request, limit }: Bounds): number =>
    value / (limit ?? request ?? Number.POSITIVE_INFINITY);
  return Math.max(of(used, cpu), of(memoryBytes, memory));
}

function fullest(sorted: readonly Row[], is: Use['is']): Words | null {
  const [first] = sorted;
  if (first === undefined || is === 'pods without bounds') return null;
  const parts = [
    nearest('CPU', first.cores, first.cpu, is),
    nearest('memory', first.memoryBytes, first.memory, is),
  ].filter((one) => one !== null);
  return parts.length === 0 ? say` · no request or limit is set` : say`. Fullest: ${first.name}, ${parts.join(', ')}`;
}
function nearest(what: string, value: number, { request, limit }: Bounds, is: Use['is']): string | null {
  if (limit !== null) return `${what} ${percent(value / limit)} of ${is === 'nodes' ? 'allocatable' : 'limit'}`;
  return request === null ? null : `${what} ${percent(value / request)} of request (no limit)`;
}

function share(value: number, bounds: Bounds, which: 'request' | 'limit'): string {
  const of = bounds[which];
  if (bounds.unknown === true) return '?';
  return of === null || of === 0 ? 'none' : percent(value / of);
}
function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
function cores(value: number): string {
  return value < 1 ? `${Math.round(value * 1000)}m` : `${Math.round(value * 100) / 100} cores`;
}
function gib(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${Math.round((bytes / 2 ** 30) * 10) / 10} GiB`;
}
