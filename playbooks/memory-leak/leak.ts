import type { Deployment, Revision } from '../../src/core/ports/kubernetes.ts';
import type { Series } from '../../src/core/ports/metrics.ts';
import { median } from '../readings/measures.ts';
import type { Measured } from '../readings/measures.ts';
import { deployment, revisions } from '../readings/deployment.ts';
import { lineOf, memory, mib } from '../readings/memory.ts';
import type { Memory } from '../readings/memory.ts';
import { podRows } from '../readings/pod-rows.ts';
import type { Row } from '../readings/pod-rows.ts';
import { quantity } from '../readings/quantity.ts';
import type { Outcome } from '../../src/core/contract.ts';
import { sized } from './amounts.ts';
import type { Hours } from './amounts.ts';
import { leastHours, podsOf } from './pods.ts';
import type { Growing, PodMemory } from './pods.ts';
import { controlOf, trafficOf, typicalOf } from './traffic.ts';
import type { Control } from './traffic.ts';

/** The verdict on all pods together: one pod that grows is no leak of the program, and what every version does is no release's fault. */

export interface Leak {
  readonly container: string;
  readonly growing: readonly Growing[];
  /** Pods that were seen for long enough, growing ones included. */
  readonly judged: number;
  readonly young: number;
  /** MiB per hour: the median, the flattest and the steepest of the pods' slopes. */
  readonly perHour: number;
  readonly low: number;
  readonly high: number;
  readonly limitMib: number | null;
  /** MiB now, of the least and the most full. */
  readonly least: number;
  readonly most: number;
  /** Until the fullest pod is at the limit; null: there is none. */
  readonly untilLimit: Hours | null;
  /** From a start anew to the limit. */
  readonly fromStart: Hours | null;
  readonly control: Control;
  readonly line: Series;
  /** Unix seconds. */
  readonly from: number;
  readonly flatBefore: boolean;
}

export type Verdict =
  | { readonly is: 'leak'; readonly leak: Leak }
  | { readonly is: 'one pod'; readonly pod: Growing; readonly others: number; readonly limitMib: number | null }
  | { readonly is: 'follows requests'; readonly leak: Leak }
  | { readonly is: 'not known'; readonly why: string }
  | { readonly is: 'none' };

/** What every question about growth is asked of. */
export const lookedAt = [memory, deployment, revisions, podRows] as const;
export interface Looked {
  readonly memory: Memory;
  readonly deployment: Deployment;
  readonly revisions: readonly Revision[];
  readonly 'pod rows': { readonly rows: readonly Row[]; readonly of: number };
}
export interface Traffic {
  readonly requests: Outcome<Measured>;
  readonly ready: Outcome<Measured>;
}

/** Checks, remedies and charts of one look ask the same again. */
const asked = new WeakMap<Memory, { readonly key: readonly unknown[]; readonly verdict: Verdict }[]>();

/** `traffic` null: what follows the requests is of no interest here, as the check that found it has asked. */
export function verdictOf(seen: Looked, traffic: Traffic | null = null): Verdict {
  const value = (of: Outcome<Measured> | undefined): unknown => (of?.known === true ? of.value : of?.why);
  const key = [seen.deployment, seen.revisions, seen['pod rows'], value(traffic?.requests), value(traffic?.ready)];
  const before = asked.get(seen.memory) ?? [];
  const same = before.find((one) => one.key.every((part, index) => part === key[index]));
  if (same !== undefined) return same.verdict;
  const verdict = judged(seen, traffic);
  asked.set(seen.memory, [...before, { key, verdict }]);
  return verdict;
}

function judged(seen: Looked, traffic: Traffic | null): Verdict {
  const all = podsOf(seen.memory);
  const containers = [...new Set(all.map((one) => one.container))];
  const verdicts = containers.map((container) => ofContainer(container, all, seen, traffic));
  const rank = ['leak', 'follows requests', 'one pod', 'not known', 'none'] as const;
  return verdicts.toSorted((a, b) => rank.indexOf(a.is) - rank.indexOf(b.is))[0] ?? { is: 'none' };
}

