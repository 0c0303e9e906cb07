import type { Temporary } from '../incident/ledger.ts';
import type { Block, Message } from '../message.ts';
import type { StreamInfo } from '../ports/store.ts';
import { bold, code, say, since, user } from '../words.ts';
import type { Words } from '../words.ts';
import { sentence } from './help.ts';
import { button } from './small.ts';

/** The ledger of temporary changes: what, where, who approved it, since when, in which incident, and how to take it back. */

/** A message takes so many with a button of their own. */
const MOST_SHOWN = 15;

interface Entry extends Temporary {
  readonly stream: string;
  readonly number: number | null;
}

function entriesOf(all: readonly StreamInfo[]): readonly Entry[] {
  return all
    .flatMap(({ stream, summary }) =>
      (summary.temporary ?? []).map((one) => ({ ...one, stream, number: summary.number })),
    )
    .toSorted((a, b) => a.since.localeCompare(b.since));
}

export function temporaryMessage(all: readonly StreamInfo[], at: string): Message {
  const entries = entriesOf(all);
  if (entries.length === 0) return sentence('Nothing temporary is on record.');
  const blocks: Block[] = [{ is: 'lines', lines: [say`${bold('Changed for a while, and not taken back')}`] }];
  for (const one of entries.slice(0, MOST_SHOWN)) {
    blocks.push({ is: 'lines', lines: [lineOf(one)] });
    const take = button(one.stream, 'undo', 'Take back', `Prepare taking back: ${one.what}`, {
      proposal: one.proposal,
    });
    if (!one.undoAsked)
      blocks.push({ is: 'buttons', buttons: [{ ...take, id: `${take.id}:${one.stream}`.slice(0, 200) }] });
  }
  if (entries.length > MOST_SHOWN) blocks.push({ is: 'note', words: say`${entries.length - MOST_SHOWN} more` });
  return { lock: `${entries.length} temporary changes, as of ${at.slice(11, 16)} UTC.`, blocks };
}

function lineOf({ what, region, by, since: from, number, undoAsked }: Entry): Words {
  const owner = by === null ? say`approved by the policy` : say`owner ${user(by)}, who approved it`;
  const where = number === null ? '' : ` · INC-${number}`;
  return say`${what} · ${region} · ${owner} · since ${since(from)}${where}${undoAsked ? ' · taking it back is asked for' : ''}`;
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
