import { NOTHING, both, events, whisper } from './commands.ts';
import type { Command, Decision } from './commands.ts';
import type { Event } from './events.ts';
import { say } from '../words.ts';

/** Was the cause that was named the right one, and if not, what was it: said by people afterwards. */

type Judged = Extract<Event, { is: 'judged' }>;

/** A double click says nothing new. */
export function decideJudged(
  judged: readonly Omit<Judged, 'is'>[],
  { press, by, reason }: Extract<Command, { is: 'press' }>,
): Decision {
  const right = press.does === 'right-cause';
  const text = right ? '' : (reason ?? '').trim();
  const said = text === '' ? {} : { said: text };
  const before = judged.find((one) => one.who === by);
  if (before?.right === right && (text === '' || before.said === text)) return NOTHING;
  return both(events({ is: 'judged', who: by, right, ...said }), whisper(by, say`Thank you: noted.`));
}

export function judgedBy({ who, right, said }: Judged): Omit<Judged, 'is'> {
  return { who, right, ...(said === undefined ? {} : { said }) };
}

/** For the timeline. */
export function judgement({ right, said }: Judged): string {
  if (right) return 'the cause named here was right';
  return said === undefined ? 'the cause named here was wrong' : `the cause named here was not it. It was: ${said}`;
}
