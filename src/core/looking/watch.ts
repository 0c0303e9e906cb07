import { z } from 'zod';
import type { Unclear } from '../command.ts';
import type { Outcome } from '../contract.ts';
import type { Impact } from '../impact.ts';
import type { Json } from '../json.ts';
import type { Message } from '../message.ts';
import { duration, list } from '../render/small.ts';
import { bold, clock, say, until, user } from '../words.ts';
import type { Words } from '../words.ts';
import { unclear } from '../target-words.ts';
import { readAsked } from './parse.ts';
import type { Typed } from './parse.ts';
import type { Help } from './view.ts';

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
    'Wrong is: users hurt, pods that crash or cannot start, a rollout that failed, too few ready twice in a row, or that I cannot look.',
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

/** What is kept of each region between two looks. */
const Region = z.object({
  /** Of all its pods at the first look; null: none yet. */
  restarts: z.number().nullable(),
  /** Looks in a row without an answer, and with too few ready. */
  misses: z.number(),
  low: z.number(),
  looks: z.number(),
  missed: z.number(),
  /** What was wrong, once it was; null: nothing so far. */
  wrong: z.object({ at: z.string(), why: z.string() }).nullable(),
  /** "12 of 12 ready" at the last look. */
  last: z.string(),
});
export type Watched = z.infer<typeof Region>;

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

/** What one look at one region saw. */
export interface Sight {
  readonly wanted: number;
  readonly ready: number;
  /** So many may be missing while a rollout goes on. */
  readonly mayMiss: number;
  readonly restarts: number;
  /** Printed states of pods that are not well: "CrashLoopBackOff" → 3. */
  readonly bad: Readonly<Record<string, number>>;
  /** The controller's words when it gave a rollout up; null: it has not. */
  readonly stuck: string | null;
  readonly impact: Pick<Impact, 'level' | 'errorRatio' | 'latencySeconds' | 'limits'>;
}

export const BEGINNING: Watched = {
  restarts: null,
  misses: 0,
  low: 0,
  looks: 0,
  missed: 0,
  wrong: null,
  last: 'not looked at yet',
};

/** Restarts since it is watched that are more than one pod's bad moment. */
const RESTARTS = 3;
/** Looks in a row. */
const MISSES = 3;
const LOW = 2;

export function afterLook(before: Watched, seen: Outcome<Sight>, at: string): Watched {
  if (!seen.known) {
    const misses = before.misses + 1;
    const why =
      misses === MISSES && before.wrong === null ? `I could not look ${MISSES} times in a row: ${seen.why}` : null;
    return {
      ...before,
      misses,
      looks: before.looks + 1,
      missed: before.missed + 1,
      wrong: why === null ? before.wrong : { at, why },
      last: 'not seen',
    };
  }
  const sight = seen.value;
  const low = sight.ready < sight.wanted - sight.mayMiss ? before.low + 1 : 0;
  const restarts = before.restarts ?? sight.restarts;
  const why = before.wrong === null ? wrongIn(sight, { low, newRestarts: sight.restarts - restarts }) : null;
  return {
    ...before,
    restarts,
    low,
    misses: 0,
    looks: before.looks + 1,
    wrong: why === null ? before.wrong : { at, why },
    last: `${sight.ready} of ${sight.wanted} ready`,
  };
}

function wrongIn(
  sight: Sight,
  { low, newRestarts }: { readonly low: number; readonly newRestarts: number },
): string | null {
  const out: string[] = [];
  const { level, errorRatio, latencySeconds, limits } = sight.impact;
  if (level === 'hurt' && limits !== null) {
    if (errorRatio !== null && errorRatio > limits.errorRatio)
      out.push(`errors ${percent(errorRatio)} (limit ${percent(limits.errorRatio)})`);
    if (latencySeconds !== null && latencySeconds > limits.latencySeconds)
      out.push(`p95 ${Math.round(latencySeconds * 1000)} ms (limit ${Math.round(limits.latencySeconds * 1000)} ms)`);
  }
  const bad = Object.entries(sight.bad);
  if (bad.length > 0) out.push(list(bad.map(([status, pods]) => `${pods} ${pods === 1 ? 'pod' : 'pods'} ${status}`)));
  if (sight.stuck !== null) out.push(`the rollout failed: ${sight.stuck}`);
  if (newRestarts >= RESTARTS) out.push(`${newRestarts} restarts since then`);
  if (out.length === 0 && low >= LOW) out.push(`${sight.ready} of ${sight.wanted} pods ready, ${low} looks in a row`);
  return out.length === 0 ? null : out.join('; ');
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 10_000) / 100} %`;
}

/** For whoever gets the incident: why nobody asked and it looks all the same. */
export function noteOf(watch: Watch, region: string, why: string): string {
  return `watched since ${watch.from.slice(11, 16)} UTC, as asked; in ${region} it went wrong: ${why}`;
}

export function startedWords(watch: Watch, everyMs: number, without: readonly string[]): Words {
  const not = without.length === 0 ? '' : ` There is none in ${list(without)}.`;
  return say`I watch ${bold(watch.name)} in ${list(Object.keys(watch.regions))} until ${until(watch.until)}, every ${duration(everyMs)}.${not} I speak when it goes wrong, and at the end. \`/mlp watch off\` ends it.`;
}

/** One line when it is over. */
export function endWords(watch: Watch, how: 'time' | 'off'): Words {
  const all = Object.entries(watch.regions);
  const wrong = all.filter(([, one]) => one.wrong !== null);
  const missed = all.filter(([, one]) => one.missed > 0);
  const blind = watch.blindMs === 0 ? '' : ` I was not running for ${duration(watch.blindMs)} of it.`;
  const gaps =
    missed.length === 0
      ? ''
      : ` Without an answer: ${missed.map(([region, one]) => `${one.missed} of ${one.looks} looks in ${region}`).join(', ')}.`;
  const looks = all.reduce((sum, [, one]) => sum + one.looks, 0);
  const result =
    wrong.length === 0
      ? say`I saw nothing go wrong in ${looks} looks. At the last: ${all.map(([region, one]) => `${region} ${one.last}`).join(', ')}.`
      : say`It went wrong: ${wrong.flatMap(([region, one], index) => [...(index === 0 ? [] : say`; `), ...say`${region} at ${clock(one.wrong?.at ?? watch.from)}, ${one.wrong?.why ?? ''}`])}.`;
  return say`*The watch is over* (${how === 'time' ? duration(Date.parse(watch.until) - Date.parse(watch.from)) : 'ended by hand'}): ${bold(watch.name)}, asked by ${user(watch.by)}. ${result}${gaps}${blind}`;
}

/** For `status` and for `watch` alone. */
export function listWords(all: readonly Watch[]): readonly Words[] {
  return all.map((one) => {
    const wrong = Object.entries(one.regions).filter(([, region]) => region.wrong !== null);
    const state =
      wrong.length === 0 ? 'nothing wrong so far' : `went wrong in ${list(wrong.map(([region]) => region))}`;
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