/** Metrics show pods for a while after they are gone: those of revisions that want none are no more, and neither is what is not listed. */
export function isThere({
  revisions: all,
  'pod rows': pods,
}: Pick<Looked, 'revisions' | 'pod rows'>): (one: PodMemory) => boolean {
  const wanted = new Set(all.filter((one) => one.replicas.wanted > 0).map((one) => one.hash));
  const names = new Set(pods.rows.map((one) => one.name));
  const isWhole = pods.of <= pods.rows.length;
  return (one) => one.now !== null && wanted.has(one.hash) && (!isWhole || names.has(one.pod));
}

type Young = Extract<PodMemory, { is: 'young' }>;

/** As many pods as agree make a trend (domain fact 21). */
const leastPods = 2;

function ofContainer(container: string, all: readonly PodMemory[], seen: Looked, traffic: Traffic | null): Verdict {
  const own = all.filter((one) => one.container === container);
  const there = own.filter(isThere(seen));
  const growing = there.filter((one) => one.is === 'growing');
  const young = there.filter((one) => one.is === 'young');
  const judged = there.length - young.length;
  const limit = quantity(
    seen.deployment.template.containers.find((one) => one.name === container)?.limits['memory'] ?? '',
  );
  const limitMib = limit === null ? null : limit / mib;
  if (growing.length >= leastPods) {
    const leak = leakOf({ container, growing, judged, young: young.length, limitMib, own }, seen.memory, traffic);
    return traffic === null ? { is: 'leak', leak } : byControl(leak);
  }
  const [only] = growing;
  if (only !== undefined && judged >= 3) return { is: 'one pod', pod: only, others: judged - 1, limitMib };
  if (only !== undefined) {
    const rate = `grows by ${sized(only.perHour)} an hour over ${Math.round(only.grownHours)} h`;
    return {
      is: 'not known',
      why: `only one pod was seen for long enough: it ${rate}, and no second one agrees or differs`,
    };
  }
  const slowing = there.filter((one) => one.is === 'slowing');
  if (slowing.length * 2 > judged && judged > 0) {
    const [first, last] = [median(slowing.map((one) => one.first)) ?? 0, median(slowing.map((one) => one.last)) ?? 0];
    return {
      is: 'not known',
      why: `it still grows, but ever more slowly (${sized(first)}, then ${sized(last)} an hour, ${slowing.length} of ${judged} pods): it may level off`,
    };
  }
  if (judged > 0 || there.length === 0 || young.every((one) => isKnownFlat(one, own))) return { is: 'none' };
  return { is: 'not known', why: tooYoung(young) };
}

/** Young itself, but of a version that was seen flat for long enough: as after a rollback. */
function isKnownFlat(one: Young, own: readonly PodMemory[]): boolean {
  return one.perHour === null && own.some((other) => other.is === 'steady' && other.hash === one.hash);
}

function tooYoung(young: readonly Young[]): string {
  const longest = Math.max(0, ...young.map((one) => one.hours));
  const rates = young.flatMap((one) => one.perHour ?? []);
  const soFar =
    rates.length === 0
      ? ''
      : `; so far ${rates.length} of ${young.length} grow, by ${sized(median(rates) ?? 0)} an hour`;
  if (longest * 60 < 1)
    return `no trend shows in less than ${leastHours} h, and ${young.length === 1 ? 'its pod is not' : `none of the ${young.length} pods is`} past its warm-up yet`;
  return `no trend shows in less than ${leastHours} h: the longest that ${young.length === 1 ? 'its pod' : `one of the ${young.length} pods`} was seen after its warm-up is ${longest < 1 ? `${Math.round(longest * 60)} min` : `${Math.round(longest * 10) / 10} h`}${soFar}`;
}

function byControl(leak: Leak): Verdict {
  const { control } = leak;
  if (control.is === 'follows') return { is: 'follows requests', leak };
  if (control.is === 'together') {
    return {
      is: 'not known',
      why: `${leak.growing.length} of ${leak.judged} pods grow by ${sized(leak.perHour)} an hour, and requests per pod rose with it (rank correlation ${control.rank.toFixed(2)}): half of a daily cycle looks like this too`,
    };
  }
  // A whole day holds every half of a daily cycle.
  const enough = control.is !== 'not known' || leak.growing.some((one) => one.grownHours >= 20 || one.grownLives >= 2);
  if (enough) return { is: 'leak', leak };
  return {
    is: 'not known',
    why: `${leak.growing.length} of ${leak.judged} pods grow by ${sized(leak.perHour)} an hour, but whether that follows the requests could not be looked at (${control.why})`,
  };
}

