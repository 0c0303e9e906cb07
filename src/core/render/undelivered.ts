import type { Message } from '../message.ts';
import type { Undelivered } from '../ports/store.ts';
import { bold, code, say, since } from '../words.ts';
import type { Words } from '../words.ts';
import { sentence } from './help.ts';
import { cut, duration } from './small.ts';
import { plural } from '../plural.ts';

/** What did not reach the chat system: for `/mlp undelivered`, and a line for whoever asks how things are. */

const SHOWN = 10;
/** From here on somebody notices. */
const LATE_MS = 5_000;

export function undeliveredMessage(all: Undelivered, now: string): Message {
  const late = lateLine(all, now);
  if (all.dead === 0) return late === null ? sentence('Everything was delivered.') : lines([late]);
  const count = `${all.dead} ${all.dead === 1 ? 'message was' : 'messages were'} refused by Slack for good`;
  const letters = all.letters
    .slice(0, SHOWN)
    .map(({ lock, why, wantedAt }) => say`• ${cut(lock, 140)} · ${cut(reason(why), 220)} · ${since(wantedAt)}`);
  const more = all.dead - letters.length;
  return lines([
    say`${bold(count)}. They are kept`,
    ...letters,
    ...(more > 0 ? [say`and ${more} more`] : []),
    say`When the reason is gone: ${code('/mlp undelivered retry')}`,
    ...(late === null ? [] : [late]),
  ]);
}

export function retriedMessage(count: number): Message {
  if (count === 0) return sentence('Nothing was refused: there is nothing to try again.');
  return sentence(
    `${count === 1 ? 'One message is' : `${count} messages are`} sent again. What Slack refuses again \`/mlp undelivered\` lists.`,
  );
}

/** Whoever asks how things are must learn that the channel is behind. */
export function withUndelivered(message: Message, all: Undelivered, now: string): Message {
  const late = lateLine(all, now);
  const dead =
    all.dead === 0 ? [] : [say`:warning: ${plural(all.dead, 'message')} refused by Slack: ${code('/mlp undelivered')}`];
  const first = [...(late === null ? [] : [late]), ...dead];
  return first.length === 0 ? message : { ...message, blocks: [{ is: 'lines', lines: first }, ...message.blocks] };
}

function lateLine({ waiting, since: oldest }: Undelivered, now: string): Words | null {
  const lagMs = oldest === null ? 0 : Date.parse(now) - Date.parse(oldest);
  if (lagMs <= LATE_MS) return null;
  const what = waiting === 1 ? 'one message waits' : `${waiting} messages wait`;
  return say`:hourglass: ${bold(`The channel is ${duration(lagMs)} behind`)}: ${what} to be taken by Slack`;
}

/** Without the kind in front, which is for logs. */
function reason(why: string): string {
  return why.replace(/^[a-z ]+: /, '');
}

function lines(all: readonly Words[]): Message {
  return { lock: 'What was not delivered', blocks: [{ is: 'lines', lines: all }] };
}
