import type { Message } from '../message.ts';
import type { Answer, OnCall } from '../ports/paging.ts';
import { bold, clock, code, join, say, until, user } from '../words.ts';
import type { Words } from '../words.ts';

/** Who is on call now, by route and level. Nobody is mentioned: this is asked, not called. */
export function oncallMessage(routes: readonly string[], answer: Answer<readonly OnCall[]>, at: string): Message {
  if (answer.is === 'unknown')
    return {
      lock: 'Who is on call is not known.',
      blocks: [{ is: 'lines', lines: [say`Who is on call is not known now: ${answer.because.slice(0, 300)}`] }],
    };
  const lines = routes.map((route) => {
    const own = answer.value.filter((one) => one.route === route);
    if (own.length === 0) return say`${bold(route)}: :warning: nobody is on call`;
    const levels = [...Map.groupBy(own, (one) => one.level)].toSorted(([a], [b]) => a - b);
    return say`${bold(route)}: ${join(
      levels.slice(0, 4).map(([level, all]) => levelWords(level, all, levels.length > 1)),
      ' · then ',
    )}`;
  });
  return {
    lock: 'Who is on call now.',
    blocks: [
      { is: 'lines', lines },
      { is: 'note', words: say`As PagerDuty says at ${clock(at)} · ${code('/mlp escalate INC-214')} calls somebody` },
    ],
  };
}

function levelWords(level: number, all: readonly OnCall[], several: boolean): Words {
  const people = [...new Map(all.map((one) => [one.who.id, one])).values()];
  const shown = people.slice(0, 3).map(({ who, until: end }) => {
    const name = who.chatId === null ? say`${who.name}` : say`${user(who.chatId)}`;
    return end === null ? name : say`${name} until ${until(end)}`;
  });
  const more = people.length > 3 ? say` and ${people.length - 3} more` : null;
  return say`${several ? `level ${level} ` : ''}${join(shown, ', ')}${more}`;
}