function leakOf(
  of: {
    readonly container: string;
    readonly growing: readonly Growing[];
    readonly judged: number;
    readonly young: number;
    readonly limitMib: number | null;
    readonly own: readonly PodMemory[];
  },
  lines: Memory,
  traffic: Traffic | null,
): Leak {
  const { growing, limitMib } = of;
  const slopes = growing.map((one) => one.perHour).toSorted((a, b) => a - b);
  const perHour = median(slopes) ?? 0;
  const [low, high] = spread(quartile(slopes, 0.1), perHour, quartile(slopes, 0.9));
  const now = growing.map((one) => one.now ?? 0);
  const from = median(growing.map((one) => one.from)) ?? 0;
  const line = typicalOf(growing.map(wholeOf(lines)));
  const grown = { labels: {}, points: line.points.filter(([at]) => at >= from) };
  return {
    ...of,
    perHour,
    low,
    high,
    least: Math.min(...now),
    most: Math.max(...now),
    untilLimit: limitMib === null ? null : untilLimitOf(growing, limitMib),
    fromStart:
      limitMib === null
        ? null
        : { from: (limitMib - startOf(growing)) / high, to: low > 0 ? (limitMib - startOf(growing)) / low : null },
    control: controlFor(line, { from, perHour }, beforeOf(of.own, growing, from, lines), traffic),
    line: grown,
    from,
    flatBefore: growing.filter((one) => one.flatBefore).length * 2 > growing.length,
  };
}

/** The first that gets there: hours from the steeper to the flatter of its slopes. */
function untilLimitOf(growing: readonly Growing[], limitMib: number): Hours {
  const each = growing.map(({ now, perHour, ...one }) => {
    const [low, high] = spread(one.low, perHour, one.high);
    const left = Math.max(0, limitMib - (now ?? 0));
    return { from: left / high, to: low > 0 ? left / low : null };
  });
  return each.toSorted((a, b) => a.from - b.from)[0] ?? { from: 0, to: null };
}

/** However straight a line was so far: what comes may differ by a sixth. */
const spread = (low: number, middle: number, high: number): readonly [number, number] => [
  Math.min(low, middle * 0.85),
  Math.max(high, middle * 1.15),
];

/** What a pod has once it is warm: MiB. */
function startOf(growing: readonly Growing[]): number {
  const warm = growing.flatMap(({ lives }) =>
    lives.flatMap(({ mib: values, warm, shape }) => {
      const first = values.slice(warm).find((value) => value !== null) ?? null;
      return first === null || shape.is === 'too short' ? [] : [first];
    }),
  );
  return Math.min(...warm, ...growing.map((one) => one.now ?? Infinity));
}

/** All lives of one pod, one after the other. */
const wholeOf =
  (memory: Memory) =>
  ({ lives }: PodMemory): Series => ({
    labels: {},
    points: lives.flatMap((one) => lineOf(one, memory.stepS).points),
  });

function controlFor(
  line: Series,
  growth: { readonly from: number; readonly perHour: number },
  before: Series | null,
  asked: Traffic | null,
): Control {
  if (asked === null) return { is: 'not known', why: 'was not looked at' };
  const { requests, ready } = asked;
  if (!requests.known) return { is: 'not known', why: requests.why };
  const series = trafficOf(requests.value, ready.known ? ready.value : null);
  return series === null
    ? { is: 'not known', why: 'no requests were recorded' }
    : controlOf(line, growth, before, series);
}

/** Other pods that did not grow, and the flat part of those that do. */
function beforeOf(own: readonly PodMemory[], growing: readonly Growing[], from: number, memory: Memory): Series | null {
  const flat = growing.some((one) => one.flatBefore) ? growing : own.filter((one) => one.is !== 'growing');
  const line = typicalOf(flat.map(wholeOf(memory)));
  const points = line.points.filter(([at]) => at < from);
  return points.length < 6 ? null : { labels: {}, points };
}

function quartile(sorted: readonly number[], share: number): number {
  return sorted[Math.round((sorted.length - 1) * share)] ?? 0;
}
