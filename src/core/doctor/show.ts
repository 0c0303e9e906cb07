import type { Block, Message } from '../message.ts';
import { bold, code, plain, say } from '../words.ts';
import type { Words } from '../words.ts';
import { tally } from './line.ts';
import type { Line, State } from './line.ts';

/** The doctor's lines for a terminal, and as a message that only the asker sees. */

const COLUMN: Readonly<Record<State, string>> = { ok: 'ok', warn: 'warn', bad: 'BAD', unknown: '?' };

/** Aligned columns, what to do on its own line. */
export function tableOf(lines: readonly Line[]): readonly string[] {
  const width = Math.max(...lines.map((one) => one.what.length));
  return lines.flatMap((one) => {
    const line = `${COLUMN[one.state].padEnd(4)}  ${one.what.padEnd(width)}  ${one.words}`;
    return one.state === 'ok' ? [line] : [line, `${' '.repeat(width + 8)}→ ${one.todo}`];
  });
}

/** In the order of what to do first. */
const ORDER: readonly (readonly [Exclude<State, 'ok'>, string])[] = [
  ['bad', 'Bad'],
  ['unknown', 'Could not be told'],
  ['warn', 'Warnings'],
];
/** More would not fit into one message; the rest is in the terminal's. */
const MOST = 25;

/** What is not well with what to do; what is well in a few words at the end, since all of it would be several messages. */
export function doctorMessage(lines: readonly Line[], tookMs: number): Message {
  const head = say`${bold('Doctor')} · ${tally(lines)} · took ${(tookMs / 1000).toFixed(1)} s`;
  let left = MOST;
  const parts = ORDER.flatMap(([state, title]): Block[] => {
    const all = lines.filter((one): one is Exclude<Line, { state: 'ok' }> => one.state === state);
    const shown = all.slice(0, left);
    left -= shown.length;
    if (all.length === 0) return [];
    const more =
      all.length > shown.length ? [say`_and ${all.length - shown.length} more: see \`npm run doctor\`_`] : [];
    return [{ is: 'lines', lines: [say`${bold(title)}`, ...shown.flatMap(asWords), ...more] }];
  });
  const well = lines.filter((one) => one.state === 'ok');
  return {
    lock: plain(head).slice(0, 200),
    blocks: [
      { is: 'lines', lines: [head] },
      ...parts,
      ...(well.length === 0 ? [] : [{ is: 'lines', lines: [say`${bold('Well')}`, ...wellInShort(well)] } as const]),
      { is: 'note', words: say`Only you see this · changed nothing · ${code('npm run doctor')} prints every line` },
    ],
  };
}

/** More lines about one thing than this (a region) are told by their names. */
const FEW = 5;

function wellInShort(well: readonly Line[]): readonly Words[] {
  return [...Map.groupBy(well, ({ what }) => what.split(': ', 1)[0] ?? what)].map(([about, all]) => {
    const named = all.map((one) => ({ name: one.what.slice(about.length + 2), words: one.words }));
    const parts =
      all.length > FEW
        ? named.map(({ name }) => name).filter((name) => name !== '')
        : named.map(({ name, words }) => (name === '' ? words : `${name}: ${words}`));
    return say`• ${bold(about)}: ${parts.join(all.length > FEW ? ', ' : '; ')}`;
  });
}

function asWords(one: Exclude<Line, { state: 'ok' }>): readonly Words[] {
  return [say`• ${bold(one.what)}: ${one.words}`, say`   → ${marked(one.todo)}`];
}

/** What to do is ours to say: `` `code` `` in it too. */
function marked(text: string): Words {
  return text
    .split('`')
    .map((part, index): Words[number] => (index % 2 === 1 ? code(part) : { is: 'text', text: part }))
    .filter((one) => one.is !== 'text' || one.text !== '');
}
