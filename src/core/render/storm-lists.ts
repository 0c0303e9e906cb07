import type { Incident } from '../incident/state.ts';
import type { Desired, Message } from '../message.ts';
import { bold, clock, say, since } from '../words.ts';
import { digestMs } from '../incident/storming.ts';
import type { View } from './phase.ts';
import { duration, list } from './small.ts';
import { alertsWord, overWords, stormTitle } from './storm.ts';
import { plural } from '../plural.ts';

/** Beside a storm's summary: its digests, and what it holds. */

/** Every so often what came since, for whoever reads along; an edit tells nobody. */
export function digestMessages({ stream, incident, rules }: View): readonly Desired[] {
  const { storm, closed } = incident;
  if (storm === null) return [];
  const post = (key: string, message: Message): Desired => ({
    key: `${stream}/${key}`,
    channel: incident.channel,
    placement: { is: 'said', under: `${stream}/root` },
    message,
    priority: 1,
  });
  const every = duration(digestMs(rules));
  const digests = storm.digests.flatMap((one, index): readonly Desired[] => {
    const before = storm.digests[index - 1];
    if (one.added === 0 && before?.firing === one.firing) return [];
    const line = say`${clock(one.at)} Digest (every ${every}): ${alertsWord(one.total)}, +${one.added}, ${one.firing.toLocaleString('en-GB')} still firing`;
    const lock = `${storm.region}: ${alertsWord(one.total)} so far, ${one.firing} still firing.`;
    return [post(`digest/${index}`, { lock, blocks: [{ is: 'lines', lines: [line] }] })];
  });
  // Who closed it by hand is named by its summary.
  if (closed === null || closed.byHand !== undefined) return digests;
  const over = say`${clock(closed.at)} Storm over: ${overWords(storm)}`;
  const lock = `${stormTitle(incident)}: the storm is over.`;
  return [...digests, post(`over/${closed.at}`, { lock, blocks: [{ is: 'lines', lines: [over] }] })];
}

/** What is held, by workload, the most alerts first. */
export function alertList(incident: Incident): Message {
  const ways = incident.storm?.ways ?? {};
  const byKey = Map.groupBy(Object.values(incident.alerts), (one) => ways[one.fingerprint]?.key ?? one.region ?? '');
  const rows = [...byKey]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([key, some]) => {
      const names = [...new Set(some.map((one) => one.name))];
      const still = some.filter((one) => one.status === 'firing').length;
      const first = some.map((one) => one.startsAt).toSorted()[0] ?? '';
      return say`${bold(key)}: ${some.length} (${still} firing) ${list(names.slice(0, 3))}${names.length > 3 ? ', …' : ''}, since ${since(first)}`;
    });
  const shown = rows.slice(0, 40);
  const more = rows.length > shown.length ? [say`… and ${rows.length - shown.length} more`] : [];
  return {
    lock: plural(Object.keys(incident.alerts).length, 'alert'),
    blocks: [{ is: 'lines', lines: [say`${bold('Held in this message')}`, ...shown, ...more] }],
  };
}
