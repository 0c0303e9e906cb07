import type { Temporary } from '../incident/ledger.ts';
import type { Block, Message } from '../message.ts';
import type { StreamInfo } from '../ports/store.ts';
import { bold, code, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { sentence } from './help.ts';
import { button } from './small.ts';
import { plural } from '../plural.ts';

/** The ledger of temporary changes: what, where, who approved it, since when, in which incident, and how to take it back. */

/** A message takes so many with a button of their own. */
const MOST_SHOWN = 15;

interface Entry extends Temporary {
  readonly stream: string;
  readonly number: number | null;
}

/** So long is what only differs from its source listed: whether that says the same by now is not looked at. */
const LISTED_MS = 7 * 24 * 60 * 60_000;

function entriesOf(all: readonly StreamInfo[], which: 'temporary' | 'differs' = 'temporary'): readonly Entry[] {
  return all
    .flatMap(({ stream, summary }) => (summary[which] ?? []).map((one) => ({ ...one, stream, number: summary.number })))
    .toSorted((a, b) => a.since.localeCompare(b.since));
}

export function temporaryMessage(all: readonly StreamInfo[], at: string): Message {
  const entries = entriesOf(all);
  const differing = entriesOf(all, 'differs').filter((one) => Date.parse(at) - Date.parse(one.since) <= LISTED_MS);
  if (entries.length + differing.length === 0) return sentence('Nothing temporary is on record.');
  const blocks: Block[] = [];
  if (entries.length > 0)
    blocks.push({ is: 'lines', lines: [say`${bold('Changed for a while, and not taken back')}`] });
  for (const one of entries.slice(0, MOST_SHOWN)) {
    blocks.push({ is: 'lines', lines: [lineOf(one)] });
    const take = button(one.stream, 'undo', 'Take back', `Prepare taking back: ${one.what}`, {
      proposal: one.proposal,
    });
    if (!one.undoAsked)
      blocks.push({ is: 'buttons', buttons: [{ ...take, id: `${take.id}:${one.stream}`.slice(0, 200) }] });
  }
  if (entries.length > MOST_SHOWN) blocks.push({ is: 'note', words: say`${entries.length - MOST_SHOWN} more` });
  if (differing.length > 0) {
    blocks.push(
      {
        is: 'lines',
        lines: [
          say`${bold(differing.every((one) => one.maySay === true) ? 'Live, and maybe different in its source' : 'Live, and different in its source when I changed it')}`,
          ...differing.slice(-MOST_SHOWN).map(lineOf),
        ],
      },
      {
        is: 'note',
        words: say`I do not look into the source: each is listed for a week. It lasts once the source says the same${differing.length > MOST_SHOWN ? `; ${differing.length - MOST_SHOWN} older ones are not shown` : ''}`,
      },
    );
  }
  return { lock: lockOf(entries.length, differing, at), blocks };
}

function lockOf(temporary: number, all: readonly Entry[], at: string): string {
  const differing = all.length;
  const verb = all.every((one) => one.maySay === true) ? 'may differ' : differing === 1 ? 'differs' : 'differ';
  const parts = [
    ...(temporary === 0 ? [] : [plural(temporary, 'temporary change')]),
    ...(differing === 0 ? [] : [`${differing} that ${verb} from the source`]),
  ];
  return `${parts.join(', ')}, as of ${at.slice(11, 16)} UTC.`;
}

function lineOf({ what, region, by, since: from, number, undoAsked, differs = null, maySay }: Entry): Words {
  const owner = by === null ? say`approved by the policy` : say`owner ${user(by)}, who approved it`;
  const where = number === null ? '' : ` · INC-${number}`;
  const source =
    differs === null
      ? ''
      : maySay === true
        ? ` · may differ from its source (${differs}): it went back to an older state, which that may have`
        : ` · differs from its source (${differs})`;
  return say`${what} · ${region}${source} · ${owner} · since ${since(from)}${where}${undoAsked ? ' · taking it back is asked for' : ''}`;
}

/** Under *status*: one line that points to the ledger. */
export function withTemporary(message: Message, all: readonly StreamInfo[], region: string | null): Message {
  const entries = entriesOf(all).filter((one) => region === null || one.region === region);
  const [first] = entries;
  if (first === undefined) return message;
  const more = entries.length === 1 ? '' : ` and ${entries.length - 1} more`;
  const words = say`*Left for a while:* ${first.what} in ${first.region}${more}: ${code('/mlp temp')}`;
  return { ...message, blocks: [...message.blocks, { is: 'lines', lines: [words] }] };
}
