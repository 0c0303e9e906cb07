import type { LostNotice, Notice, StopNotice } from '../incident/commands.ts';
import type { Message } from '../message.ts';
import { clock, code, plain, say } from '../words.ts';
import type { Words } from '../words.ts';
import { whoIs } from './phase.ts';
import { cut, list } from './small.ts';

/** What concerns everybody and belongs to no incident: one post in each channel. */

export function noticeMessage(notice: Notice): Message {
  if ('shown' in notice) return notice.shown;
  return 'lost' in notice ? lostNotice(notice) : stopNotice(notice);
}

/** Nobody is called: it says only that somebody should look at the sender. */
function lostNotice({ lost, at }: LostNotice): Message {
  const line = say`:grey_question: *Alerts may be missing here:* ${lost}. ${clock(at)}. What fires is to be seen at the sender itself`;
  return { lock: cut(`Alerts may be missing here: ${lost}.`, 300), blocks: [{ is: 'lines', lines: [line] }] };
}

/** The kill switch: by whom, what still goes on, how it is lifted. */
export function stopNotice(notice: StopNotice): Message {
  const { on, by, at, underWay, mayLift } = notice;
  const lines: readonly Words[] = on
    ? [
        say`:octagonal_sign: *Everything is stopped* by ${whoIs(by)}, ${clock(at)}`,
        say`*No change starts and nothing can be approved*, in any region. What was approved and had not begun is ended`,
        say`*Goes on:* looking and asking for people. ${
          underWay.length === 0
            ? 'No change was under way'
            : `Under way, followed to its end and not undone: ${list(underWay.slice(0, 5))}${underWay.length > 5 ? ` and ${underWay.length - 5} more` : ''}`
        }`,
        say`*To lift it:* ${code('/mlp stop off')}, by one of ${mayLift}`,
      ]
    : [
        say`:arrow_forward: *No longer stopped:* lifted by ${whoIs(by)}, ${clock(at)}`,
        say`Proposals can be approved again. What was ended while everything was stopped stays so: press "Check again" in its thread`,
      ];
  return {
    lock: cut(
      lines
        .slice(0, 2)
        .map(plain)
        .join('. ')
        .replace(/^:\w+: /, ''),
      300,
    ),
    blocks: [{ is: 'lines', lines }],
  };
}

/** For answers that only one person sees, while everything is stopped. */
export function stoppedLine(by: string, mayLift: string): Words {
  return say`:octagonal_sign: *Everything is stopped* by ${whoIs(by)}: no change starts and nothing can be approved. ${code('/mlp stop off')} lifts it, by one of ${mayLift}`;
}
