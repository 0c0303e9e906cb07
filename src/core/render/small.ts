import { listDigest, membersOf } from '../incident/listed.ts';
import type { Proposal } from '../incident/state.ts';
import type { Button, Message, Press } from '../message.ts';
import { plain } from '../words.ts';
import type { Words } from '../words.ts';

/** Small messages and parts that every other renderer uses. */

/** One sentence to one person. */
export function whisperMessage(words: Words): Message {
  return { lock: cut(plain(words), 200), blocks: [{ is: 'lines', lines: [words] }] };
}

export function cut(text: string, limit: number): string {
  const points = [...text];
  return points.length <= limit ? text : `${points.slice(0, limit - 1).join('')}…`;
}

/** The thread's id in a button is not trusted; who presses and whether it still makes sense is decided by the engine. */
export function button(
  thread: string,
  does: Press['does'],
  label: string,
  describe: string,
  more: {
    readonly style?: Button['style'];
    readonly proposal?: string;
    readonly digest?: string;
    readonly command?: string;
  } = {},
): Button {
  const { style = 'plain', ...rest } = more;
  return {
    id: more.proposal === undefined ? does : `${does}:${more.proposal}`,
    label,
    style,
    // What is spoken begins with what is written, so that voice control finds it.
    describe: `${label}: ${describe}`,
    press: { does, thread, ...rest },
  };
}

/** What takes a change back must not look like a fix. */
export function approveButton(thread: string, proposal: Proposal, where: string): Button {
  const { id, offer, undoOf } = proposal;
  const undo = undoOf !== null;
  const describe = undo ? `Approve taking it back: ${plain(offer.says)}` : `Approve: ${plain(offer.says)}`;
  return button(
    thread,
    'approve',
    `Approve ${undo ? 'undo' : offer.label}${where}`,
    `${describe} in ${placesOf(proposal)}`,
    {
      style: undo ? 'danger' : 'primary',
      proposal: id,
      digest: listDigest(proposal),
    },
  );
}

/** "us-east-1, then eu-west-1": where one approval lets it be done, in order. */
export function placesOf(proposal: Proposal): string {
  return membersOf(proposal)
    .map((one) => one.region)
    .join(', then ');
}

/** "us-east-1, then eu-west-1; each is verified before the next, and the first that is not cancels the rest". */
export function orderOf(proposal: Proposal): string {
  return `${placesOf(proposal)}; each is verified before the next, and the first that is not cancels the rest`;
}

export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = ms / 3_600_000;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} d`;
}

/** "a", "a and b", "a, b and c". */
export function list(all: readonly string[], last = 'and'): string {
  if (all.length <= 1) return all[0] ?? '';
  return `${all.slice(0, -1).join(', ')} ${last} ${all.at(-1) ?? ''}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
