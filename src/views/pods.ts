import { viewOf } from '../core/looking/view.ts';
import type { PodRow } from '../core/ports/kubernetes.ts';
import { bold, say } from '../core/words.ts';
import type { Words } from '../core/words.ts';
import { targetIn } from './found.ts';
import { stateOf, worstFirst } from './order.ts';
import { age, counted, short, table, view } from './show.ts';
import type { Part } from './show.ts';

/** `kubectl get pods -o wide` in every region, what is wrong first. */

interface Rows {
  readonly rows: readonly PodRow[];
}

/** Rows that are shown one by one in one region; of several regions each has its share. */
const SHOWN = 24;

export const pods = viewOf<Rows>({
  word: 'pods',
  also: ['pod', 'po'],
  options: [],
  of: 'one or all',
  withinMs: 8_000,
  help: {
    usage: 'pods [deployment] [region]',
    short: 'pods, what is wrong first; those that are well as one line',
    more: [
      'Without a region: all, side by side. Without a deployment: everything in the namespace (`-n`).',
      'Only you see the answer; with `here` at the end everybody does.',
    ],
    examples: [
      'pods <deployment>',
      'pods <deployment> <region> here',
      'kubectl get pods -n ml-platform --context <region>',
    ],
  },
  async look(read, asked) {
    const target = await targetIn(read, asked);
    const all = await read.kubernetes.pods(asked.namespace, target.selector ?? '');
    return { rows: target.is === 'pod' ? all.filter((row) => row.name === target.pod.name) : all };
  },
  render(asked, all, at) {
    const share = Math.max(6, Math.floor(SHOWN / Math.max(1, all.length)));
    return view(asked, all, at, {
      part: ({ rows }, region) => partOf(rows, { region, at, share, one: asked.pod !== null }),
    });
  },
});

function partOf(
  rows: readonly PodRow[],
  {
    region,
    at,
    share,
    one,
  }: { readonly region: string; readonly at: string; readonly share: number; readonly one: boolean },
): Part {
  if (rows.length === 0) return { line: say`${bold(region)}: no pods` };
  const sorted = worstFirst(rows);
  const odd = sorted.filter((row) => stateOf(row) !== 'well' && stateOf(row) !== 'over');
  const calm = sorted.filter((row) => !odd.includes(row));
  const few = rows.length <= Math.min(share, 6);
  const listed = one || few ? sorted : odd.slice(0, share);
  const grouped = one || few ? [] : [...odd.slice(share), ...calm];
  return {
    line: summary(rows, region),
    text: table(
      ['POD', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'NODE'],
      listed.map((row) => [
        row.name,
        `${row.readyContainers}/${row.containers}`,
        short(row.terminating ? 'Terminating' : row.status, 30),
        String(row.restarts),
        age(row.createdAt, at),
        row.node === '' ? '(not placed)' : row.node,
      ]),
    ),
    more: groups(grouped, listed.length > 0, at),
  };
}

/** "9 of 12 ready · 3 not well: 3 CrashLoopBackOff · 14 restarts". */
function summary(rows: readonly PodRow[], region: string): Words {
  const live = rows.filter((row) => stateOf(row) !== 'over' && !row.terminating);
  const ready = live.filter((row) => row.containers > 0 && row.readyContainers === row.containers).length;
  const bad = live.filter((row) => stateOf(row) === 'bad');
  const kinds = [...Map.groupBy(bad, (row) => row.status)].toSorted((a, b) => b[1].length - a[1].length);
  const restarts = live.reduce((sum, row) => sum + row.restarts, 0);
  const leaving = rows.filter((row) => row.terminating).length;
  const parts = [
    `${ready} of ${live.length} ready`,
    ...(bad.length === 0
      ? []
      : [
          kinds
            .slice(0, 4)
            .map(([status, of]) => `${of.length} ${status === 'Running' ? 'Running but not ready' : status}`)
            .join(', '),
        ]),
    ...(leaving === 0 ? [] : [`${leaving} terminating`]),
    ...(restarts === 0 ? ['no restarts'] : [counted(restarts, 'restart')]),
  ];
  return say`${bold(region)}: ${parts.join(' · ')}`;
}

/** What is alike is one line. */
function groups(rows: readonly PodRow[], isMore: boolean, at: string): readonly Words[] {
  const alike = Map.groupBy(rows, (row) => `${row.status} ${row.readyContainers}/${row.containers} ${row.hash}`);
  const all = [...alike.values()].toSorted((a, b) => b.length - a.length);
  const lines = all.slice(0, 6).map((of) => {
    const ages = of.map((row) => row.createdAt).toSorted();
    const [first] = of;
    const nodes = new Set(of.map((row) => row.node)).size;
    const restarts = of.reduce((sum, row) => sum + row.restarts, 0);
    const how = `${first?.status ?? ''} ${first?.readyContainers ?? 0}/${first?.containers ?? 0}`;
    const [oldest, youngest] = [age(ages[0] ?? at, at), age(ages.at(-1) ?? at, at)];
    const span = oldest === youngest ? oldest : `${youngest} to ${oldest}`;
    return say`${isMore ? 'and ' : ''}${counted(of.length, 'pod')} ${how}${first?.hash === '' ? '' : ` (template ${first?.hash ?? ''})`}, ${counted(restarts, 'restart')}, ${span} old, on ${counted(nodes, 'node')}`;
  });
  const left = all.slice(6).reduce((sum, of) => sum + of.length, 0);
  return left === 0 ? lines : [...lines, say`and ${counted(left, 'more pod')} in ${all.length - 6} other states`];
}
