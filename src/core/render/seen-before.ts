import { faultKey, isReal, REMEMBER_DAYS } from '../incident/memory.ts';
import type { EarlierTime, Remembered } from '../incident/memory.ts';
import type { Incident } from '../incident/state.ts';
import type { Desired, Message } from '../message.ts';
import type { PastFault } from '../ports/store.ts';
import { bold, join, link, plain, say } from '../words.ts';
import type { Span, Words } from '../words.ts';
import { hadTrouble, howOver } from './closed.ts';
import { lastFix, mainRegion, nameOf, whoIs } from './phase.ts';
import type { View } from './phase.ts';
import { cut } from './small.ts';
import { plural } from '../plural.ts';

/** The same fault before: how often, what ended it then, and whether the cause that was named was right. */

/** What later incidents are told of this one, when it closes. */
export function pastFaults(incident: Incident): readonly PastFault[] {
  const { number, closed, subject } = incident;
  if (number === null || closed === null || !isReal(incident)) return [];
  const judged = incident.judged.find((one) => !one.right) ?? incident.judged[0];
  const all = hadTrouble(incident).flatMap(({ region, causes, first }) => {
    const known = causes.length > 0 ? causes : first === null ? [] : [first];
    return known.map((cause): PastFault => ({
      key: faultKey(cause.check, region, subject),
      number,
      closedAt: closed.at,
      title: `${nameOf(incident)}: ${cause.short}`,
      how: howOver(incident),
      by: lastFix(incident)?.votes[0]?.by ?? null,
      judged: judged === undefined ? null : { right: judged.right, said: judged.said ?? null },
    }));
  });
  return [...new Map(all.map((one) => [one.key, one])).values()];
}

const ORDINALS = ['', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
function timeOf(times: number): string {
  const count = times + 1;
  return `${ORDINALS[count] ?? `${count}th`} time in ${REMEMBER_DAYS} days`;
}

function numberOf({ number, link: url }: EarlierTime): Words {
  return url === null ? say`INC-${number}` : [link(url, `INC-${number}`)];
}

const dayOf = (at: string): Span => ({ is: 'time', at, as: 'date' });

function judgedWords({ judged }: EarlierTime): Words | null {
  if (judged === null) return null;
  if (judged.right) return say`. The cause named then was confirmed`;
  return judged.said === null
    ? say`. The cause named then was wrong`
    : say`. The cause named then was wrong: ${cut(judged.said, 200)}`;
}

function earlierWords(one: EarlierTime): Words {
  const by = one.by === null || one.by === 'mlp-bot' ? null : say`, by ${whoIs(one.by)}`;
  return say`${dayOf(one.closedAt)} ${numberOf(one)}: ${one.how}${by}${judgedWords(one)}`;
}

/** One line of the summary; null: not that is known. */
export function lastSeenLine(incident: Incident): Words | null {
  const region = mainRegion(incident);
  const here = incident.remembered.find(
    (one) => one.region === region && one.check === incident.diagnoses[one.region]?.findings[0]?.check,
  );
  if (here === undefined) return null;
  return say`*Last seen:* ${timeOf(here.times)}. ${join(here.earlier.slice(0, 2).map(earlierWords), ' · ')}`;
}

/** In the thread, once for each fault and region. */
export function seenBeforeMessages({ incident, stream }: View): readonly Desired[] {
  return incident.remembered.map((one) => ({
    key: `${stream}/seen-before/${one.region}/${one.check}`,
    channel: incident.channel,
    placement: { is: 'kept', under: `${stream}/root` },
    message: seenBefore(incident, one),
    priority: 2,
  }));
}

function seenBefore(incident: Incident, { region, check, times, earlier }: Remembered): Message {
  const now = [incident.worst[region], incident.diagnoses[region]].flatMap((one) => one?.findings ?? []);
  const short = now.find((one) => one.check === check)?.short ?? check;
  const head = say`${bold(`Seen before in ${region}:`)} ${short}, for the ${timeOf(times)}`;
  const more = times > earlier.length ? [say`and ${plural(times - earlier.length, 'time')} before that`] : [];
  return {
    lock: cut(plain(head), 200),
    blocks: [{ is: 'lines', lines: [head, ...earlier.map(earlierWords), ...more] }],
  };
}

/** `/mlp similar`. */
export function similarMessage(number: number | null, title: string, all: readonly EarlierTime[]): Message {
  const name = number === null ? title : `INC-${number} (${title})`;
  const head =
    all.length === 0
      ? say`No other incident of the last ${REMEMBER_DAYS} days is like ${name}, by its words.`
      : say`${bold(`Like ${name}, by its words, in the last ${REMEMBER_DAYS} days`)}`;
  const lines = [head, ...all.map((one) => say`${one.title} · ${earlierWords(one)}`)];
  return { lock: cut(plain(head), 200), blocks: [{ is: 'lines', lines }] };
}
