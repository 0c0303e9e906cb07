import { z } from 'zod';
import type { Unclear } from '../command/command.ts';
import type { Json } from '../json.ts';
import type { Message } from '../message.ts';
import { duration, list } from '../render/small.ts';
import { bold, clock, code, join, say, until, user } from '../words.ts';
import type { Words } from '../words.ts';
import { unclear } from '../command/target-words.ts';
import { readAsked } from './parse.ts';
import type { Typed } from './parse.ts';
import type { Help } from './view.ts';
import { Region } from './watch-look.ts';
import type { Watched } from './watch-look.ts';
import { plural } from '../plural.ts';

/** `/mlp watch`: follows a deployment for a while and speaks only when it goes wrong, and when it ends. Pure: what is kept, and when it is wrong. */

export interface WatchWanted {
  readonly is: 'watch';
  readonly does: 'start' | 'off' | 'list';
  readonly namespace: string;
  /** '' for `off` of all one's own and for the list. */
  readonly name: string;
  /** None: all. */
  readonly regions: readonly string[];
  readonly forMs: number;
}

export const WATCH_HELP: Help = {
  usage: 'watch <deployment> [region] [30m] | off',
  short: 'follow it, and speak only when it goes wrong, and at the end',
  more: [
    'When it goes wrong an incident is opened as if somebody had asked, and says that it was being watched.',
    'Wrong is: users hurt, pods that crash or cannot start, a rollout that failed, too few ready twice in a row, or that I cannot look three times in a row.',
    'What is bad when the watch begins is said at once; then I speak when it gets worse and when it is well again.',
    'At the end I say what went wrong, of how many looks, and how many had no answer.',
    '`watch` alone lists what is watched; `watch off` ends all of your own, `watch off <deployment>` those of one.',
  ],
  examples: ['watch <deployment> <region> 30m', 'watch off'],
};

const DEFAULT_MS = 30 * 60_000;
const LEAST_MS = 60_000;
const MOST_MS = 24 * 3_600_000;

export function parseWatch(words: readonly string[], typed: Typed): WatchWanted | Unclear {
  const does = words.some((word) => /^(off|stop|end)$/i.test(word))
    ? 'off'
    : words.length === 0 || /^list$/i.test(words[0] ?? '')
      ? 'list'
      : 'start';
  const rest = words.filter((word) => !/^(off|stop|end|list)$/i.test(word));
  const asked = readAsked({ word: 'watch', help: WATCH_HELP, options: ['since'] }, rest, typed);
  if ('is' in asked) return asked;
  if (asked.pod !== null)
    return unclear('I watch deployments: their pods come and go. Write `/mlp watch <deployment> <region> 30m`.');
  const forMs = asked.sinceMs ?? DEFAULT_MS;
  if (forMs < LEAST_MS || forMs > MOST_MS) return unclear('I watch for one minute to 24 hours: write `30m` or `2h`.');
  return { is: 'watch', does, namespace: asked.namespace, name: asked.name, regions: asked.regions, forMs };
}

export const Watch = z.object({
  id: z.string(),
  by: z.string(),
  channel: z.string(),
  /** Stream of the thread in which it was asked; null: none. */
  thread: z.string().nullable(),
  namespace: z.string(),
  name: z.string(),
  from: z.string(),
  until: z.string(),
  nextAt: z.string(),
  /** Time in which nobody looked: the bot was down, ms. */
  blindMs: z.number(),
  regions: z.record(z.string(), Region),
});
export type Watch = z.infer<typeof Watch>;
export const Watches = z.object({ v: z.literal(1), all: z.array(Watch) });

/** For whoever gets the incident: why nobody asked and it looks all the same. */
export function noteOf(watch: Watch, region: string, why: string): string {
  return `watched since ${watch.from.slice(11, 16)} UTC, as asked; in ${region} it went wrong: ${why}`;
}

/** What it was like at the first look stands first where it was bad: nobody must take the silence that follows for health. */
export function startedWords(watch: Watch, everyMs: number, without: readonly string[]): readonly Words[] {
  const all = Object.entries(watch.regions);
  const not = without.length === 0 ? '' : ` There is none in ${list(without)}.`;
  const bad = all.flatMap(([region, one]) =>
    one.already === null
      ? []
      : [{ region, why: `${one.already.why}${/ pods ready/.test(one.already.why) ? '' : `; ${one.last}`}` }],
  );
  const unseen = all.filter(([, one]) => one.missed > 0).map(([region]) => region);
  const well = all.filter(([, one]) => one.already === null && one.missed === 0 && one.looks > 0);
  return [
    ...bad.map(
      ({ region, why }) =>
        say`${bold(`${region}: it is bad already`)}: ${why}. ${code(`/mlp diagnose ${watch.name} ${region}`)} says why`,
    ),
    ...unseen.map(
      (region) =>
        say`${bold(`${region}: I cannot see it now`)}, so I do not know how it is: ${all.find(([name]) => name === region)?.[1].unseen ?? ''}. I go on trying`,
    ),
    ...(well.length === 0 ? [] : [say`Now: ${well.map(([region, one]) => `${region} ${one.last}`).join(', ')}.`]),
    say`I watch ${bold(watch.name)} in ${list(all.map(([region]) => region))} until ${until(watch.until)}, every ${duration(everyMs)}.${not} I speak when it goes wrong${bad.length === 0 ? '' : `, in ${list(bad.map((one) => one.region))} when it gets worse or is well again`}, and at the end. \`/mlp watch off\` ends it.`,
  ];
}

