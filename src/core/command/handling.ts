import { findRegion } from '../routing.ts';
import type { Catalogue } from '../routing.ts';
import type { Parsed } from './command.ts';
import type { Priority } from '../render/priority.ts';
import { isFiller, quoted, serviceOf, unclear } from './target-words.ts';

/** Commands about an incident as such: how grave, who leads, until when it is put off, that it is over, what it is part of. Pure. */

/** As it was typed: names and times are looked up by who has people and a clock. */
export type HandlingSaid =
  | { readonly does: 'severity'; readonly to: Priority }
  /** `U0ABC`, a name without `@`, or `me`. */
  | { readonly does: 'assign'; readonly who: string }
  | { readonly does: 'lead' }
  | { readonly does: 'snooze'; readonly until: SnoozeSaid | null }
  | { readonly does: 'resolve'; readonly why: string }
  | { readonly does: 'reopen'; readonly why: string }
  | { readonly does: 'note'; readonly text: string }
  | { readonly does: 'say'; readonly text: string }
  | { readonly does: 'merge'; readonly into: number }
  | { readonly does: 'split'; readonly workload: string };
export type SnoozeSaid =
  | { readonly is: 'for'; readonly ms: number }
  /** The next time that it is so late (minutes after midnight UTC). */
  | { readonly is: 'until'; readonly minutes: number };
export interface HandlingWanted {
  readonly is: 'handle';
  readonly verb: HandlingVerb;
  /** Null: the incident of the thread that it was said in. */
  readonly incident: number | null;
  readonly what: HandlingSaid;
}
export interface IncidentsWanted {
  readonly is: 'incidents';
  readonly region: string | null;
  readonly service: string | null;
  readonly severity: Priority | null;
  readonly mine: boolean;
  /** From 1. */
  readonly page: number;
}

export const HANDLING = [
  'severity',
  'assign',
  'lead',
  'snooze',
  'resolve',
  'reopen',
  'note',
  'say',
  'merge',
  'split',
] as const;
export type HandlingVerb = (typeof HANDLING)[number];
export function isHandling(word: string): word is HandlingVerb {
  return (HANDLING as readonly string[]).includes(word);
}

/** A snooze is for hours; what is put off for longer is somebody's to assign. */
const SNOOZE_MOST_MS = 24 * 3_600_000;
const NUMBER = /^#?inc-?(\d{1,9})$/i;
const SEVERITY = /^(?:p|sev-?)([0-3])$/i;

export function parseHandling(verb: HandlingVerb, rest: readonly string[], text: string): Parsed {
  if (verb === 'merge') return merge(rest);
  const named = rest.filter((one) => NUMBER.test(one));
  // Words of a person may speak of other incidents: the first word, or the last, says which is meant.
  const free = verb === 'note' || verb === 'say' || verb === 'resolve' || verb === 'reopen';
  if (free) return withWords(verb, rest, text);
  const [first, ...more] = [...new Set(named.map((one) => one.toUpperCase()))];
  if (more.length > 0)
    return unclear(
      'One at a time: which of them?',
      [first ?? '', ...more].slice(0, 5).map((one) => choice(`${verb} ${without(rest).join(' ')} ${one}`)),
    );
  const incident = first === undefined ? null : numberOf(first);
  const words = without(rest).filter((one) => !/^(to|for|please|as|is|now)$/i.test(one));
  const what = wanted(verb, words);
  return 'because' in what ? what : { is: 'handle', verb, incident, what };
}

function without(rest: readonly string[]): readonly string[] {
  return rest.filter((one) => !NUMBER.test(one));
}
function numberOf(word: string): number | null {
  const digits = NUMBER.exec(word)?.[1];
  return digits === undefined ? null : Number(digits);
}
function choice(command: string): { readonly label: string; readonly command: string } {
  const one = command.replace(/\s+/g, ' ').trim();
  return { label: `/mlp ${one}`, command: one };
}

