import type { Parsed } from './command.ts';
import { isFiller, quoted, unclear, unknownFlag } from './target-words.ts';

/** Commands about one incident, or about all of them. */

/** The one that is named, or none; of two the person says which. */
export function oneIncident(verb: string, rest: readonly string[], make: (incident: number | null) => Parsed): Parsed {
  const flag = rest.find((one) => one.startsWith('-'));
  if (flag !== undefined) return unknownFlag(flag);
  const words = [...new Set(rest.filter((one) => !isFiller(one) && !/^incident$/i.test(one)))];
  const [word, ...more] = words;
  if (word === undefined) return make(null);
  if (more.length === 0) return withIncident(word, make);
  return unclear(
    `One at a time: which of them?`,
    words.slice(0, 5).map((one) => ({ label: `/mlp ${verb} ${one}`, command: `${verb} ${one}` })),
  );
}

export function withIncident(word: string, make: (incident: number) => Parsed): Parsed {
  const match = /^#?(?:inc-?)?(\d{1,9})$/i.exec(word);
  return match?.[1] === undefined
    ? unclear(`${quoted(word)} is no incident: write \`INC-214\`.`)
    : make(Number(match[1]));
}

/** Words that people add in a hurry. */
const URGENT =
  /^(please|pls|now|immediately|at|once|right|away|asap|quick|quickly|it|and|the|this|changes?|here|for|me|!+)[!.,]*$/i;
const EVERYTHING = /^(all|everything)[!.,]*$/i;

/** Who wants all to stop must not be held up by a word too many; one incident that is named beside it is asked about. */
export function stop(given: readonly string[]): Parsed {
  const rest = given.filter((one) => !URGENT.test(one));
  const left = rest.filter((one) => !EVERYTHING.test(one));
  if (left.length < rest.length && left.every((one) => isFiller(one))) return { is: 'stop', what: 'all' };
  const word = rest.length === 1 ? rest[0] : undefined;
  if (word === undefined) return oneIncident('stop', rest, (what) => ({ is: 'stop', what }));
  if (/^off$/i.test(word)) return { is: 'stop', what: 'off' };
  const parsed = oneIncident('stop', rest, (what) => ({ is: 'stop', what }));
  return parsed.is === 'stop' || word.startsWith('-')
    ? parsed
    : unclear(
        `Stop what? \`/mlp stop INC-214\` ends one incident's runs, \`/mlp stop all\` stops every change, \`/mlp stop off\` lifts that.`,
      );
}

/** `escalate INC-214 the customer calls`: which one, and why, in any words. */
export function escalate(rest: readonly string[]): Parsed {
  const [first, ...words] = rest;
  const named = first === undefined ? null : /^#?inc-?(\d{1,9})$/i.exec(first);
  const why = named === null || named === undefined ? rest : words;
  return { is: 'escalate', incident: named?.[1] === undefined ? null : Number(named[1]), why: why.join(' ') };
}

/** `oncall lead`: of one way, or of all. */
export function oncall(rest: readonly string[]): Parsed {
  const words = rest.filter((one) => !isFiller(one) && !/^(who|is|now|call|list)$/i.test(one));
  return words.length > 1
    ? unclear('Of one at a time: `/mlp oncall lead`. Without a name I show all.')
    : { is: 'oncall', route: words[0]?.toLowerCase() ?? null };
}
