import type { Asked, Seen } from '../core/looking/view.ts';
import type { Block, Message } from '../core/message.ts';
import { duration } from '../core/render/small.ts';
import { bold, code, plain, say, seconds } from '../core/words.ts';
import type { Words } from '../core/words.ts';

/** How views look: a title, one part for each region, and what was not seen. */

/** A part of a message for one region: its line, and tables or texts below. */
export interface Part {
  readonly line: Words;
  readonly text?: string;
  /** Several, each on its own. */
  readonly texts?: readonly string[];
  /** More lines below. */
  readonly more?: readonly Words[];
  /** A text below these. */
  readonly last?: string;
}

/** Regions in the order in which they were asked; one that could not be looked at says why in its place. */
export function view<S>(
  asked: Asked,
  all: readonly Seen<S>[],
  at: string,
  {
    part,
    notes = [],
    before = [],
  }: {
    readonly part: (value: S, region: string) => Part;
    readonly notes?: readonly (Words | null)[];
    readonly before?: readonly Block[];
  },
): Message {
  const parts = all.map(({ region, outcome }) =>
    outcome.known ? part(outcome.value, region) : { line: unseen(region, outcome.why) },
  );
  const unlooked = all.every(({ outcome }) => !outcome.known);
  const unread = all.filter(({ outcome }) => !outcome.known && !isAnswer(outcome.why)).length;
  const title = say`${bold(`${whatOf(asked)} · ${asked.view}`)} · ${all.length === 1 ? (all[0]?.region ?? '') : `${all.length} regions`}`;
  const first = parts[0]?.line ?? [];
  const answered =
    unread === 0
      ? null
      : say` · ${all.length - unread} of ${all.length} ${all.length === 1 ? 'region' : 'regions'} answered`;
  return {
    lock: `${plain(title)}: ${plain(first)}`.slice(0, 200),
    blocks: [
      { is: 'lines', lines: [title] },
      ...before,
      ...parts.flatMap(({ line, text = '', texts = [], more = [], last = '' }): Block[] => [
        { is: 'lines', lines: [line] },
        ...[text, ...texts].flatMap((one) => (one === '' ? [] : [{ is: 'verbatim', text: one } as const])),
        ...(more.length === 0 ? [] : [{ is: 'lines', lines: more } as const]),
        ...(last === '' ? [] : [{ is: 'verbatim', text: last } as const]),
      ]),
      // How it was looked says nothing where nothing was seen.
      ...(unlooked ? [] : notes).flatMap((words): Block[] =>
        words === null || words.length === 0 ? [] : [{ is: 'note', words }],
      ),
      { is: 'note', words: say`Looked at ${seconds(at)}${answered} · changed nothing` },
    ],
  };
}

/** What is being looked at, for titles. */
export function whatOf({ pod, name, namespace, nodes, each }: Asked): string {
  if (nodes) return 'nodes';
  if (name === '' && pod === null && each !== undefined) return counted(each.length, 'deployment');
  return pod ?? (name === '' ? `everything in ${namespace}` : name);
}

function unseen(region: string, why: string): Words {
  return isAnswer(why)
    ? say`${bold(region)}: ${why.slice(why.indexOf(': ') + 2)}`
    : say`${bold(region)}: could not look: ${why}`;
}

/** That there is no such thing was seen. */
function isAnswer(why: string): boolean {
  return /^not found: .*there is no /.test(why);
}

/** Columns under their heads, as `kubectl` prints them. The last column is never padded. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === heads.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** "3 d", as an age. */
export function age(since: string, at: string): string {
  const ms = Date.parse(at) - Date.parse(since);
  return Number.isNaN(ms) ? '?' : duration(Math.max(0, ms));
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The command that shows the same by hand. */
export function byHand(command: string): Words {
  return say`By hand: ${code(command)}`;
}

/** One line of somebody else's, short enough for a table. */
export function short(text: string, chars: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= chars ? line : `${line.slice(0, chars - 1)}…`;
}