/** Of a region that was bad when the watch began. */
export function betterWords(watch: Watch, region: string): Words {
  const one = watch.regions[region];
  return say`${bold(`${watch.name} in ${region} is well again`)} since ${clock(one?.better ?? watch.from)}: ${one?.last ?? ''}, twice in a row. It was bad when ${user(watch.by)} asked me to watch it (${one?.already?.why ?? ''}). I go on watching until ${until(watch.until)}.`;
}

/** When it is over: nothing is said to have been well that was not seen. */
export function endWords(watch: Watch, how: 'time' | 'off'): Words {
  const all = Object.entries(watch.regions);
  const blind = watch.blindMs === 0 ? '' : ` I was not running for ${duration(watch.blindMs)} of it.`;
  const looks = all.reduce((sum, [, one]) => sum + one.looks, 0);
  const missed = all.reduce((sum, [, one]) => sum + one.missed, 0);
  const gaps = all
    .filter(([, one]) => one.missed > 0)
    .map(([region, one]) => `${one.missed} of ${one.looks} in ${region}`);
  const counted = `${plural(looks, 'look')}, ${missed === 0 ? 'all answered' : `${missed} without an answer${all.length === 1 ? '' : ` (${gaps.join(', ')})`}`}`;
  return say`*The watch is over* (${how === 'time' ? duration(Date.parse(watch.until) - Date.parse(watch.from)) : 'ended by hand'}): ${bold(watch.name)}, asked by ${user(watch.by)}. ${joined(
    all.flatMap(([region, one]) => resultOf(region, one)),
    all,
  )} ${counted}. At the last look: ${all.map(([region, one]) => `${region} ${one.last}`).join(', ')}.${blind}`;
}

function joined(said: readonly Words[], all: readonly (readonly [string, Watched])[]): Words {
  const seen = all.some(([, one]) => one.looks > one.missed);
  if (said.length === 0) return seen ? say`*Nothing went wrong:*` : say`*I saw nothing of it:*`;
  return join(said, ' ');
}

/** None: nothing is to be said of this region. */
function resultOf(region: string, one: Watched): readonly Words[] {
  const { wrong, already, better, looks, missed } = one;
  if (wrong !== null) return [say`*It went wrong* in ${region} at ${clock(wrong.at)}: ${wrong.why}.`];
  if (already !== null)
    return [
      better === null
        ? say`${bold(`In ${region} it was bad from the start`)} and got neither worse nor well: ${already.why}.`
        : say`In ${region} it was bad at the start (${already.why}), and well again at ${clock(better)}.`,
    ];
  return looks > 0 && missed === looks ? [say`${bold(`${region} was never seen`)}: of it I know nothing.`] : [];
}

/** For `status` and for `watch` alone. */
export function listWords(all: readonly Watch[]): readonly Words[] {
  return all.map((one) => {
    const regions = Object.entries(one.regions);
    const where = (is: (of: Watched) => boolean): readonly string[] =>
      regions.filter(([, of]) => is(of)).map(([region]) => region);
    const wrong = where((of) => of.wrong !== null);
    const bad = where((of) => of.wrong === null && of.already !== null && of.better === null);
    const unseen = where((of) => of.looks > 0 && of.misses > 0);
    const parts = [
      ...(wrong.length === 0 ? [] : [`went wrong in ${list(wrong)}`]),
      ...(bad.length === 0 ? [] : [`bad from the start in ${list(bad)}`]),
      ...(unseen.length === 0 ? [] : [`not seen at the last look in ${list(unseen)}`]),
    ];
    const state = parts.length === 0 ? 'nothing wrong so far' : parts.join('; ');
    return say`*Watched:* ${one.name} in ${Object.keys(one.regions).join(', ')} until ${until(one.until)} · for ${user(one.by)} · ${state}`;
  });
}

export function withWatches(message: Message, all: readonly Watch[]): Message {
  return all.length === 0
    ? message
    : { ...message, blocks: [...message.blocks, { is: 'lines', lines: listWords(all) }] };
}

/** What was left out is what the thread is about. */
export function watchInThread(
  wanted: WatchWanted,
  { target, regions }: { readonly target: Json; readonly regions: readonly string[] },
): WatchWanted {
  const { name = '', namespace = wanted.namespace } = (typeof target === 'object' && target !== null ? target : {}) as {
    readonly name?: string;
    readonly namespace?: string;
  };
  if (wanted.does !== 'start' || (wanted.name !== '' && wanted.name !== name)) return wanted;
  return { ...wanted, name, namespace, regions: wanted.regions.length === 0 ? regions : wanted.regions };
}