function wanted(
  verb: Exclude<HandlingVerb, 'merge' | 'note' | 'say' | 'resolve' | 'reopen'>,
  words: readonly string[],
): HandlingSaid | Extract<Parsed, { is: 'unclear' }> {
  const [word, ...more] = words;
  switch (verb) {
    case 'severity': {
      const digit = word === undefined || more.length > 0 ? undefined : SEVERITY.exec(word)?.[1];
      if (digit !== undefined) return { does: 'severity', to: `P${digit}` as Priority };
      const got = word === undefined ? '' : `${quoted(words.join(' '))} is no severity. `;
      return unclear(`${got}Write P0 (gravest) to P3: \`/mlp severity P1 INC-214\`.`);
    }
    case 'assign': {
      if (word !== undefined && more.length === 0) return { does: 'assign', who: word.replace(/^@/, '') };
      return unclear('To whom? One person: `/mlp assign @ada INC-214`. To yourself: `/mlp lead INC-214`.');
    }
    case 'lead':
      return word === undefined
        ? { does: 'lead' }
        : unclear(`\`/mlp lead INC-214\` means you. For somebody else: \`/mlp assign @ada INC-214\`.`);
    case 'snooze':
      return snooze(words);
    case 'split':
      return word !== undefined && more.length === 0
        ? { does: 'split', workload: word.replace(/^(deploy|deployment)\//i, '') }
        : unclear(
            'Which workload gets a thread of its own? For example `/mlp split ml-platform/model-server INC-214`.',
          );
  }
}

const HOW_LONG = 'For how long? `/mlp snooze 30m INC-214`, `2h`, `until 09:00` (UTC), or `off`.';

function snooze(words: readonly string[]): HandlingSaid | Extract<Parsed, { is: 'unclear' }> {
  const said = words.join(' ').toLowerCase();
  if (/^(off|end|over)$/.test(said)) return { does: 'snooze', until: null };
  const [, hours, minutes] = /^(?:until|till|til) (\d{1,2})[:.](\d{2})(?: ?utc| ?z)?$/.exec(said) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    if (Number(hours) > 23 || Number(minutes) > 59) return unclear(`There is no ${hours}:${minutes}. ${HOW_LONG}`);
    return { does: 'snooze', until: { is: 'until', minutes: Number(hours) * 60 + Number(minutes) } };
  }
  const [, count, unit] = /^(\d{1,4}) ?(m|min|mins|minutes?|h|hours?)$/.exec(said) ?? [];
  if (count === undefined || unit === undefined)
    return unclear(said === '' ? HOW_LONG : `${quoted(said)} is no time. ${HOW_LONG}`);
  const ms = Number(count) * (unit.startsWith('m') ? 60_000 : 3_600_000);
  if (ms === 0) return unclear(HOW_LONG);
  if (ms > SNOOZE_MOST_MS)
    return unclear('At most 24 hours: what waits for longer needs somebody who leads (`/mlp assign @ada INC-214`).');
  return { does: 'snooze', until: { is: 'for', ms } };
}

/** What a person says is kept as it was typed, with its punctuation. */
function withWords(verb: 'note' | 'say' | 'resolve' | 'reopen', rest: readonly string[], text: string): Parsed {
  const [first] = rest;
  const last = rest.at(-1);
  const bareNumber = /^#?\d{1,9}$/.test(first ?? '') && (verb === 'resolve' || verb === 'reopen');
  const leading =
    first === undefined ? null : (numberOf(first) ?? (bareNumber ? Number(first.replace('#', '')) : null));
  const isLast = leading === null && last !== undefined && numberOf(last) !== null && verb !== 'note' && verb !== 'say';
  const incident = leading ?? (isLast && last !== undefined ? numberOf(last) : null);
  let words = text.replace(/^\s*(\/mlp\s+)?((please|pls)\s+)?\S+\s*/i, '');
  if (leading !== null) words = words.replace(/^\s*\S+[:,]?\s*/, '');
  else if (isLast) words = words.replace(/\s*\S+\s*$/, '');
  words = words.trim().replace(/^(because|:)\s*/i, '');
  if (verb === 'resolve') return { is: 'handle', verb, incident, what: { does: 'resolve', why: words } };
  if (verb === 'reopen') return { is: 'handle', verb, incident, what: { does: 'reopen', why: words } };
  if (words === '')
    return unclear(
      verb === 'note'
        ? 'Note what? `/mlp note INC-214 the load balancer was changed at nine` goes on its timeline.'
        : 'Say what? `/mlp say INC-214 we restore the secret, ready by 03:30 UTC` stands in its summary.',
    );
  return {
    is: 'handle',
    verb,
    incident,
    what: verb === 'note' ? { does: 'note', text: words } : { does: 'say', text: words },
  };
}

function merge(rest: readonly string[]): Parsed {
  const words = rest.filter((one) => !/^(into|in|with|to|and|please)$/i.test(one));
  const numbers = words.map(numberOf);
  const [from, into] = numbers;
  if (
    words.length === 0 ||
    words.length > 2 ||
    numbers.some((one) => one === null) ||
    from === undefined ||
    from === null
  )
    return unclear('Which into which? `/mlp merge INC-7 into INC-5`: INC-7 is closed and its alerts go to INC-5.');
  if (into === undefined || into === null)
    return { is: 'handle', verb: 'merge', incident: null, what: { does: 'merge', into: from } };
  if (from === into) return unclear(`INC-${from} is INC-${into}: name two. \`/mlp merge INC-7 into INC-5\`.`);
  return { is: 'handle', verb: 'merge', incident: from, what: { does: 'merge', into } };
}

/** Filters in any order: `eu`, `model-server`, `P1`, `mine`, `page 2`. */
export function parseIncidents(rest: readonly string[], catalogue: Catalogue): Parsed {
  let [region, service, severity, mine, page]: [string | null, string | null, Priority | null, boolean, number] = [
    null,
    null,
    null,
    false,
    1,
  ];
  for (let index = 0; index < rest.length; index++) {
    const word = (rest[index] ?? '').replace(/^--(region|context|service|severity)=?/, '');
    const grave = SEVERITY.exec(word)?.[1];
    const place = findRegion(word, catalogue);
    const named = serviceOf(word, catalogue);
    if (word === '' || isFiller(word) || /^(open|all|list)$/i.test(word)) continue;
    if (/^mine$/i.test(word)) mine = true;
    else if (/^page$/i.test(word) && /^\d{1,4}$/.test(rest[index + 1] ?? '')) page = Math.max(1, Number(rest[++index]));
    else if (grave !== undefined) severity = `P${grave}` as Priority;
    else if (place !== null) region = place;
    else if (named !== null) service = named;
    else
      return unclear(
        `I know no ${quoted(word)} to filter by. \`/mlp incidents\` takes a region, a deployment, P0 to P3, \`mine\`, \`page 2\`; \`/mlp runs\` has closed ones too.`,
        [choice('incidents')],
      );
  }
  return { is: 'incidents', region, service, severity, mine, page };
}

/** The same list as a command, for its next page. */
export function incidentsCommand({ region, service, severity, mine, page }: IncidentsWanted): string {
  const words = [region, service, severity, mine ? 'mine' : null, page > 1 ? `page ${page}` : null];
  return ['incidents', ...words.filter((one) => one !== null)].join(' ');
}
